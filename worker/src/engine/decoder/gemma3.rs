//! Gemma 3 (text): norms around attention and feed-forward, normed heads, GELU, scaled embeddings, and five of
//! six layers that see the last 512 or 1,024 tokens only, with positions of their own.

use super::super::weights::Weights;
use super::super::EngineError;
use super::config::{refused, Activation, Config, Json, Local, RopeSpec};
use ogpu_client::models::Gguf;

/// Every sixth layer sees everything, unless the file says otherwise.
const PATTERN: usize = 6;
/// Base of the local layers' wavelengths, unless the file says otherwise.
const LOCAL_BASE: f64 = 10_000.0;
/// Layers of the one size (27B) whose scores are scaled by hidden size over heads.
const LARGEST_LAYERS: usize = 62;

/// From GGUF metadata. Its converter has already added 1 to the norms' weights.
pub fn from_gguf(gguf: &Gguf, weights: &Weights) -> Result<Config, EngineError> {
    let common = Config::common_gguf(gguf, weights, "gemma3")?;
    for cap in ["gemma3.attn_logit_softcapping", "gemma3.final_logit_softcapping"] {
        if gguf.float(cap).is_ok_and(|cap| cap != 0.0) {
            return Err(refused("soft caps of logits are not supported"));
        }
    }
    let window = gguf.unsigned("gemma3.attention.sliding_window")? as usize;
    let base = gguf.float("gemma3.rope.freq_base_swa").unwrap_or(LOCAL_BASE);
    let layers = (0..common.layers).map(|i| (i + 1) % PATTERN != 0).collect();
    let scaled_by = match common.layers == LARGEST_LAYERS {
        true => common.hidden as f64 / common.heads.queries.max(1) as f64,
        false => common.heads.size as f64,
    };
    // The usual base of this family, which small converters leave out.
    let global = gguf.float("gemma3.rope.freq_base").unwrap_or(1_000_000.0);
    let rope = RopeSpec {
        base: global,
        ..common.rope.clone()
    };
    Ok(of_family(
        Config { rope, ..common },
        window,
        base,
        layers,
        scaled_by,
    ))
}

/// From `config.json`.
pub fn from_json(json: Json) -> Result<Config, EngineError> {
    let common = Config::common_json(&json)?;
    if json.attention_bias == Some(true) {
        return Err(refused("Gemma with attention biases is not supported"));
    }
    if common.activation != Activation::GeluTanh {
        return Err(refused("Gemma 3 needs GELU in its tanh form"));
    }
    let window = json
        .sliding_window
        .ok_or_else(|| refused("`sliding_window` is missing"))?;
    let pattern = json.sliding_window_pattern.unwrap_or(PATTERN).max(1);
    let layers = match &json.layer_types {
        Some(kinds) => kinds.iter().map(|kind| kind == "sliding_attention").collect(),
        None => (0..common.layers).map(|i| (i + 1) % pattern != 0).collect(),
    };
    let base = json.rope_local_base_freq.unwrap_or(LOCAL_BASE);
    let scaled_by = json.query_pre_attn_scalar.unwrap_or(256.0);
    let rope = RopeSpec {
        base: json.rope_theta.unwrap_or(1_000_000.0),
        ..common.rope.clone()
    };
    let config = Config {
        rope,
        tied: json.tie_word_embeddings.unwrap_or(true),
        norms_less_one: true,
        ..common
    };
    Ok(of_family(config, window, base, layers, scaled_by))
}

fn of_family(common: Config, window: usize, base: f64, layers: Vec<bool>, scaled_by: f64) -> Config {
    Config {
        activation: Activation::GeluTanh,
        embedding_scale: (common.hidden as f32).sqrt(),
        attention_scale: (1.0 / scaled_by.sqrt()) as f32,
        local: Some(Local {
            window,
            rope: RopeSpec { base, factors: None },
            layers,
        }),
        head_norms: true,
        output_norms: true,
        ..common
    }
}
