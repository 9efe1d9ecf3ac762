//! The manager against a chain, a queue and an engine that the test plays.

use super::*;
use crate::jobs::{
    execute::{Finished, StopFlag},
    fixtures::{assignment, commitment, finished, proof},
};
use std::sync::Mutex;

#[derive(Default)]
struct RecordedReports {
    seen: Mutex<Vec<Report>>,
    broken: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl Reports for RecordedReports {
    async fn queue(&self, report: Report) -> anyhow::Result<()> {
        if self.broken.load(std::sync::atomic::Ordering::SeqCst) {
            anyhow::bail!("the queue's disk is full");
        }
        self.seen.lock().expect("no panic while held").push(report);
        Ok(())
    }
}

impl RecordedReports {
    fn all(&self) -> Vec<Report> {
        self.seen.lock().expect("no panic while held").clone()
    }
}

/// Answers with its input reversed, or never until it is stopped.
struct FakeEngine {
    hangs: bool,
}

impl Execute for FakeEngine {
    fn execute(&self, _: &Assignment, input: &[u8], stop: &StopFlag) -> Result<Finished, ExecuteError> {
        if self.hangs {
            while !stop.is_stopped() {
                std::thread::sleep(Duration::from_millis(2));
            }
            return Err(ExecuteError::Stopped);
        }
        if input == b"bad" {
            return Err(ExecuteError::Failed("no such model file".into()));
        }
        Ok(finished(input.iter().rev().copied().collect()))
    }
}

struct World {
    folder: tempfile::TempDir,
    reports: Arc<RecordedReports>,
}

struct Daemon {
    handle: ManagerHandle,
    shutdown: watch::Sender<bool>,
    task: tokio::task::JoinHandle<Result<(), StoreError>>,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            reports: Arc::default(),
        }
    }

    fn store(&self) -> JobStore {
        JobStore::open(&self.folder.path().join("jobs.redb")).expect("a store")
    }

    fn start(&self, hangs: bool) -> Daemon {
        self.start_at(hangs, Pace::default())
    }

    fn start_at(&self, hangs: bool, pace: Pace) -> Daemon {
        let engine = Arc::new(FakeEngine { hangs });
        let (manager, handle) =
            Manager::new(self.store(), self.reports.clone(), engine, pace, 1).expect("a manager");
        let (shutdown, closing) = watch::channel(false);
        let task = tokio::spawn(manager.run(closing, Duration::from_millis(200)));
        Daemon {
            handle,
            shutdown,
            task,
        }
    }
}

impl Daemon {
    async fn reaches(&self, work: WorkKey, wanted: State) {
        let mut attempts = self.handle.attempts();
        let reached = async {
            loop {
                let state = self
                    .handle
                    .record(&work)
                    .expect("read")
                    .map(|record| record.state);
                if state == Some(wanted) {
                    return;
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), attempts.changed()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), reached)
            .await
            .unwrap_or_else(|_| panic!("{wanted:?} not reached: {:?}", self.handle.record(&work)));
    }

    async fn chain(&self, tick: Tick, status: ChainStatus, assignment: Assignment) {
        let job = ChainJob {
            work: assignment.work,
            assignment: Some(assignment),
            status,
        };
        self.handle
            .snapshot(Snapshot {
                tick,
                jobs: vec![job],
                ..Snapshot::default()
            })
            .await;
    }

    async fn stop(self) {
        self.shutdown.send_replace(true);
        self.task.await.expect("no panic").expect("no storage error");
    }
}

#[tokio::test]
async fn manager_should_take_a_job_to_its_end_when_all_goes_well() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(false);
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon.reaches(job.work, State::Assigned).await;
    daemon
        .handle
        .input(job.work, b"abc".to_vec())
        .await
        .expect("taken");
    daemon.reaches(job.work, State::Committing).await;
    assert_eq!(
        daemon.handle.output(&job.work).expect("read").as_deref(),
        Some(&b"cba"[..])
    );
    daemon.chain(11, ChainStatus::Committed, job.clone()).await;
    daemon.reaches(job.work, State::Committed).await;
    daemon.chain(50, ChainStatus::Settled, job.clone()).await;
    daemon.reaches(job.work, State::Done).await;
    assert_eq!(
        world.reports.all(),
        [
            Report::Acknowledge(job.work),
            Report::Commit(job.work, commitment())
        ]
    );
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_refuse_an_input_when_the_attempt_is_unknown_or_over() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(false);
    assert_eq!(
        daemon.handle.input(job.work, vec![]).await,
        Err(InputRefused::NotAssigned)
    );
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon.chain(11, ChainStatus::TakenBack, job.clone()).await;
    daemon
        .reaches(job.work, State::Abandoned(Reason::TakenBack))
        .await;
    assert_eq!(
        daemon.handle.input(job.work, vec![]).await,
        Err(InputRefused::TooLate)
    );
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_say_no_input_when_none_comes() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(false);
    daemon
        .chain(
            job.acknowledge_by - NO_INPUT_MARGIN - 1,
            ChainStatus::Assigned,
            job.clone(),
        )
        .await;
    daemon.reaches(job.work, State::Assigned).await;
    daemon
        .chain(
            job.acknowledge_by - NO_INPUT_MARGIN,
            ChainStatus::Assigned,
            job.clone(),
        )
        .await;
    daemon.reaches(job.work, State::Abandoned(Reason::NoInput)).await;
    daemon
        .chain(job.acknowledge_by, ChainStatus::Assigned, job.clone())
        .await;
    daemon.stop().await;
    assert_eq!(world.reports.all(), [Report::NoInput(job.work)]);
}

#[tokio::test]
async fn manager_should_neither_acknowledge_nor_blame_the_client_when_the_deadline_is_too_near() {
    let (world, job) = (World::new(), assignment(1));
    let device = ogpu_primitives::Device {
        kind: ogpu_primitives::DeviceKind::Cpu,
        name: Default::default(),
        vram_mib: 1,
        bandwidth_mib_s: 1,
        throughput_gmac_s: 1,
    };
    // More than 1,000 s a token, and 2,000 s are left.
    let costs = ogpu_primitives::Costs {
        input_milli_cu: 10_000_000,
        output_milli_cu: 0,
    };
    let daemon = world.start_at(false, Pace::new(&[device], [(job.model, costs)].into()));
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon
        .reaches(job.work, State::Abandoned(Reason::DeadlineTooNear))
        .await;
    assert_eq!(
        daemon.handle.input(job.work, b"abc".to_vec()).await,
        Err(InputRefused::DeadlineTooNear)
    );
    daemon
        .chain(job.acknowledge_by, ChainStatus::Assigned, job.clone())
        .await;
    daemon.stop().await;
    assert_eq!(world.reports.all(), []);
}

#[tokio::test]
async fn manager_should_run_again_when_it_was_killed_before_the_output_was_stored() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(true);
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon
        .handle
        .input(job.work, b"abc".to_vec())
        .await
        .expect("taken");
    daemon.reaches(job.work, State::Acknowledging).await;
    daemon.task.abort();
    let _ = daemon.task.await;
    drop(daemon.handle);

    let daemon = world.start(false);
    // Nothing happens before the chain has spoken.
    assert_eq!(world.reports.all(), [Report::Acknowledge(job.work)]);
    daemon.chain(12, ChainStatus::Acknowledged, job.clone()).await;
    daemon.reaches(job.work, State::Committing).await;
    assert_eq!(
        world.reports.all().last(),
        Some(&Report::Commit(job.work, commitment()))
    );
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_commit_what_is_on_disk_when_it_was_killed_after_the_output_was_stored() {
    let (world, job) = (World::new(), assignment(1));
    let mut record = JobRecord::new(job.clone(), 10);
    record.state = State::Finished;
    record.commitment = Some(commitment());
    world
        .store()
        .put_finished(&record, b"kept", &proof())
        .expect("written");

    let daemon = world.start(true); // an engine that would hang if it were asked
    daemon.chain(12, ChainStatus::Acknowledged, job.clone()).await;
    daemon.reaches(job.work, State::Committing).await;
    assert_eq!(
        daemon.handle.output(&job.work).expect("read").as_deref(),
        Some(&b"kept"[..])
    );
    assert_eq!(world.reports.all(), [Report::Commit(job.work, commitment())]);
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_not_run_again_when_the_chain_took_the_job_back_meanwhile() {
    let (world, job) = (World::new(), assignment(1));
    let mut record = JobRecord::new(job.clone(), 10);
    record.state = State::Running;
    world.store().put_with_input(&record, b"abc").expect("written");

    let daemon = world.start(true);
    daemon.chain(500, ChainStatus::TakenBack, job.clone()).await;
    daemon
        .reaches(job.work, State::Abandoned(Reason::TakenBack))
        .await;
    assert!(world.reports.all().is_empty());
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_try_again_when_the_queue_failed() {
    let (world, job) = (World::new(), assignment(1));
    world
        .reports
        .broken
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let daemon = world.start(false);
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon
        .handle
        .input(job.work, b"abc".to_vec())
        .await
        .expect("the input itself is held");
    daemon.reaches(job.work, State::InputHeld).await;
    world
        .reports
        .broken
        .store(false, std::sync::atomic::Ordering::SeqCst);
    daemon
        .chain(10 + RESEND_TICKS, ChainStatus::Assigned, job.clone())
        .await;
    daemon.reaches(job.work, State::Committing).await;
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_give_up_when_the_engine_cannot_run_it() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(false);
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon
        .handle
        .input(job.work, b"bad".to_vec())
        .await
        .expect("taken");
    daemon
        .reaches(job.work, State::Abandoned(Reason::EngineFailed))
        .await;
    daemon.stop().await;
}

#[tokio::test]
async fn manager_should_end_in_time_when_a_job_hangs_at_shutdown() {
    let (world, job) = (World::new(), assignment(1));
    let daemon = world.start(true);
    daemon.chain(10, ChainStatus::Assigned, job.clone()).await;
    daemon
        .handle
        .input(job.work, b"abc".to_vec())
        .await
        .expect("taken");
    daemon.reaches(job.work, State::Acknowledging).await;
    tokio::time::timeout(Duration::from_secs(5), daemon.stop())
        .await
        .expect("within the grace period");
}

#[tokio::test]
async fn manager_should_keep_what_proves_a_result_while_the_chain_checks_it() {
    let (world, job) = (World::new(), assignment(1));
    let store = world.store();
    let mut record = JobRecord::new(job.clone(), 10);
    record.state = State::Abandoned(Reason::TakenBack);
    store.put_finished(&record, b"kept", &proof()).expect("written");
    drop(store);

    let daemon = world.start(false);
    let look = |tick, checked: &[WorkKey]| Snapshot {
        tick,
        jobs: Vec::new(),
        checked: checked.iter().copied().collect(),
    };
    let late = 10 + KEEP_TICKS + 1;
    daemon.handle.snapshot(look(late, &[job.work])).await;
    // A second job tells that the first snapshot was worked on.
    let later = late + PRUNE_EVERY_TICKS;
    daemon
        .chain(later - 1, ChainStatus::Assigned, assignment(2))
        .await;
    daemon
        .reaches(assignment(2).work, State::Abandoned(Reason::NoInput))
        .await;
    assert_eq!(daemon.handle.proof(&job.work).expect("read"), Some(proof()));

    daemon.handle.snapshot(look(later, &[])).await;
    let gone = async {
        while daemon.handle.proof(&job.work).expect("read").is_some() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone)
        .await
        .expect("deleted once nobody asks for it any more");
    daemon.stop().await;
}
