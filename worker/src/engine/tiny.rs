//! Very small models with arbitrary but fixed weights, for tests that need a model and no sense.

use serde_json::{json, Map, Value};
use std::path::Path;

/// Id that ends an output of the tiny models.
pub const END: u32 = 257;
const VOCABULARY: usize = 258;
const HIDDEN: usize = 64;
const INNER: usize = 96;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const KEY_HEADS: usize = 2;
const HEAD_SIZE: usize = HIDDEN / HEADS;

/// Which architecture a tiny model has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `llama`.
    Llama,
    /// `qwen2`.
    Qwen2,
    /// `qwen3`.
    Qwen3,
    /// `gemma3_text`, with a window of 8 tokens in the first layer.
    Gemma3,
}

/// Writes a tiny Llama: [`write_family`].
pub fn write(folder: &Path) -> std::io::Result<()> {
    write_family(folder, Family::Llama)
}

/// Writes `model.safetensors`, `config.json`, `tokenizer.json` and `tokenizer_config.json`. The bytes
/// are the same on every machine. Tokens are the 256 bytes, then `<|start|>` (256) and `<|end|>` (257).
pub fn write_family(folder: &Path, family: Family) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("model.safetensors"), weights(family))?;
    std::fs::write(folder.join("config.json"), config(family).to_string())?;
    std::fs::write(folder.join("tokenizer.json"), tokenizer().to_string())?;
    let template = "{% for message in messages %}<|start|>{{ message['content'] }}<|end|>{% endfor %}\
                    {% if add_generation_prompt %}<|start|>{% endif %}";
    let tokenizer_config = json!({
        "bos_token": "<|start|>",
        "eos_token": "<|end|>",
        "chat_template": template,
    });
    std::fs::write(folder.join("tokenizer_config.json"), tokenizer_config.to_string())
}

fn config(family: Family) -> Value {
    let (kind, class) = match family {
        Family::Llama => ("llama", "LlamaForCausalLM"),
        Family::Qwen2 => ("qwen2", "Qwen2ForCausalLM"),
        Family::Qwen3 => ("qwen3", "Qwen3ForCausalLM"),
        Family::Gemma3 => ("gemma3_text", "Gemma3ForCausalLM"),
    };
    let mut config = json!({
        "architectures": [class],
        "model_type": kind,
        "hidden_act": "silu",
        "hidden_size": HIDDEN,
        "intermediate_size": INNER,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_HEADS,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "vocab_size": VOCABULARY,
        "max_position_embeddings": 512,
        "tie_word_embeddings": true,
        "bos_token_id": 256,
        "eos_token_id": END,
    });
    if family == Family::Gemma3 {
        config["hidden_act"] = "gelu_pytorch_tanh".into();
        config["rope_theta"] = 1e6.into();
        config["rope_local_base_freq"] = 1e4.into();
        config["query_pre_attn_scalar"] = 24.into();
        config["sliding_window"] = 8.into();
        config["layer_types"] = json!(["sliding_attention", "full_attention"]);
    }
    config
}

/// A tensor of a tiny model.
pub(super) struct TinyTensor {
    pub name: String,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// Names and shapes in the order in which the generator fills them.
fn shapes(family: Family) -> Vec<(String, Vec<usize>)> {
    let (query, key) = (HEADS * HEAD_SIZE, KEY_HEADS * HEAD_SIZE);
    let (head_norms, output_norms) = (
        matches!(family, Family::Qwen3 | Family::Gemma3),
        family == Family::Gemma3,
    );
    let mut tensors = vec![("model.embed_tokens.weight".to_string(), vec![VOCABULARY, HIDDEN])];
    for i in 0..LAYERS {
        let mut add = |part: &str, shape: &[usize]| {
            tensors.push((format!("model.layers.{i}.{part}"), shape.to_vec()));
        };
        add("input_layernorm.weight", &[HIDDEN]);
        for (part, rows) in [("q", query), ("k", key), ("v", key)] {
            add(&format!("self_attn.{part}_proj.weight"), &[rows, HIDDEN]);
            if family == Family::Qwen2 {
                add(&format!("self_attn.{part}_proj.bias"), &[rows]);
            }
        }
        if head_norms {
            add("self_attn.q_norm.weight", &[HEAD_SIZE]);
            add("self_attn.k_norm.weight", &[HEAD_SIZE]);
        }
        add("self_attn.o_proj.weight", &[HIDDEN, query]);
        add("post_attention_layernorm.weight", &[HIDDEN]);
        if output_norms {
            add("pre_feedforward_layernorm.weight", &[HIDDEN]);
        }
        add("mlp.gate_proj.weight", &[INNER, HIDDEN]);
        add("mlp.up_proj.weight", &[INNER, HIDDEN]);
        add("mlp.down_proj.weight", &[HIDDEN, INNER]);
        if output_norms {
            add("post_feedforward_layernorm.weight", &[HIDDEN]);
        }
    }
    tensors.push(("model.norm.weight".into(), vec![HIDDEN]));
    tensors
}

/// All tensors as a `model.safetensors` holds them.
pub(super) fn tensors(family: Family) -> Vec<TinyTensor> {
    let mut state = 1u64;
    let mut noise = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 24) as f32 - 0.5) * 0.35
    };
    let tensor = |(name, shape): (String, Vec<usize>)| {
        // Gemma's norms are stored less 1.
        let centre = match name.contains("norm") && family != Family::Gemma3 {
            true => 1.0,
            false => 0.0,
        };
        let values = (0..shape.iter().product()).map(|_| centre + noise()).collect();
        TinyTensor { name, shape, values }
    };
    shapes(family).into_iter().map(tensor).collect()
}

fn weights(family: Family) -> Vec<u8> {
    let mut table = Map::new();
    let mut data = Vec::new();
    for tensor in tensors(family) {
        let start = data.len();
        data.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.len()] });
        table.insert(tensor.name, entry);
    }
    let header = Value::Object(table).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn tokenizer() -> Value {
    let mut vocabulary: Map<String, Value> = (0..=255u8)
        .map(|byte| (byte_character(byte).to_string(), json!(byte)))
        .collect();
    let specials = [("<|start|>", 256), ("<|end|>", END)];
    vocabulary.extend(specials.map(|(text, id)| (text.to_string(), json!(id))));
    let added: Vec<Value> = specials
        .into_iter()
        .map(|(text, id)| {
            json!({ "id": id, "content": text, "special": true, "single_word": false,
                    "lstrip": false, "rstrip": false, "normalized": false })
        })
        .collect();
    let bytes =
        json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true });
    json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": added,
        "normalizer": null, "pre_tokenizer": bytes, "post_processor": null, "decoder": bytes,
        "model": { "type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                   "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                   "vocab": vocabulary, "merges": [] },
    })
}

/// The printable character that byte-level tokenizers write for a byte.
fn byte_character(byte: u8) -> char {
    let printable = |b: u8| matches!(b, 33..=126 | 161..=172 | 174..=255);
    if printable(byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|b| !printable(*b)).count() as u32;
    char::from_u32(256 + before).unwrap_or('\u{fffd}')
}
