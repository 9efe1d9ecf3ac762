//! Weights of `pallet_beacon`, measured by `scripts/weights`. Do not edit.
//!
//! 2026-11-24, AMD EPYC, 50 steps, 20 repeats, bencher 64.0.0.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights with this runtime's siblings and database costs.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_beacon::WeightInfo for WeightInfo<T> {
    /// Storage: `Beacon::LatestHead` (r:1 w:1)
    /// Proof: `Beacon::LatestHead` (`max_values`: Some(1), `max_size`: Some(68), added: 563, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::VrfBlocks` (r:1 w:1)
    /// Proof: `Beacon::VrfBlocks` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::LastBlockFull` (r:1 w:1)
    /// Proof: `Beacon::LastBlockFull` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
    /// Storage: `SafeMode::EnteredUntil` (r:1 w:0)
    /// Proof: `SafeMode::EnteredUntil` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Migrations::Cursor` (r:1 w:0)
    /// Proof: `Migrations::Cursor` (`max_values`: Some(1), `max_size`: Some(65550), added: 66045, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:1)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Accumulators` (r:0 w:256)
    /// Proof: `Beacon::Accumulators` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    /// The range of component `f` is `[1, 256]`.
    fn on_initialize(f: u32, ) -> Weight {
        // Least time: 17_226_000 picoseconds.
        Weight::from_parts(15_096_118, 67035)
            // Standard error: 580
            .saturating_add(Weight::from_parts(1_880_777, 0).saturating_mul(f.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(f.into())))
    }
    /// Storage: `Beacon::Accumulators` (r:1 w:0)
    /// Proof: `Beacon::Accumulators` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    fn draw() -> Weight {
        // Least time: 6_309_000 picoseconds.
        Weight::from_parts(6_840_000, 3513)
            .saturating_add(T::DbWeight::get().reads(1_u64))
    }
}
