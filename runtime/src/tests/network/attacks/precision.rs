//! Arithmetic that is coarser than declared, and that no single audit can tell from honest noise.

use super::*;
use crate::{RuntimeOrigin, Verification};
use frame_support::assert_ok;
use ogpu_primitives::{fees::PPM, profile::STARTING_VERSION, Level, NumericProfile, ProfileParams};
use pallet_provider_staking::Served;
use pallet_slashing::Precision;

/// Every result has two auditors, under thresholds whose honest mean is known.
fn calibrated(test: impl FnOnce(&mut Network)) {
    let settings = Settings {
        second_ppm: PPM,
        price: OGPU / 100,
        ..Settings::default()
    };
    network(settings, |network| {
        network.check_every = 20;
        let params = ProfileParams {
            version: STARTING_VERSION + 1,
            // The machines of these tests differ by 9 parts per million.
            mean_e2_ppm: 12,
            slash_enabled: true,
            ..ProfileParams::starting(NumericProfile::F16)
        };
        let model = network.model;
        assert_ok!(Verification::set_profile_params(
            RuntimeOrigin::root(),
            model,
            params
        ));
        test(network);
    });
}

/// The worker of `cast` gets jobs until it no longer serves the model, at most 60.
fn work(network: &mut Network, cast: &Cast) {
    for _ in 0..6 {
        if !Served::<Runtime>::contains_key(&cast.worker.worker, network.model) {
            return;
        }
        let jobs: Vec<_> = (0..10)
            .map(|_| network.submit(&cast.client, Some(&cast.worker.worker)))
            .collect();
        network.settle();
        for job in jobs {
            assert_eq!(state(job), JobState::Settled, "each of them passes its audit");
        }
    }
}

/// The level that the sums of the worker of `cast` ever reached.
fn level(network: &Network, cast: &Cast) -> Level {
    Precision::<Runtime>::get(&cast.worker.worker, network.model).level()
}

#[test]
fn coarse_arithmetic_should_take_a_worker_off_its_model_without_a_slash_when_two_auditors_see_it_often() {
    calibrated(|network| {
        let cast = Cast::new(network);
        let coarse = Conduct::delivering(Quality::Coarse);
        network.conduct.insert(cast.worker.worker.clone(), coarse);
        let before = stake_of(&cast.worker.owner);
        work(network, &cast);
        assert_eq!(level(network, &cast), Level::Remove);
        assert!(!Served::<Runtime>::contains_key(
            &cast.worker.worker,
            network.model
        ));
        assert_eq!(stake_of(&cast.worker.owner), before);
    });
}

#[test]
fn honest_noise_should_raise_no_sum_when_sixty_results_have_two_auditors() {
    calibrated(|network| {
        let cast = Cast::new(network);
        work(network, &cast);
        assert_eq!(level(network, &cast), Level::Quiet);
        assert!(Served::<Runtime>::contains_key(
            &cast.worker.worker,
            network.model
        ));
    });
}
