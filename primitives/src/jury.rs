//! How a jury's votes are counted (`verification.md` 3).

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// What a jury found.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub enum JuryOutcome {
    /// At least two thirds of all seats against the worker: it is slashed and the client refunded.
    #[codec(index = 0)]
    Guilty,
    /// More than half of all seats against the worker, but not two thirds: refunded, nobody is blamed.
    #[codec(index = 1)]
    Unclear,
    /// More than half of all seats for the worker: it is paid, and who dissented pays for the jury.
    #[codec(index = 2)]
    Innocent,
    /// Neither: refunded, nobody is blamed, and both are audited for certain for a while.
    #[codec(index = 3)]
    Undecided,
}

/// Counts a jury of `seats` drawn seats, of which `against` voted against the worker and `for_worker` for it.
/// The others are absent or could not tell; they count for neither, so that absence convicts nobody.
///
/// Without seats, or with more votes than seats, it is undecided.
pub fn count(seats: u32, against: u32, for_worker: u32) -> JuryOutcome {
    let (seats, against, for_worker) = (u64::from(seats), u64::from(against), u64::from(for_worker));
    if seats == 0 || against + for_worker > seats {
        return JuryOutcome::Undecided;
    }
    if 3 * against >= 2 * seats {
        JuryOutcome::Guilty
    } else if 2 * against > seats {
        JuryOutcome::Unclear
    } else if 2 * for_worker > seats {
        JuryOutcome::Innocent
    } else {
        JuryOutcome::Undecided
    }
}

#[cfg(test)]
#[path = "jury_tests.rs"]
mod tests;
