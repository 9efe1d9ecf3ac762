//! `ogpu job submit`.

use super::{
    follow::{follow, FollowArguments},
    replicas::follow_replicas,
};
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
    device::DEVICE_CLASSES, job::MAX_REPLICAS, Balance, DeviceClass, EmbedParams, GenerateParams, JobKind,
    JobParams, Requirements, Tick,
};
use rand::RngCore;
use serde_json::json;
use std::path::PathBuf;

/// One whole in the units of [`GenerateParams`].
const MILLI: i32 = 1_000;
const PPM: i32 = 1_000_000;

/// Most `--stop-token`s.
const MAX_STOP_TOKENS: usize = 8;

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
    /// Most to pay for one replica, in OGPU or planck (1000planck), everything included; the quote when it is missing.
    #[arg(long, value_parser = resolve::amount, value_name = "AMOUNT")]
    max_price: Option<Balance>,
    /// Most tokens to generate, at least 1.
    #[arg(long, default_value_t = 256, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_tokens: u32,
    /// From 0, which is greedy, to 10.
    #[arg(long, default_value = "0.7", value_name = "X", value_parser = |text: &str| scaled(text, MILLI, 0, 10_000))]
    temperature: i32,
    /// Keep this many candidates, from 0, which keeps all, to 65535.
    #[arg(long, default_value_t = 0, value_name = "N")]
    top_k: u16,
    /// Nucleus sampling, from 0.000001 to 1, which is off.
    #[arg(long, default_value = "0.95", value_name = "X", value_parser = |text: &str| scaled(text, PPM, 1, PPM))]
    top_p: i32,
    /// Least probability relative to the best, from 0, which is off, to 1.
    #[arg(long, default_value = "0", value_name = "X", value_parser = |text: &str| scaled(text, PPM, 0, PPM))]
    min_p: i32,
    /// Divides the logits of tokens of input and output, from 0.1 to 10; 1 is off.
    #[arg(long, default_value = "1", value_name = "X", value_parser = |text: &str| scaled(text, MILLI, 100, 10_000))]
    repetition_penalty: i32,
    /// Subtracted once from the logits of tokens that were generated, from -2 to 2; 0 is off.
    #[arg(
        long,
        default_value = "0",
        value_name = "X",
        allow_negative_numbers = true,
        value_parser = |text: &str| scaled(text, MILLI, -2_000, 2_000)
    )]
    presence_penalty: i32,
    /// Subtracted for each time that a token was generated, from -2 to 2; 0 is off.
    #[arg(
        long,
        default_value = "0",
        value_name = "X",
        allow_negative_numbers = true,
        value_parser = |text: &str| scaled(text, MILLI, -2_000, 2_000)
    )]
    frequency_penalty: i32,
    /// Id of a token that ends the output besides the model's own; up to 8, separated by commas or given again.
    #[arg(long = "stop-token", value_name = "ID", value_delimiter = ',')]
    stop_tokens: Vec<u32>,
    /// Seed of the sampling noise (0x and 64 digits); random when it is missing.
    #[arg(long, value_name = "HEX")]
    seed: Option<String>,
    /// Do not scale an embedding to length 1.
    #[arg(long)]
    no_normalize: bool,
    /// Ticks (about 2 s each) after which an unfinished job is refunded.
    #[arg(long, default_value_t = 300, value_name = "TICKS")]
    deadline: Tick,
    /// Lowest device class, from 0, which takes CPUs as well, to 7.
    #[arg(
        long,
        default_value_t = 0,
        value_name = "CLASS",
        value_parser = clap::value_parser!(u8).range(..i64::from(DEVICE_CLASSES))
    )]
    min_class: u8,
    /// Only workers in this country (ISO 3166-1 numeric), as they declare.
    #[arg(long, value_name = "NUMBER")]
    region: Option<u16>,
    /// Lowest reputation, from 0 to 1.
    #[arg(long, default_value = "0", value_name = "X", value_parser = |text: &str| scaled(text, MILLI, 0, MILLI))]
    min_reputation: i32,
    /// Only this worker.
    #[arg(long, value_name = "ACCOUNT")]
    worker: Option<String>,
    /// How many workers of different owners run it, 1 or 2. Of two answers the first is printed and the other compared
    /// with it, so that you see whether two independent providers agree. Each costs its own price: two cost twice as much.
    #[arg(
        long,
        default_value_t = 1,
        value_name = "N",
        value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_REPLICAS))
    )]
    replicas: u8,
    /// Folder of the model; `<models-dir>/<name>` when it is missing.
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,
    /// Take no part in the draw of an audit: it is then made without a secret of yours, at twice the rate, and what
    /// the limit leaves beyond the price may pay for that. By default the answer is accepted once it was checked.
    #[arg(long)]
    no_accept: bool,
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
    // What is typed wrong is said before the node is asked for anything.
    let key = context.key()?;
    let sampling = sampling(&arguments)?;
    if arguments.replicas > 1 && arguments.worker.is_some() {
        return Err(
            Usage("two replicas go to different owners: leave out --worker or --replicas".into()).into(),
        );
    }
    let requirements = Requirements {
        min_class: DeviceClass(arguments.min_class),
        region: arguments.region,
        min_reputation_permille: in_range(arguments.min_reputation)?,
        worker: arguments
            .worker
            .as_deref()
            .map(|text| context.account(Some(text)))
            .transpose()?,
    };
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
    let folder = resolve::model_folder(context, arguments.model_dir.as_deref(), &model.spec)?;
    let local = resolve::local_model(&folder, &model.spec)?;
    let token_ids = tokenize(&local, &arguments, text)?;
    check_stop_tokens(&sampling, local.tokenizer.vocabulary())?;
    let params = match model.spec.kind {
        JobKind::Generate => JobParams::Generate(sampling),
        JobKind::Embed => JobParams::Embed(EmbedParams {
            normalize: !arguments.no_normalize,
        }),
    };
    let options = JobOptions {
        model: id,
        params,
        token_ids,
        max_price: arguments.max_price,
        deadline_ticks: arguments.deadline,
        requirements,
        replicas: arguments.replicas,
        with_secret: !arguments.no_accept,
    };
    let job = prepare(&chain, &key.account_id(), &model.spec, options).await?;
    let replicas = Balance::from(arguments.replicas);
    if arguments.quote {
        drop(progress);
        return match context.json {
            true => output::json(&json!({
                "quote": job.quote.saturating_mul(replicas).to_string(), "input_tokens": job.request.input_tokens, "unit": "planck",
            })),
            false => output::line(&format!(
                "{} OGPU",
                amount::format(job.quote.saturating_mul(replicas))
            )),
        };
    }
    let escrow = job.request.limits.max_price.saturating_mul(replicas);
    let price = amount::format(escrow);
    let balance = chain.balance(&at, &key.account_id()).await?;
    if balance.spendable < escrow {
        return Err(JobError::BadInput(format!(
            "the job needs {price} OGPU in escrow; the account {} has {} OGPU, of which {} are frozen by votes or vesting and {} can be spent: send it some, or unlock what is frozen",
            key.account_id(),
            amount::format(balance.free),
            amount::format(balance.frozen),
            amount::format(balance.spendable)
        ))
        .into());
    }
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    // Before the money moves: without these secrets nobody can read the answer.
    pending.store(&job.id, &job.secrets)?;
    if let Some((replica, secrets)) = &job.replica {
        pending.store(replica, secrets)?;
    }
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
                if let Some((replica, _)) = &job.replica {
                    pending.remove(replica);
                }
            }
            return Err(error).context("submitting the job");
        }
    };
    progress.done(format!(
        "job {:?} in block {}: {} input tokens, at most {price} OGPU",
        job.id, included.block_number, job.request.input_tokens
    ));
    if let Some((replica, _)) = &job.replica {
        progress.done(format!("its second replica: job {replica:?}"));
    }
    drop(progress);
    if arguments.detach {
        let replica = job.replica.as_ref().map(|(replica, _)| format!("{replica:?}"));
        return match context.json {
            true => output::json(&json!({
                "job": format!("{:?}", job.id), "replica": replica, "included": included,
            })),
            // `job resume` of either goes on with both.
            false => output::line(&format!("{:?}", job.id)),
        };
    }
    if let Some(replica) = job.replica {
        let pair = [(job.id, job.secrets), replica];
        return follow_replicas(context, &chain, pair, &local.tokenizer, &arguments.follow).await;
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

fn sampling(arguments: &Arguments) -> anyhow::Result<GenerateParams> {
    let seed = match &arguments.seed {
        Some(text) => resolve::hash(text)?,
        None => {
            let mut seed = [0u8; 32];
            rand::rngs::OsRng.fill_bytes(&mut seed);
            seed
        }
    };
    let stop_tokens = arguments.stop_tokens.clone().try_into().map_err(|_| {
        Usage(format!(
            "at most {MAX_STOP_TOKENS} stop tokens can be given, not {}",
            arguments.stop_tokens.len()
        ))
    })?;
    Ok(GenerateParams {
        max_output_tokens: arguments.max_tokens,
        temperature_milli: in_range(arguments.temperature)?,
        top_k: arguments.top_k,
        top_p_ppm: in_range(arguments.top_p)?,
        min_p_ppm: in_range(arguments.min_p)?,
        repetition_penalty_milli: in_range(arguments.repetition_penalty)?,
        presence_penalty_milli: in_range(arguments.presence_penalty)?,
        frequency_penalty_milli: in_range(arguments.frequency_penalty)?,
        seed,
        stop_tokens,
    })
}

/// A stop token that the model does not have could never end anything.
fn check_stop_tokens(sampling: &GenerateParams, vocabulary: usize) -> anyhow::Result<()> {
    match sampling.stop_tokens.iter().find(|id| **id as usize >= vocabulary) {
        None => Ok(()),
        Some(id) => Err(Usage(format!(
            "the model has no token {id} to stop at; its ids are below {vocabulary}"
        ))
        .into()),
    }
}

/// Whole numbers whose range the command line has checked, in the width that the chain has for them.
fn in_range<T: TryFrom<i32>>(value: i32) -> anyhow::Result<T> {
    T::try_from(value).map_err(|_| Usage(format!("{value} is out of range")).into())
}

/// A decimal fraction in whole units of 1/`unit`, of which there are `least` to `most`.
fn scaled(text: &str, unit: i32, least: i32, most: i32) -> Result<i32, String> {
    let (whole, value) = (f64::from(unit), text.parse::<f64>());
    let scaled = value.map_or(f64::NAN, |value| (value * whole).round());
    // A number that is none lies in no range.
    match (f64::from(least)..=f64::from(most)).contains(&scaled) {
        true => Ok(scaled as i32),
        false => Err(format!(
            "expected a number from {} to {}",
            f64::from(least) / whole,
            f64::from(most) / whole
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fraction_should_be_whole_units_when_it_is_in_range() {
        let penalty = |text| scaled(text, MILLI, -2_000, 2_000);
        assert_eq!(penalty("-1.5"), Ok(-1_500));
        assert_eq!(penalty("0.0004"), Ok(0));
        assert_eq!(penalty("2"), Ok(2_000));
        assert_eq!(scaled("0.95", PPM, 1, PPM), Ok(950_000));
    }

    #[test]
    fn fraction_should_be_refused_with_the_range_when_it_is_out_of_it_or_no_number() {
        for text in ["0", "0.09", "10.01", "-1", "NaN", "inf", "", "1,5", "one"] {
            assert_eq!(
                scaled(text, MILLI, 100, 10_000),
                Err("expected a number from 0.1 to 10".into()),
                "{text}"
            );
        }
    }

    #[test]
    fn stop_token_should_be_refused_when_the_model_does_not_have_it() {
        let sampling = |id: u32| GenerateParams {
            max_output_tokens: 1,
            temperature_milli: 0,
            top_k: 0,
            top_p_ppm: 1,
            min_p_ppm: 0,
            repetition_penalty_milli: 1,
            presence_penalty_milli: 0,
            frequency_penalty_milli: 0,
            seed: [0; 32],
            stop_tokens: vec![0, id].try_into().unwrap(),
        };
        assert!(check_stop_tokens(&sampling(99), 100).is_ok());
        let error = check_stop_tokens(&sampling(100), 100).unwrap_err();
        assert!(
            error.is::<Usage>() && error.to_string().contains("no token 100"),
            "{error}"
        );
    }
}
