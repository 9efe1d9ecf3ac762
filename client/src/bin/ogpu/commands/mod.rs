//! One file a command.

pub mod balance;
pub mod completions;
pub mod events;
pub mod job;
pub mod keys;
pub mod models;
pub mod network;
pub mod provider;
pub mod providers;
pub mod reputation;
pub mod slashes;
pub mod transfer;
