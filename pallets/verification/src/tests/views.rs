use super::fixture::*;
use crate::{mock::*, Involved, MAX_DUTIES};
use frame_support::assert_ok;

fn duties(worker: AccountId) -> Vec<ogpu_primitives::Subject> {
    let duties = Verification::duties(&worker);
    duties.into_iter().map(|(subject, _)| subject).collect()
}

#[test]
fn audit_should_show_seats_demands_and_opening_when_there_are() {
    ExtBuilder::default().build_and_execute(|| {
        assert_eq!(Verification::audit(&it()), None);
        commit(work());
        first_commits(&passing());
        assert_ok!(Verification::demand_data(signed(client()), it(), [1; 32]));
        let view = Verification::audit(&it()).expect("it is kept");
        assert_eq!((view.record.clone(), view.opened), (record(), false));
        assert_eq!(view.seats[0].worker, seat(0));
        assert_eq!(view.demands[0].0, client());
        open();
        assert!(Verification::audit(&it()).is_some_and(|view| view.opened));
    });
}

#[test]
fn duties_should_last_from_the_draw_to_the_verdict_when_there_is_an_audit() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert!(duties(prover()).is_empty());
        draw();
        assert_eq!(duties(prover()), [it()]);
        assert_eq!(duties(seat(0)), [it()]);
        assert!(duties(seat(1)).is_empty());
        audit_commit(0, &passing());
        run_ticks(9);
        open();
        audit_open(0, passing());
        run_ticks(1);
        assert!(duties(prover()).is_empty() && duties(seat(0)).is_empty());
    });
}

#[test]
fn duties_should_be_cut_when_there_are_very_many() {
    ExtBuilder::default().build_and_execute(|| {
        for segment in 0..=MAX_DUTIES {
            let subject = ogpu_primitives::Subject::Work(ogpu_primitives::WorkKey { segment, ..key(1) });
            assert_ok!(Verification::committed(&subject, work(), &commitment()));
        }
        run_ticks(31);
        assert_eq!(
            Involved::<Test>::iter_prefix(prover()).count() as u32,
            MAX_DUTIES + 1
        );
        assert_eq!(duties(prover()).len(), MAX_DUTIES as usize);
    });
}
