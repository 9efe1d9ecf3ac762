//! Carries out what the state machine decided.

use super::Manager;
use crate::{
    auditing::{
        fetch,
        outbox::Message,
        record::{DemandKey, SeatRecord},
        state::{Action, Event},
        store::AuditStoreError,
    },
    jobs::record::short,
};
use ogpu_primitives::WorkKey;

impl Manager {
    pub(super) async fn act(&mut self, work: WorkKey, actions: &[Action]) -> Result<(), AuditStoreError> {
        for action in actions {
            if let Some(event) = self.perform(work, *action).await? {
                self.apply(work, event).await?;
            }
        }
        Ok(())
    }

    /// One action of a state that is on disk; the event that follows from it, if any.
    pub(super) async fn perform(
        &mut self,
        work: WorkKey,
        action: Action,
    ) -> Result<Option<Event>, AuditStoreError> {
        let Some(record) = self.records.get(&work).cloned() else {
            return Ok(None);
        };
        match action {
            Action::Fetch => {
                self.fetch(&record);
                // Beside the data: a model takes longer.
                self.need_model(record.case.model);
            }
            Action::Compute if !self.has_model(&record.case.model) => self.need_model(record.case.model),
            Action::Compute => match self.parts.store.data(&work)? {
                Some(sealed) => self.computer.start(record, sealed),
                None => tracing::error!(job = short(&work), "the audit data is not on disk"),
            },
            Action::Commit => {
                if let Some(hash) = record.hash {
                    let sent = self.send(Message::Commit { work, hash }).await;
                    return Ok(sent.then_some(Event::CommitQueued));
                }
            }
            Action::Open => match self.parts.store.report(&work)? {
                Some(report) => {
                    let salt = record.salt;
                    self.send(Message::Open { work, report, salt }).await;
                }
                None => tracing::error!(job = short(&work), "the report is not on disk"),
            },
            Action::Stop => self.stop(&work),
        }
        Ok(None)
    }

    /// Whether the transaction queue has it; if not, `resend_if_late` or a restart tries again.
    pub(super) async fn send(&self, message: Message) -> bool {
        let job = short(message.work());
        let what = message.name();
        match self.parts.outbox.queue(message).await {
            Ok(()) => true,
            Err(error) => {
                let error = ogpu_client::causes::one_line(error.as_ref());
                tracing::error!(job, what, error, "it could not be queued");
                false
            }
        }
    }

    fn fetch(&mut self, record: &SeatRecord) {
        let work = record.work();
        self.cancel_fetch(&work);
        let task = tokio::spawn(fetch::from_worker(
            self.parts.source.clone(),
            self.parts.reader.clone(),
            record.case.clone(),
            self.parts.pauses,
            self.found.0.clone(),
        ));
        self.fetching.entry(work).or_default().push(task.abort_handle());
        if let Some(demand) = record.demand {
            self.look_on_chain(record, demand);
        }
    }

    pub(super) fn look_on_chain(&mut self, record: &SeatRecord, demand: DemandKey) {
        let task = tokio::spawn(fetch::from_chain(
            self.parts.source.clone(),
            self.parts.reader.clone(),
            record.case.clone(),
            demand,
            self.parts.pauses,
            self.found.0.clone(),
        ));
        self.fetching
            .entry(record.work())
            .or_default()
            .push(task.abort_handle());
    }

    pub(super) fn cancel_fetch(&mut self, work: &WorkKey) {
        for task in self.fetching.remove(work).unwrap_or_default() {
            task.abort();
        }
    }

    pub(super) fn stop(&mut self, work: &WorkKey) {
        self.cancel_fetch(work);
        self.computer.stop(work);
        self.leave_models();
    }
}
