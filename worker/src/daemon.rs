//! The daemon: from settings to serving, and back down in order.

use crate::{
    chain::{
        follow::{self, Seen},
        register::{self, RegisterError},
        reports::QueuedReports,
    },
    cli::config::Config,
    engine::{DeviceChoice, Engine, EngineSpec},
    hardware::Inventory,
    jobs::{crash, Compute, JobStore, Manager, ManagerHandle, Pace, State},
    models::{self, LocalModel},
    shutdown,
    status_file::{unix_seconds, AttemptStatus, ServedModel, StatusBoard, StatusFile, WRITE_EVERY},
    transport::{self, WorkerService},
};
use anyhow::{bail, Context, Result};
use ogpu_client::{
    chain::Chain,
    keys::{create_private_dir, WorkerKeys},
    network,
    transport::{from_socket_addr, JobServer},
    tx_queue::{ChainBackend, TxQueue},
};
use ogpu_primitives::{Costs, Device, ModelId, NetworkProfile, WorkerProfile};
use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::sync::{watch, Notify};

/// Pause between two tries to reach a node that does not answer.
const NODE_PAUSE: Duration = Duration::from_secs(3);
/// Time that transactions get to be sent after the last job has ended.
const QUEUE_GRACE: Duration = Duration::from_secs(10);

/// Runs the worker until `shutdown` becomes true.
pub async fn run(config: Config, shutdown: watch::Receiver<bool>) -> Result<()> {
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
    let status = StatusFile {
        pid: std::process::id(),
        started_at: unix_seconds(),
        account: account.to_string(),
        url: config.url.clone(),
        phase: "measuring this machine".into(),
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
    let loaded = load_models(&config, &chain).await?;
    board.update(|status| status.models = loaded.served);

    let backend = Arc::new(ChainBackend::new(chain.clone(), Arc::new(keys.account.clone())));
    let (queue, queue_task) = TxQueue::open(&config.queue_file(), backend)?;
    let compute = Compute::new(
        chain.genesis(),
        account.0,
        keys.encryption.clone(),
        loaded.engines,
    );
    let (manager, handle) = Manager::new(
        store.clone(),
        Arc::new(QueuedReports::new(queue.clone())),
        Arc::new(compute),
        Pace::new(&inventory.devices, loaded.costs),
        usize::from(config.slots),
    )?;

    let look_now = Arc::new(Notify::new());
    let service = WorkerService::new(
        chain.genesis(),
        keys.encryption.clone(),
        handle.clone(),
        look_now.clone(),
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
            failed = serve(&board, &handle, &store, watch_seen, managing, shutdown)
                .await
                .err();
        }
        Err(RegisterError::Stopped) => join(managing).await?,
        Err(error) => failed = Some(error.into()),
    }

    tracing::info!("stopping: no new inputs; unfinished jobs go on after the next start");
    server.shutdown().await;
    following.abort();
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

/// Shows the daemon's progress in its status until the manager has ended.
async fn serve(
    board: &StatusBoard,
    handle: &ManagerHandle,
    store: &JobStore,
    mut seen: watch::Receiver<Seen>,
    mut managing: tokio::task::JoinHandle<Result<(), crate::jobs::StoreError>>,
    shutdown: watch::Receiver<bool>,
) -> Result<()> {
    let mut attempts = handle.attempts();
    loop {
        let now = *seen.borrow_and_update();
        let open = attempts
            .borrow_and_update()
            .iter()
            .map(|(work, state)| AttemptStatus {
                job: format!("{:?}", work.job),
                attempt: work.attempt,
                state: *state,
            })
            .collect();
        let records = store.all()?;
        let count =
            |counts: fn(&State) -> bool| records.iter().filter(|record| counts(&record.state)).count();
        board.update(|status| {
            status.best_block = u32::try_from(now.block).unwrap_or(u32::MAX);
            status.tick = now.tick;
            if *shutdown.borrow() {
                status.phase = "stopping".into();
            }
            status.attempts = open;
            status.settled = count(|state| *state == State::Done);
            status.abandoned = count(|state| matches!(state, State::Abandoned(_)));
        });
        tokio::select! {
            ended = &mut managing => {
                return ended.context("the job manager panicked")?.context("the job store failed");
            }
            _ = seen.changed() => (),
            _ = attempts.changed() => (),
            () = tokio::time::sleep(WRITE_EVERY) => (),
        }
        // Several changes come at once when a block comes in; one line is enough.
        tokio::time::sleep(Duration::from_millis(100)).await;
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

/// Models that are ready to run.
struct Loaded {
    engines: HashMap<ModelId, Arc<Engine>>,
    ids: BTreeSet<ModelId>,
    costs: HashMap<ModelId, Costs>,
    served: Vec<ServedModel>,
}

/// There is nothing to serve.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
#[error("no model folder is configured: pass --model-dir DIR, or set [[models]] in worker.toml")]
pub struct NoModels;

async fn load_models(config: &Config, chain: &Chain) -> Result<Loaded> {
    let registered = chain.models(&chain.best().await?, models::MAX_REGISTERED).await?;
    let (mut engines, mut ids, mut served) = (HashMap::new(), BTreeSet::new(), Vec::new());
    let mut costs = HashMap::new();
    for entry in &config.models {
        tracing::info!(dir = %entry.dir.display(), "verifying model files");
        let (entry, data_dir) = (entry.clone(), config.data_dir.clone());
        let local = tokio::task::spawn_blocking(move || LocalModel::read(&entry, &data_dir)).await??;
        let (id, model) = local.matching(&registered)?;
        let spec = EngineSpec {
            kind: model.spec.kind,
            profile: model.spec.profile,
            context_tokens: model.spec.context_tokens,
        };
        let (name, dir) = (models::name(model), local.dir.clone());
        tracing::info!(%name, ?id, profile = ?spec.profile, "loading");
        let engine = tokio::task::spawn_blocking(move || Engine::load(&dir, &spec, DeviceChoice::Auto))
            .await?
            .with_context(|| format!("loading {name} from {}", local.dir.display()))?;
        served.push(ServedModel {
            id: format!("{id:?}"),
            name,
            dir: local.dir.display().to_string(),
        });
        engines.insert(id, Arc::new(engine));
        costs.insert(id, model.spec.costs);
        ids.insert(id);
    }
    Ok(Loaded {
        engines,
        ids,
        costs,
        served,
    })
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
