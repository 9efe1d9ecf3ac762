//! Weights of `pallet_verification`, measured by `scripts/weights`. Do not edit.
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

impl<T: frame_system::Config> pallet_verification::WeightInfo for WeightInfo<T> {
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    fn accept() -> Weight {
        // Least time: 21_482_000 picoseconds.
        Weight::from_parts(22_734_000, 3912)
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(3_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    fn challenge() -> Weight {
        // Least time: 62_753_000 picoseconds.
        Weight::from_parts(65_768_000, 3912)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    fn audit_commit() -> Weight {
        // Least time: 44_737_000 picoseconds.
        Weight::from_parts(47_200_000, 8544)
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Openings` (r:0 w:1)
    /// Proof: `Verification::Openings` (`max_values`: None, `max_size`: Some(148094), added: 150569, mode: `MaxEncodedLen`)
    /// The range of component `c` is `[0, 256]`.
    fn open_generate(c: u32, ) -> Weight {
        // Least time: 26_309_000 picoseconds.
        Weight::from_parts(24_854_790, 3912)
            // Standard error: 9_393
            .saturating_add(Weight::from_parts(10_858_995, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Openings` (r:0 w:1)
    /// Proof: `Verification::Openings` (`max_values`: None, `max_size`: Some(148094), added: 150569, mode: `MaxEncodedLen`)
    /// The range of component `k` is `[1, 64]`.
    fn open_embed(k: u32, ) -> Weight {
        // Least time: 36_615_000 picoseconds.
        Weight::from_parts(32_166_931, 3912)
            // Standard error: 3_920
            .saturating_add(Weight::from_parts(6_689_891, 0).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(3_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Openings` (r:1 w:0)
    /// Proof: `Verification::Openings` (`max_values`: None, `max_size`: Some(148094), added: 150569, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// The range of component `c` is `[0, 256]`.
    fn audit_open_generate(c: u32, ) -> Weight {
        // The sketch of a juror is added by hand: one chunk's time and more, and one write.
        // Least time: 34_822_000 picoseconds.
        Weight::from_parts(34_263_012, 154603)
            // Standard error: 8_408
            .saturating_add(Weight::from_parts(4_526_777, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Openings` (r:1 w:0)
    /// Proof: `Verification::Openings` (`max_values`: None, `max_size`: Some(148094), added: 150569, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// The range of component `k` is `[1, 64]`.
    fn audit_open_embed(k: u32, ) -> Weight {
        // Least time: 49_163_000 picoseconds.
        Weight::from_parts(45_662_835, 151559)
            // Standard error: 19_818
            .saturating_add(Weight::from_parts(10_844_508, 0).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:0)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Demands` (r:1 w:1)
    /// Proof: `Verification::Demands` (`max_values`: None, `max_size`: Some(159), added: 2634, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:2 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:1 w:1)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Involved` (r:0 w:1)
    /// Proof: `Verification::Involved` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    fn demand_data() -> Weight {
        // Least time: 93_500_000 picoseconds.
        Weight::from_parts(97_585_000, 8544)
            .saturating_add(T::DbWeight::get().reads(9_u64))
            .saturating_add(T::DbWeight::get().writes(7_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Demands` (r:1 w:1)
    /// Proof: `Verification::Demands` (`max_values`: None, `max_size`: Some(159), added: 2634, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:1 w:1)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `System::Account` (r:2 w:2)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:0)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// The range of component `b` is `[0, 249856]`.
    fn post_data(b: u32, ) -> Weight {
        // Least time: 114_341_000 picoseconds.
        Weight::from_parts(116_387_406, 8544)
            // Standard error: 4
            .saturating_add(Weight::from_parts(1_498, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `System::BlockHash` (r:1 w:0)
    /// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:7 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:1)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Outages` (r:1 w:0)
    /// Proof: `Slashing::Outages` (`max_values`: Some(1), `max_size`: Some(770), added: 1265, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Forgiven` (r:1 w:0)
    /// Proof: `Slashing::Forgiven` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Offences` (r:1 w:1)
    /// Proof: `Slashing::Offences` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    fn report_equivocation() -> Weight {
        // Least time: 143_755_000 picoseconds.
        Weight::from_parts(152_187_000, 18567)
            .saturating_add(T::DbWeight::get().reads(17_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// Storage: `Verification::Profiles` (r:1 w:1)
    /// Proof: `Verification::Profiles` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
    fn set_profile_params() -> Weight {
        // Least time: 10_165_000 picoseconds.
        Weight::from_parts(10_796_000, 3550)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    fn service_base() -> Weight {
        // Least time: 2_925_000 picoseconds.
        Weight::from_parts(3_225_000, 1493)
            .saturating_add(T::DbWeight::get().reads(1_u64))
            .saturating_add(T::DbWeight::get().writes(1_u64))
    }
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    fn service_tick() -> Weight {
        // Least time: 5_217_000 picoseconds.
        Weight::from_parts(5_599_000, 3481)
            .saturating_add(T::DbWeight::get().reads(2_u64))
            .saturating_add(T::DbWeight::get().writes(2_u64))
    }
    /// Storage: `Verification::AgendaCursor` (r:1 w:1)
    /// Proof: `Verification::AgendaCursor` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:2 w:2)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:1 w:2)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Accumulators` (r:1 w:0)
    /// Proof: `Beacon::Accumulators` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    fn service_item() -> Weight {
        // Least time: 38_107_000 picoseconds.
        Weight::from_parts(40_040_000, 5972)
            .saturating_add(T::DbWeight::get().reads(8_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// Storage: `Beacon::Accumulators` (r:1 w:0)
    /// Proof: `Beacon::Accumulators` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:0)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:5 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterOwners` (r:9 w:0)
    /// Proof: `ProviderStaking::RosterOwners` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::Models` (r:1 w:0)
    /// Proof: `JobMarket::Models` (`max_values`: None, `max_size`: Some(4675), added: 7150, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::ClassStake` (r:8 w:0)
    /// Proof: `ProviderStaking::ClassStake` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::Jobs` (r:1 w:0)
    /// Proof: `JobMarket::Jobs` (`max_values`: None, `max_size`: Some(1044), added: 3519, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterLength` (r:1 w:0)
    /// Proof: `ProviderStaking::RosterLength` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::RosterMember` (r:2 w:0)
    /// Proof: `ProviderStaking::RosterMember` (`max_values`: None, `max_size`: Some(93), added: 2568, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:2 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:2 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Involved` (r:0 w:2)
    /// Proof: `Verification::Involved` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:0 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    fn service_draw() -> Weight {
        // Least time: 141_000_000 picoseconds.
        Weight::from_parts(147_229_000, 23742)
            .saturating_add(T::DbWeight::get().reads(36_u64))
            .saturating_add(T::DbWeight::get().writes(6_u64))
    }
    /// Storage: `Beacon::Accumulators` (r:1 w:0)
    /// Proof: `Beacon::Accumulators` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Involved` (r:0 w:21)
    /// Proof: `Verification::Involved` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:0 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// The range of component `n` is `[1, 21]`.
    fn service_jury(n: u32, ) -> Weight {
        // Least time: 41_261_000 picoseconds.
        Weight::from_parts(36_284_591, 8544)
            // Standard error: 4_512
            .saturating_add(Weight::from_parts(6_192_014, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
    }
    /// Storage: `Verification::Seats` (r:1 w:1)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:2 w:2)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:26)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:0 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// The range of component `n` is `[1, 25]`.
    fn service_stage(n: u32, ) -> Weight {
        // Least time: 31_227_000 picoseconds.
        Weight::from_parts(26_360_355, 8544)
            // Standard error: 3_781
            .saturating_add(Weight::from_parts(5_882_761, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(5_u64))
            .saturating_add(T::DbWeight::get().writes(5_u64))
            .saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
    }
    /// Storage: `Verification::JurySketches` (r:21 w:0)
    // By hand, of what is measured: 420 comparisons, each as long as a chunk takes in `audit_open_generate`, where it is
    // decoded and compared.
    fn service_ballots() -> Weight {
        Weight::from_parts(2_000_000_000, 65_000)
            .saturating_add(T::DbWeight::get().reads(21_u64))
    }
    /// Storage: `Verification::Commitments` (r:1 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:1 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `Verification::AgendaLength` (r:1 w:1)
    /// Proof: `Verification::AgendaLength` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:1 w:0)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Agenda` (r:0 w:1)
    /// Proof: `Verification::Agenda` (`max_values`: None, `max_size`: Some(95), added: 2570, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Demands` (r:0 w:1)
    /// Proof: `Verification::Demands` (`max_values`: None, `max_size`: Some(159), added: 2634, mode: `MaxEncodedLen`)
    fn service_demand() -> Weight {
        // Least time: 29_083_000 picoseconds.
        Weight::from_parts(30_476_000, 3912)
            .saturating_add(T::DbWeight::get().reads(4_u64))
            .saturating_add(T::DbWeight::get().writes(4_u64))
    }
    /// Storage: `System::Account` (r:34 w:34)
    /// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
    /// Storage: `Balances::Holds` (r:8 w:8)
    /// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(211), added: 2686, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Seats` (r:1 w:0)
    /// Proof: `Verification::Seats` (`max_values`: None, `max_size`: Some(5079), added: 7554, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Demands` (r:9 w:8)
    /// Proof: `Verification::Demands` (`max_values`: None, `max_size`: Some(159), added: 2634, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Involved` (r:26 w:26)
    /// Proof: `Verification::Involved` (`max_values`: None, `max_size`: Some(102), added: 2577, mode: `MaxEncodedLen`)
    /// Storage: `Parameters::Parameters` (r:7 w:0)
    /// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Owners` (r:1 w:0)
    /// Proof: `ProviderStaking::Owners` (`max_values`: None, `max_size`: Some(774), added: 3249, mode: `MaxEncodedLen`)
    /// Storage: `Beacon::Now` (r:1 w:0)
    /// Proof: `Beacon::Now` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Standings` (r:1 w:1)
    /// Proof: `Slashing::Standings` (`max_values`: None, `max_size`: Some(2640), added: 5115, mode: `MaxEncodedLen`)
    /// Storage: `ProviderStaking::Workers` (r:1 w:1)
    /// Proof: `ProviderStaking::Workers` (`max_values`: None, `max_size`: Some(182), added: 2657, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Outages` (r:1 w:0)
    /// Proof: `Slashing::Outages` (`max_values`: Some(1), `max_size`: Some(770), added: 1265, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Forgiven` (r:1 w:0)
    /// Proof: `Slashing::Forgiven` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
    /// Storage: `Slashing::Offences` (r:1 w:1)
    /// Proof: `Slashing::Offences` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
    /// Storage: `JobMarket::Jobs` (r:1 w:0)
    /// Proof: `JobMarket::Jobs` (`max_values`: None, `max_size`: Some(1044), added: 3519, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Openings` (r:0 w:1)
    /// Proof: `Verification::Openings` (`max_values`: None, `max_size`: Some(148094), added: 150569, mode: `MaxEncodedLen`)
    /// Storage: `Verification::Commitments` (r:0 w:1)
    /// Proof: `Verification::Commitments` (`max_values`: None, `max_size`: Some(447), added: 2922, mode: `MaxEncodedLen`)
    /// The range of component `n` is `[0, 25]`.
    fn service_verdict(n: u32, ) -> Weight {
        // The removal of a juror's sketch is added by hand: one write a seat.
        // Least time: 412_685_000 picoseconds.
        Weight::from_parts(433_429_748, 24696)
            // Standard error: 133_585
            .saturating_add(Weight::from_parts(42_997_133, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(39_u64))
            .saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
            .saturating_add(T::DbWeight::get().writes(31_u64))
            .saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
            .saturating_add(Weight::from_parts(0, 2701).saturating_mul(n.into()))
    }
}
