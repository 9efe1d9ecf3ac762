//! Text to token ids and back, from `tokenizer.json` or from a GGUF file's metadata.

use super::layout::{read_json, read_small, LayoutError, ModelFiles};
use super::{Gguf, GgufError};
use serde::Deserialize;
use std::path::Path;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::sequence::Sequence as DecoderSequence;
use tokenizers::decoders::strip::Strip;
use tokenizers::decoders::DecoderWrapper;
use tokenizers::models::bpe::{Vocab, BPE};
use tokenizers::normalizers::prepend::Prepend;
use tokenizers::normalizers::replace::Replace;
use tokenizers::normalizers::unicode::NFC;
use tokenizers::normalizers::utils::Sequence as NormalizerSequence;
use tokenizers::normalizers::NormalizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::tokenizer::SplitDelimiterBehavior;
use tokenizers::{AddedToken, Tokenizer};

/// Longest token of a SentencePiece vocabulary in bytes, and all of them together: building the merges
/// takes time in proportion to their product.
const MAX_PIECE_BYTES: usize = 256;
const MAX_PIECES_BYTES: usize = 16 << 20;

const SPLIT_LLAMA3: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const SPLIT_QWEN2: &str = r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Why a tokenizer could not be made or used.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// The folder or one of its files is no model.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// The GGUF file is damaged or lacks its tokenizer.
    #[error("tokenizer in GGUF file: {0}")]
    Gguf(#[from] GgufError),
    /// This kind of tokenizer has no code here; use the model with `tokenizer.json`.
    #[error("tokenizer `{0}` is not supported in GGUF files; use the model in Hugging Face layout")]
    Unsupported(String),
    /// Vocabulary, scores, types or merges contradict each other; the file is damaged.
    #[error("the vocabulary is damaged: {0}; fetch the model again")]
    Vocabulary(String),
    /// The tokenizer library refused the file or the text.
    #[error("tokenizer: {0}; fetch the model again")]
    Library(String),
}

fn library(error: impl std::fmt::Display) -> TokenizerError {
    TokenizerError::Library(error.to_string())
}

/// A model's tokenizer.
pub struct ModelTokenizer {
    tokenizer: Tokenizer,
    /// The same, but blind for control tokens.
    plain: Tokenizer,
    bos: Option<String>,
    eos: Option<String>,
    end_tokens: Vec<u32>,
}

impl ModelTokenizer {
    /// The tokenizer of the model in `folder`.
    pub fn from_folder(folder: &Path) -> Result<Self, TokenizerError> {
        let files = ModelFiles::find(folder)?;
        let end_tokens = super::layout::end_tokens(&files)?;
        match &files {
            ModelFiles::Gguf { path } => Self::from_gguf(&Gguf::open(path)?),
            ModelFiles::Safetensors { folder, .. } => {
                let path = folder.join("tokenizer.json");
                let mut tokenizer = Tokenizer::from_bytes(read_small(&path)?).map_err(library)?;
                // Files often carry the settings of a training batch: inputs here are single and whole.
                tokenizer.with_padding(None);
                tokenizer.with_truncation(None).map_err(library)?;
                let config = folder.join("tokenizer_config.json");
                let config = match config.is_file() {
                    true => read_json::<TokenizerConfig>(&config)?,
                    false => TokenizerConfig::default(),
                };
                let text = |token: Option<Special>| token.map(Special::text);
                Ok(Self::new(
                    tokenizer,
                    text(config.bos_token),
                    text(config.eos_token),
                    end_tokens,
                ))
            }
        }
    }

    /// The tokenizer described by GGUF metadata: byte-level BPE (`gpt2`) or SentencePiece BPE (`llama`).
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, TokenizerError> {
        let tokens = gguf.texts("tokenizer.ggml.tokens")?;
        let types = gguf.numbers("tokenizer.ggml.token_type").unwrap_or_default();
        if !types.is_empty() && types.len() != tokens.len() {
            return Err(TokenizerError::Vocabulary(
                "types and tokens differ in number".into(),
            ));
        }
        let token = |key: &str| {
            let id = gguf.unsigned(key).ok()?;
            tokens.get(usize::try_from(id).ok()?).cloned()
        };
        let bos = token("tokenizer.ggml.bos_token_id");
        let eos = token("tokenizer.ggml.eos_token_id");
        let (mut tokenizer, bos_by_default) = match gguf.text("tokenizer.ggml.model")? {
            "gpt2" => byte_level(gguf, tokens)?,
            "llama" => (sentence_piece(gguf, tokens)?, true),
            other => return Err(TokenizerError::Unsupported(other.into())),
        };

        // Control (3) and user-defined (4) tokens are found in the text before anything else.
        const CONTROL: f64 = 3.0;
        const USER_DEFINED: f64 = 4.0;
        for (token, kind) in tokens.iter().zip(types).filter(|(token, _)| !token.is_empty()) {
            if *kind == CONTROL || *kind == USER_DEFINED {
                let added = AddedToken::from(token.clone(), *kind == CONTROL).normalized(false);
                tokenizer.add_tokens([added]).map_err(library)?;
            }
        }
        let add = |key: &str, by_default: bool| gguf.boolean(key).unwrap_or(by_default);
        let first = bos
            .clone()
            .filter(|_| add("tokenizer.ggml.add_bos_token", bos_by_default));
        let last = eos.clone().filter(|_| add("tokenizer.ggml.add_eos_token", false));
        if first.is_some() || last.is_some() {
            let around: Vec<(String, u32)> = [&first, &last]
                .into_iter()
                .flatten()
                .filter_map(|token| Some((token.clone(), tokenizer.token_to_id(token)?)))
                .collect();
            let single: Vec<String> = first
                .into_iter()
                .chain(std::iter::once("$A".into()))
                .chain(last)
                .collect();
            let processor = TemplateProcessing::builder()
                .try_single(single)
                .map_err(library)?
                .special_tokens(around)
                .build()
                .map_err(library)?;
            tokenizer.with_post_processor(Some(processor));
        }
        Ok(Self::new(
            tokenizer,
            bos,
            eos,
            super::layout::gguf_end_tokens(gguf),
        ))
    }

    fn new(tokenizer: Tokenizer, bos: Option<String>, eos: Option<String>, end_tokens: Vec<u32>) -> Self {
        let mut plain = tokenizer.clone();
        plain.set_encode_special_tokens(true);
        Self {
            tokenizer,
            plain,
            bos,
            eos,
            end_tokens,
        }
    }

    /// Ids of a text. `add_special` puts the tokens around it that the model wants around plain text;
    /// rendered chat templates already have theirs.
    pub fn encode(&self, text: &str, add_special: bool) -> Result<Vec<u32>, TokenizerError> {
        Ok(self
            .tokenizer
            .encode_fast(text, add_special)
            .map_err(library)?
            .get_ids()
            .to_vec())
    }

    /// Ids of a text in which the names of control tokens are text like any other.
    pub fn encode_plain(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        Ok(self
            .plain
            .encode_fast(text, false)
            .map_err(library)?
            .get_ids()
            .to_vec())
    }

    /// Text of ids, without control tokens.
    pub fn decode(&self, ids: &[u32]) -> Result<String, TokenizerError> {
        self.tokenizer.decode(ids, true).map_err(library)
    }

    /// Text of ids as they come.
    pub fn stream(&self) -> TextStream<'_> {
        TextStream {
            tokenizer: self,
            ids: Vec::new(),
            known: 0,
            shown: 0,
        }
    }

    /// The token that begins a text, as templates want it.
    pub fn bos(&self) -> Option<&str> {
        self.bos.as_deref()
    }

    /// The token that ends a text, as templates want it.
    pub fn eos(&self) -> Option<&str> {
        self.eos.as_deref()
    }

    /// Ids that end an output, sorted.
    pub fn end_tokens(&self) -> &[u32] {
        &self.end_tokens
    }

    /// Number of ids.
    pub fn vocabulary(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }
}

/// Turns ids into text one by one; characters that span tokens come out once they are whole.
pub struct TextStream<'a> {
    tokenizer: &'a ModelTokenizer,
    ids: Vec<u32>,
    /// Ids before this one are context only: they decide about spaces at the seam.
    known: usize,
    /// Ids before this one have been shown.
    shown: usize,
}

impl TextStream<'_> {
    /// Takes an id; gives the text that has become certain, often nothing.
    pub fn push(&mut self, id: u32) -> Result<String, TokenizerError> {
        self.ids.push(id);
        let text = self.pending()?;
        if text.is_empty() || text.ends_with('\u{fffd}') {
            return Ok(String::new());
        }
        self.known = self.shown;
        self.shown = self.ids.len();
        // What was shown is only needed as context.
        self.ids.drain(..self.known);
        self.shown -= self.known;
        self.known = 0;
        Ok(text)
    }

    /// The rest, with a replacement character where a character stayed incomplete.
    pub fn finish(self) -> Result<String, TokenizerError> {
        self.pending()
    }

    fn pending(&self) -> Result<String, TokenizerError> {
        let before = self.tokenizer.decode(&self.ids[self.known..self.shown])?;
        let all = self.tokenizer.decode(&self.ids[self.known..])?;
        Ok(all.get(before.len()..).unwrap_or_default().to_string())
    }
}

#[derive(Default, Deserialize)]
struct TokenizerConfig {
    bos_token: Option<Special>,
    eos_token: Option<Special>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Special {
    Text(String),
    Token { content: String },
}

impl Special {
    fn text(self) -> String {
        match self {
            Self::Text(text) | Self::Token { content: text } => text,
        }
    }
}

fn vocabulary(tokens: &[String]) -> Vocab {
    tokens
        .iter()
        .zip(0..)
        .map(|(token, id)| (token.clone(), id))
        .collect()
}

/// Byte-level BPE; also whether texts begin with a token when the file does not say.
fn byte_level(gguf: &Gguf, tokens: &[String]) -> Result<(Tokenizer, bool), TokenizerError> {
    let split = |pattern: &str| -> Result<PreTokenizerWrapper, TokenizerError> {
        let pattern = SplitPattern::Regex(pattern.into());
        Ok(Split::new(pattern, SplitDelimiterBehavior::Isolated, false)
            .map_err(library)?
            .into())
    };
    let whole = ByteLevel::new(false, true, true);
    let bytes_only = ByteLevel::new(false, true, false);
    let kind = gguf.text("tokenizer.ggml.pre").unwrap_or("gpt-2");
    let (steps, whole_words, nfc): (Vec<PreTokenizerWrapper>, bool, bool) = match kind {
        "gpt-2" | "gpt2" | "default" => (vec![whole.into()], false, false),
        "smollm" | "starcoder" => (vec![Digits::new(true).into(), whole.into()], false, false),
        "llama-bpe" | "llama3" | "llama-v3" => (vec![split(SPLIT_LLAMA3)?, bytes_only.into()], true, false),
        "qwen2" | "deepseek-r1-qwen" => (vec![split(SPLIT_QWEN2)?, bytes_only.into()], false, true),
        other => return Err(TokenizerError::Unsupported(format!("gpt2 with `{other}`"))),
    };
    let merges = gguf
        .texts("tokenizer.ggml.merges")?
        .iter()
        .map(|merge| {
            // The space between the parts; a part may begin with another character only.
            let (left, right) = merge.split_once(' ').ok_or_else(|| merge.clone())?;
            Ok((left.to_string(), right.to_string()))
        })
        .collect::<Result<Vec<_>, String>>()
        .map_err(|merge| TokenizerError::Vocabulary(format!("merge `{merge}` has no space")))?;
    let model = BPE::builder()
        .vocab_and_merges(vocabulary(tokens), merges)
        .ignore_merges(whole_words)
        .build()
        .map_err(library)?;
    let mut tokenizer = Tokenizer::new(model);
    tokenizer.with_pre_tokenizer(Some(Sequence::new(steps)));
    tokenizer.with_decoder(Some(ByteLevel::new(false, true, true)));
    if nfc {
        tokenizer.with_normalizer(Some(NFC)).map_err(library)?;
    }
    Ok((tokenizer, whole_words))
}

/// SentencePiece BPE: the file has scores in place of merges, so every way to cut a token in two known
/// ones becomes a merge, best score first.
fn sentence_piece(gguf: &Gguf, tokens: &[String]) -> Result<Tokenizer, TokenizerError> {
    let scores = gguf.numbers("tokenizer.ggml.scores")?;
    if scores.len() != tokens.len() {
        return Err(TokenizerError::Vocabulary(
            "scores and tokens differ in number".into(),
        ));
    }
    let bytes: usize = tokens.iter().map(String::len).sum();
    if bytes > MAX_PIECES_BYTES || tokens.iter().any(|token| token.len() > MAX_PIECE_BYTES) {
        return Err(TokenizerError::Vocabulary("tokens are too long".into()));
    }
    let ids = vocabulary(tokens);
    let mut merges = Vec::new();
    for (token, score) in tokens.iter().zip(scores) {
        for (cut, _) in token.char_indices().skip(1) {
            let (left, right) = token.split_at(cut);
            if let (Some(left_id), Some(right_id)) = (ids.get(left), ids.get(right)) {
                merges.push((*score, *left_id, *right_id, left.to_string(), right.to_string()));
            }
        }
    }
    merges.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let merges = merges
        .into_iter()
        .map(|(_, _, _, left, right)| (left, right))
        .collect();
    let unknown = gguf.unsigned("tokenizer.ggml.unknown_token_id").unwrap_or(0) as usize;
    let mut builder = BPE::builder()
        .vocab_and_merges(ids, merges)
        .byte_fallback(true)
        .fuse_unk(true);
    if let Some(unknown) = tokens.get(unknown) {
        builder = builder.unk_token(unknown.clone());
    }
    let mut tokenizer = Tokenizer::new(builder.build().map_err(library)?);
    let prefix = gguf.boolean("tokenizer.ggml.add_space_prefix").unwrap_or(true);
    let spaces: NormalizerWrapper = Replace::new(" ", "▁").map_err(library)?.into();
    let mut normalizers: Vec<NormalizerWrapper> = vec![spaces];
    let mut decoders: Vec<DecoderWrapper> = vec![
        Replace::new("▁", " ").map_err(library)?.into(),
        ByteFallback::new().into(),
        Fuse::new().into(),
    ];
    if prefix {
        normalizers.insert(0, Prepend::new("▁".into()).into());
        decoders.push(Strip::new(' ', 1, 0).into());
    }
    tokenizer
        .with_normalizer(Some(NormalizerSequence::new(normalizers)))
        .map_err(library)?;
    tokenizer.with_decoder(Some(DecoderSequence::new(decoders)));
    Ok(tokenizer)
}

#[cfg(test)]
mod tests {
    use super::super::gguf::Value;
    use super::*;
    use std::collections::BTreeMap;

    fn gguf(entries: &[(&str, Value)]) -> Gguf {
        let metadata = entries
            .iter()
            .map(|(key, value)| (key.to_string(), value.clone()))
            .collect();
        Gguf {
            metadata,
            tensors: BTreeMap::new(),
        }
    }

    fn texts(values: &[&str]) -> Value {
        Value::Texts(values.iter().map(|value| value.to_string()).collect())
    }

    fn byte_level_file(pre: &str) -> Gguf {
        gguf(&[
            ("tokenizer.ggml.model", Value::Text("gpt2".into())),
            ("tokenizer.ggml.pre", Value::Text(pre.into())),
            (
                "tokenizer.ggml.tokens",
                texts(&["<|end|>", "a", "b", "ab", "Ġ", "1", "11", "Ã", "©"]),
            ),
            (
                "tokenizer.ggml.token_type",
                Value::Numbers(vec![3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
            ),
            ("tokenizer.ggml.merges", texts(&["a b", "1 1"])),
            ("tokenizer.ggml.eos_token_id", Value::Unsigned(0)),
        ])
    }

    #[test]
    fn byte_level_tokenizer_should_follow_merges_specials_and_the_split_of_its_kind() {
        let smollm = ModelTokenizer::from_gguf(&byte_level_file("smollm")).unwrap();
        assert_eq!(
            smollm.encode("ab ba<|end|>11", true).unwrap(),
            [3, 4, 2, 1, 0, 5, 5]
        );
        assert_eq!(smollm.decode(&[3, 4, 2, 1, 0]).unwrap(), "ab ba");
        assert_eq!(smollm.end_tokens(), [0]);
        let gpt2 = ModelTokenizer::from_gguf(&byte_level_file("gpt-2")).unwrap();
        assert_eq!(gpt2.encode("11", true).unwrap(), [6]);
    }

    #[test]
    fn text_stream_should_hold_back_when_a_character_is_incomplete() {
        let tokenizer = ModelTokenizer::from_gguf(&byte_level_file("smollm")).unwrap();
        let mut stream = tokenizer.stream();
        let parts: Vec<String> = [1, 7, 8, 2]
            .into_iter()
            .map(|id| stream.push(id).unwrap())
            .collect();
        assert_eq!(parts, ["a", "", "é", "b"]);
        let mut stream = tokenizer.stream();
        assert_eq!(stream.push(7).unwrap(), "");
        assert_eq!(stream.finish().unwrap(), "\u{fffd}");
    }

    #[test]
    fn sentence_piece_tokenizer_should_merge_by_score_and_fall_back_to_bytes() {
        let tokens = [
            "<unk>", "<s>", "</s>", "<0xC3>", "<0xA9>", "▁", "a", "b", "▁a", "ab", "▁ab",
        ];
        let scores = [0.0, 0.0, 0.0, 0.0, 0.0, -4.0, -5.0, -6.0, -3.0, -1.0, -2.0];
        let types = [2.0, 3.0, 3.0, 6.0, 6.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let file = gguf(&[
            ("tokenizer.ggml.model", Value::Text("llama".into())),
            ("tokenizer.ggml.tokens", texts(&tokens)),
            ("tokenizer.ggml.scores", Value::Numbers(scores.to_vec())),
            ("tokenizer.ggml.token_type", Value::Numbers(types.to_vec())),
            ("tokenizer.ggml.bos_token_id", Value::Unsigned(1)),
        ]);
        let tokenizer = ModelTokenizer::from_gguf(&file).unwrap();
        assert_eq!(tokenizer.encode("ab a", true).unwrap(), [1, 10, 8]);
        assert_eq!(tokenizer.encode("é", false).unwrap(), [5, 3, 4]);
        assert_eq!(tokenizer.decode(&[1, 10, 8, 3, 4]).unwrap(), "ab aé");
    }

    #[test]
    fn tokenizer_should_be_refused_when_its_kind_or_vocabulary_is_unusable() {
        let refused = ModelTokenizer::from_gguf(&byte_level_file("martian"));
        assert!(matches!(refused, Err(TokenizerError::Unsupported(_))));
        let mut file = byte_level_file("smollm");
        file.metadata
            .insert("tokenizer.ggml.merges".into(), texts(&["ab"]));
        assert!(matches!(
            ModelTokenizer::from_gguf(&file),
            Err(TokenizerError::Vocabulary(_))
        ));
        file.metadata
            .insert("tokenizer.ggml.merges".into(), texts(&["x y"]));
        assert!(matches!(
            ModelTokenizer::from_gguf(&file),
            Err(TokenizerError::Library(_))
        ));
        file.metadata.remove("tokenizer.ggml.tokens");
        assert!(matches!(
            ModelTokenizer::from_gguf(&file),
            Err(TokenizerError::Gguf(_))
        ));
    }
}
