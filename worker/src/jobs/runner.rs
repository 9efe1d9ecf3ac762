//! Runs computations on blocking threads, at most `slots` at once, each of which can be stopped.

use super::{
    crash::CrashPoint,
    execute::{Execute, ExecuteError, Finished, StopFlag},
    record::{short, Assignment},
};
use ogpu_primitives::WorkKey;
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::{mpsc, Semaphore};

/// A computation that has come to its end.
#[derive(Debug)]
pub struct Ended {
    /// The attempt.
    pub work: WorkKey,
    /// Its result.
    pub result: Result<Finished, ExecuteError>,
}

/// Starts and stops computations. Owned by one task.
pub struct Runner {
    execute: Arc<dyn Execute>,
    slots: Arc<Semaphore>,
    running: BTreeMap<WorkKey, Arc<StopFlag>>,
    ended: mpsc::Sender<Ended>,
}

impl Runner {
    /// A runner of `slots` computations at once, and the channel on which each end is told.
    pub fn new(execute: Arc<dyn Execute>, slots: usize) -> (Self, mpsc::Receiver<Ended>) {
        let slots = slots.max(1);
        let (ended, receiver) = mpsc::channel(slots);
        (
            Self {
                execute,
                slots: Arc::new(Semaphore::new(slots)),
                running: BTreeMap::new(),
                ended,
            },
            receiver,
        )
    }

    /// Queues a computation unless the attempt has one already.
    pub fn start(&mut self, assignment: Assignment, sealed_input: Vec<u8>) {
        let work = assignment.work;
        if self.running.contains_key(&work) {
            return;
        }
        let stop = Arc::new(StopFlag::default());
        self.running.insert(work, stop.clone());
        let (execute, slots, ended) = (self.execute.clone(), self.slots.clone(), self.ended.clone());
        tokio::spawn(async move {
            let Ok(_permit) = slots.acquire_owned().await else {
                return;
            };
            let computed = tokio::task::spawn_blocking(move || {
                if stop.is_stopped() {
                    return Err(ExecuteError::Stopped);
                }
                CrashPoint::Running.pass();
                tracing::info!(job = short(&work), "running");
                execute.execute(&assignment, &sealed_input, &stop)
            });
            let result = computed
                .await
                .unwrap_or_else(|error| Err(ExecuteError::Failed(format!("the engine panicked: {error}"))));
            // The receiver is gone only when the daemon ends; the attempt is run again after the restart.
            let _ = ended.send(Ended { work, result }).await;
        });
    }

    /// Asks a computation to stop; its end is told all the same.
    pub fn stop(&mut self, work: &WorkKey) {
        if let Some(stop) = self.running.get(work) {
            stop.stop();
        }
    }

    /// Asks all of them to stop.
    pub fn stop_all(&mut self) {
        self.running.values().for_each(|stop| stop.stop());
    }

    /// To be called for each [`Ended`].
    pub fn forget(&mut self, work: &WorkKey) {
        self.running.remove(work);
    }

    /// Computations queued or running.
    pub fn len(&self) -> usize {
        self.running.len()
    }

    /// Nothing is queued or running.
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }
}

impl Drop for Runner {
    /// Nobody is left to take the results.
    fn drop(&mut self) {
        self.stop_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::fixtures::{assignment, finished};
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    /// Runs until it is stopped, or for `work`; counts how many run at once.
    struct Sleeper {
        work: Duration,
        now: AtomicUsize,
        most: AtomicUsize,
    }

    impl Execute for Sleeper {
        fn execute(&self, _: &Assignment, input: &[u8], stop: &StopFlag) -> Result<Finished, ExecuteError> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            let end = std::time::Instant::now() + self.work;
            while std::time::Instant::now() < end && !stop.is_stopped() {
                std::thread::sleep(Duration::from_millis(2));
            }
            self.now.fetch_sub(1, Ordering::SeqCst);
            if stop.is_stopped() {
                return Err(ExecuteError::Stopped);
            }
            Ok(finished(input.to_vec()))
        }
    }

    fn runner(work: Duration, slots: usize) -> (Arc<Sleeper>, Runner, mpsc::Receiver<Ended>) {
        let sleeper = Arc::new(Sleeper {
            work,
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let (runner, ended) = Runner::new(sleeper.clone(), slots);
        (sleeper, runner, ended)
    }

    #[tokio::test]
    async fn runner_should_never_exceed_its_slots_when_more_is_queued() {
        let (sleeper, mut runner, mut ended) = runner(Duration::from_millis(20), 2);
        for number in 0..5 {
            runner.start(assignment(number), vec![number]);
        }
        for _ in 0..5 {
            let ended = ended.recv().await.expect("an end for each start");
            assert!(ended.result.is_ok());
            runner.forget(&ended.work);
        }
        assert!(runner.is_empty());
        assert!(sleeper.most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn runner_should_tell_that_it_stopped_when_it_is_asked_to() {
        let (_, mut runner, mut ended) = runner(Duration::from_secs(60), 1);
        runner.start(assignment(1), vec![]);
        runner.start(assignment(2), vec![]); // waits for the slot
        runner.stop_all();
        for _ in 0..2 {
            let ended = tokio::time::timeout(Duration::from_secs(5), ended.recv()).await;
            let ended = ended.expect("in time").expect("an end");
            assert!(matches!(ended.result, Err(ExecuteError::Stopped)));
        }
    }

    #[tokio::test]
    async fn runner_should_ignore_a_second_start_when_the_attempt_runs() {
        let (_, mut runner, mut ended) = runner(Duration::from_millis(10), 4);
        runner.start(assignment(1), vec![]);
        runner.start(assignment(1), vec![]);
        assert_eq!(runner.len(), 1);
        ended.recv().await.expect("one end");
        assert!(ended.try_recv().is_err());
    }
}
