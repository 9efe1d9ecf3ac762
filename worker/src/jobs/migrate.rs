//! Brings a store that an earlier version of the program wrote to the present layout.
//!
//! Layout 1 knew neither the terms of a check nor proofs. What is over stays, so that its output can still be
//! fetched; an attempt that is not over could not be opened under audit, so such a store is refused.

use super::{
    record::{Assignment, JobRecord},
    state::State,
    store::StoreError,
};
use codec::{Decode, Encode};
use ogpu_primitives::{
    CheckTerms, Commitment, JobParams, ModelId, NumericProfile, ProfileParams, Tick, WorkKey, H256,
};

/// A record of layout 1.
#[derive(Encode, Decode)]
struct RecordV1 {
    assignment: AssignmentV1,
    state: State,
    commitment: Option<Commitment>,
    changed_at: Tick,
}

#[derive(Encode, Decode)]
struct AssignmentV1 {
    work: WorkKey,
    model: ModelId,
    client: [u8; 32],
    params: JobParams,
    input_commitment: H256,
    input_tokens: u32,
    acknowledge_by: Tick,
    deadline: Tick,
}

/// The same record in the present layout.
pub fn record_from_v1(bytes: &[u8]) -> Result<JobRecord, StoreError> {
    let RecordV1 {
        assignment,
        state,
        commitment,
        changed_at,
    } = RecordV1::decode(&mut &bytes[..])?;
    if !state.is_final() {
        return Err(StoreError::OpenAttempt {
            job: format!("{:?}", assignment.work.job),
        });
    }
    Ok(JobRecord {
        assignment: Assignment {
            work: assignment.work,
            model: assignment.model,
            client: assignment.client,
            params: assignment.params,
            input_commitment: assignment.input_commitment,
            input_tokens: assignment.input_tokens,
            acknowledge_by: assignment.acknowledge_by,
            deadline: assignment.deadline,
            // It was never checked and will not be: nobody reads this.
            terms: CheckTerms {
                params: ProfileParams::starting(NumericProfile::F16),
                whitened: false,
                rate_ppm: 0,
                second_ppm: 0,
            },
        },
        state,
        commitment,
        changed_at,
    })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::jobs::fixtures::{assignment, commitment};

    /// A record as layout 1 wrote it.
    pub fn record_v1(number: u8, state: State) -> Vec<u8> {
        let now = assignment(number);
        RecordV1 {
            assignment: AssignmentV1 {
                work: now.work,
                model: now.model,
                client: now.client,
                params: now.params,
                input_commitment: now.input_commitment,
                input_tokens: now.input_tokens,
                acknowledge_by: now.acknowledge_by,
                deadline: now.deadline,
            },
            state,
            commitment: Some(commitment()),
            changed_at: 7,
        }
        .encode()
    }

    #[test]
    fn record_should_stay_when_it_is_over() {
        let record = record_from_v1(&record_v1(1, State::Done)).expect("converted");
        assert_eq!(record.work(), assignment(1).work);
        assert_eq!(record.state, State::Done);
        assert_eq!(record.commitment, Some(commitment()));
        assert_eq!(record.changed_at, 7);
    }

    #[test]
    fn record_should_be_refused_when_it_is_not_over() {
        let error = record_from_v1(&record_v1(1, State::Committed)).expect_err("open");
        assert!(matches!(error, StoreError::OpenAttempt { .. }), "{error}");
    }
}
