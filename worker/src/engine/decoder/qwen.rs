//! Qwen 2, 2.5 and 3: Llama with biases on queries, keys and values (2, 2.5) or with norms on the heads of
//! queries and keys (3).

use super::super::weights::Weights;
use super::super::EngineError;
use super::config::{refused, Config, Json};
use ogpu_client::models::Gguf;

/// From GGUF metadata; `family` is `qwen2` or `qwen3`.
pub fn from_gguf(gguf: &Gguf, weights: &Weights, family: &str) -> Result<Config, EngineError> {
    Ok(of_family(Config::common_gguf(gguf, weights, family)?, family))
}

/// From `config.json`.
pub fn from_json(json: Json) -> Result<Config, EngineError> {
    let local = |kinds: &Vec<String>| kinds.iter().any(|kind| kind != "full_attention");
    if json.use_sliding_window == Some(true) || json.layer_types.as_ref().is_some_and(local) {
        return Err(refused("Qwen with a sliding window is not supported"));
    }
    if json.model_type == "qwen3" && json.attention_bias == Some(true) {
        return Err(refused("Qwen 3 with attention biases is not supported"));
    }
    Ok(of_family(Config::common_json(&json)?, &json.model_type))
}

fn of_family(common: Config, family: &str) -> Config {
    Config {
        qkv_bias: family == "qwen2",
        head_norms: family == "qwen3",
        ..common
    }
}
