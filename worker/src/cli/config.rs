//! Settings: flags win over environment variables, which win over the TOML file, which wins over defaults.

use crate::auditing::LibrarySettings;
use clap::Args;
use directories::ProjectDirs;
use serde::Deserialize;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Node that is asked when none is configured.
pub const DEFAULT_URL: &str = "ws://127.0.0.1:9944";

/// What models that are fetched for audits take at most when nothing is said: one of 30 billion parameters.
const AUDIT_MODELS_MAX_BYTES: u64 = 50 << 30;

/// Settings given on the command line or in the environment. Every one can also stand in the file.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// Folder for keys, jobs and measurements [default: the XDG data folder].
    #[arg(long, env = "OGPU_WORKER_DATA_DIR", value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// Settings file [default: worker.toml in the XDG configuration folder, when it is there].
    #[arg(long, env = "OGPU_WORKER_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// WebSocket URL of the node [default: ws://127.0.0.1:9944].
    #[arg(long, env = "OGPU_URL", value_name = "URL", global = true)]
    pub url: Option<String>,
    /// Genesis hash that the node must have; other chains are refused.
    #[arg(long, env = "OGPU_GENESIS", value_name = "HEX", global = true)]
    pub genesis: Option<String>,
    /// UDP address for clients; give it again for more. 127.0.0.1:0 reaches this machine only, 0.0.0.0:PORT all.
    #[arg(
        long,
        env = "OGPU_WORKER_LISTEN",
        value_name = "IP:PORT",
        value_delimiter = ',',
        global = true
    )]
    pub listen: Vec<SocketAddr>,
    /// Address published on chain for clients, when it differs from the bound one (port forwarding).
    #[arg(
        long,
        env = "OGPU_WORKER_ADVERTISE",
        value_name = "IP:PORT",
        value_delimiter = ',',
        global = true
    )]
    pub advertise: Vec<SocketAddr>,
    /// Folder of a model to serve; give it again for more.
    #[arg(
        long,
        env = "OGPU_WORKER_MODEL_DIRS",
        value_name = "DIR",
        value_delimiter = ':',
        global = true
    )]
    pub model_dir: Vec<PathBuf>,
    /// Jobs at once.
    #[arg(long, env = "OGPU_WORKER_SLOTS", value_name = "N", global = true)]
    pub slots: Option<u16>,
    /// Country as ISO 3166-1 number; 0 says nothing.
    #[arg(long, env = "OGPU_WORKER_REGION", value_name = "NUMBER", global = true)]
    pub region: Option<u16>,
    /// Threads of the CPU engine [default: all cores].
    #[arg(long, env = "OGPU_WORKER_THREADS", value_name = "N", global = true)]
    pub threads: Option<usize>,
    /// Offer the processor beside GPUs as well; false beats what environment or file say.
    #[arg(
        long,
        env = "OGPU_WORKER_OFFER_CPU",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        global = true
    )]
    pub offer_cpu: Option<bool>,
    /// Audit others' results when the chain draws this worker for it [default: true]. It is drawn all the same, and
    /// each seat that it leaves empty counts against it.
    #[arg(
        long,
        env = "OGPU_WORKER_AUDIT",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        global = true
    )]
    pub audit: Option<bool>,
    /// Fetch models that this worker does not serve when it is drawn to audit them [default: true].
    #[arg(
        long,
        env = "OGPU_WORKER_FETCH_MODELS_FOR_AUDITS",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        global = true
    )]
    pub fetch_models_for_audits: Option<bool>,
    /// Most bytes of models that were fetched for audits; those used longest ago go first [default: 50 GiB].
    #[arg(
        long,
        env = "OGPU_WORKER_AUDIT_MODELS_MAX_BYTES",
        value_name = "BYTES",
        global = true
    )]
    pub audit_models_max_bytes: Option<u64>,
    /// Share of the memory that CPU jobs may use, in percent.
    #[arg(
        long,
        env = "OGPU_WORKER_CPU_MEMORY_PERCENT",
        value_name = "PERCENT",
        global = true
    )]
    pub cpu_memory_percent: Option<u8>,
}

/// The file's content. A key that is not known is an error: a misspelt setting must not be ignored.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    url: Option<String>,
    genesis: Option<String>,
    listen: Vec<SocketAddr>,
    advertise: Vec<SocketAddr>,
    slots: Option<u16>,
    region: Option<u16>,
    threads: Option<usize>,
    offer_cpu: Option<bool>,
    audit: Option<bool>,
    fetch_models_for_audits: Option<bool>,
    audit_models_max_bytes: Option<u64>,
    cpu_memory_percent: Option<u8>,
    shutdown_grace_seconds: Option<u64>,
    models: Vec<ModelEntry>,
}

/// A model to serve.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelEntry {
    /// Folder with its files.
    pub dir: PathBuf,
    /// The registered id or name, when the folder's files belong to several registered models.
    pub id: Option<String>,
}

/// Settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Folder for keys, jobs and measurements.
    pub data_dir: PathBuf,
    /// The file that was read, if any.
    pub file: Option<PathBuf>,
    /// URL of the node.
    pub url: String,
    /// Genesis that the node must have.
    pub genesis: Option<[u8; 32]>,
    /// Addresses to bind.
    pub listen: Vec<SocketAddr>,
    /// Addresses to publish; empty means the bound ones.
    pub advertise: Vec<SocketAddr>,
    /// Models to serve.
    pub models: Vec<ModelEntry>,
    /// Jobs at once; at least one.
    pub slots: u16,
    /// ISO 3166-1 number, 0 for not said.
    pub region: u16,
    /// Threads of the CPU engine.
    pub threads: Option<usize>,
    /// Offer the processor beside GPUs.
    pub offer_cpu: bool,
    /// Audit others' results.
    pub audit: bool,
    /// Which other models are fetched for audits.
    pub library: LibrarySettings,
    /// Share of memory for CPU jobs in percent.
    pub cpu_memory_percent: u8,
    /// Time that running jobs get at shutdown.
    pub shutdown_grace: std::time::Duration,
}

/// Why the settings cannot be used.
#[derive(thiserror::Error, Debug)]
pub enum ConfigError {
    /// The file is not readable.
    #[error("cannot read the settings file {path}: {source}; check --config and the file's permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no valid TOML, or has an unknown key.
    #[error("the settings file {path} is not valid: {reason}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// No home folder.
    #[error("this account has no home folder: pass --data-dir")]
    NoHome,
    /// A value is out of range.
    #[error("{0}")]
    Value(String),
}

impl Config {
    /// Reads the file, if there is one, and lays environment and flags over it.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let project = ProjectDirs::from("", "", "ogpu-worker");
        let path = match (&flags.config, &project) {
            (Some(path), _) => Some(path.clone()),
            (None, Some(project)) => {
                Some(project.config_dir().join("worker.toml")).filter(|path| path.is_file())
            }
            (None, None) => None,
        };
        let file = path.as_deref().map(read).transpose()?.unwrap_or_default();
        let data_dir = match (&flags.data_dir, &project) {
            (Some(folder), _) => folder.clone(),
            (None, Some(project)) => project.data_dir().to_owned(),
            (None, None) => return Err(ConfigError::NoHome),
        };
        Self::merge(flags, file, data_dir, path)
    }

    fn merge(
        flags: &Flags,
        file: File,
        data_dir: PathBuf,
        path: Option<PathBuf>,
    ) -> Result<Self, ConfigError> {
        let genesis = flags
            .genesis
            .clone()
            .or(file.genesis)
            .as_deref()
            .map(parse_hash)
            .transpose()?;
        let models = match flags.model_dir.is_empty() {
            true => file.models,
            false => flags
                .model_dir
                .iter()
                .map(|dir| ModelEntry {
                    dir: dir.clone(),
                    id: None,
                })
                .collect(),
        };
        let slots = flags.slots.or(file.slots).unwrap_or(1);
        if slots == 0 {
            return Err(ConfigError::Value("slots must be at least 1".into()));
        }
        let cpu_memory_percent = flags.cpu_memory_percent.or(file.cpu_memory_percent).unwrap_or(50);
        if !(1..=95).contains(&cpu_memory_percent) {
            return Err(ConfigError::Value(
                "cpu_memory_percent must lie in 1 to 95".into(),
            ));
        }
        let listen = first_given(&flags.listen, &file.listen);
        Ok(Self {
            data_dir,
            file: path,
            url: flags
                .url
                .clone()
                .or(file.url)
                .unwrap_or_else(|| DEFAULT_URL.into()),
            genesis,
            // Nothing is reachable from outside unless its owner says so.
            listen: if listen.is_empty() {
                vec![SocketAddr::from(([127, 0, 0, 1], 0))]
            } else {
                listen
            },
            advertise: first_given(&flags.advertise, &file.advertise),
            models,
            slots,
            region: flags.region.or(file.region).unwrap_or(0),
            threads: flags.threads.or(file.threads).filter(|threads| *threads > 0),
            offer_cpu: flags.offer_cpu.or(file.offer_cpu).unwrap_or(false),
            audit: flags.audit.or(file.audit).unwrap_or(true),
            library: LibrarySettings {
                fetch: flags
                    .fetch_models_for_audits
                    .or(file.fetch_models_for_audits)
                    .unwrap_or(true),
                max_bytes: flags
                    .audit_models_max_bytes
                    .or(file.audit_models_max_bytes)
                    .unwrap_or(AUDIT_MODELS_MAX_BYTES),
            },
            cpu_memory_percent,
            shutdown_grace: std::time::Duration::from_secs(file.shutdown_grace_seconds.unwrap_or(30)),
        })
    }

    /// Folder of the three keys.
    pub fn keys_dir(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// The job store.
    pub fn jobs_file(&self) -> PathBuf {
        self.data_dir.join("jobs.redb")
    }

    /// The audit store.
    pub fn audits_file(&self) -> PathBuf {
        self.data_dir.join("audits.redb")
    }

    /// The transaction queue.
    pub fn queue_file(&self) -> PathBuf {
        self.data_dir.join("transactions.redb")
    }

    /// Remembered measurements.
    pub fn hardware_file(&self) -> PathBuf {
        self.data_dir.join("hardware.json")
    }

    /// What the running daemon says of itself.
    pub fn status_file(&self) -> PathBuf {
        self.data_dir.join("status.json")
    }

    /// How devices are looked for.
    pub fn hardware_options(&self, measure_again: bool) -> crate::hardware::Options {
        crate::hardware::Options {
            offer_cpu: self.offer_cpu,
            cpu_memory_percent: self.cpu_memory_percent,
            measure_again,
        }
    }
}

fn first_given<T: Clone>(first: &[T], second: &[T]) -> Vec<T> {
    if first.is_empty() {
        second.to_vec()
    } else {
        first.to_vec()
    }
}

fn read(path: &Path) -> Result<File, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::Parse {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

fn parse_hash(text: &str) -> Result<[u8; 32], ConfigError> {
    let mut hash = [0u8; 32];
    hex::decode_to_slice(text.trim().trim_start_matches("0x"), &mut hash).map_err(|_| {
        ConfigError::Value(format!(
            "genesis `{text}` is not a hash: 0x and 64 hexadecimal digits"
        ))
    })?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(flags: &Flags, toml: &str) -> Result<Config, ConfigError> {
        let file = toml::from_str(toml).map_err(|error| ConfigError::Value(error.to_string()))?;
        Config::merge(flags, file, "/data".into(), None)
    }

    #[test]
    fn config_should_bind_to_loopback_when_nothing_is_said() {
        let config = merged(&Flags::default(), "").expect("defaults");
        assert_eq!(config.listen, ["127.0.0.1:0".parse().expect("an address")]);
        assert_eq!(config.url, DEFAULT_URL);
        assert_eq!(config.slots, 1);
    }

    #[test]
    fn config_should_prefer_flags_when_the_file_says_otherwise() {
        let flags = Flags {
            url: Some("ws://flag".into()),
            slots: Some(3),
            ..Flags::default()
        };
        let config = merged(
            &flags,
            "url = 'ws://file'\nslots = 2\nregion = 756\n[[models]]\ndir = '/m'\nid = 'smol'",
        )
        .expect("valid");
        assert_eq!(
            (config.url.as_str(), config.slots, config.region),
            ("ws://flag", 3, 756)
        );
        assert_eq!(
            config.models,
            [ModelEntry {
                dir: "/m".into(),
                id: Some("smol".into())
            }]
        );
    }

    #[test]
    fn config_should_audit_unless_flag_or_file_says_no() {
        let audits = |flag: Option<bool>, toml: &str| {
            let flags = Flags {
                audit: flag,
                ..Flags::default()
            };
            merged(&flags, toml).expect("valid").audit
        };
        assert!(audits(None, ""));
        assert!(!audits(None, "audit = false"));
        assert!(audits(Some(true), "audit = false"));
        assert!(!audits(Some(false), "audit = true"));
    }

    #[test]
    fn config_should_fetch_models_for_audits_unless_flag_or_file_says_no() {
        let library = |flags: &Flags, toml: &str| merged(flags, toml).expect("valid").library;
        let silent = Flags::default();
        let default = LibrarySettings {
            fetch: true,
            max_bytes: 50 << 30,
        };
        assert_eq!(library(&silent, ""), default);
        assert!(!library(&silent, "fetch_models_for_audits = false").fetch);
        assert_eq!(library(&silent, "audit_models_max_bytes = 5").max_bytes, 5);
        let flags = Flags {
            fetch_models_for_audits: Some(true),
            audit_models_max_bytes: Some(7),
            ..Flags::default()
        };
        let file = "fetch_models_for_audits = false\naudit_models_max_bytes = 5";
        let both = library(&flags, file);
        assert_eq!((both.fetch, both.max_bytes), (true, 7));
    }

    #[test]
    fn config_should_be_refused_when_a_key_is_misspelt_or_a_value_is_wrong() {
        assert!(merged(&Flags::default(), "slot = 2").is_err());
        assert!(merged(&Flags::default(), "slots = 0").is_err());
        assert!(merged(&Flags::default(), "genesis = '0x12'").is_err());
        assert!(merged(&Flags::default(), "cpu_memory_percent = 100").is_err());
    }
}
