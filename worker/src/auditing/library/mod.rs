//! The models of other workers, for audits: whether one is on this machine, and getting it where it is not.
//!
//! A model that few owners serve is audited by workers that do not have it. Its files come from a hub ([`hub`]) onto a
//! shelf of bounded size ([`shelf`]), and count only when they are exactly the registered ones ([`folders`]). Whether
//! it would fit into memory beside the models of jobs is asked before anything is fetched ([`memory`]).

pub mod error;
#[cfg(test)]
pub mod fake_hub;
pub mod folders;
mod hub;
pub mod memory;
pub mod needs;
pub mod shelf;
pub mod status;
pub mod wrong;

pub use error::NotProvided;
pub use folders::Folders;
pub use needs::Needs;
pub use status::ModelStatus;

use super::{engines::Engines, fetch::Pauses, source::Source};
use crate::models;
use async_trait::async_trait;
use ogpu_client::{
    chain::Model,
    hub::{Hub, HubError},
    models::manifest::Manifest,
};
use ogpu_primitives::{ModelId, Tick};
use status::{Board, Stage};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;
use wrong::WrongSources;

/// A line that is faster (1 Gbit/s) is not counted on: what it could not bring in time is not begun.
const FASTEST_BYTES_PER_SECOND: u64 = 125_000_000;
/// For so long the hub is not asked again for a model that it does not have.
const ASK_AGAIN: Duration = Duration::from_secs(3_600);
/// Between two tries for a model.
pub const PAUSES: Pauses = Pauses {
    first: Duration::from_secs(30),
    longest: Duration::from_secs(600),
    chain: Duration::from_secs(3),
};

/// A model that a seat needs.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Which one.
    pub id: ModelId,
    /// What all open seats need now: that is not removed for it, and says how long it is waited for.
    pub needs: watch::Receiver<Needs>,
}

/// Has models, or gets them.
#[async_trait]
pub trait Library: Send + Sync + 'static {
    /// Whether the model is in memory.
    fn is_loaded(&self, id: &ModelId) -> bool;

    /// Sees to it that the model's files are on this machine. Tries again as long as that may help; to be dropped when
    /// nobody needs it any more, and what has come by then is gone on with the next time.
    async fn provide(&self, wanted: Wanted) -> Result<(), NotProvided>;

    /// The models that are waited for, or were in vain.
    fn status(&self) -> Vec<ModelStatus>;
}

/// What the provider allows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Whether models are fetched at all.
    pub fetch: bool,
    /// Most bytes of models that were fetched.
    pub max_bytes: u64,
}

/// Opens the line to the hub. Each fetch does, so that a new token counts.
pub type OpenHub = Box<dyn Fn() -> Result<Hub, HubError> + Send + Sync>;

/// What the real library works with.
pub struct Parts {
    /// Models in memory.
    pub engines: Arc<Engines>,
    /// Models on disk.
    pub folders: Arc<Folders>,
    /// Knows what is registered.
    pub source: Arc<dyn Source>,
    /// What the provider allows.
    pub settings: Settings,
    /// The hub.
    pub open_hub: OpenHub,
    /// How much memory is free.
    pub measure: memory::Measure,
    /// Between two tries.
    pub pauses: Pauses,
}

/// The real one.
pub struct HubLibrary {
    parts: Parts,
    board: Board,
    /// One model at a time: two would both come later.
    turn: tokio::sync::Mutex<()>,
    /// What the hub does not have.
    absent: Mutex<BTreeMap<ModelId, (Instant, String)>>,
    /// What other repositories of the same name have.
    wrong: WrongSources,
}

impl HubLibrary {
    /// A library of these parts.
    pub fn new(parts: Parts) -> Self {
        Self {
            parts,
            board: Board::default(),
            turn: tokio::sync::Mutex::default(),
            absent: Mutex::default(),
            wrong: WrongSources::default(),
        }
    }

    async fn model(&self, id: &ModelId) -> Result<Model, NotProvided> {
        let model = self.parts.source.model(id).await;
        model.map_err(NotProvided::Chain)?.ok_or(NotProvided::Unknown)
    }

    /// One try.
    async fn provide_once(&self, wanted: &Wanted, model: &Model) -> Result<(), NotProvided> {
        let id = wanted.id;
        if let Ok(dir) = self.find(id, model).await? {
            return self.check_memory(id, &dir, model).await;
        }
        if !self.parts.settings.fetch {
            return Err(NotProvided::Off);
        }
        if let Some(cause) = self.absent(&id) {
            return Err(NotProvided::Before(cause));
        }
        let _turn = self.turn.lock().await;
        let manifest = Manifest::from_entries(&model.spec.manifest)?;
        if let Some(name) = hub::foreign_file(&manifest) {
            return Err(NotProvided::Form(name));
        }
        let total_bytes = manifest.total_bytes();
        let dir = self.make_room(wanted, model, total_bytes).await?;
        let name = models::name(model);
        tracing::info!(
            ?id,
            name,
            mib = total_bytes >> 20,
            "fetching a model for an audit"
        );
        let mut told = 0;
        let progress = |received_bytes: u64| {
            let stage = Stage::Fetching {
                received_bytes,
                total_bytes,
            };
            self.board.set(id, &name, stage);
            let tenths = received_bytes.saturating_mul(10) / total_bytes.max(1);
            if tenths > told {
                told = tenths;
                tracing::info!(
                    ?id,
                    "fetched {} of {} MiB",
                    received_bytes >> 20,
                    total_bytes >> 20
                );
            }
        };
        let hub = (self.parts.open_hub)()?;
        let sought = hub::Sought {
            id,
            name: &name,
            manifest: &manifest,
            dir: &dir,
            wrong: &self.wrong,
        };
        hub::fetch(&hub, &sought, progress).await?;
        let dir = self.found(id, model).await?;
        self.check_memory(id, &dir, model).await
    }

    /// Whether a model that is here can be loaded now, or is.
    async fn check_memory(&self, id: ModelId, dir: &Path, model: &Model) -> Result<(), NotProvided> {
        if self.parts.engines.is_loaded(&id) {
            return Ok(());
        }
        let (engines, measure) = (self.parts.engines.clone(), self.parts.measure);
        let (dir, model) = (dir.to_owned(), model.clone());
        blocking(move || fits(&engines, memory::needed_mib(&dir, &model), measure)).await
    }

    /// The folder to fetch into, when memory, disk and time allow it.
    async fn make_room(&self, wanted: &Wanted, model: &Model, bytes: u64) -> Result<PathBuf, NotProvided> {
        let (folders, engines) = (self.parts.folders.clone(), self.parts.engines.clone());
        let Wanted { id, needs } = wanted.clone();
        let (measure, max_bytes) = (self.parts.measure, self.parts.settings.max_bytes);
        let declared_mib = memory::declared_mib(model);
        blocking(move || {
            fits(&engines, declared_mib, measure)?;
            let shelf = folders.shelf();
            let here = shelf.bytes_of(&id).map_err(|source| NotProvided::Io {
                path: shelf.dir(&id),
                source,
            })?;
            // Seats may have come and gone since this one began to wait.
            let needs = needs.borrow().clone();
            let needed = needs.models();
            shelf.has_room(&id, bytes, max_bytes, &needed)?;
            let (to_come, seconds) = (bytes.saturating_sub(here), needs.seconds_left(&id));
            if to_come.div_ceil(FASTEST_BYTES_PER_SECOND) > seconds {
                let bytes = to_come;
                return Err(NotProvided::Late { bytes, seconds });
            }
            shelf.make_room(&id, bytes, max_bytes, &needed)
        })
        .await
    }

    /// Whether what was fetched is the model.
    async fn found(&self, id: ModelId, model: &Model) -> Result<PathBuf, NotProvided> {
        match self.find(id, model).await? {
            Ok(dir) => {
                tracing::info!(?id, dir = %dir.display(), "fetched a model for an audit");
                if let Err(error) = self.parts.folders.shelf().clear_parts(&id) {
                    tracing::warn!(?id, %error, "what an interrupted fetch left cannot be deleted");
                }
                Ok(dir)
            }
            Err(folders::NotHere {
                last: Some(error), ..
            }) => Err(NotProvided::Files(error)),
            Err(folders::NotHere { last: None, .. }) => Err(NotProvided::Unknown),
        }
    }

    async fn find(
        &self,
        id: ModelId,
        model: &Model,
    ) -> Result<Result<PathBuf, folders::NotHere>, NotProvided> {
        let (folders, model) = (self.parts.folders.clone(), model.clone());
        blocking(move || Ok(folders.find(&id, &model))).await
    }

    /// Why the hub does not have it, when that was found out lately.
    fn absent(&self, id: &ModelId) -> Option<String> {
        let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        absent.retain(|_, (at, _)| at.elapsed() < ASK_AGAIN);
        absent.get(id).map(|(_, cause)| cause.clone())
    }

    /// Says why there is no model, and remembers what the hub does not have.
    fn failed(&self, id: ModelId, name: &str, error: &NotProvided) {
        if let NotProvided::NoSource { .. } = error {
            let mut absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
            absent.insert(id, (Instant::now(), error.to_string()));
        }
        let dir = self.parts.folders.shelf().dir(&id);
        let cause = format!("{error}; or put its files into {}", dir.display());
        tracing::error!(?id, name, cause, "cannot fetch a model for an audit");
        self.board.set(id, name, Stage::Failed { cause });
    }
}

#[async_trait]
impl Library for HubLibrary {
    fn is_loaded(&self, id: &ModelId) -> bool {
        self.parts.engines.is_loaded(id)
    }

    async fn provide(&self, wanted: Wanted) -> Result<(), NotProvided> {
        let id = wanted.id;
        let mut needs = wanted.needs.clone();
        let _shown = Shown(&self.board, id);
        let (mut name, mut pause) = (String::new(), self.parts.pauses.first);
        loop {
            let due = needs.borrow().due(&id);
            self.board.set(id, &name, Stage::Looking);
            let result = match self.model(&id).await {
                Ok(model) => {
                    name = models::name(&model);
                    self.provide_once(&wanted, &model).await
                }
                Err(error) => Err(error),
            };
            match result {
                Ok(()) => return Ok(()),
                Err(error) if error.is_passing() => {
                    // Memory comes and goes with jobs, and nobody else is asked for it.
                    let memory = matches!(error, NotProvided::Memory(_));
                    let wait = if memory { self.parts.pauses.first } else { pause };
                    tracing::warn!(?id, name, %error, "no model for an audit yet; trying again in {wait:?}");
                    let cause = error.to_string();
                    self.board.set(id, &name, Stage::Paused { cause });
                    tokio::select! {
                        () = tokio::time::sleep(wait) => (),
                        () = needed_longer(&mut needs, &id, due) => (),
                    }
                    if !memory {
                        pause = (pause * 2).min(self.parts.pauses.longest);
                    }
                }
                Err(error) => {
                    self.failed(id, &name, &error);
                    return Err(error);
                }
            }
        }
    }

    fn status(&self) -> Vec<ModelStatus> {
        self.board.all()
    }
}

/// Whether so much memory can be had now. The model that was loaded for audits before would be dropped for the next one
/// anyway: where its memory is needed, it is dropped at once.
fn fits(engines: &Engines, needed_mib: u64, measure: memory::Measure) -> Result<(), NotProvided> {
    let first = memory::check(needed_mib, measure);
    if first.is_ok() || engines.drop_unused().is_none() {
        return first.map_err(Into::into);
    }
    Ok(memory::check(needed_mib, measure)?)
}

/// Waits until a seat is drawn that needs the model after `due`.
async fn needed_longer(needs: &mut watch::Receiver<Needs>, id: &ModelId, due: Option<Tick>) {
    let nobody_tells = needs.wait_for(|needs| needs.due(id) > due).await.is_err();
    if nobody_tells {
        std::future::pending().await
    }
}

/// Takes a model off the board however the wait for it ends, unless it failed.
struct Shown<'a>(&'a Board, ModelId);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.leave(&self.1);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, NotProvided> + Send + 'static,
) -> Result<T, NotProvided> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(NotProvided::Panicked(error.to_string())))
}

#[cfg(test)]
mod tests;
