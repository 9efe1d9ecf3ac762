//! What must hold after every block.

use crate::{Config, Deactivated, Pallet, Pot};
use frame_support::{ensure, traits::fungible::Inspect};
use ogpu_primitives::units::TOTAL_SUPPLY;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// The supply is whole, every pot is alive, and no more is inactive than was deactivated by someone.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let total = T::Currency::total_issuance();
        ensure!(total == TOTAL_SUPPLY, "total issuance is not 21,000,000 OGPU");
        for pot in Pot::ALL {
            ensure!(
                Self::pot_balance(pot) >= Self::existential_deposit(),
                "a pot is below its existential deposit"
            );
            ensure!(
                frame_system::Pallet::<T>::providers(&Self::account(pot)) >= 1,
                "a pot lost its provider reference"
            );
        }
        let inactive = total.saturating_sub(T::Currency::active_issuance());
        ensure!(
            inactive >= Deactivated::<T>::get(),
            "the pots' tokens count as active"
        );
        Ok(())
    }
}
