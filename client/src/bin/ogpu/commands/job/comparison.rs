//! What the comparison of two replicas means, for people and as JSON.

use ogpu_client::{
    jobs::{Acceptance, Arithmetic, Comparison, Progress, Unknown},
    sealed::OutputMessage,
};
use ogpu_primitives::JobId;
use serde_json::json;

/// A comparison as JSON.
pub fn json(comparison: &Comparison) -> serde_json::Value {
    let (arithmetic, e_milli) = match comparison.arithmetic {
        Arithmetic::Near { e_milli } => ("near", Some(e_milli)),
        Arithmetic::Apart { e_milli } => ("apart", Some(e_milli)),
        Arithmetic::Unknown(_) => ("unknown", None),
    };
    json!({
        "agree": comparison.first_difference.is_none(),
        "first_difference": comparison.first_difference,
        "arithmetic": arithmetic,
        "e_milli": e_milli,
        "in_doubt": comparison.is_in_doubt(),
    })
}

/// Tells of two answers as soon as there is something to tell: how they differ once both are here, and, where that is
/// in doubt, what the client can do about each once it is known whether it was accepted.
pub struct Verdict {
    jobs: [JobId; 2],
    /// What the output consists of.
    item: &'static str,
    acceptances: [Option<Acceptance>; 2],
    in_doubt: bool,
}

impl Verdict {
    /// Of the replicas `jobs`.
    pub fn new(jobs: [JobId; 2]) -> Self {
        Self {
            jobs,
            item: "token",
            acceptances: [None, None],
            in_doubt: false,
        }
    }

    /// Takes a step of one replica, 0 or 1; what there is to tell now.
    pub fn hear(&mut self, index: usize, step: &Progress) -> Option<String> {
        match step {
            Progress::Fetched { output, .. } => {
                self.item = match output {
                    OutputMessage::Tokens { .. } => "token",
                    OutputMessage::Vector(_) => "value",
                };
                None
            }
            Progress::Compared(comparison) => {
                self.in_doubt = comparison.is_in_doubt();
                let mut lines = vec![difference(comparison, self.item)];
                lines.extend((0..2).filter_map(|index| self.advice(index)));
                Some(lines.join("\n"))
            }
            Progress::Accepted(acceptance) => {
                self.acceptances[index] = Some(acceptance.clone());
                self.advice(index)
            }
            // Another answer will come, to be compared anew.
            Progress::JudgedWrong => {
                self.acceptances[index] = None;
                self.in_doubt = false;
                None
            }
            _ => None,
        }
    }

    fn advice(&self, index: usize) -> Option<String> {
        let acceptance = self.acceptances[index].as_ref().filter(|_| self.in_doubt)?;
        let name = ["replica 1", "replica 2"][index];
        Some(advice(name, self.jobs[index], acceptance))
    }
}

/// What a client can do about an answer that is in doubt.
fn advice(name: &str, job: JobId, acceptance: &Acceptance) -> String {
    let challenge = format!(
        "`ogpu job challenge {job:?}` has it audited for certain, within its window; the fee comes back if it is wrong"
    );
    match acceptance {
        Acceptance::Sent => {
            format!("{name} was accepted already, and cannot be challenged any more")
        }
        Acceptance::TooLate => {
            format!(
                "{name}: its window is over or it was challenged; it is paid unless an audit finds it wrong"
            )
        }
        // There is no secret to accept it with.
        Acceptance::None => format!("{name}: {challenge}"),
        Acceptance::HeldBack | Acceptance::Failed(_) => {
            format!("{name} was not accepted: {challenge}. `ogpu job accept {job:?}` takes it as it is")
        }
    }
}

fn difference(comparison: &Comparison, item: &str) -> String {
    let e = |e_milli: u32| f64::from(e_milli) / 1_000.0;
    let Some(first) = comparison.first_difference else {
        return match comparison.arithmetic {
            Arithmetic::Apart { e_milli } => format!(
                "both replicas agree, but their arithmetic is further apart than an audit lets pass (e = {:.3}): one is likely not what it declares",
                e(e_milli)
            ),
            Arithmetic::Near { .. } => "both replicas agree".into(),
            Arithmetic::Unknown(why) => format!("both replicas agree, but {}", unknown(why)),
        };
    };
    let place = format!("the replicas differ from {item} {} on", u64::from(first) + 1);
    match comparison.arithmetic {
        Arithmetic::Near { e_milli } => format!(
            "{place}, as honest machines may: their arithmetic is as near as it should be (e = {:.3})",
            e(e_milli)
        ),
        Arithmetic::Apart { e_milli } => format!(
            "{place}, and their arithmetic is further apart than an audit lets pass (e = {:.3}): one is likely wrong",
            e(e_milli)
        ),
        Arithmetic::Unknown(why) => format!("{place}, and {}: one may be wrong", unknown(why)),
    }
}

fn unknown(why: Unknown) -> &'static str {
    match why {
        Unknown::NothingInCommon => "there is nothing in common by which their arithmetic could be compared",
        Unknown::NoSketches => "a worker sent no sketches by which their arithmetic could be compared",
        Unknown::OtherTerms => "the model's thresholds changed between them",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(first_difference: Option<u32>, arithmetic: Arithmetic) -> String {
        let comparison = Comparison {
            first_difference,
            arithmetic,
        };
        difference(&comparison, "token")
    }

    #[test]
    fn difference_should_be_told_in_words_when_replicas_are_compared() {
        let (near, apart) = (
            Arithmetic::Near { e_milli: 12 },
            Arithmetic::Apart { e_milli: 345 },
        );
        let missing = Arithmetic::Unknown(Unknown::NoSketches);
        assert_eq!(said(None, near), "both replicas agree");
        for (text, parts) in [
            (
                said(Some(0), near),
                ["from token 1 on", "as honest machines may", "0.012"],
            ),
            (
                said(Some(40), apart),
                ["from token 41 on", "one is likely wrong", "0.345"],
            ),
            (
                said(Some(7), missing),
                ["from token 8 on", "no sketches", "one may be wrong"],
            ),
            (
                said(None, apart),
                ["both replicas agree, but", "not what it declares", "0.345"],
            ),
            (
                said(None, missing),
                [
                    "both replicas agree, but",
                    "sent no sketches",
                    "could be compared",
                ],
            ),
        ] {
            for part in parts {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
    }

    #[test]
    fn client_should_be_told_to_challenge_only_when_it_still_can() {
        let job = JobId::repeat_byte(5);
        let challenge = format!("`ogpu job challenge {job:?}`");
        let failed = Acceptance::Failed("no".into());
        for (acceptance, challengeable, acceptable) in [
            (Acceptance::HeldBack, true, true),
            (failed, true, true),
            (Acceptance::None, true, false),
            (Acceptance::Sent, false, false),
            (Acceptance::TooLate, false, false),
        ] {
            let text = advice("replica 1", job, &acceptance);
            assert_eq!(text.contains(&challenge), challengeable, "{text}");
            assert_eq!(text.contains("job accept"), acceptable, "{text}");
        }
    }

    fn compared(first_difference: Option<u32>, arithmetic: Arithmetic) -> Progress {
        Progress::Compared(Comparison {
            first_difference,
            arithmetic,
        })
    }

    #[test]
    fn doubt_should_be_told_at_once_and_with_each_acceptance_when_both_answers_are_here() {
        let jobs = [JobId::repeat_byte(1), JobId::repeat_byte(2)];
        let challenge = |index: usize| format!("`ogpu job challenge {:?}`", jobs[index]);
        let mut verdict = Verdict::new(jobs);
        // Nobody can accept the first one, and that is known before the second one is here.
        assert_eq!(verdict.hear(0, &Progress::Accepted(Acceptance::None)), None);
        let apart = compared(Some(3), Arithmetic::Apart { e_milli: 900 });
        let told = verdict.hear(1, &apart).expect("it is told");
        assert!(
            told.contains("from token 4 on") && told.contains(&challenge(0)),
            "{told}"
        );
        assert!(!told.contains(&challenge(1)), "it may have been accepted: {told}");
        let told = verdict.hear(1, &Progress::Accepted(Acceptance::HeldBack));
        assert!(told.is_some_and(|told| told.contains(&challenge(1))));
    }

    #[test]
    fn nothing_should_be_advised_when_the_answers_are_not_in_doubt_or_one_is_made_anew() {
        let mut verdict = Verdict::new([JobId::repeat_byte(1), JobId::repeat_byte(2)]);
        let near = compared(None, Arithmetic::Near { e_milli: 1 });
        assert_eq!(verdict.hear(1, &near).as_deref(), Some("both replicas agree"));
        assert_eq!(verdict.hear(0, &Progress::Accepted(Acceptance::Sent)), None);
        assert!(verdict
            .hear(1, &compared(Some(0), Arithmetic::Apart { e_milli: 900 }))
            .is_some_and(|told| told.contains("was accepted already")));
        assert_eq!(verdict.hear(1, &Progress::JudgedWrong), None);
        assert_eq!(verdict.hear(0, &Progress::Accepted(Acceptance::HeldBack)), None);
    }
}
