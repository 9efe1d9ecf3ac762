//! A very small embedding model with arbitrary but fixed weights.

use crate::engine::{DeviceChoice, Engine, EngineSpec};
use ogpu_primitives::{JobKind, NumericProfile};
use serde_json::{json, Map};

const VOCABULARY: usize = 300;
const HIDDEN: usize = 16;
const INNER: usize = 24;

/// Loads it.
pub fn load() -> Engine {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).expect("written");
    let config = json!({
        "model_type": "bert", "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 64, "type_vocab_size": 1,
        "vocab_size": VOCABULARY, "layer_norm_eps": 1e-12, "hidden_act": "gelu",
    });
    write("config.json", config.to_string().as_bytes());
    write("model.safetensors", &weights());
    let spec = EngineSpec {
        kind: JobKind::Embed,
        profile: NumericProfile::F16,
        context_tokens: 0,
    };
    Engine::load(folder.path(), &spec, DeviceChoice::Cpu).expect("loaded")
}

fn weights() -> Vec<u8> {
    let mut shapes: Vec<(String, Vec<usize>)> = Vec::new();
    let mut add = |name: &str, shape: &[usize]| shapes.push((name.into(), shape.to_vec()));
    add("embeddings.word_embeddings.weight", &[VOCABULARY, HIDDEN]);
    add("embeddings.position_embeddings.weight", &[64, HIDDEN]);
    add("embeddings.token_type_embeddings.weight", &[1, HIDDEN]);
    let layer = "encoder.layer.0";
    let dense = [
        (format!("{layer}.attention.self.query"), HIDDEN, HIDDEN),
        (format!("{layer}.attention.self.key"), HIDDEN, HIDDEN),
        (format!("{layer}.attention.self.value"), HIDDEN, HIDDEN),
        (format!("{layer}.attention.output.dense"), HIDDEN, HIDDEN),
        (format!("{layer}.intermediate.dense"), INNER, HIDDEN),
        (format!("{layer}.output.dense"), HIDDEN, INNER),
    ];
    for (name, outputs, inputs) in dense {
        add(&format!("{name}.weight"), &[outputs, inputs]);
        add(&format!("{name}.bias"), &[outputs]);
    }
    for name in [
        "embeddings",
        &format!("{layer}.attention.output"),
        &format!("{layer}.output"),
    ] {
        add(&format!("{name}.LayerNorm.weight"), &[HIDDEN]);
        add(&format!("{name}.LayerNorm.bias"), &[HIDDEN]);
    }
    let (mut table, mut data, mut state) = (Map::new(), Vec::<u8>::new(), 1u64);
    for (name, shape) in shapes {
        let start = data.len();
        for _ in 0..shape.iter().product() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let value = (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            data.extend(value.to_le_bytes());
        }
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        table.insert(name, entry);
    }
    let header = serde_json::Value::Object(table).to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}
