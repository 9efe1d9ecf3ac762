//! Answers of the runtime API.

use super::*;
use alloc::vec::Vec;
use ogpu_primitives::{
    device::DEVICE_CLASSES,
    pricing::{self, DEFAULT_ASK_PERMILLE},
    Balance, DeviceClass, JobHistoryEvent, JobId, JobLedger, MatchRecord, ModelId, Tick, WhiteningTable,
};

impl<T: Config> Pallet<T> {
    /// All that is known of a job.
    pub fn job_view(id: &JobId) -> Option<JobView<T::AccountId>> {
        let job = Jobs::<T>::get(id)?;
        let commitment = T::ResultCheck::commitment(&subject(*id, job.attempt));
        Some(JobView {
            id: *id,
            job,
            commitment,
        })
    }

    /// What happened to a job, oldest first.
    pub fn history(id: &JobId) -> Vec<(Tick, JobHistoryEvent<T::AccountId>)> {
        History::<T>::get(id).into_inner()
    }

    /// Where a job's money came from and went to.
    pub fn ledger(id: &JobId) -> Option<JobLedger> {
        Jobs::<T>::get(id).map(|job| job.ledger)
    }

    /// Price of a job in planck at the present index and an ordinary ask, if all output tokens are produced.
    pub fn quote(model: &ModelId, n_in: u32, max_out: u32, class: DeviceClass) -> Option<Balance> {
        let costs = Models::<T>::get(model)?.spec.costs;
        let index = (class.0 < DEVICE_CLASSES).then(|| T::PriceIndex::planck_per_cu(class))?;
        Some(pricing::max_price(
            &costs,
            n_in,
            max_out,
            index,
            DEFAULT_ASK_PERMILLE,
        ))
    }

    /// How each attempt's worker was chosen, and what became of it.
    pub fn explain(id: &JobId) -> Vec<MatchRecord<T::AccountId>> {
        let Some(job) = Jobs::<T>::get(id) else {
            return Vec::new();
        };
        (0..=job.attempt)
            .filter_map(|attempt| MatchRecords::<T>::get(id, attempt))
            .collect()
    }

    /// A model's whitening table.
    pub fn whitening(model: &ModelId) -> Option<WhiteningTable> {
        Whitening::<T>::get(model)
    }

    /// Jobs that a worker has and has not committed.
    pub fn assigned_to(worker: &T::AccountId) -> Vec<JobId> {
        AssignedJobs::<T>::iter_key_prefix(worker).collect()
    }

    /// The least nonce that a client can use; `None` when it used the greatest.
    pub fn next_nonce(client: &T::AccountId) -> Option<u64> {
        match LastNonce::<T>::get(client) {
            Some(last) => last.checked_add(1),
            None => Some(0),
        }
    }
}
