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
        free_slots: 1,
        exposure_room: 10_000_000,
        throughput_gmac_s: 5_000,
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
    }
}

#[test]
fn exclusion_should_be_none_when_every_requirement_is_just_met() {
    assert_eq!(
        exclusion(&candidate(2), &demand(&requirements()), 5_000_000, &[3]),
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
        (good.clone(), &other, Exclusion::NotChosen),
    ];
    for (candidate, requirements, expected) in cases {
        assert_eq!(
            exclusion(&candidate, &demand(requirements), 5_000_000, &[]),
            Some(expected)
        );
    }
    assert_eq!(
        exclusion(&good, &demand(&plain), 5_000_001, &[]),
        Some(Exclusion::Price)
    );
    assert_eq!(
        exclusion(&good, &demand(&plain), 5_000_000, &[2]),
        Some(Exclusion::Tried)
    );
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
    let choice = choose(&[candidate(2), cheap], &demand(&requirements), INDEX, &[]);
    assert_eq!((choice.best, choice.price), (Some(1), 4_500_000));
    assert_eq!(choice.excluded, [0; EXCLUSIONS]);
}

#[test]
fn choose_should_take_the_first_drawn_when_scores_are_equal() {
    let requirements = requirements();
    let choice = choose(&[candidate(5), candidate(2)], &demand(&requirements), INDEX, &[]);
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
    let choice = choose(&[dear, own, candidate(4)], &demand(&requirements), INDEX, &[4]);
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
        (100u32..2_000, 300u16..1_000, 0u16..4, any::<u32>(), any::<bool>()),
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
        let demand = demand(&requirements);
        let choice = choose(&candidates, &demand, INDEX, &[7]);
        let dropped: usize = choice.excluded.iter().map(|count| usize::from(*count)).sum();
        let price_of = |candidate: &Candidate<u32>| pricing::price(demand.work_milli_cu, INDEX, candidate.ask_permille);
        let fitting: Vec<usize> = (0..candidates.len())
            .filter(|index| exclusion(&candidates[*index], &demand, price_of(&candidates[*index]), &[7]).is_none())
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
    fn log2_q8_should_never_fall_and_stay_close(value in 1u128..u128::MAX, more in any::<u64>()) {
        prop_assert!(log2_q8(value.saturating_add(more.into())) >= log2_q8(value));
        let exact = (value as f64).log2() * 256.0;
        prop_assert!((log2_q8(value) as f64 - exact).abs() < 24.0);
    }
}
