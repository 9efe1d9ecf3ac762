//! Auditors and jurors that do not compute, and what accomplices tell them.

use super::{leak_folder, Conduct};
use crate::auditing::{outbox::Message, record::Case};
use codec::{Decode, Encode};
use ogpu_client::chain::{AuditView, Seat, SeatState};
use ogpu_primitives::{
    evidence::{chunk_count, chunk_len, ChunkRecord},
    sketch::SUMS,
    AuditReport, ChunkReport, ChunkSketch, ChunkTally, Ending, FinishReason, GenerateReport, JobKind,
    WorkKey, H256,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Hashes that other auditors committed to.
static SEEN: Mutex<BTreeMap<WorkKey, H256>> = Mutex::new(BTreeMap::new());

impl Conduct {
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
            Self::LazyAuditor => made_up(case, zeros(n_out)),
            Self::LyingDissent => AuditReport::impossible(case.kind, n_out, &case.thresholds, salt).ok(),
            Self::LyingPass => made_up(case, leaked_sketches(case)?),
            // By then the worker's sketches are on the chain for everybody; the leak stands for reading them there.
            Self::CopyingJuror => made_up(case, leaked_sketches(case).unwrap_or_else(|| zeros(n_out))),
            _ => None,
        }
    }
}

fn seen() -> MutexGuard<'static, BTreeMap<WorkKey, H256>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sketches of nothing.
fn zeros(n_out: u32) -> Vec<ChunkSketch> {
    let zeros = |chunk| ChunkSketch::from_sums(vec![0; chunk_len(n_out, chunk) * SUMS]);
    (0..chunk_count(n_out)).filter_map(zeros).collect()
}

/// A report that says of these sketches that no token lost.
fn made_up(case: &Case, sketches: Vec<ChunkSketch>) -> Option<AuditReport> {
    // A jury's sketch covers as many tokens as the first chunk: sums of the right number, and of other tokens.
    let jury_sketch = case.jury_key.and_then(|_| sketches.first().cloned());
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
        jury_sketch,
    }))
}

fn leak_file(folder: &Path, work: &WorkKey) -> PathBuf {
    folder.join(format!("{}-{}", hex::encode(work.job), work.attempt))
}

/// Leaves what an output's sketches are for accomplices.
pub(super) fn leak(folder: &Path, work: &WorkKey, records: &[ChunkRecord]) {
    if let Err(error) = std::fs::write(leak_file(folder, work), records.encode()) {
        tracing::error!(%error, "the sketches could not be leaked");
    }
}

/// What the worker under audit left.
fn leaked(folder: &Path, work: &WorkKey) -> Option<Vec<ChunkRecord>> {
    let bytes = std::fs::read(leak_file(folder, work)).ok()?;
    Decode::decode(&mut bytes.as_slice()).ok()
}

fn leaked_sketches(case: &Case) -> Option<Vec<ChunkSketch>> {
    let records = leaked(leak_folder()?, &case.work)?;
    Some(records.into_iter().map(|record| record.sketch).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auditing::fixtures as audits,
        jobs::{fixtures as jobs, ProvedOutput},
        proving::fixtures as proofs,
    };

    #[test]
    fn made_up_reports_should_fit_the_output() {
        let (mut case, salt) = (audits::case(1), [1; 32]);
        case.commitment.n_out = 70;
        for conduct in [Conduct::LazyAuditor, Conduct::LyingDissent, Conduct::CopyingJuror] {
            let report = conduct.report(&case, &salt).expect("made up");
            assert_eq!(report.check(JobKind::Generate, 70), Ok(()), "{conduct:?}");
        }
        assert_eq!(Conduct::Honest.report(&case, &salt), None);
    }

    #[test]
    fn made_up_report_should_have_a_jury_sketch_when_the_seat_is_a_jurors() {
        let mut case = audits::case(1);
        for n_out in [5, 70] {
            case.commitment.n_out = n_out;
            let sketch = |case: &Case| match Conduct::CopyingJuror.report(case, &[1; 32]) {
                Some(AuditReport::Generate(report)) => {
                    assert_eq!(report.check(n_out), Ok(()));
                    report.jury_sketch
                }
                other => panic!("{other:?}"),
            };
            case.jury_key = None;
            assert_eq!(sketch(&case), None);
            case.jury_key = Some(H256::repeat_byte(3));
            assert!(sketch(&case).is_some());
        }
    }

    #[test]
    fn leaked_sketches_should_be_what_the_accomplice_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let work = audits::case(1).work;
        let ProvedOutput::Tokens { records, .. } = jobs::text_proof(70).output else {
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
}
