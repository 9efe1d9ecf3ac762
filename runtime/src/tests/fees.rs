//! What transactions cost, and how the price follows the load.

use super::chain;
use crate::{
    configs::system::MAX_BLOCK_WEIGHT, fee_multiplier::WholeBlockAdjustment, JobMarket, Runtime, System,
    TransactionPayment, OGPU,
};
use frame_support::{
    dispatch::{DispatchClass, DispatchInfo, Pays},
    weights::Weight,
};
use pallet_transaction_payment::{Multiplier, MultiplierUpdate, TargetedFeeAdjustment};
use sp_runtime::{
    traits::{Convert, Saturating},
    FixedPointNumber, Perquintill,
};

/// The multiplier after a block of `used` in `class`, from `previous`.
fn after(used: Weight, class: DispatchClass, previous: Multiplier) -> Multiplier {
    sp_io::TestExternalities::default().execute_with(|| {
        System::register_extra_weight_unchecked(used, class);
        WholeBlockAdjustment::convert(previous)
    })
}

#[test]
fn multiplier_should_rise_when_a_block_is_full_of_any_class() {
    let one = Multiplier::from_u32(1);
    for class in [
        DispatchClass::Normal,
        DispatchClass::Operational,
        DispatchClass::Mandatory,
    ] {
        let next = after(MAX_BLOCK_WEIGHT, class, one);
        assert!(next > one, "{class:?}: {next:?}");
        // Full blocks of one day: 43,200 of them.
        let day = (0..43_200).fold(one, |multiplier, _| {
            multiplier.saturating_add(multiplier.saturating_mul(next.saturating_sub(one)))
        });
        assert!(
            day > Multiplier::saturating_from_rational(2, 1),
            "{class:?}: {day:?}"
        );
    }
}

#[test]
fn multiplier_should_count_all_classes_together_when_none_alone_is_above_the_target() {
    sp_io::TestExternalities::default().execute_with(|| {
        let one = Multiplier::from_u32(1);
        let most = WholeBlockAdjustment::target_weight() * 2 / 3;
        System::register_extra_weight_unchecked(most, DispatchClass::Normal);
        assert_eq!(
            WholeBlockAdjustment::convert(one),
            one,
            "below the target it stays at its least"
        );
        System::register_extra_weight_unchecked(most, DispatchClass::Operational);
        assert!(WholeBlockAdjustment::convert(one) > one);
    });
}

#[test]
fn multiplier_should_stay_when_a_block_is_at_the_target_and_fall_when_it_is_below() {
    let ten = Multiplier::from_u32(10);
    let target = WholeBlockAdjustment::target_weight();
    assert_eq!(after(target, DispatchClass::Operational, ten), ten);
    assert!(after(Weight::zero(), DispatchClass::Normal, ten) < ten);
    // It never leaves its bounds.
    let (least, most) = (WholeBlockAdjustment::min(), WholeBlockAdjustment::max());
    assert_eq!(after(Weight::zero(), DispatchClass::Normal, least), least);
    assert_eq!(after(MAX_BLOCK_WEIGHT, DispatchClass::Normal, most), most);
    assert_eq!(
        after(Weight::zero(), DispatchClass::Normal, Multiplier::from_u32(0)),
        least
    );
}

frame_support::parameter_types! {
    pub const Target: Perquintill = Perquintill::from_percent(25);
    pub Variability: Multiplier = WholeBlockAdjustment::variability();
    pub Least: Multiplier = WholeBlockAdjustment::min();
    pub Most: Multiplier = WholeBlockAdjustment::max();
}

#[test]
fn multiplier_should_move_as_upstreams_when_only_normal_transactions_come() {
    type Upstream = TargetedFeeAdjustment<Runtime, Target, Variability, Least, Most>;
    sp_io::TestExternalities::default().execute_with(|| {
        let three = Multiplier::from_u32(3);
        System::register_extra_weight_unchecked(MAX_BLOCK_WEIGHT / 2, DispatchClass::Normal);
        let ours = WholeBlockAdjustment::convert(three);
        let upstreams = Upstream::convert(three);
        // The same distance is a smaller part of a whole block than of the normal 70 % of it.
        let parts = |next: Multiplier| next.saturating_sub(three).into_inner();
        assert_eq!(parts(ours) * 1_000 / parts(upstreams), 699);
    });
}

#[test]
fn submission_should_cost_some_hundredths_when_the_chain_is_new() {
    chain("staging").execute_with(|| {
        let info = DispatchInfo {
            call_weight: JobMarket::submit_weight(1),
            extension_weight: Weight::zero(),
            class: DispatchClass::Normal,
            pays_fee: Pays::Yes,
        };
        // A request with all that is optional, signed. Three matches of 32 candidates, whose records of audits are read
        // for their caps, are most of it.
        let fee = TransactionPayment::compute_fee(450, &info, 0);
        assert!(fee < OGPU / 40, "{fee}");
        // It pays for every match that it can cause.
        assert!(fee > OGPU / 1_000, "{fee}");
    });
}
