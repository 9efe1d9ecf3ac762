//! The seam between a job's life and the computation: sealed input in, sealed output and commitment out.

use super::{proof::Proof, record::Assignment};
use ogpu_primitives::Commitment;
use std::sync::atomic::{AtomicBool, Ordering};

/// A result, ready to be stored and committed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finished {
    /// Output encrypted to the client.
    pub sealed_output: Vec<u8>,
    /// What goes on chain.
    pub commitment: Commitment,
    /// What has to be shown of it later.
    pub proof: Proof,
}

/// Why there is no result.
#[derive(thiserror::Error, Debug)]
pub enum ExecuteError {
    /// Asked to stop.
    #[error("stopped")]
    Stopped,
    /// This machine cannot do it, and would fail again.
    #[error("{0}")]
    Failed(String),
}

/// Runs one job from sealed input to sealed output. Called on a thread of its own.
///
/// The same assignment and input must give the same tokens each time; the ciphertext may differ.
pub trait Execute: Send + Sync + 'static {
    /// Does the work; looks at `stop` at least once a token.
    fn execute(
        &self,
        assignment: &Assignment,
        sealed_input: &[u8],
        stop: &StopFlag,
    ) -> Result<Finished, ExecuteError>;
}

/// Tells a running computation to end early.
#[derive(Default, Debug)]
pub struct StopFlag(AtomicBool);

impl StopFlag {
    /// Asks the computation to stop.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, true once it was asked to.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }
}
