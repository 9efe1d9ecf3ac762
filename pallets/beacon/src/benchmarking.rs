//! Worst cases: a gap as long as the ring.

use super::*;
use frame_benchmarking::v2::*;
use ogpu_primitives::traits::Draw;

#[benchmarks]
mod benches {
    use super::*;

    /// `f` accumulators are written at once, because the blocks before had no VRF output.
    #[benchmark]
    fn on_initialize(f: Linear<1, RING>) {
        Pallet::<T>::record(1, Some([1; 32]));
        let block = f.saturating_add(1);
        #[block]
        {
            Pallet::<T>::record(block, Some([2; 32]));
            Pallet::<T>::advance_clock();
            Pallet::<T>::note_fullness();
        }
        assert!(Pallet::<T>::accumulator(block).is_some());
    }

    #[benchmark]
    fn draw() {
        Pallet::<T>::record(1, Some([1; 32]));
        let drawn;
        #[block]
        {
            drawn = <Pallet<T> as Draw>::draw(0, 1, &[0; 64]);
        }
        assert!(drawn.is_some());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
