//! The models that audits are computed with: those that jobs use already, and one more, which is loaded when a seat
//! needs it and dropped when none has for a while.
//!
//! Calls block for as long as a model takes to load.

use super::library::{
    folders::{Folders, NotHere},
    memory::{self, Measure, ShortOfMemory},
};
use crate::engine::{DeviceChoice, Engine, EngineError, EngineSpec};
use ogpu_client::chain::Model;
use ogpu_primitives::ModelId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A model that was loaded for audits alone is dropped this long after the last one.
pub const IDLE: Duration = Duration::from_secs(600);

/// Why a model cannot be had.
#[derive(thiserror::Error, Debug)]
pub enum LoadError {
    /// No folder holds it.
    #[error(transparent)]
    NotHere(#[from] NotHere),
    /// It is here, and jobs would be left with too little memory.
    #[error(transparent)]
    Memory(#[from] ShortOfMemory),
    /// It is here and does not load.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Loads a registered model.
pub type LoadModel = Box<dyn Fn(&ModelId, &Model) -> Result<Engine, LoadError> + Send + Sync>;

/// Engines by model.
pub struct Engines {
    served: HashMap<ModelId, Arc<Engine>>,
    load: LoadModel,
    /// Held while a model is loaded, which takes minutes.
    loading: Mutex<()>,
    /// Held for a moment only.
    extra: Mutex<Option<Extra>>,
}

struct Extra {
    id: ModelId,
    engine: Arc<Engine>,
    used: Instant,
}

impl Engines {
    /// Those that are `served`, and whatever `load` finds.
    pub fn new(served: HashMap<ModelId, Arc<Engine>>, load: LoadModel) -> Self {
        Self {
            served,
            load,
            loading: Mutex::new(()),
            extra: Mutex::new(None),
        }
    }

    /// Those that are `served`, and the models in these folders where `measure` finds memory for them beside the
    /// served ones.
    pub fn with_folders(
        served: HashMap<ModelId, Arc<Engine>>,
        folders: Arc<Folders>,
        measure: Measure,
    ) -> Self {
        let load = move |id: &ModelId, model: &Model| {
            let dir = folders.find(id, model)?;
            memory::check(memory::needed_mib(&dir, model), measure)?;
            let spec = EngineSpec {
                kind: model.spec.kind,
                profile: model.spec.profile,
                context_tokens: model.spec.context_tokens,
            };
            tracing::info!(?id, dir = %dir.display(), "loading a model for an audit");
            Ok(Engine::load(&dir, &spec, DeviceChoice::Auto)?)
        };
        Self::new(served, Box::new(load))
    }

    /// Whether a model is in memory, so that its specification need not be asked for.
    pub fn is_loaded(&self, id: &ModelId) -> bool {
        self.served.contains_key(id) || self.extra() == Some(*id)
    }

    /// The model that was loaded for audits alone.
    pub fn extra(&self) -> Option<ModelId> {
        self.lock().as_ref().map(|extra| extra.id)
    }

    /// The engine of a model. `model` is asked for only where it has to be loaded; another one that was loaded for an
    /// audit is dropped before, so that there is never more than one besides those of jobs.
    pub fn get(&self, id: &ModelId, model: Option<&Model>) -> Result<Arc<Engine>, LoadError> {
        if let Some(engine) = self.served.get(id) {
            return Ok(engine.clone());
        }
        let _alone = self.loading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(extra) = self.lock().as_mut().filter(|extra| extra.id == *id) {
            extra.used = Instant::now();
            return Ok(extra.engine.clone());
        }
        let model = model.ok_or(NotHere {
            folders: 0,
            last: None,
        })?;
        *self.lock() = None;
        let engine = Arc::new((self.load)(id, model)?);
        *self.lock() = Some(Extra {
            id: *id,
            engine: engine.clone(),
            used: Instant::now(),
        });
        Ok(engine)
    }

    /// Drops the model that was loaded for audits alone when it is idle for [`IDLE`] at `now`; which one it was.
    pub fn drop_idle(&self, now: Instant) -> Option<ModelId> {
        self.drop_if(|extra| now.saturating_duration_since(extra.used) >= IDLE)
    }

    /// Drops the model that was loaded for audits alone unless a report is computed with it; which one it was. For
    /// who needs its memory: the next model that is loaded takes its place anyway.
    pub fn drop_unused(&self) -> Option<ModelId> {
        self.drop_if(|_| true)
    }

    fn drop_if(&self, condition: impl FnOnce(&Extra) -> bool) -> Option<ModelId> {
        let unused = |extra: &Extra| Arc::strong_count(&extra.engine) == 1;
        let mut extra = self.lock();
        let dropped = extra.take_if(|extra| unused(extra) && condition(extra))?;
        Some(dropped.id)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Extra>> {
        self.extra.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auditing::{
            fixtures::{self, tiny},
            library::memory::Free,
        },
        cli::config::ModelEntry,
    };
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicUsize, Ordering},
    };

    fn counting() -> (Arc<AtomicUsize>, LoadModel) {
        let loads = Arc::new(AtomicUsize::new(0));
        let count = loads.clone();
        let load = move |_: &ModelId, _: &Model| {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(tiny())
        };
        (loads, Box::new(load))
    }

    #[test]
    fn engines_should_use_what_jobs_use_when_the_model_is_served() {
        let (loads, load) = counting();
        let (id, engine) = (ModelId::repeat_byte(1), Arc::new(tiny()));
        let engines = Engines::new(HashMap::from([(id, engine.clone())]), load);
        assert!(engines.is_loaded(&id));
        assert!(Arc::ptr_eq(&engines.get(&id, None).expect("served"), &engine));
        assert_eq!((loads.load(Ordering::SeqCst), engines.extra()), (0, None));
    }

    #[test]
    fn engines_should_hold_one_more_model_and_drop_it_when_it_is_idle() {
        let (loads, load) = counting();
        let (first, second) = (ModelId::repeat_byte(1), ModelId::repeat_byte(2));
        let model = fixtures::model(None);
        let engines = Engines::new(HashMap::new(), load);
        assert!(matches!(engines.get(&first, None), Err(LoadError::NotHere(_))));
        let engine = engines.get(&first, Some(&model)).expect("loaded");
        engines.get(&first, None).expect("loaded already");
        assert_eq!((loads.load(Ordering::SeqCst), engines.extra()), (1, Some(first)));
        engines.get(&second, Some(&model)).expect("loaded");
        assert_eq!((loads.load(Ordering::SeqCst), engines.extra()), (2, Some(second)));
        assert_eq!(Arc::strong_count(&engine), 1, "the first was dropped");

        let (soon, late) = (Instant::now(), Instant::now() + IDLE + Duration::from_secs(1));
        assert_eq!(engines.drop_idle(soon), None);
        let in_use = engines.get(&second, None).expect("loaded");
        assert_eq!(engines.drop_idle(late), None, "in use");
        drop(in_use);
        assert_eq!(engines.drop_idle(late), Some(second));
        assert_eq!(engines.extra(), None);

        let in_use = engines.get(&first, Some(&model)).expect("loaded");
        assert_eq!(engines.drop_unused(), None, "in use");
        drop(in_use);
        assert_eq!((engines.drop_unused(), engines.extra()), (Some(first), None));
    }

    #[test]
    fn engines_should_answer_while_a_model_is_loaded() {
        let (begun, told) = std::sync::mpsc::channel();
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let wait = Mutex::new(wait);
        let load = move |_: &ModelId, _: &Model| {
            begun.send(()).expect("heard");
            wait.lock().expect("alone").recv().expect("told");
            Ok(tiny())
        };
        let engines = Arc::new(Engines::new(HashMap::new(), Box::new(load)));
        let id = ModelId::repeat_byte(1);
        let loading = std::thread::spawn({
            let engines = engines.clone();
            move || engines.get(&id, Some(&fixtures::model(None))).map(|_| ())
        });
        told.recv().expect("begun");
        assert_eq!((engines.extra(), engines.drop_idle(Instant::now())), (None, None));
        go_on.send(()).expect("heard");
        loading.join().expect("no panic").expect("loaded");
        assert_eq!(engines.extra(), Some(id));
    }

    #[test]
    fn engines_should_find_the_folder_when_a_configured_one_holds_the_model() {
        let data = tempfile::tempdir().expect("a folder");
        let (other, right) = (data.path().join("other"), data.path().join("right"));
        std::fs::create_dir(&other).expect("made");
        std::fs::write(other.join("x"), b"x").expect("written");
        crate::engine::tiny::write(&right).expect("written");
        let model = fixtures::model(Some(&right));
        let id = ModelId::repeat_byte(1);
        let engines = |folders: &[&PathBuf], measure: Measure| {
            let entry = |dir: &&PathBuf| ModelEntry {
                dir: dir.to_path_buf(),
                id: Some("another name".into()),
            };
            let folders = Folders::new(folders.iter().map(entry).collect(), data.path().into());
            Engines::with_folders(HashMap::new(), Arc::new(folders), measure)
        };
        let roomy: Measure = || Free {
            device: "machine",
            mib: 100_000,
        };
        let found = engines(&[&other, &right], roomy);
        found.get(&id, Some(&model)).expect("found and loaded");
        assert!(matches!(
            engines(&[&other], roomy).get(&id, Some(&model)),
            Err(LoadError::NotHere(NotHere {
                folders: 1,
                last: Some(_)
            }))
        ));
        let full: Measure = || Free {
            device: "machine",
            mib: 100,
        };
        let full = engines(&[&right], full);
        assert!(matches!(full.get(&id, Some(&model)), Err(LoadError::Memory(_))));
        assert!(!full.is_loaded(&id));
    }
}
