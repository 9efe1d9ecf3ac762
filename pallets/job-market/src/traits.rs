//! What this pallet asks of its siblings.

use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, weights::Weight};
use ogpu_primitives::{
    Balance, Candidate, CheckTerms, CheckedWork, Commitment, DeviceClass, FeeRates, FeeSplit, JobKind,
    ModelId, NumericProfile, Offence, ProfileParams, Subject, H256,
};

/// The workers.
pub trait Roster<AccountId> {
    /// Up to `count` different workers that serve `model`, drawn by weight. The same seed over the same state
    /// gives the same workers in the same order.
    fn draw(model: &ModelId, seed: &H256, count: u32) -> Vec<Candidate<AccountId>>;

    /// One worker as a draw for `model` would show it; `None` when it is not paired or has no profile.
    fn candidate(worker: &AccountId, model: &ModelId) -> Option<Candidate<AccountId>>;

    /// The owner of a paired worker.
    fn owner_of(worker: &AccountId) -> Option<AccountId>;

    /// Takes one of the worker's slots, and `exposure` planck of its owner's room for unsettled work.
    fn reserve(worker: &AccountId, exposure: Balance) -> DispatchResult;

    /// Gives a reserved slot back: the worker no longer computes. Its exposure stays until
    /// [`Roster::release_exposure`], so that a worker can take the next job while its last result is checked.
    /// Called once after each `reserve`.
    fn free_slot(worker: &AccountId);

    /// Gives the reserved `exposure` planck of room for unsettled work back to the worker's owner. Called once
    /// after each `reserve`, and not before [`Roster::free_slot`] unless in the same block.
    fn release_exposure(worker: &AccountId, exposure: Balance);

    /// Most weight of the entries that one [`Roster::draw`] of `count` looks at and rejects.
    fn rejected_weight(count: u32) -> Weight;

    /// Most weight of telling those who wait that a slot or exposure is free again; the market adds it, once for
    /// both, to whatever frees them.
    fn news_weight() -> Weight;

    /// The worker's result was paid.
    fn succeeded(worker: &AccountId);

    /// Planck that the worker's hot key lacks of its float.
    fn float_gap(worker: &AccountId) -> Balance;
}

/// Nobody works.
impl<AccountId> Roster<AccountId> for () {
    fn draw(_: &ModelId, _: &H256, _: u32) -> Vec<Candidate<AccountId>> {
        Vec::new()
    }

    fn candidate(_: &AccountId, _: &ModelId) -> Option<Candidate<AccountId>> {
        None
    }

    fn owner_of(_: &AccountId) -> Option<AccountId> {
        None
    }

    fn reserve(_: &AccountId, _: Balance) -> DispatchResult {
        Err(sp_runtime::DispatchError::Unavailable)
    }

    fn free_slot(_: &AccountId) {}

    fn release_exposure(_: &AccountId, _: Balance) {}

    fn rejected_weight(_: u32) -> Weight {
        Weight::zero()
    }

    fn news_weight() -> Weight {
        Weight::zero()
    }

    fn succeeded(_: &AccountId) {}

    fn float_gap(_: &AccountId) -> Balance {
        0
    }
}

/// Checks results, and says what became of them by calling back
/// [`Pallet::do_verdict`](crate::Pallet::do_verdict) and [`Pallet::do_stage`](crate::Pallet::do_stage).
pub trait ResultCheck<AccountId> {
    /// What the check of a result of `owner`'s would go by if a job of `kind` were assigned now: a model of this
    /// numeric profile, `whitened` when it has a whitening table.
    fn terms(
        owner: &AccountId,
        model: &ModelId,
        profile: NumericProfile,
        kind: JobKind,
        whitened: bool,
    ) -> CheckTerms;

    /// The highest price, in planck, of one job of `kind` whose cheating `owner`'s own stake makes a loss.
    fn job_cap(owner: &AccountId, kind: JobKind) -> Balance;

    /// A result was committed. Its verdict comes later, never inside this call.
    fn committed(subject: &Subject, work: CheckedWork<AccountId>, commitment: &Commitment) -> DispatchResult;

    /// What was committed.
    fn commitment(subject: &Subject) -> Option<Commitment>;

    /// The subject is pruned; nothing of it needs to be kept.
    fn forget(subject: &Subject);

    /// Whether the subject was drawn at the doubled rate that the client's escrow pays for, since its secret was
    /// not there.
    fn surcharged(subject: &Subject) -> bool;
}

/// Takes every commitment, keeps none and never gives a verdict; nothing is audited and no price too high.
impl<AccountId> ResultCheck<AccountId> for () {
    fn terms(_: &AccountId, _: &ModelId, profile: NumericProfile, _: JobKind, whitened: bool) -> CheckTerms {
        CheckTerms {
            params: ProfileParams::starting(profile),
            whitened,
            rate_ppm: 0,
            second_ppm: 0,
        }
    }

    fn job_cap(_: &AccountId, _: JobKind) -> Balance {
        Balance::MAX
    }

    fn committed(_: &Subject, _: CheckedWork<AccountId>, _: &Commitment) -> DispatchResult {
        Ok(())
    }

    fn commitment(_: &Subject) -> Option<Commitment> {
        None
    }

    fn forget(_: &Subject) {}

    fn surcharged(_: &Subject) -> bool {
        false
    }
}

/// Where missed duties are reported.
pub trait ReportOffence<AccountId> {
    /// `worker` missed a duty. Returns what noting that weighed, at most [`ReportOffence::weight`].
    fn report(worker: &AccountId, offence: Offence) -> Weight;

    /// Most weight of one [`ReportOffence::report`], with all the consequences for the worker. The market adds it
    /// to whatever can report.
    fn weight() -> Weight;
}

/// Nobody is blamed.
impl<AccountId> ReportOffence<AccountId> for () {
    fn report(_: &AccountId, _: Offence) -> Weight {
        Weight::zero()
    }

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Where fees go.
pub trait FeeSink<AccountId> {
    /// The governed rates.
    fn rates() -> FeeRates;

    /// Moves the shares of validators, treasury and audit fund, and the audit premium, out of `from`: all of them
    /// or none.
    fn collect(from: &AccountId, split: &FeeSplit) -> DispatchResult;
}

/// No fees: all of a price is the provider's.
impl<AccountId> FeeSink<AccountId> for () {
    fn rates() -> FeeRates {
        FeeRates::default()
    }

    fn collect(_: &AccountId, split: &FeeSplit) -> DispatchResult {
        if split.fees() == 0 {
            Ok(())
        } else {
            Err(sp_runtime::DispatchError::Unavailable)
        }
    }
}

/// The price index.
pub trait PriceIndex {
    /// Planck per compute unit of a device class; at least 1.
    fn planck_per_cu(class: DeviceClass) -> Balance;
}

/// One planck a compute unit.
impl PriceIndex for () {
    fn planck_per_cu(_: DeviceClass) -> Balance {
        1
    }
}

/// Puts siblings into the state that a benchmark needs.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
    /// Makes the `n`-th worker: paired with an owner of its own, staked so that its exposure is no obstacle,
    /// of the highest class with ample memory, [`crate::MAX_REPORTS`] slots free, serving `model`, its ask the
    /// default. The model is registered before. Returns worker and owner.
    fn add_worker(n: u32, model: &ModelId) -> (AccountId, AccountId);

    /// Makes the randomness for draws fixed at `block` available.
    fn provide_randomness(block: u32);

    /// Moves the work clock on by `ticks`.
    fn advance_clock(ticks: ogpu_primitives::Tick);
}
