//! The provider's daemon: detects and measures a machine, follows the jobs that the chain assigns to it, runs
//! them and commits the results. The program is a thin shell over this library.

pub mod auditing;
pub mod chain;
pub mod check_status;
pub mod cli;
pub mod daemon;
mod database;
#[cfg(feature = "dishonest")]
pub mod dishonest;
pub mod engine;
pub mod hardware;
pub mod jobs;
pub mod models;
pub mod proving;
pub mod shutdown;
pub mod status_file;
pub mod transport;
