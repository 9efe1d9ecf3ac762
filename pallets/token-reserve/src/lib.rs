//! # Token Reserve
//!
//! Keeps the one promise about money: 21,000,000 OGPU exist from genesis on, nothing mints and nothing burns.
//!
//! ## Terms
//!
//! - **Pots**: four accounts without a key ([`Pot`]). The *reserve* holds what validators will be paid over the
//!   years, the *staking pot* what they have earned and not yet claimed, the *fee pot* what users paid in
//!   fees since the last era, the *audit fund* what pays auditors and juries.
//! - **Era's pay**: the budget of the halving schedule from the reserve, and all of the fee pot.
//!
//! ## Flow
//!
//! At the end of an era staking asks [`sp_staking::EraPayout`], implemented here, how much there is to pay.
//! The answer is what was really moved into the staking pot, never what should have been. When stakers claim,
//! staking credits them and hands the resulting debt to [`PayFromPot`], which *settles* it from the staking
//! pot. A debt that is dropped would mint, so a debt that the pot cannot carry is settled from the reserve.
//!
//! Fees go the other way: [`Pallet::collect`] shares out the protocol fee of a job, with its audit premium, and
//! [`SplitTransactionFees`] the fees of transactions. [`Pallet::pay_from_audit_fund`] pays those who check results.
//!
//! Tokens in the pots vote on nothing, so they are kept out of active issuance, from which referenda count
//! their turnout.
//!
//! The pallet has no calls. Its genesis also writes the lengths of epochs, eras and voting periods
//! ([`ChainTimes`]) once and for ever: changing the epoch length of a running chain stops it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;

mod asset;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod era;
mod fees;
#[cfg(test)]
mod mock;
mod pots;
pub mod runtime_api;
#[cfg(test)]
mod tests;
pub mod traits;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use era::PayFromPot;
pub use fees::SplitTransactionFees;
pub use pots::Pot;
pub use traits::StoreTimes;
pub use types::{ChainTimes, SupplyView};
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use core::marker::PhantomData;
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Get},
    };
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{units::TOTAL_SUPPLY, Balance};

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        // Interfaces.

        /// The token. Its debts and credits are the ones that staking and transaction payment hand out.
        type Currency: fungible::Balanced<Self::AccountId, Balance = Balance>
            + fungible::Mutate<Self::AccountId>;

        /// Account of the treasury.
        type Treasury: Get<Self::AccountId>;

        /// Index of the era that is being paid. The halving schedule counts eras, not time, so that a chain
        /// that stood still does not pay for it.
        type EraIndex: Get<u32>;

        /// Keeps the times that genesis gives.
        type ChainTimes: StoreTimes;

        /// Weights of this pallet's work.
        type WeightInfo: WeightInfo;

        // Constants, governed.

        /// Pay of one era before the first halving, in planck. Lowering it lowers validators' pay from the
        /// next era on; pay already moved is safe.
        type EraBudget: Get<Balance>;

        /// Eras between two halvings. Lowering it on a live chain makes halvings that were to come count at
        /// once.
        type HalvingEras: Get<u32>;

        /// Protocol fee, parts per million of a job's price. Jobs already priced settle at the rate of the
        /// moment of settlement.
        type ProtocolFee: Get<u32>;

        /// Validators' part, parts per million of the protocol fee; it goes to the fee pot. Lowering it
        /// lowers validators' pay.
        type ValidatorsShare: Get<u32>;

        /// Treasury's part, parts per million of the protocol fee. What validators and treasury leave goes
        /// to the audit fund, so raising it may starve juries.
        type TreasuryShare: Get<u32>;

        /// Treasury's part, parts per million of the fees and tips of transactions; the rest goes to the fee
        /// pot.
        type TransactionFeeTreasuryShare: Get<u32>;
    }

    /// How many planck of the pots are kept out of active issuance at present.
    #[pallet::storage]
    pub type Deactivated<T: Config> = StorageValue<_, Balance, ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// The pay of an era was moved into the staking pot.
        EraFunded {
            /// The era that is paid.
            era: u32,
            /// Planck moved from the reserve.
            from_reserve: Balance,
            /// Planck moved from the fee pot.
            from_fees: Balance,
        },
        /// The staking pot could not carry a claim of stakers and another pot paid.
        ClaimCovered {
            /// The pot that paid.
            pot: Pot,
            /// Planck it paid.
            amount: Balance,
        },
        /// No pot could carry a claim of stakers. Total issuance has grown by the amount; it takes a
        /// referendum to repair.
        ClaimUncovered {
            /// Planck that no pot had.
            amount: Balance,
        },
    }

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Lengths of epochs, eras and voting periods of this chain.
        pub times: ChainTimes,
        /// Keeps the pallet's type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            if let Err(problem) = self.times.check() {
                panic!("genesis times: {problem}");
            }
            T::ChainTimes::store(&self.times);
            Pallet::<T>::open_pots();

            // A chain spec without any balance is only ever built to see whether the runtime can build one.
            let issuance = Pallet::<T>::total_issuance();
            if issuance == 0 {
                return;
            }
            assert!(
                issuance == TOTAL_SUPPLY,
                "genesis balances add up to {issuance} planck, not to {TOTAL_SUPPLY}"
            );
            for pot in Pot::ALL {
                assert!(
                    Pallet::<T>::pot_balance(pot) >= Pallet::<T>::existential_deposit(),
                    "genesis leaves {pot:?} without its existential deposit"
                );
            }
            Pallet::<T>::sync_inactive();
        }
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn integrity_test() {
            let mut accounts: alloc::vec::Vec<_> = Pot::ALL.iter().map(|pot| Self::account(*pot)).collect();
            accounts.sort();
            accounts.dedup();
            assert_eq!(
                accounts.len(),
                Pot::ALL.len(),
                "two pots share one account: the account id is too short"
            );
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
