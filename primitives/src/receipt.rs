//! What a worker signs when it hands a result to its client, so that it cannot commit to another one on chain.

use crate::{Commitment, FinishReason, WorkKey};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// The domain tag of a receipt, padded to 16 bytes.
pub const RECEIPT_TAG: [u8; 16] = *b"ogpu/receipt/v1\0";

/// A result as its worker describes it to the client.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Receipt {
    /// Hash of block 0 of the chain that it holds for.
    pub genesis: H256,
    /// The work.
    pub work: WorkKey,
    /// Merkle root of the worker-bound leaves, as in [`Commitment::root`].
    pub root: H256,
    /// Input tokens.
    pub n_in: u32,
    /// Output tokens; 0 for embeddings.
    pub n_out: u32,
    /// Why it ended.
    pub finish: FinishReason,
}

impl Receipt {
    /// The receipt of a result that is committed like this.
    pub fn new(genesis: H256, work: WorkKey, commitment: &Commitment) -> Self {
        Self {
            genesis,
            work,
            root: commitment.root,
            n_in: commitment.n_in,
            n_out: commitment.n_out,
            finish: commitment.finish,
        }
    }

    /// Whether it describes the result of `commitment`. Which work that is of has to be compared besides.
    ///
    /// The hash of the encrypted output is no part of it: a result may be encrypted anew.
    pub fn agrees(&self, commitment: &Commitment) -> bool {
        *self == Self::new(self.genesis, self.work, commitment)
    }

    /// Whether both cannot be true: two results for one piece of work on one chain. Signed by one worker they
    /// prove an equivocation.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.genesis == other.genesis && self.work == other.work && self != other
    }

    /// The bytes that the worker's account key signs: tag ‖ SCALE(receipt), without the `<Bytes>` wrapper of
    /// browser wallets.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = RECEIPT_TAG.to_vec();
        self.encode_to(&mut payload);
        payload
    }
}

/// A receipt with its worker's signature; proof of an equivocation beside a different one.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct SignedReceipt {
    /// What was signed.
    pub receipt: Receipt,
    /// sr25519 signature of the worker's account over [`Receipt::signing_payload`].
    pub signature: [u8; 64],
}

#[cfg(test)]
#[path = "receipt_tests.rs"]
mod tests;
