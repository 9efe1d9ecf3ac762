//! The keys of a worker.

use super::{
    account::new_mnemonic,
    files::{read_secret, write_new_secret},
    AccountKey, KeyError,
};
use rand::{rngs::OsRng, RngCore};
use std::path::Path;
use zeroize::Zeroizing;

/// An X25519 key for HPKE; the secret half is wiped when it is dropped.
#[derive(Clone)]
pub struct EncryptionKey {
    secret: Zeroizing<[u8; 32]>,
    public: [u8; 32],
}

impl EncryptionKey {
    /// A new random key.
    pub fn generate() -> Self {
        let mut secret = Zeroizing::new([0u8; 32]);
        OsRng.fill_bytes(secret.as_mut());
        Self::from_secret(*secret)
    }

    /// The key with these secret bytes.
    pub fn from_secret(secret: [u8; 32]) -> Self {
        let public = crate::sealed::public_key(&secret);
        Self {
            secret: Zeroizing::new(secret),
            public,
        }
    }

    /// What others encrypt to.
    pub fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The secret half, for opening only.
    pub fn secret(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl std::fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "EncryptionKey({})", hex::encode(self.public))
    }
}

/// The three keys of a worker: its hot account, its QUIC identity and its encryption key.
#[derive(Clone, Debug)]
pub struct WorkerKeys {
    /// Signs transactions, receipts and the pairing proof.
    pub account: AccountKey,
    /// Identity on the network (ed25519).
    pub transport: iroh::SecretKey,
    /// Opens inputs.
    pub encryption: EncryptionKey,
}

impl WorkerKeys {
    /// Loads the keys from `folder`, making those that are missing.
    pub fn load_or_create(folder: &Path) -> Result<Self, KeyError> {
        let account_path = folder.join("account.secret");
        let phrase = match read_secret(&account_path) {
            Ok(bytes) => bytes,
            Err(KeyError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                let phrase = new_mnemonic();
                write_new_secret(&account_path, phrase.as_bytes())?;
                Zeroizing::new(phrase.as_bytes().to_vec())
            }
            Err(error) => return Err(error),
        };
        let phrase = std::str::from_utf8(&phrase)
            .map_err(|_| KeyError::Damaged(account_path.display().to_string()))?;
        let account = AccountKey::from_secret(phrase)
            .map_err(|_| KeyError::Damaged(account_path.display().to_string()))?;
        let transport = load_or_create_32(&folder.join("transport.secret"))?;
        let encryption = load_or_create_32(&folder.join("encryption.secret"))?;
        Ok(Self {
            account,
            transport: iroh::SecretKey::from_bytes(&transport),
            encryption: EncryptionKey::from_secret(*encryption),
        })
    }
}

fn load_or_create_32(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let damaged = || KeyError::Damaged(path.display().to_string());
    match read_secret(path) {
        Ok(text) => {
            let text = std::str::from_utf8(&text).map_err(|_| damaged())?;
            let mut bytes = Zeroizing::new([0u8; 32]);
            hex::decode_to_slice(text.trim(), bytes.as_mut()).map_err(|_| damaged())?;
            Ok(bytes)
        }
        Err(KeyError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            let mut bytes = Zeroizing::new([0u8; 32]);
            OsRng.fill_bytes(bytes.as_mut());
            let text = Zeroizing::new(hex::encode(bytes.as_ref()));
            write_new_secret(path, text.as_bytes())?;
            Ok(bytes)
        }
        Err(error) => Err(error),
    }
}
