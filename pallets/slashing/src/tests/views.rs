use crate::{mock::*, StandingView};
use ogpu_primitives::{penalty, JobKind, Offence, OGPU};

#[test]
fn pending_should_list_an_owners_slashes_when_it_is_asked_for_them() {
    ExtBuilder.build_and_execute(|| {
        for owner in [1, 2] {
            stake(owner, 1_000 * OGPU);
        }
        for _ in 0..3 {
            reported(1, Offence::AuditorAbsent, OGPU);
        }
        reported(2, Offence::WrongResult, OGPU);
        assert_eq!(Slashing::pending(Some(1)).len(), 3);
        let of_two = Slashing::pending(Some(2));
        assert_eq!((of_two[0].0, of_two[0].1.offence), (3, Offence::WrongResult));
        assert_eq!(Slashing::pending(None).len(), 4);
        assert!(Slashing::pending(Some(3)).is_empty());
    });
}

#[test]
fn pending_should_be_bounded_when_there_are_many() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 1_000 * OGPU);
        for _ in 0..120 {
            reported(1, Offence::AuditorAbsent, OGPU);
        }
        assert_eq!(Slashing::pending(Some(1)).len(), 100);
    });
}

#[test]
fn standing_should_be_a_beginners_when_there_is_no_record() {
    ExtBuilder.build_and_execute(|| {
        assert_eq!(
            Slashing::standing(&1, JobKind::Embed),
            StandingView {
                permille: 500,
                passed_milli: 0,
                failed_milli: 0,
                rate_ppm: 250_000,
                catch_ppm: penalty::catch_ppm(penalty::drawn_ppm(250_000, 200_000), 990_000, 160_000),
                forced: 0,
            }
        );
    });
}
