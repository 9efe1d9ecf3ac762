//! What clients and workers can ask the runtime about jobs.

use crate::{JobView, MarketTotals};
use alloc::vec::Vec;
use codec::Codec;
use ogpu_primitives::{
    Balance, DeviceClass, JobHistoryEvent, JobId, JobLedger, MatchRecord, ModelId, Tick, WhiteningTable,
};

sp_api::decl_runtime_apis! {
    /// Jobs, their histories, ledgers and matches.
    pub trait JobMarketApi<AccountId>
    where
        AccountId: Codec,
    {
        /// All that is known of a job, until it is pruned.
        fn job(job: JobId) -> Option<JobView<AccountId>>;

        /// What happened to a job, oldest first, with its ticks.
        fn history(job: JobId) -> Vec<(Tick, JobHistoryEvent<AccountId>)>;

        /// Where a job's money came from and went to.
        fn ledger(job: JobId) -> Option<JobLedger>;

        /// Price in planck of `n_in` input and at most `max_out` output tokens at the present index of `class`
        /// and an ordinary ask; `None` for an unknown model or class.
        fn quote(model: ModelId, n_in: u32, max_out: u32, class: DeviceClass) -> Option<Balance>;

        /// How each attempt's worker was chosen, which exclusions dropped the others, and what became of it.
        fn explain(job: JobId) -> Vec<MatchRecord<AccountId>>;

        /// Jobs that a worker has and has not committed.
        fn assigned_to(worker: AccountId) -> Vec<JobId>;

        /// The least nonce that a client can use; `None` when it used the greatest.
        fn next_nonce(client: AccountId) -> Option<u64>;

        /// Pay-outs that are kept for an account, in planck.
        fn earnings(account: AccountId) -> Balance;

        /// Sums over all jobs ever.
        fn totals() -> MarketTotals;

        /// A model's whitening table; `None` when it has none and its sketches are not whitened.
        fn whitening(model: ModelId) -> Option<WhiteningTable>;
    }
}
