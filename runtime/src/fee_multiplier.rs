//! How the price of weight follows the fullness of blocks.
//!
//! Upstream's `TargetedFeeAdjustment` counts normal transactions only: operational ones could fill every block at
//! a flat price, and full blocks keep the work clock from ticking. Here all weight of a block counts, normal,
//! operational and that of hooks, by upstream's formula.

use crate::{
    configs::system::{RuntimeBlockWeights, MAX_BLOCK_WEIGHT},
    Runtime,
};
use frame_support::{dispatch::DispatchClass, weights::Weight};
use pallet_transaction_payment::{Multiplier, MultiplierUpdate};
use sp_runtime::{
    traits::{Bounded, Convert, Saturating},
    FixedPointNumber, Perquintill,
};

/// Raises the price of weight after blocks that are fuller than the target and lowers it after others.
pub struct WholeBlockAdjustment;

impl WholeBlockAdjustment {
    /// Weight of a whole block at which the price stays: the target share of what normal transactions may fill,
    /// as upstream's check of the configuration counts it.
    pub fn target_weight() -> Weight {
        let normal = RuntimeBlockWeights::get()
            .get(DispatchClass::Normal)
            .max_total
            .unwrap_or(MAX_BLOCK_WEIGHT);
        Self::target() * normal
    }
}

impl MultiplierUpdate for WholeBlockAdjustment {
    fn min() -> Multiplier {
        Multiplier::from_u32(1)
    }

    fn max() -> Multiplier {
        Multiplier::max_value()
    }

    fn target() -> Perquintill {
        Perquintill::from_percent(25)
    }

    fn variability() -> Multiplier {
        Multiplier::saturating_from_rational(25, 1_000_000)
    }
}

impl Convert<Multiplier, Multiplier> for WholeBlockAdjustment {
    /// previous × (1 + v·d + (v·d)²/2), where d is how far the block's weight is from the target, in blocks.
    fn convert(previous: Multiplier) -> Multiplier {
        let previous = previous.max(Self::min());
        // A solochain's proof size has no limit; time is what is scarce.
        let full = MAX_BLOCK_WEIGHT.ref_time();
        let used = frame_system::Pallet::<Runtime>::block_weight()
            .total()
            .ref_time()
            .min(full);
        let target = Self::target_weight().ref_time();
        let distance = Multiplier::saturating_from_rational(used.abs_diff(target), full.max(1));
        let first = Self::variability().saturating_mul(distance);
        let second = first.saturating_mul(first) / Multiplier::from_u32(2);
        let next = if used >= target {
            previous.saturating_add(previous.saturating_mul(first.saturating_add(second)))
        } else {
            previous.saturating_sub(previous.saturating_mul(first.saturating_sub(second)))
        };
        next.clamp(Self::min(), Self::max())
    }
}
