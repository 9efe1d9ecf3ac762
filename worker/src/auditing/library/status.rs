//! How far models are that audits wait for.

use ogpu_primitives::ModelId;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most models that are remembered as not to be had.
const FAILED: usize = 8;

/// A model that an audit waits for, or waited for in vain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ModelStatus {
    /// Its id.
    pub id: String,
    /// Its name, empty while it is not known.
    pub name: String,
    /// How far it is.
    pub stage: Stage,
}

/// How far a model is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It is looked for on this machine, or waits for another one.
    Looking,
    /// Its files come in.
    Fetching {
        /// What is here.
        received_bytes: u64,
        /// All of them.
        total_bytes: u64,
    },
    /// Tried again in a while.
    Paused {
        /// Why it did not work.
        cause: String,
    },
    /// Not tried again for the seats that waited.
    Failed {
        /// Why, and what to do.
        cause: String,
    },
}

impl ModelStatus {
    /// One line for people.
    pub fn line(&self) -> String {
        let model = match self.name.is_empty() {
            true => format!("model {}", self.id),
            false => format!("model {} ({})", self.name, self.id),
        };
        match &self.stage {
            Stage::Looking => format!("{model} is looked for"),
            Stage::Fetching {
                received_bytes,
                total_bytes,
            } => format!(
                "{model} is fetched: {} of {} MiB",
                received_bytes >> 20,
                total_bytes.div_ceil(1 << 20)
            ),
            Stage::Paused { cause } => format!("cannot fetch {model} now, trying again: {cause}"),
            Stage::Failed { cause } => format!("cannot fetch {model}: {cause}"),
        }
    }
}

/// What is known of each.
#[derive(Default)]
pub struct Board(Mutex<BTreeMap<ModelId, ModelStatus>>);

impl Board {
    /// Says how far a model is.
    pub fn set(&self, id: ModelId, name: &str, stage: Stage) {
        let mut models = self.lock();
        let (shown, name) = (format!("{id:?}"), name.to_owned());
        models.remove(&id);
        if matches!(stage, Stage::Failed { .. }) {
            let failed = |status: &ModelStatus| matches!(status.stage, Stage::Failed { .. });
            let old: Vec<ModelId> = models
                .iter()
                .filter(|(_, status)| failed(status))
                .map(|(other, _)| *other)
                .collect();
            for other in old.iter().skip(FAILED - 1) {
                models.remove(other);
            }
        }
        models.insert(
            id,
            ModelStatus {
                id: shown,
                name,
                stage,
            },
        );
    }

    /// Nobody waits for it any more; one that failed stays to be seen.
    pub fn leave(&self, id: &ModelId) {
        let mut models = self.lock();
        let failed = models
            .get(id)
            .is_some_and(|status| matches!(status.stage, Stage::Failed { .. }));
        if !failed {
            models.remove(id);
        }
    }

    /// All of them.
    pub fn all(&self) -> Vec<ModelStatus> {
        self.lock().values().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ModelId, ModelStatus>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> Stage {
        let cause = "nobody has it".into();
        Stage::Failed { cause }
    }

    #[test]
    fn board_should_keep_only_a_few_of_those_that_failed() {
        let board = Board::default();
        for number in 0..20 {
            board.set(ModelId::repeat_byte(number), "", failed());
        }
        let last = format!("{:?}", ModelId::repeat_byte(19));
        assert_eq!(board.all().len(), FAILED);
        assert!(board.all().iter().any(|status| status.id == last));
        board.set(ModelId::repeat_byte(50), "", Stage::Looking);
        board.leave(&ModelId::repeat_byte(50));
        board.leave(&ModelId::repeat_byte(19));
        assert_eq!(board.all().len(), FAILED);
    }

    #[test]
    fn line_should_say_how_much_is_here_or_what_to_do() {
        let id = ModelId::repeat_byte(1);
        let line = |stage| {
            let board = Board::default();
            board.set(id, "smol", stage);
            board.all()[0].line()
        };
        let fetching = line(Stage::Fetching {
            received_bytes: 3 << 20,
            total_bytes: (7 << 20) + 1,
        });
        assert!(fetching.starts_with("model smol (0x0101"), "{fetching}");
        assert!(fetching.ends_with("is fetched: 3 of 8 MiB"), "{fetching}");
        assert!(line(failed()).ends_with(": nobody has it"));
    }
}
