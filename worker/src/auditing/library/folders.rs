//! Where a registered model can lie on this machine: in a configured folder, or on the shelf of those that were fetched.

use super::shelf::Shelf;
use crate::{
    cli::config::ModelEntry,
    models::{LocalModel, ModelError},
};
use ogpu_client::chain::Model;
use ogpu_primitives::ModelId;
use std::path::{Path, PathBuf};

/// No folder holds the model.
#[derive(thiserror::Error, Debug)]
#[error("none of {folders} folders holds this model; fetch it and configure its folder{}", .last.as_ref().map(|last| format!(" ({last})")).unwrap_or_default())]
pub struct NotHere {
    /// How many were looked at.
    pub folders: usize,
    /// Why the last one is not it.
    pub last: Option<ModelError>,
}

/// All places.
pub struct Folders {
    configured: Vec<ModelEntry>,
    shelf: Shelf,
    data_dir: PathBuf,
}

impl Folders {
    /// The `configured` folders, and the shelf inside the data folder.
    pub fn new(configured: Vec<ModelEntry>, data_dir: PathBuf) -> Self {
        Self {
            configured,
            shelf: Shelf::new(&data_dir),
            data_dir,
        }
    }

    /// The models that were fetched.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// The folder that holds exactly the files that the model is registered with. Reads all of them the first time.
    pub fn find(&self, id: &ModelId, model: &Model) -> Result<PathBuf, NotHere> {
        let registered = [(*id, model.clone())];
        let shelved = self.shelf.dir(id);
        let shelved = shelved.is_dir().then_some(shelved);
        let configured = self.configured.iter().map(|entry| entry.dir.as_path());
        let mut not_here = NotHere {
            folders: 0,
            last: None,
        };
        for dir in configured.chain(shelved.as_deref()) {
            // Whatever registered model its owner serves a folder as: here only its files count.
            let entry = ModelEntry {
                dir: dir.to_owned(),
                id: None,
            };
            let found = LocalModel::read(&entry, &self.data_dir)
                .and_then(|local| local.matching(&registered).map(|_| local.dir.clone()));
            match found {
                Ok(found) => {
                    if shelved.as_deref() == Some(dir) {
                        self.touch(id, dir);
                    }
                    return Ok(found);
                }
                Err(error) => {
                    not_here.folders += 1;
                    not_here.last = Some(error);
                }
            }
        }
        Err(not_here)
    }

    fn touch(&self, id: &ModelId, dir: &Path) {
        if let Err(error) = self.shelf.touch(id) {
            tracing::warn!(dir = %dir.display(), %error, "its use cannot be noted; it may be removed too early");
        }
    }
}
