//! Running sums: what single audits are too weak to see, over all of a worker's results on a model.
//!
//! Only results with two auditors are counted, and of their figures the lesser ([`Observation`]), so that no single
//! auditor can raise a sum. Honest work reaches the three levels with chances of 10⁻³, 10⁻⁶ and 10⁻⁹ in all of its life.
//! Nothing is slashed. What follows, follows from where the capital stands now, so that a worker that is mended works
//! its way back; only the mark stays.

use crate::*;
use ogpu_primitives::{
    running_sum::{Level, Observation},
    CheckedWork,
};

impl<T: Config> Pallet<T> {
    /// Counts what two independent auditors saw of a result that was found right.
    ///
    /// The next results of the owner are audited for certain where the sums stand at [`Level::RaiseAudits`] or both
    /// auditors doubt the result. At [`Level::Remove`] the worker is taken off the model. It may serve it again: the
    /// sums go on, so that an unmended worker is taken off by its next result with two auditors, and until then all of
    /// its results are audited.
    pub fn observed(work: &CheckedWork<T::AccountId>, seen: &Observation) {
        let (before, sums) = Precision::<T>::mutate(&work.worker, work.model, |sums| {
            let before = sums.level();
            sums.add(seen, &work.terms.params);
            (before, *sums)
        });
        if sums.level() > before {
            Self::deposit_event(Event::PrecisionDoubted {
                owner: work.owner.clone(),
                worker: work.worker.clone(),
                model: work.model,
                level: sums.level(),
            });
        }
        let present = sums.present();
        if present >= Level::RaiseAudits || seen.doubted {
            Self::force(&work.owner, work.kind);
        }
        if present >= Level::Remove && T::Delist::remove_model(&work.worker, &work.model) {
            Self::deposit_event(Event::PrecisionRemoved {
                worker: work.worker.clone(),
                model: work.model,
            });
        }
    }
}
