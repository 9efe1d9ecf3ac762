//! A runtime with nothing but this pallet, a clock that tests set and a sibling that notes verdicts.

use crate as pallet_verification;
use crate::{OnVerdict, Verdict};
use frame_support::{
    derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{Hooks, OnInitialize},
    weights::Weight,
};
use ogpu_primitives::{traits::Clock, Subject, Tick};
use sp_runtime::{BuildStorage, DispatchError};

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(14)]
    pub type Verification = pallet_verification;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

parameter_types! {
    pub static Now: Tick = 1;
    pub static Window: Tick = 31;
    pub static Share: Weight = Weight::from_parts(1_000_000_000_000, u64::MAX);
    pub static Verdicts: Vec<(Subject, Verdict)> = Vec::new();
    pub static Failing: bool = false;
}

/// The clock that tests set.
pub struct TestClock;
impl Clock for TestClock {
    fn now() -> Tick {
        Now::get()
    }
}

/// Notes what it was told, or fails when told to.
pub struct Sibling;
impl OnVerdict for Sibling {
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult {
        if Failing::get() {
            return Err(DispatchError::Other("sibling fails"));
        }
        Verdicts::mutate(|verdicts| verdicts.push((*subject, verdict)));
        Ok(())
    }

    fn weight() -> Weight {
        Weight::from_parts(1_000, 0)
    }
}

impl pallet_verification::Config for Test {
    type Clock = TestClock;
    type OnVerdict = Sibling;
    type WeightInfo = ();
    type CheckWindowTicks = Window;
    type ServiceShare = Share;
}

/// Builds the state and checks it after every test.
#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        // Tests may share a thread.
        Now::set(1);
        Window::set(31);
        Share::set(Weight::from_parts(1_000_000_000_000, u64::MAX));
        Verdicts::set(Vec::new());
        Failing::set(false);
        let storage = frame_system::GenesisConfig::<Test>::default()
            .build_storage()
            .expect("valid genesis");
        let mut ext = sp_io::TestExternalities::new(storage);
        ext.execute_with(|| System::set_block_number(1));
        ext
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Verification::do_try_state().expect("the state is sound after the test");
        });
    }
}

/// Runs the hook of the next `ticks` blocks, one tick each.
pub fn run_ticks(ticks: Tick) {
    for _ in 0..ticks {
        Now::mutate(|now| *now += 1);
        run_block();
    }
}

/// Runs the hook of one more block of the same tick.
pub fn run_block() {
    let block = System::block_number() + 1;
    System::set_block_number(block);
    <Verification as OnInitialize<u64>>::on_initialize(block);
    <Verification as Hooks<u64>>::on_finalize(block);
}
