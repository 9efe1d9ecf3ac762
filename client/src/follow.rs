//! Following the chain: blocks, one job, a worker's jobs, and the market's events.
//!
//! Jobs and assignments are followed by their state at each best block and not by their events: a fork that takes
//! an assignment back shows up as the next state, nothing is missed while the line was down, and a restart
//! begins where the chain is.

use crate::{
    chain::{AtBlock, Chain, ChainError, JobView},
    AccountId,
};
use ogpu_primitives::JobId;
use std::{collections::BTreeMap, time::Duration};
use subxt::{
    ext::scale_value::{Composite, Primitive, Value, ValueDef},
    utils::H256,
};
use tokio::sync::mpsc;
use tracing::{debug, warn};

/// Updates that may wait for a slow reader; older ones are not dropped, the follower waits.
const BUFFERED: usize = 16;

/// No block for this long means that the line is dead even if it does not say so.
const SILENCE: Duration = Duration::from_secs(60);

/// Which blocks to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocks {
    /// Each new best block, two seconds apart; can be undone.
    Best,
    /// Final blocks, each one exactly once.
    Final,
}

/// A block that was followed.
#[derive(Clone)]
pub struct FollowedBlock {
    /// The chain at this block.
    pub at: AtBlock,
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: H256,
}

/// A worker's jobs at one block.
#[derive(Debug, Clone)]
pub struct Assignments {
    /// Number of the block.
    pub block: u64,
    /// Its hash.
    pub hash: H256,
    /// Every job that the worker has now, by id.
    pub jobs: BTreeMap<JobId, JobView>,
}

/// An event of the market, of provider staking, of a check or of a slash, decoded by the node's metadata.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ChainEvent {
    /// Number of the block.
    pub block: u64,
    /// Pallet.
    pub pallet: String,
    /// Event.
    pub event: String,
    /// Its fields by name; ids and accounts as 0x… strings.
    pub fields: serde_json::Value,
}

/// Follows blocks until the receiver is dropped. Broken lines are opened again for as long as it takes; final
/// blocks that came meanwhile are caught up.
pub fn blocks(chain: Chain, which: Blocks) -> mpsc::Receiver<FollowedBlock> {
    let (sender, receiver) = mpsc::channel(BUFFERED);
    tokio::spawn(async move {
        let mut last: Option<u64> = None;
        let mut pause = Duration::from_millis(500);
        while !sender.is_closed() {
            match follow_line(&chain, which, &sender, &mut last).await {
                Ok(()) => return,
                Err(error) => warn!("the stream of blocks broke: {error}; trying again in {pause:?}"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(15));
            match chain.reconnect().await {
                Ok(()) => pause = Duration::from_millis(500),
                Err(error) => warn!("{error}; trying again in {pause:?}"),
            }
        }
    });
    receiver
}

/// Follows over one line; `Ok` when nobody listens any more.
async fn follow_line(
    chain: &Chain,
    which: Blocks,
    sender: &mpsc::Sender<FollowedBlock>,
    last: &mut Option<u64>,
) -> Result<(), ChainError> {
    let client = chain.client().await;
    let mut stream = match which {
        Blocks::Best => client.stream_best_blocks().await,
        Blocks::Final => client.stream_blocks().await,
    }
    .map_err(ChainError::from_subxt)?;
    loop {
        let next = tokio::select! {
            next = tokio::time::timeout(SILENCE, stream.next()) => next,
            () = sender.closed() => return Ok(()),
        };
        let block = match next {
            Ok(Some(block)) => block.map_err(ChainError::from_subxt)?,
            Ok(None) => return Err(ChainError::Disconnected("the stream ended".into())),
            Err(_) => {
                return Err(ChainError::Disconnected(format!(
                    "no block for {} s",
                    SILENCE.as_secs()
                )))
            }
        };
        let number = block.number();
        if which == Blocks::Final {
            // A new line begins at its own last final block; what lies between was missed.
            for missed in last.map_or(number, |last| last + 1)..number {
                let at = chain.at_number(missed).await?;
                if send(sender, at).await.is_err() {
                    return Ok(());
                }
            }
            if last.is_some_and(|last| number <= last) {
                continue;
            }
        }
        let at = block.at().await.map_err(ChainError::from_subxt)?;
        if send(sender, at).await.is_err() {
            return Ok(());
        }
        *last = Some(number);
    }
}

async fn send(sender: &mpsc::Sender<FollowedBlock>, at: AtBlock) -> Result<(), ()> {
    let block = FollowedBlock {
        number: at.block_number(),
        hash: at.block_hash(),
        at,
    };
    sender.send(block).await.map_err(|_| ())
}

/// Follows one job at best blocks; sends its state now and after each change, `None` once it is gone. Ends when the
/// chain's runtime has become one that this program does not know.
pub fn job(chain: Chain, job: JobId) -> mpsc::Receiver<(u64, Option<JobView>)> {
    let (sender, receiver) = mpsc::channel(BUFFERED);
    tokio::spawn(async move {
        let mut blocks = blocks(chain.clone(), Blocks::Best);
        let mut known: Option<Option<JobView>> = None;
        loop {
            let block = tokio::select! {
                block = blocks.recv() => block,
                () = sender.closed() => return,
            };
            let Some(block) = block else { return };
            let state = match chain.job(&block.at, job).await {
                Ok(state) => state,
                Err(error) if error.is_misfit() => return,
                Err(error) => {
                    debug!(?job, "skipping block {}: {error}", block.number);
                    continue;
                }
            };
            if known.as_ref() != Some(&state) {
                known = Some(state.clone());
                if sender.send((block.number, state)).await.is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

/// Follows the jobs of a worker at best blocks; sends all of them at every block, so that deadlines can be kept.
pub fn assignments(chain: Chain, worker: AccountId) -> mpsc::Receiver<Assignments> {
    let (sender, receiver) = mpsc::channel(BUFFERED);
    tokio::spawn(async move {
        let mut blocks = blocks(chain.clone(), Blocks::Best);
        loop {
            let block = tokio::select! {
                block = blocks.recv() => block,
                () = sender.closed() => return,
            };
            let Some(block) = block else { return };
            match assignments_at(&chain, &block, &worker).await {
                Ok(assignments) => {
                    if sender.send(assignments).await.is_err() {
                        return;
                    }
                }
                Err(error) => debug!("skipping block {}: {error}", block.number),
            }
        }
    });
    receiver
}

async fn assignments_at(
    chain: &Chain,
    block: &FollowedBlock,
    worker: &AccountId,
) -> Result<Assignments, ChainError> {
    let mut jobs = BTreeMap::new();
    for id in chain.assigned_to(&block.at, worker).await? {
        if let Some(job) = chain.job(&block.at, id).await? {
            jobs.insert(id, job);
        }
    }
    Ok(Assignments {
        block: block.number,
        hash: block.hash,
        jobs,
    })
}

/// What events to keep.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only events that name this job.
    pub job: Option<JobId>,
    /// Only events that name this account.
    pub account: Option<AccountId>,
}

impl EventFilter {
    fn keeps(&self, ids: &[[u8; 32]]) -> bool {
        let named = |id: Option<[u8; 32]>| id.is_none_or(|id| ids.contains(&id));
        named(self.job.map(|job| job.0)) && named(self.account.map(|account| account.0))
    }
}

/// Follows the events of `JobMarket`, `ProviderStaking`, `Verification` and `Slashing`.
pub fn events(chain: Chain, which: Blocks, filter: EventFilter) -> mpsc::Receiver<ChainEvent> {
    let (sender, receiver) = mpsc::channel(BUFFERED);
    tokio::spawn(async move {
        let mut blocks = blocks(chain, which);
        while let Some(block) = blocks.recv().await {
            let events = match events_at(&block, &filter).await {
                Ok(events) => events,
                Err(error) => {
                    warn!("the events of block {} cannot be read: {error}", block.number);
                    continue;
                }
            };
            for event in events {
                if sender.send(event).await.is_err() {
                    return;
                }
            }
        }
    });
    receiver
}

/// The events of one block that a filter keeps.
pub async fn events_at(block: &FollowedBlock, filter: &EventFilter) -> Result<Vec<ChainEvent>, ChainError> {
    let events = block.at.events().fetch().await.map_err(ChainError::from_subxt)?;
    let mut kept = Vec::new();
    for event in events.iter() {
        let event = event.map_err(ChainError::from_subxt)?;
        if !["JobMarket", "ProviderStaking", "Verification", "Slashing"].contains(&event.pallet_name()) {
            continue;
        }
        let fields = event
            .decode_fields_unchecked_as::<Composite<()>>()
            .map_err(ChainError::from_subxt)?;
        let mut ids = Vec::new();
        let json = composite_to_json(&fields, &mut ids);
        if filter.keeps(&ids) {
            kept.push(ChainEvent {
                block: block.number,
                pallet: event.pallet_name().to_owned(),
                event: event.event_name().to_owned(),
                fields: json,
            });
        }
    }
    Ok(kept)
}

/// A decoded value as JSON: bytes as 0x…, numbers beyond 2^53 as strings. Every string of 32 bytes goes to `ids`.
fn to_json(value: &Value<()>, ids: &mut Vec<[u8; 32]>) -> serde_json::Value {
    use serde_json::{json, Value as Json};
    match &value.value {
        ValueDef::Composite(composite) => composite_to_json(composite, ids),
        ValueDef::Variant(variant) => match variant.values.is_empty() {
            true => json!(variant.name),
            false => json!({ &variant.name: composite_to_json(&variant.values, ids) }),
        },
        ValueDef::BitSequence(bits) => json!(bits.iter().collect::<Vec<bool>>()),
        ValueDef::Primitive(primitive) => match primitive {
            Primitive::Bool(value) => json!(value),
            Primitive::Char(value) => json!(value),
            Primitive::String(value) => json!(value),
            Primitive::U128(value) => match u64::try_from(*value) {
                Ok(small) if small < 1 << 53 => json!(small),
                _ => json!(value.to_string()),
            },
            Primitive::I128(value) => match i64::try_from(*value) {
                Ok(small) if small.unsigned_abs() < 1 << 53 => json!(small),
                _ => json!(value.to_string()),
            },
            Primitive::U256(bytes) | Primitive::I256(bytes) => {
                Json::String(format!("0x{}", hex::encode(bytes)))
            }
        },
    }
}

fn composite_to_json(composite: &Composite<()>, ids: &mut Vec<[u8; 32]>) -> serde_json::Value {
    match composite {
        Composite::Named(fields) => serde_json::Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), to_json(value, ids)))
                .collect(),
        ),
        Composite::Unnamed(values) => {
            if let Some(bytes) = as_bytes(values) {
                if let Ok(id) = <[u8; 32]>::try_from(bytes.as_slice()) {
                    ids.push(id);
                }
                return serde_json::Value::String(format!("0x{}", hex::encode(bytes)));
            }
            match values.as_slice() {
                // A newtype shows as what it holds.
                [single] => to_json(single, ids),
                values => values.iter().map(|value| to_json(value, ids)).collect(),
            }
        }
    }
}

/// The bytes of a sequence of more than one small number.
fn as_bytes(values: &[Value<()>]) -> Option<Vec<u8>> {
    if values.len() < 2 {
        return None;
    }
    values
        .iter()
        .map(|value| match value.value {
            ValueDef::Primitive(Primitive::U128(number)) => u8::try_from(number).ok(),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_should_show_ids_as_hex_when_it_is_json() {
        let fields = Composite::named([
            ("job", Value::unnamed_composite([Value::from_bytes([7u8; 32])])),
            ("attempt", Value::u128(3)),
            ("price", Value::u128(10u128.pow(20))),
            ("state", Value::unnamed_variant("Open", [])),
        ]);
        let mut ids = Vec::new();
        let json = composite_to_json(&fields, &mut ids);
        assert_eq!(ids, vec![[7u8; 32]]);
        assert_eq!(json["job"], format!("0x{}", "07".repeat(32)));
        assert_eq!(json["attempt"], 3);
        assert_eq!(json["price"], "100000000000000000000");
        assert_eq!(json["state"], "Open");
    }

    #[test]
    fn filter_should_keep_an_event_when_it_names_the_job() {
        let filter = EventFilter {
            job: Some(H256([7; 32])),
            account: None,
        };
        assert!(filter.keeps(&[[1; 32], [7; 32]]));
        assert!(!filter.keeps(&[[1; 32]]));
        assert!(EventFilter::default().keeps(&[]));
    }
}
