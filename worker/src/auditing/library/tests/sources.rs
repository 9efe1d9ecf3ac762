//! Hubs that have something else under the model's name, and parts of files.

use super::*;

const WEIGHTS: &str = "model.safetensors";

impl World {
    /// A repository with all the model's files, whose weights have another content.
    fn squat(&self, repository: &str) {
        let dir = self.data.path().join(repository.replace('/', "-"));
        std::fs::create_dir(&dir).expect("made");
        for name in names(&self.files()) {
            let mut bytes = std::fs::read(self.files().join(&name)).expect("read");
            if name == WEIGHTS {
                bytes[1_000] ^= 1;
            }
            std::fs::write(dir.join(name), bytes).expect("written");
        }
        self.hub.add(repository, &dir);
    }

    /// How often a repository's weights were asked for.
    fn asked_of(&self, repository: &str) -> usize {
        let asked = self.hub.asked();
        let of = |path: &str| path.starts_with(&format!("/{repository}/resolve/")) && path.ends_with(WEIGHTS);
        asked.iter().filter(|(path, _)| of(path)).count()
    }

    /// A part in the model's folder.
    fn part(&self, id: &str, bytes: &[u8]) -> PathBuf {
        let part = self.shelf().join(format!(".{WEIGHTS}.{id}.part"));
        std::fs::create_dir_all(self.shelf()).expect("made");
        std::fs::write(&part, bytes).expect("written");
        part
    }
}

/// As if the hour were over.
fn ask_again(library: &HubLibrary) {
    locked(&library.absent).clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn part_should_be_deleted_when_no_repository_goes_on_with_it() {
    let world = World::new();
    world.squat(NAME);
    let stale = world.part("00ff00ff00ff00ff", &[0; 5_000]);
    provided(&world.library()).await.expect_err("another content");
    assert!(!stale.exists(), "{:?}", names(&world.shelf()));
}

#[tokio::test(flavor = "multi_thread")]
async fn file_should_be_fetched_once_more_when_its_part_was_damaged() {
    let world = World::new();
    // The hub names no SHA-256 of it, so that the part looks as good as any.
    let part = world.part("0123456789abcdef", &[7; 5_000]);
    provided(&world.library()).await.expect("fetched");
    assert!(!part.exists());
    let asked = world.hub.asked();
    let ranges: Vec<_> = asked.iter().filter(|(path, _)| path.ends_with(WEIGHTS)).collect();
    assert_eq!(ranges.len(), 2);
    assert_eq!(
        (ranges[0].1.as_deref(), ranges[1].1.as_deref()),
        (Some("5000-"), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn repository_should_not_be_fetched_again_when_it_was_found_wrong() {
    let world = World::new().named("tiny");
    world.hub.change(|content| content.repositories.clear());
    world.squat("a/tiny");
    let library = world.library();
    provided(&library).await.expect_err("another content");
    // Without a SHA-256 each content is fetched twice before it counts as another one.
    assert_eq!(world.asked_of("a/tiny"), 2);
    world.hub.add(NAME, &world.files());
    ask_again(&library);
    provided(&library).await.expect("fetched");
    assert_eq!((world.asked_of("a/tiny"), world.asked_of(NAME)), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_should_be_left_alone_when_too_much_wrong_content_came() {
    let world = World::new().named("tiny");
    world.hub.change(|content| content.repositories.clear());
    for repository in ["a/tiny", "b/tiny", "c/tiny", "d/tiny"] {
        world.squat(repository);
    }
    let library = world.library();
    for _ in 0..2 {
        let error = provided(&library).await.expect_err("another content");
        assert!(
            error.to_string().contains("no further repository is tried today"),
            "{error}"
        );
        // Once the model's bytes have come in vain, the next one is not looked at.
        let asked = ["a/tiny", "b/tiny", "c/tiny", "d/tiny"].map(|name| world.asked_of(name));
        assert_eq!(asked, [2, 2, 0, 0]);
        ask_again(&library);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repository_should_come_first_when_others_were_wrong_before() {
    let world = World::new().named("tiny");
    world.hub.change(|content| content.repositories.clear());
    let library = world.library();
    for letter in ["a", "b", "c", "d", "e"] {
        let name = format!("{letter}/tiny");
        world.squat(&name);
        let repository = name.parse().expect("a name");
        // They have been pushed anew since.
        library
            .wrong
            .note(id(), &repository, "00", "another content".into(), 0);
    }
    world.hub.add(NAME, &world.files());
    provided(&library).await.expect("fetched");
    assert_eq!((world.asked_of("a/tiny"), world.asked_of(NAME)), (0, 1));
}
