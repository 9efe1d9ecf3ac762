//! What must be true after every block, whatever anybody did in it.

use super::Network;
use crate::{
    system::RuntimeBlockWeights, Balances, Beacon, JobMarket, ProviderStaking, Runtime, Slashing, System,
    TokenReserve, Verification, TOTAL_SUPPLY,
};
use frame_support::dispatch::DispatchClass;
use ogpu_primitives::Balance;
use sp_runtime::TryRuntimeError;

type StateCheck = (&'static str, fn() -> Result<(), TryRuntimeError>);

/// Every check of our pallets' state.
const STATE_CHECKS: [StateCheck; 6] = [
    ("beacon", Beacon::do_try_state),
    ("token reserve", TokenReserve::do_try_state),
    ("provider staking", ProviderStaking::do_try_state),
    ("job market", JobMarket::do_try_state),
    ("verification", Verification::do_try_state),
    ("slashing", Slashing::do_try_state),
];

impl Network {
    /// The state of every pallet is sound, and no planck was made or lost.
    pub fn check(&self) {
        if let Err(fault) = fault() {
            panic!("block {}: {fault}", System::block_number());
        }
    }

    /// The block that just ended is no heavier than a block may be; one in which sessions rotate may be, because it
    /// takes the whole weight by declaration.
    pub fn check_weight(&self, rotated: bool) {
        let weights = RuntimeBlockWeights::get();
        let used = System::block_weight();
        for class in [DispatchClass::Normal, DispatchClass::Operational] {
            let most = weights.get(class).max_total.unwrap_or(weights.max_block);
            assert!(
                used.get(class).all_lte(most),
                "block {}: {class:?} weighs {:?} of {most:?}",
                System::block_number(),
                used.get(class)
            );
        }
        // What is reserved for reports may come on top of a block that is full already.
        let most = weights.max_block.ref_time();
        let reports = used.get(DispatchClass::Operational).ref_time();
        let reserved = weights.get(DispatchClass::Operational).reserved;
        let total = used.total().ref_time();
        let on_top =
            reserved.is_some_and(|reserved| reports <= reserved.ref_time()) && total - reports <= most;
        assert!(
            rotated || total <= most || on_top,
            "block {} weighs {total} of {most}, of it {reports} reports",
            System::block_number(),
        );
    }
}

/// The first thing that is not as it must be.
pub fn fault() -> Result<(), String> {
    for (pallet, check) in STATE_CHECKS {
        check().map_err(|error| format!("{pallet}: {error:?}"))?;
    }
    let issued = Balances::total_issuance();
    if issued != TOTAL_SUPPLY {
        return Err(format!("{issued} planck are issued, not {TOTAL_SUPPLY}"));
    }
    let owned: Balance = frame_system::Account::<Runtime>::iter_values()
        .map(|account| account.data.free + account.data.reserved)
        .sum();
    if owned != TOTAL_SUPPLY {
        return Err(format!("accounts own {owned} planck, not {TOTAL_SUPPLY}"));
    }
    for (id, job) in pallet_job_market::Jobs::<Runtime>::iter() {
        if job.ledger.total() != Some(job.ledger.escrowed) {
            return Err(format!("job {id:?}: the ledger {:?} does not add up", job.ledger));
        }
    }
    Ok(())
}
