//! Decoder-only language models. One file a family ([`llama`], [`qwen`], [`gemma3`]) turns a model's metadata
//! into a [`Config`]; loading and computing are here, once for all.

pub mod config;
pub mod gemma3;
pub mod llama;
pub mod names;
pub mod qwen;

pub use config::Config;

use super::cache::{KvCache, Segment};
use super::linear::Linear;
use super::ops::{add, attend, gated, rms_norm, scale, to_bf16, Attention, HeadNorms};
use super::rope::{Angles, Rope};
use super::weights::Weights;
use super::EngineError;
use candle_core::{DType, Device, Tensor};

struct Layer {
    attention_norm: Tensor,
    qkv: Linear,
    /// Norms of query and key heads.
    head_norms: Option<(Tensor, Tensor)>,
    attention_output: Linear,
    /// Norms of the outputs of attention and feed-forward.
    output_norms: Option<(Tensor, Tensor)>,
    inner_norm: Tensor,
    gate_up: Linear,
    down: Linear,
    window: Option<usize>,
}

/// A loaded model.
pub struct Decoder {
    config: Config,
    embeddings: Linear,
    layers: Vec<Layer>,
    norm: Tensor,
    output: Option<Linear>,
    rope: Rope,
    local_rope: Option<Rope>,
    device: Device,
    dtype: DType,
    /// Activations are rounded to bf16 after every operation.
    round: bool,
    /// Keys and values are kept as the library's tensors even on the CPU.
    tensors: bool,
}

impl Decoder {
    /// Loads all weights.
    pub fn load(config: Config, weights: &Weights) -> Result<Self, EngineError> {
        let hidden = config.hidden;
        let mut layers = Vec::with_capacity(config.layers);
        for i in (0..config.layers).filter(|i| !weights.skips(*i)) {
            layers.push(Layer::load(&config, weights, i)?);
        }
        let matrix = |name: &str| weights.linear(&[(name, config.vocabulary)], hidden);
        let rope = |spec: &config::RopeSpec| {
            Rope::new(
                config.heads.size,
                spec.base,
                spec.factors.as_deref(),
                config.interleaved,
            )
        };
        Ok(Self {
            embeddings: matrix(config.names.embeddings())?,
            output: match config.tied {
                true => None,
                false => Some(matrix(config.names.output())?),
            },
            norm: norm(&config, weights, config.names.last_norm(), hidden)?,
            layers,
            rope: rope(&config.rope),
            local_rope: config.local.as_ref().map(|local| rope(&local.rope)),
            device: weights.device().clone(),
            dtype: weights.dtype(),
            round: weights.rounds_to_bf16(),
            tensors: weights.library_kernels(),
            config,
        })
    }

    /// Number of token ids.
    pub fn vocabulary(&self) -> usize {
        self.config.vocabulary
    }

    /// Values in a hidden state.
    pub fn hidden_size(&self) -> usize {
        self.config.hidden
    }

    /// An empty cache for one stream.
    pub fn cache(&self, capacity: usize) -> Result<KvCache, EngineError> {
        KvCache::new(
            self.layers.len(),
            self.config.heads,
            capacity,
            self.dtype,
            &self.device,
            self.tensors,
        )
    }

    /// Runs new tokens of one or more streams through all layers. Gives each token's final hidden state
    /// (after the last norm), segment after segment: `[tokens, hidden]`.
    pub fn forward(&self, segments: &mut [Segment<'_>]) -> Result<Tensor, EngineError> {
        let ids: Vec<u32> = segments
            .iter()
            .flat_map(|segment| segment.tokens)
            .copied()
            .collect();
        let position =
            |segment: &Segment<'_>| segment.cache.length()..segment.cache.length() + segment.tokens.len();
        let positions: Vec<usize> = segments.iter().flat_map(position).collect();
        let angles = self.rope.angles(&positions, self.dtype, &self.device)?;
        let local = self.local_rope.as_ref();
        let local_angles = local
            .map(|rope| rope.angles(&positions, self.dtype, &self.device))
            .transpose()?;
        let epsilon = self.config.epsilon;
        let x = self.embeddings.rows(&ids, &self.device)?.to_dtype(self.dtype)?;
        let mut x = self.rounded(scale(x, self.config.embedding_scale)?)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let normed = self.rounded(rms_norm(&x, &layer.attention_norm, epsilon)?)?;
            let qkv = self.rounded(layer.qkv.forward(&normed)?)?;
            let angles = match (&local_angles, layer.window) {
                (Some(local), Some(_)) => local,
                _ => &angles,
            };
            let attended = attend(&qkv, segments, i, &self.attention(layer, angles))?;
            let attended = self.rounded(layer.attention_output.forward(&attended)?)?;
            x = self.joined(&x, attended, layer.output_norms.as_ref().map(|(norm, _)| norm))?;
            let normed = self.rounded(rms_norm(&x, &layer.inner_norm, epsilon)?)?;
            let inner = self.rounded(layer.gate_up.forward(&normed)?)?;
            let inner = self.rounded(gated(&inner, self.config.activation)?)?;
            let inner = self.rounded(layer.down.forward(&inner)?)?;
            x = self.joined(&x, inner, layer.output_norms.as_ref().map(|(_, norm)| norm))?;
        }
        for segment in segments {
            segment.cache.advance(segment.tokens.len());
        }
        self.rounded(rms_norm(&x, &self.norm, epsilon)?)
    }

    /// Logits of final hidden states: `[tokens, vocabulary]`.
    pub fn logits(&self, hidden: &Tensor) -> Result<Tensor, EngineError> {
        self.output.as_ref().unwrap_or(&self.embeddings).forward(hidden)
    }

    fn attention<'a>(&self, layer: &'a Layer, angles: &'a Angles) -> Attention<'a> {
        Attention {
            heads: self.config.heads,
            scale: self.config.attention_scale,
            window: layer.window,
            norms: layer.head_norms.as_ref().map(|(query, key)| HeadNorms {
                query,
                key,
                epsilon: self.config.epsilon,
            }),
            angles,
            round: self.round,
        }
    }

    /// The residual stream with one more output, which `norm` scales first if there is one.
    fn joined(&self, x: &Tensor, output: Tensor, norm: Option<&Tensor>) -> Result<Tensor, EngineError> {
        let output = match norm {
            Some(norm) => self.rounded(rms_norm(&output, norm, self.config.epsilon)?)?,
            None => output,
        };
        self.rounded(add(x, &output)?)
    }

    fn rounded(&self, x: Tensor) -> Result<Tensor, EngineError> {
        match self.round {
            true => to_bf16(&x),
            false => Ok(x),
        }
    }
}

impl Layer {
    fn load(config: &Config, weights: &Weights, i: usize) -> Result<Self, EngineError> {
        let Config {
            hidden, inner, heads, ..
        } = *config;
        let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
        let name = |part: &str, kind: &str| config.names.layer(part, kind, i, config.output_norms);
        let stacked = |parts: &[(&str, usize)], columns: usize| {
            let names: Vec<(String, usize)> = parts
                .iter()
                .map(|(part, rows)| (name(part, "weight"), *rows))
                .collect();
            let names: Vec<(&str, usize)> = names.iter().map(|(name, rows)| (name.as_str(), *rows)).collect();
            weights.linear(&names, columns)
        };
        let norm = |part: &str, size: usize| norm(config, weights, &name(part, "weight"), size);
        let qkv_parts = [
            ("attn_q", query_width),
            ("attn_k", key_width),
            ("attn_v", key_width),
        ];
        let mut qkv = stacked(&qkv_parts, hidden)?;
        if config.qkv_bias {
            let biases = qkv_parts
                .iter()
                .map(|(part, rows)| weights.dense(&name(part, "bias"), &[*rows]))
                .collect::<Result<Vec<_>, _>>()?;
            qkv = qkv.with_bias(Tensor::cat(&biases, 0)?);
        }
        Ok(Self {
            attention_norm: norm("attn_norm", hidden)?,
            qkv,
            head_norms: match config.head_norms {
                true => Some((norm("attn_q_norm", heads.size)?, norm("attn_k_norm", heads.size)?)),
                false => None,
            },
            attention_output: stacked(&[("attn_output", hidden)], query_width)?,
            output_norms: match config.output_norms {
                true => Some((
                    norm("post_attention_norm", hidden)?,
                    norm("post_ffw_norm", hidden)?,
                )),
                false => None,
            },
            inner_norm: norm("ffn_norm", hidden)?,
            gate_up: stacked(&[("ffn_gate", inner), ("ffn_up", inner)], hidden)?,
            down: stacked(&[("ffn_down", hidden)], inner)?,
            window: config.window(i),
        })
    }
}

fn norm(config: &Config, weights: &Weights, name: &str, size: usize) -> Result<Tensor, EngineError> {
    let weight = weights.dense(name, &[size])?;
    match config.norms_less_one {
        true => Ok((weight + 1.0)?),
        false => Ok(weight),
    }
}
