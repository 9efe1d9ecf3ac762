//! Weights of `pallet_provider_staking`, measured by `scripts/weights`. Do not edit.
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

impl<T: frame_system::Config> pallet_provider_staking::WeightInfo for WeightInfo<T> {
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    fn stake() -> Weight {
        // Least time: 76_754_000 picoseconds.
        Weight::from_parts(80_259_000, 4207)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:3 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn unstake() -> Weight {
        // Least time: 27_611_000 picoseconds.
        Weight::from_parts(29_684_000, 8523)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
    fn withdraw() -> Weight {
        // Least time: 62_102_000 picoseconds.
        Weight::from_parts(65_097_000, 4207)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:3 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `System::BlockHash` (r:1 w:0)
    /// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::WorkersOf` (r:0 w:1)
    /// Proof: `ProviderStaking::WorkersOf` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    fn pair() -> Weight {
        // Least time: 153_779_000 picoseconds.
        Weight::from_parts(161_800_000, 8523)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:32)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Profiles` (r:1 w:1)
    /// Proof: `ProviderStaking::Profiles` (`max_values`: None, `max_size`: Some(1795), added: 4270, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TransportKeys` (r:0 w:1)
    /// Proof: `ProviderStaking::TransportKeys` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::WorkersOf` (r:0 w:1)
    /// Proof: `ProviderStaking::WorkersOf` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn unpair(m: u32, ) -> Weight {
        // Least time: 92_687_000 picoseconds.
        Weight::from_parts(88_544_869, 5260)
            // Standard error: 124_393
            .saturating_add(Weight::from_parts(31_391_676, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(13_u64))
            .saturating_add(T::DbWeight::get().writes((8_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn allot(m: u32, ) -> Weight {
        // Least time: 61_622_000 picoseconds.
        Weight::from_parts(70_487_961, 4207)
            // Standard error: 70_003
            .saturating_add(Weight::from_parts(23_035_646, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(7_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Profiles` (r:1 w:1)
    /// Proof: `ProviderStaking::Profiles` (`max_values`: None, `max_size`: Some(1795), added: 4270, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TransportKeys` (r:1 w:2)
    /// Proof: `ProviderStaking::TransportKeys` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn set_profile(m: u32, ) -> Weight {
        // Least time: 89_213_000 picoseconds.
        Weight::from_parts(94_655_048, 6012)
            // Standard error: 31_263
            .saturating_add(Weight::from_parts(22_765_183, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(11_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:5 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:4 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    fn set_ask() -> Weight {
        // Least time: 72_007_000 picoseconds.
        Weight::from_parts(77_244_000, 13845)
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::Models` (r:1 w:0)
    /// Proof: `JobMarket::Models` (`max_values`: None, `max_size`: Some(4675), added: 7150, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:1 w:1)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:1 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:1)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    fn serve_model() -> Weight {
        // Least time: 76_974_000 picoseconds.
        Weight::from_parts(84_315_000, 8140)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:1 w:1)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:1 w:2)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:1 w:2)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    fn stop_serving() -> Weight {
        // Least time: 72_137_000 picoseconds.
        Weight::from_parts(80_019_000, 3647)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(9_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn drain(m: u32, ) -> Weight {
        // Least time: 56_293_000 picoseconds.
        Weight::from_parts(50_702_854, 3647)
            // Standard error: 42_757
            .saturating_add(Weight::from_parts(28_663_471, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes((7_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn resume(m: u32, ) -> Weight {
        // Least time: 52_307_000 picoseconds.
        Weight::from_parts(59_694_114, 3647)
            // Standard error: 29_027
            .saturating_add(Weight::from_parts(22_708_216, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(6_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn rejoin(m: u32, ) -> Weight {
        // Least time: 113_308_000 picoseconds.
        Weight::from_parts(117_852_263, 6196)
            // Standard error: 36_953
            .saturating_add(Weight::from_parts(22_918_293, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn top_up() -> Weight {
        // Least time: 73_018_000 picoseconds.
        Weight::from_parts(79_468_000, 6196)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Parameters::Parameters` (r:5 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:1 w:0)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:256 w:0)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:256 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:256 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    /// The range of component `t` is `[1, 256]`.
    fn draw_for_model(t: u32, ) -> Weight {
        // Least time: 46_599_000 picoseconds.
        Weight::from_parts(47_491_000, 13545)
            // Standard error: 48_111
            .saturating_add(Weight::from_parts(23_872_411, 0).saturating_mul(t.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(t.into())))
            .saturating_add(Weight::from_parts(0, 3217).saturating_mul(t.into()))
    }
    /// Estimated, as the reads and writes of rosters' owners above, until measured anew.
    /// The range of component `t` is `[1, 128]`.
    fn draw_seats(t: u32, ) -> Weight {
        Weight::from_parts(60_000_000, 13545)
            .saturating_add(Weight::from_parts(32_000_000, 0).saturating_mul(t.into()))
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(t.into())))
            .saturating_add(Weight::from_parts(0, 3217).saturating_mul(t.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(742), added: 3217, mode: `MaxEncodedLen`)
    fn reserve() -> Weight {
        // Least time: 30_045_000 picoseconds.
        Weight::from_parts(34_331_000, 6012)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:5 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:4 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    fn free_slot() -> Weight {
        // Least time: 60_600_000 picoseconds.
        Weight::from_parts(64_826_000, 13845)
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn strike(m: u32, ) -> Weight {
        // Least time: 59_098_000 picoseconds.
        Weight::from_parts(73_449_080, 3647)
            // Standard error: 71_811
            .saturating_add(Weight::from_parts(27_471_090, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(10_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
            .saturating_add(T::DbWeight::get().writes((7_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }

    // Reasoned, not measured yet: `scripts/weights` replaces them.
    fn slash() -> Weight {
        <() as pallet_provider_staking::WeightInfo>::slash()
    }

    fn set_reputation() -> Weight {
        <() as pallet_provider_staking::WeightInfo>::set_reputation()
    }
}
