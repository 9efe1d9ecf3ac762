//! The only file that touches currency. Everything else moves money by intent.

use crate::*;
use frame_support::traits::{
    fungible::{Inspect, Mutate},
    tokens::{Fortitude, Preservation},
};
use ogpu_primitives::Balance;
use sp_runtime::traits::{AccountIdConversion, Get};

impl<T: Config> Pallet<T> {
    /// The account that slashes pass through; it needs its existential deposit before the first one.
    pub fn pot_account() -> T::AccountId {
        T::PalletId::get().into_account_truncating()
    }

    /// Pays `payouts` in order out of `moved` planck in the pot, the last one only in part where it does not
    /// reach, and all that is left in the pot to the reserve. Returns what was paid, and what the reserve got.
    ///
    /// A payout that would leave its account below the existential deposit is the reserve's.
    pub(crate) fn distribute(moved: Balance, payouts: &[(T::AccountId, Balance)]) -> (Balance, Balance) {
        let mut left = moved;
        for (to, wanted) in payouts {
            let amount = left.min(*wanted);
            if Self::pay_from_pot(to, amount) {
                left = left.saturating_sub(amount);
            }
        }
        let paid = moved.saturating_sub(left);
        // More than `left` only where somebody gave the pot something.
        let rest =
            T::Currency::reducible_balance(&Self::pot_account(), Preservation::Preserve, Fortitude::Polite);
        let to_reserve = if Self::pay_from_pot(&T::Reserve::get(), rest) {
            rest
        } else {
            0
        };
        (paid, to_reserve)
    }

    fn pay_from_pot(to: &T::AccountId, amount: Balance) -> bool {
        amount > 0 && T::Currency::transfer(&Self::pot_account(), to, amount, Preservation::Preserve).is_ok()
    }
}
