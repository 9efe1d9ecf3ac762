//! Where fees go.

use crate::{Config, Pallet, Pot};
use core::marker::PhantomData;
use frame_support::{
    storage::with_storage_layer,
    traits::{fungible::Credit, Get, Imbalance, OnUnbalanced},
};
use ogpu_primitives::{
    fees::{ppm_floor, FeeRates, FeeSplit},
    Balance,
};
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
    /// The governed rates by which a job's price is split.
    pub fn rates() -> FeeRates {
        FeeRates {
            protocol_ppm: T::ProtocolFee::get(),
            validators_ppm: T::ValidatorsShare::get(),
            treasury_ppm: T::TreasuryShare::get(),
        }
    }

    /// Takes the protocol's parts of a price and its audit premium from an account, which is kept alive: all of them or none. The
    /// provider's part is the caller's to pay.
    pub fn collect(from: &T::AccountId, split: &FeeSplit) -> DispatchResult {
        with_storage_layer(|| {
            Self::pay_pot(from, Pot::Fees, split.validators)?;
            Self::pay_treasury(from, split.treasury)?;
            // The fund's share of the fee and the job's premium: one move, itemised in the job's ledger.
            let audits = split.audit_fund.saturating_add(split.audit_premium);
            Self::pay_pot(from, Pot::AuditFund, audits)
        })
    }

    /// The treasury's part of a transaction's fee, in planck.
    fn treasury_part(fee: Balance) -> Balance {
        ppm_floor(fee, T::TransactionFeeTreasuryShare::get())
    }
}

/// Handler of transaction fees and tips for `FungibleAdapter`: a governed part to the treasury, the rest to
/// the fee pot, from which validators are paid at the end of the era.
pub struct SplitTransactionFees<T>(PhantomData<T>);

impl<T: Config> OnUnbalanced<Credit<T::AccountId, T::Currency>> for SplitTransactionFees<T> {
    fn on_nonzero_unbalanced(credit: Credit<T::AccountId, T::Currency>) {
        let (treasury, validators) = {
            let part = Pallet::<T>::treasury_part(credit.peek());
            credit.split(part)
        };
        if treasury.peek() > 0 {
            Pallet::<T>::resolve_into_treasury(treasury);
        }
        if validators.peek() > 0 {
            Pallet::<T>::resolve_into(Pot::Fees, validators);
        }
    }
}
