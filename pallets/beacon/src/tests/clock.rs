use super::*;
use ogpu_primitives::traits::Clock;

#[test]
fn clock_should_tick_once_a_block_when_nothing_hinders() {
    ExtBuilder.build_and_execute(|| {
        assert_eq!(Beacon::now(), 0);
        run_to_block(10);
        assert_eq!(Beacon::now(), 10);
    });
}

#[test]
fn clock_should_stand_still_when_the_block_before_was_full() {
    ExtBuilder.build_and_execute(|| {
        start_block(None);
        end_block(90);
        start_block(None);
        assert_eq!(Beacon::now(), 1, "block 2 follows a full block");
        end_block(89);
        start_block(None);
        assert_eq!(Beacon::now(), 2);
    });
}

#[test]
fn clock_should_stand_still_when_it_is_paused() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(5);
        ClockPaused::set(true);
        run_to_block(20);
        assert_eq!(Beacon::now(), 5);
        ClockPaused::set(false);
        run_to_block(21);
        assert_eq!(Beacon::now(), 6);
    });
}

#[test]
fn clock_should_stand_still_while_every_block_is_full() {
    ExtBuilder.build_and_execute(|| {
        for _ in 0..10 {
            start_block(None);
            end_block(100);
        }
        assert_eq!(Beacon::now(), 1);
    });
}
