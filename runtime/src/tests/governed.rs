//! Governed figures: only root and the parameters track set them, and only inside their bounds.

use super::chain;
use crate::{
    parameters::{dynamic_params::market, RuntimeParameters},
    AccountId, Parameters, Runtime, RuntimeOrigin,
};
use codec::{Decode, Encode};
use frame_support::{assert_noop, assert_ok, traits::Get};
use ogpu_primitives::governed::BoundedU32;
use sp_runtime::DispatchError;

fn acknowledge_ticks(value: BoundedU32<3, 600>) -> RuntimeParameters {
    RuntimeParameters::Market(market::Parameters::AcknowledgeTicks(
        market::AcknowledgeTicks,
        Some(value),
    ))
}

#[test]
fn parameter_should_change_when_the_parameters_track_sets_it() {
    chain("development").execute_with(|| {
        let origin: RuntimeOrigin = pallet_dao::Origin::Parameters.into();
        assert_ok!(Parameters::set_parameter(
            origin,
            acknowledge_ticks(BoundedU32::from_const(20))
        ));
        let now: BoundedU32<3, 600> = market::AcknowledgeTicks::get();
        assert_eq!(now.get(), 20);
    });
}

#[test]
fn parameter_should_be_refused_when_anybody_else_sets_it() {
    chain("development").execute_with(|| {
        for origin in [
            RuntimeOrigin::signed(AccountId::new([1; 32])),
            pallet_dao::Origin::Treasurer.into(),
            pallet_dao::Origin::Canceller.into(),
        ] {
            assert_noop!(
                Parameters::set_parameter(origin, acknowledge_ticks(BoundedU32::from_const(20))),
                DispatchError::BadOrigin
            );
        }
    });
}

#[test]
fn call_should_not_decode_when_a_value_is_out_of_bounds() {
    let call = |value: u32| {
        let mut bytes = crate::RuntimeCall::Parameters(pallet_parameters::Call::<Runtime>::set_parameter {
            key_value: acknowledge_ticks(BoundedU32::from_const(20)),
        })
        .encode();
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&value.to_le_bytes());
        crate::RuntimeCall::decode(&mut bytes.as_slice())
    };
    assert!(call(600).is_ok());
    assert!(call(601).is_err());
    assert!(call(2).is_err());
}
