//! A runtime with one governed parameter.

use crate::{self as pallet_dao, ApplyParameters};
use codec::DecodeAll;
use frame_support::{derive_impl, parameter_types};
use ogpu_primitives::{Balance, BoundedU32, OGPU};
use sp_runtime::{BuildStorage, DispatchError, DispatchResult};

pub type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(RuntimeCall, RuntimeEvent, RuntimeError, RuntimeOrigin, RuntimeTask)]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(18)]
    pub type Dao = pallet_dao::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
}

parameter_types! {
    pub storage Governed: u32 = 5;
    pub const SpendLimit: Balance = 1_000 * OGPU;
}

/// Keeps the one parameter, between 1 and 10.
pub struct KeepParameter;

impl ApplyParameters for KeepParameter {
    fn apply(mut encoded: &[u8]) -> DispatchResult {
        let value = BoundedU32::<1, 10>::decode_all(&mut encoded)
            .map_err(|_| DispatchError::Other("out of bounds"))?;
        Governed::set(&value.get());
        Ok(())
    }
}

impl pallet_dao::Config for Test {
    type Parameters = KeepParameter;
}

#[derive(Default)]
pub struct ExtBuilder {
    parameters: Vec<Vec<u8>>,
}

impl ExtBuilder {
    pub fn parameters(mut self, parameters: Vec<Vec<u8>>) -> Self {
        self.parameters = parameters;
        self
    }

    pub fn build_and_execute(self, test: impl FnOnce()) {
        let storage = RuntimeGenesisConfig {
            dao: pallet_dao::GenesisConfig {
                parameters: self.parameters,
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("genesis builds");
        sp_io::TestExternalities::from(storage).execute_with(test);
    }
}
