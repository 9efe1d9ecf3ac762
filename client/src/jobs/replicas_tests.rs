use super::*;
use futures::FutureExt;
use ogpu_primitives::{JobState, NumericProfile, ProfileParams};
use std::future::{pending, ready};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3_600);

fn pair() -> [Held; 2] {
    Held::pair(LONG)
}

fn terms() -> CheckTerms {
    CheckTerms {
        params: ProfileParams::starting(NumericProfile::Bf16),
        whitened: false,
        rate_ppm: 1,
        second_ppm: 1,
    }
}

fn answer(held: &Held, value: f32) -> Option<Comparison> {
    held.answer(&OutputMessage::from_floats(&[value]), &terms())
}

/// Whether it may be accepted; `None` while that is open.
fn decided(held: &Held) -> Option<bool> {
    held.decided().now_or_never()
}

fn timed_out() -> JobError {
    JobError::TimedOut {
        job: JobId::zero(),
        seconds: 600,
    }
}

fn refunded() -> JobError {
    JobError::Ended {
        job: JobId::zero(),
        state: JobState::Refunded,
        reason: None,
    }
}

#[test]
fn answer_should_wait_for_the_other_when_it_comes_first() {
    let [first, second] = pair();
    assert_eq!((answer(&first, 1.0), decided(&first)), (None, None));
    assert!(answer(&second, 1.0).is_some_and(|found| found.first_difference.is_none()));
    assert_eq!((decided(&first), decided(&second)), (Some(true), Some(true)));
}

#[test]
fn neither_answer_should_be_accepted_when_they_are_in_doubt() {
    let [first, second] = pair();
    assert_eq!(answer(&second, 1.0), None);
    assert!(answer(&first, 2.0).is_some_and(|found| found.is_in_doubt()));
    assert_eq!((decided(&first), decided(&second)), (Some(false), Some(false)));
}

#[test]
fn answer_should_be_accepted_alone_when_the_other_fails() {
    for error in [timed_out(), refunded()] {
        let [first, second] = pair();
        answer(&first, 1.0);
        second.fail(&error);
        assert_eq!(decided(&first), Some(true));
    }
}

#[test]
fn answer_should_stay_to_be_compared_with_when_its_check_outlasts_the_time() {
    let [first, second] = pair();
    answer(&first, 1.0);
    first.fail(&timed_out());
    assert_eq!(decided(&first), None);
    assert!(answer(&second, 2.0).is_some_and(|found| found.is_in_doubt()));
    second.fail(&timed_out());
    assert_eq!((decided(&first), decided(&second)), (Some(false), Some(false)));
}

#[test]
fn answer_should_not_be_compared_with_one_whose_job_was_refunded() {
    let [first, second] = pair();
    answer(&first, 1.0);
    first.fail(&refunded());
    assert_eq!(answer(&second, 2.0), None);
    assert_eq!(decided(&second), Some(true));
}

#[test]
fn answer_should_wait_again_when_the_other_is_judged_wrong() {
    let [first, second] = pair();
    answer(&first, 1.0);
    answer(&second, 2.0);
    second.discard();
    assert_eq!(decided(&first), None);
    assert!(answer(&second, 1.0).is_some());
    assert_eq!(decided(&first), Some(true));
}

#[tokio::test]
async fn waiting_answer_should_be_told_when_the_other_comes() {
    let [first, second] = pair();
    answer(&first, 1.0);
    let waiting = tokio::spawn({
        let first = first.clone();
        async move { first.wait(pending()).await }
    });
    tokio::task::yield_now().await;
    answer(&second, 3.0);
    assert!(!waiting.await.expect("it ends"));
}

#[tokio::test]
async fn answer_in_doubt_should_not_be_accepted_when_its_window_and_time_end_at_once() {
    let [first, second] = Held::pair(Duration::ZERO);
    answer(&first, 1.0);
    answer(&second, 2.0);
    for _ in 0..100 {
        assert!(!first.wait(ready(())).await);
    }
}

#[tokio::test]
async fn answer_should_be_accepted_alone_when_its_window_or_the_time_to_follow_it_ends() {
    let [late, _other] = pair();
    answer(&late, 1.0);
    assert!(late.wait(ready(())).await, "the window ends");
    let [impatient, _other] = Held::pair(Duration::ZERO);
    answer(&impatient, 1.0);
    let waited = tokio::time::timeout(Duration::from_secs(60), impatient.wait(pending())).await;
    assert_eq!(waited, Ok(true), "the time to follow it ends");
}
