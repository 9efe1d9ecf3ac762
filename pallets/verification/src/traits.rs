//! What this pallet asks of its siblings.

use alloc::vec::Vec;
use frame_support::{dispatch::DispatchResult, weights::Weight};
use ogpu_primitives::{
    work::Verdict, Balance, Candidate, CheckedWork, DeviceClass, JobKind, JobState, ModelId, Observation,
    Offence, SeatPool, Subject, H256,
};

/// Acts on what a check says: settles, refunds, or has the work done again.
pub trait OnVerdict {
    /// Acts on `verdict` for `subject`. A subject that is unknown or already closed is `Ok`: an error means
    /// "try again later".
    fn on_verdict(subject: &Subject, verdict: Verdict) -> DispatchResult;

    /// An audit was drawn (`Auditing`) or an auditor dissented (`Disputed`).
    fn on_stage(subject: &Subject, state: JobState);

    /// Most weight that one of these takes.
    fn weight() -> Weight;
}

/// Nobody cares.
impl OnVerdict for () {
    fn on_verdict(_: &Subject, _: Verdict) -> DispatchResult {
        Ok(())
    }

    fn on_stage(_: &Subject, _: JobState) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Who can sit in audits and juries.
pub trait SeatDraw<AccountId> {
    /// Owners who serve `model` at present.
    fn owners(model: &ModelId) -> u32;

    /// The device class whose workers judge results of `model` where few owners serve it, with `least` owners in it if
    /// there is one. The worker that is judged must have no say in it.
    fn class_of(model: &ModelId, least: u32) -> DeviceClass;

    /// Up to `seats` workers of different owners, of those of `pool` that can run `model` and for which `is_fit`
    /// holds, drawn linearly by own stake; at most `tries` are looked at. The same seed over the same state gives the
    /// same workers.
    fn draw_seats(
        pool: &SeatPool,
        model: &ModelId,
        seed: &H256,
        seats: u32,
        tries: u32,
        is_fit: &mut dyn FnMut(&Candidate<AccountId>) -> bool,
    ) -> Vec<Candidate<AccountId>>;

    /// Most weight of one draw of `tries`, and of asking for owners and class before it.
    fn weight(tries: u32) -> Weight;
}

/// Nobody works.
impl<AccountId> SeatDraw<AccountId> for () {
    fn owners(_: &ModelId) -> u32 {
        0
    }

    fn class_of(_: &ModelId, _: u32) -> DeviceClass {
        DeviceClass::default()
    }

    fn draw_seats(
        _: &SeatPool,
        _: &ModelId,
        _: &H256,
        _: u32,
        _: u32,
        _: &mut dyn FnMut(&Candidate<AccountId>) -> bool,
    ) -> Vec<Candidate<AccountId>> {
        Vec::new()
    }

    fn weight(_: u32) -> Weight {
        Weight::zero()
    }
}

/// What a check costs those who are shown to be at fault, and what it brings the others.
pub trait Enforce<AccountId> {
    /// Whether all results of this kind by `owner` are audited at present.
    fn is_forced(owner: &AccountId, kind: JobKind) -> bool;

    /// An audit found nothing wrong. `counted` is false where the client chose the result to be audited, or where few
    /// owners serve the model: such audits give no reputation, or it could be bought. So it is where nobody who was
    /// drawn got the model: the client got its money back, and one result less is audited for certain.
    fn passed(work: &CheckedWork<AccountId>, counted: bool);

    /// Two independent auditors were drawn for a result that is right, and saw this of its precision.
    fn observed(work: &CheckedWork<AccountId>, seen: &Observation);

    /// The result is wrong, or was not shown. Of what is slashed, `payouts` are made in their order as far as it
    /// reaches.
    fn wrong(
        work: &CheckedWork<AccountId>,
        offence: Offence,
        subject: &Subject,
        payouts: Vec<(AccountId, Balance)>,
    );

    /// A jury could not decide, or was too small to: the client got its money back, and the worker's next results are all audited.
    fn refunded(work: &CheckedWork<AccountId>);

    /// An auditor or juror stayed away, or sent a report that does not fit the result, or a juror computed something
    /// else than most of its jury. `owner` had the worker when its seat was drawn.
    fn absent(worker: &AccountId, owner: &AccountId);

    /// An auditor, not a juror, passed what a jury found wrong.
    fn false_pass(worker: &AccountId, owner: &AccountId, work: &CheckedWork<AccountId>);

    /// An auditor dissented where a jury found nothing wrong; the jury cost `jury_cost` planck.
    fn false_dissent(worker: &AccountId, owner: &AccountId, jury_cost: Balance);

    /// The worker signed two different results for one piece of work.
    fn equivocated(worker: &AccountId, owner: &AccountId, subject: &Subject);

    /// Demanded data was not posted within the first, short time.
    fn late_data(worker: &AccountId);

    /// Most weight of [`Enforce::absent`] and [`Enforce::late_data`].
    fn absent_weight() -> Weight;

    /// Most weight that one of the others takes.
    fn weight() -> Weight;
}

/// Nothing follows.
impl<AccountId> Enforce<AccountId> for () {
    fn is_forced(_: &AccountId, _: JobKind) -> bool {
        false
    }

    fn passed(_: &CheckedWork<AccountId>, _: bool) {}

    fn observed(_: &CheckedWork<AccountId>, _: &Observation) {}

    fn wrong(_: &CheckedWork<AccountId>, _: Offence, _: &Subject, _: Vec<(AccountId, Balance)>) {}

    fn refunded(_: &CheckedWork<AccountId>) {}

    fn absent(_: &AccountId, _: &AccountId) {}

    fn false_pass(_: &AccountId, _: &AccountId, _: &CheckedWork<AccountId>) {}

    fn false_dissent(_: &AccountId, _: &AccountId, _: Balance) {}

    fn equivocated(_: &AccountId, _: &AccountId, _: &Subject) {}

    fn late_data(_: &AccountId) {}

    fn absent_weight() -> Weight {
        Weight::zero()
    }

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// What pays auditors and jurors.
pub trait AuditFund<AccountId> {
    /// Pays `amount` planck to `to` as far as it is there, and returns what was paid.
    fn pay(to: &AccountId, amount: Balance) -> Balance;

    /// The fund's account.
    fn account() -> AccountId;

    /// Most weight of one payment.
    fn weight() -> Weight;
}

/// Puts siblings into the state that a benchmark needs.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkHelper<AccountId> {
    /// A registered model.
    fn model() -> ModelId;

    /// Makes the `n`-th worker: paired with an owner of its own, staked so that its exposure is no obstacle,
    /// serving `model`. Returns worker and owner.
    fn add_worker(n: u32, model: &ModelId) -> (AccountId, AccountId);

    /// Makes the randomness for draws over the eight blocks after `block` available, and `block + 9` the present
    /// one.
    fn provide_randomness(block: u32);

    /// Fills the audit fund, so that payments are made.
    fn fill_audit_fund();
}
