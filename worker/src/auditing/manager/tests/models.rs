//! Models that are not here when a seat needs them.

use super::*;
use crate::auditing::library::{NotProvided, Wanted};

impl World {
    /// One whose worker has no model.
    fn without_models() -> Self {
        Self {
            library: Arc::new(FakeLibrary::empty()),
            ..Self::new()
        }
    }

    fn answer(&self, answer: Result<(), NotProvided>) {
        *locked(&self.library.answer) = Some(answer);
    }

    /// Goes on from `tick` until data is demanded.
    async fn demands(&self, daemon: &Daemon, tick: Tick) {
        for tick in tick..tick + 5_000 {
            daemon
                .tell(tick, vec![self.seat(SeatState::Drawn, AUDITING)])
                .await;
            if !self.demanded().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("nothing was demanded: {:?}", daemon.record());
    }
}

#[tokio::test]
async fn report_should_be_computed_when_the_model_has_come() {
    let world = World::without_models();
    world.serve();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.reaches(State::Fetched).await;
    daemon.tell(11, drawn()).await;
    daemon.tell(12, drawn()).await;
    assert_eq!((world.library.asked(), daemon.examine.calls()), (1, 0));
    let wanted = locked(&world.library.asked)[0].clone();
    assert_eq!(wanted.id, world.sample.case.model);
    assert_eq!(wanted.needs.borrow().due(&wanted.id), Some(220));
    world.answer(Ok(()));
    daemon.reaches(State::Committing).await;
    assert_eq!((world.library.asked(), daemon.examine.calls()), (1, 1));
}

#[tokio::test]
async fn wait_should_hear_what_seats_need_that_were_drawn_since() {
    let world = World::without_models();
    let daemon = world.start(FakeExaminer::default());
    let seat = || world.seat(SeatState::Drawn, AUDITING);
    let other = |number: u8, model: ModelId, due: Tick| {
        let mut case = Sample::text(number).case;
        case.model = model;
        SeatNow {
            work: case.work,
            case: Some(case),
            due,
            ..seat()
        }
    };
    daemon.tell(10, vec![seat()]).await;
    daemon.until("waits", || world.library.waiting() == 1).await;
    let Wanted { id, needs } = locked(&world.library.asked)[0].clone();
    let second = ModelId::repeat_byte(9);
    daemon
        .tell(11, vec![seat(), other(2, id, 900), other(3, second, 300)])
        .await;
    let due = || [id, second].map(|model| needs.borrow().due(&model));
    daemon.until("longer", || due() == [Some(900), Some(300)]).await;
    daemon.until("both", || world.library.waiting() == 2).await;
    let later = SeatNow { due: 240, ..seat() };
    daemon.tell(12, vec![later]).await;
    daemon.until("shorter", || due() == [Some(240), None]).await;
    assert_eq!(world.library.asked(), 2, "once for each model");
}

#[tokio::test]
async fn seat_should_wait_when_jobs_have_the_memory_of_a_model_that_is_here() {
    let world = World::without_models();
    world.serve();
    world.answer(Ok(()));
    // As often as a report is tried.
    let daemon = world.start(FakeExaminer::short_of_memory(3));
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.until("waits again", || world.library.asked() == 2).await;
    assert_eq!(daemon.examine.calls(), 3);
    assert_eq!(daemon.record().map(|record| record.state), Some(State::Fetched));
    world.answer(Ok(()));
    daemon.reaches(State::Committing).await;
    assert_eq!(daemon.examine.calls(), 4);
}

#[tokio::test]
async fn data_should_not_be_demanded_before_the_model_is_here() {
    let world = World::without_models();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    for tick in 80..90 {
        daemon.tell(tick, drawn()).await;
    }
    assert!(world.demanded().is_empty());
    world.answer(Ok(()));
    world.demands(&daemon, 90).await;
    assert_eq!(world.library.asked(), 1);
}

#[tokio::test]
async fn model_should_be_got_again_when_it_was_dropped_before_the_data_came() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.reaches(State::Drawn).await;
    assert_eq!(world.library.asked(), 0, "it is in memory");
    world.library.empty.store(true, Ordering::SeqCst);
    world.answer(Ok(()));
    world.demands(&daemon, 80).await;
    assert_eq!(world.library.asked(), 1);
    world.serve();
    daemon.reaches(State::Committing).await;
}

#[tokio::test]
async fn seat_should_be_given_up_until_a_restart_when_the_model_cannot_be_had() {
    let world = World::without_models();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.until("asked", || world.library.waiting() == 1).await;
    world.answer(Err(NotProvided::Off));
    daemon.reaches(State::Abandoned(Reason::CannotCompute)).await;
    world.serve();
    for tick in 80..90 {
        daemon.tell(tick, drawn()).await;
    }
    assert_eq!((world.library.asked(), daemon.examine.calls()), (1, 0));
    assert!(world.outbox.said().is_empty(), "nothing is said or paid on chain");
    daemon.kill().await;
    world.answer(Ok(()));
    let daemon = world.start(FakeExaminer::default());
    daemon.tell(90, drawn()).await;
    daemon.reaches(State::Committing).await;
}

#[tokio::test]
async fn fetch_should_end_when_nobody_needs_the_model_and_begin_again_after_a_restart() {
    let world = World::without_models();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.until("waits", || world.library.waiting() == 1).await;
    daemon.tell(11, vec![]).await;
    daemon.until("left", || world.library.waiting() == 0).await;
    // A fork gives the seat back.
    daemon.tell(12, drawn()).await;
    daemon.until("waits", || world.library.waiting() == 1).await;
    daemon.kill().await;
    world.serve();
    let daemon = world.start(FakeExaminer::default());
    daemon
        .until("left with the daemon", || world.library.waiting() == 0)
        .await;
    daemon.tell(13, drawn()).await;
    daemon.reaches(State::Fetched).await;
    world.answer(Ok(()));
    daemon.reaches(State::Committing).await;
    assert_eq!(world.library.asked(), 3);
}
