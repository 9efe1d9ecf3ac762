//! `ogpu job accept`, `challenge` and `report-equivocation`: what a client does about a result.

use crate::{context::Context, exit::Usage, output, resolve};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::{
    amount,
    chain::{AtBlock, Call, Chain, CommitmentRecord},
    jobs::{check_receipt, parse_receipt, JobError, PendingJobs, ReceiptSays},
};
use ogpu_primitives::{fees, JobId, SignedReceipt, Subject, WorkKey};
use serde_json::json;
use std::path::PathBuf;

/// Chance that counts as certain, in parts per million.
const CERTAIN_PPM: u32 = 1_000_000;

/// Arguments of `job report-equivocation`.
#[derive(Args, Debug)]
pub struct EquivocationArguments {
    /// The job's id.
    job: String,
    /// A file with a receipt, as `ogpu` keeps them; can be given again. The receipts that were kept on this machine
    /// when it is missing.
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
}

/// Puts the client's secret into the draw of an audit; the answer must have been checked.
pub async fn accept(context: &Context, job: &str) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(job)?);
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    let secrets = pending
        .load(&job)
        .context("only the machine that submitted a job has its secret, until it was accepted")?;
    let secret = secrets
        .secret
        .context("the job was submitted without a secret: there is nothing to accept with")?;
    let chain = context.chain_of(secrets.genesis).await?;
    let (work, record) = committed(&chain, &chain.best().await?, job).await?;
    anyhow::ensure!(
        record.work.secret_hash.is_some(),
        "attempt {} has no part for a secret: the job is done again, and its first worker may know it; `ogpu job challenge` is still possible",
        work.attempt + 1
    );
    let call = Call::Accept {
        subject: Subject::Work(work),
        secret,
    };
    let included = context.send(&chain, &call, "accepting the answer").await?;
    if context.json {
        return output::json(&json!({ "included": included }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}

/// Has the result audited for certain.
pub async fn challenge(context: &Context, job: &str) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(job)?);
    let chain = context.chain().await?;
    let (work, record) = committed(&chain, &chain.best().await?, job).await?;
    let fee = fees::premium(record.work.audit_fee, CERTAIN_PPM, record.work.terms.second_ppm);
    let call = Call::Challenge(Subject::Work(work));
    let what = format!("challenging the result with {} OGPU", amount::format(fee));
    let included = context.send(&chain, &call, &what).await?;
    if context.json {
        return output::json(&json!({ "fee": fee.to_string(), "unit": "planck", "included": included }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}

/// Proves that a worker signed two different results.
pub async fn report_equivocation(context: &Context, arguments: EquivocationArguments) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(&arguments.job)?);
    let receipts = match arguments.receipts.as_slice() {
        [] => PendingJobs::in_data_dir(&context.data_dir).receipts(&job),
        files => files
            .iter()
            .map(|path| {
                let text = resolve::text_file(path)?;
                parse_receipt(&text)
                    .ok_or_else(|| anyhow::Error::from(Usage(format!("{} holds no receipt", path.display()))))
            })
            .collect::<anyhow::Result<_>>()?,
    };
    anyhow::ensure!(
        !receipts.is_empty(),
        "no receipt of this job that differs from its commitment is kept on this machine; give one with --receipt"
    );
    let chain = context.chain().await?;
    let at = chain.best().await?;
    let receipt = proof(&chain, &at, job, &receipts).await?;
    let call = Call::ReportEquivocation { receipt, other: None };
    let included = context.send(&chain, &call, "reporting the equivocation").await?;
    if context.json {
        return output::json(&json!({ "attempt": receipt.receipt.work.attempt, "included": included }));
    }
    output::line(&format!("{:?}", included.extrinsic_hash))
}

/// A receipt that differs from the commitment. Of two that contradict each other one always does.
async fn proof(
    chain: &Chain,
    at: &AtBlock,
    job: JobId,
    receipts: &[SignedReceipt],
) -> anyhow::Result<SignedReceipt> {
    let mut why = "the receipts say what was committed to".to_owned();
    for signed in receipts {
        let work = signed.receipt.work;
        if work.job != job {
            why = format!("a receipt is of job {:?}", work.job);
            continue;
        }
        let Some(record) = chain.commitment(at, Subject::Work(work)).await? else {
            why = format!(
                "nothing is known of attempt {}: it was not committed, or pruned after its time",
                work.attempt + 1
            );
            continue;
        };
        anyhow::ensure!(
            !record.equivocated,
            "the equivocation in attempt {} was reported already",
            work.attempt + 1
        );
        let worker = &record.work.worker;
        match check_receipt(signed, &chain.genesis(), worker, &work, &record.commitment) {
            Ok(ReceiptSays::Else) => return Ok(*signed),
            Ok(ReceiptSays::Same) => {}
            Err(error) => why = error.to_string(),
        }
    }
    anyhow::bail!("there is nothing to report: {why}")
}

/// What was committed for the job's present attempt.
async fn committed(chain: &Chain, at: &AtBlock, job: JobId) -> anyhow::Result<(WorkKey, CommitmentRecord)> {
    let view = chain.job(at, job).await?.ok_or(JobError::Gone { job })?;
    let work = WorkKey {
        job,
        segment: 0,
        attempt: view.job.attempt,
    };
    let record = chain
        .commitment(at, Subject::Work(work))
        .await?
        .with_context(|| {
            format!(
                "attempt {} has no result yet; `ogpu job show` says where the job is",
                work.attempt + 1
            )
        })?;
    Ok((work, record))
}
