//! What slashes that wait will take covers nothing.

use crate::{mock::*, *};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{Balance, SeatPool, H256, OGPU};

/// `units` OGPU of owner 1's stake will be slashed.
fn decide(units: Balance) {
    await_slash(&owner(1), units * OGPU);
}

#[test]
fn caps_should_shrink_at_once_when_a_slash_waits() {
    ExtBuilder.build_and_execute(|| {
        // A thousand of stake cover 250 of unsettled work.
        let worker = listed(1);
        let room = || ProviderStaking::candidate(&worker, &model(0)).map(|found| found.exposure_room);
        let shown = || ProviderStaking::owner_view(owner(1)).map(|view| view.exposure_room);
        assert_eq!(room(), Some(250 * OGPU));
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 1_000 * OGPU);
        decide(400);
        assert_eq!(room(), Some(150 * OGPU));
        assert_eq!(shown(), Some(150 * OGPU));
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 600 * OGPU);
        assert_eq!(
            ProviderStaking::owner_stake(&owner(1)),
            1_000 * OGPU,
            "nothing is taken yet"
        );
        assert_noop!(
            ProviderStaking::reserve(&worker, 151 * OGPU),
            Error::<Test>::ExposureTooHigh
        );
        assert_ok!(ProviderStaking::reserve(&worker, 150 * OGPU));
        assert_eq!(
            ProviderStaking::idle_reason(&worker),
            Some(IdleReason::ExposureFull)
        );
        // Another owner's is none of this one's business.
        decide(0);
        await_slash(&owner(2), 900 * OGPU);
        assert_eq!(room(), Some(100 * OGPU));
        // More than there is leaves nothing.
        decide(5_000);
        assert_eq!(room(), Some(0));
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 0);
    });
}

#[test]
fn stake_should_stay_when_a_slash_waits_and_work_is_unsettled() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        assert_ok!(ProviderStaking::reserve(&worker, 100 * OGPU));
        decide(400);
        let unstake = |units: Balance| ProviderStaking::unstake(signed(&owner(1)), units * OGPU);
        // 400 cover the work, and 400 are as good as gone.
        assert_noop!(unstake(201), Error::<Test>::StakeExposed);
        assert_ok!(unstake(200));
    });
}

#[test]
fn worker_should_take_nothing_when_a_slash_will_leave_it_too_little() {
    ExtBuilder.build_and_execute(|| {
        // Two workers of 400 each out of 1,000.
        for n in [1, 2] {
            listed(n);
            assert_ok!(ProviderStaking::allot(signed(&owner(1)), worker(n), 400 * OGPU));
        }
        let seats = || {
            ProviderStaking::draw_seats(&SeatPool::Model, &model(0), &H256::zero(), 9, 16, &mut |found| {
                found.serving
            })
        };
        let weight = || {
            let owner = Owners::<Test>::get(owner(1)).expect("it has staked");
            ProviderStaking::seat_weight(&stored(&worker(1)), &owner)
        };
        assert_eq!(weight(), 400 * OGPU);
        decide(600);
        assert_eq!(weight(), 200 * OGPU);
        assert_eq!(seats().len(), 1, "one seat an owner");
        assert_ok!(ProviderStaking::reserve(&worker(1), OGPU));
        // 40 will be left for each.
        decide(920);
        assert!(seats().is_empty());
        let drawn = ProviderStaking::draw_for_model(&model(0), &H256::zero(), 16);
        assert!(drawn.len() == 2 && drawn.iter().all(|candidate| !candidate.serving));
        assert_noop!(ProviderStaking::reserve(&worker(2), 1), Error::<Test>::NotListed);
        assert_eq!(
            ProviderStaking::idle_reason(&worker(2)),
            Some(IdleReason::AllotmentTooLow { minimum: MIN_STAKE })
        );
        // It was cancelled: they are back without a call.
        decide(0);
        assert_eq!(seats().len(), 1);
        assert_eq!(ProviderStaking::idle_reason(&worker(2)), None);
    });
}

#[test]
fn slash_should_count_when_its_owner_stakes_again() {
    ExtBuilder.build_and_execute(|| {
        // It was decided about stake that is gone.
        await_slash(&owner(1), 100 * OGPU);
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 0);
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 300 * OGPU));
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 200 * OGPU);
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 300 * OGPU));
        assert_eq!(ProviderStaking::covering_stake(&owner(1)), 500 * OGPU);
    });
}
