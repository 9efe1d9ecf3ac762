//! The Llama family: grouped-query attention, rotary positions, SwiGLU, root-mean-square norms.

use super::cache::{KvCache, Segment};
use super::cpu::attention::Heads;
use super::linear::Linear;
use super::ops::{add, attend, rms_norm, swiglu};
use super::rope::Rope;
use super::weights::Weights;
use super::EngineError;
use candle_core::{DType, Device, Tensor};
use ogpu_client::models::layout::read_json;
use ogpu_client::models::Gguf;
use ogpu_primitives::JobKind;
use serde::Deserialize;
use std::path::Path;

/// Sizes and constants.
#[derive(Clone, Debug)]
pub struct Config {
    hidden: usize,
    layers: usize,
    inner: usize,
    heads: Heads,
    epsilon: f32,
    rope_base: f64,
    rope_factors: Option<Vec<f64>>,
    vocabulary: usize,
    context: usize,
    tied: bool,
    names: Names,
}

/// How a file calls its tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    Gguf,
    HuggingFace,
}

impl Config {
    /// From GGUF metadata.
    pub fn from_gguf(gguf: &Gguf, weights: &Weights) -> Result<Self, EngineError> {
        let architecture = gguf.text("general.architecture")?;
        if architecture != "llama" {
            return Err(EngineError::Architecture {
                found: architecture.into(),
                kind: JobKind::Generate,
            });
        }
        let number = |key: &str| gguf.unsigned(&format!("llama.{key}")).map(|value| value as usize);
        let queries = number("attention.head_count")?;
        let hidden = number("embedding_length")?;
        let size = match number("attention.key_length") {
            Ok(size) => size,
            Err(_) => hidden.checked_div(queries).unwrap_or_default(),
        };
        if number("rope.dimension_count").unwrap_or(size) != size {
            return Err(EngineError::Config("only whole heads can be rotated".into()));
        }
        if matches!(gguf.text("llama.rope.scaling.type"), Ok(kind) if kind != "none") {
            return Err(EngineError::Config(
                "this kind of position scaling is not supported".into(),
            ));
        }
        let rope_factors = match weights.has("rope_freqs.weight") {
            true => Some(
                weights
                    .dense("rope_freqs.weight", &[size / 2])?
                    .to_device(&Device::Cpu)?,
            ),
            false => None,
        };
        let rope_factors = rope_factors
            .map(|tensor| tensor.to_dtype(DType::F64)?.to_vec1::<f64>())
            .transpose()?;
        let embeddings = weights.shape("token_embd.weight");
        Self {
            hidden,
            layers: number("block_count")?,
            inner: number("feed_forward_length")?,
            heads: Heads {
                queries,
                keys: number("attention.head_count_kv").unwrap_or(queries),
                size,
            },
            epsilon: gguf.float("llama.attention.layer_norm_rms_epsilon")? as f32,
            rope_base: gguf.float("llama.rope.freq_base").unwrap_or(10_000.0),
            rope_factors,
            vocabulary: embeddings
                .and_then(|shape| shape.first().copied())
                .unwrap_or_default(),
            context: number("context_length")?,
            tied: !weights.has("output.weight"),
            names: Names::Gguf,
        }
        .checked()
    }

    /// From a Hugging Face `config.json`.
    pub fn from_json(path: &Path) -> Result<Self, EngineError> {
        #[derive(Deserialize)]
        struct Json {
            model_type: String,
            hidden_size: usize,
            intermediate_size: usize,
            num_hidden_layers: usize,
            num_attention_heads: usize,
            num_key_value_heads: Option<usize>,
            head_dim: Option<usize>,
            rms_norm_eps: f32,
            rope_theta: Option<f64>,
            rope_scaling: Option<Scaling>,
            vocab_size: usize,
            max_position_embeddings: usize,
            #[serde(default)]
            tie_word_embeddings: bool,
            hidden_act: Option<String>,
            #[serde(default)]
            attention_bias: bool,
            #[serde(default)]
            mlp_bias: bool,
        }
        #[derive(Deserialize)]
        struct Scaling {
            #[serde(alias = "type")]
            rope_type: String,
            factor: Option<f64>,
            low_freq_factor: Option<f64>,
            high_freq_factor: Option<f64>,
            original_max_position_embeddings: Option<f64>,
        }
        let json: Json = read_json(path)?;
        if json.model_type != "llama" {
            return Err(EngineError::Architecture {
                found: json.model_type,
                kind: JobKind::Generate,
            });
        }
        if json.hidden_act.is_some_and(|name| name != "silu") || json.attention_bias || json.mlp_bias {
            return Err(EngineError::Config(
                "only SiLU and matrices without bias are supported".into(),
            ));
        }
        let queries = json.num_attention_heads;
        let size = json
            .head_dim
            .or(json.hidden_size.checked_div(queries))
            .unwrap_or_default();
        let base = json.rope_theta.unwrap_or(10_000.0);
        let rope_factors = match json.rope_scaling {
            None => None,
            Some(scaling) if scaling.rope_type == "default" => None,
            Some(Scaling {
                rope_type,
                factor: Some(factor),
                low_freq_factor: Some(low),
                high_freq_factor: Some(high),
                original_max_position_embeddings: Some(original),
            }) if rope_type == "llama3" => Some(llama3_factors(size, base, factor, low, high, original)),
            Some(_) => {
                return Err(EngineError::Config(
                    "this kind of position scaling is not supported".into(),
                ))
            }
        };
        Self {
            hidden: json.hidden_size,
            layers: json.num_hidden_layers,
            inner: json.intermediate_size,
            heads: Heads {
                queries,
                keys: json.num_key_value_heads.unwrap_or(queries),
                size,
            },
            epsilon: json.rms_norm_eps,
            rope_base: base,
            rope_factors,
            vocabulary: json.vocab_size,
            context: json.max_position_embeddings,
            tied: json.tie_word_embeddings,
            names: Names::HuggingFace,
        }
        .checked()
    }

    /// Refuses sizes that no real model has, before anything is allocated by them.
    fn checked(self) -> Result<Self, EngineError> {
        let Heads { queries, keys, size } = self.heads;
        let sane = (1..=65_536).contains(&self.hidden)
            && (1..=512).contains(&self.layers)
            && (1..=1 << 20).contains(&self.inner)
            && (1..=1_024).contains(&queries)
            && (1..=queries).contains(&keys)
            && queries % keys == 0
            && (2..=1_024).contains(&size)
            && size % 2 == 0
            && (1..=1 << 22).contains(&self.vocabulary)
            && (1..=1 << 24).contains(&self.context)
            && self.epsilon.is_finite()
            && self.epsilon > 0.0
            && self.rope_base.is_finite()
            && self.rope_base > 1.0;
        match sane {
            true => Ok(self),
            false => Err(EngineError::Config(
                "a size or constant is outside of all sensible limits".into(),
            )),
        }
    }

    /// Longest context that the model was trained for, in tokens.
    pub fn context(&self) -> usize {
        self.context
    }

    fn name(&self, part: &str, layer: usize) -> String {
        match self.names {
            Names::Gguf => match part {
                "embeddings" => "token_embd.weight".into(),
                "norm" => "output_norm.weight".into(),
                "output" => "output.weight".into(),
                _ => format!("blk.{layer}.{part}.weight"),
            },
            Names::HuggingFace => {
                let part = match part {
                    "embeddings" => return "model.embed_tokens.weight".into(),
                    "norm" => return "model.norm.weight".into(),
                    "output" => return "lm_head.weight".into(),
                    "attn_norm" => "input_layernorm",
                    "attn_q" => "self_attn.q_proj",
                    "attn_k" => "self_attn.k_proj",
                    "attn_v" => "self_attn.v_proj",
                    "attn_output" => "self_attn.o_proj",
                    "ffn_norm" => "post_attention_layernorm",
                    "ffn_gate" => "mlp.gate_proj",
                    "ffn_up" => "mlp.up_proj",
                    other => {
                        debug_assert_eq!(other, "ffn_down");
                        "mlp.down_proj"
                    }
                };
                format!("model.layers.{layer}.{part}.weight")
            }
        }
    }
}

/// Llama 3.1's stretching of long wavelengths, as divisors of the frequencies.
fn llama3_factors(size: usize, base: f64, factor: f64, low: f64, high: f64, original: f64) -> Vec<f64> {
    (0..size / 2)
        .map(|i| {
            let wavelength = std::f64::consts::TAU * base.powf(2.0 * i as f64 / size as f64);
            if wavelength < original / high {
                1.0
            } else if wavelength > original / low {
                factor
            } else {
                let smooth = (original / wavelength - low) / (high - low);
                1.0 / ((1.0 - smooth) / factor + smooth)
            }
        })
        .collect()
}

struct Layer {
    attention_norm: Tensor,
    qkv: Linear,
    attention_output: Linear,
    inner_norm: Tensor,
    gate_up: Linear,
    down: Linear,
}

/// A loaded model.
pub struct Llama {
    config: Config,
    embeddings: Linear,
    layers: Vec<Layer>,
    norm: Tensor,
    output: Option<Linear>,
    rope: Rope,
    device: Device,
    dtype: DType,
}

impl Llama {
    /// Loads all weights.
    pub fn load(config: Config, weights: &Weights) -> Result<Self, EngineError> {
        let Config {
            hidden,
            inner,
            heads,
            vocabulary,
            ..
        } = config;
        let (query_width, key_width) = (heads.queries * heads.size, heads.keys * heads.size);
        let mut layers = Vec::with_capacity(config.layers);
        for i in 0..config.layers {
            let name = |part: &str| config.name(part, i);
            let stacked = |parts: &[(&str, usize)], columns: usize| {
                let names: Vec<(String, usize)> =
                    parts.iter().map(|(part, rows)| (name(part), *rows)).collect();
                let names: Vec<(&str, usize)> =
                    names.iter().map(|(name, rows)| (name.as_str(), *rows)).collect();
                weights.linear(&names, columns)
            };
            let qkv = [
                ("attn_q", query_width),
                ("attn_k", key_width),
                ("attn_v", key_width),
            ];
            layers.push(Layer {
                attention_norm: weights.dense(&name("attn_norm"), &[hidden])?,
                qkv: stacked(&qkv, hidden)?,
                attention_output: stacked(&[("attn_output", hidden)], query_width)?,
                inner_norm: weights.dense(&name("ffn_norm"), &[hidden])?,
                gate_up: stacked(&[("ffn_gate", inner), ("ffn_up", inner)], hidden)?,
                down: stacked(&[("ffn_down", hidden)], inner)?,
            });
        }
        let output = match config.tied {
            true => None,
            false => Some(weights.linear(&[(&config.name("output", 0), vocabulary)], hidden)?),
        };
        let factors = config.rope_factors.as_deref();
        let rope = Rope::new(heads.size, config.rope_base, factors, config.names == Names::Gguf);
        Ok(Self {
            embeddings: weights.linear(&[(&config.name("embeddings", 0), vocabulary)], hidden)?,
            norm: weights.dense(&config.name("norm", 0), &[hidden])?,
            layers,
            output,
            rope,
            device: weights.device().clone(),
            dtype: weights.dtype(),
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
            self.config.layers,
            self.config.heads,
            capacity,
            self.dtype,
            &self.device,
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
        let epsilon = self.config.epsilon;
        let mut x = self.embeddings.rows(&ids, &self.device)?.to_dtype(self.dtype)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let normed = rms_norm(&x, &layer.attention_norm, epsilon)?;
            let qkv = layer.qkv.forward(&normed)?;
            let attended = attend(&qkv, segments, i, self.config.heads, &angles)?;
            x = add(&x, &layer.attention_output.forward(&attended)?)?;
            let normed = rms_norm(&x, &layer.inner_norm, epsilon)?;
            let inner = swiglu(&layer.gate_up.forward(&normed)?)?;
            x = add(&x, &layer.down.forward(&inner)?)?;
        }
        for segment in segments {
            segment.cache.advance(segment.tokens.len());
        }
        rms_norm(&x, &self.norm, epsilon)
    }

    /// Logits of final hidden states: `[tokens, vocabulary]`.
    pub fn logits(&self, hidden: &Tensor) -> Result<Tensor, EngineError> {
        self.output.as_ref().unwrap_or(&self.embeddings).forward(hidden)
    }
}
