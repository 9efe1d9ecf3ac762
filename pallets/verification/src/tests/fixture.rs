//! A job, its result, and what worker and auditors send about it.

use crate::{mock::*, CommitmentRecord, Commitments, SeatState, Seats};
use frame_support::{assert_ok, BoundedVec};
use ogpu_primitives::{
    evidence::{embedding_root, generate_leaves, ChunkRecord},
    job::secret_hash,
    merkle, AuditOpening, AuditReport, Balance, CheckStage, CheckTerms, CheckedWork, ChunkReport,
    ChunkSketch, ChunkTally, Commitment, Ending, FinishReason, GenerateReport, JobKind, NumericProfile,
    Origin, ProfileParams, SketchesOpening, Subject, WorkKey, H256, OGPU,
};

/// Output tokens of the text: two chunks and a bit.
pub const TOKENS: u32 = 70;

/// The client's secret.
pub const SECRET: [u8; 32] = [5; 32];

/// The salt of every report.
pub const SALT: [u8; 32] = [6; 32];

/// Price of the job, in planck.
pub const PRICE: Balance = 4 * OGPU;

/// What an auditor is paid, in planck.
pub const FEE: Balance = 10_001;

/// The `n`-th work.
pub fn key(n: u8) -> WorkKey {
    WorkKey {
        job: H256::repeat_byte(n),
        segment: 0,
        attempt: 0,
    }
}

/// The `n`-th subject.
pub fn subject(n: u8) -> Subject {
    Subject::Work(key(n))
}

/// The only subject of most tests.
pub fn it() -> Subject {
    subject(1)
}

/// Work that is audited for certain, by one auditor, under thresholds that may slash.
pub fn work() -> CheckedWork<AccountId> {
    CheckedWork {
        worker: prover(),
        owner: prover_owner(),
        client: client(),
        model: H256::repeat_byte(9),
        kind: JobKind::Generate,
        greedy: false,
        secret_hash: Some(secret_hash(&SECRET)),
        price: PRICE,
        audit_fee: FEE,
        surcharge: true,
        terms: CheckTerms {
            params: ProfileParams {
                slash_enabled: true,
                ..ProfileParams::starting(NumericProfile::F16)
            },
            whitened: false,
            rate_ppm: 1_000_000,
            second_ppm: 0,
        },
    }
}

/// The same work with a second auditor for certain.
pub fn work_with_second() -> CheckedWork<AccountId> {
    let mut work = work();
    work.terms.second_ppm = 1_000_000;
    work
}

fn ids(tokens: u32) -> Vec<u32> {
    (0..tokens).collect()
}

/// Sketches of an output of `tokens`, shifted by `shift` from what the model gives.
fn records(tokens: u32, shift: i16) -> Vec<ChunkRecord> {
    ids(tokens)
        .chunks(32)
        .map(|chunk| {
            let sums = chunk
                .iter()
                .flat_map(|id| (0..8).map(move |j| (*id as i16 % 50) * 20 + j * 7 + shift))
                .collect();
            ChunkRecord {
                sketch: ChunkSketch::from_sums(sums).expect("a chunk's sums"),
                hidden: H256::repeat_byte(7),
            }
        })
        .collect()
}

/// The commitment to an honest text of `tokens` for the `n`-th work.
pub fn commitment_of(n: u8, tokens: u32) -> Commitment {
    let evidence: Vec<_> = records(tokens, 0).iter().map(ChunkRecord::evidence).collect();
    let worker: [u8; 32] = prover().into();
    let leaves = generate_leaves(
        &worker,
        &key(n),
        &ids(tokens),
        10,
        FinishReason::Length,
        &evidence,
    );
    Commitment {
        root: merkle::root(&leaves),
        output: H256::repeat_byte(3),
        n_in: 10,
        n_out: tokens,
        finish: FinishReason::Length,
    }
}

/// The commitment of most tests.
pub fn commitment() -> Commitment {
    commitment_of(1, TOKENS)
}

/// The opening of that commitment.
pub fn opening_of(n: u8, tokens: u32) -> AuditOpening {
    let origin = Origin {
        worker: prover().into(),
        work: key(n),
    };
    let opening = SketchesOpening::new(&origin, &ids(tokens), &records(tokens, 0));
    AuditOpening::Generate(opening.expect("short enough"))
}

/// The opening of most tests.
pub fn opening() -> AuditOpening {
    opening_of(1, TOKENS)
}

fn report(ending: Ending, shift: i16) -> AuditReport {
    let chunks: Vec<ChunkReport> = records(TOKENS, shift)
        .into_iter()
        .map(|record| ChunkReport {
            tally: ChunkTally::default(),
            sketch: record.sketch,
        })
        .collect();
    AuditReport::Generate(GenerateReport {
        chunks: BoundedVec::truncate_from(chunks),
        ending,
        params_version: work().terms.params.version,
        jury_sketch: None,
    })
}

/// What a juror that computed shows; another number is what somebody else made up.
pub fn jury_sketch(n: i16) -> ChunkSketch {
    let sums = (0..256).map(|at| (at * 7 % 50) * 20 + 1_000 * n).collect();
    ChunkSketch::from_sums(sums).expect("a chunk's sums")
}

/// A juror's report, with the sketch that it shows.
pub fn with_sketch(report: AuditReport, sketch: Option<ChunkSketch>) -> AuditReport {
    match report {
        AuditReport::Generate(report) => AuditReport::Generate(report.with_jury_sketch(sketch)),
        embedding => embedding,
    }
}

/// The report of a juror that computed.
pub fn computed(report: AuditReport) -> AuditReport {
    with_sketch(report, Some(jury_sketch(0)))
}

/// The report of a juror that did not, and made up a sketch of its own.
pub fn made_up(report: AuditReport, n: i16) -> AuditReport {
    with_sketch(report, Some(jury_sketch(n)))
}

/// A report with which the worker's evidence agrees.
pub fn passing() -> AuditReport {
    report(Ending::AtLimit, 0)
}

/// A report from which it differs by `shift` steps of the sketch's grid.
pub fn near_by(shift: i16) -> AuditReport {
    report(Ending::AtLimit, shift)
}

/// A report from which it differs.
pub fn dissenting() -> AuditReport {
    report(Ending::AtLimit, 300)
}

/// A report on an output that no honest worker commits to.
pub fn contradicted() -> AuditReport {
    report(Ending::Contradicted, 0)
}

/// A report that finds the output ended early.
pub fn soft() -> AuditReport {
    report(Ending::EndToken { margin_64: 200 }, 0)
}

/// A report on an embedding, which does not fit a text.
pub fn unfit() -> AuditReport {
    AuditReport::Embed(BoundedVec::truncate_from(vec![0; 8]))
}

/// An embedding's work, commitment and vector.
pub fn embedding() -> (CheckedWork<AccountId>, Commitment, Vec<u8>) {
    let vector: Vec<u8> = (1..=64u32).flat_map(|n| (n as f32).to_le_bytes()).collect();
    let worker: [u8; 32] = prover().into();
    let commitment = Commitment {
        root: embedding_root(&worker, &key(1), &vector, 10),
        output: H256::repeat_byte(3),
        n_in: 10,
        n_out: 0,
        finish: FinishReason::Complete,
    };
    let work = CheckedWork {
        kind: JobKind::Embed,
        ..work()
    };
    (work, commitment, vector)
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who)
}

/// Commits the result of `work`.
pub fn commit(work: CheckedWork<AccountId>) {
    assert_ok!(Verification::committed(&it(), work, &commitment()));
}

pub fn record() -> CommitmentRecord<AccountId> {
    Commitments::<Test>::get(it()).expect("it was committed")
}

pub fn stage() -> CheckStage {
    record().stage
}

/// States of all seats, in the order in which they were drawn.
pub fn seats() -> Vec<(AccountId, SeatState)> {
    Seats::<Test>::get(it())
        .into_iter()
        .map(|seat| (seat.worker, seat.state))
        .collect()
}

/// The hash of `worker`'s report.
pub fn hash(worker: &AccountId, report: &AuditReport) -> H256 {
    report.commitment(&worker.clone().into(), &SALT)
}

/// The `n`-th worker commits to `report`.
pub fn audit_commit(n: u8, report: &AuditReport) {
    assert_ok!(Verification::audit_commit(
        signed(seat(n)),
        it(),
        hash(&seat(n), report)
    ));
}

/// The `n`-th worker opens `report`.
pub fn audit_open(n: u8, report: AuditReport) {
    assert_ok!(Verification::audit_open(signed(seat(n)), it(), report, SALT));
}

/// The worker opens what it committed to.
pub fn open() {
    assert_ok!(Verification::open(signed(prover()), it(), opening()));
}

/// Runs to the end of the window, where the first auditor is drawn.
pub fn draw() {
    run_ticks(31);
    assert!(matches!(stage(), CheckStage::Auditing(_)));
}

/// The first auditor commits to `report`, and nobody else is drawn.
pub fn first_commits(report: &AuditReport) {
    draw();
    audit_commit(0, report);
    run_ticks(9);
    assert_eq!(stage(), CheckStage::Opening);
}

/// A whole audit by one auditor that sends `report`; ends in the tick in which it is judged.
pub fn audit(report: AuditReport) {
    first_commits(&report);
    open();
    audit_open(0, report);
    run_ticks(1);
}

/// A dissent of the first auditor, and a jury that is drawn over it.
pub fn dispute() {
    audit(dissenting());
    run_ticks(9);
}

/// Jurors 1, 2, … send these reports, then the jury is counted.
pub fn jury_votes(reports: &[AuditReport]) {
    for (n, report) in (1u8..).zip(reports) {
        audit_commit(n, report);
    }
    if stage() != CheckStage::Reporting(ogpu_primitives::Role::Juror) {
        run_ticks(300);
    }
    for (n, report) in (1u8..).zip(reports) {
        audit_open(n, report.clone());
    }
    run_ticks(60);
}

/// `against` dissenting reports, then `for_worker` passing ones, all of jurors who computed.
pub fn votes(against: usize, for_worker: usize) -> Vec<AuditReport> {
    let mut reports = vec![computed(dissenting()); against];
    reports.extend(vec![computed(passing()); for_worker]);
    reports
}

/// What is told of the `n`-th worker's absence.
pub fn absent(n: u8) -> Told {
    Told::Absent(seat(n), seat_owner(n))
}
