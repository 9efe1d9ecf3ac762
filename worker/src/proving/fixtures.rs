//! A check of the result in the jobs' fixtures, as the chain shows it.

use crate::{chain::duties::Duties, jobs::fixtures};
use ogpu_client::{
    chain::{AuditView, CommitmentRecord, DataDemand, DemandState, Seat, SeatState},
    AccountId,
};
use ogpu_primitives::{
    CheckStage, CheckedWork, Commitment, FinishReason, JobKind, Role, SeatPool, Subject, Tick,
};

/// Who committed.
pub const WORKER: AccountId = AccountId { 0: [5; 32] };
/// Who pays.
pub const CLIENT: AccountId = AccountId { 0: [0xCC; 32] };
/// The first auditor.
pub const AUDITOR: AccountId = AccountId { 0: [6; 32] };

/// A check in its window, with one auditor drawn.
pub fn view() -> AuditView {
    let assignment = fixtures::assignment(1);
    AuditView {
        record: CommitmentRecord {
            work: CheckedWork {
                worker: WORKER,
                owner: AccountId::from([7; 32]),
                client: CLIENT,
                model: assignment.model,
                kind: JobKind::Embed,
                greedy: false,
                secret_hash: None,
                price: 1_000,
                audit_fee: 10,
                surcharge: false,
                terms: assignment.terms,
            },
            commitment: Commitment {
                root: fixtures::proof().root(&WORKER.0, &assignment.work, FinishReason::Complete),
                ..fixtures::commitment()
            },
            committed_at: 20,
            fixed_at: 30,
            stage: CheckStage::Window,
            due: 51,
            secret: None,
            accepted_at: None,
            challenge: None,
            open_demands: 0,
            redraws: 0,
            audited: true,
            late: false,
            equivocated: false,
            verdict: None,
            class: None,
            jury_key: None,
        },
        seats: vec![Seat {
            worker: AUDITOR,
            owner: AccountId::from([8; 32]),
            role: Role::First,
            state: SeatState::Drawn,
            findings: None,
            pool: SeatPool::Model,
        }],
        demands: Vec::new(),
        opened: false,
    }
}

/// A demand that was made at `asked_at`.
pub fn demand(state: DemandState, asked_at: Tick) -> DataDemand {
    DataDemand {
        bond: 1,
        key: [3; 32],
        asked_at,
        due: asked_at + 30,
        state,
    }
}

/// Duties that consist of this check of the first fixture's attempt.
pub fn duties(view: AuditView) -> Duties {
    Duties {
        block: 40,
        tick: 40,
        checks: vec![(Subject::Work(fixtures::assignment(1).work), view)],
    }
}
