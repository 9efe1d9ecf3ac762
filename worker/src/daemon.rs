//! The daemon: from settings to serving, and back down in order.

mod loading;
mod serving;

pub use loading::NoModels;

use crate::{
    auditing::{self, AuditStore, Folders},
    chain::{
        duties::Duties,
        follow::{self, Seen},
        register::{self, RegisterError},
        reports::QueuedReports,
        whitening::Whitening,
    },
    cli::config::Config,
    engine::Load,
    hardware::Inventory,
    jobs::{crash, Compute, JobStore, Manager, Pace},
    proving::Prover,
    shutdown,
    status_file::{unix_seconds, StatusBoard, StatusFile},
    transport::{self, Identity, WorkerService},
};
use anyhow::{bail, Context, Result};
use loading::load_models;
use ogpu_client::{
    chain::Chain,
    keys::{create_private_dir, WorkerKeys},
    network,
    transport::{from_socket_addr, JobServer},
    tx_queue::{ChainBackend, TxQueue},
};
use ogpu_primitives::{Device, NetworkProfile, WorkerProfile};
use serving::{serve, Watched};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::sync::{watch, Notify};

/// Pause between two tries to reach a node that does not answer.
const NODE_PAUSE: Duration = Duration::from_secs(3);
/// Time that transactions get to be sent after the last job has ended.
const QUEUE_GRACE: Duration = Duration::from_secs(10);
/// Time that the auditor gets to stop; its seats go on after the next start.
const AUDIT_GRACE: Duration = Duration::from_secs(5);

/// Runs the worker with engines that `load` gives until `shutdown` becomes true.
pub async fn run(config: Config, shutdown: watch::Receiver<bool>, load: Load) -> Result<()> {
    crash::check_environment().map_err(anyhow::Error::msg)?;
    // Before the minutes that measuring, connecting and hashing can take.
    if config.models.is_empty() {
        bail!(NoModels);
    }
    create_private_dir(&config.data_dir)
        .with_context(|| format!("making the data folder {}", config.data_dir.display()))?;
    let keys = WorkerKeys::load_or_create(&config.keys_dir()).context("reading or making the keys")?;
    let account = keys.account.account_id();
    tracing::info!(%account, data = %config.data_dir.display(), "worker");

    // Opened first: two daemons with one folder must not get as far as the chain, and the status file is the
    // other one's.
    let store = JobStore::open(&config.jobs_file())?;
    let audits = AuditStore::open(&config.audits_file())?;
    let audit_status = auditing::Status {
        on: config.audit,
        ..auditing::Status::default()
    };
    let status = StatusFile {
        pid: std::process::id(),
        started_at: unix_seconds(),
        account: account.to_string(),
        url: config.url.clone(),
        phase: "measuring this machine".into(),
        auditing: audit_status.clone(),
        ..StatusFile::default()
    };
    let board = StatusBoard::start(status, config.status_file());

    let inventory = measure(&config)?;
    board.phase("connecting to the node");
    let Some(chain) = connect(&config, shutdown.clone()).await? else {
        return Ok(());
    };
    // Before anything that is kept from an earlier start can be sent.
    network::bind(&config.data_dir, chain.genesis())?;

    board.phase("waiting to be paired");
    let waited = register::wait_until_paired(&chain, &account, shutdown.clone(), |say| {
        if say {
            tracing::warn!(
                "not paired: an owner has to take this worker. Run `ogpu-worker pair --owner OWNER --data-dir {}`; \
                 the owner then runs the command that it prints",
                config.data_dir.display()
            );
        }
    });
    let on_chain = match waited.await {
        Ok(view) => view,
        Err(RegisterError::Stopped) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    tracing::info!(owner = %on_chain.owner, "paired");

    board.phase("loading models");
    let whitening = Whitening::new(chain.clone());
    let loaded = load_models(&config, &chain, &whitening, load).await?;
    board.update(|status| status.models = loaded.served);

    let backend = Arc::new(ChainBackend::new(chain.clone(), Arc::new(keys.account.clone())));
    let (queue, queue_task) = TxQueue::open(&config.queue_file(), backend)?;
    let compute = Compute::new(
        chain.genesis(),
        account.0,
        keys.encryption.clone(),
        loaded.engines.clone(),
        Arc::new(whitening.clone()),
    );
    let (manager, handle) = Manager::new(
        store.clone(),
        Arc::new(QueuedReports::new(queue.clone())),
        Arc::new(compute),
        Pace::new(&inventory.devices, loaded.costs),
        usize::from(config.slots),
    )?;

    let look_now = Arc::new(Notify::new());
    let (tell_duties, duties) = Duties::channel();
    let identity = Identity {
        genesis: chain.genesis(),
        account: keys.account.clone(),
        encryption: keys.encryption.clone(),
    };
    let service = WorkerService::new(
        identity,
        handle.clone(),
        look_now.clone(),
        duties.clone(),
        Arc::new(chain.clone()),
    );
    let ports = config.data_dir.join("ports.json");
    let listen = transport::ports::recall(&config.listen, &ports);
    let server = JobServer::bind(keys.transport.clone(), &listen, Arc::new(service)).await?;
    transport::ports::remember(&server.bound_sockets(), &ports);
    let addresses = if config.advertise.is_empty() {
        server.local_addresses()
    } else {
        config.advertise.clone()
    };
    let listening: Vec<String> = server.bound_sockets().iter().map(ToString::to_string).collect();
    tracing::info!(?listening, published = ?addresses, "reachable for clients");
    board.update(|status| status.listening = listening);

    // The manager and the follower run before the registration: after a restart there may be jobs to finish,
    // and they do not wait for a profile.
    let (seen, watch_seen) = watch::channel(Seen::default());
    let managing = tokio::spawn(manager.run(shutdown.clone(), config.shutdown_grace));
    let following = tokio::spawn(follow::follow(
        chain.clone(),
        account,
        handle.clone(),
        look_now,
        seen,
        tell_duties,
        shutdown.clone(),
    ));
    let prover = Prover::new(chain.genesis(), account, handle.clone(), queue.clone());
    let proving = tokio::spawn(prover.run(duties.clone(), shutdown.clone()));
    let (tell_audits, watch_audits) = watch::channel(audit_status);
    let mut auditing = tokio::spawn(audit(
        config.audit.then(|| auditing::Setup {
            store: audits,
            chain: chain.clone(),
            queue: queue.clone(),
            account,
            encryption: keys.encryption.clone(),
            served: loaded.engines,
            folders: Folders::new(config.models.clone(), config.data_dir.clone()),
            library: config.library,
            tables: Arc::new(whitening),
            duties: duties.clone(),
            status: tell_audits,
        }),
        shutdown.clone(),
    ));

    board.phase("registering");
    let profile = profile(
        &config,
        inventory.devices,
        &keys,
        server.transport_key(),
        &addresses,
    )?;
    let registering = register::bring_up_to_date(&queue, &on_chain, &profile, &loaded.ids);
    let mut stopping = shutdown.clone();
    let registered = tokio::select! {
        registered = registering => registered,
        () = shutdown::told(&mut stopping) => Err(RegisterError::Stopped),
    };
    let mut failed = None;
    match registered {
        Ok(()) => {
            board.phase("serving");
            tracing::info!(models = loaded.ids.len(), slots = config.slots, "serving");
            let watched = Watched {
                account,
                seen: watch_seen,
                duties,
                auditing: watch_audits,
                shutdown,
            };
            failed = serve(&board, &handle, &store, watched, managing).await.err();
        }
        Err(RegisterError::Stopped) => join(managing).await?,
        Err(error) => failed = Some(error.into()),
    }

    tracing::info!("stopping: no new inputs; unfinished jobs go on after the next start");
    server.shutdown().await;
    following.abort();
    proving.abort();
    let _ = tokio::time::timeout(AUDIT_GRACE, &mut auditing).await;
    auditing.abort();
    drain(&queue).await;
    queue.shut_down();
    if tokio::time::timeout(Duration::from_secs(5), queue_task)
        .await
        .is_err()
    {
        tracing::warn!("the transaction queue did not stop in time; it is kept on disk");
    }
    failed.map_or(Ok(()), Err)
}

/// Works as an auditor where that is wanted. Jobs go on without it: a disk that fails here will fail there as well
/// when it has to.
async fn audit(setup: Option<auditing::Setup>, shutdown: watch::Receiver<bool>) {
    let Some(setup) = setup else {
        tracing::warn!("audits are switched off: each seat that this worker is drawn for counts against it");
        return;
    };
    if let Err(error) = auditing::run(setup, shutdown).await {
        tracing::error!(%error, "auditing ended; seats are missed until the daemon is started again");
    }
}

async fn join(managing: tokio::task::JoinHandle<Result<(), crate::jobs::StoreError>>) -> Result<()> {
    managing
        .await
        .context("the job manager panicked")?
        .context("the job store failed")
}

/// Lets the queue send what the last jobs left in it.
async fn drain(queue: &TxQueue) {
    let end = tokio::time::Instant::now() + QUEUE_GRACE;
    while tokio::time::Instant::now() < end {
        let waiting = queue.unfinished().map(|requests| {
            let sent = |state: &_| matches!(state, ogpu_client::tx_queue::SubmissionState::Sent { .. });
            requests
                .iter()
                .filter(|(_, request)| !sent(&request.state))
                .count()
        });
        if !matches!(waiting, Ok(1..)) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn measure(config: &Config) -> Result<Inventory> {
    tracing::info!("looking at this machine's devices");
    let inventory = Inventory::take(&config.hardware_options(false), &config.hardware_file());
    for note in &inventory.notes {
        tracing::info!("{note}");
    }
    for device in &inventory.devices {
        tracing::info!(
            kind = ?device.kind,
            name = %String::from_utf8_lossy(&device.name),
            memory_mib = device.vram_mib,
            bandwidth_mib_s = device.bandwidth_mib_s,
            gmac_s = device.throughput_gmac_s,
            class = device.class().0,
            "device"
        );
    }
    if inventory.devices.is_empty() {
        bail!("no device can be used: {}", inventory.notes.join("; "));
    }
    Ok(inventory)
}

/// Waits for a node that does not answer; a wrong node is an error at once. `None` when told to stop.
async fn connect(config: &Config, mut closing: watch::Receiver<bool>) -> Result<Option<Chain>> {
    loop {
        match Chain::connect(&config.url, config.genesis.map(Into::into)).await {
            Ok(chain) => {
                tracing::info!(url = config.url, genesis = ?chain.genesis(), "connected");
                return Ok(Some(chain));
            }
            Err(error) if error.is_passing() => tracing::warn!(%error, "trying again"),
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            () = shutdown::told(&mut closing) => return Ok(None),
            () = tokio::time::sleep(NODE_PAUSE) => (),
        }
    }
}

fn profile(
    config: &Config,
    devices: Vec<Device>,
    keys: &WorkerKeys,
    transport_key: [u8; 32],
    addresses: &[SocketAddr],
) -> Result<WorkerProfile> {
    let (devices, addresses): (Vec<_>, Vec<_>) = (
        devices
            .into_iter()
            .take(ogpu_primitives::device::MAX_DEVICES as usize)
            .collect(),
        addresses.iter().map(from_socket_addr).take(8).collect(),
    );
    Ok(WorkerProfile {
        devices: devices
            .try_into()
            .map_err(|_| anyhow::anyhow!("too many devices"))?,
        network: NetworkProfile {
            transport_key,
            encryption_key: keys.encryption.public(),
            addresses: addresses
                .try_into()
                .map_err(|_| anyhow::anyhow!("too many addresses"))?,
            relays: Default::default(),
        },
        region: config.region,
        slots: config.slots,
    })
}
