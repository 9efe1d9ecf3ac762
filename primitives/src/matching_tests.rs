//! Tests of the matching.

use super::*;
use alloc::{vec, vec::Vec};
use proptest::prelude::*;

const INDEX: Balance = 1_000_000;
const CLIENT: u32 = 1;

fn requirements() -> Requirements<u32> {
    Requirements {
        min_class: DeviceClass(2),
        region: Some(276),
        min_reputation_permille: 400,
        worker: None,
    }
}

fn candidate(worker: u32) -> Candidate<u32> {
    Candidate {
        worker,
        owner: worker + 1_000,
        class: DeviceClass(2),
        max_vram_mib: 8_000,
        region: 276,
        ask_permille: 1_000,
        reputation_permille: 500,
        slots: 2,
        free_slots: 1,
        exposure_room: 10_000_000,
        // With both slots busy it needs all 30 ticks: 15 to acknowledge, 5 to compute, 10 in reserve.
        throughput_gmac_s: 1_000,
        serving: true,
    }
}

fn demand(requirements: &Requirements<u32>) -> Demand<'_, u32> {
    Demand {
        client: &CLIENT,
        requirements,
        vram_mib: 8_000,
        work_milli_cu: 5_000,
        max_price: 5_000_000,
        exposure: 10_000_000,
        tried: &[],
        tried_owners: &[],
        sibling_owner: None,
        ticks_left: 30,
        acknowledge_ticks: 15,
        efficiency_permille: 1,
    }
}

#[test]
fn exclusion_should_be_none_when_every_requirement_is_just_met() {
    assert_eq!(
        exclusion(
            &candidate(2),
            &Demand {
                tried: &[3],
                tried_owners: &[1_003],
                sibling_owner: Some(&1_004),
                ..demand(&requirements())
            },
            5_000_000
        ),
        None
    );
}

#[test]
fn exclusion_should_name_the_dimension_when_one_requirement_is_broken() {
    let good = candidate(2);
    let other = Requirements {
        worker: Some(9),
        ..requirements()
    };
    let plain = requirements();
    let cases = [
        (
            Candidate {
                serving: false,
                ..good.clone()
            },
            &plain,
            Exclusion::NotServing,
        ),
        (
            Candidate {
                owner: CLIENT,
                ..good.clone()
            },
            &plain,
            Exclusion::OwnJob,
        ),
        (
            Candidate {
                worker: CLIENT,
                ..good.clone()
            },
            &plain,
            Exclusion::OwnJob,
        ),
        (
            Candidate {
                class: DeviceClass(1),
                ..good.clone()
            },
            &plain,
            Exclusion::Class,
        ),
        (
            Candidate {
                max_vram_mib: 7_999,
                ..good.clone()
            },
            &plain,
            Exclusion::Vram,
        ),
        (
            Candidate {
                region: 0,
                ..good.clone()
            },
            &plain,
            Exclusion::Region,
        ),
        (
            Candidate {
                reputation_permille: 399,
                ..good.clone()
            },
            &plain,
            Exclusion::Reputation,
        ),
        (
            Candidate {
                free_slots: 0,
                ..good.clone()
            },
            &plain,
            Exclusion::NoSlot,
        ),
        (
            Candidate {
                exposure_room: 9_999_999,
                ..good.clone()
            },
            &plain,
            Exclusion::Exposure,
        ),
        (
            Candidate {
                throughput_gmac_s: 999,
                ..good.clone()
            },
            &plain,
            Exclusion::Deadline,
        ),
        (
            Candidate {
                slots: 3,
                ..good.clone()
            },
            &plain,
            Exclusion::Deadline,
        ),
        (good.clone(), &other, Exclusion::NotChosen),
    ];
    for (candidate, requirements, expected) in cases {
        assert_eq!(
            exclusion(&candidate, &demand(requirements), 5_000_000),
            Some(expected)
        );
    }
    assert_eq!(
        exclusion(&good, &demand(&plain), 5_000_001),
        Some(Exclusion::Price)
    );
    let failed = Demand {
        tried: &[2],
        tried_owners: &[1_002],
        ..demand(&plain)
    };
    assert_eq!(exclusion(&good, &failed, 5_000_000), Some(Exclusion::Tried));
    let of_the_same_owner = Candidate {
        owner: 1_002,
        ..candidate(3)
    };
    assert_eq!(
        exclusion(&of_the_same_owner, &failed, 5_000_000),
        Some(Exclusion::OwnerTried)
    );
    let replica = Demand {
        sibling_owner: Some(&1_002),
        ..demand(&plain)
    };
    for candidate in [good, of_the_same_owner] {
        assert_eq!(
            exclusion(&candidate, &replica, 5_000_000),
            Some(Exclusion::SiblingOwner)
        );
    }
}

#[test]
fn exclusion_should_count_at_its_codec_index() {
    let all = [
        Exclusion::NotServing,
        Exclusion::OwnJob,
        Exclusion::Class,
        Exclusion::Vram,
        Exclusion::Region,
        Exclusion::Reputation,
        Exclusion::NoSlot,
        Exclusion::Exposure,
        Exclusion::Price,
        Exclusion::Tried,
        Exclusion::NotChosen,
        Exclusion::Deadline,
        Exclusion::OwnerTried,
        Exclusion::SiblingOwner,
    ];
    assert_eq!(all.len(), EXCLUSIONS);
    for (index, reason) in all.into_iter().enumerate() {
        assert_eq!(reason as usize, index);
        assert_eq!(reason.encode(), vec![index as u8]);
    }
}

#[test]
fn choose_should_take_the_cheaper_when_the_rest_is_equal() {
    let requirements = requirements();
    let cheap = Candidate {
        ask_permille: 900,
        ..candidate(3)
    };
    let choice = choose(&[candidate(2), cheap], &demand(&requirements), INDEX);
    assert_eq!((choice.best, choice.price), (Some(1), 4_500_000));
    assert_eq!(choice.excluded, [0; EXCLUSIONS]);
}

#[test]
fn choose_should_take_the_first_drawn_when_scores_are_equal() {
    let requirements = requirements();
    let choice = choose(&[candidate(5), candidate(2)], &demand(&requirements), INDEX);
    assert_eq!(choice.best, Some(0));
}

#[test]
fn choose_should_count_each_exclusion_when_nobody_fits() {
    let requirements = requirements();
    let dear = Candidate {
        ask_permille: 1_001,
        ..candidate(2)
    };
    let own = Candidate {
        owner: CLIENT,
        ..candidate(3)
    };
    let demand = Demand {
        tried: &[4],
        ..demand(&requirements)
    };
    let choice = choose(&[dear, own, candidate(4)], &demand, INDEX);
    let mut expected = [0; EXCLUSIONS];
    expected[Exclusion::Price as usize] = 1;
    expected[Exclusion::OwnJob as usize] = 1;
    expected[Exclusion::Tried as usize] = 1;
    assert_eq!(
        choice,
        Choice {
            best: None,
            price: 0,
            excluded: expected
        }
    );
}

#[test]
fn plain_score_should_rise_when_one_number_gets_better() {
    let (base, price) = (candidate(2), 5_000_000);
    let score = plain_score(&base, price);
    assert!(plain_score(&base, price / 2) > score);
    assert!(
        plain_score(
            &Candidate {
                throughput_gmac_s: 10_000,
                ..base.clone()
            },
            price
        ) > score
    );
    assert!(
        plain_score(
            &Candidate {
                reputation_permille: 501,
                ..base.clone()
            },
            price
        ) > score
    );
    assert!(
        plain_score(
            &Candidate {
                free_slots: 2,
                ..base.clone()
            },
            price
        ) > score
    );
}

#[test]
fn ticks_needed_should_follow_the_formula_when_all_is_ordinary() {
    // 300 tokens of 0.135 CU on a small CPU at 2 %: 40.5 s.
    assert_eq!(ticks_needed(40_500, 50, 20, 15), 21 + 15 + DEADLINE_MARGIN_TICKS);
    // A whole number of ticks is not rounded up.
    assert_eq!(ticks_needed(40_000, 50, 20, 15), 20 + 15 + DEADLINE_MARGIN_TICKS);
    assert_eq!(ticks_needed(0, 50, 20, 15), 15 + DEADLINE_MARGIN_TICKS);
}

#[test]
fn ticks_needed_should_saturate_when_the_work_never_gets_done() {
    assert_eq!(ticks_needed(1, 0, 20, 15), Tick::MAX);
    assert_eq!(ticks_needed(0, 50, 0, 15), Tick::MAX);
    assert_eq!(ticks_needed(u128::MAX, 1, 1, 15), Tick::MAX);
    assert_eq!(ticks_needed(1, u32::MAX, u32::MAX, Tick::MAX), Tick::MAX);
}

#[test]
fn idle_slots_should_not_make_a_worker_faster_when_others_may_fill_them() {
    let plain = requirements();
    let all_free = Candidate {
        slots: 3,
        free_slots: 3,
        ..candidate(2)
    };
    assert_eq!(
        exclusion(&all_free, &demand(&plain), 5_000_000),
        Some(Exclusion::Deadline)
    );
}

#[test]
fn features_should_fit_when_every_number_is_at_its_largest() {
    let requirements = requirements();
    let demand = Demand {
        work_milli_cu: u128::MAX,
        max_price: u128::MAX,
        ..demand(&requirements)
    };
    assert_eq!(features(&candidate(2), &demand, u128::MAX).len(), 59);
}

fn any_candidate() -> impl Strategy<Value = Candidate<u32>> {
    (
        (
            2u32..40,
            0u8..8,
            7_000u32..9_000,
            prop_oneof![Just(276u16), Just(0)],
        ),
        (100u32..2_000, 300u16..1_000, 0u16..4, 0u32..5_000, any::<bool>()),
    )
        .prop_map(
            |((worker, class, max_vram_mib, region), (ask, reputation, free_slots, throughput, serving))| {
                Candidate {
                    class: DeviceClass(class),
                    max_vram_mib,
                    region,
                    ask_permille: ask,
                    reputation_permille: reputation,
                    free_slots,
                    throughput_gmac_s: throughput,
                    serving,
                    ..candidate(worker)
                }
            },
        )
}

proptest! {
    #[test]
    fn choose_should_give_a_candidate_that_fits_and_that_no_other_beats(
        candidates in proptest::collection::vec(any_candidate(), 0..33),
    ) {
        let requirements = requirements();
        let demand = Demand { tried: &[7], tried_owners: &[1_008], sibling_owner: Some(&1_005), ..demand(&requirements) };
        let choice = choose(&candidates, &demand, INDEX);
        let dropped: usize = choice.excluded.iter().map(|count| usize::from(*count)).sum();
        let price_of = |candidate: &Candidate<u32>| pricing::price(demand.work_milli_cu, INDEX, candidate.ask_permille);
        let fitting: Vec<usize> = (0..candidates.len())
            .filter(|index| exclusion(&candidates[*index], &demand, price_of(&candidates[*index])).is_none())
            .collect();
        prop_assert_eq!(dropped + fitting.len(), candidates.len());
        prop_assert_eq!(choice.best.is_none(), fitting.is_empty());
        if let Some(best) = choice.best {
            prop_assert!(fitting.contains(&best));
            prop_assert!(choice.price <= demand.max_price);
            let score = plain_score(&candidates[best], choice.price);
            for index in fitting {
                let other = plain_score(&candidates[index], price_of(&candidates[index]));
                prop_assert!(other < score || (other == score && index >= best));
            }
        }
    }

    #[test]
    fn ticks_needed_should_never_fall_when_work_grows_or_speed_falls(
        work in any::<u64>(), more in any::<u64>(), speed in any::<u32>(), slower in any::<u32>(),
        efficiency in 0u32..=1_000,
    ) {
        let work = u128::from(work);
        let base = ticks_needed(work, speed, efficiency, 15);
        prop_assert!(ticks_needed(work + u128::from(more), speed, efficiency, 15) >= base);
        prop_assert!(ticks_needed(work, speed.saturating_sub(slower), efficiency, 15) >= base);
        prop_assert!(base >= 15 + DEADLINE_MARGIN_TICKS);
    }

    #[test]
    fn log2_q8_should_never_fall_and_stay_close(value in 1u128..u128::MAX, more in any::<u64>()) {
        prop_assert!(log2_q8(value.saturating_add(more.into())) >= log2_q8(value));
        let exact = (value as f64).log2() * 256.0;
        prop_assert!((log2_q8(value) as f64 - exact).abs() < 24.0);
    }
}
