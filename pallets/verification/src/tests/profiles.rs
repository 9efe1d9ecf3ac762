use super::fixture::*;
use crate::{mock::*, Error, Event};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{ModelId, NumericProfile, ProfileParams, H256};
use sp_runtime::DispatchError;

fn model() -> ModelId {
    H256::repeat_byte(9)
}

fn calibrated(version: u32) -> ProfileParams {
    ProfileParams {
        version,
        tau_output_milli: 9,
        slash_enabled: true,
        ..ProfileParams::starting(NumericProfile::F16)
    }
}

fn set(params: ProfileParams) -> sp_runtime::DispatchResult {
    Verification::set_profile_params(RuntimeOrigin::root(), model(), params)
}

#[test]
fn terms_should_start_unable_to_slash_when_nothing_was_set() {
    ExtBuilder::default().build_and_execute(|| {
        let terms = || Verification::terms_params(&model(), NumericProfile::A8);
        assert_eq!(terms(), ProfileParams::starting(NumericProfile::A8));
        assert!(!terms().slash_enabled);
        SlashUncalibrated::set(true);
        assert!(terms().slash_enabled);
    });
}

#[test]
fn terms_should_follow_what_was_set_when_the_profile_is_the_models() {
    ExtBuilder::default().build_and_execute(|| {
        assert_ok!(set(calibrated(2)));
        assert_eq!(
            events(),
            [Event::ProfileParamsSet {
                model: model(),
                version: 2,
            }]
        );
        let terms = |profile| Verification::terms_params(&model(), profile);
        assert_eq!(terms(NumericProfile::F16), calibrated(2));
        assert_eq!(
            terms(NumericProfile::Bf16),
            ProfileParams::starting(NumericProfile::Bf16)
        );
    });
}

#[test]
fn params_should_be_refused_when_they_are_not_newer_or_out_of_range() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Verification::set_profile_params(signed(client()), model(), calibrated(2)),
            DispatchError::BadOrigin
        );
        // As the version that all models start with.
        assert_noop!(set(calibrated(1)), Error::<Test>::ParamsNotNewer);
        assert_ok!(set(calibrated(5)));
        assert_noop!(set(calibrated(5)), Error::<Test>::ParamsNotNewer);
        let zero = ProfileParams {
            tau_output_milli: 0,
            ..calibrated(6)
        };
        assert_noop!(set(zero), Error::<Test>::InvalidParams);
        assert_ok!(set(calibrated(6)));
    });
}
