//! A very small Llama with arbitrary but fixed weights, for tests that need a model and no sense.

use serde_json::{json, Map, Value};
use std::path::Path;

/// Id that ends an output of the tiny model.
pub const END: u32 = 257;
const VOCABULARY: usize = 258;
const HIDDEN: usize = 64;
const INNER: usize = 96;
const LAYERS: usize = 2;
const HEADS: usize = 4;
const KEY_HEADS: usize = 2;

/// Writes `model.safetensors`, `config.json`, `tokenizer.json` and `tokenizer_config.json`. The bytes
/// are the same on every machine. Tokens are the 256 bytes, then `<|start|>` (256) and `<|end|>` (257).
pub fn write(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("model.safetensors"), weights())?;
    let config = json!({
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
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
    std::fs::write(folder.join("config.json"), config.to_string())?;
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

fn weights() -> Vec<u8> {
    let (query, key) = (HIDDEN, HIDDEN / HEADS * KEY_HEADS);
    let mut tensors = vec![("model.embed_tokens.weight".to_string(), vec![VOCABULARY, HIDDEN])];
    for i in 0..LAYERS {
        let parts: [(&str, Vec<usize>); 9] = [
            ("input_layernorm", vec![HIDDEN]),
            ("self_attn.q_proj", vec![query, HIDDEN]),
            ("self_attn.k_proj", vec![key, HIDDEN]),
            ("self_attn.v_proj", vec![key, HIDDEN]),
            ("self_attn.o_proj", vec![HIDDEN, query]),
            ("post_attention_layernorm", vec![HIDDEN]),
            ("mlp.gate_proj", vec![INNER, HIDDEN]),
            ("mlp.up_proj", vec![INNER, HIDDEN]),
            ("mlp.down_proj", vec![HIDDEN, INNER]),
        ];
        tensors.extend(parts.map(|(part, shape)| (format!("model.layers.{i}.{part}.weight"), shape)));
    }
    tensors.push(("model.norm.weight".into(), vec![HIDDEN]));

    let mut state = 1u64;
    let mut table = Map::new();
    let mut data = Vec::new();
    for (name, shape) in tensors {
        let start = data.len();
        for _ in 0..shape.iter().product::<usize>() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let noise = ((state >> 40) as f32 / (1 << 24) as f32 - 0.5) * 0.35;
            let value = if shape.len() == 1 { 1.0 + noise } else { noise };
            data.extend(value.to_le_bytes());
        }
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        table.insert(name, entry);
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
