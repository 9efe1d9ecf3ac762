//! Worst cases: every account involved exists and every part is more than zero.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::traits::{
    fungible::{Balanced, Inspect, Mutate},
    tokens::Precision,
    Get, OnUnbalanced,
};
use ogpu_primitives::{fees::FeeSplit, OGPU};

/// Makes every pot, the treasury and a payer exist with enough to pay from.
fn endow<T: Config>() -> T::AccountId {
    let payer: T::AccountId = account("payer", 0, 0);
    let mut all = alloc::vec![payer.clone(), T::Treasury::get()];
    all.extend(Pot::ALL.iter().map(|pot| Pallet::<T>::account(*pot)));
    for who in all {
        let wanted = T::Currency::minimum_balance().saturating_add(1_000 * OGPU);
        T::Currency::set_balance(&who, wanted);
    }
    payer
}

#[benchmarks]
mod benches {
    use super::*;

    #[benchmark]
    fn fund_era() {
        endow::<T>();
        let before = Pallet::<T>::pot_balance(Pot::Staking);
        #[block]
        {
            Pallet::<T>::fund_era();
        }
        assert!(Pallet::<T>::pot_balance(Pot::Staking) > before);
    }

    #[benchmark]
    fn pay_claim() -> Result<(), BenchmarkError> {
        let staker = endow::<T>();
        // More than staking pot and reserve have, so that all three pots pay.
        let amount = 2_500 * OGPU;
        let debt = T::Currency::deposit(&staker, amount, Precision::Exact)?;
        #[block]
        {
            PayFromPot::<T>::on_unbalanced(debt);
        }
        assert!(Pallet::<T>::pot_balance(Pot::Fees) < 1_000 * OGPU);
        Ok(())
    }

    #[benchmark]
    fn collect() -> Result<(), BenchmarkError> {
        let payer = endow::<T>();
        let parts = FeeSplit {
            provider: 0,
            validators: OGPU,
            treasury: OGPU,
            audit_fund: OGPU,
            audit_premium: OGPU,
        };
        let before = Pallet::<T>::pot_balance(Pot::AuditFund);
        #[block]
        {
            Pallet::<T>::collect(&payer, &parts)?;
        }
        assert_eq!(
            Pallet::<T>::pot_balance(Pot::AuditFund),
            before.saturating_add(2 * OGPU)
        );
        Ok(())
    }

    #[benchmark]
    fn split_transaction_fee() {
        endow::<T>();
        let credit = T::Currency::issue(10 * OGPU);
        let before = Pallet::<T>::pot_balance(Pot::Fees);
        #[block]
        {
            SplitTransactionFees::<T>::on_unbalanced(credit);
        }
        assert!(Pallet::<T>::pot_balance(Pot::Fees) > before);
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExtBuilder::default().build(),
        crate::mock::Test
    );
}
