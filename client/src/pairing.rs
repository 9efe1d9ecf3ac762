//! The code with which an owner takes a worker: the worker's account and its signature over chain and owner.
//!
//! It is public. Only the owner that it names can use it, and only to stake for that worker.

use crate::{
    keys::{self, AccountKey},
    AccountId,
};
use ogpu_primitives::pairing::pairing_message;
use std::{fmt, str::FromStr};
use subxt::utils::H256;

/// What every code begins with.
const PREFIX: &str = "ogpupair1";

/// Bytes of the checksum that catches a code copied in part.
const CHECKSUM_BYTES: usize = 4;

/// Why a text is no pairing code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PairingCodeError {
    /// It does not begin like one.
    #[error(
        "this is no pairing code: it begins with {PREFIX}; `ogpu-worker pair --owner ACCOUNT` prints it"
    )]
    Prefix,
    /// Cut off or mistyped.
    #[error("the pairing code is cut off or has a typing error; copy all of it")]
    Damaged,
    /// Made for another owner or another network.
    #[error("the pairing code was made for another owner or another network; run `ogpu-worker pair --owner` again with your account")]
    NotForYou,
}

/// A worker's consent to one owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairingCode {
    /// The worker's account.
    pub worker: AccountId,
    /// Its sr25519 signature of the pairing message.
    pub proof: [u8; 64],
}

impl PairingCode {
    /// The worker's side: consents to `owner`.
    pub fn sign(worker: &AccountKey, genesis: &H256, owner: &AccountId) -> Self {
        let message = pairing_message(&genesis.0, owner);
        Self {
            worker: worker.account_id(),
            proof: worker.sign_bytes(&message),
        }
    }

    /// The owner's side: whether the chain will take it from `owner`.
    pub fn check(&self, genesis: &H256, owner: &AccountId) -> Result<(), PairingCodeError> {
        match keys::verify(&self.worker, &pairing_message(&genesis.0, owner), &self.proof) {
            true => Ok(()),
            false => Err(PairingCodeError::NotForYou),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.worker.0.to_vec();
        bytes.extend_from_slice(&self.proof);
        bytes
    }
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    blake3::hash(bytes).as_bytes()[..CHECKSUM_BYTES].to_vec()
}

impl fmt::Display for PairingCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.bytes();
        bytes.extend(checksum(&bytes));
        write!(formatter, "{PREFIX}{}", hex::encode(bytes))
    }
}

impl FromStr for PairingCode {
    type Err = PairingCodeError;

    fn from_str(text: &str) -> Result<Self, PairingCodeError> {
        let digits = text.trim().strip_prefix(PREFIX).ok_or(PairingCodeError::Prefix)?;
        let mut bytes = [0u8; 32 + 64 + CHECKSUM_BYTES];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| PairingCodeError::Damaged)?;
        let (content, sum) = bytes.split_at(32 + 64);
        if checksum(content) != sum {
            return Err(PairingCodeError::Damaged);
        }
        let (mut worker, mut proof) = ([0u8; 32], [0u8; 64]);
        worker.copy_from_slice(&content[..32]);
        proof.copy_from_slice(&content[32..]);
        Ok(Self {
            worker: worker.into(),
            proof,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> (PairingCode, H256, AccountId) {
        let (worker, owner) = (AccountKey::dev("bob").unwrap(), AccountKey::dev("alice").unwrap());
        let genesis = H256([3; 32]);
        (
            PairingCode::sign(&worker, &genesis, &owner.account_id()),
            genesis,
            owner.account_id(),
        )
    }

    #[test]
    fn code_should_be_accepted_when_it_is_written_and_read() {
        let (code, genesis, owner) = code();
        let read: PairingCode = code.to_string().parse().unwrap();
        assert_eq!(read, code);
        assert_eq!(read.check(&genesis, &owner), Ok(()));
    }

    #[test]
    fn code_should_be_refused_when_it_is_for_another_owner_or_network() {
        let (code, genesis, owner) = code();
        assert_eq!(
            code.check(&genesis, &code.worker),
            Err(PairingCodeError::NotForYou)
        );
        assert_eq!(
            code.check(&H256([4; 32]), &owner),
            Err(PairingCodeError::NotForYou)
        );
    }

    #[test]
    fn code_should_be_refused_when_it_is_damaged() {
        let text = code().0.to_string();
        assert_eq!(text[1..].parse::<PairingCode>(), Err(PairingCodeError::Prefix));
        assert_eq!(
            text[..text.len() - 2].parse::<PairingCode>(),
            Err(PairingCodeError::Damaged)
        );
        let last = if text.ends_with('0') { "1" } else { "0" };
        let mistyped = format!("{}{last}", &text[..text.len() - 1]);
        assert_eq!(mistyped.parse::<PairingCode>(), Err(PairingCodeError::Damaged));
    }
}
