//! Who wrote an output, who checks it, and what the checker is told: every variant that is measured.

use anyhow::{Context, Result};
use clap::ValueEnum;
use ogpu_client::models::{Gguf, ModelFiles};
pub use ogpu_worker::cli::audit::Profile;
use ogpu_worker::engine::{
    options::{Dishonest, Requantise},
    Kernels, Options,
};
use std::path::Path;

/// Who computes the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Writer {
    /// As promised, eight streams a step.
    Honest,
    /// As promised, with `top_k`, `top_p` and `min_p`, so that borders of the candidate set matter.
    HonestCut,
    /// As promised, one stream.
    HonestBatch1,
    /// As promised, nine streams.
    HonestBatch9,
    /// As promised, 32 streams.
    HonestBatch32,
    /// As promised, the input 64 tokens at a time.
    HonestPrefill64,
    /// As promised, the input token by token.
    HonestPrefill1,
    /// As promised, on one thread.
    HonestOneThread,
    /// As promised, on the tensor library's kernels.
    HonestLibrary,
    /// Weights rounded to 4 bits.
    FourBit,
    /// Weights rounded to 8 bits.
    EightBit,
    /// One layer of the middle left out.
    SkipOne,
    /// Two layers left out.
    SkipTwo,
    /// Every fifth layer left out: stands for a smaller model of the same family.
    Smaller,
    /// Another model's text in this model's tokens.
    OtherModel,
    /// A draft token passes within 1/16 logit of the best.
    Lenient16,
    /// Within 1/8.
    Lenient8,
    /// Within 1/4.
    Lenient4,
    /// Within 1/2.
    Lenient2,
}

impl Writer {
    /// Streams of a step.
    pub fn batch(self) -> usize {
        match self {
            Self::HonestBatch1 => 1,
            Self::HonestBatch9 => 9,
            Self::HonestBatch32 => 32,
            _ => 8,
        }
    }

    /// Input tokens of a step; `None` takes the engine's own number.
    pub fn prefill_tokens(self) -> Option<usize> {
        match self {
            Self::HonestPrefill64 => Some(64),
            Self::HonestPrefill1 => Some(1),
            _ => None,
        }
    }

    /// By how much a draft token may lose and still be emitted, in 1/65536 logit; `None` without a draft.
    pub fn lenience_q16(self) -> Option<u32> {
        match self {
            Self::Lenient16 => Some(1 << 12),
            Self::Lenient8 => Some(1 << 13),
            Self::Lenient4 => Some(1 << 14),
            Self::Lenient2 => Some(1 << 15),
            _ => None,
        }
    }

    /// How its model is loaded.
    pub fn options(self, layers: usize) -> Options {
        let dishonest = |skip_layers: Vec<usize>, requantise| Dishonest {
            skip_layers,
            requantise,
        };
        let honest = Options::default();
        match self {
            Self::HonestLibrary => Options {
                kernels: Kernels::Library,
                ..honest
            },
            Self::FourBit => Options {
                dishonest: dishonest(Vec::new(), Some(Requantise::FourBit)),
                ..honest
            },
            Self::EightBit => Options {
                dishonest: dishonest(Vec::new(), Some(Requantise::EightBit)),
                ..honest
            },
            Self::SkipOne => Options {
                dishonest: dishonest(vec![layers / 2], None),
                ..honest
            },
            Self::SkipTwo => Options {
                dishonest: dishonest(vec![layers / 3, 2 * layers / 3], None),
                ..honest
            },
            Self::Smaller => Options {
                dishonest: dishonest((0..layers).filter(|layer| layer % 5 == 4).collect(), None),
                ..honest
            },
            _ => honest,
        }
    }
}

/// Who checks it. All but the last two follow the job's own profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Auditor {
    /// Our kernels.
    Own,
    /// The tensor library's kernels: the same arithmetic in another order, as on other hardware.
    Library,
    /// Our kernels with f32 activations, whatever the profile: the file dequantised.
    Dequantised,
    /// Our kernels with int8 activations, whatever the profile: the file as it is.
    Quantised,
}

impl Auditor {
    /// The arithmetic that it follows when the job's is `profile`.
    pub fn profile(self, profile: Profile) -> Profile {
        match self {
            Self::Own | Self::Library => profile,
            Self::Dequantised => Profile::F16,
            Self::Quantised => Profile::A8,
        }
    }

    /// How it loads the model.
    pub fn options(self) -> Options {
        Options {
            kernels: match self {
                Self::Library => Kernels::Library,
                _ => Kernels::Own,
            },
            ..Options::default()
        }
    }
}

/// What the auditor is told; all but the first make an honest output dishonest without computing another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Told {
    /// The truth.
    Truth,
    /// Another input of the same kind: the worker answered something else.
    OtherPrompt,
    /// An input with one token less: the worker's had one more.
    TokenLess,
    /// Another seed: the worker chose its own noise.
    WrongSeed,
    /// Temperature 1 for 0.8 and 0.8 for 1.
    WrongTemperature,
    /// A temperature of 0.8 for a greedy output.
    GreedyForSampled,
    /// The first half as an output that reached its limit.
    Truncated,
    /// The end replaced by a repetition of what stood before, up to the limit.
    Padded,
    /// The first half with an end token behind it.
    EarlyStop,
}

impl Told {
    /// Whether the sketches that the worker made while generating are those of this job. Where noise or parameters
    /// differ it would have made them with the right directions, by a prefill.
    pub fn keeps_sketches(self) -> bool {
        matches!(
            self,
            Self::Truth | Self::OtherPrompt | Self::TokenLess | Self::WrongTemperature | Self::Truncated
        )
    }
}

/// Number of layers of the model in `folder`.
pub fn layers(folder: &Path) -> Result<usize> {
    let ModelFiles::Gguf { path } = ModelFiles::find(folder)? else {
        anyhow::bail!("{} is no GGUF model; calibrate one", folder.display());
    };
    let gguf = Gguf::open(&path)?;
    let family = gguf.text("general.architecture")?;
    let layers = gguf.unsigned(&format!("{family}.block_count"));
    Ok(layers.context("the model does not say how many layers it has")? as usize)
}

/// The name of a value on the command line, which is also its name in files.
pub fn name(value: &impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_string())
}
