//! What the chain asks of the maker of checked results. Pure.

use crate::chain::{duties::Duties, reports};
use ogpu_client::{
    chain::{AuditView, DemandState},
    AccountId,
};
use ogpu_primitives::{CheckStage, Tick, WorkKey};

/// Something to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Show the audited result to the chain.
    Open(WorkKey),
    /// Post data that somebody says was not handed over.
    Post(Demanded),
}

/// Data that is demanded on the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Demanded {
    /// Of which result.
    pub work: WorkKey,
    /// By whom.
    pub demander: AccountId,
    /// Who that is to the job, which decides what they get.
    pub reader: Reader,
    /// The X25519 key to encrypt for.
    pub key: [u8; 32],
    /// When it was demanded; tells apart two demands of one account.
    pub asked_at: Tick,
}

/// Who reads what is posted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reader {
    /// The client: it gets the output.
    Client,
    /// An auditor or juror: it gets the audit data.
    Auditor,
}

impl Action {
    /// The key under which the transaction queue does it once.
    pub fn key(&self) -> String {
        match self {
            Self::Open(work) => reports::key("open", work),
            Self::Post(demanded) => format!(
                "{}/{}/{}",
                reports::key("post_data", &demanded.work),
                hex::encode(demanded.demander.0),
                demanded.asked_at
            ),
        }
    }

    /// The result that it is about.
    pub fn work(&self) -> WorkKey {
        match self {
            Self::Open(work) => *work,
            Self::Post(demanded) => demanded.work,
        }
    }
}

/// All that `worker` has to send for its own results as the chain is now. The same answer comes at every block until
/// the chain shows that it was done.
pub fn step(worker: &AccountId, duties: &Duties) -> Vec<Action> {
    duties
        .as_prover(worker)
        .flat_map(|(work, view)| actions(work, view))
        .collect()
}

fn actions(work: WorkKey, view: &AuditView) -> Vec<Action> {
    let record = &view.record;
    if record.verdict.is_some() {
        return Vec::new();
    }
    // Earlier the chain refuses it, since an auditor that has not committed could copy it.
    let opens = record.stage == CheckStage::Opening && !view.opened;
    let posts = view.demands.iter().filter_map(|(demander, demand)| {
        let waits = matches!(demand.state, DemandState::Open | DemandState::Late);
        waits.then_some(Action::Post(Demanded {
            work,
            demander: *demander,
            reader: match *demander == record.work.client {
                true => Reader::Client,
                false => Reader::Auditor,
            },
            key: demand.key,
            asked_at: demand.asked_at,
        }))
    });
    opens
        .then_some(Action::Open(work))
        .into_iter()
        .chain(posts)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proving::fixtures::{demand, duties, view, AUDITOR, CLIENT, WORKER};
    use ogpu_primitives::{Role, Verdict};

    fn at_stage(stage: CheckStage) -> Duties {
        let mut view = view();
        view.record.stage = stage;
        duties(view)
    }

    #[test]
    fn step_should_open_only_when_the_chain_waits_for_it() {
        let (_, work) = (WORKER, crate::jobs::fixtures::assignment(1).work);
        for stage in [
            CheckStage::Window,
            CheckStage::Drawing(Role::First),
            CheckStage::Auditing(Role::First),
            CheckStage::Drawing(Role::Second),
            CheckStage::Auditing(Role::Second),
            CheckStage::Reporting(Role::First),
            CheckStage::Drawing(Role::Juror),
            CheckStage::Auditing(Role::Juror),
            CheckStage::Reporting(Role::Juror),
            CheckStage::Closed,
        ] {
            assert_eq!(step(&WORKER, &at_stage(stage)), [], "{stage:?}");
        }
        let opening = at_stage(CheckStage::Opening);
        assert_eq!(step(&WORKER, &opening), [Action::Open(work)]);

        let mut opened = opening.clone();
        opened.checks[0].1.opened = true;
        assert_eq!(step(&WORKER, &opened), []);
        let mut closed = opening;
        closed.checks[0].1.record.verdict = Some(Verdict::Wrong);
        assert_eq!(step(&WORKER, &closed), []);
    }

    #[test]
    fn step_should_ask_nothing_when_the_result_is_another_workers() {
        // The auditor of this result sees it among its own duties.
        assert_eq!(step(&AUDITOR, &at_stage(CheckStage::Opening)), []);
    }

    #[test]
    fn step_should_post_for_each_open_demand_in_any_stage() {
        let mut view = view();
        view.record.stage = CheckStage::Auditing(Role::First);
        view.demands = vec![
            (CLIENT, demand(DemandState::Open, 5)),
            (AUDITOR, demand(DemandState::Late, 6)),
            (AccountId::from([9; 32]), demand(DemandState::Posted, 7)),
        ];
        let found = step(&WORKER, &duties(view));
        let found: Vec<_> = found
            .iter()
            .map(|action| match action {
                Action::Post(demanded) => (demanded.demander, demanded.reader, demanded.asked_at),
                Action::Open(_) => panic!("it is not time to open"),
            })
            .collect();
        assert_eq!(
            found,
            [(CLIENT, Reader::Client, 5), (AUDITOR, Reader::Auditor, 6)]
        );
    }

    #[test]
    fn key_should_differ_when_anything_else_is_to_be_sent() {
        let work = crate::jobs::fixtures::assignment(1).work;
        let demanded = Demanded {
            work,
            demander: CLIENT,
            reader: Reader::Client,
            key: [1; 32],
            asked_at: 5,
        };
        let again = Demanded {
            asked_at: 6,
            ..demanded
        };
        let other = Demanded {
            demander: AUDITOR,
            ..demanded
        };
        let next = WorkKey { attempt: 1, ..work };
        let keys: std::collections::BTreeSet<_> = [
            Action::Open(work),
            Action::Open(next),
            Action::Post(demanded),
            Action::Post(again),
            Action::Post(other),
        ]
        .iter()
        .map(Action::key)
        .collect();
        assert_eq!(keys.len(), 5);
    }
}
