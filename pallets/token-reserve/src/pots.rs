//! The accounts without a key that hold the protocol's own money.

use crate::{Config, Pallet};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::PalletId;
use scale_info::TypeInfo;
use sp_runtime::traits::AccountIdConversion;

/// A pot of the protocol.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Pot {
    /// What validators and nominators will be paid over the years.
    #[codec(index = 0)]
    Reserve,
    /// What validators and nominators have earned and not yet claimed.
    #[codec(index = 1)]
    Staking,
    /// Validators' part of the fees since the last era.
    #[codec(index = 2)]
    Fees,
    /// What pays auditors and juries: audit premiums, and what validators and treasury leave of the fees.
    #[codec(index = 3)]
    AuditFund,
}

impl Pot {
    /// Every pot.
    pub const ALL: [Pot; 4] = [Pot::Reserve, Pot::Staking, Pot::Fees, Pot::AuditFund];

    /// The id from which the pot's account is derived. Never changes: balances live under it.
    pub const fn id(self) -> PalletId {
        match self {
            Pot::Reserve => PalletId(*b"ogpu/rsv"),
            Pot::Staking => PalletId(*b"ogpu/stk"),
            Pot::Fees => PalletId(*b"ogpu/fee"),
            Pot::AuditFund => PalletId(*b"ogpu/aud"),
        }
    }
}

impl<T: Config> Pallet<T> {
    /// Account of a pot.
    pub fn account(pot: Pot) -> T::AccountId {
        pot.id().into_account_truncating()
    }

    /// Account of the audit fund, where a slash gives back what was paid out for it.
    pub fn audit_fund_account() -> T::AccountId {
        Self::account(Pot::AuditFund)
    }

    /// Account of the reserve, where slashes end that nobody else is owed.
    pub fn reserve_account() -> T::AccountId {
        Self::account(Pot::Reserve)
    }

    /// Gives each pot a provider reference of its own, so that no balance, however low, removes its account.
    pub(crate) fn open_pots() {
        for pot in Pot::ALL {
            frame_system::Pallet::<T>::inc_providers(&Self::account(pot));
        }
    }
}
