//! The queue against a chain that misbehaves on command.

use super::*;
use crate::chain::{DispatchFailure, Signed};
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use std::{collections::BTreeMap, sync::Mutex};
use subxt::utils::H256;
use tokio::time::timeout;

/// What the fake chain does with the next submissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Includes and finalises at once.
    Includes,
    /// Includes and finalises, but the call fails.
    Fails,
    /// Takes the bytes and never says anything.
    Swallows,
    /// Includes, but the watcher hears nothing but a broken line.
    IncludesSilently,
    /// The node is gone.
    Down,
}

#[derive(Default)]
struct State {
    mood: Option<Mood>,
    final_block: u64,
    final_nonce: u64,
    /// Final transactions by hash: block number, success.
    included: BTreeMap<H256, (u64, bool)>,
    /// Every submission ever sent: nonce and hash.
    sent: Vec<(u64, H256)>,
    signed: u8,
}

#[derive(Clone, Default)]
struct FakeChain {
    state: Arc<Mutex<State>>,
}

impl FakeChain {
    fn set(&self, mood: Mood) {
        self.state.lock().unwrap().mood = Some(mood);
    }

    fn advance(&self, blocks: u64) {
        self.state.lock().unwrap().final_block += blocks;
    }

    fn sent(&self) -> Vec<(u64, H256)> {
        self.state.lock().unwrap().sent.clone()
    }

    fn check_up(&self) -> Result<(), ChainError> {
        match self.state.lock().unwrap().mood {
            Some(Mood::Down) => Err(ChainError::Disconnected("down".into())),
            _ => Ok(()),
        }
    }
}

fn block_hash(number: u64) -> H256 {
    H256::from_low_u64_be(number)
}

#[async_trait]
impl TxBackend for FakeChain {
    async fn next_nonce(&self) -> Result<u64, ChainError> {
        self.check_up()?;
        Ok(self.state.lock().unwrap().final_nonce)
    }

    async fn finalized(&self) -> Result<(u64, u64), ChainError> {
        self.check_up()?;
        let state = self.state.lock().unwrap();
        Ok((state.final_block, state.final_nonce))
    }

    async fn sign(&self, _: &Call, nonce: u64) -> Result<Signed, ChainError> {
        self.check_up()?;
        let mut state = self.state.lock().unwrap();
        state.signed += 1;
        let mut hash = H256::repeat_byte(state.signed);
        hash.0[..8].copy_from_slice(&nonce.to_le_bytes());
        Ok(Signed {
            bytes: hash.0.to_vec(),
            hash,
            born_at: state.final_block,
        })
    }

    async fn watch(&self, bytes: &[u8]) -> Result<BoxStream<'static, TxEvent>, ChainError> {
        self.check_up()?;
        let mut state = self.state.lock().unwrap();
        let hash = H256::from_slice(bytes);
        let nonce = u64::from_le_bytes(bytes[..8].try_into().unwrap());
        state.sent.push((nonce, hash));
        let mood = state.mood.unwrap_or(Mood::Includes);
        let includes = matches!(mood, Mood::Includes | Mood::Fails | Mood::IncludesSilently);
        if includes && nonce == state.final_nonce {
            state.final_block += 1;
            state.final_nonce += 1;
            let number = state.final_block;
            state.included.insert(hash, (number, mood != Mood::Fails));
        }
        let events = match mood {
            Mood::Includes | Mood::Fails => {
                let block = block_hash(state.final_block);
                futures::stream::iter([TxEvent::InBlock(block), TxEvent::Finalized(block)]).boxed()
            }
            Mood::IncludesSilently => futures::stream::iter([TxEvent::Lost("line".into())]).boxed(),
            Mood::Swallows | Mood::Down => futures::stream::pending().boxed(),
        };
        Ok(events)
    }

    async fn outcome(&self, block: H256, hash: H256) -> Result<Result<u64, DispatchFailure>, ChainError> {
        let state = self.state.lock().unwrap();
        let (number, success) = state.included[&hash];
        assert_eq!(block, block_hash(number));
        Ok(if success { Ok(number) } else { Err(failure()) })
    }

    async fn find(
        &self,
        hash: H256,
        from: u64,
        to: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError> {
        let state = self.state.lock().unwrap();
        Ok(state
            .included
            .get(&hash)
            .filter(|(number, _)| (from..=to).contains(number))
            .map(|(number, success)| {
                (
                    block_hash(*number),
                    if *success { Ok(*number) } else { Err(failure()) },
                )
            }))
    }
}

fn failure() -> DispatchFailure {
    DispatchFailure {
        pallet: "JobMarket".into(),
        error: "WrongState".into(),
        docs: "too late".into(),
    }
}

struct Bench {
    folder: tempfile::TempDir,
    chain: FakeChain,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            chain: FakeChain::default(),
        }
    }

    fn open(&self) -> (TxQueue, JoinHandle<()>) {
        TxQueue::open(
            &self.folder.path().join("queue.redb"),
            Arc::new(self.chain.clone()),
        )
        .unwrap()
    }

    /// What a kill leaves: the task is gone, the file is what it was.
    async fn kill(queue: TxQueue, task: JoinHandle<()>) {
        task.abort();
        let _ = task.await;
        drop(queue);
    }
}

async fn outcome(queue: &TxQueue, id: RequestId) -> Outcome {
    timeout(Duration::from_secs(600), queue.outcome(id))
        .await
        .expect("an outcome")
        .unwrap()
}

async fn until(mut condition: impl FnMut() -> bool) {
    timeout(Duration::from_secs(600), async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await
    .expect("the condition");
}

#[tokio::test(start_paused = true)]
async fn request_should_succeed_when_the_chain_includes_it() {
    let bench = Bench::new();
    let (queue, _task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    assert!(outcome(&queue, id).await.is_success());
    assert_eq!(bench.chain.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn request_should_fail_with_the_pallets_error_when_the_call_fails() {
    let bench = Bench::new();
    bench.chain.set(Mood::Fails);
    let (queue, _task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    assert!(matches!(outcome(&queue, id).await, Outcome::Failed { error, .. } if error == "WrongState"));
    assert_eq!(bench.chain.sent().len(), 1, "a failed call is not repeated");
}

#[tokio::test(start_paused = true)]
async fn requests_should_have_rising_nonces_when_many_are_in_flight() {
    let bench = Bench::new();
    bench.chain.set(Mood::Swallows);
    let (queue, _task) = bench.open();
    for _ in 0..12 {
        queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    }
    until(|| bench.chain.sent().len() >= 8).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    let nonces: Vec<u64> = bench.chain.sent().iter().map(|(nonce, _)| *nonce).collect();
    assert_eq!(
        nonces,
        (0..8).collect::<Vec<_>>(),
        "at most eight at once, each nonce once"
    );
}

#[tokio::test(start_paused = true)]
async fn request_should_be_signed_again_when_its_life_is_over() {
    let bench = Bench::new();
    bench.chain.set(Mood::Swallows);
    let (queue, task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    until(|| bench.chain.sent().len() == 1).await;
    // The watcher hears nothing; only a restart makes us look at it ourselves.
    Bench::kill(queue, task).await;
    bench.chain.advance(crate::chain::MORTAL_BLOCKS + 1);
    bench.chain.set(Mood::Includes);
    let (queue, _task) = bench.open();
    assert!(outcome(&queue, id).await.is_success());
    let sent = bench.chain.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].0, sent[1].0, "the same nonce");
    assert_ne!(sent[0].1, sent[1].1, "a new signature");
}

#[tokio::test(start_paused = true)]
async fn request_should_be_found_when_it_was_included_while_we_were_dead() {
    let bench = Bench::new();
    bench.chain.set(Mood::IncludesSilently);
    let (queue, task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    until(|| bench.chain.sent().len() == 1).await;
    Bench::kill(queue, task).await;
    let (queue, _task) = bench.open();
    assert!(outcome(&queue, id).await.is_success());
    assert_eq!(bench.chain.sent().len(), 1, "it is not sent a second time");
}

#[tokio::test(start_paused = true)]
async fn request_should_be_sent_with_the_same_bytes_when_it_may_still_be_included() {
    let bench = Bench::new();
    bench.chain.set(Mood::Swallows);
    let (queue, task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    until(|| bench.chain.sent().len() == 1).await;
    Bench::kill(queue, task).await;
    bench.chain.advance(10);
    bench.chain.set(Mood::Includes);
    let (queue, _task) = bench.open();
    assert!(outcome(&queue, id).await.is_success());
    let sent = bench.chain.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
}

#[tokio::test(start_paused = true)]
async fn request_should_get_another_nonce_when_a_stranger_used_its_own() {
    let bench = Bench::new();
    bench.chain.set(Mood::Swallows);
    let (queue, task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    until(|| bench.chain.sent().len() == 1).await;
    Bench::kill(queue, task).await;
    {
        let mut state = bench.chain.state.lock().unwrap();
        state.final_nonce = 1;
        state.final_block = 5;
    }
    bench.chain.set(Mood::Includes);
    let (queue, _task) = bench.open();
    assert!(outcome(&queue, id).await.is_success());
    assert_eq!(bench.chain.sent().last().unwrap().0, 1);
}

#[tokio::test(start_paused = true)]
async fn request_should_wait_when_the_node_is_down_and_go_on_when_it_is_back() {
    let bench = Bench::new();
    bench.chain.set(Mood::Down);
    let (queue, _task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(matches!(
        queue.request(id).unwrap().state,
        SubmissionState::Waiting { .. }
    ));
    bench.chain.set(Mood::Includes);
    assert!(outcome(&queue, id).await.is_success());
}

#[tokio::test(start_paused = true)]
async fn request_should_be_given_up_when_its_limit_has_passed_without_a_submission() {
    let bench = Bench::new();
    let (queue, _task) = bench.open();
    let id = queue
        .enqueue(Call::WithdrawEarnings, None, Some(Duration::ZERO))
        .unwrap();
    assert!(matches!(outcome(&queue, id).await, Outcome::GaveUp { .. }));
    assert!(bench.chain.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn waiting_should_end_when_the_queue_is_shut_down() {
    let bench = Bench::new();
    bench.chain.set(Mood::Swallows);
    let (queue, task) = bench.open();
    let id = queue.enqueue(Call::WithdrawEarnings, None, None).unwrap();
    let waiting = tokio::spawn({
        let queue = queue.clone();
        async move { queue.outcome(id).await }
    });
    until(|| bench.chain.sent().len() == 1).await;
    queue.shut_down();
    assert!(matches!(waiting.await.unwrap(), Err(QueueError::ShutDown)));
    task.await.unwrap();
}
