//! What a check on chain means to a seat of this worker. Pure.

use super::{
    record::{Case, SeatRecord},
    state::Standing,
};
use ogpu_client::{
    chain::{AuditView, Seat, SeatState},
    AccountId,
};
use ogpu_primitives::{CheckStage, JobRequest, Role, Tick, WorkKey, H256};

/// A seat of this worker as the chain shows it at one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeatNow {
    /// The result under audit.
    pub work: WorkKey,
    /// What the seat is for.
    pub role: Role,
    /// What was heard of it.
    pub state: SeatState,
    /// How far the check is.
    pub stage: CheckStage,
    /// Tick at which the chain looks next.
    pub due: Tick,
    /// The key of this worker's demand for data, where it made one.
    pub demand: Option<[u8; 32]>,
    /// The jury's key, of a juror's seat.
    pub jury_key: Option<H256>,
    /// The case; `None` when the chain no longer keeps the job or could not be asked.
    pub case: Option<Case>,
}

/// All seats of this worker at one block.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// The block.
    pub block: u64,
    /// The work clock there.
    pub tick: Tick,
    /// The seats.
    pub seats: Vec<SeatNow>,
}

/// The case of a seat in a check, given its job's request.
pub fn case(work: WorkKey, seat: &Seat, view: &AuditView, request: JobRequest<AccountId>) -> Case {
    let checked = &view.record.work;
    Case {
        work,
        worker: checked.worker,
        model: checked.model,
        kind: checked.kind,
        request,
        commitment: view.record.commitment,
        thresholds: checked.terms.params,
        whitened: checked.terms.whitened,
        jury_key: jury_key(seat, view),
    }
}

/// The key that the report of a seat needs. An auditor's must not have a sketch under it, though a jury sits by now.
fn jury_key(seat: &Seat, view: &AuditView) -> Option<H256> {
    view.record.jury_key.filter(|_| seat.role == Role::Juror)
}

/// A seat as the chain shows it. `us` is this worker's account.
pub fn seat_now(work: WorkKey, seat: &Seat, view: &AuditView, us: &AccountId, case: Option<Case>) -> SeatNow {
    let demand = view.demands.iter().find(|(demander, _)| demander == us);
    SeatNow {
        work,
        role: seat.role,
        state: seat.state,
        stage: view.record.stage,
        due: view.record.due,
        demand: demand.map(|(_, demand)| demand.key),
        jury_key: jury_key(seat, view),
        case,
    }
}

impl SeatNow {
    /// How the chain sees the seat, `hash` being that of the report on disk.
    pub fn standing(&self, hash: Option<H256>) -> Standing {
        let waits_for = |role: Role| match role {
            // Both auditors open at the same time.
            Role::First | Role::Second => [Role::First, Role::Second].contains(&self.role),
            Role::Juror => self.role == Role::Juror,
        };
        match (self.state, self.stage) {
            (SeatState::Voted(_), _) => Standing::Voted,
            (SeatState::Absent | SeatState::Excused, _) => Standing::Absent,
            (SeatState::Void, _) => Standing::Void,
            (_, CheckStage::Closed) => Standing::Gone,
            (SeatState::Drawn, CheckStage::Opening | CheckStage::Reporting(_)) => Standing::Late,
            (SeatState::Drawn, _) => Standing::MayCommit,
            (SeatState::Committed(found), stage) => {
                let ours = hash == Some(found);
                match stage {
                    CheckStage::Reporting(role) if waits_for(role) => Standing::MayOpen { ours },
                    _ => Standing::Committed { ours },
                }
            }
        }
    }
}

/// Whether a record is about what the chain shows now. A fork can put another commitment, thresholds of another
/// assignment or another jury under the same attempt; no report made for one of them is of use to the other.
pub fn same_case(record: &SeatRecord, now: &SeatNow) -> bool {
    let on_jury = |role| role == Role::Juror;
    let same_jury = on_jury(record.role) == on_jury(now.role) && record.case.jury_key == now.jury_key;
    // A closed check asks for no report any more.
    (same_jury || now.stage == CheckStage::Closed)
        && now.case.as_ref().is_none_or(|case| *case == record.case)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::fixtures;
    use ogpu_primitives::Judgement;

    fn standing(role: Role, state: SeatState, stage: CheckStage) -> Standing {
        let now = SeatNow {
            work: fixtures::case(1).work,
            role,
            state,
            stage,
            due: 220,
            demand: None,
            jury_key: None,
            case: None,
        };
        now.standing(Some(H256::repeat_byte(5)))
    }

    #[test]
    fn standing_should_ask_for_the_hash_when_the_seat_is_drawn() {
        for role in [Role::First, Role::Second, Role::Juror] {
            let auditing = CheckStage::Auditing(role);
            assert_eq!(standing(role, SeatState::Drawn, auditing), Standing::MayCommit);
            for late in [CheckStage::Opening, CheckStage::Reporting(role)] {
                assert_eq!(standing(role, SeatState::Drawn, late), Standing::Late);
            }
        }
    }

    #[test]
    fn standing_should_ask_for_the_report_when_the_stage_is_that_of_its_group() {
        let ours = SeatState::Committed(H256::repeat_byte(5));
        for (role, stage, opens) in [
            (Role::First, CheckStage::Reporting(Role::First), true),
            (Role::Second, CheckStage::Reporting(Role::First), true),
            (Role::Second, CheckStage::Reporting(Role::Second), true),
            (Role::Juror, CheckStage::Reporting(Role::Juror), true),
            (Role::Juror, CheckStage::Reporting(Role::First), false),
            (Role::First, CheckStage::Reporting(Role::Juror), false),
            (Role::First, CheckStage::Drawing(Role::Second), false),
            (Role::First, CheckStage::Opening, false),
        ] {
            let expected = match opens {
                true => Standing::MayOpen { ours: true },
                false => Standing::Committed { ours: true },
            };
            assert_eq!(standing(role, ours, stage), expected, "{role:?} {stage:?}");
        }
        let other = SeatState::Committed(H256::repeat_byte(6));
        assert_eq!(
            standing(Role::First, other, CheckStage::Reporting(Role::First)),
            Standing::MayOpen { ours: false }
        );
    }

    #[test]
    fn standing_should_be_over_when_it_voted_is_absent_or_the_check_is_closed() {
        let stage = CheckStage::Reporting(Role::First);
        let voted = SeatState::Voted(Judgement::Pass);
        assert_eq!(standing(Role::First, voted, stage), Standing::Voted);
        assert_eq!(standing(Role::First, SeatState::Absent, stage), Standing::Absent);
        assert_eq!(
            standing(Role::Juror, SeatState::Void, CheckStage::Closed),
            Standing::Void
        );
        for state in [SeatState::Drawn, SeatState::Committed(H256::zero())] {
            assert_eq!(standing(Role::First, state, CheckStage::Closed), Standing::Gone);
        }
    }

    #[test]
    fn case_should_be_another_when_role_or_key_ask_for_another_report() {
        let key = |byte| Some(H256::repeat_byte(byte));
        let now = |role, jury_key, stage| SeatNow {
            work: fixtures::case(1).work,
            role,
            state: SeatState::Drawn,
            stage,
            due: 220,
            demand: None,
            jury_key,
            // Even where the job cannot be read.
            case: None,
        };
        let auditing = CheckStage::Auditing(Role::Juror);
        let auditor = fixtures::record(1);
        let mut juror = fixtures::record(1);
        (juror.role, juror.case.jury_key) = (Role::Juror, key(7));
        assert!(same_case(&auditor, &now(Role::Second, None, auditing)));
        assert!(same_case(&juror, &now(Role::Juror, key(7), auditing)));
        for (record, role, jury_key) in [
            (&auditor, Role::Juror, key(7)),
            (&auditor, Role::Juror, None),
            (&juror, Role::Juror, key(8)),
            (&juror, Role::Juror, None),
            (&juror, Role::First, None),
        ] {
            assert!(
                !same_case(record, &now(role, jury_key, auditing)),
                "{role:?} {jury_key:?}"
            );
            assert!(same_case(record, &now(role, jury_key, CheckStage::Closed)));
        }
    }
}
