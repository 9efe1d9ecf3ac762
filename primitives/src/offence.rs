//! What a worker can be blamed for without any judgement of its result.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// A missed duty, found by an agenda.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum Offence {
    /// The input of an assigned job was neither acknowledged nor reported missing in time.
    #[codec(index = 0)]
    MissedAcknowledge,
    /// An acknowledged job had no result by its deadline.
    #[codec(index = 1)]
    MissedDeadline,
    /// A liveness draw was not answered.
    #[codec(index = 2)]
    MissedLiveness,
}
