//! Ways to break a worker's promises, for tests on real chains (`examples/dishonest_worker.rs`).
//!
//! The daemon is the real one. At each place where a cheat leaves its path stands one call to [`conduct`], behind the
//! feature `dishonest`, which no program that is shipped can have (`main.rs`).
//!
//! A worker may compute something else than asked (here), load less than its model ([`cheap`]), have something else
//! write and let the right model read it ([`writing`]), keep or change what it has ([`delivering`]), or audit others
//! without computing ([`auditing`]).

mod auditing;
pub mod cheap;
mod delivering;
pub mod writing;

pub use cheap::{remembered, Cheap};
pub use writing::Writer;

use ogpu_primitives::{GenerateParams, JobId, H256};
use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// How a worker behaves where an honest one would do something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Conduct {
    /// As promised, but for what its engine leaves out.
    #[default]
    Honest,
    /// Reads the second half of the prompt only.
    OtherPrompt,
    /// Reads the prompt without one token of its middle.
    TokenLess,
    /// Samples with noise of its own choice.
    WrongSeed,
    /// Samples at another temperature, with the right noise.
    WrongTemperature,
    /// Samples without noise, whatever the temperature.
    Greedy,
    /// Has something else write, and shows the right model's evidence of that text.
    Writes(Writer),
    /// Delivers the first half of its output as all there is.
    Truncated,
    /// Shows sketches that were made for another job.
    ReplayedSketches,
    /// Opens nothing when it is audited.
    Silent,
    /// Signs another result for its client than it commits to.
    TwoFaces,
    /// Keeps the output from its client, on the chain as well.
    NoDelivery,
    /// Keeps the data from its auditors, on the chain as well.
    RefusesAuditors,
    /// Audits without computing: sends zeros.
    LazyAuditor,
    /// Audits without computing: dissents.
    LyingDissent,
    /// Audits without computing: sends what the worker under audit leaked to it.
    LyingPass,
    /// Audits without computing: commits to what another auditor committed to.
    CopyingAuditor,
    /// Sits on juries without computing: sends the worker's own sketches as its own.
    CopyingJuror,
}

/// What this process does.
#[derive(Debug, Default)]
pub struct Plan {
    /// How it behaves.
    pub conduct: Conduct,
    /// The folder in which accomplices leave sketches for each other.
    pub leak: Option<PathBuf>,
    /// The folder of the model that [`Writer::OtherModel`] has write.
    pub other_model: Option<PathBuf>,
}

static PLAN: OnceLock<Plan> = OnceLock::new();

/// Says what this process does, once and for all.
pub fn plan(plan: Plan) {
    // A second word changes nothing.
    let _ = PLAN.set(plan);
}

/// How this process behaves.
pub fn conduct() -> Conduct {
    PLAN.get().map(|plan| plan.conduct).unwrap_or_default()
}

fn leak_folder() -> Option<&'static Path> {
    PLAN.get()?.leak.as_deref()
}

fn other_model() -> Option<&'static Path> {
    PLAN.get()?.other_model.as_deref()
}

impl Conduct {
    /// What is really computed for this request.
    pub fn asked(
        self,
        tokens: &[u32],
        params: &GenerateParams,
        seed: H256,
    ) -> (Vec<u32>, GenerateParams, H256) {
        let (mut tokens, mut params, mut seed) = (tokens.to_vec(), params.clone(), seed);
        match self {
            Self::OtherPrompt => tokens = tokens.split_off(tokens.len() / 2),
            // The only token of a prompt cannot be left out.
            Self::TokenLess if tokens.len() > 1 => drop(tokens.remove(tokens.len() / 2)),
            Self::WrongSeed => seed.0.iter_mut().for_each(|byte| *byte ^= 0xFF),
            Self::WrongTemperature => params.temperature_milli = other_temperature(params.temperature_milli),
            Self::Greedy => params.temperature_milli = 0,
            _ => {}
        }
        (tokens, params, seed)
    }

    /// The job that sketches are made for.
    pub fn sketched(self, mut job: JobId) -> JobId {
        if self == Self::ReplayedSketches {
            job.0.iter_mut().for_each(|byte| *byte ^= 0xFF);
        }
        job
    }
}

/// The other one of the two temperatures that models are calibrated at, in 1/1000.
fn other_temperature(asked_milli: u16) -> u16 {
    match asked_milli {
        800 => 1_000,
        _ => 800,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: H256 = H256([4; 32]);

    #[test]
    fn request_should_be_another_only_when_the_conduct_says_so() {
        let (input, params) = ([1, 2, 3, 4], GenerateParams::plain(8, 800));
        let asked = |conduct: Conduct| conduct.asked(&input, &params, SEED);
        let honest = asked(Conduct::Honest);
        assert_eq!(honest, (input.to_vec(), params.clone(), SEED));
        assert_eq!(asked(Conduct::OtherPrompt).0, [3, 4]);
        assert_eq!(asked(Conduct::TokenLess).0, [1, 2, 4]);
        assert_eq!(asked(Conduct::Greedy).1.temperature_milli, 0);
        assert_ne!(asked(Conduct::WrongSeed).2, SEED);
        for conduct in [
            Conduct::Truncated,
            Conduct::Silent,
            Conduct::LazyAuditor,
            Conduct::Writes(Writer::Padded),
        ] {
            assert_eq!(asked(conduct), honest);
        }
    }

    #[test]
    fn temperature_should_be_another_one_whatever_was_asked() {
        for asked_milli in [0, 500, 800, 1_000] {
            let params = GenerateParams::plain(8, asked_milli);
            let (tokens, asked, seed) = Conduct::WrongTemperature.asked(&[1], &params, SEED);
            assert_ne!(asked.temperature_milli, asked_milli);
            assert_eq!((tokens, seed), (vec![1], SEED), "nothing else differs");
        }
    }

    #[test]
    fn prompt_should_keep_its_only_token() {
        let (tokens, ..) = Conduct::TokenLess.asked(&[7], &GenerateParams::plain(8, 800), SEED);
        assert_eq!(tokens, [7]);
    }

    #[test]
    fn sketches_should_be_for_another_job_only_when_they_are_replayed() {
        let job = JobId::repeat_byte(1);
        assert_eq!(Conduct::Honest.sketched(job), job);
        assert_ne!(Conduct::ReplayedSketches.sketched(job), job);
    }
}
