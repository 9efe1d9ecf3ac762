//! The models that seats need: each is got once, whoever waits for it, and no longer than somebody does.

use super::Manager;
use crate::auditing::{
    library::{Needs, NotProvided, Wanted},
    record::SeatRecord,
    state::{Action, Event, State},
    store::AuditStoreError,
};
use ogpu_primitives::{ModelId, Tick, WorkKey};
use std::collections::{BTreeMap, BTreeSet};
use tokio::{
    sync::{mpsc, watch},
    task::AbortHandle,
};

/// The end of the wait for a model.
pub struct Provided {
    id: ModelId,
    result: Result<(), NotProvided>,
}

/// What is under way.
pub struct Provisions {
    running: BTreeMap<ModelId, AbortHandle>,
    /// On disk, as far as open seats need them.
    here: BTreeSet<ModelId>,
    /// What open seats need, for those that are under way.
    needs: watch::Sender<Needs>,
    ended: mpsc::Sender<Provided>,
}

impl Provisions {
    /// Nothing yet, and the channel on which each end is told.
    pub fn new() -> (Self, mpsc::Receiver<Provided>) {
        let (ended, receiver) = mpsc::channel(8);
        let provisions = Self {
            running: BTreeMap::new(),
            here: BTreeSet::new(),
            needs: watch::Sender::new(Needs::new(0, BTreeMap::new())),
            ended,
        };
        (provisions, receiver)
    }
}

impl Drop for Provisions {
    /// Nobody is left to take the models. What has come is gone on with after a restart.
    fn drop(&mut self) {
        self.running.values().for_each(AbortHandle::abort);
    }
}

/// Whether the seat still has a report to compute.
fn computes(record: &SeatRecord) -> bool {
    matches!(record.state, State::Drawn | State::Fetched)
}

impl Manager {
    /// Whether a report can be computed without waiting for the model.
    pub(super) fn has_model(&self, id: &ModelId) -> bool {
        self.parts.library.is_loaded(id) || self.provisions.here.contains(id)
    }

    /// Sees to it that a model comes here.
    pub(super) fn need_model(&mut self, id: ModelId) {
        // Before it is looked for on disk: from now on it is not removed for another one.
        self.tell_needs();
        if self.has_model(&id) || self.provisions.running.contains_key(&id) {
            return;
        }
        let needs = self.provisions.needs.subscribe();
        let wanted = Wanted { id, needs };
        let (library, ended) = (self.parts.library.clone(), self.provisions.ended.clone());
        let task = tokio::spawn(async move {
            let result = library.provide(wanted).await;
            // The receiver is gone only when the daemon ends.
            let _ = ended.send(Provided { id, result }).await;
        });
        self.provisions.running.insert(id, task.abort_handle());
    }

    /// Seats that wait for a model go on when it is here, and end without a vote when it cannot be had.
    pub(super) async fn on_provided(&mut self, provided: Provided) -> Result<(), AuditStoreError> {
        let Provided { id, result } = provided;
        self.provisions.running.remove(&id);
        let waiting = |record: &&SeatRecord| record.case.model == id && computes(record);
        let waiting: Vec<WorkKey> = self
            .records
            .values()
            .filter(waiting)
            .map(SeatRecord::work)
            .collect();
        if result.is_ok() {
            self.provisions.here.insert(id);
        }
        for work in waiting {
            match result {
                Ok(()) => {
                    let fetched = |record: &SeatRecord| record.state == State::Fetched;
                    if self.records.get(&work).is_some_and(fetched) {
                        self.act(work, &[Action::Compute]).await?;
                    }
                }
                // The library has said why.
                Err(_) => self.apply(work, Event::CannotCompute).await?,
            }
        }
        Ok(())
    }

    /// A model that was here cannot be loaded: it is waited for until it can, or until it has come once more.
    pub(super) fn lack_model(&mut self, id: ModelId) {
        self.provisions.here.remove(&id);
        self.need_model(id);
    }

    /// Gives up models that no seat waits for any more.
    pub(super) fn leave_models(&mut self) {
        let needed = self.tell_needs();
        self.provisions.here.retain(|id| needed.contains(id));
        self.provisions.running.retain(|id, task| {
            let goes_on = needed.contains(id);
            if !goes_on {
                task.abort();
            }
            goes_on
        });
    }

    /// Tells those under way what open seats need now, and until when; gives the models.
    pub(super) fn tell_needs(&self) -> BTreeSet<ModelId> {
        let mut due: BTreeMap<ModelId, Tick> = BTreeMap::new();
        for record in self.records.values().filter(|record| computes(record)) {
            let last = due.entry(record.case.model).or_default();
            *last = record.due.max(*last);
        }
        let needs = Needs::new(self.now, due);
        let models = needs.models();
        self.provisions.needs.send_replace(needs);
        models
    }
}
