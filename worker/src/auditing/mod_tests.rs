use super::*;
use crate::auditing::{
    fakes::{locked, FakeSource},
    fixtures::{self, Sample},
};
use ogpu_client::chain::{AuditView, CommitmentRecord, DataDemand, DemandState, Seat, SeatState};
use ogpu_primitives::{CheckStage, CheckTerms, CheckedWork, Role, SeatPool, Subject};

fn view(sample: &Sample) -> AuditView {
    let Sample { case, .. } = sample;
    let seat = |worker: AccountId, role| Seat {
        worker,
        owner: fixtures::prover(),
        role,
        state: SeatState::Drawn,
        findings: None,
        pool: SeatPool::Model,
    };
    let demand = |byte| DataDemand {
        bond: 1,
        key: [byte; 32],
        asked_at: 5,
        due: 6,
        state: DemandState::Open,
    };
    AuditView {
        record: CommitmentRecord {
            work: CheckedWork {
                worker: case.worker,
                owner: case.worker,
                client: case.worker,
                model: case.model,
                kind: case.kind,
                greedy: false,
                secret_hash: None,
                price: 1,
                audit_fee: 1,
                surcharge: false,
                terms: CheckTerms {
                    params: case.thresholds,
                    whitened: case.whitened,
                    rate_ppm: 1,
                    second_ppm: 1,
                },
            },
            commitment: case.commitment,
            committed_at: 1,
            fixed_at: 1,
            stage: CheckStage::Auditing(Role::Second),
            due: 220,
            secret: None,
            accepted_at: None,
            challenge: None,
            open_demands: 2,
            redraws: 0,
            audited: true,
            late: false,
            equivocated: false,
            verdict: None,
            class: None,
            jury_key: Some(fixtures::JURY_KEY),
        },
        seats: vec![
            seat(AccountId::from([8; 32]), Role::First),
            seat(fixtures::us(), Role::Second),
        ],
        demands: vec![(AccountId::from([8; 32]), demand(1)), (fixtures::us(), demand(2))],
        opened: false,
    }
}

#[tokio::test]
async fn look_should_tell_our_seats_with_their_cases_and_wait_for_the_first_block() {
    let (sample, source) = (Sample::text(1), Arc::new(FakeSource::default()));
    let (duties, watching) = Duties::channel();
    let (snapshots, mut told) = mpsc::channel(1);
    tokio::spawn(look(watching, source.clone(), fixtures::us(), snapshots));
    let seen = |block: u64, checks: Vec<(Subject, AuditView)>| Duties {
        block,
        tick: 10,
        checks,
    };
    let subject = Subject::Work(sample.case.work);
    duties.send_replace(seen(7, vec![(subject, view(&sample))]));
    let snapshot = told.recv().await.expect("a snapshot");
    assert_eq!((snapshot.block, snapshot.tick), (7, 10));
    let seat = &snapshot.seats[0];
    assert_eq!(
        (seat.role, seat.due, seat.demand),
        (Role::Second, 220, Some([2; 32]))
    );
    assert_eq!(seat.case, None, "its job cannot be read");

    *locked(&source.request) = Some(fixtures::request());
    let mut others = view(&sample);
    others.seats.truncate(1);
    let mut other = sample.case.work;
    other.attempt = 1;
    let checks = vec![(subject, view(&sample)), (Subject::Work(other), others)];
    duties.send_replace(seen(8, checks));
    let snapshot = told.recv().await.expect("a snapshot");
    assert_eq!(snapshot.seats.len(), 1, "one of them is another's");
    assert_eq!(snapshot.seats[0].case.as_ref(), Some(&sample.case));

    // As a juror's seat it has the jury's key. The chain counts the jury and lists the check no more.
    let mut judged = view(&sample);
    judged.seats[1].role = Role::Juror;
    duties.send_replace(seen(9, vec![(subject, judged.clone())]));
    let snapshot = told.recv().await.expect("a snapshot");
    let case = snapshot.seats[0].case.as_ref().expect("it can be read");
    assert_eq!(case.jury_key, Some(fixtures::JURY_KEY));
    judged.seats[1].state = SeatState::Void;
    judged.record.stage = CheckStage::Closed;
    *locked(&source.check) = Some(judged);
    duties.send_replace(seen(10, vec![]));
    let snapshot = told.recv().await.expect("a snapshot");
    let seat = &snapshot.seats[0];
    assert_eq!((seat.role, seat.state), (Role::Juror, SeatState::Void));
    duties.send_replace(seen(11, vec![]));
    let snapshot = told.recv().await.expect("a snapshot");
    assert_eq!(snapshot.seats, [], "asked for once");

    drop(duties);
    assert_eq!(told.recv().await, None);
}
