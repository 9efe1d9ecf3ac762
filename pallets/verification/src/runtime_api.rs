//! What clients and workers can ask the runtime about commitments.

use crate::CommitmentRecord;
use codec::Codec;
use ogpu_primitives::Subject;

sp_api::decl_runtime_apis! {
    /// Commitments and their verdicts.
    pub trait VerificationApi<AccountId, BlockNumber>
    where
        AccountId: Codec,
        BlockNumber: Codec,
    {
        /// What was committed for a subject, until it is pruned.
        fn commitment(subject: Subject) -> Option<CommitmentRecord<AccountId, BlockNumber>>;
    }
}
