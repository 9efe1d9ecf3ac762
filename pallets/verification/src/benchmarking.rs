//! Benchmarks of every call and of each step of the hook, each at its worst.
//!
//! What siblings do is partly measured here too and added once more where the weights are used: too much rather than
//! too little.

use super::*;
use alloc::{boxed::Box, vec, vec::Vec};
use codec::Decode;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{fungible::Mutate, EnsureOrigin},
    weights::WeightMeter,
    BoundedVec,
};
use frame_system::RawOrigin;
use ogpu_primitives::{
    check::MAX_INPUT_TOKENS,
    evidence::{embedding_root, generate_leaves, ChunkRecord, MAX_CHUNKS},
    job::secret_hash,
    jury::JuryOutcome,
    merkle,
    receipt::{Receipt, SignedReceipt},
    traits::Clock,
    AuditOpening, AuditReport, Balance, Candidate, CheckStage, CheckTerms, CheckedWork, ChunkReport,
    ChunkSketch, ChunkTally, Commitment, DeviceClass, Ending, FailReason, FinishReason, GenerateReport,
    JobKind, Judgement, NumericProfile, Origin, ProfileParams, Role, SeatPool, SketchesOpening, Subject,
    WorkKey, H256,
};
use ruling::Ruling;
use sp_core::crypto::KeyTypeId;

/// Plenty of everything, in planck.
const FUNDS: Balance = 1_000_000 * ogpu_primitives::OGPU;

/// Keys that benchmarks make.
const KEYS: KeyTypeId = KeyTypeId(*b"bnch");

/// The client's secret.
const SECRET: [u8; 32] = [5; 32];

/// The salt of reports.
const SALT: [u8; 32] = [6; 32];

const WORK: WorkKey = WorkKey {
    job: H256::repeat_byte(1),
    segment: 0,
    attempt: 0,
};

const SUBJECT: Subject = Subject::Work(WORK);

fn funded<T: Config>(name: &'static str, n: u32) -> Result<T::AccountId, BenchmarkError> {
    let who: T::AccountId = account(name, n, 0);
    T::Currency::mint_into(&who, FUNDS)?;
    Ok(who)
}

/// Work by `worker` that is audited for certain.
fn work<T: Config>(
    worker: &T::AccountId,
    kind: JobKind,
) -> Result<CheckedWork<T::AccountId>, BenchmarkError> {
    Ok(CheckedWork {
        worker: worker.clone(),
        owner: funded::<T>("prover's owner", 0)?,
        client: funded::<T>("client", 0)?,
        model: T::BenchmarkHelper::model(),
        kind,
        greedy: true,
        secret_hash: Some(secret_hash(&SECRET)),
        price: 1_000,
        audit_fee: ogpu_primitives::OGPU,
        surcharge: true,
        terms: CheckTerms {
            params: ProfileParams {
                // The best positions are looked for, which costs more than taking all.
                kept_of_32: 24,
                slash_enabled: true,
                ..ProfileParams::starting(NumericProfile::F16)
            },
            whitened: false,
            rate_ppm: 1_000_000,
            second_ppm: 1_000_000,
        },
    })
}

fn commitment(root: H256, n_out: u32, finish: FinishReason) -> Commitment {
    Commitment {
        root,
        output: H256::repeat_byte(3),
        n_in: 10,
        n_out,
        finish,
    }
}

/// Evidence of `c` chunks.
fn records(c: u32) -> Vec<ChunkRecord> {
    (0..c)
        .map(|chunk| ChunkRecord {
            sketch: ChunkSketch::from_sums(vec![100 + chunk as i16; 256]).unwrap_or_default(),
            hidden: H256::repeat_byte(7),
        })
        .collect()
}

fn origin<T: Config>(worker: &T::AccountId) -> Origin {
    Origin {
        worker: worker.clone().into(),
        work: WORK,
    }
}

/// A text of `c` chunks is committed; returns its opening.
fn text<T: Config>(worker: &T::AccountId, c: u32) -> Result<AuditOpening, BenchmarkError> {
    let records = records(c);
    let ids = vec![7; c as usize * 32];
    let evidence: Vec<_> = records.iter().map(ChunkRecord::evidence).collect();
    let origin = origin::<T>(worker);
    let finish = FinishReason::Length;
    let leaves = generate_leaves(&origin.worker, &WORK, &ids, 10, finish, &evidence);
    let commitment = commitment(merkle::root(&leaves), ids.len() as u32, finish);
    Pallet::<T>::committed(&SUBJECT, work::<T>(worker, JobKind::Generate)?, &commitment)?;
    let opening = SketchesOpening::new(&origin, &ids, &records);
    opening
        .map(AuditOpening::Generate)
        .map_err(|_| BenchmarkError::Stop("too many chunks"))
}

/// `k` KiB of an embedding.
fn vector(k: u32) -> Vec<u8> {
    (0..k * 256)
        .flat_map(|n| (n as f32 + 0.5).to_le_bytes())
        .collect()
}

/// An embedding of `k` KiB is committed; returns its opening.
fn embedding<T: Config>(worker: &T::AccountId, k: u32) -> Result<AuditOpening, BenchmarkError> {
    let bytes = vector(k);
    let root = embedding_root(&origin::<T>(worker).worker, &WORK, &bytes, 10);
    let commitment = commitment(root, 0, FinishReason::Complete);
    Pallet::<T>::committed(&SUBJECT, work::<T>(worker, JobKind::Embed)?, &commitment)?;
    Ok(AuditOpening::Embed(BoundedVec::truncate_from(bytes)))
}

fn prover<T: Config>() -> Result<T::AccountId, BenchmarkError> {
    funded::<T>("prover", 0)
}

/// Gives the check `n` seats of `role` in `state`, and returns their workers.
fn seat<T: Config>(n: u32, role: Role, state: SeatState) -> Result<Vec<T::AccountId>, BenchmarkError> {
    let mut seats = Seats::<T>::get(SUBJECT);
    let mut workers = Vec::new();
    for at in 0..n {
        let worker = funded::<T>("seat", at)?;
        let seat = Seat {
            worker: worker.clone(),
            owner: funded::<T>("seat's owner", at)?,
            role,
            state,
            findings: None,
            pool: SeatPool::Model,
        };
        seats
            .try_push(seat)
            .map_err(|_| BenchmarkError::Stop("too many seats"))?;
        Pallet::<T>::involve(&worker, &SUBJECT);
        workers.push(worker);
    }
    Seats::<T>::insert(SUBJECT, seats);
    Ok(workers)
}

/// Puts the check, of a model that few serve, into `stage` and returns its record: seats are then read to tell how long
/// a stage lasts.
fn at<T: Config>(stage: CheckStage) -> Result<RecordOf<T>, BenchmarkError> {
    let mut record = known::<T>()?;
    record.audited = true;
    record.class = Some(DeviceClass::default());
    Pallet::<T>::involve(&record.work.worker, &SUBJECT);
    Pallet::<T>::enter(&SUBJECT, &mut record, stage)?;
    Ok(record)
}

fn known<T: Config>() -> Result<RecordOf<T>, BenchmarkError> {
    Commitments::<T>::get(SUBJECT).ok_or(BenchmarkError::Stop("it was committed"))
}

/// Two auditors and the largest jury, the last `n` of all in `state`.
fn most_seats<T: Config>(juror: SeatState, auditor: SeatState) -> Result<Vec<T::AccountId>, BenchmarkError> {
    seat::<T>(4, Role::First, auditor)?;
    seat::<T>(MAX_JURY, Role::Juror, juror)
}

fn voted_against() -> SeatState {
    SeatState::Voted(Judgement::Fail(FailReason::OutputSketch))
}

fn commit_to<T: Config>(report: &AuditReport, role: Role) -> Result<T::AccountId, BenchmarkError> {
    let auditor = funded::<T>("seat", 0)?;
    let hash = report.commitment(&auditor.clone().into(), &SALT);
    seat::<T>(1, role, SeatState::Committed(hash))?;
    Ok(auditor)
}

/// The sketch of the `n`-th juror: as large as can be, near to all others', and so that all positions differ by
/// something else.
fn jury_sketch(n: u32) -> ChunkSketch {
    let sums = (0..256u32).map(|at| 1_000 + ((at * 2_641 + n * 977) % 7) as i16);
    ChunkSketch::from_sums(sums.collect()).unwrap_or_default()
}

/// The jurors of these workers showed what they computed.
fn show_sketches<T: Config>(jurors: &[T::AccountId]) {
    for (n, juror) in (0..).zip(jurors) {
        JurySketches::<T>::insert(SUBJECT, juror, jury_sketch(n));
    }
}

fn demand<T: Config>(demander: &T::AccountId) -> Result<(), BenchmarkError> {
    Pallet::<T>::do_demand_data(demander, &SUBJECT, [8; 32])?;
    Ok(())
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn accept() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let client = known::<T>()?.work.client;
        #[extrinsic_call]
        _(RawOrigin::Signed(client), SUBJECT, SECRET);
        assert!(known::<T>()?.secret.is_some());
        Ok(())
    }

    #[benchmark]
    fn challenge() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let client = known::<T>()?.work.client;
        #[extrinsic_call]
        _(RawOrigin::Signed(client), SUBJECT);
        assert!(known::<T>()?.challenge.is_some());
        Ok(())
    }

    #[benchmark]
    fn audit_commit() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        at::<T>(CheckStage::Auditing(Role::Juror))?;
        let hash = H256::repeat_byte(4);
        let jurors = most_seats::<T>(SeatState::Committed(hash), voted_against())?;
        let last = jurors
            .last()
            .cloned()
            .ok_or(BenchmarkError::Stop("jurors were seated"))?;
        Seats::<T>::mutate(SUBJECT, |seats| {
            if let Some(seat) = seats.last_mut() {
                seat.state = SeatState::Drawn;
            }
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(last), SUBJECT, hash);
        assert_eq!(known::<T>()?.stage, CheckStage::Reporting(Role::Juror));
        Ok(())
    }

    #[benchmark]
    fn open_generate(c: Linear<0, 256>) -> Result<(), BenchmarkError> {
        let worker = prover::<T>()?;
        let opening = text::<T>(&worker, c)?;
        at::<T>(CheckStage::Opening)?;
        #[extrinsic_call]
        open(RawOrigin::Signed(worker), SUBJECT, opening);
        assert!(Openings::<T>::contains_key(SUBJECT));
        Ok(())
    }

    #[benchmark]
    fn open_embed(k: Linear<1, 64>) -> Result<(), BenchmarkError> {
        let worker = prover::<T>()?;
        let opening = embedding::<T>(&worker, k)?;
        at::<T>(CheckStage::Opening)?;
        #[extrinsic_call]
        open(RawOrigin::Signed(worker), SUBJECT, opening);
        assert!(Openings::<T>::contains_key(SUBJECT));
        Ok(())
    }

    // Of a juror, whose sketch is kept.
    #[benchmark]
    fn audit_open_generate(c: Linear<0, 256>) -> Result<(), BenchmarkError> {
        let opening = text::<T>(&prover::<T>()?, c)?;
        at::<T>(CheckStage::Reporting(Role::Juror))?;
        Openings::<T>::insert(SUBJECT, opening);
        let params = known::<T>()?.work.terms.params;
        let chunks = records(c).into_iter().map(|record| ChunkReport {
            tally: ChunkTally::default(),
            sketch: record.sketch,
        });
        let report = AuditReport::Generate(GenerateReport {
            chunks: BoundedVec::truncate_from(chunks.collect()),
            ending: Ending::AtLimit,
            params_version: params.version,
            // There are no tokens to sketch where there are no chunks.
            jury_sketch: Some(if c == 0 {
                ChunkSketch::default()
            } else {
                jury_sketch(0)
            }),
        });
        let juror = commit_to::<T>(&report, Role::Juror)?;
        #[extrinsic_call]
        audit_open(RawOrigin::Signed(juror.clone()), SUBJECT, report, SALT);
        assert!(Seats::<T>::get(SUBJECT)
            .iter()
            .all(|seat| seat.findings.is_some()));
        assert!(JurySketches::<T>::contains_key(SUBJECT, juror));
        Ok(())
    }

    #[benchmark]
    fn audit_open_embed(k: Linear<1, 64>) -> Result<(), BenchmarkError> {
        let opening = embedding::<T>(&prover::<T>()?, k)?;
        at::<T>(CheckStage::Reporting(Role::First))?;
        Openings::<T>::insert(SUBJECT, opening);
        let report = AuditReport::Embed(BoundedVec::truncate_from(vector(k)));
        let auditor = commit_to::<T>(&report, Role::First)?;
        #[extrinsic_call]
        audit_open(RawOrigin::Signed(auditor), SUBJECT, report, SALT);
        assert!(Seats::<T>::get(SUBJECT)
            .iter()
            .all(|seat| seat.findings.is_some()));
        Ok(())
    }

    #[benchmark]
    fn demand_data() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        at::<T>(CheckStage::Auditing(Role::Juror))?;
        let jurors = most_seats::<T>(SeatState::Drawn, voted_against())?;
        let last = jurors
            .last()
            .cloned()
            .ok_or(BenchmarkError::Stop("jurors were seated"))?;
        #[extrinsic_call]
        _(RawOrigin::Signed(last), SUBJECT, [8; 32]);
        assert_eq!(known::<T>()?.open_demands, 1);
        Ok(())
    }

    #[benchmark]
    fn post_data(b: Linear<0, { ogpu_primitives::check::MAX_POSTED_BYTES }>) -> Result<(), BenchmarkError> {
        let worker = prover::<T>()?;
        text::<T>(&worker, MAX_CHUNKS)?;
        // Its time begins anew, which depends on the seats.
        at::<T>(CheckStage::Auditing(Role::Juror))?;
        most_seats::<T>(SeatState::Drawn, voted_against())?;
        // The largest job, or its data could not be the longest.
        let mut record = known::<T>()?;
        record.commitment.n_in = MAX_INPUT_TOKENS;
        let client = record.work.client.clone();
        Commitments::<T>::insert(SUBJECT, record);
        demand::<T>(&client)?;
        T::BenchmarkHelper::fill_audit_fund();
        let ciphertext = BoundedVec::truncate_from(vec![1; b as usize]);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker), SUBJECT, client, ciphertext);
        assert_eq!(known::<T>()?.open_demands, 0);
        Ok(())
    }

    // What the sibling makes of it is its own weight.
    #[benchmark]
    fn report_equivocation() -> Result<(), BenchmarkError> {
        let key = sp_io::crypto::sr25519_generate(KEYS, None);
        let worker = T::AccountId::decode(&mut &key.0[..])
            .map_err(|_| BenchmarkError::Stop("an account is 32 bytes"))?;
        text::<T>(&worker, 1)?;
        let genesis = frame_system::Pallet::<T>::block_hash(
            frame_system::pallet_prelude::BlockNumberFor::<T>::default(),
        );
        let sign = |n_out| {
            let receipt = Receipt {
                n_out,
                ..Receipt::new(genesis, WORK, &commitment(H256::zero(), 0, FinishReason::Stop))
            };
            sp_io::crypto::sr25519_sign(KEYS, &key, &receipt.signing_payload())
                .map(|signature| SignedReceipt {
                    receipt,
                    signature: signature.0,
                })
                .ok_or(BenchmarkError::Stop("the key was made above"))
        };
        let (first, second) = (sign(1)?, sign(2)?);
        let caller = funded::<T>("reporter", 0)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(caller), Box::new(first), Some(Box::new(second)));
        assert!(known::<T>()?.equivocated);
        Ok(())
    }

    #[benchmark]
    fn set_profile_params() -> Result<(), BenchmarkError> {
        let origin = T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let model = T::BenchmarkHelper::model();
        let newer = |version| ProfileParams {
            version,
            ..ProfileParams::starting(NumericProfile::A8)
        };
        Profiles::<T>::insert(model, newer(2));
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, model, newer(3));
        assert_eq!(Profiles::<T>::get(model), Some(newer(3)));
        Ok(())
    }

    #[benchmark]
    fn service_base() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now.saturating_add(1), 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    #[benchmark]
    fn service_tick() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    // A window whose randomness is not there: looked at, its draw tried, and moved on.
    #[benchmark]
    fn service_item() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let due = known::<T>()?.due;
        AgendaCursor::<T>::put((due, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, due);
        }
        assert_eq!(AgendaCursor::<T>::get(), (due.saturating_add(1), 0));
        Ok(())
    }

    // Of a small model, so that a class is looked for too.
    #[benchmark]
    fn service_draw() -> Result<(), BenchmarkError> {
        let model = T::BenchmarkHelper::model();
        let (worker, _) = T::BenchmarkHelper::add_worker(1, &model);
        text::<T>(&worker, 1)?;
        T::BenchmarkHelper::add_worker(0, &model);
        let record = known::<T>()?;
        T::BenchmarkHelper::provide_randomness(record.fixed_at);
        #[block]
        {
            Pallet::<T>::draw_audit(&SUBJECT, record)?;
        }
        assert_eq!(Seats::<T>::get(SUBJECT).len(), 1);
        Ok(())
    }

    #[benchmark]
    fn service_jury(n: Linear<1, MAX_JURY>) -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        seat::<T>(4, Role::First, voted_against())?;
        let mut record = at::<T>(CheckStage::Drawing(Role::Juror))?;
        T::BenchmarkHelper::provide_randomness(record.fixed_at);
        let jurors = (0..n)
            .map(|n| Candidate {
                worker: account("juror", n, 0),
                owner: account("juror's owner", n, 0),
                class: DeviceClass(0),
                max_vram_mib: 0,
                region: 0,
                ask_permille: 1_000,
                reputation_permille: 500,
                slots: 1,
                free_slots: 1,
                exposure_room: 0,
                throughput_gmac_s: 1,
                serving: true,
            })
            .collect();
        #[block]
        {
            let seed = Pallet::<T>::randomness(&SUBJECT, &mut record, b"jury")?;
            assert!(seed.is_some());
            let found = Pallet::<T>::seat_jurors(&SUBJECT, jurors, SeatPool::Model);
            assert_eq!(found, n);
            Pallet::<T>::enter(&SUBJECT, &mut record, CheckStage::Auditing(Role::Juror))?;
        }
        assert_eq!(Seats::<T>::get(SUBJECT).len(), n as usize + 4);
        Ok(())
    }

    #[benchmark]
    fn service_stage(n: Linear<1, 25>) -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let record = at::<T>(CheckStage::Auditing(Role::Juror))?;
        seat::<T>(n, Role::Juror, SeatState::Drawn)?;
        // One that has committed, so that the check goes on.
        seat::<T>(1, Role::Juror, SeatState::Committed(H256::zero()))?;
        #[block]
        {
            Pallet::<T>::end_auditing(&SUBJECT, record, Role::Juror)?;
        }
        assert_eq!(known::<T>()?.stage, CheckStage::Reporting(Role::Juror));
        Ok(())
    }

    // All agree, so that each two are compared both ways.
    #[benchmark]
    fn service_ballots() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let record = at::<T>(CheckStage::Reporting(Role::Juror))?;
        show_sketches::<T>(&most_seats::<T>(voted_against(), voted_against())?);
        let mut seats = Seats::<T>::get(SUBJECT);
        #[block]
        {
            seats = Pallet::<T>::void_ballots(&SUBJECT, &record, seats);
        }
        assert!(seats.iter().all(|seat| seat.state == voted_against()));
        Ok(())
    }

    #[benchmark]
    fn service_demand() -> Result<(), BenchmarkError> {
        text::<T>(&prover::<T>()?, 1)?;
        let client = known::<T>()?.work.client;
        demand::<T>(&client)?;
        let demand = Demands::<T>::get(SUBJECT, &client).ok_or(BenchmarkError::Stop("it was made"))?;
        let due = demand.due;
        #[block]
        {
            Pallet::<T>::step_demand(&SUBJECT, &client, demand, due)?;
        }
        assert!(known::<T>()?.late);
        Ok(())
    }

    // Everybody is paid, and demands, the largest opening and all sketches of jurors are cleared away.
    #[benchmark]
    fn service_verdict(n: Linear<0, 25>) -> Result<(), BenchmarkError> {
        let opening = text::<T>(&prover::<T>()?, 256)?;
        let client = known::<T>()?.work.client;
        Pallet::<T>::do_challenge(&client, &SUBJECT)?;
        demand::<T>(&client)?;
        for demander in seat::<T>(MAX_OPEN_DEMANDS.into(), Role::Juror, SeatState::Drawn)?
            .iter()
            .skip(1)
        {
            demand::<T>(demander)?;
        }
        Seats::<T>::remove(SUBJECT);
        show_sketches::<T>(&seat::<T>(n, Role::Juror, voted_against())?);
        let record = at::<T>(CheckStage::Reporting(Role::Juror))?;
        Openings::<T>::insert(SUBJECT, opening);
        T::BenchmarkHelper::fill_audit_fund();
        #[block]
        {
            Pallet::<T>::conclude(&SUBJECT, record, Ruling::Jury(JuryOutcome::Guilty))?;
        }
        assert_eq!(known::<T>()?.verdict, Some(Verdict::Wrong));
        assert_eq!(Demands::<T>::iter_prefix(SUBJECT).count(), 0);
        assert_eq!(JurySketches::<T>::iter_prefix(SUBJECT).count(), 0);
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExtBuilder::default().build(),
        crate::mock::Test
    );
}
