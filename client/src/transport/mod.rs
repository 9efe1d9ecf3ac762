//! The private line between a worker and its clients and auditors: QUIC (iroh) with the worker's identity taken from the
//! chain, no relay and no discovery server of anybody.
//!
//! One request is one bidirectional stream: a length (u32, little endian) and SCALE either way. Both sides
//! bound what they read before they allocate, so that a hostile peer costs little.

mod client;
mod message;
mod server;

#[cfg(test)]
mod tests;

pub use client::{
    fetch_audit_with_retries, fetch_output_with_retries, push_input_with_retries, JobClient, Peer,
};
pub use message::{ErrorCode, Refusal, Request, Response, ServedOutput, MAX_MESSAGE_BYTES};
pub use server::{JobServer, JobService};

use iroh::{endpoint::presets, Endpoint, RelayMode, SecretKey};
use ogpu_primitives::SocketAddress;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tracing::warn;

/// Protocol that both sides name when they connect.
pub const ALPN: &[u8] = b"ogpu/job/1";

/// Longest time to open a connection.
const DIAL_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time for one request and its response.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// What can go wrong on the line.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The socket cannot be opened.
    #[error("cannot open a UDP socket: {0}; choose another port or address")]
    Bind(String),
    /// The profile on the chain has no usable address or key.
    #[error("the worker's profile on the chain has no address to dial: {0}")]
    NoAddress(String),
    /// Nobody with that key answered.
    #[error("the worker does not answer at {addresses}: {reason}; it may be off, or behind a NAT without a forwarded port")]
    Unreachable { addresses: String, reason: String },
    /// The line broke in the middle.
    #[error("the connection to the worker broke: {0}")]
    Broken(String),
    /// No answer in time.
    #[error("the worker did not answer within {0} s")]
    TimedOut(u64),
    /// Over [`MAX_MESSAGE_BYTES`].
    #[error("a message of {0} bytes is over the limit of 16 MiB")]
    TooLarge(usize),
    /// The other side does not keep to the protocol.
    #[error("the worker's answer makes no sense: {0}; its software is older or newer than ours")]
    Protocol(String),
    /// The worker said no.
    #[error("the worker refuses: {0}")]
    Refused(Refusal),
}

impl From<Refusal> for TransportError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl TransportError {
    /// Whether dialling and asking again can help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Broken(_) | Self::TimedOut(_) => true,
            Self::Refused(refusal) => refusal.code.is_passing(),
            Self::Bind(_) | Self::NoAddress(_) | Self::TooLarge(_) | Self::Protocol(_) => false,
        }
    }
}

async fn bind_endpoint(
    secret: SecretKey,
    addresses: &[SocketAddr],
    listens: bool,
) -> Result<Endpoint, TransportError> {
    // `Minimal` sets the cryptography and nothing else: no relay, no address lookup, no third party.
    let mut builder = Endpoint::builder(presets::Minimal)
        .secret_key(secret)
        .relay_mode(RelayMode::Disabled);
    if listens {
        builder = builder.alpns(vec![ALPN.to_vec()]);
    }
    if !addresses.is_empty() {
        builder = builder.clear_ip_transports();
        for address in addresses {
            builder = builder
                .bind_addr(*address)
                .map_err(|error| TransportError::Bind(error.to_string()))?;
        }
    }
    let endpoint = builder
        .bind()
        .await
        .map_err(|error| TransportError::Bind(format!("{error:#}")))?;
    if endpoint.bound_sockets().is_empty() {
        warn!("no UDP socket is bound");
    }
    Ok(endpoint)
}

/// An address of the chain as the standard library has it.
pub fn to_socket_addr(address: &SocketAddress) -> SocketAddr {
    match address {
        SocketAddress::V4 { ip, port } => SocketAddr::new(IpAddr::V4(Ipv4Addr::from(*ip)), *port),
        SocketAddress::V6 { ip, port } => SocketAddr::new(IpAddr::V6(Ipv6Addr::from(*ip)), *port),
    }
}

/// An address of the standard library as the chain has it.
pub fn from_socket_addr(address: &SocketAddr) -> SocketAddress {
    match address.ip() {
        IpAddr::V4(ip) => SocketAddress::V4 {
            ip: ip.octets(),
            port: address.port(),
        },
        IpAddr::V6(ip) => SocketAddress::V6 {
            ip: ip.octets(),
            port: address.port(),
        },
    }
}
