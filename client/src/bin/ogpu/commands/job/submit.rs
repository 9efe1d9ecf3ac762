//! `ogpu job submit`.

use super::follow::{follow, FollowArguments};
use crate::{context::Context, exit::Usage, output, resolve, resolve::LocalModel};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::{
    amount,
    chain::{Call, Stage, Wait},
    jobs::{prepare, JobError, JobOptions, PendingJobs},
    models::ChatMessage,
};
use ogpu_primitives::{
    Balance, DeviceClass, EmbedParams, GenerateParams, JobKind, JobParams, Requirements, Tick,
};
use rand::RngCore;
use serde_json::json;
use std::path::PathBuf;

/// One whole in the units of [`GenerateParams`].
const MILLI: f64 = 1_000.0;
const PPM: f64 = 1_000_000.0;

/// Arguments of `job submit`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The model: its name or id.
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// File with a question, `-` for standard input; put into the model's chat template when it has one.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "text_file",
        conflicts_with = "text_file"
    )]
    prompt_file: Option<PathBuf>,
    /// File with plain text to continue or to embed, `-` for standard input; never put into a template.
    #[arg(long, value_name = "FILE")]
    text_file: Option<PathBuf>,
    /// File with a system message for the chat template.
    #[arg(long, value_name = "FILE", conflicts_with = "text_file")]
    system_file: Option<PathBuf>,
    /// Most to pay, in OGPU or planck (1000planck), everything included; the quote when it is missing.
    #[arg(long, value_parser = resolve::amount, value_name = "AMOUNT")]
    max_price: Option<Balance>,
    /// Most tokens to generate.
    #[arg(long, default_value_t = 256, value_name = "N")]
    max_tokens: u32,
    /// 0 is greedy.
    #[arg(long, default_value_t = 0.7)]
    temperature: f64,
    /// Keep this many candidates; 0 keeps all.
    #[arg(long, default_value_t = 0)]
    top_k: u16,
    /// Nucleus sampling; 1 is off.
    #[arg(long, default_value_t = 0.95)]
    top_p: f64,
    /// Least probability relative to the best; 0 is off.
    #[arg(long, default_value_t = 0.0)]
    min_p: f64,
    /// Repetition penalty; 1 is off.
    #[arg(long, default_value_t = 1.0)]
    repetition_penalty: f64,
    /// Seed of the sampling noise (0x and 64 digits); random when it is missing.
    #[arg(long, value_name = "HEX")]
    seed: Option<String>,
    /// Do not scale an embedding to length 1.
    #[arg(long)]
    no_normalize: bool,
    /// Ticks (about 2 s each) after which an unfinished job is refunded.
    #[arg(long, default_value_t = 300, value_name = "TICKS")]
    deadline: Tick,
    /// Lowest device class; 0 takes CPUs as well.
    #[arg(long, default_value_t = 0)]
    min_class: u8,
    /// Only workers in this country (ISO 3166-1 numeric), as they declare.
    #[arg(long)]
    region: Option<u16>,
    /// Lowest reputation, from 0 to 1.
    #[arg(long, default_value_t = 0.0)]
    min_reputation: f64,
    /// Only this worker.
    #[arg(long, value_name = "ACCOUNT")]
    worker: Option<String>,
    /// Folder of the model; `<models-dir>/<name>` when it is missing.
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,
    /// Only print the price.
    #[arg(long)]
    quote: bool,
    /// Submit and return; `ogpu job resume` fetches the answer. Somebody has to be there to hand over the input.
    #[arg(long, conflicts_with_all = ["wait", "ledger"])]
    detach: bool,
    #[command(flatten)]
    follow: FollowArguments,
}

/// Tokenises, submits, hands over, fetches, checks and prints.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let key = context.key()?;
    let text = match (&arguments.prompt_file, &arguments.text_file) {
        (Some(path), _) | (_, Some(path)) => resolve::text_file(path)?,
        (None, None) => return Err(Usage("give --prompt-file or --text-file".into()).into()),
    };
    let progress = context.progress();
    progress.step("connecting");
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let (id, model) = resolve::model(&chain, &at, &arguments.model).await?;
    progress.step("checking the model's files");
    let folder = resolve::model_folder(context, arguments.model_dir.as_deref(), &model.spec);
    let local = resolve::local_model(&folder, &model.spec)?;
    let token_ids = tokenize(&local, &arguments, text)?;
    let params = params(&arguments, model.spec.kind)?;
    let options = JobOptions {
        model: id,
        params,
        token_ids,
        max_price: arguments.max_price,
        deadline_ticks: arguments.deadline,
        requirements: Requirements {
            min_class: DeviceClass(arguments.min_class),
            region: arguments.region,
            min_reputation_permille: scaled("--min-reputation", arguments.min_reputation, MILLI, 0.0, 1.0)?
                as u16,
            worker: arguments
                .worker
                .as_deref()
                .map(|text| context.account(Some(text)))
                .transpose()?,
        },
    };
    let job = prepare(&chain, &key.account_id(), &model.spec, options).await?;
    if arguments.quote {
        drop(progress);
        return match context.json {
            true => output::json(&json!({
                "quote": job.quote.to_string(), "input_tokens": job.request.input_tokens, "unit": "planck",
            })),
            false => output::line(&format!("{} OGPU", amount::format(job.quote))),
        };
    }
    let price = amount::format(job.request.limits.max_price);
    let balance = chain.balance(&at, &key.account_id()).await?;
    if balance.spendable < job.request.limits.max_price {
        return Err(JobError::BadInput(format!(
            "the job needs {price} OGPU in escrow, the account {} can spend {} OGPU; send it some, or unlock what is frozen",
            key.account_id(),
            amount::format(balance.spendable)
        ))
        .into());
    }
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    // Before the money moves: without these secrets nobody can read the answer.
    pending.store(&job.id, &job.secrets)?;
    progress.step("submitting");
    let submitted = chain
        .submit(&Call::SubmitJob(job.request.clone()), &key, Wait::Best, |stage| {
            if stage == Stage::Accepted {
                progress.step("waiting for a block");
            }
        })
        .await;
    let included = match submitted {
        Ok(included) => included,
        Err(error) => {
            // A call that failed for sure leaves nothing to resume.
            if matches!(error, ogpu_client::chain::ChainError::Dispatch(_)) {
                pending.remove(&job.id);
            }
            return Err(error).context("submitting the job");
        }
    };
    progress.done(format!(
        "job {:?} in block {}: {} input tokens, at most {price} OGPU",
        job.id, included.block_number, job.request.input_tokens
    ));
    drop(progress);
    if arguments.detach {
        return match context.json {
            true => output::json(&json!({ "job": format!("{:?}", job.id), "included": included })),
            false => output::line(&format!("{:?}", job.id)),
        };
    }
    follow(
        context,
        &chain,
        job.id,
        &job.secrets,
        &local.tokenizer,
        &arguments.follow,
    )
    .await
}

fn tokenize(local: &LocalModel, arguments: &Arguments, text: String) -> anyhow::Result<Vec<u32>> {
    let (Some(template), Some(_)) = (&local.template, &arguments.prompt_file) else {
        return Ok(local.tokenizer.encode(&text, true)?);
    };
    let mut messages = Vec::new();
    if let Some(path) = &arguments.system_file {
        messages.push(ChatMessage::new("system", resolve::text_file(path)?.trim_end()));
    }
    messages.push(ChatMessage::new("user", text.trim_end()));
    let rendered = template.render(&messages, true)?;
    Ok(local.tokenizer.encode(&rendered, false)?)
}

fn params(arguments: &Arguments, kind: JobKind) -> anyhow::Result<JobParams> {
    if kind == JobKind::Embed {
        return Ok(JobParams::Embed(EmbedParams {
            normalize: !arguments.no_normalize,
        }));
    }
    let seed = match &arguments.seed {
        Some(text) => resolve::hash(text)?,
        None => {
            let mut seed = [0u8; 32];
            rand::rngs::OsRng.fill_bytes(&mut seed);
            seed
        }
    };
    Ok(JobParams::Generate(GenerateParams {
        max_output_tokens: arguments.max_tokens,
        temperature_milli: scaled("--temperature", arguments.temperature, MILLI, 0.0, 10.0)? as u16,
        top_k: arguments.top_k,
        top_p_ppm: scaled("--top-p", arguments.top_p, PPM, 0.000_001, 1.0)?,
        min_p_ppm: scaled("--min-p", arguments.min_p, PPM, 0.0, 1.0)?,
        repetition_penalty_milli: scaled(
            "--repetition-penalty",
            arguments.repetition_penalty,
            MILLI,
            0.1,
            10.0,
        )? as u16,
        presence_penalty_milli: 0,
        frequency_penalty_milli: 0,
        seed,
        stop_tokens: Default::default(),
    }))
}

fn scaled(flag: &str, value: f64, unit: f64, least: f64, most: f64) -> anyhow::Result<u32> {
    if !(least..=most).contains(&value) {
        return Err(Usage(format!("{flag} is between {least} and {most}, not {value}")).into());
    }
    Ok((value * unit).round() as u32)
}
