//! What people type, turned into what the chain knows.

use crate::{context::Context, exit::Usage};
use anyhow::Context as _;
use ogpu_client::{
    amount,
    chain::{AtBlock, Chain, Model},
    hub::Repository,
    models::{ChatTemplate, Manifest, ModelTokenizer},
};
use ogpu_primitives::{Balance, BlobHash, JobId, JobKind, ModelId, ModelSpec};
use std::{
    io::Read,
    path::{Component, Path, PathBuf},
    str::FromStr,
};

/// Most models that are looked through for a name.
const MAX_MODELS: usize = 10_000;

/// Longest prompt file.
const MAX_PROMPT_BYTES: u64 = 8 * 1024 * 1024;

/// 32 bytes in hexadecimal, with or without `0x`.
pub fn hash(text: &str) -> anyhow::Result<[u8; 32]> {
    let digits = text.trim().trim_start_matches("0x");
    let mut bytes = [0u8; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| {
        Usage(format!(
            "'{text}' is no hash: expected 0x and 64 hexadecimal digits"
        ))
    })?;
    Ok(bytes)
}

/// How a person names a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobReference {
    /// By its id.
    Id(JobId),
    /// By its running number.
    Number(u64),
}

impl FromStr for JobReference {
    type Err = Usage;

    fn from_str(text: &str) -> Result<Self, Usage> {
        // A number has at most 20 digits, an id 64.
        if let Ok(number) = text.parse() {
            return Ok(Self::Number(number));
        }
        hash(text).map(|id| Self::Id(id.into())).map_err(|_| {
            Usage(format!(
                "'{text}' is no job: expected its id (0x and 64 hexadecimal digits) or its number"
            ))
        })
    }
}

/// An amount in OGPU, or in planck with the suffix `planck`.
pub fn amount(text: &str) -> Result<Balance, String> {
    amount::parse(text).map_err(|error| error.to_string())
}

/// The name of a model for people.
pub fn model_name(spec: &ModelSpec<ogpu_client::AccountId>) -> String {
    String::from_utf8_lossy(&spec.name).into_owned()
}

/// A model by its id or its name.
pub async fn model(chain: &Chain, at: &AtBlock, reference: &str) -> anyhow::Result<(ModelId, Model)> {
    if let Ok(id) = hash(reference).map(ModelId::from) {
        let model = chain.model(at, id).await?;
        return model.map(|model| (id, model)).with_context(|| {
            format!("no model has the id {id:?}; `ogpu models list` shows those there are")
        });
    }
    let mut found: Vec<_> = chain
        .models(at, MAX_MODELS)
        .await?
        .into_iter()
        .filter(|(_, model)| model_name(&model.spec) == reference)
        .collect();
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => anyhow::bail!("no model is called '{reference}'; `ogpu models list` shows those there are"),
        _ => {
            let ids: Vec<_> = found.iter().map(|(id, _)| format!("{id:?}")).collect();
            anyhow::bail!(
                "several models are called '{reference}'; give one of their ids: {}",
                ids.join(", ")
            )
        }
    }
}

/// The parts of a local model that a client needs.
pub struct LocalModel {
    /// Turns text into ids and back.
    pub tokenizer: ModelTokenizer,
    /// Turns a conversation into text.
    pub template: Option<ChatTemplate>,
}

/// The folder of a model on this machine. One that is named after its repository lies where `models fetch` puts it.
pub fn model_folder(
    context: &Context,
    given: Option<&Path>,
    spec: &ModelSpec<ogpu_client::AccountId>,
) -> anyhow::Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let name = model_name(spec);
    let folder = folder_name(&name).with_context(|| {
        format!("the model's name '{name}' is no name of a folder; say with --model-dir where it is")
    })?;
    Ok(context.models_dir.join(folder))
}

/// `NAME` of `OWNER/NAME@REVISION`, any other name as it is; `None` when it would not lead into the models folder:
/// whoever registers a model chooses its name.
fn folder_name(name: &str) -> Option<PathBuf> {
    if let Some((repository, _)) = Repository::with_revision(name).filter(|(found, _)| found.has_owner()) {
        return Some(repository.name().into());
    }
    let path = Path::new(name);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    (inside && !name.is_empty()).then(|| path.to_owned())
}

/// Opens a model's tokenizer and template after checking every file against the chain.
pub fn local_model(folder: &Path, spec: &ModelSpec<ogpu_client::AccountId>) -> anyhow::Result<LocalModel> {
    let manifest = Manifest::from_entries(&spec.manifest)?;
    manifest.verify(folder).with_context(|| {
        format!(
            "{} is not the registered model; `scripts/fetch-models` or its maker has it",
            folder.display()
        )
    })?;
    let tokenizer = ModelTokenizer::from_folder(folder)?;
    let template = match spec.kind {
        JobKind::Generate => ChatTemplate::from_folder(folder, tokenizer.bos(), tokenizer.eos())?,
        JobKind::Embed => None,
    };
    let have = template
        .as_ref()
        .map(|template| BlobHash::from(*blake3::hash(template.text().as_bytes()).as_bytes()));
    anyhow::ensure!(
        have == spec.template,
        "the chat template in {} is not the registered one; fetch the model again",
        folder.display()
    );
    Ok(LocalModel { tokenizer, template })
}

/// A text file, or standard input for `-`.
pub fn text_file(path: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(MAX_PROMPT_BYTES + 1)
            .read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(MAX_PROMPT_BYTES + 1).read_to_string(&mut text))
    };
    read.with_context(|| format!("reading {}", path.display()))?;
    anyhow::ensure!(
        text.len() as u64 <= MAX_PROMPT_BYTES,
        "{} is longer than 8 MiB",
        path.display()
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_should_be_that_of_models_fetch_when_a_model_is_named_after_its_repository() {
        for (name, folder) in [
            ("smollm2-135m-instruct", "smollm2-135m-instruct"),
            ("owner/smol", "smol"),
            ("owner/smol@refs/pr/1", "smol"),
            ("smol@2", "smol@2"),
            ("owner/..@main", "owner/..@main"),
            ("Smol 2 (small)", "Smol 2 (small)"),
        ] {
            assert_eq!(folder_name(name), Some(folder.into()));
        }
    }

    #[test]
    fn folder_should_be_refused_when_a_model_is_named_so_as_to_lead_elsewhere() {
        for name in ["", ".", "..", "owner/..", "a/../../b", "/etc"] {
            assert_eq!(folder_name(name), None, "{name}");
        }
    }

    #[test]
    fn job_should_be_read_as_id_or_number_when_it_is_one() {
        let id = "11".repeat(32);
        let expected = Ok(JobReference::Id(JobId::repeat_byte(0x11)));
        for text in [id.clone(), format!("0x{id}")] {
            assert_eq!(text.parse().map_err(|error: Usage| error.0), expected);
        }
        let number = u64::MAX.to_string().parse().map_err(|error: Usage| error.0);
        assert_eq!(number, Ok(JobReference::Number(u64::MAX)));
        for text in ["", "-1", "1.5", "0x12", "18446744073709551616"] {
            assert!(text.parse::<JobReference>().is_err(), "{text}");
        }
    }
}
