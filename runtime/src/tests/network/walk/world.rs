//! What is above the market: referenda, the canceller, safe mode, full blocks.

use super::Walk;
use crate::{
    parameters::{
        dynamic_params::{audits, fees, market, providers, slashing},
        RuntimeParameters,
    },
    system::RuntimeBlockWeights,
    Parameters, Runtime, RuntimeOrigin, SafeMode, Slashing, System, Verification, OGPU,
};
use frame_support::dispatch::DispatchClass;
use ogpu_primitives::{BoundedU128, BoundedU32, NumericProfile, ProfileParams};

impl Walk<'_> {
    /// A block that is full of other people's transactions: reports have their reserve, the clock stands.
    pub(super) fn fill_block(&mut self) {
        let weights = RuntimeBlockWeights::get();
        let most = weights
            .get(DispatchClass::Normal)
            .max_total
            .expect("normal weight is bounded");
        let used = System::block_weight();
        let left = most.saturating_sub(*used.get(DispatchClass::Normal));
        let left = left.min(weights.max_block.saturating_sub(used.total()));
        System::register_extra_weight_unchecked(left, DispatchClass::Normal);
    }

    pub(super) fn cancel_slash(&mut self) {
        let pending: Vec<_> = pallet_slashing::Pending::<Runtime>::iter_keys().collect();
        let id = self.dice.any(&pending).unwrap_or(7);
        if Slashing::cancel(pallet_dao::Origin::Canceller.into(), id).is_ok() {
            self.done += 1;
        }
    }

    /// Safe mode, and out of it.
    pub(super) fn brake(&mut self) {
        let done = if SafeMode::is_entered() {
            SafeMode::force_exit(RuntimeOrigin::root())
        } else if self.dice.chance(30) {
            SafeMode::force_enter(RuntimeOrigin::root())
        } else {
            Ok(())
        };
        done.expect("root can");
        for _ in 0..self.dice.below(4) {
            self.block();
        }
        if SafeMode::is_entered() && self.dice.chance(80) {
            SafeMode::force_exit(RuntimeOrigin::root()).expect("root can");
        }
    }

    /// One governed figure gets another value inside its bounds.
    pub(super) fn govern(&mut self) {
        if self.dice.chance(20) {
            return self.set_params();
        }
        let parameter = self.parameter();
        Parameters::set_parameter(RuntimeOrigin::root(), parameter).expect("root sets it");
        self.done += 1;
    }

    fn parameter(&mut self) -> RuntimeParameters {
        let mut below = |end: u32| self.dice.below(end as usize) as u32;
        match below(17) {
            0 => RuntimeParameters::Audits(audits::Parameters::JurySeats(
                audits::JurySeats,
                small(3 + below(19)),
            )),
            1 => RuntimeParameters::Audits(audits::Parameters::JuryMinimum(
                audits::JuryMinimum,
                small(3 + below(4)),
            )),
            2 => RuntimeParameters::Audits(audits::Parameters::MostRatePpm(
                audits::MostRatePpm,
                small(1_000 + below(999_000)),
            )),
            3 => RuntimeParameters::Audits(audits::Parameters::SecondPpm(
                audits::SecondPpm,
                small(below(1_000_000)),
            )),
            4 => RuntimeParameters::Audits(audits::Parameters::MaxRedraws(
                audits::MaxRedraws,
                small(below(5)),
            )),
            5 => RuntimeParameters::Audits(audits::Parameters::DataBond(
                audits::DataBond,
                large(OGPU / 1_000 + OGPU / 100 * u128::from(below(100))),
            )),
            6 => RuntimeParameters::Audits(audits::Parameters::SlashUncalibrated(
                audits::SlashUncalibrated,
                small(u32::from(below(10) > 1)),
            )),
            7 => RuntimeParameters::Slashing(slashing::Parameters::DeferralTicks(
                slashing::DeferralTicks,
                small(5 + below(60)),
            )),
            8 => RuntimeParameters::Slashing(slashing::Parameters::NetworkFaultPpm(
                slashing::NetworkFaultPpm,
                small(10_000 + below(990_000)),
            )),
            9 => RuntimeParameters::Market(market::Parameters::PriceIndex(
                market::PriceIndex,
                large(1 + OGPU / 672 / 100 * u128::from(below(300))),
            )),
            10 => RuntimeParameters::Market(market::Parameters::MaxAttempts(
                market::MaxAttempts,
                small(1 + below(8)),
            )),
            11 => RuntimeParameters::Market(market::Parameters::CheckWindowTicks(
                market::CheckWindowTicks,
                small(2 + below(40)),
            )),
            12 => RuntimeParameters::Providers(providers::Parameters::MinWorkerStake(
                providers::MinWorkerStake,
                large(OGPU * (1 + u128::from(below(80)))),
            )),
            13 => RuntimeParameters::Providers(providers::Parameters::ExposureSharePpm(
                providers::ExposureSharePpm,
                small(1_000 + below(500_000)),
            )),
            14 => RuntimeParameters::Providers(providers::Parameters::MaxStrikes(
                providers::MaxStrikes,
                small(1 + below(10)),
            )),
            15 => RuntimeParameters::Audits(audits::Parameters::SmallModelOwners(
                audits::SmallModelOwners,
                small(below(12)),
            )),
            _ => RuntimeParameters::Fees(fees::Parameters::ProtocolFeePpm(
                fees::ProtocolFeePpm,
                small(below(300_000)),
            )),
        }
    }

    /// Thresholds of the model: tighter, wider, of another profile.
    fn set_params(&mut self) {
        let profiles = [NumericProfile::F16, NumericProfile::F16, NumericProfile::Bf16];
        let model = self.network.model;
        let present = pallet_verification::Profiles::<Runtime>::get(model).map_or(0, |params| params.version);
        let spread = if self.dice.chance(50) {
            0
        } else {
            self.dice.below(30)
        };
        // Sometimes nothing honest passes.
        let least = if self.dice.chance(90) { 5 } else { 0 };
        let params = ProfileParams {
            version: present + self.dice.below(4) as u32,
            tau_output_milli: (least + self.dice.below(30)) as u16,
            tau_chunk_milli: (least + self.dice.below(60)) as u16,
            // Mostly what honest machines differ by at least, so that sums grow within a walk.
            mean_e2_ppm: 1 + spread as u32,
            slash_enabled: self.dice.chance(80),
            ..ProfileParams::starting(self.dice.one(&profiles))
        };
        if Verification::set_profile_params(RuntimeOrigin::root(), model, params).is_ok() {
            self.done += 1;
        }
    }
}

fn small<const MIN: u32, const MAX: u32>(value: u32) -> Option<BoundedU32<MIN, MAX>> {
    Some(BoundedU32::new(value).expect("inside the bounds"))
}

fn large<const MIN: u128, const MAX: u128>(value: u128) -> Option<BoundedU128<MIN, MAX>> {
    Some(BoundedU128::new(value).expect("inside the bounds"))
}
