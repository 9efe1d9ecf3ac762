//! Llama 1 to 3 and what is built like them (SmolLM2, TinyLlama): the plain decoder.

use super::super::weights::Weights;
use super::super::EngineError;
use super::config::{refused, Config, Json};
use ogpu_client::models::Gguf;

/// From GGUF metadata. Its converter reorders queries and keys so that neighbours are turned.
pub fn from_gguf(gguf: &Gguf, weights: &Weights) -> Result<Config, EngineError> {
    let common = Config::common_gguf(gguf, weights, "llama")?;
    Ok(Config {
        interleaved: true,
        ..common
    })
}

/// From `config.json`.
pub fn from_json(json: Json) -> Result<Config, EngineError> {
    match json.attention_bias {
        Some(true) => Err(refused("Llama with attention biases is not supported")),
        _ => Config::common_json(&json),
    }
}

/// Llama 3.1's stretching of long wavelengths, as divisors of the frequencies.
pub fn long_context_factors(
    size: usize,
    base: f64,
    factor: f64,
    low: f64,
    high: f64,
    original: f64,
) -> Vec<f64> {
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
