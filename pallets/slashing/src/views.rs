//! What the runtime API shows.

use crate::*;
use alloc::vec::Vec;
use ogpu_primitives::{JobKind, ModelId, SoftSums};

/// Most slashes, or models, in one answer.
const MAX_LISTED: usize = 100;

impl<T: Config> Pallet<T> {
    /// Slashes that wait and that no network fault excuses, of one owner or of all; at most 100.
    pub fn pending(owner: Option<T::AccountId>) -> Vec<(u32, PendingSlash<T::AccountId>)> {
        let outages = Outages::<T>::get();
        Pending::<T>::iter()
            .filter(|(_, slash)| owner.as_ref().is_none_or(|owner| slash.owner == *owner))
            .filter(|(_, slash)| {
                let excused =
                    || Self::is_excused(&outages, Forgiven::<T>::get(&slash.owner), slash.reported_at);
                !(slash.offence.is_silence() && excused())
            })
            .take(MAX_LISTED)
            .collect()
    }

    /// How an owner stands with one kind of job.
    pub fn standing(owner: &T::AccountId, kind: JobKind) -> StandingView {
        let now = Self::now();
        let record = Standings::<T>::get(owner, kind);
        let standing = record.standing.decayed(now);
        let rate_ppm = Self::rate_of(&record, now);
        StandingView {
            permille: standing.permille(now),
            passed_milli: standing.passed_milli,
            failed_milli: standing.failed_milli,
            rate_ppm,
            catch_ppm: Self::catch_ppm(rate_ppm),
            forced: record.forced,
        }
    }

    /// How precise a worker's results are, by model; at most 100 of them.
    pub fn precision(worker: &T::AccountId) -> Vec<(ModelId, PrecisionView)> {
        let view = |(model, sums): (ModelId, SoftSums)| {
            let view = PrecisionView {
                reached: sums.level(),
                present: sums.present(),
                results: sums.tokens.observations(),
                tokens_milli: sums.tokens.capital_milli(),
                sketches_milli: sums.sketches.capital_milli(),
            };
            (model, view)
        };
        Precision::<T>::iter_prefix(worker)
            .take(MAX_LISTED)
            .map(view)
            .collect()
    }
}
