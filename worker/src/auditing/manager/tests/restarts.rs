//! A daemon that is killed and started again.

use super::*;

#[tokio::test]
async fn seat_should_go_on_where_it_was_when_the_daemon_is_killed_at_any_point() {
    let world = World::new();
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    // Nothing is served.
    let daemon = world.start(FakeExaminer::default());
    daemon.tell(10, drawn()).await;
    daemon.reaches(State::Drawn).await;
    let salt = daemon.record().expect("kept").salt;
    daemon.kill().await;
    // Served, but the engine hangs.
    world.serve();
    let daemon = world.start(FakeExaminer::hanging());
    daemon.tell(11, drawn()).await;
    daemon.until("computing", || daemon.examine.calls() == 1).await;
    daemon.kill().await;
    // Computed, but the queue fails. It asks nobody for data any more.
    *locked(&world.source.serves) = None;
    world.outbox.broken.store(true, Ordering::SeqCst);
    let daemon = world.start(FakeExaminer::default());
    daemon.tell(12, drawn()).await;
    daemon.reaches(State::Computed).await;
    daemon.kill().await;
    world.outbox.broken.store(false, Ordering::SeqCst);
    assert!(world.commits().is_empty());
    // From here on an engine that would hang is never asked.
    let daemon = world.start(FakeExaminer::hanging());
    daemon.tell(13, drawn()).await;
    daemon.reaches(State::Committing).await;
    let hash = world.commits()[0];
    assert_eq!(
        hash,
        report(40).commitment(&fixtures::us().0, &salt),
        "the first salt"
    );
    daemon.kill().await;
    let daemon = world.start(FakeExaminer::hanging());
    daemon.tell(14, drawn()).await;
    let committed = SeatState::Committed(hash);
    daemon
        .tell(15, vec![world.seat(committed, CheckStage::Opening)])
        .await;
    daemon.reaches(State::Committed).await;
    daemon.kill().await;
    let daemon = world.start(FakeExaminer::hanging());
    daemon.tell(16, vec![world.seat(committed, REPORTING)]).await;
    daemon.reaches(State::Opening).await;
    daemon.kill().await;
    let daemon = world.start(FakeExaminer::hanging());
    daemon.tell(17, vec![world.seat(committed, REPORTING)]).await;
    daemon.until("opened", || world.opened() == 1).await;
    // The last vote closes the audit at once.
    daemon.tell(18, vec![]).await;
    daemon.reaches(State::Done).await;
    assert_eq!(
        (daemon.examine.calls(), world.commits().len(), world.opened()),
        (0, 1, 1)
    );
}

#[tokio::test]
async fn seat_should_not_be_acted_on_after_a_restart_before_the_chain_has_spoken() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Drawn).await;
    daemon.kill().await;
    let asked = world.source.asked.load(Ordering::SeqCst);
    let daemon = world.start(FakeExaminer::default());
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(world.source.asked.load(Ordering::SeqCst), asked);
    // The check was closed meanwhile.
    daemon.tell(500, vec![]).await;
    daemon.reaches(State::Abandoned(Reason::Gone)).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(world.source.asked.load(Ordering::SeqCst), asked);
}

#[tokio::test]
async fn seat_should_be_given_up_until_a_restart_when_it_cannot_be_computed() {
    let world = World::new();
    world.serve();
    let daemon = world.start(FakeExaminer::failing(100));
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.reaches(State::Abandoned(Reason::CannotCompute)).await;
    daemon.tell(11, drawn()).await;
    daemon.tell(12, drawn()).await;
    assert_eq!(daemon.examine.calls(), 3);
    daemon.kill().await;
    let daemon = world.start(FakeExaminer::default());
    daemon.tell(13, drawn()).await;
    daemon.reaches(State::Committing).await;
}
