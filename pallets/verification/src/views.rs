//! Answers of the runtime API.

use super::*;
use alloc::vec::Vec;
use ogpu_primitives::Subject;

impl<T: Config> Pallet<T> {
    /// All that is known of a subject's check, until it is pruned.
    pub fn audit(subject: &Subject) -> Option<AuditView<T::AccountId>> {
        let record = Commitments::<T>::get(subject)?;
        Some(AuditView {
            record,
            seats: Seats::<T>::get(subject).into_inner(),
            demands: Demands::<T>::iter_prefix(subject).collect(),
            opened: Openings::<T>::contains_key(subject),
        })
    }

    /// The open checks that `worker` has a part in, at most [`MAX_DUTIES`].
    pub fn duties(worker: &T::AccountId) -> Vec<(Subject, AuditView<T::AccountId>)> {
        Involved::<T>::iter_key_prefix(worker)
            .take(MAX_DUTIES as usize)
            .filter_map(|subject| Some((subject, Self::audit(&subject)?)))
            .collect()
    }
}
