//! Weights of `pallet_verification`, measured by `scripts/weights`. Do not edit.
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

impl<T: frame_system::Config> pallet_verification::WeightInfo for WeightInfo<T> {
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn service_base() -> Weight {
        // Least time: 3_605_000 picoseconds.
        Weight::from_parts(4_056_000, 1493)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn service_tick() -> Weight {
        // Least time: 6_680_000 picoseconds.
        Weight::from_parts(7_341_000, 3481)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:1 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(62), added: 2537, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(189), added: 2664, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::Jobs` (r:1 w:0)
    /// Proof: `JobMarket::Jobs` (`max_values`: None, `max_size`: Some(898), added: 3373, mode: `MaxEncodedLen`)
    fn service_item() -> Weight {
        // Least time: 29_994_000 picoseconds.
        Weight::from_parts(32_218_000, 4363)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
}
