//! `ogpu models`.

use crate::{context::Context, output, resolve};
use clap::{Subcommand, ValueEnum};
use ogpu_client::{
    amount,
    chain::{Call, Model},
    registration::{spec_from_folder, RegistrationOptions},
};
use ogpu_primitives::{model::model_id, JobKind, ModelId, NumericProfile, WhiteningTable};
use serde_json::json;
use std::path::PathBuf;

mod fetch;
mod whiten;

/// `ogpu models …`
#[derive(Subcommand, Debug)]
pub enum Command {
    /// List registered models.
    List {
        /// Most models to list.
        #[arg(long, default_value_t = 1000)]
        limit: usize,
    },
    /// Show a model.
    Show {
        /// Name or id.
        model: String,
    },
    /// Fetch a model's files from a Hugging Face hub: what is needed to run it and nothing else. Needs no node.
    ///
    /// The hub is HF_ENDPOINT, or huggingface.co. A gated model needs a token, in the environment as HF_TOKEN or in
    /// the hub's token file. An interrupted fetch goes on where it was when it is run again.
    Fetch(fetch::Arguments),
    /// Give a model of yours the whitening table that calibration made, once and for ever; a deposit is held.
    Whiten(whiten::Arguments),
    /// Register the model in a folder. It can never be changed; the deposit stays on hold.
    Register {
        /// Folder with the model's files.
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Name for people; the folder's name when it is missing. OWNER/NAME or OWNER/NAME@REVISION of the hub tells
        /// auditors that do not serve it where its files are.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// What jobs it takes.
        #[arg(long)]
        kind: Kind,
        /// How the arithmetic is done, by the worker and by whoever audits it.
        #[arg(long)]
        profile: Profile,
        /// Longest input plus output in tokens; the model's own when it is missing.
        #[arg(long, value_name = "N")]
        context_tokens: Option<u32>,
        /// Memory that a device must have, in MiB; estimated from the weights when it is missing.
        #[arg(long, value_name = "MIB")]
        vram_mib: Option<u32>,
        /// Only print what would be registered, and its id.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Kinds of jobs.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Kind {
    /// Text generation.
    Generate,
    /// Embeddings.
    Embed,
}

/// Numeric profiles.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum Profile {
    /// Quantised kernels of GGUF files, with int8 activations.
    A8,
    /// f16 or f32 activations, f32 sums: what shows most, and is audited most seldom in the end.
    F16,
    /// bf16 activations: only where f16 cannot be had.
    Bf16,
}

impl From<Kind> for JobKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Generate => Self::Generate,
            Kind::Embed => Self::Embed,
        }
    }
}

/// Runs `ogpu models`.
pub async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List { limit } => list(context, limit).await,
        Command::Fetch(arguments) => fetch::run(context, arguments).await,
        Command::Whiten(arguments) => whiten::run(context, arguments).await,
        Command::Show { model } => {
            let chain = context.chain().await?;
            let at = chain.best().await?;
            let (id, model) = resolve::model(&chain, &at, &model).await?;
            let whitening = chain.whitening(&at, id).await?;
            show(context, id, &model, whitening.as_ref())
        }
        Command::Register {
            dir,
            name,
            kind,
            profile,
            context_tokens,
            vram_mib,
            dry_run,
        } => {
            let folder_name = || dir.canonicalize().ok()?.file_name()?.to_str().map(str::to_owned);
            let name = match name.or_else(folder_name) {
                Some(name) => name,
                None => return Err(crate::exit::Usage("give the model a name with --name".into()).into()),
            };
            let kind = kind.into();
            let profile = match profile {
                Profile::A8 => NumericProfile::A8,
                Profile::F16 => NumericProfile::F16,
                Profile::Bf16 => NumericProfile::Bf16,
            };
            let options = RegistrationOptions {
                name,
                kind,
                profile,
                context_tokens,
                vram_mib,
            };
            let owner = context.key()?.account_id();
            let spec = spec_from_folder(&dir, owner, &options)?;
            let id = model_id(&spec);
            if dry_run {
                return show(
                    context,
                    id,
                    &Model {
                        spec,
                        registered_at: 0,
                        deposit: 0,
                        jobs_settled: 0,
                    },
                    None,
                );
            }
            let chain = context.chain().await?;
            let what = format!("registering {}", options.name);
            let included = context.send(&chain, &Call::RegisterModel(spec), &what).await?;
            if context.json {
                return output::json(&json!({ "model": format!("{id:?}"), "included": included }));
            }
            output::line(&format!("{id:?}"))
        }
    }
}

async fn list(context: &Context, limit: usize) -> anyhow::Result<()> {
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let models = chain.models(&at, limit).await?;
    if context.json {
        return output::json(&models.iter().map(|(id, model)| model_json(*id, model)).collect());
    }
    if models.is_empty() {
        eprintln!("No model is registered yet: `ogpu models register` does it.");
        return Ok(());
    }
    let mut table = output::table(["name", "kind", "profile", "context", "memory", "jobs", "id"]);
    for (id, model) in models {
        table.add_row([
            resolve::model_name(&model.spec),
            format!("{:?}", model.spec.kind).to_lowercase(),
            format!("{:?}", model.spec.profile).to_lowercase(),
            model.spec.context_tokens.to_string(),
            format!("{} MiB", model.spec.vram_mib),
            model.jobs_settled.to_string(),
            format!("{id:?}"),
        ]);
    }
    output::line(&output::trim(&table))
}

fn show(
    context: &Context,
    id: ModelId,
    model: &Model,
    whitening: Option<&WhiteningTable>,
) -> anyhow::Result<()> {
    if context.json {
        let mut value = model_json(id, model);
        value["whitening"] = json!(whitening.map(|table| format!("{:?}", table.hash())));
        return output::json(&value);
    }
    let spec = &model.spec;
    output::line(&output::pairs([
        ("id", format!("{id:?}")),
        ("name", resolve::model_name(spec)),
        ("owner", spec.owner.to_string()),
        ("kind", format!("{:?}", spec.kind).to_lowercase()),
        ("profile", format!("{:?}", spec.profile).to_lowercase()),
        ("sampler version", spec.sampler_version.to_string()),
        ("context", format!("{} tokens", spec.context_tokens)),
        ("memory", format!("{} MiB", spec.vram_mib)),
        ("input token", format!("{} mCU", spec.costs.input_milli_cu)),
        ("output token", format!("{} mCU", spec.costs.output_milli_cu)),
        (
            "chat template",
            if spec.template.is_some() {
                "yes".into()
            } else {
                "no".into()
            },
        ),
        (
            "whitening table",
            whitening.map_or_else(|| "none".into(), |table| format!("{:?}", table.hash())),
        ),
        ("registered at tick", model.registered_at.to_string()),
        ("deposit", format!("{} OGPU", amount::format(model.deposit))),
        ("jobs paid", model.jobs_settled.to_string()),
    ]))?;
    output::line("")?;
    let mut table = output::table(["file", "bytes", "blake3"]);
    for file in &spec.manifest {
        table.add_row([
            String::from_utf8_lossy(&file.name).into_owned(),
            file.size_bytes.to_string(),
            hex::encode(file.blake3),
        ]);
    }
    output::line(&output::trim(&table))
}

fn model_json(id: ModelId, model: &Model) -> serde_json::Value {
    let spec = &model.spec;
    json!({
        "id": format!("{id:?}"),
        "name": resolve::model_name(spec),
        "owner": spec.owner.to_string(),
        "kind": spec.kind,
        "profile": spec.profile,
        "sampler_version": spec.sampler_version,
        "context_tokens": spec.context_tokens,
        "vram_mib": spec.vram_mib,
        "costs": spec.costs,
        "tokenizer": format!("{:?}", spec.tokenizer),
        "template": spec.template.map(|hash| format!("{hash:?}")),
        "registered_at": model.registered_at,
        "deposit": model.deposit.to_string(),
        "jobs_settled": model.jobs_settled,
        "files": spec.manifest.iter().map(|file| json!({
            "name": String::from_utf8_lossy(&file.name),
            "bytes": file.size_bytes,
            "blake3": hex::encode(file.blake3),
        })).collect::<Vec<_>>(),
    })
}
