//! Engines that compute less than their model says: a cheat serves with one, or has one write.

use crate::engine::{
    load,
    options::{Dishonest, Requantise},
    DeviceChoice, Engine, EngineError, EngineSpec, Options,
};
use ogpu_client::models::{Gguf, ModelFiles};
use ogpu_primitives::JobKind;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

/// What is saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cheap {
    /// Every fifth layer: stands for a smaller model of the same family.
    Smaller,
    /// Two layers, at a third and at two thirds of the way.
    SkipTwo,
    /// Weights are rounded to 4 bits.
    FourBit,
    /// Weights are rounded to 8 bits.
    EightBit,
}

impl Cheap {
    /// Loads the model in `folder` so, on the CPU. An embedding model keeps its layers.
    pub fn load(self, folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
        let layers = match spec.kind {
            JobKind::Generate => layers(folder)?,
            JobKind::Embed => 0,
        };
        let options = Options {
            dishonest: self.saves(layers),
            ..Options::default()
        };
        Engine::load_with(folder, spec, DeviceChoice::Cpu, &options)
    }

    /// What is left out of a model of so many layers.
    pub fn saves(self, layers: usize) -> Dishonest {
        let skip_layers = match self {
            Self::Smaller => (0..layers).filter(|layer| layer % 5 == 4).collect(),
            Self::SkipTwo if layers > 2 => vec![layers / 3, 2 * layers / 3],
            _ => Vec::new(),
        };
        let requantise = match self {
            Self::FourBit => Some(Requantise::FourBit),
            Self::EightBit => Some(Requantise::EightBit),
            Self::Smaller | Self::SkipTwo => None,
        };
        Dishonest {
            skip_layers,
            requantise,
        }
    }
}

/// Layers of the model in `folder`; 0, of which none can be left out, where its file does not say.
pub fn layers(folder: &Path) -> Result<usize, EngineError> {
    let ModelFiles::Gguf { path } = ModelFiles::find(folder)? else {
        return Ok(0);
    };
    let gguf = Gguf::open(&path)?;
    let family = gguf.text("general.architecture")?;
    let layers = gguf.unsigned(&format!("{family}.block_count"));
    Ok(layers.unwrap_or_default() as usize)
}

/// A model as it is served.
#[derive(Clone, Debug)]
pub struct Served {
    /// Where it is.
    pub folder: PathBuf,
    /// How it has to be loaded.
    pub spec: EngineSpec,
}

static SERVED: Mutex<Option<Served>> = Mutex::new(None);

/// Loads the model as it is registered, and remembers it: a cheat loads it once more in another way.
pub fn remembered(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    *SERVED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Served {
        folder: folder.into(),
        spec: *spec,
    });
    load::as_registered(folder, spec)
}

/// The model that was loaded last by [`remembered`].
pub(super) fn served() -> Option<Served> {
    SERVED.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tiny;
    use ogpu_primitives::NumericProfile;

    #[test]
    fn engine_should_save_what_its_name_says() {
        let skipped = |cheap: Cheap| cheap.saves(30).skip_layers;
        assert_eq!(skipped(Cheap::Smaller), [4, 9, 14, 19, 24, 29]);
        assert_eq!(skipped(Cheap::SkipTwo), [10, 20]);
        assert!(skipped(Cheap::FourBit).is_empty());
        assert_eq!(Cheap::Smaller.saves(30).requantise, None);
        assert_eq!(Cheap::EightBit.saves(30).requantise, Some(Requantise::EightBit));
        // A file that does not say how many layers it has keeps them all.
        assert_eq!(Cheap::SkipTwo.saves(0), Dishonest::default());
    }

    #[test]
    fn right_engine_should_be_remembered_when_it_is_loaded() {
        let folder = tempfile::tempdir().expect("a folder");
        tiny::write(folder.path()).expect("written");
        let spec = EngineSpec {
            kind: JobKind::Generate,
            profile: NumericProfile::F16,
            context_tokens: 0,
        };
        let right = remembered(folder.path(), &spec).expect("loaded");
        let served = served().expect("remembered");
        assert_eq!(served.spec, spec);
        let cheap = Cheap::FourBit.load(&served.folder, &spec).expect("loaded");
        let input = [256, 104, 105];
        assert_ne!(
            cheap.hidden(&input).expect("read"),
            right.hidden(&input).expect("read")
        );
    }
}
