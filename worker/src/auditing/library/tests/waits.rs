//! What changes while a model is waited for: what open seats need, and memory.

use super::*;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Waits until the status says so.
async fn says(library: &HubLibrary, what: &str) {
    let said = || library.status().iter().any(|status| status.line().contains(what));
    let waiting = async {
        while !said() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "{what}: {:?}", library.status());
}

fn needs(due: &[(ModelId, Tick)]) -> Needs {
    Needs::new(0, due.iter().copied().collect())
}

fn provide(
    library: &Arc<HubLibrary>,
    told: &watch::Sender<Needs>,
) -> tokio::task::JoinHandle<Result<(), NotProvided>> {
    let (library, needs) = (library.clone(), told.subscribe());
    tokio::spawn(async move { library.provide(Wanted { id: id(), needs }).await })
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_stay_on_the_shelf_when_a_later_seat_needs_it() {
    static FREE_MIB: AtomicU64 = AtomicU64::new(0);
    let mut world = World::new();
    world.measure = || Free {
        device: "machine",
        mib: FREE_MIB.load(Ordering::SeqCst),
    };
    let manifest = Manifest::from_entries(&world.model.spec.manifest).expect("plain names");
    world.settings.max_bytes = manifest.total_bytes();
    let other = ModelId::repeat_byte(0xBB);
    let shelved = world.shelf().with_file_name(hex::encode(other));
    std::fs::create_dir_all(&shelved).expect("made");
    std::fs::write(shelved.join("model.gguf"), b"weights").expect("written");
    let library = Arc::new(world.library());
    let told = watch::Sender::new(needs(&[(id(), 1_000)]));
    let providing = provide(&library, &told);
    says(&library, "0 MiB are free on the machine").await;
    told.send_replace(needs(&[(id(), 1_000), (other, 1_000)]));
    FREE_MIB.store(1_000_000, Ordering::SeqCst);
    let error = providing
        .await
        .expect("no panic")
        .expect_err("no room beside the other one");
    assert!(matches!(error, NotProvided::Budget { .. }), "{error}");
    assert!(shelved.join("model.gguf").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_fetched_when_a_later_seat_has_the_time() {
    let mut world = World::new();
    let manifest = Manifest::from_entries(&world.model.spec.manifest).expect("plain names");
    world.settings.max_bytes = manifest.total_bytes();
    let mut library = world.library();
    // Only the later seat ends the pause.
    library.parts.pauses.first = Duration::from_secs(3_600);
    let library = Arc::new(library);
    // Nothing is removed for what cannot come in time.
    let other = world.shelf().with_file_name("bb".repeat(32));
    std::fs::create_dir_all(&other).expect("made");
    std::fs::write(other.join("model.gguf"), b"weights").expect("written");
    let told = watch::Sender::new(needs(&[(id(), 0)]));
    let providing = provide(&library, &told);
    says(&library, "fetch it before the next one").await;
    assert!(world.hub.asked().is_empty() && other.exists());
    told.send_replace(needs(&[(id(), 1_000)]));
    let provided = tokio::time::timeout(Duration::from_secs(20), providing).await;
    provided.expect("at once").expect("no panic").expect("fetched");
    assert!(!other.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn model_on_disk_should_wait_for_memory_unless_it_is_loaded() {
    static FREE_MIB: AtomicU64 = AtomicU64::new(0);
    let mut world = World::new();
    world.measure = || Free {
        device: "GPU",
        mib: FREE_MIB.load(Ordering::SeqCst),
    };
    world.configured.push(ModelEntry {
        dir: world.files(),
        id: None,
    });
    let library = Arc::new(world.library());
    let told = watch::Sender::new(needs(&[(id(), 1_000)]));
    let providing = provide(&library, &told);
    says(&library, "0 MiB are free on the GPU").await;
    FREE_MIB.store(10_000, Ordering::SeqCst);
    providing.await.expect("no panic").expect("here");
    let engines = library.parts.engines.clone();
    let _in_use = engines.get(&id(), Some(&world.model)).expect("loaded");
    FREE_MIB.store(0, Ordering::SeqCst);
    provided(&library).await.expect("loaded already");
}

#[test]
fn model_of_earlier_audits_should_be_dropped_only_when_its_memory_is_needed() {
    let world = World::new();
    let engines = world.library().parts.engines.clone();
    let load = || {
        let load = |_: &ModelId, _: &Model| Ok(fixtures::tiny());
        let engines = Engines::new(HashMap::new(), Box::new(load));
        engines.get(&id(), Some(&world.model)).expect("loaded");
        engines
    };
    assert!(
        fits(&engines, 10, || Free {
            device: "GPU",
            mib: 0
        })
        .is_err(),
        "nothing to drop"
    );
    let engines = load();
    fits(&engines, 10, ROOMY).expect("it fits");
    assert_eq!(engines.extra(), Some(id()));

    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let freed: Measure = || Free {
        device: "GPU",
        mib: 10_000 * CALLS.fetch_add(1, Ordering::SeqCst) as u64,
    };
    fits(&engines, 10, freed).expect("it fits now");
    assert_eq!(engines.extra(), None);

    let engines = load();
    let in_use = engines.get(&id(), None).expect("loaded");
    assert!(fits(&engines, 10, || Free {
        device: "GPU",
        mib: 0
    })
    .is_err());
    assert_eq!(engines.extra(), Some(id()));
    drop(in_use);
}
