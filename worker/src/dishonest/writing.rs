//! Texts that something else wrote than the promised model, with the evidence that this one leaves when it reads them:
//! the hidden states are right, and only the token test can see who wrote.

use super::{
    cheap::{self, Served},
    Cheap, Conduct,
};
use crate::{
    engine::{lenient, AuditRequest, DeviceChoice, Engine, EngineError, Generation, Request, Timings},
    jobs::{execute::StopFlag, ExecuteError},
};
use ogpu_client::models::{ChatMessage, ChatTemplate, ModelTokenizer, TemplateError, TokenizerError};
use ogpu_primitives::{evidence::CHUNK_TOKENS, FinishReason, GenerateParams, NumericProfile, ProfileParams};
use std::{path::Path, sync::atomic::AtomicBool, time::Instant};

/// What writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Writer {
    /// The same model with less computation.
    Cheap(Cheap),
    /// Another model, whose text is put into the promised one's tokens.
    OtherModel,
    /// A smaller model, whose tokens pass while they lose by at most so many 1/65536 logits.
    Lenient {
        /// By how much.
        q16: u32,
    },
    /// The right model up to half of the limit; what stood last is repeated up to the limit.
    Padded,
    /// The right model up to half of the limit; then an end token of the worker's choice.
    EarlyStop,
}

/// Why there is no text.
#[derive(thiserror::Error, Debug)]
enum WriteError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("the model was not loaded in a way that remembers its folder")]
    NotRemembered,
    #[error("no other model is given")]
    NoOtherModel,
}

impl Conduct {
    /// What is committed to as generated; `honest` generates it as promised.
    pub fn generated(
        self,
        right: &Engine,
        request: &Request<'_>,
        stop: &StopFlag,
        honest: impl FnOnce() -> Result<Generation, ExecuteError>,
    ) -> Result<Generation, ExecuteError> {
        let Self::Writes(writer) = self else {
            return honest();
        };
        writer
            .write(right, request, stop.flag())
            .map_err(|error| match error {
                WriteError::Engine(EngineError::Cancelled) => ExecuteError::Stopped,
                error => ExecuteError::Failed(error.to_string()),
            })
    }
}

impl Writer {
    fn write(
        self,
        right: &Engine,
        request: &Request<'_>,
        cancel: &AtomicBool,
    ) -> Result<Generation, WriteError> {
        let start = Instant::now();
        let served = || cheap::served().ok_or(WriteError::NotRemembered);
        let load = |cheap: Cheap| {
            let served = served()?;
            Ok::<_, WriteError>(cheap.load(&served.folder, &served.spec)?)
        };
        let text = match self {
            Self::Cheap(cheap) => plain(&load(cheap)?, request, request.params, cancel)?,
            Self::OtherModel => {
                let other = super::other_model().ok_or(WriteError::NoOtherModel)?;
                by_other_model(&served()?, other, limit(right, request), request, cancel)?
            }
            Self::Lenient { q16 } => return by_lenience(right, &load(Cheap::Smaller)?, request, q16),
            Self::Padded => padded(half(right, request, cancel)?, limit(right, request)),
            Self::EarlyStop => stopped(half(right, request, cancel)?, right.end_tokens()),
        };
        text.read_by(right, request, cancel, start)
    }
}

/// A text without evidence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// Its tokens, with the end token where it ended.
    pub tokens: Vec<u32>,
    /// Why it ended.
    pub finish: FinishReason,
}

impl Text {
    /// The same with the evidence of one pass of the right model over it.
    fn read_by(
        self,
        right: &Engine,
        request: &Request<'_>,
        cancel: &AtomicBool,
        start: Instant,
    ) -> Result<Generation, WriteError> {
        let Self { tokens, finish } = self;
        let evidence = match &request.evidence {
            Some(evidence) => {
                let audit = AuditRequest {
                    input: request.input,
                    output: &tokens,
                    finish,
                    params: request.params,
                    seed: request.seed,
                    evidence: evidence.clone(),
                    // Evidence does not depend on it.
                    profile: &ProfileParams::starting(NumericProfile::F16),
                    jury_key: None,
                };
                Some(right.audit(&audit, cancel)?.evidence)
            }
            None => None,
        };
        Ok(Generation {
            tokens,
            finish,
            evidence,
            comparison: None,
            hidden: None,
            timings: Timings {
                decode: start.elapsed(),
                ..Timings::default()
            },
        })
    }
}

/// Most tokens that the output can have.
fn limit(right: &Engine, request: &Request<'_>) -> usize {
    let room = right.context().saturating_sub(request.input.len());
    room.min(request.params.max_output_tokens as usize)
}

/// What an engine writes for the request with other parameters.
fn plain(
    engine: &Engine,
    request: &Request<'_>,
    params: &GenerateParams,
    cancel: &AtomicBool,
) -> Result<Text, EngineError> {
    let Generation { tokens, finish, .. } =
        engine.generate(request.input, params, request.seed, cancel, &mut |_| ())?;
    Ok(Text { tokens, finish })
}

/// What the right model writes up to half of the limit.
fn half(right: &Engine, request: &Request<'_>, cancel: &AtomicBool) -> Result<Text, EngineError> {
    let params = GenerateParams {
        max_output_tokens: limit(right, request).div_ceil(2) as u32,
        ..request.params.clone()
    };
    plain(right, request, &params, cancel)
}

/// The text with its last chunk again and again, up to the limit.
fn padded(mut text: Text, limit: usize) -> Text {
    let written = text.tokens.len() - usize::from(text.finish == FinishReason::Stop);
    // There is nothing to repeat.
    if written == 0 {
        return text;
    }
    text.tokens.truncate(written);
    let period = written.min(CHUNK_TOKENS);
    while text.tokens.len() < limit {
        text.tokens.push(text.tokens[text.tokens.len() - period]);
    }
    text.finish = FinishReason::Length;
    text
}

/// The text with an end token behind it, unless it ended by itself.
fn stopped(mut text: Text, end_tokens: &[u32]) -> Text {
    if let (FinishReason::Length, Some(end)) = (text.finish, end_tokens.first()) {
        text.tokens.push(*end);
        text.finish = FinishReason::Stop;
    }
    text
}

fn by_lenience(
    right: &Engine,
    draft: &Engine,
    request: &Request<'_>,
    q16: u32,
) -> Result<Generation, WriteError> {
    let mut outputs = lenient::generate(right, draft, std::slice::from_ref(request), q16)?;
    // One request, one output.
    let output = outputs.pop().ok_or(EngineError::EmptyInput)?;
    tracing::info!(let_in = output.let_in, "tokens that lose were let in");
    Ok(output.generation)
}

/// Another model answers what the request says, in the tokens of the served one.
fn by_other_model(
    served: &Served,
    other: &Path,
    limit: usize,
    request: &Request<'_>,
    cancel: &AtomicBool,
) -> Result<Text, WriteError> {
    let ours = ModelTokenizer::from_folder(&served.folder)?;
    let theirs = ModelTokenizer::from_folder(other)?;
    let question = ours.decode(request.input)?;
    let input = match ChatTemplate::from_folder(other, theirs.bos(), theirs.eos())? {
        Some(template) => {
            let text = template.render(&[ChatMessage::new("user", question)], true)?;
            theirs.encode(&text, false)?
        }
        None => theirs.encode(&format!("{question}\n\n"), true)?,
    };
    // Rather too much: its tokens may hold less text.
    let params = GenerateParams {
        max_output_tokens: (limit + limit.div_ceil(2)) as u32,
        stop_tokens: Default::default(),
        ..request.params.clone()
    };
    let engine = Engine::load(other, &served.spec, DeviceChoice::Cpu)?;
    let written = engine.generate(&input, &params, request.seed, cancel, &mut |_| ())?;
    let tokens = ours.encode_plain(&theirs.decode(&written.tokens)?)?;
    Ok(cut(tokens, limit, ours.end_tokens()))
}

/// Another model's text as an output of at most `limit` tokens: cut there, or ended.
pub fn cut(mut tokens: Vec<u32>, limit: usize, end_tokens: &[u32]) -> Text {
    tokens.truncate(limit);
    if tokens.len() < limit {
        tokens.extend(end_tokens.first());
        return Text {
            tokens,
            finish: FinishReason::Stop,
        };
    }
    Text {
        tokens,
        finish: FinishReason::Length,
    }
}

#[cfg(test)]
#[path = "writing_tests.rs"]
mod tests;
