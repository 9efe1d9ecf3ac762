//! The seam to the chain's whitening tables, which a computation needs before its first token.

use ogpu_primitives::{ModelId, WhiteningTable};
use std::{collections::HashMap, sync::Arc};

/// Where whitening tables come from. A model's table never changes once there is one.
pub trait Tables: Send + Sync + 'static {
    /// The table of `model`, or why it cannot be had; called on a computation's own thread and may wait.
    fn table(&self, model: &ModelId) -> Result<Arc<WhiteningTable>, String>;
}

/// Tables that are here already.
impl Tables for HashMap<ModelId, Arc<WhiteningTable>> {
    fn table(&self, model: &ModelId) -> Result<Arc<WhiteningTable>, String> {
        self.get(model)
            .cloned()
            .ok_or_else(|| format!("model {model:?} has no whitening table"))
    }
}
