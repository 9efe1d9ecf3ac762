//! Keeps what the chain knows of this worker as it is here: pairing, profile, served models.

use crate::shutdown;
use ogpu_client::{
    chain::{Call, Chain, ChainError, WorkerView},
    tx_queue::{Outcome, RequestId, TxQueue},
    AccountId,
};
use ogpu_primitives::{ModelId, WorkerProfile};
use std::{collections::BTreeSet, time::Duration};
use tokio::sync::watch;

/// How often the chain is asked whether an owner has paired the worker.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// The waiting line is repeated this often.
const SAY_EVERY: Duration = Duration::from_secs(60);
/// A registration that is not included by then is tried again by the caller.
const GIVE_UP: Duration = Duration::from_secs(300);

/// Why the chain could not be brought up to date.
#[derive(thiserror::Error, Debug)]
pub enum RegisterError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The transaction queue.
    #[error(transparent)]
    Queue(#[from] ogpu_client::tx_queue::QueueError),
    /// The chain refused.
    #[error("the chain refused to {what}: {reason}")]
    Refused {
        /// What was tried.
        what: &'static str,
        /// The runtime's own words.
        reason: String,
    },
    /// Told to stop while waiting.
    #[error("stopped while waiting")]
    Stopped,
}

/// Waits until an owner has paired this worker. `waiting` is called at every look; its argument is true at the
/// first one and then once a minute, when a person should be told.
pub async fn wait_until_paired(
    chain: &Chain,
    worker: &AccountId,
    mut closing: watch::Receiver<bool>,
    mut waiting: impl FnMut(bool),
) -> Result<WorkerView, RegisterError> {
    let mut said: Option<tokio::time::Instant> = None;
    loop {
        let asked = async { chain.worker(&chain.best().await?, worker).await };
        match asked.await {
            Ok(Some(view)) => return Ok(view),
            Ok(None) => {
                let say = said.is_none_or(|at| at.elapsed() >= SAY_EVERY);
                if say {
                    said = Some(tokio::time::Instant::now());
                }
                waiting(say);
            }
            Err(error) if error.is_passing() => tracing::warn!(%error, "waiting for the node"),
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = shutdown::told(&mut closing) => return Err(RegisterError::Stopped),
            () = tokio::time::sleep(ASK_EVERY) => (),
        }
    }
}

/// Registers what differs: the profile, models that are new here, models that are no longer here.
pub async fn bring_up_to_date(
    queue: &TxQueue,
    on_chain: &WorkerView,
    profile: &WorkerProfile,
    models: &BTreeSet<ModelId>,
) -> Result<(), RegisterError> {
    let wanted = changes(on_chain, profile, models);
    // All at once: the queue keeps their order, so they can stand in one block.
    let mut queued = Vec::new();
    for (call, what) in wanted {
        tracing::info!("registering: {what}");
        queued.push((queue.enqueue(call, None, Some(GIVE_UP))?, what));
    }
    for (id, what) in queued {
        done(queue, id, what).await?;
    }
    Ok(())
}

/// The calls that make the chain's view this machine's, in their order.
fn changes(
    on_chain: &WorkerView,
    profile: &WorkerProfile,
    models: &BTreeSet<ModelId>,
) -> Vec<(Call, &'static str)> {
    let declared: BTreeSet<ModelId> = on_chain.models.iter().copied().collect();
    let mut calls: Vec<_> = declared
        .difference(models)
        .map(|model| (Call::StopServing(*model), "stop serving a model"))
        .collect();
    if on_chain.profile.as_ref() != Some(profile) {
        calls.push((Call::SetProfile(profile.clone()), "set the profile"));
    }
    calls.extend(
        models
            .difference(&declared)
            .map(|model| (Call::ServeModel(*model), "serve a model")),
    );
    calls
}

async fn done(queue: &TxQueue, id: RequestId, what: &'static str) -> Result<(), RegisterError> {
    match queue.outcome(id).await? {
        Outcome::Succeeded { .. } => Ok(()),
        Outcome::Failed { pallet, error, docs } => Err(RegisterError::Refused {
            what,
            reason: format!("{pallet}.{error}: {docs}"),
        }),
        Outcome::GaveUp { reason } => Err(RegisterError::Refused { what, reason }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_client::chain::WorkerStatus;
    use ogpu_primitives::NetworkProfile;

    fn profile(slots: u16) -> WorkerProfile {
        WorkerProfile {
            devices: Default::default(),
            network: NetworkProfile {
                transport_key: [1; 32],
                encryption_key: [2; 32],
                addresses: Default::default(),
                relays: Default::default(),
            },
            region: 0,
            slots,
        }
    }

    fn on_chain(profile: Option<WorkerProfile>, models: &[u8]) -> WorkerView {
        WorkerView {
            worker: AccountId::from([1; 32]),
            owner: AccountId::from([2; 32]),
            allotted: 0,
            status: WorkerStatus::Active,
            profile,
            capability: None,
            ask_permille: 1_000,
            used_slots: 0,
            exposure: 0,
            models: models.iter().map(|byte| ModelId::repeat_byte(*byte)).collect(),
            strikes: 0,
            reputation_permille: 500,
            paired_at: 0,
            float_gap: 0,
            idle: None,
        }
    }

    fn models(bytes: &[u8]) -> BTreeSet<ModelId> {
        bytes.iter().map(|byte| ModelId::repeat_byte(*byte)).collect()
    }

    #[test]
    fn changes_should_be_none_when_the_chain_knows_it_all() {
        assert!(changes(&on_chain(Some(profile(1)), &[1]), &profile(1), &models(&[1])).is_empty());
    }

    #[test]
    fn changes_should_set_the_profile_before_models_are_declared() {
        let calls = changes(&on_chain(None, &[1, 2]), &profile(1), &models(&[2, 3]));
        let calls: Vec<Call> = calls.into_iter().map(|(call, _)| call).collect();
        assert_eq!(
            calls,
            [
                Call::StopServing(ModelId::repeat_byte(1)),
                Call::SetProfile(profile(1)),
                Call::ServeModel(ModelId::repeat_byte(3)),
            ]
        );
    }

    #[test]
    fn changes_should_only_set_the_profile_when_only_it_differs() {
        let calls = changes(&on_chain(Some(profile(2)), &[1]), &profile(1), &models(&[1]));
        assert!(matches!(calls.as_slice(), [(Call::SetProfile(_), _)]));
    }
}
