//! The market's governed figures against the machines and jobs that it is made for.

use super::chain;
use crate::{
    parameters::{dynamic_params::market, Governed},
    wiring::ProviderRoster,
    AccountId, ProviderStaking, Runtime, System,
};
use frame_support::traits::Get;
use ogpu_primitives::{matching::ticks_needed, Offence};
use pallet_job_market::ReportOffence;
use pallet_provider_staking::{WeightInfo, MAX_MODELS};

#[test]
fn ordinary_job_should_fit_a_small_cpu_when_its_deadline_is_the_default() {
    chain("development").execute_with(|| {
        let efficiency: u32 = Governed::<market::EfficiencyPermille>::get();
        let acknowledge: u32 = Governed::<market::AcknowledgeTicks>::get();
        // 100 and 256 tokens of a model of 135 million parameters, two of them at once, at 20 GMAC/s.
        let needed = ticks_needed(2 * 356 * 135, 20, efficiency, acknowledge);
        // What `ogpu job submit` asks for, less the blocks until a third match.
        assert!(needed <= 300 - 2 * 3, "{needed} ticks");
        // And a deadline that gives it the time of two acknowledgements only does not.
        assert!(needed > 2 * acknowledge, "{needed} ticks");
    });
}

#[test]
fn report_should_weigh_a_strike_at_its_dearest_when_the_market_asks() {
    chain("development").execute_with(|| {
        System::set_block_number(1);
        let most = <ProviderRoster as ReportOffence<AccountId>>::weight();
        let strike = <Runtime as pallet_provider_staking::Config>::WeightInfo::strike;
        // And that its silence is noted.
        let noted =
            <<Runtime as pallet_slashing::Config>::WeightInfo as pallet_slashing::WeightInfo>::report();
        assert_eq!(most, strike(MAX_MODELS).saturating_add(noted));
        // Nobody is jailed: no roster changes.
        let nobody = AccountId::new([9; 32]);
        let took = <ProviderRoster as ReportOffence<AccountId>>::report(&nobody, Offence::MissedDeadline);
        assert_eq!(took, strike(0).saturating_add(noted));
        assert!(ProviderStaking::owner_of(&nobody).is_none());
    });
}
