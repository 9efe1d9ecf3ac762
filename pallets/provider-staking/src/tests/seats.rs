//! Draws of auditors and jurors: by stake alone, and in proportion.

use crate::{mock::*, roster::lottery};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, Candidate, ModelId, H256, OGPU};
use std::collections::BTreeSet;

fn seed(n: u64) -> H256 {
    H256::from_low_u64_be(n)
}

#[test]
fn lottery_should_follow_weight_when_there_are_few() {
    // Half of all stake in one hand is first in half of the draws, however the other half is split.
    let members: Vec<(u32, Balance)> = [(0, 800 * OGPU)]
        .into_iter()
        .chain((1..9).map(|n| (n, 100 * OGPU)))
        .collect();
    let mut first = 0;
    for n in 0..4_000 {
        let order = lottery(&seed(n), members.clone());
        assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), 9);
        first += u32::from(order[0] == 0);
    }
    assert!((1_900..2_100).contains(&first), "{first}");
}

#[test]
fn lottery_should_keep_all_when_nobody_has_weight() {
    assert_eq!(lottery(&seed(1), vec![(1, 0), (2, 0)]), vec![1, 2]);
    assert!(lottery::<u8>(&seed(1), Vec::new()).is_empty());
}

#[test]
fn seats_should_go_by_stake_when_the_hardware_is_the_same() {
    ExtBuilder.build_and_execute(|| {
        // Three hundred and a hundred OGPU behind cards that justify a hundred of priority.
        assert_ok!(ProviderStaking::stake(signed(&owner(1)), 300 * OGPU));
        assert_ok!(ProviderStaking::stake(signed(&owner(2)), 100 * OGPU));
        for n in [1, 2] {
            let allotment = if n == 1 { 300 } else { 100 } * OGPU;
            assert_ok!(pair(&owner(n), n, allotment));
            assert_ok!(ProviderStaking::set_profile(signed(&worker(n)), profile(n)));
            assert_ok!(ProviderStaking::serve_model(signed(&worker(n)), model(0)));
        }
        let firsts = |draw: fn(&ModelId, &H256, u32) -> Vec<Candidate<AccountId>>| {
            (0..1_000)
                .filter(|n| draw(&model(0), &seed(*n), 16)[0].worker == worker(1))
                .count()
        };
        let seats = firsts(ProviderStaking::draw_seats);
        assert!((710..790).contains(&seats), "{seats}");
        let work = firsts(ProviderStaking::draw_for_model);
        assert!((450..550).contains(&work), "{work}");
    });
}

#[test]
fn seats_should_be_drawn_alike_when_the_seed_is_the_same() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            listed(n);
        }
        let drawn = ProviderStaking::draw_seats(&model(0), &seed(3), 16);
        assert_eq!(drawn.len(), 5);
        assert!(drawn.iter().all(|candidate| candidate.serving));
        assert_eq!(drawn, ProviderStaking::draw_seats(&model(0), &seed(3), 16));
        let other = (4..20).any(|n| ProviderStaking::draw_seats(&model(0), &seed(n), 16) != drawn);
        assert!(other, "the seed decides");
        // From a longer roster no more than were asked for.
        assert!(ProviderStaking::draw_seats(&model(0), &seed(3), 2).len() <= 2);
        MaxDrawTries::set(3);
        assert!(ProviderStaking::draw_seats(&model(0), &seed(3), 16).len() <= 3);
    });
}
