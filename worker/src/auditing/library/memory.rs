//! Whether a model fits into memory beside those that jobs use.
//!
//! Jobs come first: a model is loaded for an audit only where enough stays free for what running jobs still take.
//! What a model needs is the larger one of what its owner declares and what its files say: a stranger who declares
//! too little must not bring down a daemon that has jobs.

use crate::hardware;
use nvml_wrapper::Nvml;
use ogpu_client::{chain::Model, registration::memory_needed_mib};
use std::path::Path;

/// What stays free for jobs, in MiB.
const RESERVE_MIB: u64 = 1_024;

/// Memory of the device that models are loaded to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Free {
    /// What it is called.
    pub device: &'static str,
    /// What is free, in MiB.
    pub mib: u64,
}

/// Measures it.
pub type Measure = fn() -> Free;

/// There is not enough.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error(
    "{needed_mib} MiB of memory are needed beside the served models and {} MiB for their jobs, and {} MiB are free on the {}; \
     serve fewer or smaller models here, or close other programs",
    RESERVE_MIB, .free.mib, .free.device
)]
pub struct ShortOfMemory {
    /// What the model needs.
    pub needed_mib: u64,
    /// What there is.
    pub free: Free,
}

/// What a model needs at least by its registration, in MiB: weights take as much memory as their files.
pub fn declared_mib(model: &Model) -> u64 {
    let files = model.spec.manifest.iter();
    let bytes = files.fold(0u64, |sum, file| sum.saturating_add(file.size_bytes));
    u64::from(model.spec.vram_mib).max(bytes >> 20)
}

/// What a model needs whose files are in `dir`, in MiB. Weights that cannot be read are the engine's to complain of.
pub fn needed_mib(dir: &Path, model: &Model) -> u64 {
    let weights_mib = memory_needed_mib(dir, model.spec.profile).map_or(0, u64::from);
    declared_mib(model).max(weights_mib)
}

/// Whether `needed_mib` can be had now.
pub fn check(needed_mib: u64, measure: Measure) -> Result<(), ShortOfMemory> {
    let free = measure();
    match needed_mib.saturating_add(RESERVE_MIB) <= free.mib {
        true => Ok(()),
        false => Err(ShortOfMemory { needed_mib, free }),
    }
}

/// The free memory of the first GPU where this build uses one, else of the machine.
pub fn measure() -> Free {
    match cfg!(feature = "cuda").then(gpu_mib).flatten() {
        Some(mib) => Free { device: "GPU", mib },
        None => Free {
            device: "machine",
            mib: hardware::cpu().available_mib,
        },
    }
}

fn gpu_mib() -> Option<u64> {
    let nvml = Nvml::init().ok()?;
    let device = nvml.device_by_index(0).ok()?;
    Some(device.memory_info().ok()?.free >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::fixtures;
    use ogpu_primitives::{FileEntry, H256};

    #[test]
    fn memory_should_be_refused_when_jobs_would_be_left_with_too_little() {
        let measure: Measure = || Free {
            device: "GPU",
            mib: 5_000,
        };
        assert_eq!(check(5_000 - RESERVE_MIB, measure), Ok(()));
        let error = check(5_001 - RESERVE_MIB, measure).expect_err("a MiB too much");
        assert!(
            error.to_string().contains("5000 MiB are free on the GPU"),
            "{error}"
        );
        assert!(check(u64::MAX, measure).is_err());
    }

    #[test]
    fn declared_should_be_what_the_files_take_when_their_owner_says_less() {
        let mut model = fixtures::model(None);
        let file = FileEntry {
            name: b"model.gguf".to_vec().try_into().expect("short"),
            blake3: H256::zero(),
            size_bytes: 7_000 << 20,
        };
        model.spec.manifest = vec![file].try_into().expect("one");
        assert_eq!(declared_mib(&model), 7_000);
        model.spec.vram_mib = 9_000;
        assert_eq!(declared_mib(&model), 9_000);
    }

    #[test]
    fn measure_should_find_some_memory_on_any_machine() {
        assert!(measure().mib > 0);
    }
}
