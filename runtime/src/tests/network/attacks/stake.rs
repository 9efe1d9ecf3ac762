//! Stake that should not be there when it is needed.

use super::*;
use crate::RuntimeOrigin;
use frame_support::{assert_noop, assert_ok};

/// The worker cheats once; ends when its slash waits.
fn accused(network: &mut Network, cast: &Cast) -> (u32, pallet_slashing::PendingSlash<AccountId>) {
    let cheat = Conduct::delivering(Quality::OtherModel);
    network.conduct.insert(cast.worker.worker.clone(), cheat);
    network.submit(&cast.client, Some(&cast.worker.worker));
    until_accused(network, &cast.worker.owner);
    pallet_slashing::Pending::<Runtime>::iter()
        .next()
        .expect("one waits")
}

#[test]
fn slash_should_reach_stake_that_is_on_its_way_out() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let owner = cast.worker.owner.clone();
        network.give(&owner, STAKE);
        assert_ok!(network.send(&owner, pallet_provider_staking::Call::stake { amount: STAKE }));
        let (_, slash) = accused(network, &cast);
        // All that no worker has, at once.
        assert_ok!(network.send(&owner, pallet_provider_staking::Call::unstake { amount: STAKE }));
        let before = pallet_provider_staking::Owners::<Runtime>::get(&owner).expect("it has stake");
        assert_eq!(before.unbonding_total(), STAKE);
        network.settle();
        let after = pallet_provider_staking::Owners::<Runtime>::get(&owner).expect("it has stake");
        assert_eq!(before.held() - after.held(), slash.amount);
        // Half of it was on its way out.
        let taken = before.unbonding_total() - after.unbonding_total();
        assert!(
            taken.abs_diff(slash.amount / 2) <= 1,
            "{taken} of {}",
            slash.amount
        );
    });
}

#[test]
fn stake_should_not_leave_when_it_covers_unsettled_work() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let worker = cast.worker.worker.clone();
        network.submit(&cast.client, Some(&worker));
        let exposure =
            |owner| pallet_provider_staking::Owners::<Runtime>::get(owner).map_or(0, |owner| owner.exposure);
        network.until("assigned", |_| exposure(&cast.worker.owner) > 0);
        let unpair = pallet_provider_staking::Call::unpair { worker };
        assert!(matches!(
            network.send(&cast.worker.owner, unpair),
            Err(Refusal::Failed(_))
        ));
        let unstake = pallet_provider_staking::Call::unstake { amount: STAKE };
        assert!(matches!(
            network.send(&cast.worker.owner, unstake),
            Err(Refusal::Failed(_))
        ));
    });
}

#[test]
fn exposure_should_stay_below_a_quarter_of_the_owners_stake_over_all_its_machines() {
    let settings = Settings {
        price: 5 * OGPU,
        ..Settings::default()
    };
    network(settings, |network| {
        let owner = network.provider(STAKE).owner;
        // Three machines share what one had: 200 + 100 OGPU.
        network.give(&owner, STAKE);
        assert_ok!(network.send(&owner, pallet_provider_staking::Call::stake { amount: STAKE }));
        for _ in 0..2 {
            network.pair(&owner, STAKE / 2);
        }
        let client = network.rich();
        network.give(&client, 1_000 * OGPU);
        for _ in 0..40 {
            network.submit(&client, None);
        }
        let mut most = 0;
        network.until("all settled", |network| {
            let record = pallet_provider_staking::Owners::<Runtime>::get(&owner).expect("it stakes");
            assert!(record.exposure <= record.stake / 4, "{record:?}");
            most = most.max(record.exposure);
            network.jobs_are_final()
        });
        assert!(
            most > STAKE / 4,
            "one machine's share was not enough to tell: {most}"
        );
    });
}

#[test]
fn slash_should_take_nothing_when_the_canceller_drops_it() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let (id, _) = accused(network, &cast);
        let before = stake_of(&cast.worker.owner);
        for origin in [
            RuntimeOrigin::signed(cast.worker.owner.clone()),
            pallet_dao::Origin::Treasurer.into(),
            pallet_dao::Origin::Parameters.into(),
        ] {
            assert_noop!(
                crate::Slashing::cancel(origin, id),
                sp_runtime::DispatchError::BadOrigin
            );
        }
        assert_ok!(crate::Slashing::cancel(pallet_dao::Origin::Canceller.into(), id));
        network.settle();
        network.ticks(40);
        assert_eq!(stake_of(&cast.worker.owner), before);
        // What is cancelled makes the next one no dearer.
        let (_, slash) = accused(network, &cast);
        assert_eq!(slash.amount, STAKE / 20);
    });
}

#[test]
fn silence_of_many_should_cost_nobody_stake_when_the_network_is_at_fault() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let silent = Conduct {
            opens: false,
            ..Conduct::default()
        };
        let down: Vec<Provider> = cast.others[..4].to_vec();
        for provider in &down {
            network.conduct.insert(provider.worker.clone(), silent);
            network.submit(&cast.client, Some(&provider.worker));
        }
        let before = wealth_by_owner(&cast);
        network.settle();
        for provider in &down {
            assert_eq!(stake_of(&provider.owner), STAKE);
            assert!(wealth_by_owner(&cast)[&provider.owner] >= before[&provider.owner]);
        }
        let strikes: u32 = pallet_provider_staking::Workers::<Runtime>::iter_values()
            .map(|worker| u32::from(worker.strikes))
            .sum();
        assert!(strikes <= 4);
    });
}

#[test]
fn silence_of_three_should_cost_all_of_them_stake_when_the_others_answer() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let silent = Conduct {
            opens: false,
            ..Conduct::default()
        };
        for provider in &cast.others[..3] {
            network.conduct.insert(provider.worker.clone(), silent);
            network.submit(&cast.client, Some(&provider.worker));
        }
        network.settle();
        for provider in &cast.others[..3] {
            assert!(stake_of(&provider.owner) <= STAKE - STAKE / 20);
        }
    });
}
