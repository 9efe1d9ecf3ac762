//! The one owner of all attempts: turns what the chain, the client and the engine say into events, persists
//! each new state before acting on it, and acts.

use super::{
    crash::CrashPoint,
    execute::{Execute, ExecuteError},
    pace::{Outlook, Pace},
    proof::Proof,
    record::{short, Assignment, JobRecord},
    runner::{Ended, Runner},
    state::{self, Action, Event, Reason, State},
    store::{JobStore, StoreError},
};
use crate::shutdown;
use async_trait::async_trait;
use ogpu_primitives::{Commitment, Tick, WorkKey};
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};

/// `no_input` goes out this many ticks before the acknowledgement's deadline: enough for two blocks to be full.
pub const NO_INPUT_MARGIN: Tick = 4;
/// A report that the chain does not show after this many ticks is handed to the transaction queue once more.
const RESEND_TICKS: Tick = 12;
/// Ticks (about a day) for which a finished job's output can still be fetched. What the chain still checks is kept
/// until that is over, however long it takes.
const KEEP_TICKS: Tick = 43_200;
/// How often old attempts are looked for.
const PRUNE_EVERY_TICKS: Tick = 600;

/// What this worker has to say on chain. All are due reports, free of fees when they succeed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Report {
    /// The input is held.
    Acknowledge(WorkKey),
    /// No input that fits came.
    NoInput(WorkKey),
    /// The result.
    Commit(WorkKey, Commitment),
}

/// Where reports go. Returning `Ok` means that the report survives a crash of this process and will be sent.
#[async_trait]
pub trait Reports: Send + Sync + 'static {
    /// Hands over a report; handing over an equal one again must do no harm.
    async fn queue(&self, report: Report) -> anyhow::Result<()>;
}

/// How the chain sees one attempt of this worker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChainStatus {
    /// Waits for the acknowledgement.
    Assigned,
    /// Acknowledged.
    Acknowledged,
    /// Committed; not yet settled.
    Committed,
    /// Paid.
    Settled,
    /// The client was refunded.
    Refunded,
    /// Not this worker's, or another attempt is running.
    TakenBack,
}

/// One job in a [`Snapshot`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChainJob {
    /// The attempt; complete when the status is `Assigned` or `Acknowledged`.
    pub work: WorkKey,
    /// The assignment, when this worker has it.
    pub assignment: Option<Assignment>,
    /// The chain's view.
    pub status: ChainStatus,
}

/// The chain at one best block: every job assigned to this worker, and every job that it asked about.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snapshot {
    /// The work clock.
    pub tick: Tick,
    /// The jobs.
    pub jobs: Vec<ChainJob>,
    /// Attempts of this worker whose check goes on: what proves them must not be deleted.
    pub checked: BTreeSet<WorkKey>,
}

/// Why an input was not taken.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum InputRefused {
    /// Unknown attempt.
    #[error(
        "this worker has no such assignment: wait for the block that assigns the job, then deliver again"
    )]
    NotAssigned,
    /// The attempt is past the point at which an input helps.
    #[error("the input came too late for this attempt")]
    TooLate,
    /// It could not be finished in time.
    #[error(
        "this worker is too slow to finish the job before its deadline; the chain gives it to another worker"
    )]
    DeadlineTooNear,
    /// The disk failed.
    #[error("the worker could not store the input: {0}")]
    Storage(String),
    /// The daemon is shutting down.
    #[error("the worker is shutting down: deliver the input again in a minute")]
    Closing,
}

enum Message {
    Snapshot(Snapshot),
    Input {
        work: WorkKey,
        sealed: Vec<u8>,
        reply: oneshot::Sender<Result<(), InputRefused>>,
    },
}

/// Speaks to the [`Manager`]; cheap to clone.
#[derive(Clone)]
pub struct ManagerHandle {
    messages: mpsc::Sender<Message>,
    store: JobStore,
    attempts: watch::Receiver<BTreeMap<WorkKey, State>>,
}

impl ManagerHandle {
    /// Tells the manager what the chain shows.
    pub async fn snapshot(&self, snapshot: Snapshot) {
        // A closed channel means that the daemon is ending.
        let _ = self.messages.send(Message::Snapshot(snapshot)).await;
    }

    /// Stores a sealed input that was checked. Returns once it is on disk.
    pub async fn input(&self, work: WorkKey, sealed: Vec<u8>) -> Result<(), InputRefused> {
        let (reply, answer) = oneshot::channel();
        let message = Message::Input { work, sealed, reply };
        self.messages
            .send(message)
            .await
            .map_err(|_| InputRefused::Closing)?;
        answer.await.map_err(|_| InputRefused::Closing)?
    }

    /// One attempt as it is on disk.
    pub fn record(&self, work: &WorkKey) -> Result<Option<JobRecord>, StoreError> {
        self.store.get(work)
    }

    /// The sealed output of an attempt whose output is on disk.
    pub fn output(&self, work: &WorkKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.output(work)
    }

    /// What the result of an attempt can be shown with.
    pub fn proof(&self, work: &WorkKey) -> Result<Option<Proof>, StoreError> {
        self.store.proof(work)
    }

    /// The state of every attempt that is not over, and a way to wait for changes.
    pub fn attempts(&self) -> watch::Receiver<BTreeMap<WorkKey, State>> {
        self.attempts.clone()
    }
}

/// Owns every attempt.
pub struct Manager {
    store: JobStore,
    records: BTreeMap<WorkKey, JobRecord>,
    reports: Arc<dyn Reports>,
    pace: Pace,
    runner: Runner,
    ended: mpsc::Receiver<Ended>,
    messages: mpsc::Receiver<Message>,
    attempts: watch::Sender<BTreeMap<WorkKey, State>>,
    now: Tick,
    pruned_at: Tick,
    /// Attempts restored from disk whose actions wait for the first word from the chain.
    to_resume: Vec<WorkKey>,
}

impl Manager {
    /// Loads every attempt from disk. Nothing is acted on before the first [`Snapshot`].
    pub fn new(
        store: JobStore,
        reports: Arc<dyn Reports>,
        execute: Arc<dyn Execute>,
        pace: Pace,
        slots: usize,
    ) -> Result<(Self, ManagerHandle), StoreError> {
        let records: BTreeMap<_, _> = store
            .all()?
            .into_iter()
            .map(|record| (record.work(), record))
            .collect();
        let to_resume = records
            .values()
            .filter(|record| !record.state.is_final())
            .map(JobRecord::work);
        let to_resume = to_resume.collect();
        let (runner, ended) = Runner::new(execute, slots);
        let (sender, messages) = mpsc::channel(64);
        let (attempts, watching) = watch::channel(BTreeMap::new());
        let handle = ManagerHandle {
            messages: sender,
            store: store.clone(),
            attempts: watching,
        };
        let manager = Self {
            store,
            records,
            reports,
            pace,
            runner,
            ended,
            messages,
            attempts,
            now: 0,
            pruned_at: 0,
            to_resume,
        };
        manager.publish();
        Ok((manager, handle))
    }

    /// Works until `shutdown` becomes true; then takes no more input, gives running jobs `grace` to finish and
    /// be committed, and stops the rest, which a restart runs again.
    pub async fn run(
        mut self,
        mut closing: watch::Receiver<bool>,
        grace: Duration,
    ) -> Result<(), StoreError> {
        loop {
            tokio::select! {
                biased;
                () = shutdown::told(&mut closing) => break,
                Some(ended) = self.ended.recv() => self.on_ended(ended).await?,
                message = self.messages.recv() => match message {
                    Some(message) => self.on_message(message).await?,
                    None => break,
                },
            }
        }
        // Whoever delivers an input now is told so at once instead of after the grace period.
        self.messages.close();
        while self.messages.try_recv().is_ok() {}
        let end = tokio::time::Instant::now() + grace;
        while !self.runner.is_empty() {
            tokio::select! {
                Some(ended) = self.ended.recv() => self.on_ended(ended).await?,
                _ = tokio::time::sleep_until(end) => break,
            }
        }
        self.runner.stop_all();
        Ok(())
    }

    async fn on_message(&mut self, message: Message) -> Result<(), StoreError> {
        match message {
            Message::Snapshot(snapshot) => self.on_snapshot(snapshot).await,
            Message::Input { work, sealed, reply } => {
                let answer = self.on_input(work, &sealed).await;
                // The client may have hung up; its input is held all the same.
                let _ = reply.send(answer);
                Ok(())
            }
        }
    }

    async fn on_input(&mut self, work: WorkKey, sealed: &[u8]) -> Result<(), InputRefused> {
        let record = self.records.get(&work).ok_or(InputRefused::NotAssigned)?;
        if record.state == State::Abandoned(Reason::DeadlineTooNear) {
            return Err(InputRefused::DeadlineTooNear);
        }
        if record.state.is_final() {
            return Err(InputRefused::TooLate);
        }
        if !record.state.takes_input() {
            return Ok(()); // delivered twice: the first one counts
        }
        let mut next = record.clone();
        next.state = State::InputHeld;
        next.changed_at = self.now;
        self.store
            .put_with_input(&next, sealed)
            .map_err(|error| InputRefused::Storage(error.to_string()))?;
        CrashPoint::InputHeld.pass();
        tracing::info!(job = short(&work), bytes = sealed.len(), "input held");
        // Already persisted together with the input; here it is only carried on to its actions.
        let actions = state::step(
            State::Assigned,
            Event::InputStored,
            &next.deadlines(NO_INPUT_MARGIN),
        )
        .map_or(&[][..], |(_, actions)| actions);
        self.records.insert(work, next);
        self.publish();
        self.act(work, actions)
            .await
            .map_err(|error| InputRefused::Storage(error.to_string()))
    }

    async fn on_snapshot(&mut self, snapshot: Snapshot) -> Result<(), StoreError> {
        self.now = snapshot.tick;
        for job in snapshot.jobs {
            self.on_chain_job(job).await?;
        }
        for work in std::mem::take(&mut self.to_resume) {
            if let Some(record) = self.records.get(&work) {
                tracing::info!(job = short(&work), state = ?record.state, "resuming after a restart");
                self.act(work, state::resume(record.state)).await?;
            }
        }
        let open = self
            .records
            .values()
            .filter(|record| !record.state.is_final())
            .map(JobRecord::work);
        for work in open.collect::<Vec<_>>() {
            self.apply(work, Event::Clock(self.now)).await?;
        }
        if self.now.saturating_sub(self.pruned_at) >= PRUNE_EVERY_TICKS {
            self.prune(&snapshot.checked)?;
        }
        Ok(())
    }

    async fn on_chain_job(&mut self, job: ChainJob) -> Result<(), StoreError> {
        let work = job.work;
        if let (false, Some(assignment)) = (self.records.contains_key(&work), job.assignment) {
            let record = JobRecord::new(assignment, self.now);
            tracing::info!(
                job = short(&work),
                id = %format!("{:?}", work.job),
                acknowledge_by = record.assignment.acknowledge_by,
                "assigned"
            );
            let outlook = self.pace.outlook(&record.assignment, self.now);
            let left = record.assignment.deadline.saturating_sub(self.now);
            self.store.put(&record)?;
            self.records.insert(work, record);
            self.publish();
            match outlook {
                Outlook::Fits => (),
                Outlook::Tight { needed } => tracing::warn!(
                    job = short(&work),
                    needed,
                    left,
                    "all of its output takes more ticks than are left; it is in time only if the model ends earlier"
                ),
                Outlook::Hopeless { needed } => {
                    tracing::error!(
                        job = short(&work),
                        needed,
                        left,
                        "its input alone takes more ticks than are left: not acknowledged, another worker gets it"
                    );
                    self.apply(work, Event::CannotFinish).await?;
                }
            }
        }
        let Some(record) = self.records.get(&work) else {
            return Ok(());
        };
        let state = record.state;
        match job.status {
            ChainStatus::Assigned | ChainStatus::Acknowledged
                if state == State::Abandoned(Reason::TakenBack) =>
            {
                let input_held = self.store.input(&work)?.is_some();
                self.apply(work, Event::Returned { input_held }).await?;
            }
            ChainStatus::Assigned => self.resend_if_late(work).await?,
            ChainStatus::Acknowledged => {
                CrashPoint::Acknowledged.pass();
                if matches!(state, State::InputHeld | State::Acknowledging) {
                    self.apply(work, Event::Acknowledged).await?;
                } else {
                    self.resend_if_late(work).await?;
                }
            }
            ChainStatus::Committed => {
                if matches!(state, State::Finished | State::Committing) {
                    // Both reports of a short job can stand in one block.
                    CrashPoint::Acknowledged.pass();
                    CrashPoint::Committed.pass();
                }
                self.apply(work, Event::Committed).await?;
            }
            ChainStatus::Settled => self.apply(work, Event::Settled).await?,
            ChainStatus::Refunded => self.apply(work, Event::Refunded).await?,
            ChainStatus::TakenBack => self.apply(work, Event::TakenBack).await?,
        }
        Ok(())
    }

    /// The transaction queue retries by itself; this is the net under it.
    async fn resend_if_late(&mut self, work: WorkKey) -> Result<(), StoreError> {
        let Some(record) = self.records.get_mut(&work) else {
            return Ok(());
        };
        let waits = matches!(
            record.state,
            State::InputHeld | State::Acknowledging | State::Finished | State::Committing
        );
        if !waits || self.now.saturating_sub(record.changed_at) < RESEND_TICKS {
            return Ok(());
        }
        record.changed_at = self.now;
        let action = match record.state {
            State::InputHeld | State::Acknowledging => Action::Acknowledge,
            _ => Action::Commit,
        };
        tracing::warn!(
            job = short(&work),
            ?action,
            "the chain does not show the report yet; queueing it again"
        );
        self.act(work, &[action]).await
    }

    async fn on_ended(&mut self, ended: Ended) -> Result<(), StoreError> {
        let work = ended.work;
        self.runner.forget(&work);
        let Some(record) = self.records.get(&work) else {
            return Ok(());
        };
        match ended.result {
            Ok(finished) => {
                CrashPoint::Finished.pass();
                let Some((next, actions)) = state::step(
                    record.state,
                    Event::OutputStored,
                    &record.deadlines(NO_INPUT_MARGIN),
                ) else {
                    return Ok(());
                };
                let mut record = record.clone();
                record.state = next;
                record.commitment = Some(finished.commitment);
                record.changed_at = self.now;
                self.store
                    .put_finished(&record, &finished.sealed_output, &finished.proof)?;
                tracing::info!(
                    job = short(&work),
                    n_in = finished.commitment.n_in,
                    n_out = finished.commitment.n_out,
                    "finished; output and proof on disk"
                );
                self.records.insert(work, record);
                self.publish();
                CrashPoint::Committing.pass();
                self.act(work, actions).await
            }
            Err(ExecuteError::Stopped) => Ok(()),
            Err(error) => {
                tracing::error!(job = short(&work), %error, "the engine gave up; the job goes to another worker");
                self.apply(work, Event::RunFailed).await
            }
        }
    }

    /// Persists the state after `event`, then acts.
    async fn apply(&mut self, work: WorkKey, event: Event) -> Result<(), StoreError> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let Some(record) = self.records.get_mut(&work) else {
                return Ok(());
            };
            let deadlines = record.deadlines(NO_INPUT_MARGIN);
            let Some((next, actions)) = state::step(record.state, event, &deadlines) else {
                continue;
            };
            tracing::info!(job = short(&work), from = ?record.state, to = ?next, "state");
            record.state = next;
            record.changed_at = self.now;
            let record = record.clone();
            self.store.put(&record)?;
            self.publish();
            for action in actions {
                events.extend(self.perform(&record, *action).await?);
            }
        }
        Ok(())
    }

    /// Carries out actions of a state that is already on disk.
    async fn act(&mut self, work: WorkKey, actions: &[Action]) -> Result<(), StoreError> {
        for action in actions {
            let Some(record) = self.records.get(&work).cloned() else {
                return Ok(());
            };
            if let Some(event) = self.perform(&record, *action).await? {
                Box::pin(self.apply(work, event)).await?;
            }
        }
        Ok(())
    }

    /// One action; the event that follows from it, if any.
    async fn perform(&mut self, record: &JobRecord, action: Action) -> Result<Option<Event>, StoreError> {
        let work = record.work();
        Ok(match action {
            Action::Acknowledge => {
                self.queue(Report::Acknowledge(work), Event::AcknowledgeQueued)
                    .await
            }
            Action::ReportNoInput => {
                tracing::warn!(job = short(&work), "no input came in time; saying so on chain");
                self.queue(Report::NoInput(work), Event::Clock(self.now)).await
            }
            Action::Commit => match record.commitment {
                Some(commitment) => {
                    self.queue(Report::Commit(work, commitment), Event::CommitQueued)
                        .await
                }
                None => None,
            },
            Action::Run => {
                match self.store.input(&work)? {
                    Some(sealed) => self.runner.start(record.assignment.clone(), sealed),
                    None => tracing::error!(job = short(&work), "its input is not on disk"),
                }
                None
            }
            Action::CancelRun => {
                self.runner.stop(&work);
                None
            }
            Action::ForgetInput => {
                self.store.forget_input(&work)?;
                None
            }
        })
    }

    async fn queue(&self, report: Report, done: Event) -> Option<Event> {
        match self.reports.queue(report).await {
            Ok(()) => Some(done),
            Err(error) => {
                // The state stays, so `resend_if_late` or a restart tries again.
                tracing::error!(
                    ?report,
                    error = ogpu_client::causes::one_line(error.as_ref()),
                    "the report could not be queued"
                );
                None
            }
        }
    }

    fn prune(&mut self, checked: &BTreeSet<WorkKey>) -> Result<(), StoreError> {
        self.pruned_at = self.now;
        let before = self.now.saturating_sub(KEEP_TICKS);
        for work in self.store.prune(before, checked)? {
            self.records.remove(&work);
        }
        Ok(())
    }

    fn publish(&self) {
        let open = self.records.values().filter(|record| !record.state.is_final());
        self.attempts
            .send_replace(open.map(|record| (record.work(), record.state)).collect());
    }
}

#[cfg(test)]
mod tests;
