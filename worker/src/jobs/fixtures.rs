//! Values shared by this folder's tests.

use super::{
    execute::Finished,
    proof::{Proof, ProvedOutput},
    record::Assignment,
};
use ogpu_primitives::{
    evidence::{ChunkRecord, CHUNK_TOKENS},
    job,
    sketch::SUMS,
    CheckTerms, ChunkSketch, Commitment, EmbedParams, FinishReason, JobId, JobParams, ModelId,
    NumericProfile, ProfileParams, WorkKey, H256,
};

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
        terms: terms(),
    }
}

/// Terms of every fixture's check.
pub fn terms() -> CheckTerms {
    CheckTerms {
        params: ProfileParams::starting(NumericProfile::F16),
        whitened: false,
        rate_ppm: 250_000,
        second_ppm: 250_000,
    }
}

/// What the maker of some embedding keeps.
pub fn proof() -> Proof {
    Proof {
        salt: SALT,
        input_ids: TOKENS.to_vec(),
        output: ProvedOutput::Vector(
            [0.5f32, -0.25]
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        ),
    }
}

/// What the maker of a text of this many tokens keeps.
pub fn text_proof(tokens: u32) -> Proof {
    let ids: Vec<u32> = (0..tokens).collect();
    let records = ids
        .chunks(CHUNK_TOKENS)
        .enumerate()
        .map(|(chunk, ids)| ChunkRecord {
            sketch: ChunkSketch::from_sums(vec![chunk as i16 + 1; ids.len() * SUMS]).unwrap_or_default(),
            hidden: H256::repeat_byte((chunk as u8).wrapping_add(1)),
        });
    let records = records.collect();
    Proof {
        salt: SALT,
        input_ids: TOKENS.to_vec(),
        output: ProvedOutput::Tokens { ids, records },
    }
}

/// A result with this ciphertext.
pub fn finished(sealed_output: Vec<u8>) -> Finished {
    Finished {
        sealed_output,
        commitment: commitment(),
        proof: proof(),
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
