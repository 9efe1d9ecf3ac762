use super::*;
use crate::{Accumulators, LatestHead, Now, VrfBlocks};
use frame_support::assert_err;
use sp_core::H256;
use sp_runtime::TryRuntimeError;

fn corrupted(corrupt: impl FnOnce(), expected: &'static str) {
    ExtBuilder.build().execute_with(|| {
        run_to_block(10);
        Beacon::do_try_state().expect("state is sound before");
        corrupt();
        assert_err!(Beacon::do_try_state(), TryRuntimeError::Other(expected));
    });
}

#[test]
fn try_state_should_notice_when_the_clock_runs_ahead() {
    corrupted(|| Now::<Test>::put(11), "more ticks than blocks");
}

#[test]
fn try_state_should_notice_when_outputs_are_counted_twice() {
    corrupted(|| VrfBlocks::<Test>::put(11), "more VRF outputs than blocks");
}

#[test]
fn try_state_should_notice_when_the_head_is_lost() {
    corrupted(LatestHead::<Test>::kill, "accumulators without a head");
}

#[test]
fn try_state_should_notice_when_the_head_is_not_in_the_ring() {
    corrupted(|| Accumulators::<Test>::remove(9), "the head is not in the ring");
}

#[test]
fn try_state_should_notice_when_an_accumulator_lies_in_a_wrong_place() {
    corrupted(
        || Accumulators::<Test>::insert(8, (7, H256::zero())),
        "an accumulator lies in a wrong place",
    );
}

#[test]
fn try_state_should_notice_when_an_accumulator_comes_from_the_future() {
    corrupted(
        || Accumulators::<Test>::insert(20, (20, H256::zero())),
        "an accumulator is newer than the head",
    );
}
