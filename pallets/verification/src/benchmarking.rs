//! Benchmarks of the hook's steps, each at its worst.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::{traits::Get, weights::WeightMeter};
use ogpu_primitives::{traits::Clock, Commitment, FinishReason, Subject, WorkKey, H256};

fn subject() -> Subject {
    Subject::Work(WorkKey {
        job: H256::repeat_byte(1),
        segment: 0,
        attempt: 0,
    })
}

fn commitment() -> Commitment {
    Commitment {
        root: H256::repeat_byte(2),
        output: H256::repeat_byte(3),
        n_in: 10,
        n_out: 20,
        finish: FinishReason::Stop,
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn service_base() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now.saturating_add(1), 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_windows(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    #[benchmark]
    fn service_tick() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_windows(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    // The sibling does not know the subject, so that only this pallet's part is measured.
    #[benchmark]
    fn service_item() -> Result<(), BenchmarkError> {
        let worker: T::AccountId = account("worker", 0, 0);
        Pallet::<T>::committed(&subject(), &worker, &commitment(), 1_000)?;
        let due = T::Clock::now().saturating_add(T::CheckWindowTicks::get().max(1));
        AgendaCursor::<T>::put((due, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_windows(&mut meter, due);
        }
        assert!(Commitments::<T>::get(subject()).is_some_and(|record| record.verdict.is_some()));
        Ok(())
    }

    impl_benchmark_test_suite!(
        Pallet,
        crate::mock::ExtBuilder::default().build(),
        crate::mock::Test
    );
}
