//! Two replicas of one submission: both are followed at once, and neither answer is accepted before they were compared.

use super::{
    can_accept,
    compare::{compare, Comparison},
    drive::{drive_held, DriveOptions, JobResult, Progress},
    JobError, JobSecrets,
};
use crate::{
    chain::{Chain, ChainError},
    sealed::OutputMessage,
};
use ogpu_primitives::{CheckTerms, JobId, Subject, Tick, WorkKey};
use std::{
    cell::{Cell, RefCell},
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Ticks before the end of its window at which an answer is accepted although the other one is not here: as long as a
/// transaction takes to get into a block, and one more.
const ACCEPT_MARGIN_TICKS: Tick = 4;

/// How long before the end of following an answer is accepted although the other one is not here: as long as that
/// takes, so that an answer that came is not lost to the time spent waiting for the other.
const ACCEPT_PATIENCE: Duration = Duration::from_secs(15);

/// Pause before it is looked again how much of the window is left.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// What became of two replicas.
#[derive(Debug)]
pub struct Replicas {
    /// What became of each.
    pub results: [Result<JobResult, JobError>; 2],
    /// How the two answers differ, if both came: what [`Progress::Compared`] told last.
    pub comparison: Option<Comparison>,
}

/// Follows both replicas as [`drive`](super::drive) does, each as far and as long as `options` say. `progress` is told of
/// which one, 0 or 1. One that fails does not end the other. [`Progress::Compared`] comes with the second answer.
pub async fn drive_replicas(
    chain: &Chain,
    jobs: [(JobId, &JobSecrets); 2],
    options: DriveOptions,
    progress: impl FnMut(usize, Progress),
) -> Replicas {
    let (progress, comparison) = (RefCell::new(progress), Cell::new(None));
    let pair = Held::pair(options.limit.saturating_sub(ACCEPT_PATIENCE));
    let one = |index: usize| {
        let (options, progress, comparison) = (options.clone(), &progress, &comparison);
        let held = pair[index].clone();
        let (id, secrets) = jobs[index];
        async move {
            let tell = |step| {
                if let Progress::Compared(found) = step {
                    comparison.set(Some(found));
                }
                (progress.borrow_mut())(index, step);
            };
            let result = drive_held(chain, id, secrets, options, Some(held.clone()), tell).await;
            if let Err(error) = &result {
                held.fail(error);
            }
            result
        }
    };
    let (first, second) = tokio::join!(one(0), one(1));
    Replicas {
        results: [first, second],
        comparison: comparison.get(),
    }
}

/// What is known of one replica.
#[derive(Debug, Clone, Default)]
enum Answer {
    /// Nothing yet.
    #[default]
    Awaited,
    /// This came, under these terms.
    Here(Arc<OutputMessage>, CheckTerms),
    /// It will not come.
    Failed,
}

/// Whether answers may be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Not all is known yet.
    Open,
    /// There is only one to come, and nothing to compare it with.
    Alone,
    /// Both are here.
    Compared(Comparison),
}

/// Both answers, and what follows from them.
#[derive(Debug, Clone)]
struct Hold {
    answers: Arc<Mutex<[Answer; 2]>>,
    decision: Arc<watch::Sender<Decision>>,
}

impl Default for Hold {
    fn default() -> Self {
        Self {
            answers: Arc::default(),
            decision: Arc::new(watch::Sender::new(Decision::Open)),
        }
    }
}

impl Hold {
    /// Changes what is known now; a job that is done again has another answer later. Gives the decision.
    fn change(&self, change: impl FnOnce(&mut [Answer; 2])) -> Decision {
        // Nothing is left half done by a panic here.
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut answers);
        let decision = match &*answers {
            [Answer::Here(first, terms), Answer::Here(second, other_terms)] => {
                Decision::Compared(compare((first, terms), (second, other_terms)))
            }
            [Answer::Failed, _] | [_, Answer::Failed] => Decision::Alone,
            _ => Decision::Open,
        };
        self.decision.send_replace(decision);
        decision
    }
}

/// One replica's part: tells what came of it, and waits for the other.
#[derive(Debug, Clone)]
pub(super) struct Held {
    hold: Hold,
    index: usize,
    /// When both began to be followed.
    started: Instant,
    /// For how long an answer waits for the other, from then on.
    patience: Duration,
}

impl Held {
    /// The parts of both.
    fn pair(patience: Duration) -> [Self; 2] {
        let (hold, started) = (Hold::default(), Instant::now());
        [0, 1].map(|index| Self {
            hold: hold.clone(),
            index,
            started,
            patience,
        })
    }

    /// Its answer is here. How it differs from the other one, if that came before.
    pub fn answer(&self, output: &OutputMessage, terms: &CheckTerms) -> Option<Comparison> {
        let answer = Answer::Here(Arc::new(output.clone()), *terms);
        match self.hold.change(|answers| answers[self.index] = answer) {
            Decision::Compared(comparison) => Some(comparison),
            Decision::Open | Decision::Alone => None,
        }
    }

    /// Its answer was judged wrong, and another worker makes a new one.
    pub fn discard(&self) {
        self.hold.change(|answers| answers[self.index] = Answer::Awaited);
    }

    /// It is followed no longer. An answer that came stays to be compared with, unless its job ended without it.
    fn fail(&self, error: &JobError) {
        let ended = matches!(error, JobError::Ended { .. });
        self.hold.change(|answers| match &mut answers[self.index] {
            Answer::Here(..) if !ended => {}
            answer => *answer = Answer::Failed,
        });
    }

    /// Waits until the other replica's answer is here or fails, or this one's window or the time to follow them is
    /// about to end. Whether this one may be accepted then.
    pub async fn may_accept(&self, chain: &Chain, work: WorkKey) -> bool {
        self.wait(window_ends(chain, Subject::Work(work))).await
    }

    async fn wait(&self, window_ends: impl Future<Output = ()>) -> bool {
        let left = self.patience.saturating_sub(self.started.elapsed());
        // In this order: an answer that is in doubt is never accepted because something else ends with it.
        tokio::select! {
            biased;
            allowed = self.decided() => allowed,
            () = window_ends => true,
            () = tokio::time::sleep(left) => true,
        }
    }

    async fn decided(&self) -> bool {
        let mut decision = self.hold.decision.subscribe();
        let decided = decision.wait_for(|decision| *decision != Decision::Open).await;
        match decided.map(|decision| *decision) {
            Ok(Decision::Compared(comparison)) => !comparison.is_in_doubt(),
            // The sender lives as long as `self`.
            Ok(Decision::Open | Decision::Alone) | Err(_) => true,
        }
    }
}

/// Returns when a result can hardly be accepted any longer, or cannot be any more.
async fn window_ends(chain: &Chain, subject: Subject) {
    loop {
        match is_ending(chain, subject).await {
            Ok(true) => return,
            // A node that is away for a moment says nothing about the window.
            Ok(false) | Err(_) => tokio::time::sleep(LOOK_AGAIN).await,
        }
    }
}

async fn is_ending(chain: &Chain, subject: Subject) -> Result<bool, ChainError> {
    let at = chain.best().await?;
    let Some(record) = chain.commitment(&at, subject).await? else {
        return Ok(true);
    };
    let last = record.due.saturating_sub(ACCEPT_MARGIN_TICKS);
    Ok(!can_accept(&record) || chain.tick(&at).await? >= last)
}

#[cfg(test)]
#[path = "replicas_tests.rs"]
mod tests;
