//! Repositories that bear a model's name and hold something else.
//!
//! Whoever takes the name of a model can offer genuine small files and weights of the right length with another
//! content, which shows only after they have come. What was found so is not looked at again, and once it is more than
//! the model's own bytes, no further repository is tried for a day.

use ogpu_client::hub::Repository;
use ogpu_primitives::ModelId;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// For so long the bytes of wrong content count.
const DAY: Duration = Duration::from_secs(86_400);

/// What was found so far, by model. Grows by a few entries an hour at most, as a hub without the model is not asked
/// more often.
#[derive(Default)]
pub struct WrongSources(Mutex<BTreeMap<ModelId, Wrong>>);

#[derive(Default)]
struct Wrong {
    /// What is wrong with it, by repository and commit.
    causes: BTreeMap<String, BTreeMap<String, String>>,
    /// When something came, and how many bytes.
    came: Vec<(Instant, u64)>,
}

impl WrongSources {
    /// Notes that a repository has another content at a commit, of which `bytes` came.
    pub fn note(&self, id: ModelId, repository: &Repository, commit: &str, cause: String, bytes: u64) {
        let mut all = self.lock();
        let wrong = all.entry(id).or_default();
        let commits = wrong.causes.entry(repository.to_string()).or_default();
        commits.insert(commit.to_owned(), cause);
        wrong.came.push((Instant::now(), bytes));
    }

    /// What is wrong with a repository at a commit, as far as that was found out.
    pub fn cause(&self, id: &ModelId, repository: &Repository, commit: &str) -> Option<String> {
        let all = self.lock();
        let commits = all.get(id)?.causes.get(&repository.to_string())?;
        commits.get(commit).cloned()
    }

    /// At how many commits a repository was wrong.
    pub fn times(&self, id: &ModelId, repository: &Repository) -> usize {
        let all = self.lock();
        let commits = all
            .get(id)
            .and_then(|wrong| wrong.causes.get(&repository.to_string()));
        commits.map_or(0, BTreeMap::len)
    }

    /// Bytes of wrong content that came in the last day.
    pub fn bytes(&self, id: &ModelId) -> u64 {
        let mut all = self.lock();
        let Some(wrong) = all.get_mut(id) else {
            return 0;
        };
        wrong.came.retain(|(at, _)| at.elapsed() < DAY);
        let bytes = wrong.came.iter().map(|(_, bytes)| *bytes);
        bytes.fold(0, u64::saturating_add)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ModelId, Wrong>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_content_should_be_known_by_model_repository_and_commit() {
        let (id, other) = (ModelId::repeat_byte(1), ModelId::repeat_byte(2));
        let repository = |name: &str| name.parse::<Repository>().expect("a name");
        let (bad, good) = (repository("bad/tiny"), repository("good/tiny"));
        let wrong = WrongSources::default();
        for commit in ["00", "11"] {
            wrong.note(id, &bad, commit, "another content".into(), 100);
        }
        assert_eq!(wrong.cause(&id, &bad, "00").as_deref(), Some("another content"));
        assert_eq!(wrong.cause(&id, &bad, "22"), None);
        assert_eq!(wrong.cause(&id, &good, "00"), None);
        assert_eq!(wrong.cause(&other, &bad, "00"), None);
        assert_eq!((wrong.times(&id, &bad), wrong.times(&id, &good)), (2, 0));
        assert_eq!((wrong.bytes(&id), wrong.bytes(&other)), (200, 0));
    }
}
