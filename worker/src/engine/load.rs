//! How the daemon gets its engines. There is a choice so that a test's worker can compute something else than its
//! model says; `ogpu-worker` has none.

use super::{DeviceChoice, Engine, EngineError, EngineSpec};
use std::path::Path;

/// Loads the model in a folder as its registration says, or as a cheat would.
pub type Load = fn(&Path, &EngineSpec) -> Result<Engine, EngineError>;

/// The model as it is registered, on the best device.
pub fn as_registered(folder: &Path, spec: &EngineSpec) -> Result<Engine, EngineError> {
    Engine::load(folder, spec, DeviceChoice::Auto)
}
