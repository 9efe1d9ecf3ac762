//! Sizes and constants of a decoder, and the switches in which families differ.

use super::super::cpu::attention::Heads;
use super::super::weights::Weights;
use super::super::EngineError;
use super::names::Names;
use super::{gemma3, llama, qwen};
use candle_core::{DType, Device};
use ogpu_client::models::layout::read_json;
use ogpu_client::models::Gguf;
use ogpu_primitives::JobKind;
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// The function on the gate of the feed-forward part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x · sigmoid(x).
    Silu,
    /// The Gaussian error linear unit in its tanh form.
    GeluTanh,
}

/// Rotary positions of some layers.
#[derive(Clone, Debug)]
pub struct RopeSpec {
    /// Base of the wavelengths.
    pub base: f64,
    /// Divisors of the frequencies, one for each pair.
    pub factors: Option<Vec<f64>>,
}

/// Layers that see only the last tokens.
#[derive(Clone, Debug)]
pub struct Local {
    /// Tokens that they see, their own included.
    pub window: usize,
    /// Their positions.
    pub rope: RopeSpec,
    /// Which layers they are, one entry a layer.
    pub layers: Vec<bool>,
}

/// A model's sizes, constants and switches.
#[derive(Clone, Debug)]
pub struct Config {
    /// Values in a hidden state.
    pub hidden: usize,
    /// Layers.
    pub layers: usize,
    /// Values between the feed-forward matrices.
    pub inner: usize,
    /// Attention heads.
    pub heads: Heads,
    /// What norms add to the mean square.
    pub epsilon: f32,
    /// Positions of layers that see everything.
    pub rope: RopeSpec,
    /// Pairs that are turned are neighbours, else the two halves of a head.
    pub interleaved: bool,
    /// Number of token ids.
    pub vocabulary: usize,
    /// Longest context that the model was trained for, in tokens.
    pub context: usize,
    /// The embeddings are the output matrix too.
    pub tied: bool,
    /// Names of the tensors.
    pub names: Names,
    /// Function on the gate.
    pub activation: Activation,
    /// Factor on embeddings; 1 in most families.
    pub embedding_scale: f32,
    /// Factor on attention scores.
    pub attention_scale: f32,
    /// Layers with a sliding window.
    pub local: Option<Local>,
    /// Queries, keys and values have biases.
    pub qkv_bias: bool,
    /// Each head of queries and keys is normed before it is turned.
    pub head_norms: bool,
    /// Outputs of attention and feed-forward are normed before they are added.
    pub output_norms: bool,
    /// Norm weights are stored less 1.
    pub norms_less_one: bool,
}

/// `config.json` of any of the families.
#[derive(Deserialize)]
pub struct Json {
    pub model_type: String,
    pub hidden_size: usize,
    pub intermediate_size: usize,
    pub num_hidden_layers: usize,
    pub num_attention_heads: usize,
    pub num_key_value_heads: Option<usize>,
    pub head_dim: Option<usize>,
    pub rms_norm_eps: f32,
    pub rope_theta: Option<f64>,
    pub rope_local_base_freq: Option<f64>,
    pub rope_scaling: Option<RopeScaling>,
    /// Where newer files keep base and scaling of positions, of all layers or by kind of layer. Read by hand: serde's
    /// untagged enums know no numbers once any crate of the build asks serde_json for arbitrary precision.
    pub rope_parameters: Option<Value>,
    pub vocab_size: usize,
    pub max_position_embeddings: usize,
    pub tie_word_embeddings: Option<bool>,
    #[serde(alias = "hidden_activation")]
    pub hidden_act: Option<String>,
    pub attention_bias: Option<bool>,
    pub mlp_bias: Option<bool>,
    pub query_pre_attn_scalar: Option<f64>,
    pub sliding_window: Option<usize>,
    pub use_sliding_window: Option<bool>,
    #[serde(alias = "_sliding_window_pattern")]
    pub sliding_window_pattern: Option<usize>,
    pub layer_types: Option<Vec<String>>,
    pub attn_logit_softcapping: Option<f64>,
    pub final_logit_softcapping: Option<f64>,
}

/// Stretching of positions beyond the trained length.
#[derive(Deserialize)]
pub struct RopeScaling {
    #[serde(alias = "type")]
    pub rope_type: String,
    pub factor: Option<f64>,
    pub low_freq_factor: Option<f64>,
    pub high_freq_factor: Option<f64>,
    pub original_max_position_embeddings: Option<f64>,
}

impl Json {
    /// With positions where older files have them.
    fn normalised(mut self) -> Result<Self, EngineError> {
        let Some(all) = self.rope_parameters.take() else {
            return Ok(self);
        };
        let (base, scaling) = match (all.get("full_attention"), all.get("sliding_attention")) {
            (Some(global), Some(local)) => {
                let (base, scaling) = positions(local)?;
                if scaling.rope_type != "default" {
                    return Err(refused("scaled positions of local layers are not supported"));
                }
                self.rope_local_base_freq = base.or(self.rope_local_base_freq);
                positions(global)?
            }
            _ => positions(&all)?,
        };
        self.rope_theta = base.or(self.rope_theta);
        self.rope_scaling = Some(scaling);
        Ok(self)
    }
}

/// Base and scaling of positions in an entry of `rope_parameters`.
fn positions(entry: &Value) -> Result<(Option<f64>, RopeScaling), EngineError> {
    let scaling = serde_json::from_value(entry.clone())
        .map_err(|error| refused(&format!("rope_parameters cannot be read: {error}")))?;
    Ok((entry.get("rope_theta").and_then(Value::as_f64), scaling))
}

impl Config {
    /// From GGUF metadata.
    pub fn from_gguf(gguf: &Gguf, weights: &Weights) -> Result<Self, EngineError> {
        match gguf.text("general.architecture")? {
            "llama" => llama::from_gguf(gguf, weights),
            family @ ("qwen2" | "qwen3") => qwen::from_gguf(gguf, weights, family),
            "gemma3" => gemma3::from_gguf(gguf, weights),
            other => Err(unsupported(other)),
        }?
        .checked()
    }

    /// From a Hugging Face `config.json`.
    pub fn from_json(path: &Path) -> Result<Self, EngineError> {
        let json: Json = match read_json::<ModelType>(path)?.model_type.as_str() {
            "llama" | "qwen2" | "qwen3" | "gemma3_text" => read_json(path)?,
            other => return Err(unsupported(other)),
        };
        let json = json.normalised()?;
        match json.model_type.as_str() {
            "llama" => llama::from_json(json),
            "qwen2" | "qwen3" => qwen::from_json(json),
            _ => gemma3::from_json(json),
        }?
        .checked()
    }

    /// What all families read from GGUF metadata, whose keys begin with `family`; switches are Llama's.
    pub(super) fn common_gguf(gguf: &Gguf, weights: &Weights, family: &str) -> Result<Self, EngineError> {
        let number = |key: &str| {
            gguf.unsigned(&format!("{family}.{key}"))
                .map(|value| value as usize)
        };
        let float = |key: &str| gguf.float(&format!("{family}.{key}"));
        let queries = number("attention.head_count")?;
        let hidden = number("embedding_length")?;
        let size = match number("attention.key_length") {
            Ok(size) => size,
            Err(_) => hidden.checked_div(queries).unwrap_or_default(),
        };
        let layers = number("block_count")?;
        check_lists(layers, size)?;
        if number("rope.dimension_count").unwrap_or(size) != size
            || number("attention.value_length").unwrap_or(size) != size
        {
            return Err(refused("only whole heads of one size can be rotated"));
        }
        let factors = match weights.has("rope_freqs.weight") {
            true => Some(
                weights
                    .dense("rope_freqs.weight", &[size / 2])?
                    .to_device(&Device::Cpu)?
                    .to_dtype(DType::F64)?
                    .to_vec1::<f64>()?,
            ),
            false => None,
        };
        let scaling = gguf
            .text(&format!("{family}.rope.scaling.type"))
            .unwrap_or("none");
        let factors = match (scaling, float("rope.scaling.factor")) {
            ("none", _) => factors,
            ("linear", Ok(factor)) if factors.is_none() => Some(vec![factor; size / 2]),
            _ => return Err(refused("this kind of position scaling is not supported")),
        };
        let embeddings = weights.shape(Names::Gguf.embeddings());
        Ok(Self {
            hidden,
            layers,
            inner: number("feed_forward_length")?,
            heads: Heads {
                queries,
                keys: number("attention.head_count_kv").unwrap_or(queries),
                size,
            },
            epsilon: float("attention.layer_norm_rms_epsilon")? as f32,
            rope: RopeSpec {
                base: float("rope.freq_base").unwrap_or(10_000.0),
                factors,
            },
            interleaved: false,
            vocabulary: embeddings
                .and_then(|shape| shape.first().copied())
                .unwrap_or_default(),
            context: number("context_length")?,
            tied: !weights.has(Names::Gguf.output()),
            names: Names::Gguf,
            activation: Activation::Silu,
            embedding_scale: 1.0,
            attention_scale: 1.0 / (size as f32).sqrt(),
            local: None,
            qkv_bias: false,
            head_norms: false,
            output_norms: false,
            norms_less_one: false,
        })
    }

    /// What all families read from `config.json`; switches are Llama's.
    pub(super) fn common_json(json: &Json) -> Result<Self, EngineError> {
        let queries = json.num_attention_heads;
        let size = json
            .head_dim
            .or(json.hidden_size.checked_div(queries))
            .unwrap_or_default();
        check_lists(json.num_hidden_layers, size)?;
        let activation = match json.hidden_act.as_deref() {
            None | Some("silu") => Activation::Silu,
            Some("gelu_pytorch_tanh") => Activation::GeluTanh,
            Some(_) => return Err(refused("only SiLU and GELU in its tanh form are supported")),
        };
        if json.mlp_bias == Some(true)
            || json.attn_logit_softcapping.is_some()
            || json.final_logit_softcapping.is_some()
        {
            return Err(refused(
                "feed-forward biases and soft caps of logits are not supported",
            ));
        }
        let base = json.rope_theta.unwrap_or(10_000.0);
        Ok(Self {
            hidden: json.hidden_size,
            layers: json.num_hidden_layers,
            inner: json.intermediate_size,
            heads: Heads {
                queries,
                keys: json.num_key_value_heads.unwrap_or(queries),
                size,
            },
            epsilon: json.rms_norm_eps,
            rope: RopeSpec {
                base,
                factors: factors(json.rope_scaling.as_ref(), size, base)?,
            },
            interleaved: false,
            vocabulary: json.vocab_size,
            context: json.max_position_embeddings,
            tied: json.tie_word_embeddings.unwrap_or(false),
            names: Names::HuggingFace,
            activation,
            embedding_scale: 1.0,
            attention_scale: 1.0 / (size as f32).sqrt(),
            local: None,
            qkv_bias: false,
            head_norms: false,
            output_norms: false,
            norms_less_one: false,
        })
    }

    /// Refuses other sizes that no real model has, before anything is allocated by them.
    fn checked(self) -> Result<Self, EngineError> {
        let Heads { queries, keys, .. } = self.heads;
        let rope_is_sane = |rope: &RopeSpec| {
            let factors = rope.factors.as_deref().unwrap_or_default();
            rope.base.is_finite() && rope.base > 1.0 && factors.iter().all(|f| f.is_finite() && *f > 0.0)
        };
        let sane = (1..=65_536).contains(&self.hidden)
            && (1..=1 << 20).contains(&self.inner)
            && (1..=1_024).contains(&queries)
            && (1..=queries).contains(&keys)
            && queries % keys == 0
            && (1..=1 << 22).contains(&self.vocabulary)
            && (1..=1 << 24).contains(&self.context)
            && self.epsilon.is_finite()
            && self.epsilon > 0.0
            && self.attention_scale.is_finite()
            && self.attention_scale > 0.0
            && rope_is_sane(&self.rope)
            && self.local.as_ref().is_none_or(|local| {
                local.window > 0 && local.layers.len() == self.layers && rope_is_sane(&local.rope)
            });
        match sane {
            true => Ok(self),
            false => Err(refused(LIMITS)),
        }
    }

    /// The sliding window of a layer, if it has one.
    pub fn window(&self, layer: usize) -> Option<usize> {
        let local = self.local.as_ref()?;
        local.layers[layer].then_some(local.window)
    }
}

#[derive(Deserialize)]
struct ModelType {
    model_type: String,
}

const LIMITS: &str = "a size or constant is outside of all sensible limits";

/// Refuses what lists would be made as long as, if no real model has it.
fn check_lists(layers: usize, head_size: usize) -> Result<(), EngineError> {
    let sane = (1..=512).contains(&layers) && (2..=1_024).contains(&head_size) && head_size.is_multiple_of(2);
    match sane {
        true => Ok(()),
        false => Err(refused(LIMITS)),
    }
}

pub(super) fn refused(reason: &str) -> EngineError {
    EngineError::Config(reason.into())
}

fn unsupported(found: &str) -> EngineError {
    EngineError::Architecture {
        found: found.into(),
        kind: JobKind::Generate,
    }
}

fn factors(scaling: Option<&RopeScaling>, size: usize, base: f64) -> Result<Option<Vec<f64>>, EngineError> {
    match scaling {
        None => Ok(None),
        Some(scaling) if scaling.rope_type == "default" => Ok(None),
        Some(RopeScaling {
            rope_type,
            factor: Some(factor),
            ..
        }) if rope_type == "linear" => Ok(Some(vec![*factor; size / 2])),
        Some(RopeScaling {
            rope_type,
            factor: Some(factor),
            low_freq_factor: Some(low),
            high_freq_factor: Some(high),
            original_max_position_embeddings: Some(original),
        }) if rope_type == "llama3" => Ok(Some(llama::long_context_factors(
            size, base, *factor, *low, *high, *original,
        ))),
        Some(_) => Err(refused("this kind of position scaling is not supported")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(change: impl Fn(&mut Value)) -> Result<Config, EngineError> {
        let mut config = json!({
            "model_type": "qwen3", "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 4,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32, "rms_norm_eps": 1e-6,
            "vocab_size": 99, "max_position_embeddings": 512,
        });
        change(&mut config);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.json");
        std::fs::write(&path, config.to_string()).unwrap();
        Config::from_json(&path)
    }

    #[test]
    fn config_should_read_positions_wherever_a_file_keeps_them() {
        let old = read(|config| config["rope_theta"] = 5e5.into()).unwrap();
        let new =
            read(|config| config["rope_parameters"] = json!({ "rope_type": "default", "rope_theta": 5e5 }));
        assert_eq!((old.rope.base, new.unwrap().rope.base), (5e5, 5e5));
        let gemma = read(|config| {
            config["model_type"] = "gemma3_text".into();
            config["hidden_activation"] = "gelu_pytorch_tanh".into();
            config["sliding_window"] = 16.into();
            config["sliding_window_pattern"] = 2.into();
            config["rope_parameters"] = json!({
                "sliding_attention": { "rope_type": "default", "rope_theta": 2e4 },
                "full_attention": { "rope_type": "linear", "rope_theta": 3e6, "factor": 8.0 },
            });
        })
        .unwrap();
        let local = gemma.local.as_ref().unwrap();
        assert_eq!((gemma.rope.base, local.rope.base), (3e6, 2e4));
        assert_eq!(gemma.rope.factors, Some(vec![8.0; 16]));
        assert_eq!(
            (0..4).map(|layer| gemma.window(layer)).collect::<Vec<_>>(),
            [Some(16), None, Some(16), None]
        );
        assert_eq!(gemma.attention_scale, 1.0 / 16.0);
    }

    #[test]
    fn config_should_be_refused_when_it_asks_for_what_is_not_computed() {
        let refused = |key: &str, value: Value| {
            matches!(
                read(|config| config[key] = value.clone()),
                Err(EngineError::Config(_))
            )
        };
        assert!(refused("use_sliding_window", true.into()));
        assert!(refused("layer_types", json!(vec!["sliding_attention"; 4])));
        assert!(refused("attention_bias", true.into()));
        assert!(refused("hidden_act", "relu".into()));
        assert!(refused("final_logit_softcapping", 30.0.into()));
        assert!(refused(
            "rope_scaling",
            json!({ "rope_type": "yarn", "factor": 4.0 })
        ));
        assert!(refused("rms_norm_eps", 0.0.into()));
        for huge in [0u64, 1 << 40, 1 << 60] {
            assert!(refused("num_hidden_layers", huge.into()));
            assert!(refused("head_dim", huge.into()));
            assert!(refused("vocab_size", huge.into()));
            assert!(refused("num_attention_heads", huge.into()));
        }
        assert!(!refused("use_sliding_window", false.into()));
    }
}
