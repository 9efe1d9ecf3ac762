//! The BERT family of encoders, for embeddings: post-norm layers, learned positions, GELU.

use super::weights::Weights;
use super::EngineError;
use candle_core::{Device, Tensor, D};
use ogpu_client::models::layout::read_json;
use ogpu_primitives::JobKind;
use serde::Deserialize;
use std::path::Path;

/// A Hugging Face `config.json`.
#[derive(Clone, Debug, Deserialize)]
pub struct Config {
    model_type: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    max_position_embeddings: usize,
    type_vocab_size: usize,
    vocab_size: usize,
    layer_norm_eps: f64,
    hidden_act: String,
    position_embedding_type: Option<String>,
}

impl Config {
    /// Reads and checks the file.
    pub fn from_json(path: &Path) -> Result<Self, EngineError> {
        let config: Self = read_json(path)?;
        if config.model_type != "bert" {
            return Err(EngineError::Architecture {
                found: config.model_type,
                kind: JobKind::Embed,
            });
        }
        let absolute = config.position_embedding_type.as_deref().unwrap_or("absolute") == "absolute";
        if config.hidden_act != "gelu" || !absolute {
            return Err(EngineError::Config(
                "only GELU and absolute positions are supported".into(),
            ));
        }
        let sane = (1..=16_384).contains(&config.hidden_size)
            && (1..=65_536).contains(&config.intermediate_size)
            && (1..=256).contains(&config.num_hidden_layers)
            && (1..=256).contains(&config.num_attention_heads)
            && config.hidden_size.is_multiple_of(config.num_attention_heads)
            && (1..=65_536).contains(&config.max_position_embeddings)
            && (1..=16).contains(&config.type_vocab_size)
            && (1..=1 << 22).contains(&config.vocab_size)
            && config.layer_norm_eps > 0.0;
        match sane {
            true => Ok(config),
            false => Err(EngineError::Config(
                "a size or constant is outside of all sensible limits".into(),
            )),
        }
    }
}

struct Dense {
    weight: Tensor,
    bias: Tensor,
}

impl Dense {
    fn load(weights: &Weights, name: &str, outputs: usize, inputs: usize) -> Result<Self, EngineError> {
        Ok(Self {
            weight: weights.dense(&format!("{name}.weight"), &[outputs, inputs])?,
            bias: weights.dense(&format!("{name}.bias"), &[outputs])?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, EngineError> {
        Ok(x.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?)
    }
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
    epsilon: f64,
}

impl Norm {
    fn load(weights: &Weights, name: &str, size: usize, epsilon: f64) -> Result<Self, EngineError> {
        Ok(Self {
            weight: weights.dense(&format!("{name}.weight"), &[size])?,
            bias: weights.dense(&format!("{name}.bias"), &[size])?,
            epsilon,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, EngineError> {
        let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let normed = centred.broadcast_div(&(variance + self.epsilon)?.sqrt()?)?;
        Ok(normed.broadcast_mul(&self.weight)?.broadcast_add(&self.bias)?)
    }
}

struct Layer {
    query: Dense,
    key: Dense,
    value: Dense,
    attention_output: Dense,
    attention_norm: Norm,
    inner: Dense,
    output: Dense,
    output_norm: Norm,
}

/// A loaded model.
pub struct Bert {
    config: Config,
    words: Tensor,
    positions: Tensor,
    types: Tensor,
    norm: Norm,
    layers: Vec<Layer>,
    device: Device,
}

impl Bert {
    /// Loads all weights.
    pub fn load(config: Config, weights: &Weights) -> Result<Self, EngineError> {
        // Files saved from a model with a head on top put everything under `bert.`.
        let prefix = if weights.has("bert.embeddings.word_embeddings.weight") {
            "bert."
        } else {
            ""
        };
        let (hidden, inner, epsilon) = (
            config.hidden_size,
            config.intermediate_size,
            config.layer_norm_eps,
        );
        let table = |name: &str, rows: usize| {
            weights.dense(&format!("{prefix}embeddings.{name}.weight"), &[rows, hidden])
        };
        let mut layers = Vec::with_capacity(config.num_hidden_layers);
        for i in 0..config.num_hidden_layers {
            let dense = |name: &str, outputs: usize, inputs: usize| {
                Dense::load(
                    weights,
                    &format!("{prefix}encoder.layer.{i}.{name}"),
                    outputs,
                    inputs,
                )
            };
            let norm = |name: &str| {
                Norm::load(
                    weights,
                    &format!("{prefix}encoder.layer.{i}.{name}.LayerNorm"),
                    hidden,
                    epsilon,
                )
            };
            layers.push(Layer {
                query: dense("attention.self.query", hidden, hidden)?,
                key: dense("attention.self.key", hidden, hidden)?,
                value: dense("attention.self.value", hidden, hidden)?,
                attention_output: dense("attention.output.dense", hidden, hidden)?,
                attention_norm: norm("attention.output")?,
                inner: dense("intermediate.dense", inner, hidden)?,
                output: dense("output.dense", hidden, inner)?,
                output_norm: norm("output")?,
            });
        }
        Ok(Self {
            words: table("word_embeddings", config.vocab_size)?,
            positions: table("position_embeddings", config.max_position_embeddings)?,
            types: table("token_type_embeddings", config.type_vocab_size)?,
            norm: Norm::load(weights, &format!("{prefix}embeddings.LayerNorm"), hidden, epsilon)?,
            layers,
            device: weights.device().clone(),
            config,
        })
    }

    /// Number of token ids.
    pub fn vocabulary(&self) -> usize {
        self.config.vocab_size
    }

    /// Longest input in tokens.
    pub fn context(&self) -> usize {
        self.config.max_position_embeddings
    }

    /// The last hidden state of each token: `[tokens, hidden]`.
    pub fn forward(&self, tokens: &[u32]) -> Result<Tensor, EngineError> {
        let (count, heads) = (tokens.len(), self.config.num_attention_heads);
        let size = self.config.hidden_size / heads;
        let words = self.words.index_select(&Tensor::new(tokens, &self.device)?, 0)?;
        let x = (words + self.positions.narrow(0, 0, count)?)?;
        let mut x = self
            .norm
            .forward(&x.broadcast_add(&self.types.narrow(0, 0, 1)?)?)?;
        for layer in &self.layers {
            let split = |x: Tensor| -> Result<Tensor, EngineError> {
                Ok(x.reshape((count, heads, size))?.transpose(0, 1)?.contiguous()?)
            };
            let query = split(layer.query.forward(&x)?)?;
            let key = split(layer.key.forward(&x)?)?;
            let value = split(layer.value.forward(&x)?)?;
            let scores = (query.matmul(&key.t()?)? / (size as f64).sqrt())?;
            let attended = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&value)?;
            let attended = attended
                .transpose(0, 1)?
                .contiguous()?
                .reshape((count, heads * size))?;
            x = layer
                .attention_norm
                .forward(&(layer.attention_output.forward(&attended)? + &x)?)?;
            let inner = layer.inner.forward(&x)?.gelu_erf()?;
            x = layer
                .output_norm
                .forward(&(layer.output.forward(&inner)? + &x)?)?;
        }
        Ok(x)
    }
}
