//! What this machine is: which devices it has and how fast they are.
//!
//! [`detect`] finds devices, [`measure`] times them, [`inventory`] puts both together and keeps the measured
//! numbers, so that a restart does not register a profile that differs by noise.

pub mod detect;
pub mod inventory;
pub mod measure;

pub use detect::{cpu, gpus, GpuFacts, GpuSearch};
pub use inventory::{Inventory, Options};
