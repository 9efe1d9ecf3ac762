//! Benchmarks of every call and of each step of the hook, each at its worst.

use super::*;
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{fungible::Mutate, Get},
    weights::WeightMeter,
    BoundedVec,
};
use frame_system::RawOrigin;
use ogpu_primitives::{
    job::{job_id, replica_id},
    model::model_id,
    pricing,
    traits::Clock,
    whitening::MAX_DIMENSIONS,
    work::Verdict,
    Balance, Commitment, Costs, DeviceClass, FileEntry, FinishReason, GenerateParams, JobId, JobKind,
    JobParams, JobRequest, JobState, Limits, ModelId, ModelSpec, NumericProfile, Requirements,
    WhiteningTable, WorkKey, H256,
};

/// Plenty of everything, in planck.
const FUNDS: Balance = 1_000_000 * ogpu_primitives::OGPU;

fn funded<T: Config>(name: &'static str, n: u32) -> Result<T::AccountId, BenchmarkError> {
    let who: T::AccountId = account(name, n, 0);
    T::Currency::mint_into(&who, FUNDS)?;
    Ok(who)
}

/// A model of `files` files.
fn spec<T: Config>(owner: &T::AccountId, files: u32) -> ModelSpec<T::AccountId> {
    let manifest: Vec<FileEntry> = (0..files)
        .map(|n| {
            let mut name = vec![b'a'; 93];
            name.extend_from_slice(&[
                b'0' + (n / 100) as u8,
                b'0' + (n / 10 % 10) as u8,
                b'0' + (n % 10) as u8,
            ]);
            FileEntry {
                name: BoundedVec::truncate_from(name),
                blake3: H256::repeat_byte(1),
                size_bytes: 1,
            }
        })
        .collect();
    ModelSpec {
        owner: owner.clone(),
        name: BoundedVec::truncate_from(vec![b'm'; 64]),
        kind: JobKind::Generate,
        manifest: BoundedVec::truncate_from(manifest),
        tokenizer: H256::repeat_byte(1),
        template: Some(H256::repeat_byte(2)),
        profile: NumericProfile::A8,
        sampler_version: 1,
        costs: Costs {
            input_milli_cu: 100,
            output_milli_cu: 250,
        },
        context_tokens: 4_096,
        vram_mib: 8_000,
    }
}

/// A whitening table of `dimensions`.
fn table(dimensions: u32) -> Result<WhiteningTable, BenchmarkError> {
    WhiteningTable::unit(dimensions).map_err(|_| BenchmarkError::Stop("no such whitening table"))
}

/// Registers the largest model, with the largest whitening table.
fn register<T: Config>() -> Result<ModelId, BenchmarkError> {
    let owner = funded::<T>("model owner", 0)?;
    let spec = spec::<T>(&owner, 32);
    let id = model_id(&spec);
    Pallet::<T>::register_model(RawOrigin::Signed(owner.clone()).into(), spec)?;
    Pallet::<T>::add_whitening(RawOrigin::Signed(owner).into(), id, table(MAX_DIMENSIONS)?)?;
    Ok(id)
}

/// A request that pays an ordinary ask twice over.
fn request<T: Config>(model: ModelId, nonce: u64) -> JobRequest<T::AccountId> {
    let index = T::PriceIndex::planck_per_cu(DeviceClass(0));
    let costs = Costs {
        input_milli_cu: 100,
        output_milli_cu: 250,
    };
    JobRequest {
        nonce,
        model,
        params: JobParams::Generate(GenerateParams {
            max_output_tokens: 100,
            temperature_milli: 700,
            top_k: 40,
            top_p_ppm: 950_000,
            min_p_ppm: 0,
            repetition_penalty_milli: 1_000,
            presence_penalty_milli: 0,
            frequency_penalty_milli: 0,
            seed: [7; 32],
            stop_tokens: BoundedVec::truncate_from(vec![1; 8]),
        }),
        input_commitment: H256::repeat_byte(8),
        input_tokens: 100,
        secret_hash: Some(H256::repeat_byte(9)),
        replica_secret_hash: None,
        limits: Limits {
            max_price: pricing::max_price(&costs, 100, 100, index, 2_000),
            deadline_ticks: T::MaxDeadlineTicks::get(),
            replicas: 1,
            requirements: Requirements {
                min_class: DeviceClass(0),
                region: None,
                min_reputation_permille: 0,
                worker: None,
            },
        },
    }
}

fn submit<T: Config>(model: ModelId, nonce: u64) -> Result<(T::AccountId, JobId), BenchmarkError> {
    let client = funded::<T>("client", 0)?;
    Pallet::<T>::submit(
        RawOrigin::Signed(client.clone()).into(),
        request::<T>(model, nonce),
    )?;
    let id = job_id(&Pallet::<T>::genesis_hash(), &client, nonce);
    Ok((client, id))
}

/// Matches all that waits.
fn match_all<T: Config>() {
    T::BenchmarkHelper::provide_randomness(Pallet::<T>::block_number());
    Pallet::<T>::service_queues(&mut WeightMeter::new());
}

/// A job that a worker has, with its worker.
fn assigned<T: Config>(nonce: u64) -> Result<(T::AccountId, JobId), BenchmarkError> {
    let model = register::<T>()?;
    let (worker, _) = T::BenchmarkHelper::add_worker(0, &model);
    let (_, id) = submit::<T>(model, nonce)?;
    match_all::<T>();
    expect::<T>(&id, JobState::Assigned)?;
    Ok((worker, id))
}

fn expect<T: Config>(id: &JobId, state: JobState) -> Result<(), BenchmarkError> {
    match Jobs::<T>::get(id) {
        Some(job) if job.state == state => Ok(()),
        _ => Err(BenchmarkError::Stop("the job is not in the expected state")),
    }
}

fn work(id: JobId) -> WorkKey {
    work_key(id, 0)
}

fn commitment() -> Commitment {
    Commitment {
        root: H256::repeat_byte(4),
        output: H256::repeat_byte(5),
        n_in: 100,
        n_out: 90,
        finish: FinishReason::Stop,
    }
}

/// Makes the second "no input", which ends the job and pays the worker.
fn no_input_before<T: Config>(id: &JobId) {
    Jobs::<T>::mutate_extant(id, |job| job.no_input_count = NO_INPUT_REPORTS - 1);
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn register_model(f: Linear<1, 32>) -> Result<(), BenchmarkError> {
        let owner = funded::<T>("model owner", 0)?;
        let spec = spec::<T>(&owner, f);
        let id = model_id(&spec);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), spec);
        assert!(Models::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn submit() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let client = funded::<T>("client", 0)?;
        let request = request::<T>(model, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(client), request);
        assert_eq!(Jobs::<T>::iter().count(), 1);
        Ok(())
    }

    #[benchmark]
    fn cancel() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let (client, id) = super::submit::<T>(model, 0)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(client), id);
        expect::<T>(&id, JobState::Cancelled)
    }

    #[benchmark]
    fn acknowledge() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(worker), work(id));
        expect::<T>(&id, JobState::Acknowledged)
    }

    #[benchmark]
    fn no_input() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        no_input_before::<T>(&id);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker), work(id));
        expect::<T>(&id, JobState::Refunded)
    }

    #[benchmark]
    fn commit() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(worker), work(id), commitment());
        expect::<T>(&id, JobState::Committed)
    }

    // Each report is the dearest, about a job of its own.
    #[benchmark]
    fn report_many(n: Linear<1, 16>) -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let (worker, _) = T::BenchmarkHelper::add_worker(0, &model);
        let mut reports = Vec::new();
        for nonce in 0..n.into() {
            let (_, id) = super::submit::<T>(model, nonce)?;
            match_all::<T>();
            expect::<T>(&id, JobState::Assigned)?;
            no_input_before::<T>(&id);
            reports.push(Report::NoInput(work(id)));
        }
        let reports = BoundedVec::truncate_from(reports);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker), reports);
        assert!(Jobs::<T>::iter_values().all(|job| job.state == JobState::Refunded));
        Ok(())
    }

    // A parked job, without its new matches.
    #[benchmark]
    fn poke() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let (client, id) = super::submit::<T>(model, 0)?;
        park::<T>(&id);
        #[extrinsic_call]
        _(RawOrigin::Signed(client), id);
        expect::<T>(&id, JobState::Open)
    }

    #[benchmark]
    fn withdraw_earnings() -> Result<(), BenchmarkError> {
        let who = funded::<T>("owner", 0)?;
        T::Currency::mint_into(&Pallet::<T>::pot_account(), FUNDS)?;
        Earnings::<T>::insert(&who, FUNDS / 2);
        #[extrinsic_call]
        _(RawOrigin::Signed(who.clone()));
        assert!(!Earnings::<T>::contains_key(who));
        Ok(())
    }

    #[benchmark]
    fn add_whitening(d: Linear<1, { MAX_DIMENSIONS }>) -> Result<(), BenchmarkError> {
        let owner = funded::<T>("model owner", 0)?;
        let spec = spec::<T>(&owner, 32);
        let id = model_id(&spec);
        Pallet::<T>::register_model(RawOrigin::Signed(owner.clone()).into(), spec)?;
        let table = table(d)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, table);
        assert!(Whitening::<T>::contains_key(id));
        Ok(())
    }

    // The client gave no secret and has money left, so that it pays a second premium.
    #[benchmark]
    fn settle() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        Pallet::<T>::commit(RawOrigin::Signed(worker).into(), work(id), commitment())?;
        #[block]
        {
            Pallet::<T>::do_verdict(&subject(id, 0), Verdict::Pass)?;
        }
        expect::<T>(&id, JobState::Settled)
    }

    // There is time and there are attempts left, so that the job is queued again.
    #[benchmark]
    fn judged_wrong() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        Pallet::<T>::commit(RawOrigin::Signed(worker).into(), work(id), commitment())?;
        fill_history::<T>(&id);
        #[block]
        {
            Pallet::<T>::do_verdict(&subject(id, 0), Verdict::Wrong)?;
        }
        expect::<T>(&id, JobState::Open)
    }

    #[benchmark]
    fn stage() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        Pallet::<T>::commit(RawOrigin::Signed(worker).into(), work(id), commitment())?;
        fill_history::<T>(&id);
        #[block]
        {
            Pallet::<T>::do_stage(&subject(id, 0), JobState::Auditing);
        }
        expect::<T>(&id, JobState::Auditing)
    }

    #[benchmark]
    fn supply_changed() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let (_, id) = super::submit::<T>(model, 0)?;
        park::<T>(&id);
        #[block]
        {
            Pallet::<T>::supply_changed(&model);
        }
        assert!(SupplyNews::<T>::contains_key(model));
        Ok(())
    }

    #[benchmark]
    fn service_supply_base() {
        #[block]
        {
            Pallet::<T>::service_supply(&mut WeightMeter::new());
        }
    }

    // The turn begins after the last job, so that both ways of finding jobs are taken.
    #[benchmark]
    fn service_supply() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let mut last = H256::zero();
        for nonce in 0..2 * UNPARK_BATCH as u64 {
            let (_, id) = super::submit::<T>(model, nonce)?;
            park::<T>(&id);
            last = id;
        }
        ParkedCursor::<T>::insert(model, last);
        SupplyNews::<T>::insert(model, ());
        #[block]
        {
            Pallet::<T>::service_supply(&mut WeightMeter::new());
        }
        assert_eq!(ParkedJobs::<T>::iter().count(), UNPARK_BATCH);
        Ok(())
    }

    #[benchmark]
    fn service_agenda_base() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now.saturating_add(1), 0));
        #[block]
        {
            Pallet::<T>::service_agenda(&mut WeightMeter::new(), now);
        }
    }

    #[benchmark]
    fn service_agenda_tick() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now, 0));
        #[block]
        {
            Pallet::<T>::service_agenda(&mut WeightMeter::new(), now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    // The last attempt: the job ends and its money goes back.
    #[benchmark]
    fn service_acknowledge() -> Result<(), BenchmarkError> {
        let (_, id) = assigned::<T>(0)?;
        MatchRecords::<T>::mutate(id, 0, |record| {
            if let Some(record) = record.take() {
                MatchRecords::<T>::insert(id, MAX_TRIED as u8, record);
            }
        });
        Jobs::<T>::mutate_extant(id, |job| job.attempt = MAX_TRIED as u8);
        let due = T::Clock::now().saturating_add(1);
        Pallet::<T>::schedule(
            due,
            AgendaItem {
                job: id,
                attempt: MAX_TRIED as u8,
                what: AgendaKind::Acknowledge,
            },
        );
        AgendaCursor::<T>::put((due, 0));
        #[block]
        {
            Pallet::<T>::service_agenda(&mut WeightMeter::new(), due);
        }
        expect::<T>(&id, JobState::Refunded)
    }

    #[benchmark]
    fn service_deadline() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        Pallet::<T>::acknowledge(RawOrigin::Signed(worker).into(), work(id))?;
        let due = T::Clock::now().saturating_add(1);
        Pallet::<T>::schedule(
            due,
            AgendaItem {
                job: id,
                attempt: 0,
                what: AgendaKind::Deadline,
            },
        );
        AgendaCursor::<T>::put((due, 0));
        #[block]
        {
            Pallet::<T>::service_agenda(&mut WeightMeter::new(), due);
        }
        expect::<T>(&id, JobState::Expired)
    }

    // A job with as many attempts as there can be.
    #[benchmark]
    fn service_prune() -> Result<(), BenchmarkError> {
        let (worker, id) = assigned::<T>(0)?;
        Pallet::<T>::commit(RawOrigin::Signed(worker).into(), work(id), commitment())?;
        Pallet::<T>::do_verdict(&subject(id, 0), Verdict::Pass)?;
        if let Some(record) = MatchRecords::<T>::get(id, 0) {
            for attempt in 1..MAX_TRIED as u8 {
                MatchRecords::<T>::insert(id, attempt, record.clone());
            }
        }
        let due = T::Clock::now().saturating_add(1);
        Jobs::<T>::mutate_extant(id, |job| {
            job.attempt = MAX_TRIED as u8 - 1;
            job.prune_at = Some(due);
        });
        Pallet::<T>::schedule(
            due,
            AgendaItem {
                job: id,
                attempt: 0,
                what: AgendaKind::Prune,
            },
        );
        AgendaCursor::<T>::put((due, 0));
        #[block]
        {
            Pallet::<T>::service_agenda(&mut WeightMeter::new(), due);
        }
        assert!(!Jobs::<T>::contains_key(id));
        Ok(())
    }

    // Every class has a queue, and none of them anything to do.
    #[benchmark]
    fn service_queues_base() {
        for class in 0..ogpu_primitives::device::DEVICE_CLASSES {
            QueueEnds::<T>::insert(DeviceClass(class), QueueRange { head: 7, tail: 7 });
        }
        #[block]
        {
            Pallet::<T>::service_queues(&mut WeightMeter::new());
        }
    }

    // A job that waited longer than the beacon remembers.
    #[benchmark]
    fn service_queue_step() -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        let (_, id) = super::submit::<T>(model, 0)?;
        let later = Pallet::<T>::block_number().saturating_add(1_000);
        frame_system::Pallet::<T>::set_block_number(later.into());
        #[block]
        {
            Pallet::<T>::service_queues(&mut WeightMeter::new());
        }
        assert_eq!(Jobs::<T>::get(id).map(|job| job.fixed_at_block), Some(later));
        Ok(())
    }

    // A replica, whose matching reads the other one.
    #[benchmark]
    fn service_match(c: Linear<1, 32>) -> Result<(), BenchmarkError> {
        let model = register::<T>()?;
        for n in 0..c {
            T::BenchmarkHelper::add_worker(n, &model);
        }
        let client = funded::<T>("client", 0)?;
        let mut request = request::<T>(model, 0);
        request.limits.replicas = 2;
        Pallet::<T>::submit(RawOrigin::Signed(client.clone()).into(), request)?;
        let primary = job_id(&Pallet::<T>::genesis_hash(), &client, 0);
        park::<T>(&primary);
        T::BenchmarkHelper::provide_randomness(Pallet::<T>::block_number());
        #[block]
        {
            Pallet::<T>::service_queues(&mut WeightMeter::new());
        }
        expect::<T>(&replica_id(&primary, 1), JobState::Assigned)
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}

/// Parks an open job.
fn park<T: Config>(id: &JobId) {
    if let Some(mut job) = Jobs::<T>::get(id) {
        Pallet::<T>::leave_waiting(id, &mut job);
        Pallet::<T>::park(id, &mut job);
        Jobs::<T>::insert(id, job);
    }
}

/// Makes a job's history as long as it can be with three steps to come.
fn fill_history<T: Config>(id: &JobId) {
    while History::<T>::get(id).len() < MAX_HISTORY as usize - 4 {
        Pallet::<T>::note(id, ogpu_primitives::JobHistoryEvent::Reopened);
    }
}
