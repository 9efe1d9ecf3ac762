//! How people behave.

use ogpu_primitives::Role;

/// What a worker delivers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quality {
    /// What the model gives, up to the hardware's noise.
    Right,
    /// What the model gives in coarser arithmetic: below every threshold, above what honest machines differ by.
    Coarse,
    /// Another model's output with its hidden states.
    OtherModel,
    /// Another model's tokens, with the hidden states that the right model has at them.
    OtherWriter,
}

/// What a worker does with a seat in an audit or on a jury.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audits {
    /// Computes, commits and opens.
    Honestly,
    /// Does nothing.
    Never,
    /// Commits, and never opens.
    WithoutOpening,
    /// Sends zeros without computing.
    Lazily,
    /// Sends what the worker under audit leaked to it.
    AsTheWorkerSays,
    /// Dissents, whatever is right.
    Against,
    /// Commits to what has no meaning, so that no report opens it.
    Garbage,
}

/// What a juror shows of having computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sketches {
    /// What it computed, or an accomplice for it.
    Computed,
    /// What nobody computed.
    MadeUp,
    /// Nothing.
    Missing,
}

/// How a worker behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conduct {
    /// Whether it acknowledges jobs whose input it got.
    pub acknowledges: bool,
    /// What it delivers.
    pub quality: Quality,
    /// Whether it commits to what it computed.
    pub commits: bool,
    /// Whether it opens when it is audited.
    pub opens: bool,
    /// Whether it posts data that is demanded.
    pub posts: bool,
    /// What it does as first auditor.
    pub audits: Audits,
    /// What it does as second auditor.
    pub seconds: Audits,
    /// What it does on a jury.
    pub judges: Audits,
    /// What it shows there.
    pub sketches: Sketches,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            acknowledges: true,
            quality: Quality::Right,
            commits: true,
            opens: true,
            posts: true,
            audits: Audits::Honestly,
            seconds: Audits::Honestly,
            judges: Audits::Honestly,
            sketches: Sketches::Computed,
        }
    }
}

impl Conduct {
    /// Honest but for its results.
    pub fn delivering(quality: Quality) -> Self {
        Self {
            quality,
            ..Self::default()
        }
    }

    /// Honest but as an auditor.
    pub fn auditing(audits: Audits) -> Self {
        Self {
            audits,
            ..Self::default()
        }
    }

    /// Honest but with whatever seat it gets.
    pub fn seated(audits: Audits) -> Self {
        Self {
            audits,
            seconds: audits,
            judges: audits,
            ..Self::default()
        }
    }

    /// What it does in this role.
    pub fn as_seat(&self, role: Role) -> Audits {
        match role {
            Role::First => self.audits,
            Role::Second => self.seconds,
            Role::Juror => self.judges,
        }
    }
}

/// How a client behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Client {
    /// Whether it hands over the input.
    pub delivers: bool,
    /// Whether it takes results, with its secret.
    pub accepts: bool,
    /// Whether it challenges all results.
    pub challenges: bool,
    /// Whether it demands the output on chain, delivered or not.
    pub demands: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            delivers: true,
            accepts: true,
            challenges: false,
            demands: false,
        }
    }
}
