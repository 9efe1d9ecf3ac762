//! The job that belongs to a prompt: parameters, seed and id, the same for every writer.

use crate::{
    lines::Cell,
    prompts::{prompt, Set},
    variants::Writer,
};
use anyhow::{Context, Result};
use codec::Encode;
use ogpu_client::models::{ChatMessage, ChatTemplate, ModelTokenizer};
use ogpu_primitives::{sampler, tagged_hash, GenerateParams, JobId, H256};
use std::path::Path;

/// Output tokens that a job asks for; an end token may come earlier.
pub const OUTPUT_TOKENS: u32 = 256;

/// A job.
pub struct Job {
    /// Sampling and limits.
    pub params: GenerateParams,
    /// The sampler's seed.
    pub seed: H256,
    /// The job's id, which the directions of its sketches depend on.
    pub id: JobId,
}

impl Job {
    /// The job of prompt `index` in `cell`. `client` counts the client's seeds: 0 is the one that it sent.
    pub fn new(cell: &Cell, index: usize, temperature_milli: u16, client: u8) -> Self {
        let set = u8::from(cell.set == Set::Test);
        let key = (set, index as u64, client).encode();
        let mut params = GenerateParams {
            seed: tagged_hash(b"calibrate/seed", &key).0,
            ..GenerateParams::plain(OUTPUT_TOKENS, temperature_milli)
        };
        if cell.writer == Writer::HonestCut {
            (params.top_k, params.top_p_ppm, params.min_p_ppm) = (40, 900_000, 20_000);
        }
        Self {
            seed: sampler::seed(&H256::zero(), &H256::zero(), &params),
            id: tagged_hash(b"calibrate/job", &(set, index as u64).encode()),
            params,
        }
    }
}

/// Turns prompts into input ids: through the chat template, or as plain text for a model without one.
pub struct Reader {
    /// The model's tokenizer.
    pub tokenizer: ModelTokenizer,
    template: Option<ChatTemplate>,
}

impl Reader {
    /// The reader of the model in `folder`.
    pub fn new(folder: &Path) -> Result<Self> {
        let tokenizer = ModelTokenizer::from_folder(folder)?;
        let template = ChatTemplate::from_folder(folder, tokenizer.bos(), tokenizer.eos())?;
        Ok(Self { tokenizer, template })
    }

    /// Input ids of prompt `index` of `set`.
    pub fn input(&self, set: Set, index: usize) -> Result<Vec<u32>> {
        let text = prompt(set, index).context("there are not that many prompts")?;
        Ok(match &self.template {
            Some(template) => {
                let text = template.render(&[ChatMessage::new("user", text)], true)?;
                self.tokenizer.encode(&text, false)?
            }
            None => self.tokenizer.encode(&format!("{text}\n\n"), true)?,
        })
    }
}
