//! Registering models. A model is immutable and stays; its deposit pays for the place it takes.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{model::model_id, traits::Clock, FileEntry, JobKind, ModelId, ModelSpec};

/// The one version of the canonical sampler.
const SAMPLER_VERSION: u8 = 1;

impl<T: Config> Pallet<T> {
    /// Registers `spec` and returns its id.
    pub(crate) fn do_register_model(
        who: &T::AccountId,
        spec: ModelSpec<T::AccountId>,
    ) -> Result<ModelId, DispatchError> {
        Self::check_spec(who, &spec)?;
        let id = model_id(&spec);
        ensure!(!Models::<T>::contains_key(id), Error::<T>::ModelExists);
        let deposit = T::ModelDeposit::get();
        Self::hold_deposit(who, deposit)?;
        Models::<T>::insert(
            id,
            Model {
                spec,
                registered_at: T::Clock::now(),
                deposit,
                jobs_settled: 0,
            },
        );
        Self::deposit_event(Event::ModelRegistered {
            model: id,
            owner: who.clone(),
            deposit,
        });
        Ok(id)
    }

    /// Whether a model is registered.
    pub fn model_exists(model: &ModelId) -> bool {
        Models::<T>::contains_key(model)
    }

    /// Memory in MiB that a device must have free for a model; `None` when it is not registered.
    pub fn model_vram_mib(model: &ModelId) -> Option<u32> {
        Models::<T>::get(model).map(|model| model.spec.vram_mib)
    }

    fn check_spec(who: &T::AccountId, spec: &ModelSpec<T::AccountId>) -> DispatchResult {
        ensure!(spec.owner == *who, Error::<T>::NotModelOwner);
        ensure!(is_plain_text(&spec.name), Error::<T>::InvalidModelName);
        ensure!(!spec.manifest.is_empty(), Error::<T>::EmptyManifest);
        for file in &spec.manifest {
            ensure!(is_file_name(&file.name), Error::<T>::InvalidFileName);
            ensure!(file.size_bytes > 0, Error::<T>::EmptyFile);
        }
        let sorted = |pair: &[FileEntry]| matches!(pair, [a, b] if a.name < b.name);
        ensure!(
            spec.manifest.windows(2).all(sorted),
            Error::<T>::ManifestNotSorted
        );
        let has_tokenizer = spec.manifest.iter().any(|file| file.blake3 == spec.tokenizer);
        ensure!(has_tokenizer, Error::<T>::TokenizerNotInManifest);
        ensure!(
            spec.sampler_version == SAMPLER_VERSION,
            Error::<T>::UnknownSampler
        );
        let costs_fit = match spec.kind {
            JobKind::Generate => spec.costs.input_milli_cu > 0 && spec.costs.output_milli_cu > 0,
            JobKind::Embed => spec.costs.input_milli_cu > 0 && spec.costs.output_milli_cu == 0,
        };
        ensure!(costs_fit, Error::<T>::InvalidCosts);
        ensure!(
            spec.context_tokens > 1 && spec.vram_mib > 0,
            Error::<T>::InvalidModelSize
        );
        Ok(())
    }
}

/// Text that a terminal can print: UTF-8 without control characters, not blank.
fn is_plain_text(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes)
        .is_ok_and(|text| !text.trim().is_empty() && !text.chars().any(char::is_control))
}

/// A name that stays inside the model's folder on every system.
fn is_file_name(bytes: &[u8]) -> bool {
    is_plain_text(bytes) && !bytes.starts_with(b".") && !bytes.iter().any(|byte| b"/\\:".contains(byte))
}
