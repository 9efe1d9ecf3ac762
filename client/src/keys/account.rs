//! Account keys: who signs transactions.

use super::KeyError;
use crate::AccountId;
use rand::{rngs::OsRng, RngCore};
use std::str::FromStr;
use subxt_signer::{bip39::Mnemonic, sr25519, SecretUri};
use zeroize::Zeroizing;

/// Bytes of entropy behind a new mnemonic: 12 words.
const MNEMONIC_ENTROPY_BYTES: usize = 16;

/// Names of the well-known development accounts, whose secrets everybody knows.
pub const DEV_ACCOUNTS: [&str; 6] = ["alice", "bob", "charlie", "dave", "eve", "ferdie"];

/// The pair of keys that signs an account's transactions (sr25519).
///
/// The secret half is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct AccountKey {
    pair: sr25519::Keypair,
}

impl AccountKey {
    /// Reads a mnemonic, a `0x` seed or a path such as `//Alice`, junctions allowed.
    pub fn from_secret(secret: &str) -> Result<Self, KeyError> {
        let uri = SecretUri::from_str(secret.trim()).map_err(|_| KeyError::BadSecret)?;
        let pair = sr25519::Keypair::from_uri(&uri).map_err(|_| KeyError::BadSecret)?;
        Ok(Self { pair })
    }

    /// One of [`DEV_ACCOUNTS`]; only good on a development chain.
    pub fn dev(name: &str) -> Result<Self, KeyError> {
        let lower = name.trim_start_matches('/').to_ascii_lowercase();
        if !DEV_ACCOUNTS.contains(&lower.as_str()) {
            return Err(KeyError::NotADevAccount(name.to_owned()));
        }
        let mut path = String::from("//");
        path.push_str(&lower[..1].to_ascii_uppercase());
        path.push_str(&lower[1..]);
        Self::from_secret(&path)
    }

    /// The account that this key signs for.
    pub fn account_id(&self) -> AccountId {
        AccountId::from(self.pair.public_key().0)
    }

    /// An sr25519 signature of `message`.
    pub fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        self.pair.sign(message).0
    }
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "AccountKey({})", self.account_id())
    }
}

impl<T> subxt::tx::Signer<T> for AccountKey
where
    T: subxt::Config<AccountId = AccountId, Signature = subxt::utils::MultiSignature>,
{
    fn account_id(&self) -> AccountId {
        AccountKey::account_id(self)
    }

    fn sign(&self, signer_payload: &[u8]) -> subxt::utils::MultiSignature {
        subxt::utils::MultiSignature::Sr25519(self.sign_bytes(signer_payload))
    }
}

/// Whether `signature` is `account`'s sr25519 signature of `message`.
pub fn verify(account: &AccountId, message: &[u8], signature: &[u8; 64]) -> bool {
    sr25519::verify(
        &sr25519::Signature(*signature),
        message,
        &sr25519::PublicKey(account.0),
    )
}

/// A new mnemonic of 12 words, wiped when dropped.
pub fn new_mnemonic() -> Zeroizing<String> {
    let mut entropy = Zeroizing::new([0u8; MNEMONIC_ENTROPY_BYTES]);
    OsRng.fill_bytes(entropy.as_mut());
    // Sixteen bytes are a valid length, so this cannot fail.
    let mnemonic = Mnemonic::from_entropy(entropy.as_ref()).expect("16 bytes make 12 words");
    Zeroizing::new(mnemonic.to_string())
}
