//! A runtime with the real balances pallet around this one.

use crate::{self as pallet_token_reserve, ChainTimes, Pot, StoreTimes};
use frame_support::{derive_impl, parameter_types, traits::ConstU32};
use ogpu_primitives::{
    units::{EXISTENTIAL_DEPOSIT, RESERVE_SUPPLY, TOTAL_SUPPLY},
    Balance, OGPU,
};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

pub type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeTask,
        RuntimeHoldReason,
        RuntimeFreezeReason
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(4)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(10)]
    pub type TokenReserve = pallet_token_reserve::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
    pub const ExistentialDeposit: Balance = EXISTENTIAL_DEPOSIT;
    pub const EraBudget: Balance = 100 * OGPU + 12_345;
    pub TreasuryAccount: AccountId32 = account(200);
    pub static EraIndex: u32 = 0;
    pub static TreasuryFeeShare: u32 = 200_000;
    pub storage StoredTimes: Option<ChainTimes> = None;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = Balance;
    type ExistentialDeposit = ExistentialDeposit;
}

pub struct KeepTimes;
impl StoreTimes for KeepTimes {
    fn store(times: &ChainTimes) {
        StoredTimes::set(&Some(times.clone()));
    }
}

impl pallet_token_reserve::Config for Test {
    type Currency = Balances;
    type Treasury = TreasuryAccount;
    type EraIndex = EraIndex;
    type ChainTimes = KeepTimes;
    type WeightInfo = ();
    type EraBudget = EraBudget;
    type HalvingEras = ConstU32<10>;
    type ProtocolFee = ConstU32<50_000>;
    type ValidatorsShare = ConstU32<400_000>;
    type TreasuryShare = ConstU32<400_000>;
    type TransactionFeeTreasuryShare = TreasuryFeeShare;
}

/// The account whose 32 bytes are all `n`.
pub fn account(n: u8) -> AccountId32 {
    AccountId32::new([n; 32])
}

/// A holder with nearly all of the supply.
pub fn holder() -> AccountId32 {
    account(1)
}

/// What the staking pot is endowed with at genesis.
pub const STAKING_ENDOWMENT: Balance = EXISTENTIAL_DEPOSIT + OGPU;

/// Genesis as it is on a real network: pots within the reserve's 6.5 %, the rest with holders.
pub struct ExtBuilder {
    treasury: Balance,
}

impl Default for ExtBuilder {
    fn default() -> Self {
        Self { treasury: OGPU }
    }
}

impl ExtBuilder {
    pub fn treasury(mut self, amount: Balance) -> Self {
        self.treasury = amount;
        self
    }

    pub fn balances(&self) -> Vec<(AccountId32, Balance)> {
        let pots = 2 * EXISTENTIAL_DEPOSIT + STAKING_ENDOWMENT;
        let mut balances = vec![
            (TokenReserve::account(Pot::Reserve), RESERVE_SUPPLY - pots),
            (TokenReserve::account(Pot::Staking), STAKING_ENDOWMENT),
            (TokenReserve::account(Pot::Fees), EXISTENTIAL_DEPOSIT),
            (TokenReserve::account(Pot::AuditFund), EXISTENTIAL_DEPOSIT),
            (holder(), TOTAL_SUPPLY - RESERVE_SUPPLY - self.treasury),
        ];
        if self.treasury > 0 {
            balances.push((TreasuryAccount::get(), self.treasury));
        }
        balances
    }

    pub fn build(self) -> sp_io::TestExternalities {
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: self.balances(),
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("genesis builds")
        .into()
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            System::set_block_number(1);
            TokenReserve::do_try_state().expect("state is sound before the test");
            test();
            TokenReserve::do_try_state().expect("state is sound after the test");
        });
    }
}
