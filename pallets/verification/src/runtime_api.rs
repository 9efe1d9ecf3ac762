//! What clients and workers can ask the runtime about checks.

use crate::{AuditView, CommitmentRecord};
use alloc::vec::Vec;
use codec::Codec;
use ogpu_primitives::Subject;

sp_api::decl_runtime_apis! {
    /// Commitments, their audits and their verdicts.
    pub trait VerificationApi<AccountId>
    where
        AccountId: Codec,
    {
        /// What was committed for a subject, until it is pruned.
        fn commitment(subject: Subject) -> Option<CommitmentRecord<AccountId>>;

        /// All that is known of a subject's check, until it is pruned.
        fn audit(subject: Subject) -> Option<AuditView<AccountId>>;

        /// The open checks that `worker` has a part in, as prover, auditor or juror, at most 64.
        fn duties(worker: AccountId) -> Vec<(Subject, AuditView<AccountId>)>;
    }
}
