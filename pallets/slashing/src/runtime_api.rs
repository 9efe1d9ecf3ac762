//! What owners and clients can ask the runtime about slashes, standings and precision.

use crate::{PendingSlash, PrecisionView, StandingView};
use alloc::vec::Vec;
use codec::Codec;
use ogpu_primitives::{JobKind, ModelId};

sp_api::decl_runtime_apis! {
    /// Slashes that wait, how owners stand, and how precise workers are.
    pub trait SlashingApi<AccountId>
    where
        AccountId: Codec,
    {
        /// Slashes that wait, of one owner or of all, with their ids; at most 100. Those that a network fault
        /// excuses are left out.
        fn pending(owner: Option<AccountId>) -> Vec<(u32, PendingSlash<AccountId>)>;

        /// How an owner stands with one kind of job.
        fn standing(owner: AccountId, kind: JobKind) -> StandingView;

        /// How precise a worker's results are, by model, as far as two auditors saw them; at most 100 models.
        fn precision(worker: AccountId) -> Vec<(ModelId, PrecisionView)>;
    }
}
