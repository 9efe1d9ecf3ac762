//! Both replicas of a job: followed at once, the first answer printed, the other one compared with it.

use super::{
    comparison::{self, Verdict},
    follow::{answer_json, finish, print_output, report, FollowArguments, Teller},
    forget::forget_over,
    show::ledger_table,
};
use crate::{context::Context, output};
use ogpu_client::{
    chain::Chain,
    jobs::{drive_replicas, Comparison, JobError, JobResult, JobSecrets, PendingJobs, Progress, Replicas},
    models::ModelTokenizer,
    sealed::OutputMessage,
};
use ogpu_primitives::{job::replica_id, JobId, JobState};
use serde_json::json;
use std::time::{Duration, Instant};

/// The two replicas in their order, when `job` has another one whose secrets are here.
pub fn both(pending: &PendingJobs, job: JobId, secrets: &JobSecrets) -> Option<[(JobId, JobSecrets); 2]> {
    let other = secrets.sibling.as_ref()?.job;
    let (one, two) = ((job, secrets.clone()), (other, pending.load(&other).ok()?));
    Some(match other == replica_id(&job, 1) {
        true => [one, two],
        false => [two, one],
    })
}

/// Follows both replicas to their ends and prints the answer. Fails only when no answer came.
pub async fn follow_replicas(
    context: &Context,
    chain: &Chain,
    jobs: [(JobId, JobSecrets); 2],
    tokenizer: &ModelTokenizer,
    arguments: &FollowArguments,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let progress = context.progress();
    let tellers = ["replica 1: ", "replica 2: "].map(|prefix| Teller {
        progress: &progress,
        prefix,
    });
    let pending = PendingJobs::in_data_dir(&context.data_dir);
    let [one, two] = &jobs;
    let ids = [one.0, two.0];
    forget_over(chain, &pending, &ids).await;
    let mut printed: Option<OutputMessage> = None;
    let mut first = 0;
    let mut failure = Ok(());
    let mut verdict = Verdict::new(ids);
    let pair = [(one.0, &one.1), (two.0, &two.1)];
    let replicas = drive_replicas(chain, pair, arguments.options(context), |index, step| {
        let answer = match &step {
            Progress::Fetched { output, .. } if printed.is_none() => Some(output.clone()),
            _ => None,
        };
        let told = verdict.hear(index, &step);
        report(&tellers[index], &pending, ids[index], step, arguments.waits());
        if let Some(answer) = answer {
            first = index;
            if !context.json {
                failure = progress.aside(|| print_output(&answer, tokenizer));
            }
            printed = Some(answer);
        }
        // At once: a challenge has to come within the window, which can end long before the check.
        if let Some(told) = told {
            progress.aside(|| eprintln!("{told}"));
        }
    })
    .await;
    failure?;
    let Replicas {
        results: [one, two],
        comparison: found,
    } = replicas;
    let results = [
        finish(&tellers[0], &pending, ids[0], one),
        finish(&tellers[1], &pending, ids[1], two),
    ];
    drop(progress);
    if results.iter().all(Result::is_err) {
        return Err(neither(results));
    }
    let chosen = match results[first].is_ok() {
        true => first,
        false => 1 - first,
    };
    if context.json {
        output::json(&all_json(
            &results,
            chosen,
            found.as_ref(),
            tokenizer,
            started.elapsed(),
        )?)?;
    } else if let Ok(result) = &results[chosen] {
        if printed.as_ref() != Some(&result.output) {
            eprintln!("the answer above does not stand; this one does:");
            print_output(&result.output, tokenizer)?;
        }
    }
    for (result, name) in results.iter().zip(["replica 1", "replica 2"]) {
        match result {
            Err(error) => eprintln!("{name}: {error}"),
            Ok(result) if arguments.ledger && !context.json => {
                eprintln!("\n{name}\n{}", ledger_table(&result.job.job.ledger));
            }
            Ok(_) => {}
        }
    }
    let ends = results
        .each_ref()
        .map(|result| result.as_ref().map(|result| result.job.job.state));
    put_both_away(&pending, ids, ends);
    Ok(())
}

/// Puts away the secrets of the answered ones; both stay until both are over, since a job whose other replica is not
/// known any more would be accepted without a comparison.
fn put_both_away(pending: &PendingJobs, ids: [JobId; 2], ends: [Result<JobState, &JobError>; 2]) {
    let over = ends.iter().all(|end| match end {
        Ok(state) => state.is_final(),
        Err(error) => matches!(error, JobError::Ended { .. }),
    });
    for (id, _) in ids.iter().zip(ends).filter(|(_, end)| end.is_ok()) {
        match over {
            true => pending.remove(id),
            false => pending.answered(id),
        }
    }
}

/// The error of two replicas without an answer.
fn neither(results: [Result<JobResult, JobError>; 2]) -> anyhow::Error {
    let [one, two] = results.map(|result| result.err());
    match (one, two) {
        (Some(one), Some(two)) => anyhow::Error::from(one).context(format!("replica 2: {two}; replica 1")),
        (one, two) => one
            .or(two)
            .map_or_else(|| anyhow::anyhow!("no answer"), Into::into),
    }
}

/// The chosen answer with both replicas and their comparison beside it.
fn all_json(
    results: &[Result<JobResult, JobError>; 2],
    chosen: usize,
    found: Option<&Comparison>,
    tokenizer: &ModelTokenizer,
    took: Duration,
) -> anyhow::Result<serde_json::Value> {
    let each = results
        .iter()
        .map(|result| match result {
            Ok(result) => answer_json(result, tokenizer, took),
            Err(error) => Ok(json!({ "error": error.to_string() })),
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut value = each[chosen].clone();
    value["comparison"] = found.map_or(json!(null), comparison::json);
    value["replicas"] = json!(each);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{super::follow::put_away, *};

    fn secrets(other: JobId) -> JobSecrets {
        JobSecrets {
            genesis: Default::default(),
            model: Default::default(),
            salt: [1; 32],
            token_ids: vec![1],
            reply_secret: [2; 32],
            secret: None,
            sibling: Some(ogpu_client::jobs::Sibling {
                job: other,
                comparison_key: [3; 32],
            }),
        }
    }

    #[test]
    fn secrets_of_both_should_stay_when_one_replica_is_still_open() {
        let (ended, timed_out) = (
            JobError::Ended {
                job: JobId::zero(),
                state: JobState::Refunded,
                reason: None,
            },
            JobError::TimedOut {
                job: JobId::zero(),
                seconds: 1,
            },
        );
        let ids = [JobId::repeat_byte(1), JobId::repeat_byte(2)];
        for (other, kept) in [
            (Err(&timed_out), true),
            (Ok(JobState::Auditing), true),
            (Ok(JobState::Settled), false),
            (Err(&ended), false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let pending = PendingJobs::in_data_dir(folder.path());
            pending.store(&ids[0], &secrets(ids[1])).unwrap();
            pending.store(&ids[1], &secrets(ids[0])).unwrap();
            put_away(&pending, &ids[0], true);
            assert!(pending.load(&ids[0]).is_ok(), "the other one's are here");
            put_both_away(&pending, ids, [Ok(JobState::Settled), other]);
            assert_eq!(pending.load(&ids[0]).is_ok(), kept, "{other:?}");
        }
    }

    #[test]
    fn replicas_should_be_resumed_in_their_order_when_the_secrets_of_both_are_here() {
        let folder = tempfile::tempdir().unwrap();
        let pending = PendingJobs::in_data_dir(folder.path());
        let primary = JobId::repeat_byte(1);
        let replica = replica_id(&primary, 1);
        let ids = |job, other| both(&pending, job, &secrets(other)).map(|pair| pair.map(|(id, _)| id));
        assert_eq!(ids(primary, replica), None, "the other one is over");
        pending.store(&primary, &secrets(replica)).unwrap();
        pending.store(&replica, &secrets(primary)).unwrap();
        assert_eq!(ids(primary, replica), Some([primary, replica]));
        assert_eq!(ids(replica, primary), Some([primary, replica]));
        let mut alone = secrets(replica);
        alone.sibling = None;
        assert!(both(&pending, primary, &alone).is_none());
    }
}
