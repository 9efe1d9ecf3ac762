//! Balances, fees and the fixed supply.

use crate::*;
use frame_support::{
    parameter_types,
    traits::{tokens::imbalance::ResolveTo, ConstU32, ConstU8, VariantCountOf},
    weights::{ConstantMultiplier, Weight, WeightToFee},
};
use pallet_transaction_payment::FungibleAdapter;

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
    pub TreasuryAccount: AccountId = Treasury::account_id();
}

/// Sends what would otherwise be burnt (dust, slashes) to the treasury.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    type DustRemoval = ToTreasury;
    type ExistentialDeposit = ExistentialDeposit;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<50>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}

/// 10^6 planck per picosecond of weight: a transfer costs about 0.0001 OGPU.
pub struct WeightFee;

impl WeightToFee for WeightFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        Balance::from(weight.ref_time()).saturating_mul(1_000_000)
    }
}

parameter_types! {
    /// Planck per byte of a transaction.
    pub const BytePrice: Balance = OGPU / 10_000_000;
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, pallet_token_reserve::SplitTransactionFees<Runtime>>;
    type WeightToFee = WeightFee;
    type LengthToFee = ConstantMultiplier<Balance, BytePrice>;
    type FeeMultiplierUpdate = crate::fee_multiplier::WholeBlockAdjustment;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}
