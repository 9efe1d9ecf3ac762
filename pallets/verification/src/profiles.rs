//! Thresholds by which results of a model are judged.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{ModelId, NumericProfile, ProfileParams};

impl<T: Config> Pallet<T> {
    /// The thresholds that a job of `model`, whose numeric profile is `profile`, is assigned with: those that were
    /// set, else those that the profile starts with, which only slash where the network says so.
    pub fn terms_params(model: &ModelId, profile: NumericProfile) -> ProfileParams {
        Profiles::<T>::get(model)
            .filter(|params| params.check_profile(profile).is_ok())
            .unwrap_or(ProfileParams {
                slash_enabled: T::SlashUncalibrated::get(),
                ..ProfileParams::starting(profile)
            })
    }

    /// Sets the thresholds of `model`.
    pub(crate) fn do_set_profile_params(model: &ModelId, params: ProfileParams) -> DispatchResult {
        let params = params.checked().map_err(|_| Error::<T>::InvalidParams)?;
        let present = Profiles::<T>::get(model)
            .map_or(ogpu_primitives::profile::STARTING_VERSION, |params| {
                params.version
            });
        ensure!(params.version > present, Error::<T>::ParamsNotNewer);
        Profiles::<T>::insert(model, params);
        Self::deposit_event(Event::ProfileParamsSet {
            model: *model,
            version: params.version,
        });
        Ok(())
    }
}
