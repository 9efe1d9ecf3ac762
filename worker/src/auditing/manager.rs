//! The one owner of all seats: turns what the chain, the worker under audit and the engine say into events, persists
//! each new state before acting on it, and acts.

mod act;
mod late;
mod models;
mod results;

use super::{
    computer::{Computed, Computer, Tools},
    data::Reader,
    examine::Examine,
    fetch::{Fetched, Pauses},
    library::Library,
    outbox::Outbox,
    record::SeatRecord,
    source::Source,
    state::{self, Event, Reason, Standing, State},
    status::Status,
    store::{AuditStore, AuditStoreError},
    view::{same_case, SeatNow, Snapshot},
};
use crate::{jobs::record::short, shutdown};
use models::{Provided, Provisions};
use ogpu_primitives::{ModelId, Tick, WorkKey};
use rand::{rngs::OsRng, RngCore};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};
use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
};

/// A message that the chain does not show after this many ticks is handed to the transaction queue once more.
const RESEND_TICKS: Tick = 12;
/// Ticks (about a day) for which a seat that is over is remembered; no fork is that long.
const KEEP_TICKS: Tick = 43_200;
/// How often old seats are looked for.
const PRUNE_EVERY_TICKS: Tick = 600;

/// Everything that the manager works with.
pub struct Parts {
    /// The disk.
    pub store: AuditStore,
    /// Opens data.
    pub reader: Reader,
    /// Where data comes from.
    pub source: Arc<dyn Source>,
    /// Makes reports.
    pub examine: Arc<dyn Examine>,
    /// Has models, or gets them.
    pub library: Arc<dyn Library>,
    /// The way to the chain.
    pub outbox: Arc<dyn Outbox>,
    /// Between tries.
    pub pauses: Pauses,
    /// Where the status is told.
    pub status: watch::Sender<Status>,
    /// Which model is in memory for audits alone.
    pub extra_model: Box<dyn Fn() -> Option<ModelId> + Send + Sync>,
}

/// Owns every seat.
pub struct Manager {
    parts: Parts,
    records: BTreeMap<WorkKey, SeatRecord>,
    computer: Computer,
    computed: mpsc::Receiver<Computed>,
    fetching: BTreeMap<WorkKey, Vec<AbortHandle>>,
    found: (mpsc::Sender<Fetched>, mpsc::Receiver<Fetched>),
    provisions: Provisions,
    provided: mpsc::Receiver<Provided>,
    now: Tick,
    block: u64,
    pruned_at: Tick,
    /// Seats restored from disk whose actions wait for the first word from the chain.
    to_resume: BTreeSet<WorkKey>,
}

impl Manager {
    /// Loads every seat from disk. Nothing is acted on before the first [`Snapshot`].
    pub fn new(parts: Parts) -> Result<Self, AuditStoreError> {
        let records = parts.store.all()?.into_iter();
        let records: BTreeMap<_, _> = records.map(|record| (record.work(), record)).collect();
        let (computer, computed) = Computer::new(Tools {
            examine: parts.examine.clone(),
            source: parts.source.clone(),
            reader: parts.reader.clone(),
            pause: parts.pauses.longest.min(std::time::Duration::from_secs(10)),
        });
        let (provisions, provided) = Provisions::new();
        let manager = Self {
            to_resume: records.keys().copied().collect(),
            records,
            computer,
            computed,
            fetching: BTreeMap::new(),
            found: mpsc::channel(8),
            provisions,
            provided,
            now: 0,
            block: 0,
            pruned_at: 0,
            parts,
        };
        manager.publish();
        Ok(manager)
    }

    /// Works until `closing` becomes true or nobody tells the chain's state any more. What is not finished goes on
    /// after a restart.
    pub async fn run(
        mut self,
        mut snapshots: mpsc::Receiver<Snapshot>,
        mut closing: watch::Receiver<bool>,
    ) -> Result<(), AuditStoreError> {
        loop {
            tokio::select! {
                biased;
                () = shutdown::told(&mut closing) => break,
                Some(computed) = self.computed.recv() => self.on_computed(computed).await?,
                Some(fetched) = self.found.1.recv() => self.on_fetched(fetched).await?,
                Some(provided) = self.provided.recv() => self.on_provided(provided).await?,
                snapshot = snapshots.recv() => match snapshot {
                    Some(snapshot) => self.on_snapshot(snapshot).await?,
                    None => break,
                },
            }
            self.publish();
        }
        Ok(())
    }

    async fn on_snapshot(&mut self, snapshot: Snapshot) -> Result<(), AuditStoreError> {
        (self.now, self.block) = (snapshot.tick, snapshot.block);
        let here: BTreeSet<WorkKey> = snapshot.seats.iter().map(|seat| seat.work).collect();
        for seat in snapshot.seats {
            self.on_seat(seat).await?;
        }
        let gone: Vec<WorkKey> = self
            .records
            .keys()
            .filter(|work| !here.contains(work))
            .copied()
            .collect();
        for work in gone {
            self.to_resume.remove(&work);
            self.seen(work, Standing::Gone).await?;
        }
        self.tell_needs();
        if self.now.saturating_sub(self.pruned_at) >= PRUNE_EVERY_TICKS {
            self.pruned_at = self.now;
            for work in self.parts.store.prune(self.now.saturating_sub(KEEP_TICKS))? {
                self.records.remove(&work);
            }
        }
        Ok(())
    }

    async fn on_seat(&mut self, seat: SeatNow) -> Result<(), AuditStoreError> {
        let (work, mut fresh) = (seat.work, false);
        match self.records.get_mut(&work) {
            Some(record) if same_case(record, &seat) => {
                record.due = seat.due;
                if record.role != seat.role {
                    // Another seat at the same result: on another fork, or after a dissent.
                    record.role = seat.role;
                    record.demand_from = SeatRecord::demand_from(self.now, seat.due);
                }
            }
            _ => {
                fresh = self.begin(&seat)?;
                if !fresh {
                    return Ok(());
                }
            }
        }
        let standing = seat.standing(self.records.get(&work).and_then(|record| record.hash));
        let changed = self.seen(work, standing).await?;
        if (self.to_resume.remove(&work) || fresh) && !changed {
            if let Some(record) = self.records.get(&work) {
                if !fresh {
                    tracing::info!(job = short(&work), state = ?record.state, "resuming an audit after a restart");
                }
                // With nothing on disk, the first action is that of a restart.
                let event = Event::Restarted(record.held.into());
                self.apply(work, event).await?;
            }
        }
        self.resend_if_late(work, standing).await?;
        self.demand_if_late(&seat).await
    }

    /// Makes the record of a seat that is not known, or whose case a fork has replaced. False when nothing can be done
    /// about it.
    fn begin(&mut self, seat: &SeatNow) -> Result<bool, AuditStoreError> {
        let (work, Some(case)) = (seat.work, seat.case.clone()) else {
            tracing::debug!(job = short(&seat.work), "a seat whose job cannot be read");
            return Ok(false);
        };
        if matches!(
            seat.standing(None),
            Standing::Voted | Standing::Absent | Standing::Void | Standing::Late | Standing::Gone
        ) {
            return Ok(false);
        }
        let mut salt = [0u8; 32];
        OsRng.fill_bytes(&mut salt);
        let mut record = SeatRecord::new(case, seat.role, salt, self.now, seat.due);
        if let Some(old) = self.records.get(&work) {
            tracing::warn!(
                job = short(&work),
                "a fork put another result or another jury under this audit; beginning anew"
            );
            record.demand = old.demand;
            self.stop(&work);
        }
        tracing::info!(
            job = short(&work),
            id = %format!("{:?}", work.job),
            role = ?seat.role,
            model = %format!("{:?}", record.case.model),
            due = seat.due,
            "drawn for an audit"
        );
        self.parts.store.put(&record)?;
        self.records.insert(work, record);
        Ok(true)
    }

    async fn seen(&mut self, work: WorkKey, standing: Standing) -> Result<bool, AuditStoreError> {
        let Some(record) = self.records.get(&work) else {
            return Ok(false);
        };
        let before = record.state;
        let event = Event::Seen(standing, record.held.into());
        self.apply(work, event).await?;
        Ok(self
            .records
            .get(&work)
            .is_some_and(|record| record.state != before))
    }

    /// Persists the state after `event`, then acts.
    async fn apply(&mut self, work: WorkKey, event: Event) -> Result<(), AuditStoreError> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let Some(record) = self.records.get_mut(&work) else {
                return Ok(());
            };
            let Some((next, actions)) = state::step(record.state, event) else {
                continue;
            };
            if next != record.state {
                tracing::info!(job = short(&work), from = ?record.state, to = ?next, "seat");
                record.state = next;
                record.changed_at = self.now;
                self.parts.store.put(record)?;
                if next == State::Abandoned(Reason::Void) {
                    tracing::error!(
                        job = short(&work),
                        model = %format!("{:?}", record.case.model),
                        "this worker's vote on a jury is void: it is not what most jurors computed. It is not paid, \
                         and a strike where the model is calibrated; check the model's files with `ogpu-worker \
                         doctor`, and the kernels"
                    );
                }
            }
            for action in actions {
                events.extend(self.perform(work, *action).await?);
            }
        }
        Ok(())
    }

    fn publish(&self) {
        let status = Status {
            models: self.parts.library.status(),
            ..Status::of(self.records.values(), (self.parts.extra_model)())
        };
        self.parts.status.send_if_modified(|told| {
            let changed = *told != status;
            *told = status;
            changed
        });
    }
}

impl Drop for Manager {
    /// Nobody is left to take what is fetched.
    fn drop(&mut self) {
        self.fetching.values().flatten().for_each(AbortHandle::abort);
    }
}

#[cfg(test)]
mod tests;
