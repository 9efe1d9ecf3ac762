//! What the weights of this pallet are asked by, and figures for tests.
//!
//! A runtime measures its own with `scripts/weights`, since they depend on the siblings that it wires in.

use frame_support::weights::Weight;

/// Weights of the calls and of the steps of the hook. What siblings do is added where it is called.
pub trait WeightInfo {
    /// A result is accepted.
    fn accept() -> Weight;
    /// A result is challenged.
    fn challenge() -> Weight;
    /// An auditor or juror commits; the last juror.
    fn audit_commit() -> Weight;
    /// A text of `c` chunks is opened.
    fn open_generate(c: u32) -> Weight;
    /// An embedding of `k` KiB is opened.
    fn open_embed(k: u32) -> Weight;
    /// A report on a text of `c` chunks is opened and compared.
    fn audit_open_generate(c: u32) -> Weight;
    /// A report on an embedding of `k` KiB is opened and compared.
    fn audit_open_embed(k: u32) -> Weight;
    /// Data is demanded.
    fn demand_data() -> Weight;
    /// Data of `b` bytes is posted.
    fn post_data(b: u32) -> Weight;
    /// Two receipts are compared, without what the siblings make of it.
    fn report_equivocation() -> Weight;
    /// Thresholds are set.
    fn set_profile_params() -> Weight;
    /// Reading and writing the cursor.
    fn service_base() -> Weight;
    /// Opening one tick of the agenda.
    fn service_tick() -> Weight;
    /// Looking at one item and the check that it names, and moving that to a later tick.
    fn service_item() -> Weight;
    /// Drawing whether there is an audit, and its auditor, without the draw of candidates.
    fn service_draw() -> Weight;
    /// Seating a jury of `n`, without the draw of candidates.
    fn service_jury(n: u32) -> Weight;
    /// Ending a stage with `n` absent seats, without what absence costs.
    fn service_stage(n: u32) -> Weight;
    /// Comparing the sketches of the largest jury with each other.
    fn service_ballots() -> Weight;
    /// A demand that is late, without what lateness costs.
    fn service_demand() -> Weight;
    /// Giving a verdict on a check of `n` seats, without what it costs or brings anybody.
    fn service_verdict(n: u32) -> Weight;
}

/// Reference time in picoseconds, and a proof of a few records.
const fn weigh(picoseconds: u64) -> Weight {
    Weight::from_parts(picoseconds, 5_000)
}

/// `base` and `each` for every one of `n`.
const fn grows(base: u64, each: u64, n: u32) -> Weight {
    weigh(base.saturating_add(each.saturating_mul(n as u64)))
}

/// For tests: reasoned, not measured, without a database.
impl WeightInfo for () {
    fn accept() -> Weight {
        weigh(25_000_000)
    }

    fn challenge() -> Weight {
        weigh(60_000_000)
    }

    fn audit_commit() -> Weight {
        weigh(35_000_000)
    }

    fn open_generate(c: u32) -> Weight {
        grows(40_000_000, 6_000_000, c)
    }

    fn open_embed(k: u32) -> Weight {
        grows(40_000_000, 2_000_000, k)
    }

    fn audit_open_generate(c: u32) -> Weight {
        grows(50_000_000, 10_000_000, c)
    }

    fn audit_open_embed(k: u32) -> Weight {
        grows(50_000_000, 20_000_000, k)
    }

    fn demand_data() -> Weight {
        weigh(60_000_000)
    }

    fn post_data(b: u32) -> Weight {
        grows(80_000_000, 2_000, b)
    }

    fn report_equivocation() -> Weight {
        weigh(140_000_000)
    }

    fn set_profile_params() -> Weight {
        weigh(15_000_000)
    }

    fn service_base() -> Weight {
        weigh(4_000_000)
    }

    fn service_tick() -> Weight {
        weigh(4_000_000)
    }

    fn service_item() -> Weight {
        weigh(15_000_000)
    }

    fn service_draw() -> Weight {
        weigh(40_000_000)
    }

    fn service_jury(n: u32) -> Weight {
        grows(30_000_000, 4_000_000, n)
    }

    fn service_stage(n: u32) -> Weight {
        grows(20_000_000, 2_000_000, n)
    }

    fn service_ballots() -> Weight {
        weigh(1_500_000_000)
    }

    fn service_demand() -> Weight {
        weigh(20_000_000)
    }

    fn service_verdict(n: u32) -> Weight {
        grows(60_000_000, 8_000_000, n)
    }
}
