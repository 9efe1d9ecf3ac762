//! What every program outside the chain needs to speak with OpenGPU: keys, encryption, transport, chain
//! access, the transaction queue, the follower and the life of a job as its client sees it.
//!
//! The `ogpu` command is a thin shell over this library, and the worker uses the same pieces.

pub mod amount;
pub mod causes;
pub mod chain;
pub mod config;
pub mod follow;
pub mod hub;
pub mod jobs;
pub mod keys;
pub mod models;
pub mod network;
pub mod pairing;
pub mod registration;
pub mod reputation;
pub mod sealed;
pub mod transport;
pub mod tx_queue;

/// An account: 32 bytes, shown in SS58 with prefix 42.
pub type AccountId = subxt::utils::AccountId32;

/// A hash: of a block, a transaction, or the first block, which names the network.
pub use subxt::utils::H256;
