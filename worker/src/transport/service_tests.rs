//! The service over a real line.

use super::*;
use crate::{
    jobs::{
        execute::StopFlag,
        fixtures::{assignment, commitment, finished, proof, SALT, TOKENS},
        Assignment, ChainJob, ChainStatus, Execute, ExecuteError, Finished, JobStore, Manager, Pace, Report,
        Reports, Snapshot,
    },
    proving::fixtures::{duties, view, AUDITOR, CLIENT},
};
use ogpu_client::{
    chain::{ChainError, SeatState},
    keys::verify,
    sealed::{open_audit, seal_input, InputMessage},
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
        Ok(finished(input.to_vec()))
    }
}

/// The auditor has a profile, nobody else has.
struct Profiles(EncryptionKey);

#[async_trait]
impl EncryptionKeys for Profiles {
    async fn encryption_key(&self, worker: &AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        Ok((*worker == AUDITOR).then(|| self.0.public()))
    }
}

struct Worker {
    _folder: tempfile::TempDir,
    _shutdown: watch::Sender<bool>,
    key: EncryptionKey,
    account: AccountId,
    auditor: EncryptionKey,
    duties: watch::Sender<Duties>,
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
    let (key, auditor) = (EncryptionKey::generate(), EncryptionKey::generate());
    let keys = keys(&folder);
    let account = keys.account.account_id();
    let identity = Identity {
        genesis: GENESIS,
        account: keys.account,
        encryption: key.clone(),
    };
    let (tell, duties) = Duties::channel();
    let mut service = WorkerService::new(
        identity,
        handle.clone(),
        Arc::new(Notify::new()),
        duties,
        Arc::new(Profiles(auditor.clone())),
    );
    service.wait_for_block = Duration::from_secs(2);
    let secret = keys.transport;
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
        account,
        auditor,
        duties: tell,
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
            ..Snapshot::default()
        })
        .await;
}

fn sealed(worker: &Worker, tokens: &[u32]) -> Vec<u8> {
    let message = InputMessage {
        salt: SALT,
        token_ids: tokens.to_vec(),
        reply_key: [3; 32],
        comparison_key: None,
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
    let served = peer.fetch_output(assignment(1).work).await.expect("an answer");
    let served = served.expect("the output");
    assert_eq!(served.sealed, input);
    let signed = served.receipt.expect("a receipt comes with it");
    assert_eq!(
        signed.receipt,
        Receipt::new(GENESIS, assignment(1).work, &commitment())
    );
    let payload = signed.receipt.signing_payload();
    assert!(verify(&worker.account, &payload, &signed.signature));
    worker.server.shutdown().await;
}

/// The audit of the fixture's result, which this worker made, with the auditor's seat in this state.
fn audit_of(worker: &Worker, state: SeatState) -> Duties {
    let mut view = view();
    view.record.work.worker = worker.account;
    view.seats[0].state = state;
    duties(view)
}

/// Takes the job to its result.
async fn finish(worker: &Worker) {
    assign(worker, ChainStatus::Assigned).await;
    let work = assignment(1).work;
    worker
        .manager
        .input(work, sealed(worker, &TOKENS))
        .await
        .expect("taken");
    let done = async {
        while worker.manager.proof(&work).expect("read").is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), done)
        .await
        .expect("finished");
}

#[tokio::test(flavor = "multi_thread")]
async fn service_should_give_audit_data_only_to_the_auditor_that_was_drawn() {
    let (worker, work) = (worker().await, assignment(1).work);
    finish(&worker).await;
    let client = JobClient::bind().await.expect("a socket");
    let peer = client.dial(&worker.profile).await.expect("connected");

    // It asks before our node has seen the block that draws it.
    let asked = tokio::spawn({
        let peer = peer.clone();
        async move { peer.fetch_audit(work, AUDITOR.0).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    worker.duties.send_replace(audit_of(&worker, SeatState::Drawn));
    let sealed = asked.await.expect("no panic").expect("entitled").expect("ready");
    let message = open_audit(&GENESIS, &work, &AUDITOR, worker.auditor.secret(), &sealed).expect("opened");
    assert_eq!(message, proof().for_auditor());

    let code = |result: Result<Option<Vec<u8>>, TransportError>| match result {
        Err(TransportError::Refused(refusal)) => Some(refusal.code),
        _ => None,
    };
    // The client has the output and no business with the audit.
    let stranger = peer.fetch_audit(work, CLIENT.0).await;
    assert_eq!(code(stranger), Some(ErrorCode::NotEntitled));
    worker.duties.send_replace(audit_of(&worker, SeatState::Absent));
    let late = peer.fetch_audit(work, AUDITOR.0).await;
    assert_eq!(code(late), Some(ErrorCode::NotEntitled));
    worker.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn service_should_say_that_the_data_is_gone_when_it_is() {
    let (worker, work) = (worker().await, assignment(1).work);
    worker.duties.send_replace(audit_of(&worker, SeatState::Drawn));
    let client = JobClient::bind().await.expect("a socket");
    let peer = client.dial(&worker.profile).await.expect("connected");
    match peer.fetch_audit(work, AUDITOR.0).await {
        Err(TransportError::Refused(refusal)) => assert_eq!(refusal.code, ErrorCode::Gone),
        other => panic!("not refused: {other:?}"),
    }
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
