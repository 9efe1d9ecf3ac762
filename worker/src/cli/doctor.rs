//! `doctor`: looks at everything that has to be right and says what to do about the rest.

use super::{config::Config, output};
use crate::{
    auditing::{
        library::shelf::{self, Shelf},
        LibrarySettings,
    },
    hardware::{self, GpuSearch, Inventory},
    models,
    status_file::{unix_seconds, StatusFile},
};
use anyhow::Result;
use clap::Args;
use ogpu_client::{
    amount,
    chain::{AtBlock, Chain, WorkerView},
    keys::WorkerKeys,
    network, AccountId, H256,
};
use serde::Serialize;
use std::{net::UdpSocket, path::Path};

/// Least balance of the hot key in planck with which a burst of reports can be paid in advance.
const LOW_BALANCE: u128 = ogpu_primitives::units::MILLI_OGPU * 10;
/// Largest difference between this machine's clock and the chain's before it is called wrong, in seconds.
const CLOCK_TOLERANCE_S: u64 = 20;

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but not as well as it could.
    Warn,
    /// No job can be done like this.
    Fail,
}

/// One line of the report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it ended.
    pub level: Level,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub cure: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Ok,
            found: found.into(),
            cure: None,
        }
    }

    fn warn(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Warn,
            found: found.into(),
            cure: Some(cure.into()),
        }
    }

    fn fail(name: &'static str, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self {
            name,
            level: Level::Fail,
            found: found.into(),
            cure: Some(cure.into()),
        }
    }
}

/// Runs all checks and prints them; false when one of them failed.
pub async fn run(arguments: &Doctor, config: &Config) -> Result<bool> {
    let daemon = StatusFile::read(&config.status_file())
        .ok()
        .flatten()
        .filter(StatusFile::is_alive);
    let mut checks = vec![settings(config)];
    let account = keys(config, &mut checks);
    checks.push(match &daemon {
        Some(status) => Check::ok(
            "daemon",
            format!("running as process {}, {}", status.pid, status.phase),
        ),
        None => Check::warn(
            "daemon",
            "not running",
            "start it: ogpu-worker run, or systemctl start ogpu-worker",
        ),
    });
    devices(config, &mut checks);
    let folders = model_folders(config, &mut checks);
    checks.push(audit_models(config));
    sockets(config, daemon.as_ref(), &mut checks);
    chain(config, account, &folders, &mut checks).await;

    let failed = checks.iter().any(|check| check.level == Level::Fail);
    if arguments.json {
        output::json(&checks)?;
    } else {
        for check in &checks {
            let mark = match check.level {
                Level::Ok => "ok  ",
                Level::Warn => "warn",
                Level::Fail => "FAIL",
            };
            output::line(&format!("{mark}  {:<10}  {}", check.name, check.found));
            if let Some(cure) = &check.cure {
                output::line(&format!("      {:<10}  → {cure}", ""));
            }
        }
    }
    Ok(!failed)
}

fn settings(config: &Config) -> Check {
    let file = config
        .file
        .as_deref()
        .map_or("no settings file".into(), |path| path.display().to_string());
    let found = format!("{file}; data in {}", config.data_dir.display());
    let probe = config.data_dir.join(".doctor");
    let writable = std::fs::create_dir_all(&config.data_dir).and_then(|()| std::fs::write(&probe, b""));
    match writable {
        Ok(()) => {
            let _ = std::fs::remove_file(probe);
            Check::ok("settings", found)
        }
        Err(error) => Check::fail(
            "settings",
            format!("{found} cannot be written: {error}"),
            "give the folder to this user, or pass another --data-dir",
        ),
    }
}

/// The worker's account, when its keys can be read.
fn keys(config: &Config, checks: &mut Vec<Check>) -> Option<AccountId> {
    let folder = config.keys_dir();
    if !folder.join("account.secret").is_file() {
        checks.push(Check::fail(
            "keys",
            format!("none in {}", folder.display()),
            "they are made by the first `ogpu-worker run` or `ogpu-worker pair`",
        ));
        return None;
    }
    match WorkerKeys::load_or_create(&folder) {
        Ok(keys) => {
            let account = keys.account.account_id();
            checks.push(match open_to_others(&folder) {
                None => Check::ok("keys", format!("account {account}, readable by their owner only")),
                Some(path) => Check::fail(
                    "keys",
                    format!("{path} can be read by others"),
                    format!("chmod 700 {0} && chmod 600 {0}/*", folder.display()),
                ),
            });
            Some(account)
        }
        Err(error) => {
            checks.push(Check::fail(
                "keys",
                error.to_string(),
                "restore the folder from your copy; a lost hot key holds no stake, pair a new one",
            ));
            None
        }
    }
}

#[cfg(unix)]
fn open_to_others(folder: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mut paths = vec![folder.to_owned()];
    paths.extend(
        std::fs::read_dir(folder)
            .ok()?
            .flatten()
            .map(|entry| entry.path()),
    );
    let open = paths.into_iter().find(|path| {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    });
    open.map(|path| path.display().to_string())
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<String> {
    None
}

fn devices(config: &Config, checks: &mut Vec<Check>) {
    let inventory = Inventory::take(&config.hardware_options(false), &config.hardware_file());
    if inventory.devices.is_empty() {
        checks.push(Check::fail(
            "device",
            "no device can be used",
            inventory.notes.join("; "),
        ));
    }
    for device in &inventory.devices {
        checks.push(Check::ok(
            "device",
            format!(
                "{:?} {}: {} MiB, {} MiB/s, {} Gmac/s, class {}",
                device.kind,
                String::from_utf8_lossy(&device.name),
                device.vram_mib,
                device.bandwidth_mib_s,
                device.throughput_gmac_s,
                device.class().0
            ),
        ));
    }
    match hardware::gpus() {
        GpuSearch::NoDriver => (),
        GpuSearch::Failed(why) => checks.push(Check::warn(
            "gpu",
            format!("the NVIDIA driver answers with an error: {why}"),
            "make `nvidia-smi` work: reinstall the driver, or load its kernel module",
        )),
        GpuSearch::Found(gpus) if cfg!(not(feature = "cuda")) && !gpus.is_empty() => {
            checks.push(Check::warn(
                "gpu",
                format!("{} present, this binary cannot use it", gpus[0].name),
                "install the CUDA build, or build with --features cuda",
            ))
        }
        GpuSearch::Found(_) => (),
    }
}

fn model_folders(config: &Config, checks: &mut Vec<Check>) -> Vec<models::LocalModel> {
    if config.models.is_empty() {
        checks.push(Check::fail(
            "models",
            "no model folder is configured",
            "pass --model-dir DIR, or set [[models]] dir = \"…\" in worker.toml; scripts/fetch-models gets some",
        ));
    }
    let mut found = Vec::new();
    for entry in &config.models {
        match models::LocalModel::read(entry, &config.data_dir) {
            Ok(local) => {
                checks.push(Check::ok("models", local.summary()));
                found.push(local);
            }
            Err(error) => checks.push(Check::fail(
                "models",
                format!("{}: {error}", entry.dir.display()),
                "fetch the folder again, or take it out of the settings",
            )),
        }
    }
    found
}

/// Whether models of other workers can be fetched for audits.
fn audit_models(config: &Config) -> Check {
    const NAME: &str = "audits";
    let LibrarySettings { fetch, max_bytes } = config.library;
    if !config.audit {
        return Check::warn(
            NAME,
            "switched off: each seat left empty counts",
            "set audit = true",
        );
    }
    if !fetch {
        return Check::warn(
            NAME,
            "models that are not served here are not fetched: their audits are missed, and not paid",
            "set fetch_models_for_audits = true",
        );
    }
    let kept = match Shelf::new(&config.data_dir).all() {
        Ok(kept) => kept,
        Err(error) => {
            return Check::fail(
                NAME,
                format!("the models that were fetched cannot be read: {error}"),
                "give the data folder to this user",
            )
        }
    };
    let kept_bytes = shelf::total_bytes(&kept);
    let found = format!(
        "{} models fetched, {} of {} MiB",
        kept.len(),
        kept_bytes >> 20,
        max_bytes >> 20
    );
    // A disk that cannot be asked says so when it is written to.
    let free = fs4::available_space(&config.data_dir).unwrap_or(u64::MAX);
    match free.saturating_add(kept_bytes) < max_bytes.saturating_add(shelf::RESERVE_BYTES) {
        true => Check::warn(
            NAME,
            format!(
                "{found}; {} MiB are free on the disk, of which {} stay free for jobs",
                free >> 20,
                shelf::RESERVE_BYTES >> 20
            ),
            "free some space, or lower audit_models_max_bytes",
        ),
        false => Check::ok(NAME, found),
    }
}

fn sockets(config: &Config, daemon: Option<&StatusFile>, checks: &mut Vec<Check>) {
    match daemon {
        // A daemon that is still starting has bound nothing yet.
        Some(status) if !status.listening.is_empty() => checks.push(Check::ok(
            "network",
            format!("UDP {}", status.listening.join(", ")),
        )),
        _ => {
            for address in &config.listen {
                checks.push(match UdpSocket::bind(address) {
                    Ok(_) => Check::ok("network", format!("UDP {address} can be bound")),
                    Err(error) => Check::fail(
                        "network",
                        format!("UDP {address} cannot be bound: {error}"),
                        "free the port, or choose another --listen",
                    ),
                });
            }
        }
    }
    if config.advertise.is_empty() && config.listen.iter().all(|address| address.ip().is_loopback()) {
        checks.push(Check::warn(
            "network",
            "only programs on this machine can reach the worker",
            "for other clients: --listen 0.0.0.0:PORT, and behind a router forward that UDP port and pass \
             --advertise PUBLIC_IP:PORT",
        ));
    }
}

async fn chain(
    config: &Config,
    account: Option<AccountId>,
    folders: &[models::LocalModel],
    checks: &mut Vec<Check>,
) {
    let chain = match Chain::connect(&config.url, config.genesis.map(Into::into)).await {
        Ok(chain) => chain,
        Err(error) => {
            checks.push(Check::fail(
                "node",
                error.to_string(),
                "check --url and --genesis",
            ));
            return;
        }
    };
    let at = match chain.best().await {
        Ok(at) => at,
        Err(error) => {
            checks.push(Check::fail("node", error.to_string(), "look at the node's log"));
            return;
        }
    };
    checks.push(Check::ok(
        "node",
        format!(
            "{} at block {}, genesis {:?}",
            config.url,
            at.block_number(),
            chain.genesis()
        ),
    ));
    if let Some(check) = folder_network(&config.data_dir, chain.genesis()) {
        checks.push(check);
    }
    clock(&chain, &at, checks).await;
    let Some(account) = account else { return };
    balance(&chain, &at, &account, checks).await;
    let worker = match chain.worker(&at, &account).await {
        Ok(Some(worker)) => worker,
        Ok(None) => {
            checks.push(Check::fail(
                "pairing",
                "the account is not paired with an owner",
                "ogpu-worker pair --owner OWNER, then the owner runs the command that it prints",
            ));
            return;
        }
        Err(error) => {
            checks.push(Check::fail(
                "pairing",
                error.to_string(),
                "look at the node's log",
            ));
            return;
        }
    };
    registered(&worker, checks);
    served(&chain, &at, &worker, folders, checks).await;
}

/// Whether what is kept here is of the node's network; nothing is kept before the first start.
fn folder_network(folder: &Path, genesis: H256) -> Option<Check> {
    let problem = match network::bound_to(folder) {
        Ok(None) => return None,
        Ok(Some(bound)) if bound == genesis => {
            return Some(Check::ok("data", "of the node's network"));
        }
        Ok(Some(bound)) => format!("of another network: genesis {bound:?}"),
        Err(error) => error.to_string(),
    };
    Some(Check::fail(
        "data",
        problem,
        "give the --url of a node of that network, or pass another --data-dir",
    ))
}

async fn clock(chain: &Chain, at: &AtBlock, checks: &mut Vec<Check>) {
    match chain.timestamp_ms(at).await {
        Ok(milliseconds) => {
            let difference = unix_seconds().abs_diff(milliseconds / 1_000);
            checks.push(if difference <= CLOCK_TOLERANCE_S {
                Check::ok("clock", format!("{difference} s from the best block's"))
            } else {
                Check::warn(
                    "clock",
                    format!("{difference} s from the best block's"),
                    "set this machine's clock (systemd-timesyncd), or wait until the node has caught up",
                )
            });
        }
        Err(error) => checks.push(Check::warn("clock", error.to_string(), "look at the node's log")),
    }
}

async fn balance(chain: &Chain, at: &AtBlock, account: &AccountId, checks: &mut Vec<Check>) {
    match chain.balance(at, account).await {
        Ok(balance) => {
            let found = format!("{} OGPU on the hot key", amount::format(balance.free));
            checks.push(if balance.free >= LOW_BALANCE {
                Check::ok("balance", found)
            } else {
                Check::warn(
                    "balance",
                    found,
                    "pairing funds it and earnings top it up; the owner can send more with top_up",
                )
            });
        }
        Err(error) => checks.push(Check::fail(
            "balance",
            error.to_string(),
            "look at the node's log",
        )),
    }
}

fn registered(worker: &WorkerView, checks: &mut Vec<Check>) {
    checks.push(Check::ok(
        "pairing",
        format!(
            "owner {}, {} OGPU allotted, {:?}",
            worker.owner,
            amount::format(worker.allotted),
            worker.status
        ),
    ));
    checks.push(match &worker.profile {
        Some(profile) => Check::ok(
            "profile",
            format!(
                "class {}, {} slots, region {}",
                profile.class().0,
                profile.slots,
                profile.region
            ),
        ),
        None => Check::fail(
            "profile",
            "not registered",
            "it is registered by `ogpu-worker run`",
        ),
    });
    checks.push(match &worker.idle {
        None => Check::ok("matching", "can be given jobs"),
        Some(reason) => Check::warn("matching", format!("gets no jobs: {reason}"), "see the reason"),
    });
}

async fn served(
    chain: &Chain,
    at: &AtBlock,
    worker: &WorkerView,
    folders: &[models::LocalModel],
    checks: &mut Vec<Check>,
) {
    let registered = match chain.models(at, models::MAX_REGISTERED).await {
        Ok(registered) => registered,
        Err(error) => {
            checks.push(Check::fail(
                "serving",
                error.to_string(),
                "look at the node's log",
            ));
            return;
        }
    };
    for local in folders {
        match local.matching(&registered) {
            Ok((id, model)) => {
                let name = String::from_utf8_lossy(&model.spec.name).into_owned();
                checks.push(if worker.models.contains(&id) {
                    Check::ok("serving", format!("{name} ({id:?})"))
                } else {
                    Check::warn(
                        "serving",
                        format!("{name} is not declared on chain yet"),
                        "`ogpu-worker run` declares it",
                    )
                });
            }
            Err(error) => checks.push(Check::fail(
                "serving",
                error.to_string(),
                "register it with `ogpu models register --dir DIR`, or use the files of a registered model",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn open_to_others_should_name_the_file_when_its_mode_is_too_wide() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let keys = folder.path().join("keys");
        WorkerKeys::load_or_create(&keys).expect("new keys");
        assert_eq!(open_to_others(&keys), None);
        let file = keys.join("transport.secret");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("allowed");
        assert_eq!(open_to_others(&keys), Some(file.display().to_string()));
    }

    #[test]
    fn audit_models_should_say_what_is_kept_and_warn_when_nothing_is_fetched() {
        let folder = tempfile::tempdir().expect("a folder");
        let flags = super::super::config::Flags {
            data_dir: Some(folder.path().into()),
            config: Some(folder.path().join("worker.toml")),
            audit_models_max_bytes: Some(8 << 20),
            ..Default::default()
        };
        std::fs::write(folder.path().join("worker.toml"), "").expect("written");
        let mut config = Config::load(&flags).expect("settings");
        let kept = folder.path().join("audit-models").join("11".repeat(32));
        std::fs::create_dir_all(&kept).expect("made");
        std::fs::write(kept.join("model.gguf"), vec![0; 3 << 20]).expect("written");
        let check = audit_models(&config);
        assert_eq!(
            (check.level, check.found.as_str()),
            (Level::Ok, "1 models fetched, 3 of 8 MiB")
        );
        config.library.max_bytes = u64::MAX;
        assert_eq!(audit_models(&config).level, Level::Warn, "no disk is so large");
        // The disk has room for it, but not for what stays free beside it.
        let free = fs4::available_space(folder.path()).expect("a disk");
        config.library.max_bytes = free.saturating_sub(1 << 30);
        assert_eq!(audit_models(&config).level, Level::Warn, "no reserve is left");
        config.library.fetch = false;
        let check = audit_models(&config);
        assert_eq!(check.level, Level::Warn);
        assert!(check.found.contains("not fetched"), "{}", check.found);
    }

    #[test]
    fn levels_should_be_ordered_by_how_bad_they_are() {
        assert!(Level::Ok < Level::Warn && Level::Warn < Level::Fail);
    }
}
