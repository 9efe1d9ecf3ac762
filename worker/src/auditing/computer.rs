//! Computes reports on a blocking thread, one at a time, the most urgent first; each can be stopped.

use super::{
    data::Reader,
    examine::{Examine, ExamineError},
    record::{Case, SeatRecord},
    source::Source,
};
use crate::jobs::{execute::StopFlag, record::short};
use ogpu_primitives::{AuditReport, WorkKey};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// How often a report is tried before this machine counts as unable to make it.
const TRIES: u32 = 3;

/// What it is computed from.
#[derive(Clone)]
struct Task {
    record: SeatRecord,
    sealed: Vec<u8>,
}

/// A computation that has come to its end.
#[derive(Debug)]
pub struct Computed {
    /// What was computed.
    pub case: Case,
    /// Its result.
    pub result: Result<AuditReport, ExamineError>,
}

/// What computations need.
pub struct Tools {
    /// Makes the reports.
    pub examine: Arc<dyn Examine>,
    /// Knows the models.
    pub source: Arc<dyn Source>,
    /// Opens the data.
    pub reader: Reader,
    /// Between two tries.
    pub pause: Duration,
}

/// Starts and stops computations. Owned by one task.
pub struct Computer {
    tools: Arc<Tools>,
    waiting: BTreeMap<WorkKey, Task>,
    running: Option<(WorkKey, Arc<StopFlag>)>,
    ended: mpsc::Sender<Computed>,
}

impl Computer {
    /// A computer, and the channel on which each end is told.
    pub fn new(tools: Tools) -> (Self, mpsc::Receiver<Computed>) {
        let (ended, receiver) = mpsc::channel(1);
        let computer = Self {
            tools: Arc::new(tools),
            waiting: BTreeMap::new(),
            running: None,
            ended,
        };
        (computer, receiver)
    }

    /// Queues a computation unless the attempt has one already.
    pub fn start(&mut self, record: SeatRecord, sealed: Vec<u8>) {
        let work = record.work();
        let runs = |(running, stop): &(WorkKey, Arc<StopFlag>)| *running == work && !stop.is_stopped();
        if self.running.as_ref().is_some_and(runs) {
            return;
        }
        self.waiting.insert(work, Task { record, sealed });
        self.next();
    }

    /// Stops a computation, or keeps it from being started. Its end is told if it was running.
    pub fn stop(&mut self, work: &WorkKey) {
        self.waiting.remove(work);
        if let Some((_, stop)) = self.running.as_ref().filter(|(running, _)| running == work) {
            stop.stop();
        }
    }

    /// Stops whatever there is.
    pub fn stop_all(&mut self) {
        self.waiting.clear();
        if let Some((_, stop)) = &self.running {
            stop.stop();
        }
    }

    /// To be called for each [`Computed`]; starts the next one.
    pub fn finished(&mut self) {
        self.running = None;
        self.next();
    }

    fn next(&mut self) {
        if self.running.is_some() {
            return;
        }
        let urgent = self.waiting.values().min_by_key(|task| task.record.due);
        let Some(task) = urgent
            .map(|task| task.record.work())
            .and_then(|work| self.waiting.remove(&work))
        else {
            return;
        };
        let stop = Arc::new(StopFlag::default());
        self.running = Some((task.record.work(), stop.clone()));
        let (tools, ended) = (self.tools.clone(), self.ended.clone());
        tokio::spawn(async move {
            let case = task.record.case.clone();
            let result = compute(&tools, task, &stop).await;
            // The receiver is gone only when the daemon ends; it is computed again after the restart.
            let _ = ended.send(Computed { case, result }).await;
        });
    }
}

impl Drop for Computer {
    /// Nobody is left to take the results.
    fn drop(&mut self) {
        self.stop_all();
    }
}

async fn compute(tools: &Arc<Tools>, task: Task, stop: &Arc<StopFlag>) -> Result<AuditReport, ExamineError> {
    let job = short(&task.record.work());
    let mut tries = 0;
    loop {
        tries += 1;
        match compute_once(tools, task.clone(), stop.clone()).await {
            Err(ExamineError::Stopped) => return Err(ExamineError::Stopped),
            Err(error) if tries < TRIES => {
                tracing::warn!(job, %error, "no report; trying again in {:?}", tools.pause);
                tokio::time::sleep(tools.pause).await;
            }
            result => return result,
        }
    }
}

async fn compute_once(
    tools: &Arc<Tools>,
    task: Task,
    stop: Arc<StopFlag>,
) -> Result<AuditReport, ExamineError> {
    if stop.is_stopped() {
        return Err(ExamineError::Stopped);
    }
    let Task { record, sealed } = task;
    if record.lacks_jury_key() {
        return Err(ExamineError::NoJuryKey);
    }
    let message = tools.reader.kept(&record, &sealed)?;
    let id = record.case.model;
    let model = match tools.examine.needs_model(&id) {
        true => tools.source.model(&id).await.map_err(ExamineError::Chain)?,
        false => None,
    };
    tracing::info!(job = short(&record.work()), role = ?record.role, "computing the report");
    let tools = tools.clone();
    let computed = tokio::task::spawn_blocking(move || {
        let SeatRecord { case, salt, .. } = &record;
        tools.examine.examine(case, &message, model.as_ref(), salt, &stop)
    });
    computed
        .await
        .unwrap_or_else(|error| Err(ExamineError::Panicked(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::{
        fakes::{FakeExaminer, FakeSource},
        fixtures::{self, Sample},
    };
    use ogpu_primitives::{Role, H256};

    fn computer(examine: FakeExaminer) -> (Arc<FakeExaminer>, Computer, mpsc::Receiver<Computed>) {
        let examine = Arc::new(examine);
        let (computer, ended) = Computer::new(Tools {
            examine: examine.clone(),
            source: Arc::new(FakeSource::default()),
            reader: fixtures::reader(),
            pause: Duration::from_millis(1),
        });
        (examine, computer, ended)
    }

    fn task(number: u8, due: u32) -> (SeatRecord, Vec<u8>) {
        let sample = Sample::text(number);
        let sealed = sample.sealed_to(&fixtures::reader().key.public());
        let mut record = fixtures::record(number);
        (record.case, record.due) = (sample.case, due);
        (record, sealed)
    }

    async fn ends(ended: &mut mpsc::Receiver<Computed>) -> Computed {
        tokio::time::timeout(Duration::from_secs(10), ended.recv())
            .await
            .expect("in time")
            .expect("an end")
    }

    #[tokio::test]
    async fn computer_should_do_one_at_a_time_and_the_urgent_one_first() {
        let (examine, mut computer, mut ended) = computer(FakeExaminer::default());
        for (number, due) in [(1, 50), (2, 300), (3, 100), (1, 50)] {
            let (record, sealed) = task(number, due);
            computer.start(record, sealed);
        }
        let mut order = Vec::new();
        for _ in 0..3 {
            let computed = ends(&mut ended).await;
            assert!(computed.result.is_ok());
            order.push(computed.case.work.job.as_bytes()[0]);
            computer.finished();
        }
        assert_eq!(order, [1, 3, 2]);
        assert!(ended.try_recv().is_err());
        assert_eq!(examine.most_at_once(), 1);
    }

    #[tokio::test]
    async fn computer_should_stop_and_begin_anew_when_it_is_told_to() {
        let (_, mut computer, mut ended) = computer(FakeExaminer::hanging());
        let (record, sealed) = task(1, 50);
        computer.start(record.clone(), sealed.clone());
        let (other, data) = task(2, 60);
        computer.start(other.clone(), data);
        computer.stop(&other.work());
        computer.stop(&record.work());
        computer.start(record, sealed);
        assert!(matches!(
            ends(&mut ended).await.result,
            Err(ExamineError::Stopped)
        ));
        computer.finished();
        computer.stop_all();
        assert!(matches!(
            ends(&mut ended).await.result,
            Err(ExamineError::Stopped)
        ));
        computer.finished();
        assert!(ended.try_recv().is_err(), "the second one never began");
    }

    #[tokio::test]
    async fn computer_should_make_no_jurors_report_without_the_jurys_key() {
        let (examine, mut computer, mut ended) = computer(FakeExaminer::default());
        let (mut record, sealed) = task(1, 50);
        record.role = Role::Juror;
        computer.start(record.clone(), sealed.clone());
        assert!(matches!(
            ends(&mut ended).await.result,
            Err(ExamineError::NoJuryKey)
        ));
        assert_eq!(examine.calls(), 0);
        computer.finished();
        record.case.jury_key = Some(H256::repeat_byte(7));
        computer.start(record, sealed);
        assert!(ends(&mut ended).await.result.is_ok());
    }

    #[tokio::test]
    async fn computer_should_try_again_before_it_gives_up() {
        let (examine, mut computer, mut ended) = computer(FakeExaminer::failing(2));
        let (record, sealed) = task(1, 50);
        computer.start(record.clone(), sealed.clone());
        assert!(ends(&mut ended).await.result.is_ok());
        computer.finished();
        examine.fail_next(TRIES);
        computer.start(record, sealed);
        assert!(matches!(
            ends(&mut ended).await.result,
            Err(ExamineError::Table(_))
        ));
        assert_eq!(examine.calls(), 3 + TRIES);
    }
}
