use crate::{mock::*, roster::sample, *};
use frame_support::assert_ok;
use ogpu_primitives::{Balance, DeviceClass, H256, OGPU};
use std::collections::BTreeSet;

fn seed(n: u32) -> H256 {
    H256::from_low_u64_be(n.into())
}

/// Draws from a list of `weights` and says how often each was drawn and the most members that were looked at.
fn frequencies(weights: &[Balance], bound: Balance, count: u32, draws: u32) -> (Vec<u32>, u32) {
    let mut drawn = vec![0; weights.len()];
    let mut most = 0;
    for n in 0..draws {
        let mut looked_at = 0;
        let result = sample(weights.len() as u32, &seed(n), count, 4 * count, bound, |index| {
            looked_at += 1;
            Some((index, weights[index as usize]))
        });
        assert!(result.len() as u32 <= count);
        assert_eq!(
            result.iter().collect::<BTreeSet<_>>().len(),
            result.len(),
            "a member was drawn twice"
        );
        for index in result {
            drawn[index as usize] += 1;
        }
        most = most.max(looked_at);
    }
    (drawn, most)
}

#[test]
fn draw_should_look_at_a_bounded_number_when_the_roster_grows() {
    for length in [33u32, 1_000, 100_000, 1_000_000, u32::MAX] {
        for weight in [0, 1, 50 * OGPU, u128::MAX] {
            let mut looked_at = 0;
            let drawn = sample(length, &seed(1), 32, 128, 1_000 * OGPU, |index| {
                looked_at += 1;
                Some((index, weight))
            });
            assert!(looked_at <= 128);
            assert!(drawn.len() <= 32);
            if length > 1_000 {
                let expected = if weight == u128::MAX { 32 } else { 8 };
                assert!(drawn.len() >= expected, "rejected ones fill up a quarter");
            }
        }
    }
}

#[test]
fn draw_should_follow_weight_when_weights_are_below_the_bound() {
    // Half of them weigh four times as much, at the bound.
    let weights: Vec<Balance> = (0..400).map(|n| if n % 2 == 0 { 400 } else { 100 }).collect();
    let (drawn, most) = frequencies(&weights, 400, 8, 4_000);
    let heavy: u32 = drawn.iter().step_by(2).sum();
    let light: u32 = drawn.iter().skip(1).step_by(2).sum();
    let ratio = f64::from(heavy) / f64::from(light);
    assert!((3.6..4.4).contains(&ratio), "{ratio}");
    assert!(most <= 32);
    // And every member has its chance: about 4,000 × 8 / 400 = 80 on average.
    assert!(drawn.iter().all(|times| *times > 5));
}

#[test]
fn draw_should_follow_weight_when_all_are_far_below_the_bound() {
    // Nearly all are rejected; a quarter of the places is filled by luck over weight.
    let weights: Vec<Balance> = (0..400).map(|n| if n % 2 == 0 { 400 } else { 100 }).collect();
    let (drawn, _) = frequencies(&weights, 1_000_000, 8, 4_000);
    let heavy: u32 = drawn.iter().step_by(2).sum();
    let light: u32 = drawn.iter().skip(1).step_by(2).sum();
    let ratio = f64::from(heavy) / f64::from(light);
    assert!((3.4..4.4).contains(&ratio), "{ratio}");
    assert_eq!(heavy + light, 2 * 4_000);
}

#[test]
fn draw_should_not_favour_stake_when_it_is_above_the_bound() {
    let weights: Vec<Balance> = (0..400)
        .map(|n| if n % 2 == 0 { 1_000_000 } else { 100 })
        .collect();
    let (drawn, _) = frequencies(&weights, 100, 8, 2_000);
    let heavy: u32 = drawn.iter().step_by(2).sum();
    let light: u32 = drawn.iter().skip(1).step_by(2).sum();
    let ratio = f64::from(heavy) / f64::from(light);
    assert!((0.9..1.1).contains(&ratio), "{ratio}");
}

#[test]
fn draw_should_not_pay_for_splitting_when_stake_is_divided() {
    // One worker of 800 against a split of the same stake into eight of 100, among 392 others.
    let mut whole = vec![100; 392];
    whole.push(800);
    let mut split = vec![100; 392];
    split.extend([100; 8]);
    for bound in [800, 100_000] {
        let one = frequencies(&whole, bound, 8, 8_000).0[392];
        let eight: u32 = frequencies(&split, bound, 8, 8_000).0[392..].iter().sum();
        let gain = f64::from(eight) / f64::from(one);
        assert!(gain < 1.4, "{gain} at {bound}");
    }
}

#[test]
fn draw_should_return_all_when_the_roster_is_small() {
    let mut firsts = BTreeSet::new();
    for n in 0..64 {
        let drawn = sample(5, &seed(n), 5, 20, 1, |index| Some((index, 0)));
        assert_eq!(drawn.iter().collect::<BTreeSet<_>>().len(), 5);
        firsts.insert(drawn[0]);
        assert_eq!(drawn, sample(5, &seed(n), 5, 20, 1, |index| Some((index, 0))));
    }
    assert_eq!(firsts.len(), 5);
    assert!(sample(0, &seed(0), 5, 20, 1, |index| Some((index, 0))).is_empty());
    assert!(sample(5, &seed(0), 0, 0, 1, |index| Some((index, 0))).is_empty());
}

#[test]
fn draw_should_put_the_heavier_first_more_often_when_the_roster_is_small() {
    let weights: [Balance; 2] = [300, 100];
    let heavy_first = (0..2_000)
        .filter(|n| {
            sample(2, &seed(*n), 32, 128, 400, |index| {
                Some((index, weights[index as usize]))
            })[0]
                == 0
        })
        .count();
    // Of two uniform times, the one with a third of the spread comes first in 5 of 6 races.
    assert!((1_580..1_750).contains(&heavy_first), "{heavy_first}");
}

#[test]
fn draw_should_give_candidates_of_the_model_when_workers_serve_it() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            listed(n);
        }
        assert_ok!(ProviderStaking::serve_model(signed(&worker(3)), model(1)));
        let drawn = ProviderStaking::draw_for_model(&model(0), &seed(1), 32);
        assert_eq!(drawn.len(), 5);
        assert!(drawn
            .iter()
            .all(|candidate| candidate.serving && candidate.owner == owner(1)));
        // Their weight is a tenth of the bound: at least a quarter of what was asked for comes.
        let few = ProviderStaking::draw_for_model(&model(0), &seed(1), 4);
        assert!((1..=4).contains(&few.len()));
        let only = ProviderStaking::draw_for_model(&model(1), &seed(1), 32);
        assert_eq!(only.len(), 1);
        assert_eq!(
            Some(&only[0]),
            ProviderStaking::candidate(&worker(3), &model(1)).as_ref()
        );
        assert!(ProviderStaking::draw_for_model(&model(2), &seed(1), 32).is_empty());
        let class = RosterKey::Class(DeviceClass(5));
        assert_eq!(ProviderStaking::draw(&class, &seed(1), 32).len(), 5);
    });
}

#[test]
fn draw_should_respect_the_governed_tries_when_they_are_fewer() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..8 {
            listed(n);
        }
        MaxDrawTries::set(2);
        assert!(ProviderStaking::draw_for_model(&model(0), &seed(1), 4).len() <= 2);
    });
}

#[test]
fn roster_should_have_no_gap_when_workers_leave_from_the_middle() {
    ExtBuilder.build_and_execute(|| {
        for n in 1..6 {
            listed(n);
        }
        for n in [3, 1, 5, 2, 4] {
            assert_ok!(ProviderStaking::stop_serving(signed(&worker(n)), model(0)));
            assert_whole();
        }
        assert_eq!(RosterLength::<Test>::iter_keys().count(), 1, "the class is left");
    });
}

#[test]
fn weight_should_be_stake_capped_by_hardware_when_drawn() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        let mut record = stored(&worker);
        let owner = Owners::<Test>::get(owner(1)).expect("it has staked");
        // 1,000 GMAC/s justify 100 OGPU.
        assert_eq!(ProviderStaking::draw_weight(&record, &owner), 100 * OGPU);
        record.allotted = 60 * OGPU;
        assert_eq!(ProviderStaking::draw_weight(&record, &owner), 60 * OGPU);
        record.allotted = u128::MAX;
        assert_eq!(ProviderStaking::draw_weight(&record, &owner), 100 * OGPU);
        record.capability = None;
        assert_eq!(ProviderStaking::draw_weight(&record, &owner), 0);
    });
}

#[test]
fn worker_should_not_count_as_serving_when_the_minimum_stake_rises() {
    ExtBuilder.build_and_execute(|| {
        let worker = listed(1);
        MinWorkerStake::set(101 * OGPU);
        let drawn = ProviderStaking::draw_for_model(&model(0), &seed(1), 32);
        assert!(drawn.iter().all(|candidate| !candidate.serving));
        assert_eq!(
            ProviderStaking::reserve(&worker, 1),
            Err(Error::<Test>::NotListed.into())
        );
        // Anybody of the pair brings the rosters up to date.
        assert_ok!(ProviderStaking::resume(signed(&worker), worker.clone()));
        assert!(!stored(&worker).listed);
        assert_ok!(ProviderStaking::allot(
            signed(&owner(1)),
            worker.clone(),
            101 * OGPU
        ));
        assert!(stored(&worker).listed);
    });
}
