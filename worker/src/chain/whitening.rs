//! The whitening tables of models, read from the chain once each.

use crate::jobs::Tables;
use ogpu_client::chain::{Chain, ChainError};
use ogpu_primitives::{ModelId, WhiteningTable};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// How often a computation asks again when the node does not answer.
const TRIES: u32 = 20;
/// Pause between two of these.
const PAUSE: Duration = Duration::from_secs(3);

/// Tables that were read and a line to the chain for the others; cheap to clone.
#[derive(Clone)]
pub struct Whitening {
    chain: Chain,
    held: Arc<RwLock<HashMap<ModelId, Arc<WhiteningTable>>>>,
    runtime: tokio::runtime::Handle,
}

impl Whitening {
    /// Reads from `chain`. To be called inside a runtime, on which computations' questions are then asked.
    pub fn new(chain: Chain) -> Self {
        Self {
            chain,
            held: Arc::default(),
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// The table of `model`; `None` while it has none. A model gets its table at most once, so one that was read
    /// is never asked for again.
    pub async fn table(&self, model: &ModelId) -> Result<Option<Arc<WhiteningTable>>, ChainError> {
        if let Some(table) = self.held(model) {
            return Ok(Some(table));
        }
        let table = self.chain.whitening(&self.chain.best().await?, *model).await?;
        Ok(table.map(|table| {
            let table = Arc::new(table);
            let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
            held.insert(*model, table.clone());
            table
        }))
    }

    fn held(&self, model: &ModelId) -> Option<Arc<WhiteningTable>> {
        // Whatever a panic left behind is a table that was read.
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.get(model).cloned()
    }

    async fn table_with_retries(&self, model: &ModelId) -> Result<Arc<WhiteningTable>, String> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.table(model).await {
                Ok(Some(table)) => return Ok(table),
                Ok(None) => return Err(format!("the chain has no whitening table of model {model:?}")),
                Err(error) if error.is_passing() && tries < TRIES => {
                    tracing::warn!(?model, %error, "reading its whitening table again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    return Err(format!(
                        "the whitening table of {model:?} cannot be read: {error}"
                    ))
                }
            }
        }
    }
}

impl Tables for Whitening {
    fn table(&self, model: &ModelId) -> Result<Arc<WhiteningTable>, String> {
        // Computations have threads of their own, outside the runtime's workers.
        match self.held(model) {
            Some(table) => Ok(table),
            None => self.runtime.block_on(self.table_with_retries(model)),
        }
    }
}
