//! What this worker answers on the line: takes inputs, gives outputs.
//!
//! The line itself is [`ogpu_client::transport`]; this folder holds the checks and the service behind it.

pub mod input;
pub mod ports;
pub mod service;

pub use input::{check, InputError};
pub use service::WorkerService;
