//! What auditors, jurors and the worker under audit send: commitments, the opening, reports.

use super::*;
use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    evidence::embedding_root, judge, report::MAX_EMBEDDING_BYTES, AuditOpening, AuditReport, CheckStage,
    ChunkSketch, Commitment, Ending, Findings, JobKind, JudgeError, OpeningError, Origin, ProfileParams,
    Role, Shown, Subject, H256,
};

/// Whether seats of `role` act while the check is at those of `stage_role`: auditors report together.
fn acts_with(role: Role, stage_role: Role) -> bool {
    (role == Role::Juror) == (stage_role == Role::Juror)
}

/// Whether the report has a jury's sketch where it has to, and only there: an auditor has no jury to show anything to.
///
/// A juror goes without for an embedding, which has none, and for a text that nobody can compute on. Else those who do
/// not compute would have the same to show, nothing, and could be most of a jury without having agreed on anything.
fn shows_what_it_must(role: Role, report: &AuditReport) -> bool {
    let may_go_without = match report {
        AuditReport::Generate(text) => text.ending == Ending::Contradicted,
        AuditReport::Embed(_) => true,
    };
    match report.jury_sketch() {
        Some(_) => role == Role::Juror,
        None => role != Role::Juror || may_go_without,
    }
}

/// Compares a report with what the worker showed. Both were checked on their own.
fn compare(
    report: &AuditReport,
    opening: &AuditOpening,
    params: &ProfileParams,
    n_out: u32,
) -> Result<Findings, JudgeError> {
    match opening {
        AuditOpening::Generate(opening) => {
            let shown: Vec<(u32, &ChunkSketch)> = (0u32..)
                .zip(opening.chunks.iter().map(|chunk| &chunk.sketch))
                .collect();
            judge(report, Shown::Generate(&shown), params, n_out)
        }
        AuditOpening::Embed(bytes) => judge(report, Shown::Embed(bytes), params, n_out),
    }
}

impl<T: Config> Pallet<T> {
    /// An auditor or juror commits to its report.
    pub(crate) fn do_audit_commit(worker: &T::AccountId, subject: &Subject, hash: H256) -> DispatchResult {
        let mut record = Self::open_check(subject)?;
        let CheckStage::Auditing(role) = record.stage else {
            return Err(Error::<T>::WrongStage.into());
        };
        let mut seats = Seats::<T>::get(subject);
        let seat = seats
            .iter_mut()
            .find(|seat| seat.worker == *worker && seat.role == role)
            .ok_or(Error::<T>::NotSeated)?;
        ensure!(
            !matches!(seat.state, SeatState::Absent | SeatState::Excused),
            Error::<T>::NotSeated
        );
        ensure!(seat.state == SeatState::Drawn, Error::<T>::AlreadyReported);
        seat.state = SeatState::Committed(hash);
        let complete = seats
            .iter()
            .all(|seat| seat.role != role || seat.state != SeatState::Drawn);
        Seats::<T>::insert(subject, seats);
        Self::deposit_event(Event::ReportCommitted {
            subject: *subject,
            worker: worker.clone(),
            hash,
        });
        if !complete {
            return Ok(());
        }
        let next = match role {
            // Whether there is a second one is drawn only now that the first is bound.
            Role::First => CheckStage::Drawing(Role::Second),
            Role::Second => CheckStage::Opening,
            Role::Juror => CheckStage::Reporting(Role::Juror),
        };
        Self::enter(subject, &mut record, next)
    }

    /// The worker shows its evidence. Not before all auditors are bound, or they could copy it.
    pub(crate) fn do_open(worker: &T::AccountId, subject: &Subject, opening: AuditOpening) -> DispatchResult {
        let mut record = Self::open_check(subject)?;
        ensure!(record.work.worker == *worker, Error::<T>::NotWorker);
        ensure!(record.stage == CheckStage::Opening, Error::<T>::WrongStage);
        ensure!(
            kind_of(&opening) == record.work.kind,
            Error::<T>::OpeningOfOtherKind
        );
        Self::check_opening(worker, subject, &record.commitment, &opening)?;
        Openings::<T>::insert(subject, opening);
        Self::enter(subject, &mut record, CheckStage::Reporting(Role::First))?;
        Self::deposit_event(Event::Opened {
            subject: *subject,
            until: record.due,
        });
        Ok(())
    }

    fn check_opening(
        worker: &T::AccountId,
        subject: &Subject,
        commitment: &Commitment,
        opening: &AuditOpening,
    ) -> DispatchResult {
        let Subject::Work(work) = subject;
        let origin = Origin {
            worker: worker.clone().into(),
            work: *work,
        };
        match opening {
            AuditOpening::Generate(opening) => {
                opening.verify(&origin, commitment).map_err(opening_error::<T>)?
            }
            AuditOpening::Embed(bytes) => {
                let root = embedding_root(&origin.worker, work, bytes, commitment.n_in);
                ensure!(root == commitment.root, Error::<T>::OpeningDiffers);
            }
        }
        Ok(())
    }

    /// An auditor or juror opens its report. Whether it fits the result; if not, its seat counts as absent.
    pub(crate) fn do_audit_open(
        worker: &T::AccountId,
        subject: &Subject,
        report: &AuditReport,
        salt: &[u8; 32],
    ) -> Result<bool, DispatchError> {
        let mut record = Self::open_check(subject)?;
        let CheckStage::Reporting(role) = record.stage else {
            return Err(Error::<T>::WrongStage.into());
        };
        let mut seats = Seats::<T>::get(subject);
        let seat = seats
            .iter_mut()
            .find(|seat| seat.worker == *worker && acts_with(seat.role, role))
            .ok_or(Error::<T>::NotSeated)?;
        let hash = match seat.state {
            SeatState::Committed(hash) => hash,
            SeatState::Voted(_) | SeatState::Void => return Err(Error::<T>::AlreadyReported.into()),
            SeatState::Drawn | SeatState::Absent | SeatState::Excused => {
                return Err(Error::<T>::NotSeated.into())
            }
        };
        let account: [u8; 32] = worker.clone().into();
        ensure!(
            report.commitment(&account, salt) == hash,
            Error::<T>::ReportDiffers
        );
        let findings = Self::findings(subject, &record, seat.role, report)?;
        let fits = findings.is_some();
        seat.state = match findings {
            Some(findings) => SeatState::Voted(findings.judgement),
            None => SeatState::Absent,
        };
        seat.findings = findings;
        if !fits {
            Self::blame_absence(seat);
        } else if let Some(sketch) = report.jury_sketch() {
            // Only a juror's report fits with one.
            JurySketches::<T>::insert(subject, worker, sketch);
        }
        let complete = !seats.iter().any(Seat::has_committed);
        Seats::<T>::insert(subject, seats);
        Self::deposit_event(match findings {
            Some(findings) => Event::ReportOpened {
                subject: *subject,
                worker: worker.clone(),
                findings,
            },
            None => Event::ReportUnfit {
                subject: *subject,
                worker: worker.clone(),
            },
        });
        if complete {
            // Counting the votes is the hook's.
            Self::look_again(subject, &mut record, 1)?;
        }
        Ok(fits)
    }

    /// What the comparison says; `None` where the report, of a seat of `role`, is at fault.
    fn findings(
        subject: &Subject,
        record: &RecordOf<T>,
        role: Role,
        report: &AuditReport,
    ) -> Result<Option<Findings>, DispatchError> {
        let n_out = record.commitment.n_out;
        // First, because it bounds what is compared and kept by what was paid for.
        if !shows_what_it_must(role, report) || report.check(record.work.kind, n_out).is_err() {
            return Ok(None);
        }
        let opening = Openings::<T>::get(subject).ok_or(Error::<T>::WrongStage)?;
        match compare(report, &opening, &record.work.terms.params, n_out) {
            Ok(findings) => Ok(Some(findings)),
            Err(JudgeError::Report(_) | JudgeError::AuditorEmbedding) => Ok(None),
            Err(_) => Err(Error::<T>::NotComparable.into()),
        }
    }

    /// All reports are in, or time is over: without a dissent the result is right.
    pub(crate) fn end_audit(subject: &Subject, mut record: RecordOf<T>) -> DispatchResult {
        let seats = Self::mark_absent(subject, Seat::has_committed);
        let mut votes = seats
            .iter()
            .filter(|seat| matches!(seat.state, SeatState::Voted(_)))
            .peekable();
        // Who commits and does not open what he found may have been bought: that is no pass.
        if votes.peek().is_none() || votes.any(|seat| seat.dissents() == Some(true)) {
            T::OnVerdict::on_stage(subject, ogpu_primitives::JobState::Disputed);
            Self::deposit_event(Event::Disputed { subject: *subject });
            return Self::enter(subject, &mut record, CheckStage::Drawing(Role::Juror));
        }
        Self::conclude(subject, record, ruling::Ruling::Audited)
    }

    /// Weight of [`Pallet::open`].
    pub(crate) fn open_weight(opening: &AuditOpening) -> Weight {
        match opening {
            AuditOpening::Generate(opening) => T::WeightInfo::open_generate(opening.chunks.len() as u32),
            AuditOpening::Embed(bytes) => T::WeightInfo::open_embed(kib(bytes.len())),
        }
    }

    /// Weight of [`Pallet::audit_open`].
    pub(crate) fn audit_open_weight(report: &AuditReport) -> Weight {
        let compared = match report {
            AuditReport::Generate(report) => T::WeightInfo::audit_open_generate(report.chunks.len() as u32),
            // What the worker showed may be longer than the report.
            AuditReport::Embed(_) => T::WeightInfo::audit_open_embed(kib(MAX_EMBEDDING_BYTES as usize)),
        };
        // A report that does not fit puts one item on the agenda.
        compared.saturating_add(T::WeightInfo::service_item())
    }
}

/// The kind of job that an opening is of.
fn kind_of(opening: &AuditOpening) -> JobKind {
    match opening {
        AuditOpening::Generate(_) => JobKind::Generate,
        AuditOpening::Embed(_) => JobKind::Embed,
    }
}

/// Begun KiB.
fn kib(bytes: usize) -> u32 {
    bytes.div_ceil(1_024) as u32
}

fn opening_error<T: Config>(error: OpeningError) -> Error<T> {
    match error {
        OpeningError::OtherWorker | OpeningError::OtherWork | OpeningError::OtherAttempt => {
            Error::OpeningOfOtherWork
        }
        OpeningError::TooLong => Error::OutputTooLong,
        OpeningError::ChunkCount
        | OpeningError::IdsLength
        | OpeningError::SketchLength
        | OpeningError::IndexOutOfRange
        | OpeningError::PathLength => Error::OpeningIncomplete,
        OpeningError::RootDiffers => Error::OpeningDiffers,
    }
}
