//! A runtime with a VRF output, a pause and a fullness that tests set.

use crate as pallet_beacon;
use frame_support::{
    derive_impl, parameter_types,
    traits::{Get, Hooks},
    weights::Weight,
};
use sp_runtime::{BuildStorage, Perbill};

pub type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(11)]
    pub type Beacon = pallet_beacon::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

parameter_types! {
    pub static Vrf: Option<[u8; 32]> = None;
    pub static ClockPaused: bool = false;
    pub const FullBlock: Perbill = Perbill::from_percent(90);
}

impl pallet_beacon::Config for Test {
    type Vrf = Vrf;
    type ClockPaused = ClockPaused;
    type WeightInfo = ();
    type FullBlock = FullBlock;
}

#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
    pub fn build(self) -> sp_io::TestExternalities {
        RuntimeGenesisConfig::default()
            .build_storage()
            .expect("genesis builds")
            .into()
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        self.build().execute_with(|| {
            test();
            Beacon::do_try_state().expect("state is sound after the test");
        });
    }
}

/// The VRF output that tests give to a block.
pub fn vrf_of(block: u32) -> [u8; 32] {
    let mut vrf = [7; 32];
    vrf[..4].copy_from_slice(&block.to_le_bytes());
    vrf
}

/// Starts the next block, in which the block before has the given VRF output.
pub fn start_block(vrf: Option<[u8; 32]>) {
    let n = System::block_number() + 1;
    System::set_block_number(n);
    System::set_block_consumed_resources(Weight::zero(), 0);
    Vrf::set(vrf);
    Beacon::on_initialize(n);
}

/// Ends the block when `percent` of its time is used.
pub fn end_block(percent: u32) {
    let weights: frame_system::limits::BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
    let used = Perbill::from_percent(percent).mul_ceil(weights.max_block.ref_time());
    System::set_block_consumed_resources(Weight::from_parts(used, 0), 0);
    Beacon::on_finalize(System::block_number());
}

/// Runs to the start of block `n`, each block before it with a VRF output of its own.
pub fn run_to_block(n: u64) {
    while System::block_number() < n {
        let before = System::block_number() as u32;
        start_block((before > 0).then(|| vrf_of(before)));
        end_block(10);
    }
}
