//! What the audits of a result cost, and what is set aside for them: pure.

use crate::{Assignment, Job};
use ogpu_primitives::{
    fees::{self, PPM},
    pricing::{self, DEFAULT_ASK_PERMILLE},
    Balance, CheckedWork, Commitment, Costs, JobParams,
};

/// What one auditor is paid, in planck: one prefill over input and output, at the price index of the job and an
/// ordinary ask, and at most half of the job's `price`. The premium for an audit that is certain then still fits
/// into the provider's part, so that no job takes more out of the audit fund than it brings.
pub(crate) fn audit_fee(
    costs: &Costs,
    commitment: &Commitment,
    index_planck_per_cu: Balance,
    price: Balance,
) -> Balance {
    let tokens = commitment.n_in.saturating_add(commitment.n_out);
    let work = pricing::work_milli_cu(costs, tokens, 0);
    pricing::price(work, index_planck_per_cu, DEFAULT_ASK_PERMILLE).min(price / 2)
}

/// Whether the noise has no say in which token comes next: such outputs carry less evidence and are drawn twice as
/// often.
pub(crate) fn is_greedy(params: &JobParams) -> bool {
    match params {
        JobParams::Generate(params) => params.temperature_milli == 0 || params.top_k == 1,
        JobParams::Embed(_) => false,
    }
}

/// The expected cost of a result's audits in planck, hidden second ones included, at the rate at which it is drawn
/// when the client's secret is there. The provider pays it out of its part; the client pays as much once more when
/// its secret is missing, which doubles the rate.
pub(crate) fn of_work<AccountId>(work: &CheckedWork<AccountId>) -> Balance {
    let terms = &work.terms;
    // As the draw does it, else the fund would bear half of a greedy output's audits.
    let rate_ppm = if work.greedy {
        terms.rate_ppm.saturating_mul(2).min(PPM)
    } else {
        terms.rate_ppm
    };
    fees::premium(work.audit_fee, rate_ppm, terms.second_ppm)
}

/// All that a checker needs to know of a committed result that is to be paid with `price` planck.
pub(crate) fn checked_work<AccountId: Clone>(
    job: &Job<AccountId>,
    assignment: &Assignment<AccountId>,
    commitment: &Commitment,
    price: Balance,
) -> CheckedWork<AccountId> {
    let mut work = CheckedWork {
        worker: assignment.worker.clone(),
        owner: assignment.owner.clone(),
        client: job.client.clone(),
        model: job.request.model,
        kind: job.request.params.kind(),
        greedy: is_greedy(&job.request.params),
        secret_hash: job.request.secret_hash,
        price,
        audit_fee: audit_fee(&job.costs, commitment, assignment.index_planck_per_cu, price),
        surcharge: false,
        terms: assignment.terms,
    };
    // The client of a rerun gave its secret away for another worker's cheat: it is not charged for that.
    work.surcharge = job.attempt == 0 && job.ledger.held.saturating_sub(price) >= of_work(&work);
    work
}
