use super::{commitment, subject};
use crate::{mock::*, AgendaCursor, AgendaLength, WeightInfo};
use frame_support::{assert_ok, weights::Weight};

/// Weight for opening `ticks` ticks and giving `verdicts` verdicts in one block.
fn share(ticks: u64, verdicts: u64) -> Weight {
    <() as WeightInfo>::service_base()
        + <() as WeightInfo>::service_tick() * ticks
        + Verification::verdict_weight() * verdicts
}

#[test]
fn agenda_should_carry_over_when_the_meter_is_tiny() {
    ExtBuilder.build_and_execute(|| {
        for n in 0..10 {
            assert_ok!(Verification::committed(&subject(n), &7, &commitment(), 1));
        }
        run_ticks(30);
        Share::set(share(2, 3));
        run_ticks(1);
        assert_eq!(Verdicts::get().len(), 3);
        assert_eq!(AgendaCursor::<Test>::get(), (32, 3));
        // The clock may stand still meanwhile: what is due is due.
        run_block();
        assert_eq!(Verdicts::get().len(), 6);
        run_ticks(2);
        assert_eq!(Verdicts::get().len(), 10);
        let order: Vec<_> = Verdicts::get().into_iter().map(|(subject, _)| subject).collect();
        assert_eq!(order, (0..10).map(subject).collect::<Vec<_>>());
        assert_eq!(AgendaLength::<Test>::iter().count(), 0);
    });
}

#[test]
fn agenda_should_stand_still_when_the_meter_allows_nothing() {
    ExtBuilder.build_and_execute(|| {
        assert_ok!(Verification::committed(&subject(1), &7, &commitment(), 1));
        Share::set(Weight::zero());
        run_ticks(100);
        assert!(Verdicts::get().is_empty());
        Share::set(share(200, 1));
        run_ticks(1);
        assert_eq!(Verdicts::get().len(), 1);
        assert_eq!(AgendaCursor::<Test>::get(), (103, 0));
    });
}
