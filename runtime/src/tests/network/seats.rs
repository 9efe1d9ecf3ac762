//! What auditors and jurors do with their seats.

use super::{conduct::Audits, evidence, Network};
use crate::{AccountId, Runtime};
use ogpu_primitives::{AuditReport, CheckStage, ProfileParams, Role, Subject, WorkKey, H256};
use pallet_verification::{CommitmentRecord, Seat, SeatState, Seats};

impl Network {
    /// Commits or opens the reports that are due.
    pub(super) fn act_on_seats(&mut self, work: &WorkKey, record: &CommitmentRecord<AccountId>) {
        let subject = Subject::Work(*work);
        let seats = Seats::<Runtime>::get(subject);
        for seat in seats {
            match (record.stage, seat.state) {
                (CheckStage::Auditing(role), SeatState::Drawn) if role == seat.role => {
                    self.audit_commit(work, &seat, &record.work.terms.params)
                }
                (CheckStage::Reporting(role), SeatState::Committed(_))
                    if (role == Role::Juror) == (seat.role == Role::Juror) =>
                {
                    self.audit_open(work, &seat, &record.work.terms.params)
                }
                _ => {}
            }
        }
    }

    fn audit_commit(&mut self, work: &WorkKey, seat: &Seat<AccountId>, params: &ProfileParams) {
        let hash = match self.conduct_of(&seat.worker).as_seat(seat.role) {
            Audits::Never => return,
            Audits::Garbage => H256::repeat_byte(9),
            _ => self.report_hash(work, &seat.worker, seat.role, params),
        };
        let subject = Subject::Work(*work);
        self.due(
            &seat.worker,
            pallet_verification::Call::audit_commit { subject, hash },
        );
    }

    fn audit_open(&mut self, work: &WorkKey, seat: &Seat<AccountId>, params: &ProfileParams) {
        let audits = self.conduct_of(&seat.worker).as_seat(seat.role);
        if matches!(audits, Audits::Never | Audits::WithoutOpening | Audits::Garbage) {
            return;
        }
        let subject = Subject::Work(*work);
        let Some(report) = self.report(work, &seat.worker, seat.role, params) else {
            return;
        };
        let salt = evidence::salt(work, &seat.worker);
        self.due(
            &seat.worker,
            pallet_verification::Call::audit_open {
                subject,
                report,
                salt,
            },
        );
    }

    /// What `auditor` reports on `work`.
    pub fn report(
        &self,
        work: &WorkKey,
        auditor: &AccountId,
        role: Role,
        params: &ProfileParams,
    ) -> Option<AuditReport> {
        let conduct = self.conduct_of(auditor);
        let check = || pallet_verification::Commitments::<Runtime>::get(Subject::Work(*work));
        let Some(output) = self.outputs.get(&(work.job, work.attempt)) else {
            // Nobody can compute what has no meaning.
            let check = check()?;
            let salt = evidence::salt(work, auditor);
            return AuditReport::impossible(check.work.kind, check.commitment.n_out, params, &salt).ok();
        };
        let report = evidence::report(conduct.as_seat(role), output, work, auditor, params)?;
        let key = (role == Role::Juror).then(|| check()?.jury_key).flatten();
        Some(match (report, key) {
            (AuditReport::Generate(report), Some(key)) => {
                let sketch = evidence::jury_sketch(conduct.sketches, output, work, auditor, &key);
                AuditReport::Generate(report.with_jury_sketch(sketch))
            }
            (report, _) => report,
        })
    }

    /// The hash that `auditor` commits to.
    pub fn report_hash(
        &self,
        work: &WorkKey,
        auditor: &AccountId,
        role: Role,
        params: &ProfileParams,
    ) -> H256 {
        let account: [u8; 32] = auditor.clone().into();
        self.report(work, auditor, role, params)
            .map_or(H256::zero(), |report| {
                report.commitment(&account, &evidence::salt(work, auditor))
            })
    }
}
