//! `ogpu job cancel`.

use crate::{context::Context, output, resolve};
use anyhow::Context as _;
use ogpu_client::chain::{Call, Chain, Included};
use ogpu_primitives::{JobId, JobState};
use serde_json::json;

/// Takes a job back, and its other replica as well while no worker has that one.
pub async fn run(context: &Context, job: &str) -> anyhow::Result<()> {
    let job = JobId::from(resolve::hash(job)?);
    let chain = context.chain().await?;
    // A job that is not there is the chain's to refuse.
    let sibling = chain
        .job(&chain.best().await?, job)
        .await?
        .and_then(|view| view.job.sibling);
    let included = context
        .send(&chain, &Call::CancelJob(job), "cancelling the job")
        .await?;
    let also = match sibling {
        Some(sibling) => also_cancel(context, &chain, sibling)
            .await
            .with_context(|| still_there(job, sibling)),
        None => Ok(None),
    };
    // What is done is told first, whatever became of the other one.
    output::line(&result(context.json, included, &also))?;
    also.map(drop)
}

/// The line of a result: the cancellation, and that of the other replica where there is one.
fn result(json: bool, included: Included, also: &anyhow::Result<Option<Included>>) -> String {
    let also = also.as_ref().ok().and_then(Option::as_ref);
    match json {
        true => json!({ "included": included, "replica": also }).to_string(),
        false => format!("{:?}", included.extrinsic_hash),
    }
}

/// Takes the other replica back, while no worker has it.
async fn also_cancel(context: &Context, chain: &Chain, sibling: JobId) -> anyhow::Result<Option<Included>> {
    let view = chain.job(&chain.best().await?, sibling).await?;
    match view.map(|view| view.job.state) {
        Some(JobState::Open | JobState::Parked) => {
            let call = Call::CancelJob(sibling);
            let what = "cancelling the other replica";
            Ok(Some(context.send(chain, &call, what).await?))
        }
        state => {
            let state = state.map_or("pruned".into(), |state| format!("{state:?}"));
            eprintln!("the other replica {sibling:?} is {state} and was not cancelled");
            Ok(None)
        }
    }
}

fn still_there(job: JobId, sibling: JobId) -> String {
    format!(
        "job {job:?} was cancelled, but its other replica was not; `ogpu job cancel {sibling:?}` tries again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use subxt::utils::H256;

    #[test]
    fn first_cancellation_should_be_told_when_the_other_replica_fails() {
        let included = |byte| Included {
            block_hash: H256::repeat_byte(9),
            block_number: 7,
            extrinsic_hash: H256::repeat_byte(byte),
        };
        let failed = || Err(anyhow::anyhow!("the line broke"));
        let first = format!("{:?}", included(1).extrinsic_hash);
        assert_eq!(result(false, included(1), &failed()), first);
        let json = |also| -> serde_json::Value {
            serde_json::from_str(&result(true, included(1), &also)).expect("JSON")
        };
        let told = json(failed());
        assert!(told["included"]["extrinsic_hash"] == first && told["replica"].is_null());
        assert_eq!(json(Ok(Some(included(2))))["replica"]["block_number"], 7);
        let (one, two) = (JobId::repeat_byte(1), JobId::repeat_byte(2));
        assert!(still_there(one, two).contains(&format!("`ogpu job cancel {two:?}`")));
    }
}
