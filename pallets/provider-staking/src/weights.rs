//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::{constants::RocksDbWeight, Weight};

/// Weights of the calls and of what siblings ask for. `m` is the number of models whose rosters change.
pub trait WeightInfo {
    /// `stake`.
    fn stake() -> Weight;
    /// `unstake`.
    fn unstake() -> Weight;
    /// `withdraw`.
    fn withdraw() -> Weight;
    /// `pair`, with the check of a signature.
    fn pair() -> Weight;
    /// `unpair`.
    fn unpair(m: u32) -> Weight;
    /// `allot`.
    fn allot(m: u32) -> Weight;
    /// `set_profile`.
    fn set_profile(m: u32) -> Weight;
    /// `set_ask`.
    fn set_ask() -> Weight;
    /// `serve_model`.
    fn serve_model() -> Weight;
    /// `stop_serving`.
    fn stop_serving() -> Weight;
    /// `drain`.
    fn drain(m: u32) -> Weight;
    /// `resume`.
    fn resume(m: u32) -> Weight;
    /// `rejoin`.
    fn rejoin(m: u32) -> Weight;
    /// `top_up`.
    fn top_up() -> Weight;
    /// A draw of candidates that looks at `t` entries of a roster.
    fn draw_for_model(t: u32) -> Weight;
    /// A draw of seats that looks at `t` entries of a roster.
    fn draw_seats(t: u32) -> Weight;
    /// `reserve`.
    fn reserve() -> Weight;
    /// `free_slot`, without what those do who are told of it.
    fn free_slot() -> Weight;
    /// `strike`, with jail.
    fn strike(m: u32) -> Weight;
    /// `slash`.
    fn slash() -> Weight;
    /// `set_reputation`.
    fn set_reputation() -> Weight;
}

/// Reads and writes of leaving or joining one roster: length, last member, two positions, the served model, the
/// owner's workers, the owners.
const ROSTER_READS: u64 = 6;
const ROSTER_WRITES: u64 = 7;

/// Microseconds of computation, reads and writes.
fn cost(us: u64, reads: u64, writes: u64) -> Weight {
    Weight::from_parts(us.saturating_mul(1_000_000), 0)
        .saturating_add(RocksDbWeight::get().reads_writes(reads, writes))
}

/// [`cost`] and that of the rosters of `models` models and one class.
fn cost_with_rosters(us: u64, reads: u64, writes: u64, models: u32) -> Weight {
    let rosters = u64::from(models).saturating_add(1);
    cost(
        us.saturating_add(rosters.saturating_mul(10)),
        reads.saturating_add(rosters.saturating_mul(ROSTER_READS)),
        writes.saturating_add(rosters.saturating_mul(ROSTER_WRITES)),
    )
}

/// For tests: reasoned, not measured.
impl WeightInfo for () {
    fn stake() -> Weight {
        // Owner, pending slashes, account, holds.
        cost(60, 4, 3)
    }

    fn unstake() -> Weight {
        // Owner, tick.
        cost(30, 4, 1)
    }

    fn withdraw() -> Weight {
        // Owner, account, holds, tick.
        cost(60, 4, 3)
    }

    fn pair() -> Weight {
        // Worker, owner, list, two accounts, genesis hash, tick and governed values; one signature.
        cost(160, 10, 5)
    }

    fn unpair(m: u32) -> Weight {
        // Worker, owner, list, profile, transport key, account.
        cost_with_rosters(60, 6, 6, m)
    }

    fn allot(m: u32) -> Weight {
        // Worker, owner.
        cost_with_rosters(30, 4, 2, m)
    }

    fn set_profile(m: u32) -> Weight {
        // Worker, owner, profile, two transport keys, the class before, tick; a profile is 4 KiB at most.
        cost_with_rosters(80, 13, 12, m)
    }

    fn set_ask() -> Weight {
        // Worker, and the models whose turn it is.
        cost(40, 7, 1)
    }

    fn serve_model() -> Weight {
        // Worker, served, model, one roster.
        cost(40, 8, 7)
    }

    fn stop_serving() -> Weight {
        // Worker, served, one roster.
        cost(40, 8, 8)
    }

    fn drain(m: u32) -> Weight {
        // Worker, owner.
        cost_with_rosters(30, 3, 1, m)
    }

    fn resume(m: u32) -> Weight {
        // Worker, owner.
        cost_with_rosters(30, 3, 1, m)
    }

    fn rejoin(m: u32) -> Weight {
        // Worker, owner, two accounts, governed values.
        cost_with_rosters(80, 6, 3, m)
    }

    fn top_up() -> Weight {
        // Worker, two accounts.
        cost(70, 3, 2)
    }

    fn draw_for_model(t: u32) -> Weight {
        // Length and bounds; a member, its worker and its owner for each try, and a hash.
        let tries = u64::from(t);
        cost(
            tries.saturating_mul(3).saturating_add(10),
            tries.saturating_mul(3).saturating_add(5),
            0,
        )
    }

    fn draw_seats(t: u32) -> Weight {
        // As for a job, and the model; two hashes for each try, and some rounds of assigning.
        let tries = u64::from(t);
        cost(
            tries.saturating_mul(6).saturating_add(20),
            tries.saturating_mul(3).saturating_add(6),
            0,
        )
    }

    fn reserve() -> Weight {
        // Worker, owner, governed values.
        cost(20, 4, 2)
    }

    fn free_slot() -> Weight {
        // Worker twice, owner, and the models whose turn it is.
        cost(30, 8, 3)
    }

    fn strike(m: u32) -> Weight {
        // Worker, governed values.
        cost_with_rosters(30, 3, 1, m)
    }

    fn slash() -> Weight {
        // Owner, total, two accounts, holds; 32 chunks.
        cost(120, 5, 5)
    }

    fn set_reputation() -> Weight {
        // Worker.
        cost(15, 1, 1)
    }
}
