//! Weights of `pallet_provider_staking`, measured by `scripts/weights`. Do not edit.
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

impl<T: frame_system::Config> pallet_provider_staking::WeightInfo for WeightInfo<T> {
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TotalStake` (r:1 w:1)
    /// Proof: `ProviderStaking::TotalStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn stake() -> Weight {
        // Least time: 61_512_000 picoseconds.
        Weight::from_parts(63_905_000, 4239)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:3 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TotalStake` (r:1 w:1)
    /// Proof: `ProviderStaking::TotalStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn unstake() -> Weight {
        // Least time: 24_667_000 picoseconds.
        Weight::from_parts(25_919_000, 8523)
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    fn withdraw() -> Weight {
        // Least time: 45_908_000 picoseconds.
        Weight::from_parts(47_811_000, 4239)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:3 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `System::BlockHash` (r:1 w:0)
    /// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::WorkersOf` (r:0 w:1)
    /// Proof: `ProviderStaking::WorkersOf` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    fn pair() -> Weight {
        // Least time: 113_339_000 picoseconds.
        Weight::from_parts(120_730_000, 8523)
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
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Profiles` (r:1 w:1)
    /// Proof: `ProviderStaking::Profiles` (`max_values`: None, `max_size`: Some(1795), added: 4270, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TransportKeys` (r:0 w:1)
    /// Proof: `ProviderStaking::TransportKeys` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::WorkersOf` (r:0 w:1)
    /// Proof: `ProviderStaking::WorkersOf` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn unpair(m: u32, ) -> Weight {
        // Least time: 86_930_000 picoseconds.
        Weight::from_parts(93_910_655, 5260)
            // Standard error: 83_754
            .saturating_add(Weight::from_parts(37_136_234, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(11_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(14_u64))
            .saturating_add(T::DbWeight::get().writes((8_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn allot(m: u32, ) -> Weight {
        // Least time: 62_223_000 picoseconds.
        Weight::from_parts(64_765_391, 4239)
            // Standard error: 68_517
            .saturating_add(Weight::from_parts(29_774_995, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(8_u64))
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
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn set_profile(m: u32, ) -> Weight {
        // Least time: 91_566_000 picoseconds.
        Weight::from_parts(93_688_215, 6012)
            // Standard error: 53_273
            .saturating_add(Weight::from_parts(29_784_205, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(13_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(10_u64))
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
        // Least time: 62_533_000 picoseconds.
        Weight::from_parts(75_433_000, 13845)
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
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:1 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:1)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    fn serve_model() -> Weight {
        // Least time: 81_111_000 picoseconds.
        Weight::from_parts(95_422_000, 8140)
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
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:1 w:1)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    fn stop_serving() -> Weight {
        // Least time: 77_506_000 picoseconds.
        Weight::from_parts(97_395_000, 3647)
            .saturating_add(T::DbWeight::get().reads(7_u64))
            .saturating_add(T::DbWeight::get().writes(9_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:33 w:66)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn drain(m: u32, ) -> Weight {
        // Least time: 62_473_000 picoseconds.
        Weight::from_parts(67_355_731, 4239)
            // Standard error: 72_620
            .saturating_add(Weight::from_parts(35_076_626, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(9_u64))
            .saturating_add(T::DbWeight::get().writes((7_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn resume(m: u32, ) -> Weight {
        // Least time: 60_090_000 picoseconds.
        Weight::from_parts(91_634_613, 4239)
            // Standard error: 174_319
            .saturating_add(Weight::from_parts(28_452_505, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(7_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Served` (r:33 w:0)
    /// Proof: `ProviderStaking::Served` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterPosition` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterPosition` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::ParkedJobs` (r:32 w:0)
    /// Proof: `JobMarket::ParkedJobs` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:0 w:33)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn rejoin(m: u32, ) -> Weight {
        // Least time: 102_683_000 picoseconds.
        Weight::from_parts(101_606_523, 6196)
            // Standard error: 73_397
            .saturating_add(Weight::from_parts(30_258_689, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(12_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(9_u64))
            .saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    fn top_up() -> Weight {
        // Least time: 57_866_000 picoseconds.
        Weight::from_parts(69_023_000, 6196)
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
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// The range of component `t` is `[1, 256]`.
    fn draw_for_model(t: u32, ) -> Weight {
        // Least time: 37_306_000 picoseconds.
        Weight::from_parts(62_671_667, 13545)
            // Standard error: 87_464
            .saturating_add(Weight::from_parts(19_603_481, 0).saturating_mul(t.into()))
            .saturating_add(T::DbWeight::get().reads(6_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(t.into())))
            .saturating_add(Weight::from_parts(0, 3249).saturating_mul(t.into()))
    }
    /// Storage: `JobMarket::Models` (r:1 w:0)
    /// Proof: `JobMarket::Models` (`max_values`: None, `max_size`: Some(4675), added: 7150, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:3 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:1 w:0)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:128 w:0)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:128 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:128 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// The range of component `t` is `[1, 128]`.
    fn draw_seats(t: u32, ) -> Weight {
        // Least time: 39_199_000 picoseconds.
        Weight::from_parts(27_041_673, 8523)
            // Standard error: 37_674
            .saturating_add(Weight::from_parts(16_249_777, 0).saturating_mul(t.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(t.into())))
            .saturating_add(Weight::from_parts(0, 3249).saturating_mul(t.into()))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    fn reserve() -> Weight {
        // Least time: 25_558_000 picoseconds.
        Weight::from_parts(26_960_000, 6012)
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
        // Least time: 46_960_000 picoseconds.
        Weight::from_parts(50_445_000, 13845)
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
    /// Storage: `ProviderStaking::ClassStake` (r:1 w:1)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterWorkersOf` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterWorkersOf` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:33 w:33)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// The range of component `m` is `[0, 32]`.
    fn strike(m: u32, ) -> Weight {
        // Least time: 59_379_000 picoseconds.
        Weight::from_parts(57_791_930, 3647)
            // Standard error: 44_653
            .saturating_add(Weight::from_parts(33_448_199, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(m.into())))
            .saturating_add(T::DbWeight::get().writes(9_u64))
            .saturating_add(T::DbWeight::get().writes((7_u64).saturating_mul(m.into())))
            .saturating_add(Weight::from_parts(0, 2576).saturating_mul(m.into()))
    }
    /// Storage: `ProviderStaking::Owners` (r:1 w:1)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::TotalStake` (r:1 w:1)
    /// Proof: `ProviderStaking::TotalStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
    fn slash() -> Weight {
        // Least time: 55_703_000 picoseconds.
        Weight::from_parts(58_467_000, 6196)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    fn set_reputation() -> Weight {
        // Least time: 6_861_000 picoseconds.
        Weight::from_parts(7_551_000, 3647)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
}
