//! Weights of `pallet_slashing`, measured by `scripts/weights`. Do not edit.
//!
//! 2026-11-29, AMD EPYC, 50 steps, 20 repeats, bencher 64.0.0.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::Weight};

/// Weights with this runtime's siblings and database costs.
pub struct WeightInfo<T>(PhantomData<T>);

impl<T: frame_system::Config> pallet_slashing::WeightInfo for WeightInfo<T> {
    /// Storage: `Slashing::Pending` (r:1 w:1)
    /// Proof: `Slashing::Pending` (`max_values`: None, `max_size`: Some(2062), added: 4537, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::PendingSums` (r:1 w:1)
    /// Proof: `Slashing::PendingSums` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Offences` (r:1 w:1)
    /// Proof: `Slashing::Offences` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
    fn cancel() -> Weight {
        // Least time: 20_330_000 picoseconds.
        Weight::from_parts(21_753_000, 5527)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// Storage: `Slashing::AgendaCursor` (r:1 w:1)
    /// Proof: `Slashing::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn service_base() -> Weight {
        // Least time: 3_045_000 picoseconds.
        Weight::from_parts(3_335_000, 1493)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `Slashing::AgendaCursor` (r:1 w:1)
    /// Proof: `Slashing::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::AgendaLength` (r:1 w:1)
    /// Proof: `Slashing::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn service_tick() -> Weight {
        // Least time: 5_207_000 picoseconds.
        Weight::from_parts(5_648_000, 3481)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Slashing::AgendaCursor` (r:1 w:1)
    /// Proof: `Slashing::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::AgendaLength` (r:1 w:1)
    /// Proof: `Slashing::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Agenda` (r:1 w:1)
    /// Proof: `Slashing::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Pending` (r:1 w:1)
    /// Proof: `Slashing::Pending` (`max_values`: None, `max_size`: Some(2062), added: 4537, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Outages` (r:1 w:0)
    /// Proof: `Slashing::Outages` (`max_values`: Some(1), `max_size`: Some(770), added: 1265, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Silence` (r:1 w:1)
    /// Proof: `Slashing::Silence` (`max_values`: Some(1), `max_size`: Some(3087), added: 3582, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn service_item() -> Weight {
        // Least time: 68_522_000 picoseconds.
        Weight::from_parts(70_996_000, 6196)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    /// Storage: `System::Account` (r:42 w:42)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// The range of component `p` is `[0, 40]`.
    fn payouts(p: u32, ) -> Weight {
        // Least time: 39_800_000 picoseconds.
        Weight::from_parts(28_910_596, 6196)
            // Standard error: 107_026
            .saturating_add(Weight::from_parts(37_635_431, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
            .saturating_add(T::DbWeight::get().writes(2_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
            .saturating_add(Weight::from_parts(0, 2603).saturating_mul(p.into()))
    }
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:4 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Outages` (r:1 w:1)
    /// Proof: `Slashing::Outages` (`max_values`: Some(1), `max_size`: Some(770), added: 1265, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Forgiven` (r:1 w:0)
    /// Proof: `Slashing::Forgiven` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Offences` (r:1 w:1)
    /// Proof: `Slashing::Offences` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::NextId` (r:1 w:1)
    /// Proof: `Slashing::NextId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Silence` (r:1 w:1)
    /// Proof: `Slashing::Silence` (`max_values`: Some(1), `max_size`: Some(3087), added: 3582, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::AgendaLength` (r:1 w:1)
    /// Proof: `Slashing::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:2 w:2)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Agenda` (r:0 w:1)
    /// Proof: `Slashing::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Pending` (r:0 w:1)
    /// Proof: `Slashing::Pending` (`max_values`: None, `max_size`: Some(2062), added: 4537, mode: `MaxEncodedLen`)
    fn report() -> Weight {
        // Least time: 64_616_000 picoseconds.
        Weight::from_parts(67_491_000, 11220)
            .saturating_add(T::DbWeight::get().reads(14_u64))
            .saturating_add(T::DbWeight::get().writes(9_u64))
    }
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:1)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    fn counted() -> Weight {
        // Least time: 21_021_000 picoseconds.
        Weight::from_parts(22_324_000, 6105)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:1)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    fn failed() -> Weight {
        // Least time: 19_109_000 picoseconds.
        Weight::from_parts(20_260_000, 6105)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Slashing::Precision` (r:1 w:1)
    /// Proof: `Slashing::Precision` (`max_values`: None, `max_size`: Some(202), added: 2677, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:1)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    fn observed() -> Weight {
        // Least time: 18_698_000 picoseconds.
        Weight::from_parts(19_780_000, 6105)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Slashing::Standings` (r:1 w:0)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    fn rate() -> Weight {
        // Least time: 13_841_000 picoseconds.
        Weight::from_parts(14_691_000, 6105)
            .saturating_add(T::DbWeight::get().reads(4_u64))
    }
}
