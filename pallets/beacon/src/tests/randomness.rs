use super::*;
use crate::{randomness::mix, Accumulators, VrfBlocks, WeightInfo, RING};
use frame_support::traits::Hooks;
use ogpu_primitives::{tagged_hash, traits::Draw};
use proptest::prelude::*;
use sp_core::H256;

#[test]
fn accumulator_should_chain_the_outputs_when_blocks_follow() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(4);
        let first = mix(H256::zero(), &vrf_of(1), 1);
        let second = mix(first, &vrf_of(2), 2);
        let third = mix(second, &vrf_of(3), 3);
        assert_eq!(Beacon::accumulator(1), Some(first));
        assert_eq!(Beacon::accumulator(2), Some(second));
        assert_eq!(Beacon::accumulator(3), Some(third));
        assert_eq!(
            Beacon::accumulator(4),
            None,
            "the block that is being made has no output yet"
        );
        assert_eq!(VrfBlocks::<Test>::get(), 3);
    });
}

#[test]
fn accumulator_should_hash_tag_accumulator_output_and_block_when_mixed() {
    let mut data = vec![1u8; 32];
    data.extend([2u8; 32]);
    data.extend([3, 0, 0, 0]);
    assert_eq!(
        mix(H256([1; 32]), &[2; 32], 3),
        tagged_hash(b"ogpu/beacon/v1", &data)
    );
}

#[test]
fn draw_should_be_there_two_blocks_later_when_it_spans_one_block() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(10);
        assert_eq!(Beacon::draw(10, 1, b"job"), None);
        run_to_block(11);
        assert_eq!(
            Beacon::draw(10, 1, b"job"),
            None,
            "nothing of block 11 is known in block 11"
        );
        run_to_block(12);
        let accumulator = Beacon::accumulator(11).expect("block 11 has an output");
        let expected = tagged_hash(b"ogpu/draw/v1", &[accumulator.as_bytes(), b"job"].concat());
        assert_eq!(Beacon::draw(10, 1, b"job"), Some(expected));
    });
}

#[test]
fn draw_should_not_change_when_it_is_asked_again_later() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(12);
        let early = Beacon::draw(3, 8, b"audit");
        assert!(early.is_some());
        run_to_block(200);
        assert_eq!(Beacon::draw(3, 8, b"audit"), early);
    });
}

#[test]
fn draw_should_differ_when_the_subject_differs() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(12);
        assert_ne!(Beacon::draw(3, 1, b"a"), Beacon::draw(3, 1, b"b"));
        assert_ne!(Beacon::draw(3, 1, b"a"), Beacon::draw(4, 1, b"a"));
    });
}

#[test]
fn draw_should_be_none_when_the_block_has_left_the_memory() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(100);
        assert!(Beacon::draw(49, 1, b"job").is_some());
        run_to_block(u64::from(50 + RING));
        assert!(
            Beacon::draw(49, 1, b"job").is_some(),
            "block 50 is the oldest that is kept"
        );
        run_to_block(u64::from(51 + RING));
        assert_eq!(Beacon::draw(49, 1, b"job"), None);
        assert_eq!(Accumulators::<Test>::iter().count(), RING as usize);
    });
}

#[test]
fn draw_should_take_the_first_later_block_when_its_own_has_no_output() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(10);
        start_block(Some(vrf_of(10)));
        start_block(None);
        start_block(None);
        assert_eq!(Beacon::draw(10, 1, b"job"), None, "block 11 had no output");
        start_block(Some(vrf_of(13)));
        assert_eq!(Beacon::accumulator(11), Beacon::accumulator(13));
        assert_eq!(Beacon::accumulator(12), Beacon::accumulator(13));
        assert_ne!(Beacon::accumulator(10), Beacon::accumulator(13));
        assert!(Beacon::draw(10, 1, b"job").is_some());
    });
}

#[test]
fn draw_should_wait_when_the_output_stays_the_same() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(10);
        start_block(Some(vrf_of(10)));
        start_block(Some(vrf_of(10)));
        assert_eq!(
            Beacon::draw(10, 1, b"job"),
            None,
            "an old output must not count twice"
        );
        start_block(Some(vrf_of(12)));
        assert!(Beacon::draw(10, 1, b"job").is_some());
    });
}

#[test]
fn draw_should_span_one_block_when_none_is_asked() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(12);
        assert_eq!(Beacon::draw(10, 0, b"job"), Beacon::draw(10, 1, b"job"));
        assert_eq!(Beacon::draw(u32::MAX, 1, b"job"), None);
    });
}

#[test]
fn hook_should_charge_for_the_gap_when_outputs_were_missing() {
    ExtBuilder.build_and_execute(|| {
        run_to_block(10);
        for _ in 0..300 {
            start_block(None);
        }
        let next = System::block_number() + 1;
        System::set_block_number(next);
        Vrf::set(Some(vrf_of(310)));
        assert_eq!(
            Beacon::on_initialize(next),
            <() as WeightInfo>::on_initialize(RING)
        );
        assert_eq!(Accumulators::<Test>::iter().count(), RING as usize);
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn draw_should_use_an_output_from_after_the_subject_was_fixed(
        outputs in prop::collection::vec(any::<bool>(), 20..60),
        blocks in 1u32..9,
    ) {
        ExtBuilder.build_and_execute(|| {
            let mut with_output = Vec::new();
            for (index, has_output) in outputs.iter().enumerate() {
                let before = index as u32;
                start_block((*has_output && before > 0).then(|| vrf_of(before)));
                if *has_output && before > 0 {
                    with_output.push(before);
                }
            }
            for fixed in 0..outputs.len() as u32 {
                let end = fixed + blocks;
                let source = with_output.iter().find(|block| **block >= end);
                assert_eq!(
                    Beacon::draw(fixed, blocks, b"x").is_some(),
                    source.is_some(),
                    "fixed {fixed}, {blocks} blocks",
                );
                if let Some(source) = source {
                    assert_eq!(Beacon::accumulator(end), Beacon::accumulator(*source));
                }
            }
        });
    }
}
