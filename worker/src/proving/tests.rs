//! The prover against a store, a queue whose node is gone, and a chain that the test plays.

use super::{
    fixtures::{demand, duties, view, CLIENT, WORKER},
    *,
};
use crate::jobs::{
    fixtures::{assignment, proof},
    Assignment, Execute, ExecuteError, Finished, JobRecord, JobStore, Manager, Pace, Report, Reports, State,
};
use async_trait::async_trait;
use futures::stream::BoxStream;
use ogpu_client::{
    chain::{Call, ChainError, DemandState, DispatchFailure, Signed},
    tx_queue::{TxBackend, TxEvent},
};
use ogpu_primitives::CheckStage;
use std::sync::Arc;

struct NoNode;

fn gone<T>() -> Result<T, ChainError> {
    Err(ChainError::Disconnected("the test has no node".into()))
}

#[async_trait]
impl TxBackend for NoNode {
    async fn next_nonce(&self) -> Result<u64, ChainError> {
        gone()
    }

    async fn finalized(&self) -> Result<(u64, u64), ChainError> {
        gone()
    }

    async fn sign(&self, _: &Call, _: u64) -> Result<Signed, ChainError> {
        gone()
    }

    async fn watch(&self, _: &[u8]) -> Result<BoxStream<'static, TxEvent>, ChainError> {
        gone()
    }

    async fn outcome(&self, _: H256, _: H256) -> Result<Result<u64, DispatchFailure>, ChainError> {
        gone()
    }

    async fn find(
        &self,
        _: H256,
        _: u64,
        _: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError> {
        gone()
    }
}

struct Nobody;

#[async_trait]
impl Reports for Nobody {
    async fn queue(&self, _: Report) -> anyhow::Result<()> {
        Ok(())
    }
}

impl Execute for Nobody {
    fn execute(
        &self,
        _: &Assignment,
        _: &[u8],
        _: &crate::jobs::execute::StopFlag,
    ) -> Result<Finished, ExecuteError> {
        Err(ExecuteError::Stopped)
    }
}

struct World {
    folder: tempfile::TempDir,
    store: JobStore,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = JobStore::open(&folder.path().join("jobs.redb")).expect("a store");
        Self { folder, store }
    }

    fn keep_proof(&self) {
        let mut record = JobRecord::new(assignment(1), 5);
        record.state = State::Committed;
        self.store
            .put_finished(&record, b"sealed", &proof())
            .expect("written");
    }

    /// A prover as after a start of the daemon, and its queue.
    async fn start(&self) -> (Prover, TxQueue, tokio::task::JoinHandle<()>) {
        let path = self.folder.path().join("queue.redb");
        let (queue, task) = TxQueue::open(&path, Arc::new(NoNode)).expect("a queue");
        let (_, handle) = Manager::new(
            self.store.clone(),
            Arc::new(Nobody),
            Arc::new(Nobody),
            Pace::default(),
            1,
        )
        .expect("a manager");
        let prover = Prover::new(H256([9; 32]), WORKER, handle, queue.clone());
        (prover, queue, task)
    }
}

fn queued(queue: &TxQueue) -> Vec<Call> {
    let unfinished = queue.unfinished().expect("read");
    unfinished.into_iter().map(|(_, request)| request.call).collect()
}

fn opening() -> Duties {
    let mut view = view();
    view.record.stage = CheckStage::Opening;
    view.demands = vec![(CLIENT, demand(DemandState::Open, 33))];
    duties(view)
}

#[tokio::test]
async fn prover_should_queue_each_thing_once_when_blocks_and_restarts_repeat_the_question() {
    let world = World::new();
    world.keep_proof();
    let (mut prover, queue, task) = world.start().await;
    prover.look(&opening());
    prover.look(&opening());
    let first = queued(&queue);
    assert!(
        matches!(first.as_slice(), [Call::Open { .. }, Call::PostData { .. }]),
        "{first:?}"
    );
    queue.shut_down();
    task.await.expect("no panic");
    drop((prover, queue));

    let (mut prover, queue, _task) = world.start().await;
    prover.look(&opening());
    // The very same bytes: the ciphertext was not made again.
    assert_eq!(queued(&queue), first);
}

#[tokio::test]
async fn prover_should_go_on_with_the_rest_when_one_proof_is_missing() {
    let world = World::new();
    let (mut prover, queue, _task) = world.start().await;
    prover.look(&opening());
    assert_eq!(queued(&queue), []);
    assert_eq!(prover.failed.len(), 2);

    // The operator brings the data folder back.
    world.keep_proof();
    prover.look(&opening());
    assert_eq!(queued(&queue).len(), 2);
    assert!(prover.failed.is_empty());
}

#[tokio::test]
async fn prover_should_act_on_each_block_until_it_is_told_to_stop() {
    let world = World::new();
    world.keep_proof();
    let (prover, queue, _task) = world.start().await;
    let (tell, duties) = Duties::channel();
    let (stop, closing) = watch::channel(false);
    let running = tokio::spawn(prover.run(duties, closing));
    tell.send_replace(opening());
    let both = async {
        while queued(&queue).len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), both)
        .await
        .expect("both are queued");
    stop.send_replace(true);
    running.await.expect("it ends");
}
