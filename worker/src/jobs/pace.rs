//! Whether a job can be finished in time on this machine. Pure.
//!
//! The estimate is a lower bound: the multiply-adds that the model's costs count, at [`LEEWAY`] times the highest
//! throughput that was measured here. Real work is slower, so a job that fails this test cannot be done; one that
//! passes it may still be late.

use super::record::Assignment;
use ogpu_primitives::{pricing, units::BLOCK_TIME_MS, Costs, Device, ModelId, Tick};
use std::collections::HashMap;

/// How much faster than the measured figure work can be. The costs count embedding tables that are only looked
/// up, and int8 kernels do about four multiply-adds in the time of one of those that were timed.
const LEEWAY: u128 = 8;
/// Multiply-adds in a milli compute unit.
const MACS_PER_MILLI_CU: u128 = 1_000_000;
/// Multiply-adds in a ms at 1 Gmac/s.
const MACS_PER_MS: u128 = 1_000_000;
/// Ticks between a finished result and its commitment in a block.
const COMMIT_TICKS: u128 = 2;

/// What can be said of a job before it is begun.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outlook {
    /// Nothing speaks against it.
    Fits,
    /// All of the output that it allows cannot be made in time; it is done only if the model ends earlier.
    Tight {
        /// Least ticks for all of it.
        needed: u64,
    },
    /// Not even the input can be read in time.
    Hopeless {
        /// Least ticks for the input and one token.
        needed: u64,
    },
}

/// What this machine can do at best.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    /// 0 when it is not known; nothing is refused then.
    throughput_gmac_s: u32,
    costs: HashMap<ModelId, Costs>,
}

impl Pace {
    /// The pace of the fastest of these devices with these models.
    pub fn new(devices: &[Device], costs: HashMap<ModelId, Costs>) -> Self {
        let throughputs = devices.iter().map(|device| device.throughput_gmac_s);
        Self {
            throughput_gmac_s: throughputs.max().unwrap_or(0),
            costs,
        }
    }

    /// What is to be expected of a job that is begun now.
    pub fn outlook(&self, assignment: &Assignment, now: Tick) -> Outlook {
        let (Some(costs), true) = (self.costs.get(&assignment.model), self.throughput_gmac_s > 0) else {
            return Outlook::Fits;
        };
        let ticks = |output_tokens: u32| {
            let milli_cu = pricing::work_milli_cu(costs, assignment.input_tokens, output_tokens);
            let macs_per_ms = LEEWAY * u128::from(self.throughput_gmac_s) * MACS_PER_MS;
            let ms = milli_cu * MACS_PER_MILLI_CU / macs_per_ms;
            u64::try_from(ms.div_ceil(u128::from(BLOCK_TIME_MS)) + COMMIT_TICKS).unwrap_or(u64::MAX)
        };
        let left = u64::from(assignment.deadline.saturating_sub(now));
        let most_output = assignment.params.max_output_tokens();
        let (least, all) = (ticks(most_output.min(1)), ticks(most_output));
        if least > left {
            Outlook::Hopeless { needed: least }
        } else if all > left {
            Outlook::Tight { needed: all }
        } else {
            Outlook::Fits
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::fixtures;
    use ogpu_primitives::{DeviceKind, GenerateParams, JobParams};

    /// At most 8 Gmac/s, and 8 Gmac a token: one token a second, two a tick.
    fn pace() -> Pace {
        let device = |throughput_gmac_s| Device {
            kind: DeviceKind::Cpu,
            name: Default::default(),
            vram_mib: 1,
            bandwidth_mib_s: 1,
            throughput_gmac_s,
        };
        let costs = Costs {
            input_milli_cu: 8_000,
            output_milli_cu: 8_000,
        };
        Pace::new(
            &[device(0), device(1)],
            HashMap::from([(fixtures::assignment(1).model, costs)]),
        )
    }

    fn job(input_tokens: u32, max_output_tokens: u32, deadline: Tick) -> Assignment {
        Assignment {
            params: JobParams::Generate(GenerateParams::plain(max_output_tokens, 0)),
            input_tokens,
            deadline,
            ..fixtures::assignment(1)
        }
    }

    #[test]
    fn outlook_should_worsen_when_less_time_is_left() {
        // 99 tokens in, 1 out: 50 ticks and 2 for the commitment. 100 more out: 50 ticks more.
        let (now, pace) = (1_000, pace());
        let outlook = |left| pace.outlook(&job(99, 101, now + left), now);
        assert_eq!(outlook(102), Outlook::Fits);
        assert_eq!(outlook(101), Outlook::Tight { needed: 102 });
        assert_eq!(outlook(52), Outlook::Tight { needed: 102 });
        assert_eq!(outlook(51), Outlook::Hopeless { needed: 52 });
        assert_eq!(
            pace.outlook(&job(99, 101, 5), now),
            Outlook::Hopeless { needed: 52 }
        );
    }

    #[test]
    fn outlook_should_be_good_when_nothing_is_known() {
        let unknown = Assignment {
            model: ModelId::repeat_byte(0xEE),
            ..job(u32::MAX, u32::MAX, 1)
        };
        assert_eq!(pace().outlook(&unknown, 0), Outlook::Fits);
        assert_eq!(
            Pace::default().outlook(&job(u32::MAX, u32::MAX, 1), 0),
            Outlook::Fits
        );
    }

    #[test]
    fn outlook_should_not_overflow_when_the_job_is_as_large_as_can_be() {
        let mut pace = pace();
        let most = Costs {
            input_milli_cu: u32::MAX,
            output_milli_cu: u32::MAX,
        };
        pace.costs.insert(fixtures::assignment(1).model, most);
        let outlook = pace.outlook(&job(u32::MAX, u32::MAX, 10), 0);
        assert!(matches!(outlook, Outlook::Hopeless { .. }), "{outlook:?}");
    }
}
