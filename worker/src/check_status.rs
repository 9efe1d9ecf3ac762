//! Open checks and pending slashes in the words of `status`.

use crate::chain::duties::Duties;
use ogpu_client::{
    amount,
    chain::{AuditView, DemandState, PendingSlash},
    AccountId,
};
use ogpu_primitives::{CheckStage, Role, Subject, Tick, WorkKey};
use serde::{Deserialize, Serialize};

/// A check of a result that this worker made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CheckStatus {
    /// The job.
    pub job: String,
    /// The attempt.
    pub attempt: u8,
    /// How far the check is.
    pub stage: CheckStage,
    /// Tick from which the chain goes on.
    pub due: Tick,
    /// Whether the client asked for the audit.
    pub challenged: bool,
    /// Demands for data that wait for this worker.
    pub demands: usize,
}

/// A slash that was decided and is not applied yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SlashStatus {
    /// Its number, by which governance can cancel it.
    pub id: u32,
    /// What for.
    pub offence: ogpu_primitives::Offence,
    /// The machine, where it is one machine's doing.
    pub worker: Option<String>,
    /// The job that it is about.
    pub job: Option<String>,
    /// How much, in planck.
    pub amount_planck: String,
    /// Tick from which it is applied.
    pub due: Tick,
}

/// The checks of results that `worker` made.
pub fn checks(duties: &Duties, worker: &AccountId) -> Vec<CheckStatus> {
    duties
        .as_prover(worker)
        .map(|(work, view)| check(work, view))
        .collect()
}

fn check(work: WorkKey, view: &AuditView) -> CheckStatus {
    let waits = |state| matches!(state, DemandState::Open | DemandState::Late);
    CheckStatus {
        job: format!("{:?}", work.job),
        attempt: work.attempt,
        stage: view.record.stage,
        due: view.record.due,
        challenged: view.record.challenge.is_some(),
        demands: view
            .demands
            .iter()
            .filter(|(_, demand)| waits(demand.state))
            .count(),
    }
}

/// The slash with this number.
pub fn slash(id: u32, slash: &PendingSlash) -> SlashStatus {
    SlashStatus {
        id,
        offence: slash.offence,
        worker: slash.worker.as_ref().map(ToString::to_string),
        job: slash.subject.as_ref().map(|subject| {
            let Subject::Work(work) = subject;
            format!("{:?}", work.job)
        }),
        amount_planck: slash.amount.to_string(),
        due: slash.due,
    }
}

impl std::fmt::Display for CheckStatus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{} attempt {}: {}, until tick {}",
            self.job,
            self.attempt,
            stage(self.stage),
            self.due
        )?;
        if self.challenged {
            formatter.write_str("; the client challenged it")?;
        }
        match self.demands {
            0 => Ok(()),
            count => write!(formatter, "; {count} demands for its data"),
        }
    }
}

impl std::fmt::Display for SlashStatus {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let planck = self
            .amount_planck
            .parse()
            .map_or_else(|_| self.amount_planck.clone(), amount::format);
        write!(
            formatter,
            "{planck} OGPU for {:?} at tick {} (number {}",
            self.offence, self.due, self.id
        )?;
        if let Some(worker) = &self.worker {
            write!(formatter, ", worker {worker}")?;
        }
        if let Some(job) = &self.job {
            write!(formatter, ", job {job}")?;
        }
        formatter.write_str(")")
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::First => "auditor",
        Role::Second => "second auditor",
        Role::Juror => "juror",
    }
}

fn stage(stage: CheckStage) -> String {
    match stage {
        CheckStage::Window => "the client may accept or challenge".into(),
        CheckStage::Drawing(of) => format!("drawing the {}", role(of)),
        CheckStage::Auditing(of) => format!("the {} computes", role(of)),
        CheckStage::Opening => "the worker has to open it".into(),
        CheckStage::Reporting(of) => format!("the {} opens the report", role(of)),
        CheckStage::Closed => "closed".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proving::fixtures::{demand, duties, view, AUDITOR, CLIENT, WORKER};
    use ogpu_primitives::{Offence, OGPU};

    #[test]
    fn checks_should_name_stage_and_demands_when_this_worker_made_the_result() {
        let mut view = view();
        view.record.stage = CheckStage::Auditing(Role::First);
        view.record.challenge = Some(7);
        view.demands = vec![
            (CLIENT, demand(DemandState::Late, 3)),
            (AUDITOR, demand(DemandState::Posted, 3)),
        ];
        let shown = checks(&duties(view), &WORKER)[0].to_string();
        assert!(
            shown.ends_with(
                "attempt 0: the auditor computes, until tick 51; the client challenged it; 1 demands for its data"
            ),
            "{shown}"
        );
    }

    #[test]
    fn checks_should_be_none_when_the_result_is_another_workers() {
        assert_eq!(checks(&duties(view()), &AUDITOR), []);
    }

    #[test]
    fn slash_should_name_amount_and_time_when_it_is_pending() {
        let pending = PendingSlash {
            owner: CLIENT,
            worker: Some(WORKER),
            offence: Offence::SilentUnderAudit,
            subject: None,
            amount: 3 * OGPU / 2,
            reported_at: 1,
            due: 99,
            payouts: Vec::new(),
        };
        let shown = slash(4, &pending).to_string();
        assert!(
            shown.starts_with("1.5 OGPU for SilentUnderAudit at tick 99 (number 4, worker "),
            "{shown}"
        );
    }
}
