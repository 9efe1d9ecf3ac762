//! The worker's side.

use super::{
    bind_endpoint,
    message::{
        read_message, write_message, ErrorCode, Refusal, Request, Response, ServedOutput, MAX_MESSAGE_BYTES,
    },
    TransportError, DIAL_TIMEOUT, REQUEST_TIMEOUT,
};
use async_trait::async_trait;
use iroh::{
    endpoint::{Connection, RecvStream, SendStream},
    Endpoint, SecretKey,
};
use ogpu_primitives::WorkKey;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Semaphore, task::JoinHandle, time::timeout};
use tracing::debug;

/// Connections that a worker serves at once; more have to wait.
const MAX_CONNECTIONS: usize = 256;

/// Requests that one connection may have running at once.
const MAX_STREAMS_PER_CONNECTION: usize = 16;

/// A connection that asks nothing for this long is closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a worker does with requests. The peer is the asker's transport key, which is new for every job and audit.
#[async_trait]
pub trait JobService: Send + Sync + 'static {
    /// Checks and stores an input.
    async fn push_input(&self, peer: [u8; 32], work: WorkKey, sealed: Vec<u8>) -> Result<(), Refusal>;

    /// The sealed output with its receipt, or `None` while it is not ready.
    async fn fetch_output(&self, peer: [u8; 32], work: WorkKey) -> Result<Option<ServedOutput>, Refusal>;

    /// The audit data of `work`, sealed to the key of `auditor` on the chain, or `None` while it is not ready.
    ///
    /// Anybody may ask, since only the auditor can open it; refuse ([`ErrorCode::NotEntitled`]) when `auditor` has
    /// no seat in the audit of this attempt.
    async fn fetch_audit(
        &self,
        peer: [u8; 32],
        work: WorkKey,
        auditor: [u8; 32],
    ) -> Result<Option<Vec<u8>>, Refusal>;
}

/// A worker's side: accepts connections until it is shut down.
pub struct JobServer {
    endpoint: Endpoint,
    task: JoinHandle<()>,
}

impl JobServer {
    /// Listens on `addresses` (port 0 takes a free one) with the identity `secret`.
    pub async fn bind(
        secret: SecretKey,
        addresses: &[SocketAddr],
        service: Arc<dyn JobService>,
    ) -> Result<Self, TransportError> {
        let endpoint = bind_endpoint(secret, addresses, true).await?;
        let task = tokio::spawn(accept_loop(endpoint.clone(), service));
        Ok(Self { endpoint, task })
    }

    /// The ed25519 key that clients have to find on the chain.
    pub fn transport_key(&self) -> [u8; 32] {
        *self.endpoint.id().as_bytes()
    }

    /// The UDP sockets in use; an unspecified IP means every interface.
    pub fn bound_sockets(&self) -> Vec<SocketAddr> {
        self.endpoint.bound_sockets()
    }

    /// Addresses to publish when none were configured: those of this machine's interfaces, or loopback.
    pub fn local_addresses(&self) -> Vec<SocketAddr> {
        let mut addresses: Vec<SocketAddr> = self.endpoint.addr().ip_addrs().copied().collect();
        for socket in self.endpoint.bound_sockets() {
            let loopback = match socket.ip() {
                IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(ip) if ip.is_unspecified() => continue,
                ip => ip,
            };
            addresses.push(SocketAddr::new(loopback, socket.port()));
        }
        addresses.sort();
        addresses.dedup();
        addresses
    }

    /// Stops accepting, tells the peers and waits until that is sent.
    pub async fn shutdown(self) {
        self.endpoint.close().await;
        let _ = self.task.await;
    }
}

async fn accept_loop(endpoint: Endpoint, service: Arc<dyn JobService>) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // Waiting for a permit before accepting leaves further peers in the kernel's queue.
        let Ok(permit) = permits.clone().acquire_owned().await else {
            return;
        };
        let Some(incoming) = endpoint.accept().await else {
            return;
        };
        let service = service.clone();
        tokio::spawn(async move {
            let _permit = permit;
            match timeout(DIAL_TIMEOUT, async { incoming.await }).await {
                Ok(Ok(connection)) => serve_connection(connection, service).await,
                Ok(Err(error)) => debug!("a peer failed to connect: {error}"),
                Err(_) => debug!("a peer took too long to connect"),
            }
        });
    }
}

async fn serve_connection(connection: Connection, service: Arc<dyn JobService>) {
    let peer = *connection.remote_id().as_bytes();
    let permits = Arc::new(Semaphore::new(MAX_STREAMS_PER_CONNECTION));
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else {
            return;
        };
        let (send, receive) = match timeout(IDLE_TIMEOUT, connection.accept_bi()).await {
            Ok(Ok(streams)) => streams,
            Ok(Err(_)) => return,
            Err(_) => {
                connection.close(0u32.into(), b"idle");
                return;
            }
        };
        let service = service.clone();
        tokio::spawn(async move {
            let _permit = permit;
            match timeout(REQUEST_TIMEOUT, serve_request(peer, send, receive, service)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => debug!("a request failed: {error}"),
                Err(_) => debug!("a request took too long"),
            }
        });
    }
}

async fn serve_request(
    peer: [u8; 32],
    mut send: SendStream,
    mut receive: RecvStream,
    service: Arc<dyn JobService>,
) -> Result<(), TransportError> {
    let response = match read_message::<Request>(&mut receive).await {
        Ok(Request::PushInput { work, sealed }) => match service.push_input(peer, work, sealed).await {
            Ok(()) => Response::Accepted,
            Err(Refusal { code, text }) => Response::Error { code, text },
        },
        Ok(Request::FetchOutput { work }) => match service.fetch_output(peer, work).await {
            Ok(Some(ServedOutput { sealed, receipt })) => match receipt {
                Some(receipt) => Response::OutputWithReceipt { sealed, receipt },
                None => Response::Output(sealed),
            },
            Ok(None) => Response::Pending,
            Err(Refusal { code, text }) => Response::Error { code, text },
        },
        Ok(Request::FetchAudit { work, auditor }) => match service.fetch_audit(peer, work, auditor).await {
            Ok(Some(sealed)) => Response::Audit(sealed),
            Ok(None) => Response::Pending,
            Err(Refusal { code, text }) => Response::Error { code, text },
        },
        Err(TransportError::TooLarge(bytes)) => Response::Error {
            code: ErrorCode::TooLarge,
            text: format!("{bytes} bytes are over the limit of {MAX_MESSAGE_BYTES}"),
        },
        Err(TransportError::Protocol(text)) => Response::Error {
            code: ErrorCode::Malformed,
            text,
        },
        Err(error) => return Err(error),
    };
    write_message(&mut send, &response).await?;
    // Without this wait the stream could be dropped, and reset, before the peer has read it all.
    let _ = send.stopped().await;
    Ok(())
}
