//! Weights of this pallet's calls and hook.
//!
//! Reasoned from reads and writes until `scripts/weights` replaces this file with measured ones: about
//! 5 µs of work a storage item, 10 µs for a job's record, 50 µs for a transfer, and the database's own cost.

use core::marker::PhantomData;
use frame_support::{
    traits::Get,
    weights::{RuntimeDbWeight, Weight},
};

/// Weights of calls and of the steps of the hook.
pub trait WeightInfo {
    /// Registering a model of `f` files.
    fn register_model(f: u32) -> Weight;
    /// Submitting a job, without what it causes in hooks.
    fn submit() -> Weight;
    /// Cancelling a job.
    fn cancel() -> Weight;
    /// Acknowledging a job.
    fn acknowledge() -> Weight;
    /// Reporting a missing input, at its dearest.
    fn no_input() -> Weight;
    /// Committing to a result.
    fn commit() -> Weight;
    /// `n` reports, each of the dearest kind.
    fn report_many(n: u32) -> Weight;
    /// Poking a job, without what that causes.
    fn poke() -> Weight;
    /// Withdrawing kept pay-outs.
    fn withdraw_earnings() -> Weight;
    /// Settling a committed job.
    fn settle() -> Weight;
    /// Noting that a model's supply changed.
    fn supply_changed() -> Weight;
    /// Looking for news of supply.
    fn service_supply_base() -> Weight;
    /// Putting a batch of a model's parked jobs back into their queues.
    fn service_supply() -> Weight;
    /// Reading and writing the agenda's cursor.
    fn service_agenda_base() -> Weight;
    /// Opening one tick of the agenda.
    fn service_agenda_tick() -> Weight;
    /// Taking a job from a worker that did not acknowledge.
    fn service_acknowledge() -> Weight;
    /// Ending a job at its deadline.
    fn service_deadline() -> Weight;
    /// Removing a final job's record.
    fn service_prune() -> Weight;
    /// Reading and writing the ends of all queues.
    fn service_queues_base() -> Weight;
    /// Looking at one place of a queue.
    fn service_queue_step() -> Weight;
    /// Giving a job to the best of `c` candidates.
    fn service_match(c: u32) -> Weight;
}

/// (Time in ps, reads, writes) of each step.
type Step = (u64, u64, u64);

const SUBMIT: Step = (160_000_000, 12, 12);
const CANCEL: Step = (110_000_000, 9, 10);
const ACKNOWLEDGE: Step = (45_000_000, 3, 2);
const NO_INPUT: Step = (190_000_000, 24, 24);
const COMMIT: Step = (110_000_000, 12, 10);
const POKE: Step = (25_000_000, 3, 0);
const WITHDRAW: Step = (70_000_000, 3, 3);
const SETTLE: Step = (330_000_000, 22, 20);
const SUPPLY_CHANGED: Step = (10_000_000, 1, 1);
const SUPPLY_BASE: Step = (3_000_000, 1, 0);
const SUPPLY: Step = (300_000_000, 44, 44);
const AGENDA_BASE: Step = (5_000_000, 2, 1);
const AGENDA_TICK: Step = (5_000_000, 1, 1);
const MISSED: Step = (200_000_000, 26, 26);
const DEADLINE: Step = (220_000_000, 26, 26);
const PRUNE: Step = (90_000_000, 4, 22);
const QUEUES_BASE: Step = (40_000_000, 10, 9);
const QUEUE_STEP: Step = (12_000_000, 3, 2);
const MATCH: Step = (120_000_000, 12, 14);
const CANDIDATE: Step = (6_000_000, 3, 0);

fn weigh((time_ps, reads, writes): Step, db: RuntimeDbWeight) -> Weight {
    // 4 KiB a read item bounds the proof of every item here.
    Weight::from_parts(time_ps, reads.saturating_mul(4_096)).saturating_add(db.reads_writes(reads, writes))
}

fn times(step: Step, n: u32, db: RuntimeDbWeight) -> Weight {
    weigh(step, db).saturating_mul(n.into())
}

/// Weights under the runtime's database.
pub struct SubstrateWeight<T>(PhantomData<T>);

macro_rules! reasoned_weights {
    ($db:expr) => {
        fn register_model(f: u32) -> Weight {
            weigh((80_000_000, 4, 3), $db)
                .saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(f.into()))
        }
        fn submit() -> Weight {
            weigh(SUBMIT, $db)
        }
        fn cancel() -> Weight {
            weigh(CANCEL, $db)
        }
        fn acknowledge() -> Weight {
            weigh(ACKNOWLEDGE, $db)
        }
        fn no_input() -> Weight {
            weigh(NO_INPUT, $db)
        }
        fn commit() -> Weight {
            weigh(COMMIT, $db)
        }
        fn report_many(n: u32) -> Weight {
            weigh((10_000_000, 0, 0), $db).saturating_add(times(NO_INPUT, n, $db))
        }
        fn poke() -> Weight {
            weigh(POKE, $db)
        }
        fn withdraw_earnings() -> Weight {
            weigh(WITHDRAW, $db)
        }
        fn settle() -> Weight {
            weigh(SETTLE, $db)
        }
        fn supply_changed() -> Weight {
            weigh(SUPPLY_CHANGED, $db)
        }
        fn service_supply_base() -> Weight {
            weigh(SUPPLY_BASE, $db)
        }
        fn service_supply() -> Weight {
            weigh(SUPPLY, $db)
        }
        fn service_agenda_base() -> Weight {
            weigh(AGENDA_BASE, $db)
        }
        fn service_agenda_tick() -> Weight {
            weigh(AGENDA_TICK, $db)
        }
        fn service_acknowledge() -> Weight {
            weigh(MISSED, $db)
        }
        fn service_deadline() -> Weight {
            weigh(DEADLINE, $db)
        }
        fn service_prune() -> Weight {
            weigh(PRUNE, $db)
        }
        fn service_queues_base() -> Weight {
            weigh(QUEUES_BASE, $db)
        }
        fn service_queue_step() -> Weight {
            weigh(QUEUE_STEP, $db)
        }
        fn service_match(c: u32) -> Weight {
            weigh(MATCH, $db).saturating_add(times(CANDIDATE, c, $db))
        }
    };
}

impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
    reasoned_weights!(T::DbWeight::get());
}

impl WeightInfo for () {
    reasoned_weights!(RuntimeDbWeight { read: 0, write: 0 });
}
