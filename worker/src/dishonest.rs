//! Ways to break a worker's promises, for tests on real chains (`examples/dishonest_worker.rs`).
//!
//! The daemon is the real one. At each place where a cheat leaves its path stands one call to [`conduct`], behind the
//! feature `dishonest`, which no program that is shipped can have (`main.rs`). Cheats of the engine, such as layers
//! left out, are the engine's own options.

use crate::{
    auditing::{outbox::Message, record::Case},
    jobs::ProvedOutput,
    proving::{Action, Demanded, Reader},
};
use codec::{Decode, Encode};
use ogpu_client::chain::{AuditView, Seat, SeatState};
use ogpu_primitives::{
    evidence::{chunk_count, chunk_len, ChunkRecord, CHUNK_TOKENS},
    sketch::SUMS,
    AuditReport, ChunkReport, ChunkSketch, ChunkTally, Commitment, Ending, FinishReason, GenerateParams,
    GenerateReport, JobId, JobKind, WorkKey, H256,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

/// How a worker behaves where an honest one would do something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Conduct {
    /// As promised, but for what its engine leaves out.
    #[default]
    Honest,
    /// Reads the second half of the prompt only.
    OtherPrompt,
    /// Samples with noise of its own choice.
    WrongSeed,
    /// Samples without noise, whatever the temperature.
    Greedy,
    /// Delivers the first half of its output as all there is.
    Truncated,
    /// Shows sketches that were made for another job.
    ReplayedSketches,
    /// Opens nothing when it is audited.
    Silent,
    /// Signs another result for its client than it commits to.
    TwoFaces,
    /// Keeps the output from its client, on the chain as well.
    NoDelivery,
    /// Keeps the data from its auditors, on the chain as well.
    RefusesAuditors,
    /// Audits without computing: sends zeros.
    LazyAuditor,
    /// Audits without computing: dissents.
    LyingDissent,
    /// Audits without computing: sends what the worker under audit leaked to it.
    LyingPass,
    /// Audits without computing: commits to what another auditor committed to.
    CopyingAuditor,
}

/// What this process does.
#[derive(Debug, Default)]
struct Plan {
    conduct: Conduct,
    /// Where accomplices leave sketches for each other.
    leak: Option<PathBuf>,
}

static PLAN: OnceLock<Plan> = OnceLock::new();

/// Hashes that other auditors committed to.
static SEEN: Mutex<BTreeMap<WorkKey, H256>> = Mutex::new(BTreeMap::new());

/// Says how this process behaves, once and for all; `leak` is the folder in which accomplices leave sketches.
pub fn plan(conduct: Conduct, leak: Option<PathBuf>) {
    // A second word changes nothing.
    let _ = PLAN.set(Plan { conduct, leak });
}

/// How this process behaves.
pub fn conduct() -> Conduct {
    PLAN.get().map(|plan| plan.conduct).unwrap_or_default()
}

fn leak_folder() -> Option<&'static Path> {
    PLAN.get()?.leak.as_deref()
}

impl Conduct {
    /// What is really computed for this request.
    pub fn asked(
        self,
        tokens: &[u32],
        params: &GenerateParams,
        seed: H256,
    ) -> (Vec<u32>, GenerateParams, H256) {
        let (mut tokens, mut params, mut seed) = (tokens.to_vec(), params.clone(), seed);
        match self {
            Self::OtherPrompt => tokens = tokens.split_off(tokens.len() / 2),
            Self::WrongSeed => seed.0.iter_mut().for_each(|byte| *byte ^= 0xFF),
            Self::Greedy => params.temperature_milli = 0,
            _ => {}
        }
        (tokens, params, seed)
    }

    /// The job that sketches are made for.
    pub fn sketched(self, mut job: JobId) -> JobId {
        if self == Self::ReplayedSketches {
            job.0.iter_mut().for_each(|byte| *byte ^= 0xFF);
        }
        job
    }

    /// What is committed to in the place of what was computed.
    pub fn delivered(
        self,
        work: &WorkKey,
        mut output: ProvedOutput,
        finish: FinishReason,
    ) -> (ProvedOutput, FinishReason) {
        let ProvedOutput::Tokens { ids, records } = &mut output else {
            return (output, finish);
        };
        if let Some(folder) = leak_folder() {
            leak(folder, work, records);
        }
        // Whole chunks, whose evidence stays what it is; an output of one chunk stays whole.
        let half = records.len() / 2;
        if self != Self::Truncated || half == 0 {
            return (output, finish);
        }
        records.truncate(half);
        ids.truncate(half * CHUNK_TOKENS);
        (output, FinishReason::Length)
    }

    /// Whether the client gets no output.
    pub fn keeps_output(self) -> bool {
        self == Self::NoDelivery
    }

    /// Whether auditors get no data.
    pub fn refuses_auditors(self) -> bool {
        self == Self::RefusesAuditors
    }

    /// What the receipt is signed for.
    pub fn signed(self, mut commitment: Commitment) -> Commitment {
        if self == Self::TwoFaces {
            commitment.root.0.iter_mut().for_each(|byte| *byte ^= 0xFF);
        }
        commitment
    }

    /// Whether what the chain asks for is not done.
    pub fn ignores(self, action: &Action) -> bool {
        match action {
            Action::Open(_) => self == Self::Silent,
            Action::Post(Demanded { reader, .. }) => match reader {
                Reader::Client => self == Self::NoDelivery,
                Reader::Auditor => self == Self::RefusesAuditors,
            },
        }
    }

    /// Sees a check in which this worker has `seat`.
    pub fn saw(self, work: &WorkKey, seat: &Seat, view: &AuditView) {
        let others = view.seats.iter().filter(|other| other.worker != seat.worker);
        for other in others {
            if let SeatState::Committed(hash) = other.state {
                seen().insert(*work, hash);
            }
        }
    }

    /// What an auditor says in the place of its message.
    pub fn said(self, message: Message) -> Message {
        match message {
            Message::Commit { work, hash } if self == Self::CopyingAuditor => Message::Commit {
                work,
                hash: seen().get(&work).copied().unwrap_or(hash),
            },
            message => message,
        }
    }

    /// The report of an auditor that computes nothing; `None` when it computes after all.
    pub fn report(self, case: &Case, salt: &[u8; 32]) -> Option<AuditReport> {
        let n_out = case.commitment.n_out;
        if case.kind != JobKind::Generate {
            return None;
        }
        match self {
            Self::LazyAuditor => {
                let zeros = |chunk| ChunkSketch::from_sums(vec![0; chunk_len(n_out, chunk) * SUMS]);
                made_up(case, (0..chunk_count(n_out)).filter_map(zeros).collect())
            }
            Self::LyingDissent => AuditReport::impossible(case.kind, n_out, &case.thresholds, salt).ok(),
            Self::LyingPass => {
                let records = leaked(leak_folder()?, &case.work)?;
                made_up(case, records.into_iter().map(|record| record.sketch).collect())
            }
            _ => None,
        }
    }
}

fn seen() -> MutexGuard<'static, BTreeMap<WorkKey, H256>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A report that says of these sketches that no token lost.
fn made_up(case: &Case, sketches: Vec<ChunkSketch>) -> Option<AuditReport> {
    let chunk = |sketch| ChunkReport {
        tally: ChunkTally::default(),
        sketch,
    };
    let chunks: Vec<_> = sketches.into_iter().map(chunk).collect();
    Some(AuditReport::Generate(GenerateReport {
        chunks: chunks.try_into().ok()?,
        ending: match case.commitment.finish {
            FinishReason::Stop => Ending::EndToken { margin_64: 0 },
            FinishReason::Length | FinishReason::Complete => Ending::AtLimit,
        },
        params_version: case.thresholds.version,
    }))
}

fn leak_file(folder: &Path, work: &WorkKey) -> PathBuf {
    folder.join(format!("{}-{}", hex::encode(work.job), work.attempt))
}

/// Leaves what an output's sketches are for accomplices.
fn leak(folder: &Path, work: &WorkKey, records: &[ChunkRecord]) {
    if let Err(error) = std::fs::write(leak_file(folder, work), records.encode()) {
        tracing::error!(%error, "the sketches could not be leaked");
    }
}

/// What the worker under audit left.
fn leaked(folder: &Path, work: &WorkKey) -> Option<Vec<ChunkRecord>> {
    let bytes = std::fs::read(leak_file(folder, work)).ok()?;
    Decode::decode(&mut bytes.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auditing::fixtures as audits,
        jobs::{fixtures as jobs, Proof},
        proving::fixtures as proofs,
    };
    use ogpu_client::chain::DemandState;

    const SEED: H256 = H256([4; 32]);

    fn tokens(count: u32) -> ProvedOutput {
        jobs::text_proof(count).output
    }

    #[test]
    fn request_should_be_another_only_when_the_conduct_says_so() {
        let (input, params) = ([1, 2, 3, 4], GenerateParams::plain(8, 800));
        let asked = |conduct: Conduct| conduct.asked(&input, &params, SEED);
        let honest = asked(Conduct::Honest);
        assert_eq!(honest, (input.to_vec(), params.clone(), SEED));
        assert_eq!(asked(Conduct::OtherPrompt).0, [3, 4]);
        assert_eq!(asked(Conduct::Greedy).1.temperature_milli, 0);
        assert_ne!(asked(Conduct::WrongSeed).2, SEED);
        for conduct in [Conduct::Truncated, Conduct::Silent, Conduct::LazyAuditor] {
            assert_eq!(asked(conduct), honest);
        }
    }

    #[test]
    fn truncated_output_should_still_be_one_that_can_be_opened() {
        let work = audits::case(1).work;
        let (output, finish) = Conduct::Truncated.delivered(&work, tokens(70), FinishReason::Stop);
        let ProvedOutput::Tokens { ids, records } = &output else {
            panic!("no text")
        };
        // Of three chunks one is left.
        assert_eq!((ids.len(), records.len(), finish), (32, 1, FinishReason::Length));
        let proof = Proof {
            output,
            ..jobs::text_proof(1)
        };
        assert!(proof.opening(&[5; 32], &work).is_ok());
        let honest = Conduct::Honest.delivered(&work, tokens(70), FinishReason::Stop);
        assert!(honest == (tokens(70), FinishReason::Stop));
    }

    #[test]
    fn made_up_reports_should_fit_the_output() {
        let (mut case, salt) = (audits::case(1), [1; 32]);
        case.commitment.n_out = 70;
        for conduct in [Conduct::LazyAuditor, Conduct::LyingDissent] {
            let report = conduct.report(&case, &salt).expect("made up");
            assert_eq!(report.check(JobKind::Generate, 70), Ok(()), "{conduct:?}");
        }
        assert_eq!(Conduct::Honest.report(&case, &salt), None);
    }

    #[test]
    fn leaked_sketches_should_be_what_the_accomplice_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let work = audits::case(1).work;
        let ProvedOutput::Tokens { records, .. } = tokens(70) else {
            panic!("no text")
        };
        assert_eq!(leaked(folder.path(), &work), None);
        leak(folder.path(), &work, &records);
        assert_eq!(leaked(folder.path(), &work), Some(records));
    }

    #[test]
    fn copier_should_commit_to_the_hash_that_it_saw() {
        let (work, own, other) = (audits::case(77).work, H256::repeat_byte(1), H256::repeat_byte(2));
        let commit = |hash| Message::Commit { work, hash };
        assert_eq!(Conduct::CopyingAuditor.said(commit(own)), commit(own));
        let mut view = proofs::view();
        let mine = view.seats[0].clone();
        view.seats.push(Seat {
            worker: audits::prover(),
            state: SeatState::Committed(other),
            ..mine.clone()
        });
        Conduct::CopyingAuditor.saw(&work, &mine, &view);
        assert_eq!(Conduct::CopyingAuditor.said(commit(own)), commit(other));
        assert_eq!(Conduct::Honest.said(commit(own)), commit(own));
    }

    #[test]
    fn chain_should_be_ignored_only_where_the_conduct_says_so() {
        let work = audits::case(1).work;
        let post = |reader| {
            Action::Post(Demanded {
                work,
                demander: proofs::CLIENT,
                reader,
                key: proofs::demand(DemandState::Open, 1).key,
                asked_at: 1,
            })
        };
        let actions = [Action::Open(work), post(Reader::Client), post(Reader::Auditor)];
        let ignored = |conduct: Conduct| actions.each_ref().map(|action| conduct.ignores(action));
        assert_eq!(ignored(Conduct::Honest), [false; 3]);
        assert_eq!(ignored(Conduct::Silent), [true, false, false]);
        assert_eq!(ignored(Conduct::NoDelivery), [false, true, false]);
        assert_eq!(ignored(Conduct::RefusesAuditors), [false, false, true]);
    }

    #[test]
    fn receipt_should_be_for_another_root_only_with_two_faces() {
        let commitment = jobs::commitment();
        assert_eq!(Conduct::Honest.signed(commitment), commitment);
        assert_ne!(Conduct::TwoFaces.signed(commitment).root, commitment.root);
    }
}
