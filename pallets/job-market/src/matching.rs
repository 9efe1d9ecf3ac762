//! Giving open jobs to workers: drawn candidates, hard requirements, the best score.

use super::*;
use alloc::vec::Vec;
use codec::Encode;
use frame_support::{
    pallet_prelude::*,
    weights::{Weight, WeightMeter},
};
use ogpu_primitives::{
    device::DEVICE_CLASSES,
    matching::{self, FEATURES_VERSION},
    pricing,
    traits::{Clock, Draw},
    Candidate, Demand, DeviceClass, JobHistoryEvent, JobId, JobState, MatchOutcome, MatchRecord, Scorer,
    Tick, H256,
};
use sp_runtime::SaturatedConversion;

/// Where a block is in one class's queue.
struct Scan {
    class: DeviceClass,
    /// Everything before it is empty.
    head: u64,
    /// The place to look at next.
    next: u64,
    /// What joins the queue in this block waits for the next one.
    end: u64,
}

impl<T: Config> Pallet<T> {
    /// Matches waiting jobs as far as `meter` allows: the classes in turn, each first in, first out.
    pub(crate) fn service_queues(meter: &mut WeightMeter) {
        if meter.try_consume(T::WeightInfo::service_queues_base()).is_err() {
            return;
        }
        let first = NextClass::<T>::get();
        let mut scans: Vec<Scan> = (0..DEVICE_CLASSES)
            .map(|n| DeviceClass(first.wrapping_add(n) % DEVICE_CLASSES))
            .filter_map(|class| {
                let QueueRange { head, tail } = QueueEnds::<T>::get(class);
                (head < tail).then_some(Scan {
                    class,
                    head,
                    next: head,
                    end: tail.min(head.saturating_add(LOOKAHEAD)),
                })
            })
            .collect();
        let mut stopped_at = None;
        'rounds: while scans.iter().any(|scan| scan.next < scan.end) {
            for scan in scans.iter_mut().filter(|scan| scan.next < scan.end) {
                if !Self::scan_step(scan, meter) {
                    stopped_at = Some(scan.class);
                    break 'rounds;
                }
            }
        }
        for scan in scans {
            QueueEnds::<T>::mutate(scan.class, |range| range.head = scan.head);
        }
        // The class that the meter cut off comes first in the next block.
        NextClass::<T>::put(stopped_at.unwrap_or_default().0);
    }

    /// Looks at one place of a queue. `false` when the meter does not allow it.
    fn scan_step(scan: &mut Scan, meter: &mut WeightMeter) -> bool {
        if meter.try_consume(T::WeightInfo::service_queue_step()).is_err() {
            return false;
        }
        let mut emptied = true;
        if let Some(entry) = Queue::<T>::get(scan.class, scan.next) {
            let subject = (entry.job, entry.attempt).encode();
            match T::Draw::draw(entry.fixed_at_block, 1, &subject) {
                Some(seed) => {
                    if meter.try_consume(Self::match_weight()).is_err() {
                        return false;
                    }
                    Queue::<T>::remove(scan.class, scan.next);
                    Self::match_job(&entry.job, &seed);
                }
                None => {
                    emptied = false;
                    Self::renew_if_stale(scan, entry);
                }
            }
        }
        if emptied && scan.head == scan.next {
            scan.head = scan.head.saturating_add(1);
        }
        scan.next = scan.next.saturating_add(1);
        true
    }

    /// A job that waited longer than the beacon remembers gets new randomness, and keeps its place.
    fn renew_if_stale(scan: &Scan, entry: QueueEntry) {
        let block = Self::block_number();
        if block.saturating_sub(entry.fixed_at_block) < STALE_AFTER_BLOCKS {
            return;
        }
        Queue::<T>::insert(
            scan.class,
            scan.next,
            QueueEntry {
                fixed_at_block: block,
                ..entry
            },
        );
        Jobs::<T>::mutate_extant(entry.job, |job| job.fixed_at_block = block);
    }

    /// Most weight of one match: the choice among all that a draw can give, and all that it can reject.
    pub(crate) fn match_weight() -> Weight {
        let candidates = T::CandidatesPerMatch::get();
        T::WeightInfo::service_match(candidates).saturating_add(T::Roster::rejected_weight(candidates))
    }

    /// Gives one job to the best of its drawn candidates, or counts a fruitless try.
    fn match_job(id: &JobId, seed: &H256) {
        let Some(mut job) = Jobs::<T>::get(id) else { return };
        job.queue_index = None;
        let now = T::Clock::now();
        if Self::is_too_late(&job, now) {
            // Nobody has it, hence nobody is reported.
            Self::expire(id, job);
            return;
        }
        let index = T::PriceIndex::planck_per_cu(job.class());
        let candidates = Self::candidates(&job, seed, index);
        // An owner has one try: else two of its workers could say in turn that no input came, and be paid for it.
        let tried_owners: Vec<T::AccountId> = job.tried.iter().filter_map(T::Roster::owner_of).collect();
        let sibling_owner = Self::sibling_owner(&job);
        let demand = Self::demand(&job, &tried_owners, sibling_owner.as_ref(), now);
        let choice = matching::choose(&candidates, &demand, index);
        let best = choice.best.and_then(|best| candidates.get(best));
        match best {
            Some(best) if T::Roster::reserve(&best.worker, choice.price).is_ok() => {
                let record = MatchRecord {
                    worker: best.worker.clone(),
                    attempt: job.attempt,
                    scorer: Scorer::Plain,
                    features_version: FEATURES_VERSION,
                    features: matching::features(best, &demand, choice.price),
                    candidates: candidates.len().saturated_into(),
                    excluded: choice.excluded,
                    price: choice.price,
                    assigned_at: now,
                    outcome: MatchOutcome::Pending,
                    finished_at: None,
                };
                Self::assign(id, job, best, record, index)
            }
            _ => {
                job.last_try = Some(FruitlessTry {
                    at: now,
                    candidates: candidates.len().saturated_into(),
                    excluded: choice.excluded,
                });
                job.match_tries = job.match_tries.saturating_add(1);
                if u32::from(job.match_tries) >= Self::max_match_tries() {
                    Self::park(id, &mut job);
                } else {
                    Self::enqueue(id, &mut job);
                }
                Jobs::<T>::insert(id, job);
            }
        }
    }

    /// Draws candidates; a client that chose a worker gets just that one.
    fn candidates(job: &JobOf<T>, seed: &H256, index: u128) -> Vec<Candidate<T::AccountId>> {
        let model = &job.request.model;
        let mut drawn = match &job.request.limits.requirements.worker {
            Some(worker) => T::Roster::candidate(worker, model).into_iter().collect(),
            None => T::Roster::draw(model, seed, T::CandidatesPerMatch::get()),
        };
        let (work, kind) = (Self::max_work(job), job.request.params.kind());
        for candidate in &mut drawn {
            // What a job adds to unsettled work is its price, which is another with each worker; the same price
            // has to lie under what the owner's stake covers of one job.
            let price = pricing::price(work, index, candidate.ask_permille);
            let covered =
                candidate.exposure_room >= price && T::ResultCheck::job_cap(&candidate.owner, kind) >= price;
            if !covered {
                candidate.exposure_room = 0;
            }
        }
        drawn
    }

    /// What a job asks of a candidate. Its exposure and its cap are compared with its price in
    /// [`Self::candidates`].
    fn demand<'a>(
        job: &'a JobOf<T>,
        tried_owners: &'a [T::AccountId],
        sibling_owner: Option<&'a T::AccountId>,
        now: Tick,
    ) -> Demand<'a, T::AccountId> {
        Demand {
            client: &job.client,
            requirements: &job.request.limits.requirements,
            vram_mib: job.vram_mib,
            work_milli_cu: Self::max_work(job),
            max_price: job.request.limits.max_price,
            exposure: 1,
            tried: &job.tried,
            tried_owners,
            sibling_owner,
            ticks_left: job.deadline.saturating_sub(now),
            acknowledge_ticks: Self::acknowledge_ticks(),
            efficiency_permille: T::EfficiencyPermille::get(),
        }
    }

    /// Ticks that a worker has to acknowledge.
    fn acknowledge_ticks() -> Tick {
        T::AcknowledgeTicks::get().max(1)
    }

    /// The most work that a job can be, in milli compute units.
    fn max_work(job: &JobOf<T>) -> u128 {
        let request = &job.request;
        pricing::work_milli_cu(
            &job.costs,
            request.input_tokens,
            request.params.max_output_tokens(),
        )
    }

    fn assign(
        id: &JobId,
        mut job: JobOf<T>,
        best: &Candidate<T::AccountId>,
        record: MatchRecord<T::AccountId>,
        index_planck_per_cu: u128,
    ) {
        let acknowledge_by = record.assigned_at.saturating_add(Self::acknowledge_ticks());
        let (worker, attempt, price_max) = (best.worker.clone(), job.attempt, record.price);
        MatchRecords::<T>::insert(id, attempt, record);
        AssignedJobs::<T>::insert(&worker, id, ());
        Self::schedule(
            acknowledge_by,
            AgendaItem {
                job: *id,
                attempt,
                what: AgendaKind::Acknowledge,
            },
        );
        Self::note(
            id,
            JobHistoryEvent::Assigned {
                worker: worker.clone(),
                attempt,
            },
        );
        Self::deposit_event(Event::JobAssigned {
            job: *id,
            attempt,
            worker: worker.clone(),
            owner: best.owner.clone(),
            price_max,
            acknowledge_by,
        });
        let model = job.request.model;
        let terms = T::ResultCheck::terms(
            &best.owner,
            &model,
            job.profile,
            job.request.params.kind(),
            Whitening::<T>::contains_key(model),
        );
        job.state = JobState::Assigned;
        job.match_tries = 0;
        job.last_try = None;
        job.assignment = Some(Assignment {
            worker,
            owner: best.owner.clone(),
            class: best.class,
            index_planck_per_cu,
            ask_permille: best.ask_permille,
            price_max,
            acknowledge_by,
            committed_price: None,
            terms,
            audit_premium: 0,
        });
        Jobs::<T>::insert(id, job);
    }

    /// What became of an attempt's match.
    pub(crate) fn close_match(id: &JobId, attempt: u8, outcome: MatchOutcome) {
        MatchRecords::<T>::mutate(id, attempt, |record| {
            if let Some(record) = record {
                record.outcome = outcome;
                record.finished_at = Some(T::Clock::now());
            }
        });
    }
}
