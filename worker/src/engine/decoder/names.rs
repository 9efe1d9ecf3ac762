//! How a model's file calls its tensors.

/// The two conventions. Parts are named as in GGUF; the other convention is derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// `blk.0.attn_q.weight`.
    Gguf,
    /// `model.layers.0.self_attn.q_proj.weight`.
    HuggingFace,
}

impl Names {
    /// The token embeddings.
    pub fn embeddings(self) -> &'static str {
        match self {
            Self::Gguf => "token_embd.weight",
            Self::HuggingFace => "model.embed_tokens.weight",
        }
    }

    /// The norm after the last layer.
    pub fn last_norm(self) -> &'static str {
        match self {
            Self::Gguf => "output_norm.weight",
            Self::HuggingFace => "model.norm.weight",
        }
    }

    /// The output matrix, where it is not the embeddings.
    pub fn output(self) -> &'static str {
        match self {
            Self::Gguf => "output.weight",
            Self::HuggingFace => "lm_head.weight",
        }
    }

    /// `part` of a layer; `kind` is `weight` or `bias`. With `output_norms` a layer has norms after attention
    /// and feed-forward as well, which takes the name of the norm between the two.
    pub fn layer(self, part: &str, kind: &str, layer: usize, output_norms: bool) -> String {
        if self == Self::Gguf {
            return format!("blk.{layer}.{part}.{kind}");
        }
        let part = match part {
            "attn_norm" => "input_layernorm",
            "attn_q" => "self_attn.q_proj",
            "attn_k" => "self_attn.k_proj",
            "attn_v" => "self_attn.v_proj",
            "attn_q_norm" => "self_attn.q_norm",
            "attn_k_norm" => "self_attn.k_norm",
            "attn_output" => "self_attn.o_proj",
            "post_attention_norm" => "post_attention_layernorm",
            "ffn_norm" if output_norms => "pre_feedforward_layernorm",
            "ffn_norm" => "post_attention_layernorm",
            "ffn_gate" => "mlp.gate_proj",
            "ffn_up" => "mlp.up_proj",
            "ffn_down" => "mlp.down_proj",
            "post_ffw_norm" => "post_feedforward_layernorm",
            other => other,
        };
        format!("model.layers.{layer}.{part}.{kind}")
    }
}
