use crate::{mock::*, AgendaCursor, AgendaLength, Pending, WeightInfo, MAX_PAYOUTS};
use frame_support::{assert_ok, weights::Weight};
use ogpu_primitives::{Offence, OGPU};

/// Weight for opening `ticks` ticks and applying `slashes` slashes without payouts; the last one needs room for as
/// many as there can be.
fn share(ticks: u64, slashes: u64) -> Weight {
    <() as WeightInfo>::service_base()
        + <() as WeightInfo>::service_tick() * ticks
        + Slashing::item_weight(0) * (slashes - 1)
        + Slashing::item_weight(MAX_PAYOUTS)
}

/// Ten owners with a slash each, due at the same tick, a tick before they are.
fn ten_slashes() {
    for owner in 1..11 {
        stake(owner, 10 * OGPU);
        reported(owner, Offence::WrongResult, OGPU);
    }
    run_ticks(DEFERRAL - 1);
}

#[test]
fn agenda_should_carry_over_when_the_meter_is_tiny() {
    ExtBuilder.build_and_execute(|| {
        ten_slashes();
        Share::set(share(2, 3));
        run_ticks(1);
        assert_eq!(Pending::<Test>::iter().count(), 7);
        assert_eq!(AgendaCursor::<Test>::get(), (1 + DEFERRAL, 3));
        // The clock may stand still meanwhile: what is due is due.
        run_block();
        assert_eq!(Pending::<Test>::iter().count(), 4);
        run_ticks(2);
        assert_eq!(Pending::<Test>::iter().count(), 0);
        assert_eq!(AgendaLength::<Test>::iter().count(), 0);
        assert!((1..11).all(|owner| Stakes::get()[&owner] == 9 * OGPU));
    });
}

#[test]
fn agenda_should_stand_still_when_the_meter_allows_nothing() {
    ExtBuilder.build_and_execute(|| {
        ten_slashes();
        Share::set(Weight::zero());
        run_ticks(5);
        Share::set(
            share(10, 1).saturating_sub(Weight::from_parts(1, 0)) - Slashing::item_weight(MAX_PAYOUTS),
        );
        run_ticks(1);
        assert_eq!(Pending::<Test>::iter().count(), 10);
        Share::set(share(10, 10));
        run_ticks(1);
        assert_eq!(Pending::<Test>::iter().count(), 0);
    });
}

#[test]
fn agenda_should_skip_what_was_cancelled_when_its_tick_comes() {
    ExtBuilder.build_and_execute(|| {
        ten_slashes();
        for id in 2..7 {
            assert_ok!(Slashing::cancel(RuntimeOrigin::root(), id));
        }
        run_ticks(1);
        assert_eq!(Pending::<Test>::iter().count(), 0);
        assert_eq!(Stakes::get().values().sum::<u128>(), 95 * OGPU);
    });
}
