//! Data that is not served, and messages that are not sent.

use super::*;
use ogpu_client::keys::EncryptionKey;

#[tokio::test]
async fn data_should_be_demanded_on_chain_when_a_third_of_the_time_is_over() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    // What is served does not fit.
    let wrong = Sample::text(2).sealed_to(&fixtures::reader().key.public());
    *locked(&world.source.serves) = Some(wrong);
    daemon.tell(10, drawn()).await;
    daemon.tell(79, drawn()).await;
    daemon.tell(79, drawn()).await;
    assert!(world.demanded().is_empty());
    daemon.tell(80, drawn()).await;
    daemon.until("demanded", || world.demanded().len() == 1).await;
    let key = world.demanded()[0];
    // Nothing in the blocks before the demand, and what is posted for somebody else, is of use.
    let (early, others) = (world.sample.sealed_to(&key), world.sample.sealed_to(&[7; 32]));
    *locked(&world.source.posted) = vec![(79, early), (85, others)];
    daemon.kill().await;

    let daemon = world.start(FakeExaminer::default());
    let mut seat = world.seat(SeatState::Drawn, AUDITING);
    (seat.demand, seat.due) = (Some(key), 300);
    daemon.tell(100, vec![seat.clone()]).await;
    daemon.tell(200, vec![seat]).await;
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(daemon.record().map(|record| record.state), Some(State::Drawn));
    locked(&world.source.posted).push((90, world.sample.sealed_to(&key)));
    daemon.reaches(State::Committing).await;
    let record = daemon.record().expect("kept");
    assert!(record.by_demand);
    assert_eq!(world.demanded(), [key], "demanded once");
}

#[tokio::test]
async fn demand_should_be_sent_again_with_its_key_when_the_chain_does_not_show_it() {
    let world = World::new();
    world.outbox.broken.store(true, Ordering::SeqCst);
    let daemon = world.start(FakeExaminer::default());
    let drawn = || vec![world.seat(SeatState::Drawn, AUDITING)];
    daemon.tell(10, drawn()).await;
    daemon.tell(80, drawn()).await;
    daemon
        .until("kept", || {
            daemon.record().is_some_and(|record| record.demand.is_some())
        })
        .await;
    let secret = daemon
        .record()
        .and_then(|record| record.demand)
        .expect("kept")
        .secret;
    world.outbox.broken.store(false, Ordering::SeqCst);
    daemon.tell(80 + RESEND_TICKS - 1, drawn()).await;
    daemon.tell(80 + RESEND_TICKS, drawn()).await;
    daemon.until("demanded", || !world.demanded().is_empty()).await;
    assert_eq!(world.demanded(), [EncryptionKey::from_secret(secret).public()]);
}

#[tokio::test]
async fn message_should_be_queued_again_when_the_queue_failed() {
    let world = World::new();
    world.serve();
    world.outbox.broken.store(true, Ordering::SeqCst);
    let daemon = world.start(FakeExaminer::default());
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Computed).await;
    world.outbox.broken.store(false, Ordering::SeqCst);
    daemon
        .tell(11, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon
        .tell(10 + RESEND_TICKS, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Committing).await;
    assert_eq!(world.commits().len(), 1);
}
