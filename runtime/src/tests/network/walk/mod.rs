//! A random walk over the whole runtime: calls with good and bad arguments by anybody, honest and dishonest people who
//! do their part, full blocks, sessions, safe mode and referenda; after every block all that must be true is checked.
//!
//! `OGPU_WALK_OPERATIONS` is the number of operations (2,000), `OGPU_WALK_SEED` where to begin (1). A walk that finds
//! something prints its seed; the same seed with at least as many operations finds it again. Markets follow each other with
//! rising seeds and know nothing of each other, so a long walk can be cut into pieces of whole markets, or be run side by
//! side.

mod dice;
mod market;
mod reached;
mod stake;
mod verify;
mod world;

use super::{network, Audits, Client, Conduct, Network, Quality, Refusal, Settings, Sketches};
use crate::{AccountId, RuntimeCall, OGPU};
pub use dice::Dice;
use ogpu_primitives::ModelId;
use reached::{events, Reached, REACHED};
use std::collections::BTreeSet;

/// Operations of one market; then the next begins, with the next seed.
const OPERATIONS_PER_MARKET: u64 = 20_000;

/// A market with its random future.
struct Walk<'a> {
    network: &'a mut Network,
    dice: Dice,
    /// A model that few owners serve: auditors and juries come from a device class.
    small: ModelId,
    /// Owners, workers, clients, and strangers with hardly anything.
    owners: Vec<AccountId>,
    workers: Vec<AccountId>,
    clients: Vec<AccountId>,
    people: Vec<AccountId>,
    /// Transactions that did something, and that did not.
    done: u64,
    refused: u64,
    /// What happened that no event's kind tells.
    reached: BTreeSet<Reached>,
}

/// Says on a panic how to get there again.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("OGPU_WALK_SEED={} finds this again", self.0);
        }
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |text| text.parse().expect("a whole number"))
}

#[test]
fn runtime_should_stay_sound_when_anybody_does_anything() {
    let (mut seed, mut left) = (number("OGPU_WALK_SEED", 1), number("OGPU_WALK_OPERATIONS", 2_000));
    let (mut seen, mut reached, all) = (BTreeSet::new(), BTreeSet::new(), left);
    while left > 0 {
        let operations = left.min(OPERATIONS_PER_MARKET);
        let _seed = Seed(seed);
        walk(seed, operations, &mut seen, &mut reached);
        left -= operations;
        // A long walk takes hours; `--nocapture` shows how far it is.
        eprintln!(
            "walked {} of {all} operations, the last {operations} from seed {seed}",
            all - left
        );
        seed += 1;
    }
    // A short walk need not see everything.
    if all >= OPERATIONS_PER_MARKET {
        let missing: Vec<_> = events()
            .into_iter()
            .filter(|event| !seen.contains(&super::chain::kind_of(event)))
            .collect();
        let unreached: Vec<_> = REACHED.iter().filter(|what| !reached.contains(what)).collect();
        assert!(
            missing.is_empty() && unreached.is_empty(),
            "never happened: {missing:?} {unreached:?}"
        );
    }
}

fn walk(seed: u64, operations: u64, seen: &mut BTreeSet<[u8; 2]>, reached: &mut BTreeSet<Reached>) {
    let settings = Settings {
        most_rate_ppm: 400_000,
        least_rate_ppm: 100_000,
        second_ppm: 300_000,
        prune: 100,
        ..Settings::default()
    };
    network(settings, |network| {
        let mut walk = Walk::new(network, seed);
        for _ in 0..operations {
            walk.step();
        }
        // The walk reached something: most of it must not be refusals.
        let (done, refused) = (walk.done, walk.refused);
        assert!(operations < 500 || done * 5 > refused, "{done} of {refused}");
        seen.extend(&walk.network.seen);
        reached.extend(&walk.reached);
    });
}

impl<'a> Walk<'a> {
    fn new(network: &'a mut Network, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let providers = (0..8)
            .map(|_| network.provider((60 + dice.below(300) as u128) * OGPU))
            .collect::<Vec<_>>();
        let clients: Vec<_> = (0..4).map(|_| network.rich()).collect();
        let strangers = (0..2).map(|_| network.rich());
        let strangers: Vec<_> = strangers.collect();
        let owners: Vec<_> = providers.iter().map(|provider| provider.owner.clone()).collect();
        let workers: Vec<_> = providers.iter().map(|provider| provider.worker.clone()).collect();
        let people = [&owners, &workers, &clients, &strangers]
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        let maker = clients[0].clone();
        let small = network.register(&maker, b"small");
        for provider in &providers[..2] {
            let serve = pallet_provider_staking::Call::serve_model { model: small };
            network.send(&provider.worker, serve).expect("the model fits");
        }
        Self {
            network,
            dice,
            small,
            owners,
            workers,
            clients,
            people,
            done: 0,
            refused: 0,
            reached: BTreeSet::new(),
        }
    }

    /// One operation.
    fn step(&mut self) {
        match self.dice.below(100) {
            0..=24 => self.block(),
            25..=26 => (0..self.dice.below(20)).for_each(|_| self.block()),
            27 => self.fill_block(),
            28..=37 => self.submit(),
            38..=49 => self.call_market(),
            50..=69 => self.call_verification(),
            70..=84 => self.call_staking(),
            85..=90 => self.change_conduct(),
            91..=93 => self.transfer(),
            94..=97 => self.govern(),
            98 if self.dice.chance(50) => self.cancel_slash(),
            98 => self.newcomer(),
            _ => self.brake(),
        }
    }

    /// The next block; in most of them people do what is due.
    fn block(&mut self) {
        if self.dice.chance(85) {
            self.network.next_block();
        } else {
            self.network.end_and_check();
            super::chain::begin_block();
        }
        self.note_reached();
    }

    /// Sends a transaction in this block, whatever comes of it.
    fn send(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) -> bool {
        match self.network.try_send(who, call) {
            Ok(()) => {
                self.done += 1;
                true
            }
            Err(Refusal::Failed(_) | Refusal::Invalid(_)) => {
                self.refused += 1;
                false
            }
        }
    }

    /// Mostly the one who could do it, sometimes anybody.
    fn who(&mut self, right: &AccountId) -> AccountId {
        if self.dice.chance(80) {
            right.clone()
        } else {
            self.dice.one(&self.people)
        }
    }

    fn change_conduct(&mut self) {
        if self.dice.chance(25) {
            let client = self.dice.one(&self.clients);
            let conduct = Client {
                delivers: self.dice.chance(90),
                accepts: self.dice.chance(70),
                challenges: self.dice.chance(15),
                demands: self.dice.chance(15),
            };
            self.network.clients.insert(client, conduct);
            return;
        }
        let worker = self.dice.one(&self.workers);
        let qualities = [
            Quality::Right,
            Quality::Right,
            Quality::Coarse,
            Quality::OtherModel,
            Quality::OtherWriter,
        ];
        let conduct = Conduct {
            acknowledges: self.dice.chance(95),
            quality: self.dice.one(&qualities),
            commits: self.dice.chance(95),
            opens: self.dice.chance(85),
            posts: self.dice.chance(80),
            audits: self.audits(),
            seconds: self.audits(),
            judges: self.audits(),
            sketches: self.sketches(),
        };
        self.network.conduct.insert(worker, conduct);
    }

    fn sketches(&mut self) -> Sketches {
        if self.dice.chance(70) {
            return Sketches::Computed;
        }
        self.dice.one(&[Sketches::MadeUp, Sketches::Missing])
    }

    fn audits(&mut self) -> Audits {
        if self.dice.chance(60) {
            return Audits::Honestly;
        }
        self.dice.one(&[
            Audits::Never,
            Audits::WithoutOpening,
            Audits::Lazily,
            Audits::AsTheWorkerSays,
            Audits::Against,
            Audits::Garbage,
        ])
    }
}
