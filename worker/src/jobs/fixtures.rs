//! Values shared by this folder's tests.

use super::record::Assignment;
use ogpu_primitives::{job, Commitment, EmbedParams, FinishReason, JobId, JobParams, ModelId, WorkKey, H256};

/// Salt of every fixture's input.
pub const SALT: [u8; 32] = [7; 32];

/// Token ids of every fixture's input.
pub const TOKENS: [u32; 3] = [11, 22, 33];

/// An embedding job with this number in its id.
pub fn assignment(number: u8) -> Assignment {
    Assignment {
        work: WorkKey {
            job: JobId::repeat_byte(number),
            segment: 0,
            attempt: 0,
        },
        model: ModelId::repeat_byte(0xAA),
        client: [0xCC; 32],
        params: JobParams::Embed(EmbedParams { normalize: true }),
        input_commitment: job::input_commitment(&SALT, &TOKENS),
        input_tokens: TOKENS.len() as u32,
        acknowledge_by: 100,
        deadline: 1_000,
    }
}

/// Some commitment.
pub fn commitment() -> Commitment {
    Commitment {
        root: H256::repeat_byte(1),
        output: H256::repeat_byte(2),
        n_in: TOKENS.len() as u32,
        n_out: 0,
        finish: FinishReason::Complete,
    }
}
