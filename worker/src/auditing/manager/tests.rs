//! The manager against a chain, a worker under audit, a queue and an engine that the test plays.

mod data;
mod forks;
mod models;
mod restarts;

use super::*;
use crate::auditing::{
    fakes::{locked, FakeExaminer, FakeLibrary, FakeOutbox, FakeSource},
    fixtures::{self, report, Sample},
    outbox::Message,
};
use ogpu_client::chain::SeatState;
use ogpu_primitives::{CheckStage, Judgement, Role, H256};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

const QUICK: Pauses = Pauses {
    first: Duration::from_millis(5),
    longest: Duration::from_millis(10),
    chain: Duration::from_millis(5),
};
const AUDITING: CheckStage = CheckStage::Auditing(Role::First);
const REPORTING: CheckStage = CheckStage::Reporting(Role::First);
const JUDGING: CheckStage = CheckStage::Auditing(Role::Juror);

/// What outlives a daemon.
struct World {
    folder: tempfile::TempDir,
    source: Arc<FakeSource>,
    library: Arc<FakeLibrary>,
    outbox: Arc<FakeOutbox>,
    sample: Sample,
}

struct Daemon {
    store: AuditStore,
    examine: Arc<FakeExaminer>,
    snapshots: mpsc::Sender<Snapshot>,
    status: watch::Receiver<Status>,
    task: tokio::task::JoinHandle<Result<(), AuditStoreError>>,
    work: WorkKey,
    _shutdown: watch::Sender<bool>,
}

impl World {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            source: Arc::default(),
            library: Arc::default(),
            outbox: Arc::default(),
            sample: Sample::text(1),
        }
    }

    /// The worker under audit serves what it has to.
    fn serve(&self) {
        *locked(&self.source.serves) = Some(self.sample.sealed_to(&fixtures::reader().key.public()));
    }

    fn start(&self, examine: FakeExaminer) -> Daemon {
        let store = AuditStore::open(&self.folder.path().join("audits.redb")).expect("a store");
        let (examine, (status, watching)) = (Arc::new(examine), watch::channel(Status::default()));
        let manager = Manager::new(Parts {
            store: store.clone(),
            reader: fixtures::reader(),
            source: self.source.clone(),
            library: self.library.clone(),
            examine: examine.clone(),
            outbox: self.outbox.clone(),
            pauses: QUICK,
            status,
            extra_model: Box::new(|| None),
        });
        let (snapshots, told) = mpsc::channel(1);
        let (shutdown, closing) = watch::channel(false);
        Daemon {
            store,
            examine,
            snapshots,
            status: watching,
            task: tokio::spawn(manager.expect("a manager").run(told, closing)),
            work: self.sample.case.work,
            _shutdown: shutdown,
        }
    }

    fn seat(&self, state: SeatState, stage: CheckStage) -> SeatNow {
        SeatNow {
            work: self.sample.case.work,
            role: Role::First,
            state,
            stage,
            due: 220,
            demand: None,
            jury_key: None,
            case: Some(self.sample.case.clone()),
        }
    }

    /// A juror's seat, of the jury with this key.
    fn jury_seat(&self, state: SeatState, stage: CheckStage, key: H256) -> SeatNow {
        let mut seat = self.seat(state, stage);
        (seat.role, seat.jury_key) = (Role::Juror, Some(key));
        seat.case.iter_mut().for_each(|case| case.jury_key = Some(key));
        seat
    }

    fn commits(&self) -> Vec<H256> {
        let hash = |message: &Message| match message {
            Message::Commit { hash, .. } => Some(*hash),
            _ => None,
        };
        self.outbox.said().iter().filter_map(hash).collect()
    }

    fn opened(&self) -> usize {
        let said = self.outbox.said();
        said.iter()
            .filter(|message| matches!(message, Message::Open { .. }))
            .count()
    }

    fn demanded(&self) -> Vec<[u8; 32]> {
        let key = |message: &Message| match message {
            Message::Demand { key, .. } => Some(*key),
            _ => None,
        };
        self.outbox.said().iter().filter_map(key).collect()
    }
}

impl Daemon {
    async fn tell(&self, tick: Tick, seats: Vec<SeatNow>) {
        let block = tick.into();
        let snapshot = Snapshot { block, tick, seats };
        self.snapshots.send(snapshot).await.expect("it runs");
    }

    fn record(&self) -> Option<SeatRecord> {
        self.store.get(&self.work).expect("read")
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let end = Instant::now() + Duration::from_secs(10);
        while !holds() {
            assert!(Instant::now() < end, "{what}: {:?}", self.record());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn reaches(&self, state: State) {
        let reached = || self.record().is_some_and(|record| record.state == state);
        self.until(&format!("{state:?}"), reached).await;
    }

    /// Dies as with `kill -9`.
    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Drawn, served, computed, committed to: the daemon and the hash.
async fn committing(world: &World) -> (Daemon, H256) {
    world.serve();
    let daemon = world.start(FakeExaminer::default());
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Committing).await;
    let hash = world.commits()[0];
    (daemon, hash)
}

#[tokio::test]
async fn seat_should_go_to_its_vote_when_all_goes_well() {
    let world = World::new();
    let (daemon, hash) = committing(&world).await;
    let record = daemon.record().expect("kept");
    assert_eq!(hash, report(40).commitment(&fixtures::us().0, &record.salt));
    assert_ne!(record.salt, [0; 32]);
    assert_eq!(daemon.status.borrow().seats.len(), 1);

    let committed = SeatState::Committed(hash);
    daemon
        .tell(11, vec![world.seat(committed, CheckStage::Opening)])
        .await;
    daemon.reaches(State::Committed).await;
    assert_eq!(world.opened(), 0, "not before it is asked for");
    daemon.tell(12, vec![world.seat(committed, REPORTING)]).await;
    daemon.reaches(State::Opening).await;
    daemon.until("opened", || world.opened() == 1).await;
    let open = Message::Open {
        work: daemon.work,
        report: report(40),
        salt: record.salt,
    };
    assert!(world.outbox.said().contains(&open));
    daemon
        .tell(13, vec![world.seat(SeatState::Voted(Judgement::Pass), REPORTING)])
        .await;
    daemon.reaches(State::Done).await;
    daemon.tell(14, vec![]).await;
    daemon
        .until("counted", || daemon.status.borrow().voted == 1)
        .await;
    assert_eq!(
        (daemon.examine.calls(), world.commits().len(), world.opened()),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn vote_should_be_counted_as_void_when_most_jurors_computed_something_else() {
    let world = World::new();
    world.serve();
    let daemon = world.start(FakeExaminer::default());
    let seat = |state, stage| vec![world.jury_seat(state, stage, fixtures::JURY_KEY)];
    daemon.tell(10, seat(SeatState::Drawn, JUDGING)).await;
    daemon.reaches(State::Committing).await;
    let record = daemon.record().expect("kept");
    assert_eq!(record.case.jury_key, Some(fixtures::JURY_KEY));
    let committed = SeatState::Committed(world.commits()[0]);
    let reporting = CheckStage::Reporting(Role::Juror);
    daemon.tell(11, seat(committed, reporting)).await;
    daemon.reaches(State::Opening).await;
    let voted = SeatState::Voted(Judgement::Pass);
    daemon.tell(12, seat(voted, reporting)).await;
    daemon.reaches(State::Done).await;
    // Asked for after the check was closed, when its job may not be there any more.
    let counted = SeatNow {
        case: None,
        ..world.jury_seat(SeatState::Void, CheckStage::Closed, fixtures::JURY_KEY)
    };
    daemon.tell(13, vec![counted]).await;
    daemon.reaches(State::Abandoned(Reason::Void)).await;
    daemon.tell(14, vec![]).await;
    let void = || daemon.status.borrow().void == 1;
    daemon.until("counted", void).await;
    let status = daemon.status.borrow();
    assert_eq!((status.voted, status.abandoned), (0, 0));
}

#[tokio::test]
async fn seat_should_be_worked_on_once_when_it_is_told_again_and_again() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    for tick in 10..14 {
        daemon
            .tell(tick, vec![world.seat(SeatState::Drawn, AUDITING)])
            .await;
    }
    world.serve();
    for tick in 14..40 {
        daemon
            .tell(tick, vec![world.seat(SeatState::Drawn, AUDITING)])
            .await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    daemon.reaches(State::Committing).await;
    assert_eq!((daemon.examine.calls(), world.commits().len()), (1, 1));
    let asked = world.source.asked.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(
        world.source.asked.load(Ordering::SeqCst),
        asked,
        "nobody asks any more"
    );
}

#[tokio::test]
async fn seat_should_be_dropped_when_it_is_too_late_or_its_job_is_unknown() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    let unknown = SeatNow {
        case: None,
        ..world.seat(SeatState::Drawn, AUDITING)
    };
    daemon.tell(10, vec![unknown]).await;
    daemon
        .tell(11, vec![world.seat(SeatState::Drawn, CheckStage::Opening)])
        .await;
    daemon
        .tell(12, vec![world.seat(SeatState::Absent, AUDITING)])
        .await;
    for _ in 0..3 {
        // The last one is taken only when the ones before it were worked off.
        daemon.tell(12, vec![]).await;
    }
    assert_eq!(daemon.record(), None);
    // One that was begun in time and was overtaken.
    daemon
        .tell(13, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.reaches(State::Drawn).await;
    daemon
        .tell(
            14,
            vec![world.seat(SeatState::Absent, CheckStage::Drawing(Role::First))],
        )
        .await;
    daemon.reaches(State::Abandoned(Reason::Absent)).await;
    let asked = world.source.asked.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert_eq!(
        world.source.asked.load(Ordering::SeqCst),
        asked,
        "nobody asks any more"
    );
    assert!(world.outbox.said().is_empty());
}

#[tokio::test]
async fn seat_should_be_forgotten_only_when_it_is_old() {
    let world = World::new();
    let daemon = world.start(FakeExaminer::default());
    daemon
        .tell(10, vec![world.seat(SeatState::Drawn, AUDITING)])
        .await;
    daemon.tell(11, vec![]).await;
    daemon.reaches(State::Abandoned(Reason::Gone)).await;
    daemon.tell(11 + KEEP_TICKS, vec![]).await;
    daemon.tell(11 + KEEP_TICKS, vec![]).await;
    assert!(daemon.record().is_some());
    daemon.tell(11 + KEEP_TICKS + PRUNE_EVERY_TICKS, vec![]).await;
    daemon.until("forgotten", || daemon.record().is_none()).await;
}
