//! The chain as this worker needs it: its assignments as a stream of snapshots, its reports, its registration.
//!
//! [`view`] reads one job, [`follow`] makes a snapshot of every best block and [`duties`] the checks in it,
//! [`reports`] hands reports to the transaction queue, [`register`] keeps profile and models on chain as they are
//! here, [`whitening`] keeps models' whitening tables.

pub mod duties;
pub mod follow;
pub mod register;
pub mod reports;
pub mod view;
pub mod whitening;
