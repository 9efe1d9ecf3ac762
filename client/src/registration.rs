//! From a folder with a model's files to what is registered on the chain.

use crate::{
    models::{
        layout::read_json, ChatTemplate, Gguf, GgufError, LayoutError, Manifest, ManifestError, ModelFiles,
        ModelTokenizer, SafetensorsError, SafetensorsHeader, TemplateError, TokenizerError,
    },
    AccountId,
};
use ogpu_primitives::{BlobHash, Costs, JobKind, ModelSpec, NumericProfile};
use std::path::Path;

/// Version of the canonical sampler that new models declare.
const SAMPLER_VERSION: u8 = 1;

/// Multiply-adds in a milli compute unit.
const MACS_PER_MILLI_CU: u64 = 1_000_000;

/// Memory besides the weights: activations and a cache of ordinary length, in MiB.
const WORKING_MIB: u64 = 256;

/// Why a folder cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Files.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Layout.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// GGUF.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// Safetensors.
    #[error(transparent)]
    Safetensors(#[from] SafetensorsError),
    /// Tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// Template.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The model does not say how long its context is.
    #[error("the model does not say how long its context is; give --context-tokens")]
    NoContext,
    /// The name is too long.
    #[error("a model's name has 1 to 64 bytes, '{0}' has {1}; choose a shorter one")]
    Name(String, usize),
    /// More files than the chain takes.
    #[error("a model has at most 32 files; remove what is not needed to run it")]
    TooManyFiles,
    /// The numeric profile does not fit the files.
    #[error("profile a8 is for GGUF files; use f16")]
    ProfileNeedsGguf,
    /// The kind does not fit the files.
    #[error("this model's architecture '{0}' does not do {1}; choose the other --kind")]
    Kind(String, &'static str),
}

/// What a person decides; the rest is read from the files.
#[derive(Debug, Clone)]
pub struct RegistrationOptions {
    /// Name for people.
    pub name: String,
    /// What jobs it takes.
    pub kind: JobKind,
    /// How the arithmetic is done.
    pub profile: NumericProfile,
    /// Longest input plus output; `None` takes the model's own.
    pub context_tokens: Option<u32>,
    /// Memory in MiB; `None` takes an estimate from the weights.
    pub vram_mib: Option<u32>,
}

/// What the weights' headers say.
struct Facts {
    architecture: String,
    parameters: u64,
    weight_bytes: u64,
    context_tokens: Option<u32>,
}

/// Reads and hashes the folder's files and fills in the specification.
pub fn spec_from_folder(
    folder: &Path,
    owner: AccountId,
    options: &RegistrationOptions,
) -> Result<ModelSpec<AccountId>, RegistrationError> {
    let files = ModelFiles::find(folder)?;
    let manifest = Manifest::of_folder(folder)?;
    let facts = facts(&files)?;
    check_kind(&facts.architecture, options.kind)?;
    let tokenizer_file = match &files {
        ModelFiles::Gguf { path } => file_name(path),
        ModelFiles::Safetensors { .. } => {
            if options.profile == NumericProfile::A8 {
                return Err(RegistrationError::ProfileNeedsGguf);
            }
            "tokenizer.json".to_owned()
        }
    };
    let tokenizer = manifest
        .files()
        .find(|(name, _, _)| *name == tokenizer_file)
        .map(|(_, hash, _)| hash)
        .ok_or(ManifestError::Missing(tokenizer_file))?;
    // Registering a model whose tokenizer or template nobody can read would only cost its owner the deposit.
    let reader = ModelTokenizer::from_folder(folder)?;
    let template = match options.kind {
        JobKind::Generate => ChatTemplate::from_folder(folder, reader.bos(), reader.eos())?,
        JobKind::Embed => None,
    };
    let name = options.name.as_bytes().to_vec();
    let length = name.len();
    let name = name
        .try_into()
        .map_err(|_| RegistrationError::Name(options.name.clone(), length))?;
    if length == 0 {
        return Err(RegistrationError::Name(options.name.clone(), 0));
    }
    let per_token = milli_cu_per_token(facts.parameters);
    let context_tokens = options
        .context_tokens
        .or(facts.context_tokens)
        .ok_or(RegistrationError::NoContext)?;
    Ok(ModelSpec {
        owner,
        name,
        kind: options.kind,
        manifest: manifest
            .entries()?
            .try_into()
            .map_err(|_| RegistrationError::TooManyFiles)?,
        tokenizer,
        template: template
            .map(|template| BlobHash::from(*blake3::hash(template.text().as_bytes()).as_bytes())),
        profile: options.profile,
        sampler_version: SAMPLER_VERSION,
        costs: Costs {
            input_milli_cu: per_token,
            output_milli_cu: if options.kind == JobKind::Generate {
                per_token
            } else {
                0
            },
        },
        context_tokens,
        vram_mib: options
            .vram_mib
            .unwrap_or_else(|| vram_mib(&facts, options.profile)),
    })
}

/// A dense model does one multiply-add per parameter and token.
fn milli_cu_per_token(parameters: u64) -> u32 {
    u32::try_from(parameters.div_ceil(MACS_PER_MILLI_CU))
        .unwrap_or(u32::MAX)
        .max(1)
}

/// Memory in MiB that the model in `folder` takes by its weights' headers, whatever its owner declares.
pub fn memory_needed_mib(folder: &Path, profile: NumericProfile) -> Result<u32, RegistrationError> {
    Ok(vram_mib(&facts(&ModelFiles::find(folder)?)?, profile))
}

fn vram_mib(facts: &Facts, profile: NumericProfile) -> u32 {
    let bytes = match profile {
        NumericProfile::A8 => facts.weight_bytes,
        // Dequantised to two bytes a parameter.
        NumericProfile::F16 | NumericProfile::Bf16 => {
            facts.weight_bytes.max(facts.parameters.saturating_mul(2))
        }
    };
    u32::try_from((bytes >> 20) + WORKING_MIB).unwrap_or(u32::MAX)
}

fn facts(files: &ModelFiles) -> Result<Facts, RegistrationError> {
    match files {
        ModelFiles::Gguf { path } => {
            let gguf = Gguf::open(path)?;
            let architecture = gguf.text("general.architecture")?.to_owned();
            let context = gguf.unsigned(&format!("{architecture}.context_length")).ok();
            Ok(Facts {
                parameters: gguf
                    .tensors
                    .values()
                    .map(|tensor| elements(&tensor.dimensions))
                    .sum(),
                weight_bytes: gguf.tensors.values().map(|tensor| tensor.bytes).sum(),
                context_tokens: context.and_then(|tokens| u32::try_from(tokens).ok()),
                architecture,
            })
        }
        ModelFiles::Safetensors { config, weights, .. } => {
            #[derive(serde::Deserialize)]
            struct Config {
                model_type: Option<String>,
                max_position_embeddings: Option<u32>,
            }
            let config: Config = read_json(config)?;
            let (mut parameters, mut weight_bytes) = (0u64, 0u64);
            for path in weights {
                for tensor in SafetensorsHeader::open(path)?.tensors.values() {
                    parameters = parameters.saturating_add(elements(&tensor.shape));
                    weight_bytes = weight_bytes.saturating_add(tensor.bytes);
                }
            }
            Ok(Facts {
                architecture: config.model_type.unwrap_or_default(),
                parameters,
                weight_bytes,
                context_tokens: config.max_position_embeddings,
            })
        }
    }
}

fn elements(dimensions: &[usize]) -> u64 {
    dimensions.iter().fold(1u64, |product, dimension| {
        product.saturating_mul(*dimension as u64)
    })
}

fn check_kind(architecture: &str, kind: JobKind) -> Result<(), RegistrationError> {
    match (architecture, kind) {
        ("bert", JobKind::Generate) => Err(RegistrationError::Kind(architecture.into(), "text generation")),
        ("llama", JobKind::Embed) => Err(RegistrationError::Kind(architecture.into(), "embeddings")),
        _ => Ok(()),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_should_round_up_when_parameters_are_no_whole_million() {
        assert_eq!(milli_cu_per_token(134_515_008), 135);
        assert_eq!(milli_cu_per_token(0), 1);
        assert_eq!(milli_cu_per_token(u64::MAX), u32::MAX);
    }

    #[test]
    fn registration_should_be_refused_when_the_folder_holds_no_model() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("readme.txt"), "nothing").unwrap();
        let options = RegistrationOptions {
            name: "m".into(),
            kind: JobKind::Embed,
            profile: NumericProfile::F16,
            context_tokens: None,
            vram_mib: None,
        };
        let result = spec_from_folder(folder.path(), AccountId::from([1; 32]), &options);
        assert!(matches!(
            result,
            Err(RegistrationError::Layout(LayoutError::NoModel(_)))
        ));
    }
}
