//! Access to the chain: connecting with checks, asking, submitting.

mod call;
pub mod compat;
mod error;
mod posted;
mod query;
mod submit;
mod view;
mod view_check;

#[cfg(test)]
mod shape_tests;

pub use call::{Call, CallPayload, Report, CALLS};
pub use error::{ChainError, DispatchFailure};
pub use submit::{Included, Signed, Stage, Wait, MORTAL_BLOCKS};
pub use view::{
    AccountBalance, Assignment, Capability, FruitlessTry, IdleReason, Job, JobView, MarketTotals, Model,
    OwnerView, SupplyView, UnbondingChunk, WorkerStatus, WorkerView,
};
pub use view_check::{
    AuditView, CommitmentRecord, DataDemand, DemandState, PendingSlash, PrecisionView, Seat, SeatState,
    StandingView,
};

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};
use subxt::{
    backend::LegacyBackend,
    config::RpcConfigFor,
    rpcs::{LegacyRpcMethods, RpcClient},
    utils::H256,
    OnlineClient, OnlineClientAtBlock, SubstrateConfig,
};
use tokio::{
    sync::{Mutex, RwLock},
    time::timeout,
};

/// Where a node listens when nothing else is said.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// Longest time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The chain as it was at one block.
pub type AtBlock = OnlineClientAtBlock<SubstrateConfig>;

type Rpc = LegacyRpcMethods<RpcConfigFor<SubstrateConfig>>;

/// A line to a node. Clones share it; a broken line is opened again by the next question.
#[derive(Clone)]
pub struct Chain {
    inner: Arc<Inner>,
}

struct Inner {
    url: String,
    genesis: H256,
    line: RwLock<Line>,
    reconnecting: Mutex<()>,
    /// Versions of the runtime that were compared with ours and fit.
    fitting: std::sync::Mutex<BTreeSet<u32>>,
}

#[derive(Clone)]
struct Line {
    client: OnlineClient<SubstrateConfig>,
    rpc: Rpc,
    rpc_client: RpcClient,
    // Tells a caller that saw a line break whether somebody else has repaired it already.
    number: u64,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Chain({})", self.inner.url)
    }
}

impl Chain {
    /// Connects to the node at `url` and checks network and runtime.
    ///
    /// `genesis` is the network that was configured; `None` takes the node's.
    pub async fn connect(url: &str, genesis: Option<H256>) -> Result<Self, ChainError> {
        let line = open(url, 0).await?;
        let have = line.client.genesis_hash();
        if let Some(want) = genesis.filter(|want| *want != have) {
            return Err(ChainError::WrongGenesis { have, want });
        }
        let at = line
            .client
            .at_current_block()
            .await
            .map_err(ChainError::from_subxt)?;
        compat::check(at.metadata_ref())?;
        let inner = Inner {
            fitting: std::sync::Mutex::new(BTreeSet::from([at.spec_version()])),
            url: url.to_owned(),
            genesis: have,
            line: RwLock::new(line),
            reconnecting: Mutex::new(()),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Hash of the network's first block; part of all that is signed or encrypted.
    pub fn genesis(&self) -> H256 {
        self.inner.genesis
    }

    /// The node's URL.
    pub fn url(&self) -> &str {
        &self.inner.url
    }

    /// The chain at the node's best block. Facts there can still be undone by a fork.
    pub async fn best(&self) -> Result<AtBlock, ChainError> {
        self.retry_once(|line| async move {
            let hash = line
                .rpc
                .chain_get_block_hash(None)
                .await
                .map_err(ChainError::from_rpc)?;
            let hash = hash.ok_or_else(|| ChainError::Rpc("the node has no best block".into()))?;
            line.client.at_block(hash).await.map_err(ChainError::from_subxt)
        })
        .await
    }

    /// The chain at the last final block.
    pub async fn finalized(&self) -> Result<AtBlock, ChainError> {
        self.retry_once(|line| async move {
            line.client
                .at_current_block()
                .await
                .map_err(ChainError::from_subxt)
        })
        .await
    }

    /// The chain at a block by its hash.
    pub async fn at(&self, hash: H256) -> Result<AtBlock, ChainError> {
        self.retry_once(
            |line| async move { line.client.at_block(hash).await.map_err(ChainError::from_subxt) },
        )
        .await
    }

    /// The chain at the block with this number, on the best fork.
    pub async fn at_number(&self, number: u64) -> Result<AtBlock, ChainError> {
        self.retry_once(
            |line| async move { line.client.at_block(number).await.map_err(ChainError::from_subxt) },
        )
        .await
    }

    /// Whether the runtime of this block is the one that our types are made for. Asked before every question and
    /// every signature: the chain can upgrade its runtime while we are connected.
    pub(crate) fn check_runtime(&self, at: &AtBlock) -> Result<(), ChainError> {
        let mut fitting = self.inner.fitting.lock().unwrap_or_else(PoisonError::into_inner);
        let version = at.spec_version();
        if !fitting.contains(&version) {
            compat::check(at.metadata_ref())?;
            fitting.insert(version);
        }
        Ok(())
    }

    /// The present line, for streams that have to notice when it breaks.
    pub(crate) async fn client(&self) -> OnlineClient<SubstrateConfig> {
        self.inner.line.read().await.client.clone()
    }

    /// Opens the line again after a stream over it broke.
    pub(crate) async fn reconnect(&self) -> Result<(), ChainError> {
        let number = self.inner.line.read().await.number;
        self.repair(number).await
    }

    /// Asks, and asks once more on a new line when the old one has broken.
    async fn retry_once<T, F, Fut>(&self, ask: F) -> Result<T, ChainError>
    where
        F: Fn(Line) -> Fut,
        Fut: std::future::Future<Output = Result<T, ChainError>>,
    {
        let line = self.inner.line.read().await.clone();
        let number = line.number;
        match ask(line).await {
            Err(error) if error.is_disconnected() => {
                self.repair(number).await?;
                let line = self.inner.line.read().await.clone();
                ask(line).await
            }
            result => result,
        }
    }

    /// Replaces line `number` unless somebody else has.
    async fn repair(&self, number: u64) -> Result<(), ChainError> {
        let _guard = self.inner.reconnecting.lock().await;
        if self.inner.line.read().await.number != number {
            return Ok(());
        }
        let line = open(&self.inner.url, number + 1).await?;
        let have = line.client.genesis_hash();
        if have != self.inner.genesis {
            return Err(ChainError::WrongGenesis {
                have,
                want: self.inner.genesis,
            });
        }
        // Another node may answer now, with another runtime under the same version.
        self.inner
            .fitting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        *self.inner.line.write().await = line;
        Ok(())
    }
}

async fn open(url: &str, number: u64) -> Result<Line, ChainError> {
    let unreachable = |reason: String| ChainError::NodeUnreachable {
        url: url.to_owned(),
        reason,
    };
    let connect = async {
        let rpc_client = RpcClient::from_insecure_url(url)
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        // The legacy methods are served by every node and need no pinned blocks.
        let backend = LegacyBackend::<SubstrateConfig>::builder().build(rpc_client.clone());
        let client = OnlineClient::from_backend(Arc::new(backend))
            .await
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Line {
            client,
            rpc: LegacyRpcMethods::new(rpc_client.clone()),
            rpc_client,
            number,
        })
    };
    timeout(CONNECT_TIMEOUT, connect).await.unwrap_or_else(|_| {
        Err(unreachable(format!(
            "no answer within {} s",
            CONNECT_TIMEOUT.as_secs()
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connect_should_fail_with_the_url_when_no_node_listens() {
        // Port 1 of loopback: nobody listens there without root.
        let error = Chain::connect("ws://127.0.0.1:1", None).await.unwrap_err();
        assert!(matches!(error, ChainError::NodeUnreachable { .. }), "{error}");
        assert!(error.to_string().contains("ws://127.0.0.1:1"));
    }
}
