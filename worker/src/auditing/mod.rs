//! This worker as an auditor and juror: the seats that the chain gives it, from the draw to the vote.
//!
//! [`state`] decides, [`view`] reads the chain, [`juries`] asks how votes on juries were counted, [`store`] remembers,
//! [`fetch`] gets the data from the worker under audit or, once it was demanded, from the chain ([`source`]), [`data`]
//! checks it, [`library`] gets the model where it is not here, [`examine`] makes the report with one of the [`engines`],
//! [`computer`] does one report at a time beside jobs, [`outbox`] says it on chain, [`manager`] ties them together.
//! [`run`] is all of it.

pub mod computer;
pub mod data;
#[cfg(test)]
mod end_to_end;
pub mod engines;
pub mod examine;
#[cfg(test)]
pub mod fakes;
pub mod fetch;
#[cfg(test)]
pub mod fixtures;
pub mod juries;
pub mod library;
pub mod manager;
pub mod outbox;
pub mod record;
pub mod source;
pub mod state;
pub mod status;
pub mod store;
#[cfg(test)]
mod tiny_bert;
pub mod view;

pub use engines::Engines;
pub use library::{Folders, Settings as LibrarySettings};
pub use status::Status;
pub use store::{AuditStore, AuditStoreError};

use crate::{chain::duties::Duties, engine::Engine, jobs::tables::Tables, shutdown};
use data::Reader;
use examine::Examiner;
use fetch::Pauses;
use juries::Juries;
use library::HubLibrary;
use manager::{Manager, Parts};
use ogpu_client::{chain::Chain, hub::Hub, keys::EncryptionKey, tx_queue::TxQueue, AccountId};
use ogpu_primitives::ModelId;
use outbox::QueuedMessages;
use source::{ChainSource, Source};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, watch};
use view::{case, seat_now, Snapshot};

/// How often it is looked whether a model is idle.
const LOOK_FOR_IDLE: Duration = Duration::from_secs(30);

/// Everything that auditing needs.
pub struct Setup {
    /// The seats on disk.
    pub store: AuditStore,
    /// The chain.
    pub chain: Chain,
    /// The way to it.
    pub queue: TxQueue,
    /// This worker's account.
    pub account: AccountId,
    /// The key of its profile, to which audit data is sealed.
    pub encryption: EncryptionKey,
    /// Models in memory, which jobs use.
    pub served: HashMap<ModelId, Arc<Engine>>,
    /// Models on disk.
    pub folders: Folders,
    /// Which other ones may be fetched.
    pub library: LibrarySettings,
    /// Whitening tables.
    pub tables: Arc<dyn Tables>,
    /// What the chain asks of this worker.
    pub duties: watch::Receiver<Duties>,
    /// Where the status is told.
    pub status: watch::Sender<Status>,
}

/// Audits until `closing` becomes true. Ends early only when the disk fails.
pub async fn run(setup: Setup, closing: watch::Receiver<bool>) -> Result<(), AuditStoreError> {
    let genesis = setup.chain.genesis();
    let folders = Arc::new(setup.folders);
    let engines = Arc::new(Engines::with_folders(
        setup.served,
        folders.clone(),
        library::memory::measure,
    ));
    let source = Arc::new(ChainSource::new(setup.chain, setup.account));
    let library = HubLibrary::new(library::Parts {
        engines: engines.clone(),
        folders,
        source: source.clone(),
        settings: setup.library,
        open_hub: Box::new(Hub::from_environment),
        measure: library::memory::measure,
        pauses: library::PAUSES,
    });
    let manager = Manager::new(Parts {
        store: setup.store,
        reader: Reader {
            genesis,
            us: setup.account,
            key: setup.encryption,
        },
        source: source.clone(),
        examine: Arc::new(Examiner::new(genesis, engines.clone(), setup.tables)),
        library: Arc::new(library),
        outbox: Arc::new(QueuedMessages::new(setup.queue)),
        pauses: Pauses::default(),
        status: setup.status,
        extra_model: Box::new({
            let engines = engines.clone();
            move || engines.extra()
        }),
    })?;
    let (snapshots, told) = mpsc::channel(1);
    let looking = look(setup.duties, source, setup.account, snapshots);
    let mut stopping = closing.clone();
    let dropping = drop_idle(engines);
    tokio::select! {
        ended = manager.run(told, closing) => ended,
        // The follower ends when the daemon does; both others end with it.
        () = looking => {
            shutdown::told(&mut stopping).await;
            Ok(())
        }
        () = dropping => Ok(()),
    }
}

/// Makes a [`Snapshot`] of each word about the chain, until there is none any more.
async fn look(
    mut duties: watch::Receiver<Duties>,
    source: Arc<dyn Source>,
    us: AccountId,
    snapshots: mpsc::Sender<Snapshot>,
) {
    let mut juries = Juries::default();
    loop {
        let now = duties.borrow_and_update().clone();
        // Before the first block nothing is known, which is not the same as no seat.
        if now.block > 0
            && snapshots
                .send(snapshot(&now, source.as_ref(), &us, &mut juries).await)
                .await
                .is_err()
        {
            return;
        }
        if duties.changed().await.is_err() {
            return;
        }
    }
}

/// All seats of `us`, each with its case where its job can be read, and those on juries that were counted since.
async fn snapshot(duties: &Duties, source: &dyn Source, us: &AccountId, juries: &mut Juries) -> Snapshot {
    let mut seats = Vec::new();
    for (work, seat, view) in duties.as_auditor(us) {
        #[cfg(feature = "dishonest")]
        crate::dishonest::conduct().saw(&work, seat, view);
        let request = source.request(&work.job).await.unwrap_or_else(|error| {
            tracing::warn!(job = crate::jobs::record::short(&work), %error, "the job under audit cannot be read");
            None
        });
        let case = request.map(|request| case(work, seat, view, request));
        seats.push(seat_now(work, seat, view, us, case));
    }
    juries.complete(&mut seats, source, us).await;
    Snapshot {
        block: duties.block,
        tick: duties.tick,
        seats,
    }
}

async fn drop_idle(engines: Arc<Engines>) {
    loop {
        tokio::time::sleep(LOOK_FOR_IDLE).await;
        if let Some(id) = engines.drop_idle(Instant::now()) {
            tracing::info!(?id, "dropped the model that was loaded for audits");
        }
    }
}

#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
