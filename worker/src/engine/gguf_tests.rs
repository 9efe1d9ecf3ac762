//! The tiny models as GGUF files: names and metadata of each family, and equal bits however tokens come.

use super::tests::{params, spec};
use super::tiny::{self, Family};
use super::*;
use candle_core::quantized::{GgmlDType, QTensor};
use std::borrow::Cow;

const FAMILIES: [(&str, Family); 3] = [
    ("qwen2", Family::Qwen2),
    ("qwen3", Family::Qwen3),
    ("gemma3", Family::Gemma3),
];

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

/// The name that a converter gives to a tensor of `model.safetensors`.
fn converted(name: &str, family: Family) -> String {
    let name = name.replace("model.layers.", "blk.");
    let parts = [
        ("model.embed_tokens", "token_embd"),
        ("model.norm", "output_norm"),
        ("input_layernorm", "attn_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.q_norm", "attn_q_norm"),
        ("self_attn.k_norm", "attn_k_norm"),
        ("self_attn.o_proj", "attn_output"),
        ("pre_feedforward_layernorm", "ffn_norm"),
        ("post_feedforward_layernorm", "post_ffw_norm"),
        (
            "post_attention_layernorm",
            match family {
                Family::Gemma3 => "post_attention_norm",
                _ => "ffn_norm",
            },
        ),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ];
    let (from, to) = parts.iter().find(|(from, _)| name.contains(from)).unwrap();
    name.replace(from, to)
}

/// A file with matrices in `kind`.
fn write(folder: &Path, name: &str, family: Family, kind: GgmlDType) {
    let mut metadata: Vec<(String, f64)> = [
        ("context_length", 512.0),
        ("embedding_length", 64.0),
        ("block_count", 2.0),
        ("feed_forward_length", 96.0),
        ("attention.head_count", 4.0),
        ("attention.head_count_kv", 2.0),
        ("attention.key_length", 16.0),
    ]
    .map(|(key, value)| (format!("{name}.{key}"), value))
    .to_vec();
    if family == Family::Gemma3 {
        metadata.push(("gemma3.attention.sliding_window".into(), 8.0));
    }
    let base = if family == Family::Gemma3 { 1e6f32 } else { 1e4 };
    let floats = [
        ("rope.freq_base", base),
        ("attention.layer_norm_rms_epsilon", 1e-5),
    ];
    let tensors = tiny::tensors(family);
    let mut out = b"GGUF".to_vec();
    out.extend(3u32.to_le_bytes());
    out.extend((tensors.len() as u64).to_le_bytes());
    out.extend((metadata.len() as u64 + 3).to_le_bytes());
    text(&mut out, "general.architecture");
    out.extend(8u32.to_le_bytes());
    text(&mut out, name);
    for (key, value) in metadata {
        text(&mut out, &key);
        out.extend(4u32.to_le_bytes());
        out.extend((value as u32).to_le_bytes());
    }
    for (key, value) in floats {
        text(&mut out, &format!("{name}.{key}"));
        out.extend(6u32.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    let mut data = Vec::new();
    for tensor in tensors {
        // Converters add the 1 that Gemma's norms are stored without.
        let values = match family == Family::Gemma3 && tensor.name.contains("norm") {
            true => tensor.values.iter().map(|value| value + 1.0).collect(),
            false => tensor.values,
        };
        let kind = if tensor.shape.len() == 1 {
            GgmlDType::F32
        } else {
            kind
        };
        let dense = Tensor::from_vec(values, tensor.shape.as_slice(), &Device::Cpu).unwrap();
        let quantised = QTensor::quantize(&dense, kind).unwrap();
        text(&mut out, &converted(&tensor.name, family));
        out.extend((tensor.shape.len() as u32).to_le_bytes());
        for dimension in tensor.shape.iter().rev() {
            out.extend((*dimension as u64).to_le_bytes());
        }
        let number: u32 = if kind == GgmlDType::F32 { 0 } else { 8 };
        out.extend(number.to_le_bytes());
        out.extend((data.len() as u64).to_le_bytes());
        let bytes: Cow<[u8]> = quantised.data().unwrap();
        data.extend_from_slice(&bytes);
        data.resize(data.len().next_multiple_of(32), 0);
    }
    out.resize(out.len().next_multiple_of(32), 0);
    out.extend(data);
    std::fs::write(folder.join("model.gguf"), out).unwrap();
}

fn load(folder: &Path, profile: NumericProfile) -> Engine {
    let spec = EngineSpec { profile, ..spec() };
    Engine::load(folder, &spec, DeviceChoice::Cpu).unwrap()
}

#[test]
fn gguf_should_give_the_states_of_hugging_faces_layout() {
    let ids: Vec<u32> = (0..40).map(|i| i * 37 % 250).collect();
    for (name, family) in FAMILIES {
        let (gguf, safetensors) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(gguf.path(), name, family, GgmlDType::F32);
        tiny::write_family(safetensors.path(), family).unwrap();
        if family == Family::Gemma3 {
            // GGUF has no scale of its own for queries, and its pattern makes both layers local.
            let path = safetensors.path().join("config.json");
            let config = std::fs::read_to_string(&path).unwrap();
            let config = config
                .replace("\"query_pre_attn_scalar\":24", "\"query_pre_attn_scalar\":16")
                .replace("full_attention", "sliding_attention");
            std::fs::write(&path, config).unwrap();
        }
        let found = load(gguf.path(), NumericProfile::F16).hidden(&ids).unwrap();
        let expected = load(safetensors.path(), NumericProfile::F16)
            .hidden(&ids)
            .unwrap();
        assert!(found == expected, "{name}");
    }
}

#[test]
fn quantised_families_should_give_equal_bits_when_tokens_come_one_by_one_or_together() {
    let seed = H256([3; 32]);
    let input: Vec<u32> = (0..23).map(|i| i * 41 % 250).collect();
    for (name, family) in FAMILIES {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), name, family, GgmlDType::Q8_0);
        for profile in [NumericProfile::A8, NumericProfile::F16, NumericProfile::Bf16] {
            let engine = load(folder.path(), profile);
            let params = params();
            let request = Request {
                keep_hidden: true,
                ..Request::new(&input, &params, &seed)
            };
            let output = engine
                .generate_with(&request, &AtomicBool::new(false), &mut |_| ())
                .unwrap();
            let ids: Vec<u32> = input.iter().chain(&output.tokens).copied().collect();
            let whole = engine.hidden(&ids[..ids.len() - 1]).unwrap();
            let hidden = output.hidden.unwrap();
            assert!(hidden == whole[22 * 64..], "{name} {profile:?}");
            cpu::use_threads(1);
            let single = engine.hidden(&ids[..ids.len() - 1]).unwrap();
            cpu::use_threads(usize::MAX);
            assert!(single == whole, "{name} {profile:?} on one thread");
        }
    }
}
