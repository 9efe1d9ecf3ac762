//! Governed figures of a market.

use super::Task;
use crate::{
    parameters::{
        dynamic_params::{audits, market, slashing},
        RuntimeParameters,
    },
    Balance, Parameters, RuntimeOrigin, OGPU,
};
use ogpu_primitives::{fees::PPM, BoundedU128, BoundedU32, Tick};

/// What a test sets of the governed figures; the rest is the development preset's.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Chance of an audit of an owner without a record, in parts per million.
    pub most_rate_ppm: u32,
    /// Least chance of an audit, in parts per million.
    pub least_rate_ppm: u32,
    /// Chance of a second auditor, in parts per million.
    pub second_ppm: u32,
    /// Seats of a jury.
    pub jury: u32,
    /// Fewest jurors that may judge.
    pub jury_minimum: u32,
    /// Price of one job of these tests at an ordinary ask, in planck.
    pub price: Balance,
    /// Ticks after which demanded data that was not posted is priced like a wrong result.
    pub data_deadline: Tick,
    /// Another number makes other keys and another course of random numbers.
    pub seed: u32,
    /// Ticks that finished jobs are kept.
    pub prune: Tick,
    /// What jobs ask for.
    pub task: Task,
}

impl Default for Settings {
    /// Everything is audited, by one auditor, before a jury of three.
    fn default() -> Self {
        Self {
            most_rate_ppm: PPM,
            least_rate_ppm: PPM,
            second_ppm: 0,
            jury: 3,
            jury_minimum: 3,
            price: OGPU,
            data_deadline: 60,
            seed: 0,
            prune: 100_000,
            task: Task::default(),
        }
    }
}

fn small<const MIN: u32, const MAX: u32>(value: u32) -> Option<BoundedU32<MIN, MAX>> {
    Some(BoundedU32::new(value).expect("a test stays inside the bounds"))
}

impl Settings {
    /// Sets them as a referendum would.
    pub fn apply(&self) {
        let index =
            BoundedU128::new(self.price / self.task.compute_units()).expect("a test stays inside the bounds");
        let audits = [
            audits::Parameters::MostRatePpm(audits::MostRatePpm, small(self.most_rate_ppm)),
            audits::Parameters::LeastRatePpm(audits::LeastRatePpm, small(self.least_rate_ppm)),
            audits::Parameters::SecondPpm(audits::SecondPpm, small(self.second_ppm)),
            audits::Parameters::JurySeats(audits::JurySeats, small(self.jury)),
            audits::Parameters::JuryMinimum(audits::JuryMinimum, small(self.jury_minimum)),
            audits::Parameters::DataTicks(audits::DataTicks, small(10)),
            audits::Parameters::DataDeadlineTicks(audits::DataDeadlineTicks, small(self.data_deadline)),
            // Short, so that tests of silence are short too.
            audits::Parameters::AuditTicks(audits::AuditTicks, small(10)),
            audits::Parameters::OpenTicks(audits::OpenTicks, small(6)),
            audits::Parameters::ReportTicks(audits::ReportTicks, small(6)),
            audits::Parameters::JuryTicks(audits::JuryTicks, small(15)),
        ];
        let market = [
            market::Parameters::PriceIndex(market::PriceIndex, Some(index)),
            market::Parameters::EfficiencyPermille(market::EfficiencyPermille, small(1_000)),
            market::Parameters::PruneTicks(market::PruneTicks, small(self.prune)),
        ];
        let slashing = [
            slashing::Parameters::NetworkWindowTicks(slashing::NetworkWindowTicks, small(100)),
            slashing::Parameters::DayTicks(slashing::DayTicks, small(100)),
        ];
        let all = audits
            .into_iter()
            .map(RuntimeParameters::Audits)
            .chain(market.into_iter().map(RuntimeParameters::Market))
            .chain(slashing.into_iter().map(RuntimeParameters::Slashing));
        for parameter in all {
            Parameters::set_parameter(RuntimeOrigin::root(), parameter).expect("root sets it");
        }
    }
}
