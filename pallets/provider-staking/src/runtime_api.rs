//! What nodes answer about providers without a transaction.

use crate::{IdleReason, OwnerView, WorkerView};
use alloc::vec::Vec;
use codec::Codec;
use ogpu_primitives::ModelId;

sp_api::decl_runtime_apis! {
    /// Owners, workers, and why a worker is idle.
    #[api_version(1)]
    pub trait ProviderStakingApi<AccountId>
    where
        AccountId: Codec,
    {
        /// All about a worker; `None` when it is not paired.
        fn worker(worker: AccountId) -> Option<WorkerView<AccountId>>;

        /// All about an owner; `None` when it has no stake.
        fn owner(owner: AccountId) -> Option<OwnerView<AccountId>>;

        /// The listed workers of a model, or of all device classes, from the `start`-th on. `limit` above 100
        /// counts as 100.
        fn providers(model: Option<ModelId>, start: u32, limit: u32) -> Vec<WorkerView<AccountId>>;

        /// Why a worker gets no jobs; `None` when nothing is in the way and it only waits for one.
        fn idle_reason(worker: AccountId) -> Option<IdleReason>;
    }
}
