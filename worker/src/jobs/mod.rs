//! Jobs on this machine: what the chain assigned, how far each attempt is, and who does what next.
//!
//! [`state`] decides, [`pace`] judges, [`store`] remembers, [`runner`] computes, [`manager`] ties them together.
//! [`proof`] is what is kept of a result to be shown later, and [`crash`] lists the points at which tests kill the
//! process.

#[cfg(test)]
mod comparison_tests;
pub mod compute;
pub mod crash;
pub mod execute;
#[cfg(test)]
pub mod fixtures;
pub mod manager;
mod migrate;
pub mod pace;
pub mod proof;
pub mod record;
pub mod runner;
pub mod state;
pub mod store;
pub mod tables;

pub use compute::Compute;
pub use crash::CrashPoint;
pub use execute::{Execute, ExecuteError, Finished};
pub use manager::{ChainJob, ChainStatus, InputRefused, Manager, ManagerHandle, Report, Reports, Snapshot};
pub use pace::{Outlook, Pace};
pub use proof::{Proof, ProofError, ProvedOutput};
pub use record::{Assignment, JobRecord};
pub use state::{Event, Reason, State};
pub use store::{JobStore, StoreError};
pub use tables::Tables;
