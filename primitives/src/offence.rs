//! What a worker can be blamed for: missed duties, and what audits find.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What was done wrong, or not at all.
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
    /// A jury found the result not to be what the model gives.
    #[codec(index = 3)]
    WrongResult,
    /// An audited result was not opened in time.
    #[codec(index = 4)]
    SilentUnderAudit,
    /// Demanded data was not posted within the first, short time.
    #[codec(index = 5)]
    LateData,
    /// Demanded data was never posted.
    #[codec(index = 6)]
    DataNotPosted,
    /// Two different results were signed for one piece of work.
    #[codec(index = 7)]
    Equivocation,
    /// An auditor or juror did not commit or open in time, or sent a report that does not fit the result.
    #[codec(index = 8)]
    AuditorAbsent,
    /// An auditor passed what a jury found wrong.
    #[codec(index = 9)]
    FalsePass,
    /// An auditor dissented where a jury found nothing wrong.
    #[codec(index = 10)]
    FalseDissent,
}

impl Offence {
    /// Whether it is mere silence, which a fault of the network can cause for many at once.
    pub fn is_silence(self) -> bool {
        matches!(
            self,
            Self::MissedAcknowledge
                | Self::MissedDeadline
                | Self::MissedLiveness
                | Self::SilentUnderAudit
                | Self::LateData
                | Self::DataNotPosted
                | Self::AuditorAbsent
        )
    }
}
