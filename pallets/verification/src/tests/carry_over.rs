use super::fixture::*;
use crate::{mock::*, AgendaCursor, AgendaLength, Commitments, WeightInfo};
use frame_support::{assert_ok, weights::Weight};

/// Weight for opening `ticks` ticks, looking at `looks` items and drawing over `draws` windows in one block, none of which
/// is audited: there has to be room for looking for an auditor, which is then not used.
fn share(ticks: u64, looks: u64, draws: u64) -> Weight {
    let unaudited = <() as WeightInfo>::service_draw() + SIBLING + Verification::verdict_weight(0);
    <() as WeightInfo>::service_base()
        + <() as WeightInfo>::service_tick() * ticks
        + <() as WeightInfo>::service_item() * looks
        + unaudited * draws
        + SIBLING * u64::from(crate::AUDITOR_TRIES)
}

fn unaudited(n: u8) {
    let mut work = work();
    work.terms.rate_ppm = 0;
    assert_ok!(Verification::committed(
        &subject(n),
        work,
        &commitment_of(n, TOKENS)
    ));
}

fn judged() -> usize {
    Commitments::<Test>::iter_values()
        .filter(|record| record.verdict.is_some())
        .count()
}

#[test]
fn agenda_should_carry_over_when_the_meter_is_tiny() {
    ExtBuilder::default().build_and_execute(|| {
        (0..10).for_each(unaudited);
        run_ticks(30);
        Share::set(share(2, 4, 3));
        run_ticks(1);
        assert_eq!(judged(), 3);
        assert_eq!(AgendaCursor::<Test>::get(), (32, 3));
        assert_ok!(Verification::do_try_state());
        // The clock may stand still meanwhile: what is due is due.
        run_block();
        assert_eq!(judged(), 6);
        run_ticks(2);
        assert_eq!(judged(), 10);
        let order: Vec<_> = heard();
        let expected = (0..10).map(|n| Told::Verdict(subject(n), crate::Verdict::Pass));
        assert_eq!(order, expected.collect::<Vec<_>>());
        assert_eq!(AgendaLength::<Test>::iter().count(), 0);
    });
}

#[test]
fn agenda_should_stand_still_when_the_meter_allows_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        unaudited(1);
        Share::set(Weight::zero());
        run_ticks(100);
        assert_eq!(judged(), 0);
        Share::set(share(200, 1, 1));
        run_ticks(1);
        assert_eq!(judged(), 1);
        assert_eq!(AgendaCursor::<Test>::get(), (103, 0));
    });
}

#[test]
fn agenda_should_drop_lapsed_items_cheaply_when_a_check_moved_on() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        // Leaves the end of the window on the agenda.
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        run_ticks(9);
        let before = record();
        run_ticks(21);
        Share::set(share(1, 1, 0));
        run_ticks(1);
        assert_eq!(record(), before);
        assert_eq!(AgendaCursor::<Test>::get(), (33, 0));
    });
}

#[test]
fn agenda_should_give_every_verdict_when_blocks_afford_one_step_only() {
    ExtBuilder::default().build_and_execute(|| {
        (0..6).for_each(unaudited);
        commit_audited(7);
        Share::set(Verification::largest_step());
        run_ticks(31 + 700);
        assert_eq!(judged(), 7);
        assert_eq!(AgendaLength::<Test>::iter().count(), 0);
    });
}

/// Work whose auditors all stay away.
fn commit_audited(n: u8) {
    assert_ok!(Verification::committed(
        &subject(n),
        work(),
        &commitment_of(n, TOKENS)
    ));
}

#[test]
fn largest_step_should_cover_a_whole_jurys_end_when_it_is_counted() {
    ExtBuilder::default().build_and_execute(|| {
        let seats = 2 + 2 + 9;
        let jury = <() as WeightInfo>::service_stage(seats)
            + <() as WeightInfo>::service_ballots()
            + Verification::verdict_weight(seats);
        assert!(jury.all_lte(Verification::largest_step()));
    });
}

#[test]
fn absences_should_be_blamed_over_blocks_when_a_whole_jury_stays_away() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        dispute();
        run_ticks(300);
        assert_eq!(judged(), 1);
        heard();
        let blame = <() as WeightInfo>::service_item() + ABSENCE;
        Share::set(<() as WeightInfo>::service_base() + <() as WeightInfo>::service_tick() + blame * 4);
        run_ticks(1);
        assert_eq!(heard(), (1..5).map(absent).collect::<Vec<_>>());
        assert_ok!(Verification::do_try_state());
        run_block();
        assert_eq!(heard(), (5..9).map(absent).collect::<Vec<_>>());
        run_ticks(1);
        assert_eq!(heard(), [absent(9)]);
        run_ticks(10);
        assert_eq!(heard(), []);
        assert_eq!(AgendaLength::<Test>::iter().count(), 0);
    });
}
