//! What open seats need, as the manager tells it anew with each word from the chain.

use ogpu_primitives::{units::BLOCK_TIME_MS, ModelId, Tick};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

/// The models that reports are still to be computed with.
#[derive(Clone, Debug)]
pub struct Needs {
    now: Tick,
    told_at: Instant,
    due: BTreeMap<ModelId, Tick>,
}

impl Needs {
    /// At tick `now` each of the models is needed until the tick at which its last seat is due.
    pub fn new(now: Tick, due: BTreeMap<ModelId, Tick>) -> Self {
        Self {
            now,
            told_at: Instant::now(),
            due,
        }
    }

    /// All models.
    pub fn models(&self) -> BTreeSet<ModelId> {
        self.due.keys().copied().collect()
    }

    /// When the last seat that needs the model is due; `None` when nobody needs it.
    pub fn due(&self, id: &ModelId) -> Option<Tick> {
        self.due.get(id).copied()
    }

    /// Seconds until the last seat that needs the model is due.
    pub fn seconds_left(&self, id: &ModelId) -> u64 {
        let ticks = self.due(id).unwrap_or(0).saturating_sub(self.now);
        let seconds = u64::from(ticks) * BLOCK_TIME_MS / 1_000;
        seconds.saturating_sub(self.told_at.elapsed().as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_should_be_left_until_the_tick_that_is_due() {
        let [first, over, unknown] = [1, 2, 3].map(ModelId::repeat_byte);
        let needs = Needs::new(10, BTreeMap::from([(first, 220), (over, 9)]));
        assert!((1..=420).contains(&needs.seconds_left(&first)));
        assert_eq!((needs.seconds_left(&over), needs.seconds_left(&unknown)), (0, 0));
        assert_eq!(needs.models(), BTreeSet::from([first, over]));
        assert_eq!((needs.due(&first), needs.due(&unknown)), (Some(220), None));
    }
}
