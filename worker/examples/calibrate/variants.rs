//! Who wrote an output, who checks it, and what the checker is told: every variant that is measured.

use anyhow::Result;
use clap::ValueEnum;
pub use ogpu_worker::cli::audit::Profile;
use ogpu_worker::{
    dishonest::cheap::{self, Cheap},
    engine::{options::Dishonest, Kernels, Options},
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
    /// Streams of a step. A cheat's output does not depend on it, so the many cheats take what is fastest.
    pub fn batch(self) -> usize {
        match self {
            Self::HonestBatch1 => 1,
            Self::HonestBatch9 => 9,
            Self::Honest | Self::HonestCut | Self::HonestPrefill64 | Self::HonestPrefill1 => 8,
            Self::HonestOneThread | Self::HonestLibrary => 8,
            _ => 32,
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
        let dishonest = |dishonest| Options {
            dishonest,
            ..Options::default()
        };
        let cheap = |cheap: Cheap| dishonest(cheap.saves(layers));
        match self {
            Self::HonestLibrary => Options {
                kernels: Kernels::Library,
                ..Options::default()
            },
            Self::FourBit => cheap(Cheap::FourBit),
            Self::EightBit => cheap(Cheap::EightBit),
            Self::SkipOne => dishonest(Dishonest {
                skip_layers: vec![layers / 2],
                ..Dishonest::default()
            }),
            Self::SkipTwo => cheap(Cheap::SkipTwo),
            Self::Smaller => cheap(Cheap::Smaller),
            _ => Options::default(),
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

/// Number of layers of the model in `folder`, of which some can be left out only where its file says it.
pub fn layers(folder: &Path) -> Result<usize> {
    let layers = cheap::layers(folder)?;
    anyhow::ensure!(
        layers > 0,
        "{} is no GGUF model that says how many layers it has; calibrate one",
        folder.display()
    );
    Ok(layers)
}

/// The name of a value on the command line, which is also its name in files.
pub fn name(value: &impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_string())
}
