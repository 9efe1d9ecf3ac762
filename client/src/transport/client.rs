//! The client's side.

use super::{
    bind_endpoint,
    message::{broken, read_message, write_message, ErrorCode, Refusal, Request, Response, ServedOutput},
    to_socket_addr, TransportError, ALPN, DIAL_TIMEOUT, REQUEST_TIMEOUT,
};
use iroh::{endpoint::Connection, Endpoint, EndpointAddr, PublicKey, SecretKey, TransportAddr};
use ogpu_primitives::{NetworkProfile, WorkKey};
use std::{net::SocketAddr, time::Duration};
use tokio::time::timeout;
use tracing::debug;

/// A client's side: one UDP socket with an identity of its own, from which workers are dialled.
#[derive(Clone)]
pub struct JobClient {
    endpoint: Endpoint,
}

impl JobClient {
    /// Opens a socket with a fresh identity, so that two jobs of one client cannot be linked by it.
    pub async fn bind() -> Result<Self, TransportError> {
        Ok(Self {
            endpoint: bind_endpoint(SecretKey::generate(), &[], false).await?,
        })
    }

    /// Connects to the worker with this profile; a peer with another key cannot answer.
    pub async fn dial(&self, profile: &NetworkProfile) -> Result<Peer, TransportError> {
        let key = PublicKey::from_bytes(&profile.transport_key)
            .map_err(|error| TransportError::NoAddress(format!("bad transport key: {error}")))?;
        let addresses: Vec<SocketAddr> = profile.addresses.iter().map(to_socket_addr).collect();
        if addresses.is_empty() {
            return Err(TransportError::NoAddress("the list is empty".into()));
        }
        let shown = addresses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ");
        let address = EndpointAddr::from_parts(key, addresses.into_iter().map(TransportAddr::Ip));
        match timeout(DIAL_TIMEOUT, self.endpoint.connect(address, ALPN)).await {
            Ok(Ok(connection)) => Ok(Peer { connection }),
            Ok(Err(error)) => Err(TransportError::Unreachable {
                addresses: shown,
                reason: error.to_string(),
            }),
            Err(_) => Err(TransportError::Unreachable {
                addresses: shown,
                reason: format!("no answer within {} s", DIAL_TIMEOUT.as_secs()),
            }),
        }
    }

    /// Closes the socket after what was queued is sent.
    pub async fn close(self) {
        self.endpoint.close().await;
    }
}

/// An open connection to one worker.
#[derive(Clone)]
pub struct Peer {
    pub(super) connection: Connection,
}

impl Peer {
    /// Hands over a sealed input; returns once the worker has checked and stored it.
    pub async fn push_input(&self, work: WorkKey, sealed: Vec<u8>) -> Result<(), TransportError> {
        match self.ask(&Request::PushInput { work, sealed }).await? {
            Response::Accepted => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// The sealed output and the worker's receipt, or `None` while the worker is not finished.
    pub async fn fetch_output(&self, work: WorkKey) -> Result<Option<ServedOutput>, TransportError> {
        match self.ask(&Request::FetchOutput { work }).await? {
            Response::Output(sealed) => Ok(Some(ServedOutput {
                sealed,
                receipt: None,
            })),
            Response::OutputWithReceipt { sealed, receipt } => Ok(Some(ServedOutput {
                sealed,
                receipt: Some(receipt),
            })),
            Response::Pending => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// The audit data of an attempt, sealed to `auditor`, or `None` while it is not ready.
    pub async fn fetch_audit(
        &self,
        work: WorkKey,
        auditor: [u8; 32],
    ) -> Result<Option<Vec<u8>>, TransportError> {
        match self.ask(&Request::FetchAudit { work, auditor }).await? {
            Response::Audit(sealed) => Ok(Some(sealed)),
            Response::Pending => Ok(None),
            other => Err(unexpected(other)),
        }
    }

    /// Ends the connection.
    pub fn close(&self) {
        self.connection.close(0u32.into(), b"done");
    }

    async fn ask(&self, request: &Request) -> Result<Response, TransportError> {
        let exchange = async {
            let (mut send, mut receive) = self.connection.open_bi().await.map_err(broken)?;
            write_message(&mut send, request).await?;
            read_message::<Response>(&mut receive).await
        };
        timeout(REQUEST_TIMEOUT, exchange)
            .await
            .unwrap_or(Err(TransportError::TimedOut(REQUEST_TIMEOUT.as_secs())))
    }
}

/// Pushes an input, dialling again after passing failures, until `give_up` has passed.
pub async fn push_input_with_retries(
    client: &JobClient,
    profile: &NetworkProfile,
    work: WorkKey,
    sealed: &[u8],
    give_up: Duration,
) -> Result<(), TransportError> {
    with_retries(give_up, || async {
        let peer = client.dial(profile).await?;
        let result = peer.push_input(work, sealed.to_vec()).await;
        peer.close();
        result
    })
    .await
}

/// Fetches an output, dialling again after passing failures and while it is pending, until `give_up` has
/// passed.
pub async fn fetch_output_with_retries(
    client: &JobClient,
    profile: &NetworkProfile,
    work: WorkKey,
    give_up: Duration,
) -> Result<ServedOutput, TransportError> {
    with_retries(give_up, || async {
        let peer = client.dial(profile).await?;
        let result = peer.fetch_output(work).await;
        peer.close();
        result?.ok_or_else(|| Refusal::new(ErrorCode::Busy, "the output is not ready").into())
    })
    .await
}

/// Fetches audit data, dialling again after passing failures and while it is pending, until `give_up` has passed.
pub async fn fetch_audit_with_retries(
    client: &JobClient,
    profile: &NetworkProfile,
    work: WorkKey,
    auditor: [u8; 32],
    give_up: Duration,
) -> Result<Vec<u8>, TransportError> {
    with_retries(give_up, || async {
        let peer = client.dial(profile).await?;
        let result = peer.fetch_audit(work, auditor).await;
        peer.close();
        result?.ok_or_else(|| Refusal::new(ErrorCode::Busy, "the audit data is not ready").into())
    })
    .await
}

async fn with_retries<T, F, Fut>(give_up: Duration, mut attempt: F) -> Result<T, TransportError>
where
    F: FnMut() -> Fut,
    Fut: std::future::Future<Output = Result<T, TransportError>>,
{
    let until = tokio::time::Instant::now() + give_up;
    let mut pause = Duration::from_millis(200);
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) if error.is_passing() && tokio::time::Instant::now() + pause < until => {
                debug!("trying again in {pause:?}: {error}");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_secs(3));
            }
            Err(error) => return Err(error),
        }
    }
}

/// A refusal as what it is; any other answer does not belong to the question.
fn unexpected(response: Response) -> TransportError {
    let kind = match response {
        Response::Error { code, text } => return Refusal { code, text }.into(),
        Response::Accepted => "Accepted",
        Response::Output(_) => "Output",
        Response::Pending => "Pending",
        Response::OutputWithReceipt { .. } => "OutputWithReceipt",
        Response::Audit(_) => "Audit",
    };
    TransportError::Protocol(format!("unexpected answer {kind}"))
}
