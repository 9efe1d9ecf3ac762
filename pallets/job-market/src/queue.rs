//! Waiting jobs: one first-in-first-out queue a device class, and a place for parked jobs a model.

use super::*;
use alloc::vec::Vec;
use frame_support::{traits::Get, weights::WeightMeter};
use ogpu_primitives::{tagged_hash, JobHistoryEvent, JobId, JobState, ModelId};
use sp_runtime::SaturatedConversion;

impl<T: Config> Pallet<T> {
    /// Puts an open job at the tail of its class. The caller stores the job.
    pub(crate) fn enqueue(id: &JobId, job: &mut JobOf<T>) {
        let class = job.class();
        let index = QueueEnds::<T>::mutate(class, |range| {
            let index = range.tail;
            range.tail = range.tail.saturating_add(1);
            index
        });
        job.state = JobState::Open;
        job.fixed_at_block = Self::block_number();
        job.queue_index = Some(index);
        let entry = QueueEntry {
            job: *id,
            attempt: job.attempt,
            fixed_at_block: job.fixed_at_block,
        };
        Queue::<T>::insert(class, index, entry);
    }

    /// Takes an open or parked job out of where it waits. The caller stores the job.
    pub(crate) fn leave_waiting(id: &JobId, job: &mut JobOf<T>) {
        if let Some(index) = job.queue_index.take() {
            Queue::<T>::remove(job.class(), index);
        }
        if job.state == JobState::Parked {
            ParkedJobs::<T>::remove(job.request.model, id);
        }
    }

    /// Puts a job aside until supply changes or somebody pays for new tries. The caller stores the job.
    pub(crate) fn park(id: &JobId, job: &mut JobOf<T>) {
        job.state = JobState::Parked;
        ParkedJobs::<T>::insert(job.request.model, id, ());
        Self::note(id, JobHistoryEvent::Parked);
        Self::deposit_event(Event::JobParked { job: *id });
    }

    /// Puts a parked job back into its queue, with `tries` left before it is parked again.
    pub(crate) fn unpark(id: &JobId, mut job: JobOf<T>, tries: u32) {
        ParkedJobs::<T>::remove(job.request.model, id);
        job.match_tries = Self::tries_used(tries);
        Self::enqueue(id, &mut job);
        Self::note(id, JobHistoryEvent::Reopened);
        Self::deposit_event(Event::JobReopened {
            job: *id,
            attempt: job.attempt,
        });
        Jobs::<T>::insert(id, job);
    }

    /// A worker that serves `model` became available. The next block gives some of the model's parked jobs one
    /// more try; here that is only noted, so that a caller in the middle of its own work pays next to nothing.
    pub fn supply_changed(model: &ModelId) {
        if ParkedJobs::<T>::iter_key_prefix(model).next().is_some() {
            SupplyNews::<T>::insert(model, ());
        }
    }

    /// Acts on news of supply, as far as `meter` allows.
    pub(crate) fn service_supply(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::service_supply_base()).is_err() {
            return;
        }
        for model in Self::next_news() {
            if meter.try_consume(T::WeightInfo::service_supply()).is_err() {
                return;
            }
            SupplyNews::<T>::remove(model);
            Self::unpark_some(&model);
        }
    }

    /// The models whose turn it is: few a block, so that news cannot take the weight of matching, from a place
    /// that moves with the block, so that no model is always first.
    fn next_news() -> Vec<ModelId> {
        let start = tagged_hash(b"ogpu/news/v1", &Self::block_number().to_le_bytes());
        let from = SupplyNews::<T>::hashed_key_for(start);
        let mut models: Vec<ModelId> = SupplyNews::<T>::iter_keys_from(from)
            .take(NEWS_PER_BLOCK)
            .collect();
        for model in SupplyNews::<T>::iter_keys().take(NEWS_PER_BLOCK) {
            if models.len() < NEWS_PER_BLOCK && !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }

    /// Gives a batch of a model's parked jobs one more try. They take turns, so that jobs which fit nobody do
    /// not keep others out for ever.
    fn unpark_some(model: &ModelId) {
        let mut turn: Vec<JobId> = match ParkedCursor::<T>::get(model) {
            Some(last) => {
                let from = ParkedJobs::<T>::hashed_key_for(model, last);
                ParkedJobs::<T>::iter_key_prefix_from(model, from)
                    .take(UNPARK_BATCH)
                    .collect()
            }
            None => Vec::new(),
        };
        let rest: Vec<JobId> = ParkedJobs::<T>::iter_key_prefix(model)
            .take(UNPARK_BATCH)
            .collect();
        for id in rest {
            if turn.len() < UNPARK_BATCH && !turn.contains(&id) {
                turn.push(id);
            }
        }
        match turn.last() {
            Some(last) => ParkedCursor::<T>::insert(model, last),
            None => ParkedCursor::<T>::remove(model),
        }
        for id in turn {
            if let Some(job) = Jobs::<T>::get(id) {
                Self::unpark(&id, job, 1);
            }
        }
    }

    /// What a job counts as fruitless matches when it has `tries` left.
    pub(crate) fn tries_used(tries: u32) -> u8 {
        Self::max_match_tries().saturating_sub(tries).saturated_into()
    }

    /// The governed number of fruitless matches, within what a job can count.
    pub(crate) fn max_match_tries() -> u32 {
        T::MaxMatchTries::get().clamp(1, u32::from(u8::MAX))
    }

    /// The present block's number.
    pub(crate) fn block_number() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }
}
