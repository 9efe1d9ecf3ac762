//! What is queued, and how often.

use super::*;
use crate::jobs::fixtures::{assignment, commitment};
use futures::{stream::BoxStream, StreamExt};
use ogpu_client::{
    chain::{ChainError, DispatchFailure, Signed},
    tx_queue::{TxBackend, TxEvent},
};
use ogpu_primitives::H256;
use std::sync::{
    atomic::{AtomicU64, Ordering},
    Arc,
};

#[test]
fn request_should_have_its_own_key_for_each_kind_and_attempt() {
    let work = assignment(1).work;
    let next = WorkKey { attempt: 1, ..work };
    let keys = [
        request(&Report::Acknowledge(work)).1,
        request(&Report::Acknowledge(next)).1,
        request(&Report::NoInput(work)).1,
        request(&Report::Commit(work, commitment())).1,
    ];
    let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(distinct.len(), keys.len());
}

/// Includes every transaction at once; the first ones fail.
struct Chain {
    failing: u64,
    included: AtomicU64,
}

#[async_trait]
impl TxBackend for Chain {
    async fn next_nonce(&self) -> Result<u64, ChainError> {
        Ok(self.included.load(Ordering::SeqCst))
    }

    async fn finalized(&self) -> Result<(u64, u64), ChainError> {
        let included = self.included.load(Ordering::SeqCst);
        Ok((included, included))
    }

    async fn sign(&self, _: &Call, nonce: u64) -> Result<Signed, ChainError> {
        Ok(Signed {
            bytes: nonce.to_le_bytes().to_vec(),
            hash: H256::from_low_u64_be(nonce),
            born_at: nonce,
        })
    }

    async fn watch(&self, _: &[u8]) -> Result<BoxStream<'static, TxEvent>, ChainError> {
        let number = self.included.fetch_add(1, Ordering::SeqCst);
        let block = TxEvent::Finalized(H256::from_low_u64_be(number));
        Ok(futures::stream::iter([block]).boxed())
    }

    async fn outcome(&self, _: H256, hash: H256) -> Result<Result<u64, DispatchFailure>, ChainError> {
        let number = hash.to_low_u64_be();
        Ok(match number < self.failing {
            true => Err(DispatchFailure {
                pallet: "Verification".into(),
                error: "WrongStage".into(),
                docs: "Too early.".into(),
            }),
            false => Ok(number),
        })
    }

    async fn find(
        &self,
        _: H256,
        _: u64,
        _: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError> {
        Ok(None)
    }
}

struct World {
    _folder: tempfile::TempDir,
    queue: TxQueue,
}

fn world(failing: u64) -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let chain = Chain {
        failing,
        included: AtomicU64::new(0),
    };
    let (queue, _task) = TxQueue::open(&folder.path().join("queue.redb"), Arc::new(chain)).expect("a queue");
    World {
        _folder: folder,
        queue,
    }
}

fn call() -> anyhow::Result<Call> {
    Ok(Call::Acknowledge(assignment(1).work))
}

/// Queues it, and waits for its end.
async fn queue_and_wait(queue: &TxQueue) -> anyhow::Result<bool> {
    let queued = queue_once(queue, "open", call)?;
    for attempt in (0..MAX_TRIES).rev() {
        if let Some(id) = queue.find(&format!("open/{attempt}"))? {
            let outcome = queue.outcome(id);
            tokio::time::timeout(Duration::from_secs(10), outcome)
                .await
                .expect("in time")?;
            break;
        }
    }
    Ok(queued)
}

#[tokio::test]
async fn queue_once_should_make_nothing_more_when_it_has_succeeded() {
    let world = world(0);
    assert!(queue_and_wait(&world.queue).await.expect("queued"));
    let again = queue_once(&world.queue, "open", || panic!("it is done"));
    assert!(!again.expect("nothing to do"));
}

#[tokio::test]
async fn queue_once_should_try_again_when_the_chain_refused_it() {
    let world = world(2);
    for queued in [true, true, true, false] {
        assert_eq!(queue_and_wait(&world.queue).await.expect("taken"), queued);
    }
}

#[tokio::test]
async fn queue_once_should_give_up_when_the_chain_keeps_refusing() {
    let world = world(u64::MAX);
    for _ in 0..MAX_TRIES {
        assert!(queue_and_wait(&world.queue).await.expect("queued"));
    }
    let error = queue_once(&world.queue, "open", call).expect_err("refused too often");
    assert!(error.to_string().contains("open"), "{error}");
}
