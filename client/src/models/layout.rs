//! Which files of a folder make up the model.

use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Longest JSON file that is read whole, in bytes.
const MAX_JSON_BYTES: u64 = 64 << 20;

/// Why a folder is no model.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// A file could not be read; check that it is there and readable.
    #[error("cannot read {path}: {source}; check the path and its permissions")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Neither a GGUF file nor config.json with safetensors was found.
    #[error("{0} holds no model: put one *.gguf file, or config.json with *.safetensors, directly into it")]
    NoModel(PathBuf),
    /// More than one GGUF file: which one is meant is not clear.
    #[error("{0} holds more than one GGUF file; leave exactly one")]
    Ambiguous(PathBuf),
    /// A JSON file is too long or not what it should be.
    #[error("{path} cannot be used: {reason}; fetch the file again")]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A model's files by role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelFiles {
    /// Everything in one file.
    Gguf {
        /// The file.
        path: PathBuf,
    },
    /// Hugging Face layout.
    Safetensors {
        /// `config.json`.
        config: PathBuf,
        /// The weight files, sorted by name.
        weights: Vec<PathBuf>,
        /// The folder, for the tokenizer's files.
        folder: PathBuf,
    },
}

impl ModelFiles {
    /// Looks at the plain files directly inside `folder`.
    pub fn find(folder: &Path) -> Result<Self, LayoutError> {
        let io = |source| LayoutError::Io {
            path: folder.into(),
            source,
        };
        let mut gguf = Vec::new();
        let mut weights = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            if !path.is_file() {
                continue;
            }
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("gguf") => gguf.push(path),
                Some("safetensors") => weights.push(path),
                _ => {}
            }
        }
        weights.sort();
        let config = folder.join("config.json");
        match (gguf.len(), weights.is_empty()) {
            (1, _) => Ok(Self::Gguf {
                path: gguf.swap_remove(0),
            }),
            (0, false) if config.is_file() => Ok(Self::Safetensors {
                config,
                weights,
                folder: folder.into(),
            }),
            (0, _) => Err(LayoutError::NoModel(folder.into())),
            _ => Err(LayoutError::Ambiguous(folder.into())),
        }
    }
}

/// Reads a whole file of at most 64 MiB.
pub fn read_small(path: &Path) -> Result<Vec<u8>, LayoutError> {
    let io = |source| LayoutError::Io {
        path: path.into(),
        source,
    };
    let length = std::fs::metadata(path).map_err(io)?.len();
    if length > MAX_JSON_BYTES {
        let reason = format!("{length} bytes are more than the limit of {MAX_JSON_BYTES}");
        return Err(LayoutError::Json {
            path: path.into(),
            reason,
        });
    }
    std::fs::read(path).map_err(io)
}

/// Reads a JSON file of at most 64 MiB.
pub fn read_json<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<T, LayoutError> {
    serde_json::from_slice(&read_small(path)?).map_err(|error| LayoutError::Json {
        path: path.into(),
        reason: error.to_string(),
    })
}

/// Token ids that end an output: from GGUF metadata, or from `generation_config.json` and `config.json`.
pub fn end_tokens(files: &ModelFiles) -> Result<Vec<u32>, LayoutError> {
    let mut ids = Vec::new();
    match files {
        ModelFiles::Gguf { path } => {
            let gguf = super::Gguf::open(path).map_err(|error| LayoutError::Json {
                path: path.clone(),
                reason: error.to_string(),
            })?;
            ids = gguf_end_tokens(&gguf);
        }
        ModelFiles::Safetensors { config, folder, .. } => {
            #[derive(Deserialize)]
            struct Ending {
                eos_token_id: Option<Ids>,
            }
            #[derive(Deserialize)]
            #[serde(untagged)]
            enum Ids {
                One(u32),
                Many(Vec<u32>),
            }
            for path in [folder.join("generation_config.json"), config.clone()] {
                if !path.is_file() {
                    continue;
                }
                match read_json::<Ending>(&path)?.eos_token_id {
                    Some(Ids::One(id)) => ids.push(id),
                    Some(Ids::Many(many)) => ids.extend(many),
                    None => {}
                }
            }
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Control tokens that end a turn or a text in the families in use, whatever the metadata forgets.
const END_TEXTS: [&str; 7] = [
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<end_of_turn>",
    "<|end|>",
    "</s>",
];

/// Token ids that end an output, from GGUF metadata, sorted.
pub fn gguf_end_tokens(gguf: &super::Gguf) -> Vec<u32> {
    const CONTROL: f64 = 3.0;
    let keys = [
        "tokenizer.ggml.eos_token_id",
        "tokenizer.ggml.eot_token_id",
        "tokenizer.ggml.eom_token_id",
    ];
    let mut ids: Vec<u32> = keys
        .iter()
        .filter_map(|key| gguf.unsigned(key).ok())
        .filter_map(|id| id.try_into().ok())
        .collect();
    let tokens = gguf.texts("tokenizer.ggml.tokens").unwrap_or_default();
    let types = gguf.numbers("tokenizer.ggml.token_type").unwrap_or_default();
    for ((token, kind), id) in tokens.iter().zip(types).zip(0..) {
        if *kind == CONTROL && END_TEXTS.contains(&token.as_str()) {
            ids.push(id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}
