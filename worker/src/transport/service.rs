//! The service behind the line.

use super::input;
use crate::jobs::{record::short, InputRefused, JobRecord, ManagerHandle, State};
use async_trait::async_trait;
use ogpu_client::{
    keys::EncryptionKey,
    transport::{ErrorCode, JobService, Refusal},
};
use ogpu_primitives::{WorkKey, H256};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How long a request waits for a block that the client's node has and ours has not.
const WAIT_FOR_ASSIGNMENT: Duration = Duration::from_secs(6);
/// How long a request for an output that is being made is held open before it is answered with "pending".
const WAIT_FOR_OUTPUT: Duration = Duration::from_secs(20);

/// Takes inputs and serves outputs for one worker.
pub struct WorkerService {
    genesis: H256,
    encryption: EncryptionKey,
    manager: ManagerHandle,
    /// Makes the chain follower look at once.
    look_now: Arc<Notify>,
}

impl WorkerService {
    /// A service; `look_now` is notified when a client names an attempt that is not known yet.
    pub fn new(
        genesis: H256,
        encryption: EncryptionKey,
        manager: ManagerHandle,
        look_now: Arc<Notify>,
    ) -> Self {
        Self {
            genesis,
            encryption,
            manager,
            look_now,
        }
    }

    fn read(&self, work: &WorkKey) -> Result<Option<JobRecord>, Refusal> {
        self.manager.record(work).map_err(|error| {
            tracing::error!(job = short(work), %error, "the job store failed");
            Refusal::new(
                ErrorCode::Internal,
                "the worker's job store failed; try again later",
            )
        })
    }

    /// The attempt's record, waiting a moment for a block that is under way.
    async fn find(&self, work: &WorkKey) -> Result<JobRecord, Refusal> {
        let mut attempts = self.manager.attempts();
        let end = tokio::time::Instant::now() + WAIT_FOR_ASSIGNMENT;
        loop {
            attempts.borrow_and_update();
            if let Some(record) = self.read(work)? {
                return Ok(record);
            }
            self.look_now.notify_one();
            if !matches!(tokio::time::timeout_at(end, attempts.changed()).await, Ok(Ok(()))) {
                return Err(Refusal::new(
                    ErrorCode::UnknownWork,
                    InputRefused::NotAssigned.to_string(),
                ));
            }
        }
    }
}

#[async_trait]
impl JobService for WorkerService {
    async fn push_input(&self, _peer: [u8; 32], work: WorkKey, sealed: Vec<u8>) -> Result<(), Refusal> {
        let record = self.find(&work).await?;
        if !record.state.takes_input() && !record.state.is_final() {
            return Ok(()); // held already; a client that did not hear our answer asks again
        }
        input::check(
            &self.genesis,
            &record.assignment,
            self.encryption.secret(),
            &sealed,
        )
        .map_err(|error| {
            tracing::warn!(job = short(&work), %error, "an input was refused");
            error.refusal()
        })?;
        self.manager.input(work, sealed).await.map_err(|refused| {
            let code = match refused {
                InputRefused::NotAssigned => ErrorCode::UnknownWork,
                InputRefused::TooLate | InputRefused::DeadlineTooNear => ErrorCode::Gone,
                InputRefused::Storage(_) => ErrorCode::Internal,
                InputRefused::Closing => ErrorCode::Busy,
            };
            Refusal::new(code, refused.to_string())
        })
    }

    async fn fetch_output(&self, _peer: [u8; 32], work: WorkKey) -> Result<Option<Vec<u8>>, Refusal> {
        // Anybody may fetch: it is ciphertext that only the client's reply key opens.
        self.find(&work).await?;
        let mut attempts = self.manager.attempts();
        let end = tokio::time::Instant::now() + WAIT_FOR_OUTPUT;
        loop {
            attempts.borrow_and_update();
            let state = self.read(&work)?.map(|record| record.state);
            match state {
                Some(state) if state.has_output() => {
                    let output = self.manager.output(&work).map_err(|error| {
                        tracing::error!(job = short(&work), %error, "the job store failed");
                        Refusal::new(
                            ErrorCode::Internal,
                            "the worker's job store failed; try again later",
                        )
                    })?;
                    return output
                        .map(Some)
                        .ok_or_else(|| gone("its output is no longer on disk"));
                }
                Some(State::Abandoned(reason)) => {
                    return Err(gone(&format!("the worker has no output for it ({reason:?})")))
                }
                None => return Err(gone("it is too old")),
                Some(_) => (),
            }
            if !matches!(tokio::time::timeout_at(end, attempts.changed()).await, Ok(Ok(()))) {
                return Ok(None);
            }
        }
    }
}

fn gone(why: &str) -> Refusal {
    Refusal::new(ErrorCode::Gone, format!("this attempt is over: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::{
        execute::StopFlag,
        fixtures::{assignment, commitment, SALT, TOKENS},
        Assignment, ChainJob, ChainStatus, Execute, ExecuteError, Finished, JobStore, Manager, Pace, Report,
        Reports, Snapshot,
    };
    use ogpu_client::{
        sealed::{seal_input, InputMessage},
        transport::{from_socket_addr, JobClient, JobServer, TransportError},
    };
    use ogpu_primitives::NetworkProfile;
    use tokio::sync::watch;

    const GENESIS: H256 = H256([9; 32]);

    struct NoReports;

    #[async_trait]
    impl Reports for NoReports {
        async fn queue(&self, _: Report) -> anyhow::Result<()> {
            Ok(())
        }
    }

    struct Echo;

    impl Execute for Echo {
        fn execute(&self, _: &Assignment, input: &[u8], _: &StopFlag) -> Result<Finished, ExecuteError> {
            Ok(Finished {
                sealed_output: input.to_vec(),
                commitment: commitment(),
            })
        }
    }

    struct Worker {
        _folder: tempfile::TempDir,
        _shutdown: watch::Sender<bool>,
        key: EncryptionKey,
        manager: ManagerHandle,
        server: JobServer,
        profile: NetworkProfile,
    }

    async fn worker() -> Worker {
        let folder = tempfile::tempdir().expect("a folder");
        let store = JobStore::open(&folder.path().join("jobs.redb")).expect("a store");
        let (manager, handle) =
            Manager::new(store, Arc::new(NoReports), Arc::new(Echo), Pace::default(), 1).expect("a manager");
        let (shutdown, closing) = watch::channel(false);
        tokio::spawn(manager.run(closing, Duration::from_secs(1)));
        let key = EncryptionKey::generate();
        let service = WorkerService::new(GENESIS, key.clone(), handle.clone(), Arc::new(Notify::new()));
        let secret = keys(&folder).transport;
        let listen = ["127.0.0.1:0".parse().expect("an address")];
        let server = JobServer::bind(secret, &listen, Arc::new(service))
            .await
            .expect("bound");
        let addresses: Vec<_> = server.bound_sockets().iter().map(from_socket_addr).collect();
        let profile = NetworkProfile {
            transport_key: server.transport_key(),
            encryption_key: key.public(),
            addresses: addresses.try_into().unwrap_or_default(),
            relays: Default::default(),
        };
        Worker {
            _folder: folder,
            _shutdown: shutdown,
            key,
            manager: handle,
            server,
            profile,
        }
    }

    fn keys(folder: &tempfile::TempDir) -> ogpu_client::keys::WorkerKeys {
        ogpu_client::keys::WorkerKeys::load_or_create(&folder.path().join("keys")).expect("keys")
    }

    async fn assign(worker: &Worker, status: ChainStatus) {
        let job = assignment(1);
        let job = ChainJob {
            work: job.work,
            assignment: Some(job),
            status,
        };
        worker
            .manager
            .snapshot(Snapshot {
                tick: 10,
                jobs: vec![job],
            })
            .await;
    }

    fn sealed(worker: &Worker, tokens: &[u32]) -> Vec<u8> {
        let message = InputMessage {
            salt: SALT,
            token_ids: tokens.to_vec(),
            reply_key: [3; 32],
        };
        seal_input(&GENESIS, &assignment(1).work, &worker.key.public(), &message).expect("sealed")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn service_should_take_an_input_and_give_the_output_over_quic() {
        let worker = worker().await;
        assign(&worker, ChainStatus::Assigned).await;
        let client = JobClient::bind().await.expect("a socket");
        let peer = client.dial(&worker.profile).await.expect("connected");
        let input = sealed(&worker, &TOKENS);
        peer.push_input(assignment(1).work, input.clone())
            .await
            .expect("taken");
        peer.push_input(assignment(1).work, input.clone())
            .await
            .expect("taken once more without harm");
        let output = peer.fetch_output(assignment(1).work).await.expect("an answer");
        assert_eq!(output, Some(input));
        worker.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn service_should_wait_for_the_block_when_the_client_is_ahead() {
        let worker = worker().await;
        let client = JobClient::bind().await.expect("a socket");
        let peer = client.dial(&worker.profile).await.expect("connected");
        let push = tokio::spawn({
            let (peer, input) = (peer.clone(), sealed(&worker, &TOKENS));
            async move { peer.push_input(assignment(1).work, input).await }
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assign(&worker, ChainStatus::Assigned).await;
        push.await.expect("no panic").expect("taken once the block came");
        worker.server.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn service_should_name_the_reason_when_it_refuses() {
        let worker = worker().await;
        assign(&worker, ChainStatus::Assigned).await;
        let client = JobClient::bind().await.expect("a socket");
        let peer = client.dial(&worker.profile).await.expect("connected");
        let code = |result: Result<(), TransportError>| match result {
            Err(TransportError::Refused(refusal)) => Some(refusal.code),
            _ => None,
        };
        let wrong = peer
            .push_input(assignment(1).work, sealed(&worker, &[1, 2, 3]))
            .await;
        assert_eq!(code(wrong), Some(ErrorCode::WrongCommitment));
        let garbage = peer.push_input(assignment(1).work, vec![1; 100]).await;
        assert_eq!(code(garbage), Some(ErrorCode::CannotOpen));
        assign(&worker, ChainStatus::TakenBack).await;
        let late = peer
            .push_input(assignment(1).work, sealed(&worker, &TOKENS))
            .await;
        assert_eq!(code(late), Some(ErrorCode::Gone));
        worker.server.shutdown().await;
    }
}
