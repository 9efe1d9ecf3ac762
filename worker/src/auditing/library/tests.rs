//! The library against a hub, a chain and a disk that the test plays.

mod sources;
mod waits;

use super::*;
use crate::{
    auditing::{
        fakes::{locked, FakeSource},
        fixtures,
    },
    cli::config::ModelEntry,
};
use fake_hub::FakeHub;
use memory::{Free, Measure};
use std::{collections::HashMap, path::Path};

const NAME: &str = "owner/tiny";
const QUICK: Pauses = Pauses {
    first: Duration::from_millis(5),
    longest: Duration::from_millis(10),
    chain: Duration::from_millis(5),
};
const ROOMY: Measure = || Free {
    device: "machine",
    mib: 1_000_000,
};
const ALLOWED: Settings = Settings {
    fetch: true,
    max_bytes: 1 << 30,
};

/// A registered model that a hub has and this machine has not.
struct World {
    data: tempfile::TempDir,
    hub: FakeHub,
    model: Model,
    settings: Settings,
    measure: Measure,
    configured: Vec<ModelEntry>,
}

fn id() -> ModelId {
    ModelId::repeat_byte(0xAA)
}

impl World {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let files = data.path().join("files");
        crate::engine::tiny::write(&files).expect("written");
        let hub = FakeHub::start();
        hub.add(NAME, &files);
        let mut model = fixtures::model(Some(&files));
        model.spec.name = NAME.as_bytes().to_vec().try_into().expect("short");
        Self {
            data,
            hub,
            model,
            settings: ALLOWED,
            measure: ROOMY,
            configured: Vec::new(),
        }
    }

    fn named(mut self, name: &str) -> Self {
        self.model.spec.name = name.as_bytes().to_vec().try_into().expect("short");
        self
    }

    fn library(&self) -> HubLibrary {
        let folders = Folders::new(self.configured.clone(), self.data.path().into());
        let folders = Arc::new(folders);
        let engines = Engines::with_folders(HashMap::new(), folders.clone(), self.measure);
        let source = FakeSource::default();
        *locked(&source.model) = Some(self.model.clone());
        let endpoint = self.hub.endpoint.clone();
        HubLibrary::new(Parts {
            engines: Arc::new(engines),
            folders,
            source: Arc::new(source),
            settings: self.settings,
            open_hub: Box::new(move || Hub::new(&endpoint, None)),
            measure: self.measure,
            pauses: QUICK,
        })
    }

    fn files(&self) -> PathBuf {
        self.data.path().join("files")
    }

    fn shelf(&self) -> PathBuf {
        self.data.path().join("audit-models").join(hex::encode(id()))
    }

    /// Changes one of the hub's files, keeping its length.
    fn change(&self, file: &str) {
        self.hub.change(|content| {
            let files = content.repositories.get_mut(NAME).expect("there");
            let bytes = files.get_mut(file).expect("there");
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
        });
    }
}

/// For a seat that is over in 42 minutes.
fn wanted() -> Wanted {
    let needs = Needs::new(0, BTreeMap::from([(id(), 1_260)]));
    Wanted {
        id: id(),
        needs: watch::Sender::new(needs).subscribe(),
    }
}

async fn provided(library: &HubLibrary) -> Result<(), NotProvided> {
    tokio::time::timeout(Duration::from_secs(20), library.provide(wanted()))
        .await
        .expect("in time")
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.flatten().map(name).collect();
    names.sort();
    names
}

/// What the status says of the model that failed.
fn cause(library: &HubLibrary) -> String {
    match library.status().as_slice() {
        [ModelStatus {
            stage: Stage::Failed { cause },
            ..
        }] => cause.clone(),
        other => panic!("nothing failed: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_fetched_once_and_load() {
    let world = World::new();
    let library = world.library();
    provided(&library).await.expect("fetched");
    let mut expected = names(&world.files());
    expected.insert(0, ".used".into());
    assert_eq!(names(&world.shelf()), expected);
    assert_eq!(library.status(), []);
    let engines = library.parts.engines.clone();
    engines.get(&id(), Some(&world.model)).expect("loaded");
    assert!(library.is_loaded(&id()));
    // The next daemon finds it without asking the hub.
    let asked = world.hub.asked().len();
    provided(&world.library()).await.expect("here");
    assert_eq!(world.hub.asked().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_not_be_fetched_when_a_configured_folder_has_it() {
    let mut world = World::new();
    world.configured.push(ModelEntry {
        dir: world.files(),
        id: None,
    });
    world.settings.fetch = false;
    provided(&world.library()).await.expect("here");
    assert!(world.hub.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_searched_for_when_its_name_names_no_owner() {
    let world = World::new().named("tiny");
    // Of the same name, with other files; it comes first.
    let other = world.data.path().join("other");
    std::fs::create_dir(&other).expect("made");
    std::fs::write(other.join("config.json"), b"{}").expect("written");
    world.hub.add("another/tiny", &other);
    world.hub.add("owner/tiny-instruct", &world.files());
    provided(&world.library()).await.expect("fetched");
    let asked = world.hub.asked();
    assert!(asked[0].0.starts_with("/api/models?search=tiny&"), "{asked:?}");
    assert!(
        asked.iter().all(|(path, _)| !path.contains("tiny-instruct")),
        "{asked:?}"
    );
    assert!(
        !asked.iter().any(|(path, _)| path.starts_with("/another/")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_should_go_on_where_it_was_when_it_was_given_up() {
    let world = World::new();
    let weights = world.files().join("model.safetensors");
    let length = std::fs::metadata(&weights).expect("there").len();
    // The line breaks after a part, and for good after that.
    world.hub.change(|content| content.cut_after = Some(1_000));
    let library = Arc::new(world.library());
    let fetching = tokio::spawn({
        let library = library.clone();
        async move { library.provide(wanted()).await }
    });
    let part = || {
        let mut names = names(&world.shelf()).into_iter();
        names.find(|name| name.starts_with(".model.safetensors.") && name.ends_with(".part"))
    };
    let some = |name: String| {
        let metadata = std::fs::metadata(world.shelf().join(name));
        metadata.is_ok_and(|metadata| metadata.len() > 0)
    };
    while !part().is_some_and(some) {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let shown = library.status();
    assert!(
        matches!(&shown[0].stage, Stage::Fetching { total_bytes, .. } if *total_bytes > length),
        "{shown:?}"
    );
    world.hub.change(|content| content.down = true);
    fetching.abort();
    let _ = fetching.await;
    assert_eq!(library.status(), [], "nobody waits");
    world.hub.change(|content| {
        (content.down, content.cut_after) = (false, None);
        content.asked.clear();
    });
    provided(&world.library()).await.expect("fetched");
    let asked = world.hub.asked();
    let ranges: Vec<_> = asked
        .iter()
        .filter(|(path, _)| path.ends_with(".safetensors"))
        .map(|(_, range)| range.clone())
        .collect();
    let start: u64 = match ranges.as_slice() {
        [Some(range)] => range.trim_end_matches('-').parse().expect("a number"),
        other => panic!("not gone on with: {other:?}"),
    };
    assert!((1..length).contains(&start), "{start}");
    assert!(part().is_none(), "no part is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_should_be_tried_again_when_the_hub_fails_or_a_file_is_damaged() {
    let world = World::new();
    world.hub.change(|content| content.damaged = true);
    let library = Arc::new(world.library());
    let fetching = tokio::spawn({
        let library = library.clone();
        async move { provided(&library).await }
    });
    while world.hub.weights_asked() < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(!world.shelf().join("model.safetensors").exists());
    world
        .hub
        .change(|content| (content.damaged, content.down) = (false, true));
    let asked = world.hub.asked().len();
    while world.hub.asked().len() < asked + 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    world.hub.change(|content| content.down = false);
    fetching.await.expect("no panic").expect("fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_refused_and_the_hub_left_alone_when_a_file_is_another() {
    let world = World::new();
    // The hub is at one with itself; only the chain's hash tells.
    world.change("model.safetensors");
    let library = world.library();
    let error = provided(&library).await.expect_err("another content");
    assert!(matches!(error, NotProvided::NoSource { .. }), "{error}");
    let shown = cause(&library);
    assert!(
        shown.contains("owner/tiny has another content in model.safetensors"),
        "{shown}"
    );
    assert!(
        shown.contains("or put its files into") && shown.contains("audit-models"),
        "{shown}"
    );
    assert!(!world.shelf().join("model.safetensors").exists());
    let asked = world.hub.asked().len();
    let again = provided(&library).await.expect_err("remembered");
    assert!(matches!(again, NotProvided::Before(_)), "{again}");
    assert_eq!(world.hub.asked().len(), asked);
    // The advice works.
    for name in names(&world.files()) {
        std::fs::copy(world.files().join(&name), world.shelf().join(&name)).expect("copied");
    }
    provided(&library).await.expect("here");
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_should_not_be_paid_for_when_a_small_file_is_another() {
    let world = World::new();
    world.change("config.json");
    provided(&world.library()).await.expect_err("another content");
    assert_eq!(world.hub.weights_asked(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_refused_before_anything_is_asked_when_it_cannot_be_used() {
    let (mut off, mut small, mut full) = (World::new(), World::new(), World::new());
    off.settings.fetch = false;
    small.settings.max_bytes = 1_000;
    // More than any disk.
    let mut manifest = full.model.spec.manifest.to_vec();
    manifest[0].size_bytes = 1 << 60;
    full.model.spec.manifest = manifest.try_into().expect("as many");
    full.settings.max_bytes = u64::MAX;
    full.measure = || Free {
        device: "machine",
        mib: u64::MAX,
    };
    let mut program = World::new();
    let mut manifest = program.model.spec.manifest.to_vec();
    manifest[0].name = b"run.so".to_vec().try_into().expect("short");
    program.model.spec.manifest = manifest.try_into().expect("as many");
    for (world, says) in [
        (&off, "switched off (`fetch_models_for_audits`); set it to true"),
        (&small, "raise `audit_models_max_bytes`"),
        (&full, "free some space"),
        (&program, "run.so is neither weights nor settings nor text"),
    ] {
        let library = world.library();
        provided(&library).await.expect_err(says);
        let shown = cause(&library);
        assert!(shown.contains(says), "{shown}");
        assert!(world.hub.asked().is_empty() && !world.shelf().exists(), "{says}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_wait_for_memory_that_jobs_have() {
    use std::sync::atomic::{AtomicU64, Ordering};
    static FREE_MIB: AtomicU64 = AtomicU64::new(0);
    let mut world = World::new();
    world.measure = || Free {
        device: "GPU",
        mib: FREE_MIB.load(Ordering::SeqCst),
    };
    let library = Arc::new(world.library());
    let fetching = tokio::spawn({
        let library = library.clone();
        async move { provided(&library).await }
    });
    let paused = || {
        let shown = library.status();
        shown
            .iter()
            .any(|status| status.line().contains("0 MiB are free on the GPU"))
    };
    while !paused() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(world.hub.asked().is_empty());
    FREE_MIB.store(10_000, Ordering::SeqCst);
    fetching.await.expect("no panic").expect("fetched");
}

#[tokio::test(flavor = "multi_thread")]
async fn model_should_be_said_to_have_no_source_when_no_repository_has_its_name() {
    for name in ["owner/other", "other", "no repository's name"] {
        let world = World::new().named(name);
        let library = world.library();
        let error = provided(&library).await.expect_err("nobody has it");
        assert!(matches!(error, NotProvided::NoSource { .. }), "{error}");
        assert!(cause(&library).contains("no repository of the hub has its files"));
    }
}
