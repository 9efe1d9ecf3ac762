//! The model that is calibrated, and the other one that a cheat serves instead.

use crate::variants;
use anyhow::{Context, Result};
use codec::{DecodeAll, Encode};
use ogpu_primitives::{JobKind, NumericProfile, WhiteningTable};
use ogpu_worker::engine::{DeviceChoice, Engine, EngineSpec, Options};
use std::path::{Path, PathBuf};

/// A model folder.
pub struct Model {
    pub folder: PathBuf,
    /// Number of layers.
    pub layers: usize,
    other: Option<PathBuf>,
}

impl Model {
    /// The model in `folder`; `other` is what a cheat serves instead.
    pub fn new(folder: PathBuf, other: Option<PathBuf>) -> Result<Self> {
        Ok(Self {
            layers: variants::layers(&folder)?,
            folder,
            other,
        })
    }

    /// The other model.
    pub fn other(&self) -> Result<Self> {
        let other = self
            .other
            .clone()
            .context("give the other model with --other-model")?;
        Self::new(other, None)
    }

    /// Loads it on the CPU.
    pub fn load(&self, profile: NumericProfile, options: &Options) -> Result<Engine> {
        let spec = EngineSpec {
            kind: JobKind::Generate,
            profile,
            context_tokens: 2_048,
        };
        Engine::load_with(&self.folder, &spec, DeviceChoice::Cpu, options)
            .with_context(|| format!("loading {}", self.folder.display()))
    }

    /// The whitening table that the phase `whiten` made.
    pub fn table(&self, data: &Path) -> Result<WhiteningTable> {
        let path = table_file(data);
        let bytes = std::fs::read(&path)
            .with_context(|| format!("reading {}; run the phase `whiten` first", path.display()))?;
        let table = WhiteningTable::decode_all(&mut &bytes[..])
            .with_context(|| format!("{} is damaged; make it again", path.display()))?;
        match table.check() {
            Ok(()) => Ok(table),
            Err(error) => anyhow::bail!("{} cannot be used: {error:?}; make it again", path.display()),
        }
    }
}

/// Where the table is.
pub fn table_file(data: &Path) -> PathBuf {
    data.join("whitening.scale")
}

/// Writes the table whole or not at all.
pub fn write_table(data: &Path, table: &WhiteningTable) -> Result<()> {
    let path = table_file(data);
    let partial = path.with_extension("partial");
    std::fs::create_dir_all(data)?;
    std::fs::write(&partial, table.encode())?;
    std::fs::rename(&partial, &path).with_context(|| format!("writing {}", path.display()))
}
