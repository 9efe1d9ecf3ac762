//! Stored types.

use codec::{Decode, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;

/// The newest state of the accumulator.
#[derive(Encode, Decode, TypeInfo, MaxEncodedLen, Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The block whose VRF output was mixed in last.
    pub block: u32,
    /// The accumulator after it.
    pub accumulator: H256,
    /// That VRF output.
    pub vrf: [u8; 32],
}
