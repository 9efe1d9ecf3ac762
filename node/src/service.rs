//! Assembles the node: client, pool, BABE, GRANDPA, network, RPC.

use crate::{block::Block, cli::Cli, rpc};
use futures::prelude::*;
use ogpu_runtime::{Hash, RuntimeApi};
use sc_client_api::BlockBackend;
use sc_consensus_babe::SlotProportion;
use sc_consensus_grandpa as grandpa;
use sc_network::{Event, NetworkBackend, NetworkEventStream};
use sc_network_sync::strategy::warp::WarpSyncConfig;
use sc_service::{config::Configuration, error::Error as ServiceError, TaskManager};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::SlotDuration;
use std::{path::Path, sync::Arc, time::Duration};

/// Executes the runtime's wasm.
pub type Executor = sc_executor::WasmExecutor<sp_io::SubstrateHostFunctions>;
/// The client.
pub type FullClient = sc_service::TFullClient<Block, RuntimeApi, Executor>;
/// The database.
pub type FullBackend = sc_service::TFullBackend<Block>;
/// How the best chain is chosen.
pub type FullSelectChain = sc_consensus::LongestChain<FullBackend, Block>;
/// The transaction pool.
pub type TransactionPool = sc_transaction_pool::TransactionPoolHandle<Block, FullClient>;

type GrandpaBlockImport = grandpa::GrandpaBlockImport<FullBackend, Block, FullClient, FullSelectChain>;
type BabeBlockImport = sc_consensus_babe::BabeBlockImport<
    Block,
    FullClient,
    GrandpaBlockImport,
    InherentProviders,
    FullSelectChain,
>;

/// Blocks between two stored justifications; changes of the validator set always have one.
const JUSTIFICATION_PERIOD_BLOCKS: u32 = 512;

/// Time for votes to spread. The default of 333 ms gives finality in 3.4 s at the median on four validators,
/// 150 ms gives 2.6 s.
const GOSSIP_DURATION: Duration = Duration::from_millis(150);

/// Time and slot of a block about to be made or checked.
#[derive(Clone, Copy)]
pub struct InherentProviders {
    slot_duration: SlotDuration,
}

#[async_trait::async_trait]
impl sp_inherents::CreateInherentDataProviders<Block, ()> for InherentProviders {
    type InherentDataProviders = (
        sp_consensus_babe::inherents::InherentDataProvider,
        sp_timestamp::InherentDataProvider,
    );

    async fn create_inherent_data_providers(
        &self,
        _parent: Hash,
        _extra: (),
    ) -> Result<Self::InherentDataProviders, Box<dyn std::error::Error + Send + Sync>> {
        let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
        let slot = sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
            *timestamp,
            self.slot_duration,
        );
        Ok((slot, timestamp))
    }
}

/// What `new_full` needs besides the usual parts.
pub struct ConsensusParts {
    block_import: BabeBlockImport,
    grandpa_link: grandpa::LinkHalf<Block, FullClient, FullSelectChain>,
    babe_link: sc_consensus_babe::BabeLink<Block>,
    babe_worker: sc_consensus_babe::BabeWorkerHandle<Block>,
    inherents: InherentProviders,
    telemetry: Option<Telemetry>,
}

/// The parts of a node without network: what the offline commands need.
pub type Partial = sc_service::PartialComponents<
    FullClient,
    FullBackend,
    FullSelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    TransactionPool,
    ConsensusParts,
>;

/// Opens the database and sets up block import.
pub fn new_partial(config: &Configuration) -> Result<Partial, ServiceError> {
    let telemetry = config
        .telemetry_endpoints
        .clone()
        .filter(|endpoints| !endpoints.is_empty())
        .map(|endpoints| -> Result<_, sc_telemetry::Error> {
            let worker = TelemetryWorker::new(16)?;
            let telemetry = worker.handle().new_telemetry(endpoints);
            Ok((worker, telemetry))
        })
        .transpose()?;

    let executor = sc_service::new_wasm_executor(&config.executor);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            vec![],
        )?;
    let client = Arc::new(client);

    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager.spawn_handle().spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = sc_consensus::LongestChain::new(backend.clone());
    let transaction_pool = Arc::from(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (grandpa_import, grandpa_link) = grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD_BLOCKS,
        &(client.clone() as Arc<_>),
        select_chain.clone(),
        telemetry.as_ref().map(|telemetry| telemetry.handle()),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let inherents = InherentProviders { slot_duration };
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        inherents,
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) =
        sc_consensus_babe::import_queue(sc_consensus_babe::ImportQueueParams {
            link: babe_link.clone(),
            block_import: block_import.clone(),
            justification_import: Some(Box::new(grandpa_import)),
            client: client.clone(),
            slot_duration,
            spawner: &task_manager.spawn_essential_handle(),
            registry: config.prometheus_registry(),
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
        })?;

    Ok(sc_service::PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other: ConsensusParts {
            block_import,
            grandpa_link,
            babe_link,
            babe_worker,
            inherents,
            telemetry,
        },
    })
}

/// Starts a full node or validator on one network backend.
fn start<N: NetworkBackend<Block, Hash>>(
    config: Configuration,
    no_hardware_benchmarks: bool,
) -> Result<TaskManager, ServiceError> {
    let role = config.role;
    let force_authoring = config.force_authoring;
    let name = config.network.node_name.clone();
    let enable_grandpa = !config.disable_grandpa;
    let prometheus = config.prometheus_registry().cloned();
    let publish_non_global_ips = config.network.allow_non_globals_in_dht;
    let public_addresses = config.network.public_addresses.clone();
    let chain_spec = config.chain_spec.cloned_box();

    let hardware = (!no_hardware_benchmarks).then(|| {
        let folder = config.database.path();
        // The disk is measured where the chain will lie; on a first start that folder is not there yet.
        if let Some(Err(error)) = folder.map(std::fs::create_dir_all) {
            log::warn!("The disk cannot be measured: {error}");
        }
        sc_sysinfo::gather_hwbench(folder, &crate::benchmark_machine::requirements())
    });

    let sc_service::PartialComponents {
        client,
        backend,
        mut task_manager,
        import_queue,
        keystore_container,
        select_chain,
        transaction_pool,
        other:
            ConsensusParts {
                block_import,
                grandpa_link,
                babe_link,
                babe_worker,
                inherents,
                mut telemetry,
            },
    } = new_partial(&config)?;

    let metrics = N::register_notification_metrics(prometheus.as_ref());
    let mut net_config = sc_network::config::FullNetworkConfiguration::<Block, Hash, N>::new(
        &config.network,
        prometheus.clone(),
    );
    let genesis_hash = client
        .block_hash(0)?
        .ok_or_else(|| ServiceError::Other("the database has no genesis block".into()))?;
    let grandpa_protocol = grandpa::protocol_standard_name(&genesis_hash, &config.chain_spec);
    let (grandpa_protocol_config, grandpa_notifications) = grandpa::grandpa_peers_set_config::<_, N>(
        grandpa_protocol.clone(),
        metrics.clone(),
        net_config.peer_store_handle(),
    );
    net_config.add_notification_protocol(grandpa_protocol_config);

    let warp_sync = Arc::new(grandpa::warp_proof::NetworkProvider::new(
        backend.clone(),
        grandpa_link.shared_authority_set().clone(),
        Vec::new(),
    ));
    let (network, system_rpc_tx, tx_handler_controller, sync_service, _bitswap) =
        sc_service::build_network(sc_service::BuildNetworkParams {
            config: &config,
            net_config,
            client: client.clone(),
            transaction_pool: transaction_pool.clone(),
            spawn_handle: task_manager.spawn_handle(),
            spawn_essential_handle: task_manager.spawn_essential_handle(),
            import_queue,
            block_announce_validator_builder: None,
            warp_sync_config: Some(WarpSyncConfig::WithProvider(warp_sync)),
            block_relay: None,
            metrics,
            gap_sync_body_policy: None,
        })?;

    let voter_state = grandpa::SharedVoterState::empty();
    let rpc_builder = {
        let client = client.clone();
        let pool = transaction_pool.clone();
        let select_chain = select_chain.clone();
        let keystore = keystore_container.keystore();
        let voter_state = voter_state.clone();
        let authority_set = grandpa_link.shared_authority_set().clone();
        let justifications = grandpa_link.justification_stream();
        let finality_proofs =
            grandpa::FinalityProofProvider::new_for_service(backend.clone(), Some(authority_set.clone()));
        Box::new(move |executor| {
            rpc::create(rpc::Deps {
                client: client.clone(),
                pool: pool.clone(),
                select_chain: select_chain.clone(),
                chain_spec: chain_spec.cloned_box(),
                keystore: keystore.clone(),
                babe_worker: babe_worker.clone(),
                voter_state: voter_state.clone(),
                authority_set: authority_set.clone(),
                justifications: justifications.clone(),
                finality_proofs: finality_proofs.clone(),
                executor,
            })
            .map_err(Into::into)
        })
    };
    sc_service::spawn_tasks(sc_service::SpawnTasksParams {
        config,
        backend: backend.clone(),
        client: client.clone(),
        keystore: keystore_container.keystore(),
        network: network.clone(),
        rpc_builder,
        transaction_pool: transaction_pool.clone(),
        task_manager: &mut task_manager,
        system_rpc_tx,
        tx_handler_controller,
        sync_service: sync_service.clone(),
        telemetry: telemetry.as_mut(),
        tracing_execute_block: None,
    })?;

    if let Some(hardware) = hardware {
        sc_sysinfo::print_hwbench(&hardware);
        if let (true, Err(error)) = (
            role.is_authority(),
            crate::benchmark_machine::requirements().check_hardware(&hardware, false),
        ) {
            log::warn!("⚠️  This machine is below what validators need: {error}");
        }
    }

    if role.is_authority() {
        let proposer = sc_basic_authorship::ProposerFactory::new(
            task_manager.spawn_handle(),
            client.clone(),
            transaction_pool.clone(),
            prometheus.as_ref(),
            telemetry.as_ref().map(|telemetry| telemetry.handle()),
        );
        let babe = sc_consensus_babe::start_babe(sc_consensus_babe::BabeParams {
            keystore: keystore_container.keystore(),
            client: client.clone(),
            select_chain,
            env: proposer,
            block_import,
            sync_oracle: sync_service.clone(),
            justification_sync_link: sync_service.clone(),
            create_inherent_data_providers: inherents,
            force_authoring,
            backoff_authoring_blocks: Some(
                sc_consensus_slots::BackoffAuthoringOnFinalizedHeadLagging::default(),
            ),
            babe_link,
            block_proposal_slot_portion: SlotProportion::new(0.5),
            max_block_proposal_slot_portion: None,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("babe-proposer", Some("block-authoring"), babe);

        let dht_events = network
            .event_stream("authority-discovery")
            .filter_map(|event| async move {
                match event {
                    Event::Dht(event) => Some(event),
                    _ => None,
                }
            });
        let (authority_discovery, _service) = sc_authority_discovery::new_worker_and_service_with_config(
            sc_authority_discovery::WorkerConfig {
                publish_non_global_ips,
                public_addresses,
                ..Default::default()
            },
            client.clone(),
            Arc::new(network.clone()),
            Box::pin(dht_events),
            sc_authority_discovery::Role::PublishAndDiscover(keystore_container.keystore()),
            prometheus.clone(),
            task_manager.spawn_handle(),
        );
        task_manager.spawn_handle().spawn(
            "authority-discovery-worker",
            Some("networking"),
            authority_discovery.run(),
        );
    }

    if enable_grandpa {
        let voter = grandpa::run_grandpa_voter(grandpa::GrandpaParams {
            config: grandpa::Config {
                gossip_duration: GOSSIP_DURATION,
                justification_generation_period: JUSTIFICATION_PERIOD_BLOCKS,
                name: Some(name),
                observer_enabled: false,
                keystore: role.is_authority().then(|| keystore_container.keystore()),
                local_role: role,
                telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
                protocol_name: grandpa_protocol,
            },
            link: grandpa_link,
            network: network.clone(),
            sync: Arc::new(sync_service),
            notification_service: grandpa_notifications,
            telemetry: telemetry.as_ref().map(|telemetry| telemetry.handle()),
            // The default rule stays two blocks behind the best, which alone costs 4 s at 2 s blocks.
            voting_rule: grandpa::VotingRulesBuilder::new()
                .add(grandpa::BeforeBestBlockBy(1u32))
                .add(grandpa::ThreeQuartersOfTheUnfinalizedChain)
                .build(),
            prometheus_registry: prometheus,
            shared_voter_state: voter_state,
            offchain_tx_pool_factory: OffchainTransactionPoolFactory::new(transaction_pool),
        })?;
        task_manager
            .spawn_essential_handle()
            .spawn_blocking("grandpa-voter", None, voter);
    }

    Ok(task_manager)
}

/// Starts a node as configured.
pub fn new_full(config: Configuration, cli: &Cli) -> Result<TaskManager, ServiceError> {
    use sc_network::config::NetworkBackendType;
    let database_path = config.database.path().map(Path::to_path_buf);
    let task_manager = match config.network.network_backend {
        NetworkBackendType::Libp2p => {
            start::<sc_network::NetworkWorker<Block, Hash>>(config, cli.no_hardware_benchmarks)?
        }
        NetworkBackendType::Litep2p => {
            start::<sc_network::Litep2pNetworkBackend>(config, cli.no_hardware_benchmarks)?
        }
    };
    if let Some(path) = database_path {
        sc_storage_monitor::StorageMonitorService::try_spawn(
            cli.storage_monitor.clone(),
            path,
            &task_manager.spawn_essential_handle(),
        )
        .map_err(|error| ServiceError::Application(error.into()))?;
    }
    Ok(task_manager)
}
