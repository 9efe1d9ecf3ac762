//! The models that jobs are computed with: their files verified, found on the chain, and loaded.

use crate::{
    chain::whitening::Whitening,
    cli::config::Config,
    engine::{Engine, EngineSpec, Load},
    models::{self, LocalModel},
    status_file::ServedModel,
};
use anyhow::{Context, Result};
use ogpu_client::chain::Chain;
use ogpu_primitives::{Costs, ModelId};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

/// Models that are ready to run.
pub struct Loaded {
    /// By model.
    pub engines: HashMap<ModelId, Arc<Engine>>,
    /// Their models.
    pub ids: BTreeSet<ModelId>,
    /// What their tokens cost.
    pub costs: HashMap<ModelId, Costs>,
    /// For the status.
    pub served: Vec<ServedModel>,
}

/// There is nothing to serve.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("no model folder is configured: pass --model-dir DIR, or set [[models]] in worker.toml")]
pub struct NoModels;

/// Loads every configured model.
pub async fn load_models(
    config: &Config,
    chain: &Chain,
    whitening: &Whitening,
    load: Load,
) -> Result<Loaded> {
    let registered = chain.models(&chain.best().await?, models::MAX_REGISTERED).await?;
    let (mut engines, mut ids, mut served) = (HashMap::new(), BTreeSet::new(), Vec::new());
    let mut costs = HashMap::new();
    for entry in &config.models {
        tracing::info!(dir = %entry.dir.display(), "verifying model files");
        let (entry, data_dir) = (entry.clone(), config.data_dir.clone());
        let local = tokio::task::spawn_blocking(move || LocalModel::read(&entry, &data_dir)).await??;
        let (id, model) = local.matching(&registered)?;
        let spec = EngineSpec {
            kind: model.spec.kind,
            profile: model.spec.profile,
            context_tokens: model.spec.context_tokens,
        };
        let (name, dir) = (models::name(model), local.dir.clone());
        // Asked for again when a job needs one: a model may get its table later.
        let whitened = whitening.table(&id).await?.is_some();
        tracing::info!(%name, ?id, profile = ?spec.profile, whitened, "loading");
        let engine = tokio::task::spawn_blocking(move || load(&dir, &spec))
            .await?
            .with_context(|| format!("loading {name} from {}", local.dir.display()))?;
        served.push(ServedModel {
            id: format!("{id:?}"),
            name,
            dir: local.dir.display().to_string(),
        });
        engines.insert(id, Arc::new(engine));
        costs.insert(id, model.spec.costs);
        ids.insert(id);
    }
    Ok(Loaded {
        engines,
        ids,
        costs,
        served,
    })
}
