//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::Weight;

/// Weights of calls and of the steps of the hook.
pub trait WeightInfo {
    /// Registering a model of `f` files.
    fn register_model(f: u32) -> Weight;
    /// Submitting a job of one replica, without what it causes in hooks.
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
    /// Giving a model a whitening table of `d` dimensions.
    fn add_whitening(d: u32) -> Weight;
    /// Settling a committed job, with a surcharge.
    fn settle() -> Weight;
    /// Putting a job whose result is wrong back into its queue.
    fn judged_wrong() -> Weight;
    /// Noting that a result is audited or disputed.
    fn stage() -> Weight;
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

/// (Time in ps, reads) of each step.
type Step = (u64, u64);

const SUBMIT: Step = (160_000_000, 12);
const CANCEL: Step = (110_000_000, 9);
const ACKNOWLEDGE: Step = (45_000_000, 3);
const NO_INPUT: Step = (190_000_000, 24);
const COMMIT: Step = (110_000_000, 12);
const POKE: Step = (25_000_000, 3);
const WITHDRAW: Step = (70_000_000, 3);
const SETTLE: Step = (330_000_000, 22);
const JUDGED_WRONG: Step = (150_000_000, 12);
const STAGE: Step = (45_000_000, 3);
const SUPPLY_CHANGED: Step = (10_000_000, 1);
const SUPPLY_BASE: Step = (3_000_000, 1);
const SUPPLY: Step = (300_000_000, 44);
const AGENDA_BASE: Step = (5_000_000, 2);
const AGENDA_TICK: Step = (5_000_000, 1);
const MISSED: Step = (200_000_000, 26);
const DEADLINE: Step = (220_000_000, 26);
const PRUNE: Step = (90_000_000, 4);
const QUEUES_BASE: Step = (40_000_000, 10);
const QUEUE_STEP: Step = (12_000_000, 3);
const MATCH: Step = (120_000_000, 12);
const CANDIDATE: Step = (6_000_000, 3);

fn weigh((time_ps, reads): Step) -> Weight {
    // 4 KiB a read item bounds the proof of every item here.
    Weight::from_parts(time_ps, reads.saturating_mul(4_096))
}

fn times(step: Step, n: u32) -> Weight {
    weigh(step).saturating_mul(n.into())
}

/// For tests: reasoned, not measured, without a database.
impl WeightInfo for () {
    fn register_model(f: u32) -> Weight {
        weigh((80_000_000, 4)).saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(f.into()))
    }
    fn submit() -> Weight {
        weigh(SUBMIT)
    }
    fn cancel() -> Weight {
        weigh(CANCEL)
    }
    fn acknowledge() -> Weight {
        weigh(ACKNOWLEDGE)
    }
    fn no_input() -> Weight {
        weigh(NO_INPUT)
    }
    fn commit() -> Weight {
        weigh(COMMIT)
    }
    fn report_many(n: u32) -> Weight {
        weigh((10_000_000, 0)).saturating_add(times(NO_INPUT, n))
    }
    fn poke() -> Weight {
        weigh(POKE)
    }
    fn withdraw_earnings() -> Weight {
        weigh(WITHDRAW)
    }
    fn add_whitening(d: u32) -> Weight {
        weigh((90_000_000, 4)).saturating_add(Weight::from_parts(10_000, 4).saturating_mul(d.into()))
    }
    fn settle() -> Weight {
        weigh(SETTLE)
    }
    fn judged_wrong() -> Weight {
        weigh(JUDGED_WRONG)
    }
    fn stage() -> Weight {
        weigh(STAGE)
    }
    fn supply_changed() -> Weight {
        weigh(SUPPLY_CHANGED)
    }
    fn service_supply_base() -> Weight {
        weigh(SUPPLY_BASE)
    }
    fn service_supply() -> Weight {
        weigh(SUPPLY)
    }
    fn service_agenda_base() -> Weight {
        weigh(AGENDA_BASE)
    }
    fn service_agenda_tick() -> Weight {
        weigh(AGENDA_TICK)
    }
    fn service_acknowledge() -> Weight {
        weigh(MISSED)
    }
    fn service_deadline() -> Weight {
        weigh(DEADLINE)
    }
    fn service_prune() -> Weight {
        weigh(PRUNE)
    }
    fn service_queues_base() -> Weight {
        weigh(QUEUES_BASE)
    }
    fn service_queue_step() -> Weight {
        weigh(QUEUE_STEP)
    }
    fn service_match(c: u32) -> Weight {
        weigh(MATCH).saturating_add(times(CANDIDATE, c))
    }
}
