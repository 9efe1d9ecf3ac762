//! A worker's result, as its prover's side shows it, through the auditor's side to the runtime's judgement, on tiny
//! models.

use super::{
    engines::Engines,
    examine::Examiner,
    fakes::{locked, FakeLibrary, FakeOutbox, FakeSource},
    fetch::Pauses,
    fixtures::{self, tiny, GENESIS, SALT, TOKENS},
    library::{self, fake_hub::FakeHub, memory::Free, Folders, HubLibrary, Library, Settings},
    manager::{Manager, Parts},
    outbox::Message,
    record::Case,
    status::Status,
    store::AuditStore,
    tiny_bert,
    view::{SeatNow, Snapshot},
};
use crate::{
    engine::{Engine, EvidenceSpec, Request},
    jobs::proof::{Proof, ProvedOutput},
};
use ogpu_client::{chain::SeatState, hub::Hub, sealed::seal_audit};
use ogpu_primitives::{
    evidence::embedding_root,
    judge,
    jury_sketch::{shared_by_most, sketched_tokens},
    sampler, AuditOpening, AuditReport, CheckStage, ChunkSketch, EmbedParams, FinishReason, JobKind,
    JobParams, Judgement, Origin, Role, Shown, WhiteningTable, H256,
};
use std::{
    collections::HashMap,
    sync::{atomic::AtomicBool, Arc},
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// What a worker committed to, and what it can show of it.
struct Result {
    case: Case,
    proof: Proof,
    table: Arc<WhiteningTable>,
    load: fn() -> Engine,
    /// Of the seat that checks it.
    role: Role,
}

/// An honest worker's, of 60 tokens at most.
fn computed() -> Result {
    let (engine, mut case) = (tiny(), fixtures::case(1));
    let JobParams::Generate(params) = &mut case.request.params else {
        panic!("a text")
    };
    params.max_output_tokens = 60;
    let seed = sampler::seed(&GENESIS, &case.model, params);
    let dimensions = engine.hidden_size().expect("a decoder");
    let table = WhiteningTable::fit(&vec![1 << 20; dimensions], &vec![1 << 23; dimensions]);
    let table = Arc::new(table.expect("a table"));
    let request = Request::new(&TOKENS, params, &seed).with_evidence(EvidenceSpec {
        job: case.work.job,
        table: Some(table.clone()),
        units: case.thresholds.sketch_units,
    });
    let generation = engine.generate_with(&request, &AtomicBool::new(false), &mut |_| ());
    let generation = generation.expect("computed");
    assert!(generation.tokens.len() > 32, "more than a chunk");
    case.whitened = true;
    case.commitment.finish = generation.finish;
    let proof = Proof {
        salt: SALT,
        input_ids: TOKENS.to_vec(),
        output: ProvedOutput::Tokens {
            ids: generation.tokens,
            records: generation.evidence.expect("asked for"),
        },
    };
    let mut result = Result {
        case,
        proof,
        table,
        load: tiny,
        role: Role::First,
    };
    result.commit();
    result
}

/// An honest worker's embedding.
fn embedded() -> Result {
    let mut case = fixtures::case(2);
    (case.kind, case.request.params) = (JobKind::Embed, JobParams::Embed(EmbedParams { normalize: true }));
    case.commitment.finish = FinishReason::Complete;
    let vector = tiny_bert::load().embed(&TOKENS, true).expect("computed");
    let bytes = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut result = Result {
        case,
        proof: Proof {
            salt: SALT,
            input_ids: TOKENS.to_vec(),
            output: ProvedOutput::Vector(bytes),
        },
        table: Arc::new(WhiteningTable::unit(16).expect("a table")),
        load: tiny_bert::load,
        role: Role::First,
    };
    result.commit();
    result
}

impl Result {
    fn commit(&mut self) {
        let Self { case, proof, .. } = self;
        case.commitment.n_out = proof.output_tokens();
        case.commitment.root = proof.root(&case.worker.0, &case.work, case.commitment.finish);
    }

    fn tokens(&mut self) -> &mut Vec<u32> {
        match &mut self.proof.output {
            ProvedOutput::Tokens { ids, .. } => ids,
            ProvedOutput::Vector(_) => panic!("a text"),
        }
    }

    fn seat(&self, state: SeatState, stage: CheckStage) -> SeatNow {
        SeatNow {
            work: self.case.work,
            role: self.role,
            state,
            stage,
            due: 220,
            demand: None,
            jury_key: self.case.jury_key,
            case: Some(self.case.clone()),
        }
    }

    /// The same before a jury.
    fn on_jury(mut self) -> Self {
        (self.role, self.case.jury_key) = (Role::Juror, Some(fixtures::JURY_KEY));
        self
    }

    /// Engines of a worker that serves the model.
    fn served(&self) -> Arc<Engines> {
        let served = HashMap::from([(self.case.model, Arc::new((self.load)()))]);
        Arc::new(Engines::new(served, Box::new(|_, _| panic!("it is served"))))
    }

    /// The audit from the draw to the opening by a worker that serves the model, and what the runtime says of it.
    async fn judged(&self) -> Judgement {
        let (source, library) = (Arc::default(), Arc::new(FakeLibrary::default()));
        self.judged_by(self.served(), source, library).await
    }

    /// The report that such a worker opens.
    async fn report(&self) -> AuditReport {
        let (source, library) = (Arc::default(), Arc::new(FakeLibrary::default()));
        match self.audited(self.served(), source, library).await {
            (_, Message::Open { report, .. }) => report,
            (_, other) => panic!("no opening: {other:?}"),
        }
    }

    /// The same by a worker that has these engines and this library.
    async fn judged_by(
        &self,
        engines: Arc<Engines>,
        source: Arc<FakeSource>,
        library: Arc<dyn Library>,
    ) -> Judgement {
        let (hash, opened) = self.audited(engines, source, library).await;
        let Message::Open { report, salt, .. } = opened else {
            panic!("no opening: {opened:?}")
        };
        assert_eq!(report.commitment(&fixtures::us().0, &salt), hash);
        let origin = Origin {
            worker: self.case.worker.0,
            work: self.case.work,
        };
        let opening = self
            .proof
            .opening(&origin.worker, &origin.work)
            .expect("short enough");
        let Case {
            commitment,
            thresholds,
            ..
        } = &self.case;
        let sketches: Vec<(u32, &ChunkSketch)>;
        let shown = match &opening {
            AuditOpening::Generate(opening) => {
                opening.verify(&origin, commitment).expect("what was committed");
                let chunks = opening.chunks.iter().map(|chunk| &chunk.sketch);
                sketches = (0u32..).zip(chunks).collect();
                Shown::Generate(&sketches)
            }
            AuditOpening::Embed(bytes) => {
                let root = embedding_root(&origin.worker, &origin.work, bytes, commitment.n_in);
                assert_eq!(root, commitment.root);
                Shown::Embed(bytes)
            }
        };
        let findings = judge(&report, shown, thresholds, commitment.n_out).expect("both fit");
        findings.judgement
    }

    /// What the auditor says on chain.
    async fn audited(
        &self,
        engines: Arc<Engines>,
        source: Arc<FakeSource>,
        library: Arc<dyn Library>,
    ) -> (H256, Message) {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Arc::new(FakeOutbox::default());
        let reader = fixtures::reader();
        let sealed = seal_audit(
            &GENESIS,
            &self.case.work,
            &fixtures::us(),
            &reader.key.public(),
            &self.proof.for_auditor(),
        );
        *locked(&source.serves) = Some(sealed.expect("sealed"));
        let tables = HashMap::from([(self.case.model, self.table.clone())]);
        let manager = Manager::new(Parts {
            store: AuditStore::open(&folder.path().join("audits.redb")).expect("a store"),
            reader,
            source,
            library,
            examine: Arc::new(Examiner::new(GENESIS, engines, Arc::new(tables))),
            outbox: outbox.clone(),
            pauses: Pauses::default(),
            status: watch::channel(Status::default()).0,
            extra_model: Box::new(|| None),
        });
        let (snapshots, told) = mpsc::channel(1);
        let (_shutdown, closing) = watch::channel(false);
        tokio::spawn(manager.expect("a manager").run(told, closing));
        let tell = |tick, seat| {
            let snapshots = snapshots.clone();
            async move {
                let snapshot = Snapshot {
                    block: 1,
                    tick,
                    seats: vec![seat],
                };
                snapshots.send(snapshot).await.expect("it runs");
            }
        };
        let auditing = CheckStage::Auditing(self.role);
        tell(10, self.seat(SeatState::Drawn, auditing)).await;
        let Message::Commit { hash, .. } = said(&outbox, 0).await else {
            panic!("no hash: {:?}", outbox.said())
        };
        let reporting = CheckStage::Reporting(self.role);
        tell(100, self.seat(SeatState::Committed(hash), reporting)).await;
        (hash, said(&outbox, 1).await)
    }
}

async fn said(outbox: &FakeOutbox, at: usize) -> Message {
    for _ in 0..2_000 {
        if let Some(message) = outbox.said().get(at) {
            return message.clone();
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nothing was said: {:?}", outbox.said())
}

#[tokio::test(flavor = "multi_thread")]
async fn result_should_pass_when_its_worker_was_honest() {
    assert_eq!(computed().judged().await, Judgement::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn juror_should_show_that_it_computed_and_an_auditor_should_not() {
    assert_eq!(computed().on_jury().judged().await, Judgement::Pass);
    let auditor = computed().report().await;
    assert_eq!(auditor.jury_sketch(), None);
    let jury = computed().on_jury();
    let jurors = [jury.report().await, jury.report().await];
    let sketch = jurors[0].jury_sketch().expect("a sketch");
    assert!(sketch.covers(sketched_tokens(jury.case.commitment.n_out)));
    // One that sends what could be read on chain has none.
    let votes = [&jurors[0], &jurors[1], &auditor].map(AuditReport::jury_sketch);
    assert_eq!(shared_by_most(&votes, &jury.case.thresholds), [true, true, false]);
    // Embeddings are compared as they are.
    assert_eq!(embedded().on_jury().judged().await, Judgement::Pass);
}

#[tokio::test(flavor = "multi_thread")]
async fn result_should_be_judged_when_its_model_has_to_be_fetched_first() {
    let (mut result, data, hub) = (
        computed(),
        tempfile::tempdir().expect("a folder"),
        FakeHub::start(),
    );
    let files = data.path().join("files");
    crate::engine::tiny::write(&files).expect("written");
    hub.add("owner/tiny", &files);
    let mut model = fixtures::model(Some(&files));
    model.spec.name = b"owner/tiny".to_vec().try_into().expect("short");
    let source = Arc::new(FakeSource::default());
    *locked(&source.model) = Some(model);
    let roomy = || Free {
        device: "machine",
        mib: 1_000_000,
    };
    let worker = || {
        let folders = Arc::new(Folders::new(Vec::new(), data.path().into()));
        let engines = Arc::new(Engines::with_folders(HashMap::new(), folders.clone(), roomy));
        let endpoint = hub.endpoint.clone();
        let library = HubLibrary::new(library::Parts {
            engines: engines.clone(),
            folders,
            source: source.clone(),
            settings: Settings {
                fetch: true,
                max_bytes: 1 << 30,
            },
            open_hub: Box::new(move || Hub::new(&endpoint, None)),
            measure: roomy,
            pauses: library::PAUSES,
        });
        (engines, Arc::new(library))
    };
    let (engines, library) = worker();
    let judgement = result.judged_by(engines.clone(), source.clone(), library).await;
    assert_eq!(judgement, Judgement::Pass);
    assert_eq!(engines.extra(), Some(result.case.model));
    // After a restart it is on disk, and a cheat is found out with it as well.
    let asked = hub.asked().len();
    for at in [2, 9, 17, 23, 40] {
        let id = &mut result.tokens()[at];
        *id = (*id + 1) % 256;
    }
    result.commit();
    let (engines, library) = worker();
    let judgement = result.judged_by(engines, source.clone(), library).await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
    assert_eq!(hub.asked().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn result_should_fail_when_its_worker_changed_the_text() {
    let mut result = computed();
    for at in [2, 9, 17, 23, 40] {
        let id = &mut result.tokens()[at];
        *id = (*id + 1) % 256;
    }
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn result_should_fail_when_its_worker_used_another_model() {
    let mut result = computed();
    let ProvedOutput::Tokens { records, .. } = &mut result.proof.output else {
        panic!("a text")
    };
    // Hidden states that are a tenth off.
    for record in records {
        let sums = record.sketch.sums().iter().map(|sum| sum + sum / 10).collect();
        record.sketch = ChunkSketch::from_sums(sums).expect("as long as before");
    }
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn result_should_fail_when_no_model_can_have_made_it() {
    let mut result = computed();
    result.tokens()[5] = 9_999;
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
    let mut result = computed();
    result.case.commitment.finish = match result.case.commitment.finish {
        FinishReason::Length => FinishReason::Stop,
        _ => FinishReason::Length,
    };
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn embedding_should_pass_only_when_its_worker_was_honest() {
    assert_eq!(embedded().judged().await, Judgement::Pass);
    let mut result = embedded();
    let ProvedOutput::Vector(bytes) = &mut result.proof.output else {
        panic!("an embedding")
    };
    let value = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) + 0.05;
    bytes[..4].copy_from_slice(&value.to_le_bytes());
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn embedding_should_fail_when_no_model_can_have_made_it() {
    let mut result = embedded();
    result.proof.input_ids[1] = 9_999;
    result.case.request.input_commitment =
        ogpu_primitives::job::input_commitment(&SALT, &result.proof.input_ids);
    result.commit();
    let judgement = result.judged().await;
    assert!(matches!(judgement, Judgement::Fail(_)), "{judgement:?}");
}
