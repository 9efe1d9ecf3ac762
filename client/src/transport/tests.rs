//! Two endpoints on loopback.

use super::{message::read_message, *};
use async_trait::async_trait;
use ogpu_primitives::{FinishReason, JobId, NetworkProfile, Receipt, SignedReceipt, WorkKey, H256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

#[derive(Default)]
struct Memory {
    inputs: Mutex<HashMap<u8, Vec<u8>>>,
    asked: Mutex<u32>,
}

#[async_trait]
impl JobService for Memory {
    async fn push_input(&self, _: [u8; 32], work: WorkKey, sealed: Vec<u8>) -> Result<(), Refusal> {
        if work.attempt == 9 {
            return Err(Refusal::new(
                ErrorCode::WrongCommitment,
                "it does not hash to the commitment",
            ));
        }
        self.inputs.lock().unwrap().insert(work.attempt, sealed);
        Ok(())
    }

    async fn fetch_output(&self, _: [u8; 32], work: WorkKey) -> Result<Option<ServedOutput>, Refusal> {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        // Ready only when it is asked for the second time.
        let sealed = self.inputs.lock().unwrap().get(&work.attempt).cloned();
        let receipt = (work.attempt == SIGNED).then(receipt);
        Ok(sealed
            .filter(|_| *asked > 1)
            .map(|sealed| ServedOutput { sealed, receipt }))
    }

    async fn fetch_audit(
        &self,
        _: [u8; 32],
        work: WorkKey,
        auditor: [u8; 32],
    ) -> Result<Option<Vec<u8>>, Refusal> {
        if auditor != AUDITOR {
            return Err(Refusal::new(ErrorCode::NotEntitled, "no seat"));
        }
        let sealed = self.inputs.lock().unwrap().get(&work.attempt).cloned();
        Ok(sealed)
    }
}

/// The only account with a seat.
const AUDITOR: [u8; 32] = [8; 32];

/// The attempt whose output comes with a receipt.
const SIGNED: u8 = 4;

fn receipt() -> SignedReceipt {
    SignedReceipt {
        receipt: Receipt {
            genesis: H256::repeat_byte(2),
            work: work(SIGNED),
            root: H256::repeat_byte(3),
            n_in: 1,
            n_out: 2,
            finish: FinishReason::Stop,
        },
        signature: [4; 64],
    }
}

fn work(attempt: u8) -> WorkKey {
    WorkKey {
        job: JobId::repeat_byte(1),
        segment: 0,
        attempt,
    }
}

async fn server() -> (JobServer, NetworkProfile) {
    let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let server = JobServer::bind(SecretKey::generate(), &[loopback], Arc::new(Memory::default()))
        .await
        .unwrap();
    let addresses: Vec<_> = server.bound_sockets().iter().map(from_socket_addr).collect();
    let profile = NetworkProfile {
        transport_key: server.transport_key(),
        encryption_key: [0; 32],
        addresses: addresses.try_into().unwrap(),
        relays: Default::default(),
    };
    (server, profile)
}

#[tokio::test(flavor = "multi_thread")]
async fn input_should_come_back_when_it_is_pushed_and_fetched() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let sealed = vec![5u8; 3 * 1024 * 1024];
    let patience = Duration::from_secs(20);
    push_input_with_retries(&client, &profile, work(0), &sealed, patience)
        .await
        .unwrap();
    let output = fetch_output_with_retries(&client, &profile, work(0), patience)
        .await
        .unwrap();
    assert_eq!(output.sealed, sealed);
    assert_eq!(output.receipt, None);
    client.close().await;
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn output_should_be_pending_when_it_is_not_ready() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let peer = client.dial(&profile).await.unwrap();
    peer.push_input(work(0), vec![1]).await.unwrap();
    assert_eq!(peer.fetch_output(work(0)).await.unwrap(), None);
    let output = peer.fetch_output(work(0)).await.unwrap().unwrap();
    assert_eq!(output.sealed, vec![1]);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipt_should_come_with_the_output_when_the_worker_has_signed_it() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let patience = Duration::from_secs(20);
    push_input_with_retries(&client, &profile, work(SIGNED), &[1], patience)
        .await
        .unwrap();
    let output = fetch_output_with_retries(&client, &profile, work(SIGNED), patience)
        .await
        .unwrap();
    assert_eq!(output.receipt, Some(receipt()));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_data_should_come_only_when_the_auditor_has_a_seat() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let peer = client.dial(&profile).await.unwrap();
    assert_eq!(peer.fetch_audit(work(0), AUDITOR).await.unwrap(), None);
    peer.push_input(work(0), vec![1]).await.unwrap();
    let patience = Duration::from_secs(20);
    let sealed = fetch_audit_with_retries(&client, &profile, work(0), AUDITOR, patience)
        .await
        .unwrap();
    assert_eq!(sealed, vec![1]);
    let error = fetch_audit_with_retries(&client, &profile, work(0), [9; 32], patience)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        TransportError::Refused(Refusal {
            code: ErrorCode::NotEntitled,
            ..
        })
    ));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn refusal_should_reach_the_client_when_the_service_refuses() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let error = push_input_with_retries(&client, &profile, work(9), &[1], Duration::from_secs(20))
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        TransportError::Refused(Refusal {
            code: ErrorCode::WrongCommitment,
            ..
        })
    ));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn message_should_be_refused_when_it_is_over_the_limit() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let peer = client.dial(&profile).await.unwrap();
    let error = peer
        .push_input(work(0), vec![0; MAX_MESSAGE_BYTES])
        .await
        .unwrap_err();
    assert!(matches!(error, TransportError::TooLarge(_)), "{error}");
    // A peer that only claims to send too much is refused by the server as well.
    let (mut send, mut receive) = peer.connection.open_bi().await.unwrap();
    send.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    let response = read_message::<Response>(&mut receive).await.unwrap();
    assert!(
        matches!(
            response,
            Response::Error {
                code: ErrorCode::TooLarge,
                ..
            }
        ),
        "{response:?}"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_should_be_refused_when_a_client_sends_it() {
    let (server, profile) = server().await;
    let client = JobClient::bind().await.unwrap();
    let peer = client.dial(&profile).await.unwrap();
    let (mut send, mut receive) = peer.connection.open_bi().await.unwrap();
    send.write_all(&3u32.to_le_bytes()).await.unwrap();
    send.write_all(&[9, 9, 9]).await.unwrap();
    send.finish().unwrap();
    let response = read_message::<Response>(&mut receive).await.unwrap();
    assert!(
        matches!(
            response,
            Response::Error {
                code: ErrorCode::Malformed,
                ..
            }
        ),
        "{response:?}"
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_should_be_unreachable_when_another_key_answers() {
    let (server, mut profile) = server().await;
    profile.transport_key = *SecretKey::generate().public().as_bytes();
    let client = JobClient::bind().await.unwrap();
    let result = client.dial(&profile).await;
    assert!(matches!(result, Err(TransportError::Unreachable { .. })));
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dial_should_fail_when_the_profile_has_no_address() {
    let (server, mut profile) = server().await;
    profile.addresses = Default::default();
    let client = JobClient::bind().await.unwrap();
    assert!(matches!(
        client.dial(&profile).await,
        Err(TransportError::NoAddress(_))
    ));
    server.shutdown().await;
}
