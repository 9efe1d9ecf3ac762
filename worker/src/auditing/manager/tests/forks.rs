//! Forks that take seats away, give them back, or put another result under them.

use super::*;

#[tokio::test]
async fn seat_should_stop_and_go_on_when_a_fork_takes_it_away_and_gives_it_back() {
    let world = World::new();
    world.serve();
    let daemon = world.start(FakeExaminer::default());
    world.outbox.broken.store(true, Ordering::SeqCst);
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Computed).await;
    daemon.tell(11, vec![]).await;
    daemon.reaches(State::Abandoned(Reason::Gone)).await;
    world.outbox.broken.store(false, Ordering::SeqCst);
    daemon
        .tell(12, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Committing).await;
    // The block with the hash is undone as well, and the seat comes back as a juror's, for whom the report is none.
    let hash = world.commits()[0];
    daemon
        .tell(
            13,
            vec![world.seat(SeatState::Committed(hash), CheckStage::Opening)],
        )
        .await;
    daemon.reaches(State::Committed).await;
    daemon.tell(14, vec![]).await;
    daemon.reaches(State::Abandoned(Reason::Gone)).await;
    let juror = |key| vec![world.jury_seat(SeatState::Drawn, JUDGING, key)];
    daemon.tell(15, juror(fixtures::JURY_KEY)).await;
    daemon
        .until("a juror's hash", || world.commits().len() == 2)
        .await;
    daemon.reaches(State::Committing).await;
    let record = daemon.record().expect("kept");
    assert_eq!(
        (record.role, record.case.jury_key),
        (Role::Juror, Some(fixtures::JURY_KEY))
    );
    assert_eq!(daemon.examine.calls(), 2);
    // The same jury once more, then one that was drawn anew.
    daemon.tell(16, juror(fixtures::JURY_KEY)).await;
    daemon.tell(17, juror(H256::repeat_byte(0x78))).await;
    daemon.until("a third hash", || world.commits().len() == 3).await;
    daemon.reaches(State::Committing).await;
    let anew = daemon.record().expect("kept");
    assert_eq!(anew.case.jury_key, Some(H256::repeat_byte(0x78)));
    assert_ne!(anew.salt, record.salt);
    assert_eq!((daemon.examine.calls(), world.commits()[0]), (3, hash));
}

#[tokio::test]
async fn seat_should_stop_computing_when_it_is_taken_away() {
    let world = World::new();
    world.serve();
    let daemon = world.start(FakeExaminer::hanging());
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.until("computing", || daemon.examine.calls() == 1).await;
    daemon.tell(11, vec![]).await;
    daemon.reaches(State::Abandoned(Reason::Gone)).await;
    daemon
        .tell(12, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon
        .until("computing again", || daemon.examine.calls() == 2)
        .await;
    assert_eq!(daemon.record().map(|record| record.state), Some(State::Fetched));
}

#[tokio::test]
async fn seat_should_begin_anew_when_a_fork_puts_another_result_under_it() {
    let world = World::new();
    let (daemon, hash) = committing(&world).await;
    let salt = daemon.record().expect("kept").salt;
    let other = Sample::new(
        fixtures::case(1),
        (5..45).collect(),
        vec![(H256::repeat_byte(1), H256::repeat_byte(2)); 2],
    );
    *locked(&world.source.serves) = Some(other.sealed_to(&fixtures::reader().key.public()));
    let seat = SeatNow {
        case: Some(other.case.clone()),
        ..world.seat(SeatState::Drawn, AUDITING)
    };
    daemon.tell(11, vec![seat]).await;
    daemon.until("another hash", || world.commits().len() == 2).await;
    let record = daemon.record().expect("kept");
    assert_eq!(record.case, other.case);
    assert_ne!(record.salt, salt);
    assert_ne!(world.commits()[1], hash);
}
