//! What this pallet asks of its siblings.

use frame_support::{dispatch::DispatchResult, weights::Weight};
use ogpu_primitives::{work::Verdict, Subject};

/// Acts on a verdict: settles, refunds, or has the work done again.
pub trait OnVerdict {
    /// Acts on `verdict` for `subject`. A subject that is unknown or already closed is `Ok`: an error means
    /// "try again later".
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult;

    /// Most weight that one `on_verdict` takes.
    fn weight() -> Weight;
}

impl OnVerdict for () {
    fn on_verdict(_: &Subject, _: Verdict) -> DispatchResult {
        Ok(())
    }

    fn weight() -> Weight {
        Weight::zero()
    }
}
