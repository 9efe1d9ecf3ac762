//! What the jobs of a market ask for.

use ogpu_primitives::{
    evidence::chunk_count, BoundedVec, Costs, EmbedParams, GenerateParams, JobKind, JobParams,
};

/// What every job of a market asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Task {
    /// Text or embedding.
    pub kind: JobKind,
    /// Tokens of the input.
    pub input_tokens: u32,
    /// Tokens of a text, values of an embedding.
    pub output: u32,
}

impl Default for Task {
    /// A text of two chunks.
    fn default() -> Self {
        Self {
            kind: JobKind::Generate,
            input_tokens: 32,
            output: 64,
        }
    }
}

impl Task {
    /// Output tokens that are committed and billed.
    pub fn output_tokens(&self) -> u32 {
        match self.kind {
            JobKind::Generate => self.output,
            JobKind::Embed => 0,
        }
    }

    /// Compute units of one job at [`Self::costs`].
    pub fn compute_units(&self) -> u128 {
        u128::from(self.input_tokens + 10 * self.output_tokens())
    }

    /// Bytes of a sealed posting: to the client the output, to an auditor input, output and hashes of the sketches.
    pub fn posted_bytes(&self, to_client: bool) -> usize {
        /// Keys, nonce, tag and framing.
        const SEALING: u32 = 100;
        let output = 4 * self.output;
        let bytes = match self.kind {
            _ if to_client => output,
            JobKind::Generate => 4 * self.input_tokens + output + 64 * chunk_count(self.output),
            JobKind::Embed => 4 * self.input_tokens,
        };
        (bytes + SEALING) as usize
    }

    /// What the model costs.
    pub fn costs(&self) -> Costs {
        Costs {
            input_milli_cu: 1_000,
            output_milli_cu: match self.kind {
                JobKind::Generate => 10_000,
                JobKind::Embed => 0,
            },
        }
    }

    /// Parameters of a job.
    pub fn params(&self) -> JobParams {
        match self.kind {
            JobKind::Generate => JobParams::Generate(GenerateParams {
                max_output_tokens: self.output,
                temperature_milli: 800,
                top_k: 0,
                top_p_ppm: 1_000_000,
                min_p_ppm: 0,
                repetition_penalty_milli: 1_000,
                presence_penalty_milli: 0,
                frequency_penalty_milli: 0,
                seed: [3; 32],
                stop_tokens: BoundedVec::default(),
            }),
            JobKind::Embed => JobParams::Embed(EmbedParams { normalize: true }),
        }
    }
}
