//! A market of people who work, pay, audit and cheat, over the real runtime: signed transactions with their fees,
//! all hooks in their order, BABE's own randomness, session rotations, and every invariant after each block.
//!
//! - `chain.rs` makes blocks and sends transactions;
//! - `people.rs` has keys, providers and clients, `task.rs` what jobs ask for, `settings.rs` the governed figures;
//! - `conduct.rs` says how people behave, `act.rs` lets them do it when it is due;
//! - `evidence.rs` makes outputs, openings and reports out of synthetic hidden states;
//! - `meter.rs` counts what transactions and hooks cost;
//! - `check.rs` holds what must be true after every block.

mod act;
mod chain;
mod check;
mod conduct;
mod evidence;
mod meter;
mod people;
mod seats;
mod settings;
mod task;

mod attacks;
mod economics;
mod jury;
mod sizes;
mod steps;
mod walk;

pub use chain::Refusal;
pub use conduct::{Audits, Client, Conduct, Quality, Sketches};
pub use people::Provider;
pub use settings::Settings;
pub use task::Task;

use crate::{AccountId, Balance, OGPU};
use evidence::Output;
use ogpu_primitives::{JobId, ModelId};
use people::Keys;
use std::collections::{BTreeMap, BTreeSet};

/// A market.
pub struct Network {
    /// Secrets of everybody in it.
    keys: Keys,
    /// The model that everybody serves.
    pub model: ModelId,
    /// What jobs ask for.
    pub task: Task,
    /// How workers behave; honest where nothing is said.
    pub conduct: BTreeMap<AccountId, Conduct>,
    /// How clients behave; honest where nothing is said.
    pub clients: BTreeMap<AccountId, Client>,
    /// Jobs whose result is of another quality than their worker's conduct says.
    pub quality: BTreeMap<JobId, Quality>,
    /// Jobs that people still act on.
    live: BTreeSet<JobId>,
    /// Blocks from one check of the whole state to the next.
    pub check_every: u32,
    /// Pallet and variant of every event that ever happened.
    seen: BTreeSet<[u8; 2]>,
    /// All transactions that did something, where they are metered.
    sent: Option<Vec<meter::Sent>>,
    /// What workers keep of the results that they committed to.
    outputs: BTreeMap<(JobId, u8), Output>,
}

/// Runs `test` in a new market under `settings`.
pub fn network(settings: Settings, test: impl FnOnce(&mut Network)) {
    super::chain("development").execute_with(|| {
        chain::start_at(settings.seed);
        let mut network = Network {
            keys: Keys::starting_at(settings.seed),
            model: ModelId::zero(),
            task: settings.task,
            conduct: BTreeMap::new(),
            clients: BTreeMap::new(),
            quality: BTreeMap::new(),
            live: BTreeSet::new(),
            check_every: 1,
            seen: BTreeSet::new(),
            sent: None,
            outputs: BTreeMap::new(),
        };
        network.start(&settings);
        test(&mut network);
        network.check();
    })
}

/// All that accounts own, free or held, in planck.
pub fn wealth<'a>(accounts: impl IntoIterator<Item = &'a AccountId>) -> Balance {
    use frame_support::traits::fungible::Inspect;
    accounts.into_iter().map(crate::Balances::total_balance).sum()
}

/// More than any transaction of these tests costs in fees.
pub const FEES: Balance = OGPU / 10;
