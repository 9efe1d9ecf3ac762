//! What this worker answers on the line: takes inputs, gives outputs and, to auditors, the data of audits.
//!
//! The line itself is [`ogpu_client::transport`]; this folder holds the checks and the service behind it.

pub mod audit;
pub mod input;
pub mod ports;
pub mod service;

pub use audit::{EncryptionKeys, NotEntitled};
pub use input::{check, InputError};
pub use service::{Identity, WorkerService};
