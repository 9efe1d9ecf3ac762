//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// Weights of the call, of the hook's steps and of what siblings ask for.
pub trait WeightInfo {
    /// `cancel`.
    fn cancel() -> Weight;
    /// Reading and writing the cursor.
    fn service_base() -> Weight;
    /// Opening one tick of the agenda.
    fn service_tick() -> Weight;
    /// Taking one slash from the agenda, without moving its money.
    fn service_item() -> Weight;
    /// Paying `p` accounts out of a slash, and the rest to the reserve.
    fn payouts(p: u32) -> Weight;
    /// `report`, and `note_silence`.
    fn report() -> Weight;
    /// `counted`, and `uncounted`.
    fn counted() -> Weight;
    /// `failed`, and `force`.
    fn failed() -> Weight;
    /// `observed`, without taking a worker off a model.
    fn observed() -> Weight;
    /// Reading an owner's record: `rate_ppm` and `is_forced`.
    fn rate() -> Weight;
}

/// Microseconds of computation, reads and writes.
fn cost(us: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(us.saturating_mul(1_000_000), 0)
        .saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}

/// For tests: reasoned, not measured.
impl WeightInfo for () {
    fn cancel() -> Weight {
        // Slash, sum, owner, window, outages, offences.
        cost(35, 6, 6)
    }

    fn service_base() -> Weight {
        // Cursor.
        cost(4, 1, 1)
    }

    fn service_tick() -> Weight {
        // Length.
        cost(4, 1, 1)
    }

    fn service_item() -> Weight {
        // Agenda, slash, sum, owner, window, outages, forgiven, governed values, offences.
        cost(40, 11, 8)
    }

    fn payouts(p: u32) -> Weight {
        // Pot and reserve; an account each.
        let accounts = u64::from(p).saturating_add(2);
        cost(accounts.saturating_mul(40), accounts, accounts)
    }

    fn report() -> Weight {
        // Tick, offences, window, outages, forgiven, stakes, two records, id, slash, agenda, length, governed values.
        cost(60, 18, 10)
    }

    fn counted() -> Weight {
        // Tick, record, worker, governed values.
        cost(25, 5, 2)
    }

    fn failed() -> Weight {
        // Tick, record, worker, governed value.
        cost(25, 4, 2)
    }

    fn observed() -> Weight {
        // Sums, record, governed value.
        cost(30, 3, 2)
    }

    fn rate() -> Weight {
        // Tick, record, governed values.
        cost(10, 4, 0)
    }
}
