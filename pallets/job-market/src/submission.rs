//! Submitting and cancelling jobs.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    check::MAX_INPUT_TOKENS,
    device::DEVICE_CLASSES,
    evidence::MAX_OUTPUT_TOKENS,
    job::{job_id, replica_id},
    pricing::{self, MIN_ASK_PERMILLE},
    traits::Clock,
    Balance, GenerateParams, JobHistoryEvent, JobId, JobLedger, JobParams, JobRequest, JobState, ModelSpec,
    Tick, H256,
};

/// One whole in 1/1,000,000 and in 1/1000.
const WHOLE_PPM: u32 = 1_000_000;
const WHOLE_PERMILLE: u16 = 1_000;

impl<T: Config> Pallet<T> {
    /// Checks a request, escrows its maximum price for each replica and puts the jobs into their queue.
    pub(crate) fn do_submit(client: &T::AccountId, request: JobRequest<T::AccountId>) -> DispatchResult {
        let model = Models::<T>::get(request.model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(request.params.kind() == model.spec.kind, Error::<T>::WrongKind);
        Self::check_params(&request, model.spec.context_tokens)?;
        Self::check_limits(client, &request)?;
        let limits = &request.limits;
        let least = pricing::max_price(
            &model.spec.costs,
            request.input_tokens,
            request.params.max_output_tokens(),
            T::PriceIndex::planck_per_cu(limits.requirements.min_class),
            MIN_ASK_PERMILLE,
        );
        ensure!(limits.max_price >= least.max(1), Error::<T>::PriceTooLow);
        let last_nonce = LastNonce::<T>::get(client);
        ensure!(
            last_nonce.is_none_or(|last| request.nonce > last),
            Error::<T>::NonceUsed
        );
        let id = job_id(&Self::genesis_hash(), client, request.nonce);
        ensure!(!Jobs::<T>::contains_key(id), Error::<T>::NonceUsed);
        let replicas = Balance::from(limits.replicas);
        Self::escrow(client, limits.max_price.saturating_mul(replicas))?;
        LastNonce::<T>::insert(client, request.nonce);
        if replicas > 1 {
            let replica = replica_id(&id, 1);
            let mut copy = request.clone();
            copy.secret_hash = request.replica_secret_hash;
            Self::open(client, &id, request, &model.spec, Some(replica));
            Self::open(client, &replica, copy, &model.spec, Some(id));
        } else {
            Self::open(client, &id, request, &model.spec, None);
        }
        Ok(())
    }

    /// Puts a job whose maximum price is in the pot into its queue.
    fn open(
        client: &T::AccountId,
        id: &JobId,
        request: JobRequest<T::AccountId>,
        spec: &ModelSpec<T::AccountId>,
        sibling: Option<JobId>,
    ) {
        let now = T::Clock::now();
        let number = NextJobNumber::<T>::mutate(|next| {
            let number = *next;
            *next = next.saturating_add(1);
            number
        });
        let (max_price, model) = (request.limits.max_price, request.model);
        let deadline = now.saturating_add(request.limits.deadline_ticks);
        let mut job = Job {
            number,
            client: client.clone(),
            costs: spec.costs,
            vram_mib: spec.vram_mib,
            profile: spec.profile,
            state: JobState::Open,
            submitted_at: now,
            fixed_at_block: 0,
            deadline,
            attempt: 0,
            match_tries: 0,
            no_input_count: 0,
            assignment: None,
            ledger: JobLedger {
                escrowed: max_price,
                held: max_price,
                ..Default::default()
            },
            tried: BoundedVec::new(),
            queue_index: None,
            last_try: None,
            prune_at: None,
            sibling,
            request,
        };
        JobNumbers::<T>::insert(number, *id);
        Totals::<T>::mutate(|totals| totals.submitted = totals.submitted.saturating_add(1));
        Self::schedule(
            deadline,
            AgendaItem {
                job: *id,
                attempt: 0,
                what: AgendaKind::Deadline,
            },
        );
        Self::note(id, JobHistoryEvent::Submitted);
        Self::deposit_event(Event::JobSubmitted {
            job: *id,
            number,
            client: client.clone(),
            model,
            escrowed: max_price,
            deadline,
        });
        Self::enqueue(id, &mut job);
        Jobs::<T>::insert(id, job);
    }

    /// Takes a job back that nobody has yet; all of its money returns.
    pub(crate) fn do_cancel(client: &T::AccountId, id: &JobId) -> DispatchResult {
        let mut job = Jobs::<T>::get(id).ok_or(Error::<T>::UnknownJob)?;
        ensure!(job.client == *client, Error::<T>::NotYourJob);
        ensure!(!job.state.is_final(), Error::<T>::JobFinished);
        ensure!(
            matches!(job.state, JobState::Open | JobState::Parked),
            Error::<T>::WrongState
        );
        Self::leave_waiting(id, &mut job);
        let refunded = Self::refund_held(&mut job);
        Self::finish(id, job, JobState::Cancelled, JobHistoryEvent::Cancelled);
        Self::deposit_event(Event::JobCancelled { job: *id, refunded });
        Ok(())
    }

    /// Least ticks from submission to deadline: time for one worker to acknowledge, and as much again.
    pub fn min_deadline_ticks() -> Tick {
        T::AcknowledgeTicks::get().saturating_mul(2)
    }

    /// The chain's genesis hash, part of every job's id.
    pub fn genesis_hash() -> H256 {
        frame_system::Pallet::<T>::block_hash(frame_system::pallet_prelude::BlockNumberFor::<T>::default())
    }

    fn check_params(request: &JobRequest<T::AccountId>, context_tokens: u32) -> DispatchResult {
        ensure!(request.input_tokens > 0, Error::<T>::EmptyInput);
        if let JobParams::Generate(params) = &request.params {
            ensure!(are_params_valid(params), Error::<T>::InvalidParams);
        }
        let tokens = request
            .input_tokens
            .checked_add(request.params.max_output_tokens());
        ensure!(
            tokens.is_some_and(|tokens| tokens <= context_tokens),
            Error::<T>::InputTooLong
        );
        ensure!(
            request.input_tokens <= MAX_INPUT_TOKENS,
            Error::<T>::InputNotAuditable
        );
        Ok(())
    }

    fn check_limits(client: &T::AccountId, request: &JobRequest<T::AccountId>) -> DispatchResult {
        let limits = &request.limits;
        let required = &limits.requirements;
        Self::check_replicas(request)?;
        ensure!(
            limits.deadline_ticks >= Self::min_deadline_ticks(),
            Error::<T>::DeadlineTooShort
        );
        ensure!(
            limits.deadline_ticks <= T::MaxDeadlineTicks::get(),
            Error::<T>::DeadlineTooLong
        );
        ensure!(
            required.min_class.0 < DEVICE_CLASSES,
            Error::<T>::UnknownDeviceClass
        );
        ensure!(
            required.min_reputation_permille <= WHOLE_PERMILLE,
            Error::<T>::InvalidReputation
        );
        if let Some(worker) = &required.worker {
            let own = worker == client || T::Roster::owner_of(worker).as_ref() == Some(client);
            ensure!(!own, Error::<T>::SelfDealing);
        }
        Ok(())
    }
}

fn are_params_valid(params: &GenerateParams) -> bool {
    // Longer outputs can be neither reported by an auditor nor opened.
    (1..=MAX_OUTPUT_TOKENS).contains(&params.max_output_tokens)
        && (1..=WHOLE_PPM).contains(&params.top_p_ppm)
        && params.min_p_ppm <= WHOLE_PPM
        && params.repetition_penalty_milli > 0
}
