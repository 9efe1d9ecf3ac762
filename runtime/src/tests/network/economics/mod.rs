//! What cheating brings on average, measured on the real pallets.
//!
//! An owner without a record takes several jobs at once and cheats at some of them; a part of all audit stake is its
//! accomplices', who pass what it leaks to them and acquit it on juries. Whatever they own before and after is
//! counted. An ordinary run measures a few cells; with `OGPU_ECONOMICS` set to a folder the whole grid is measured and
//! written there, for `scripts/economics`.
//!
//! - `odds.rs` says by arithmetic what a cheat brings;
//! - `mixes.rs` searches for the mix of jobs that brings most;
//! - `grid.rs` holds what is measured for the tables.

mod grid;
mod mixes;
mod odds;

use super::{network, wealth, Audits, Conduct, Network, Provider, Quality, Settings};
use crate::{AccountId, Balance, ProviderStaking, Runtime, Slashing, OGPU};
use ogpu_primitives::{JobId, JobState, Offence};

/// Other owners than the one who cheats: they audit and judge.
const OTHERS: u32 = 21;

/// Jobs that an owner takes at once, unless its stake does not carry as many.
const JOBS: u32 = 8;

/// Chance of a second auditor, in parts per million.
const SECOND_PPM: u32 = 250_000;

/// Seats of a jury.
const JURY: u32 = 15;

/// What a cell is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// All jobs are cheats.
    Cheats,
    /// Cheats among honest jobs, or jobs as dear as the stake carries.
    Mix,
    /// Nobody cheats; the accomplices would frame an honest owner.
    Framed,
}

/// One point of the grid.
#[derive(Clone, Copy, Debug)]
struct Cell {
    stake: Balance,
    price: Balance,
    rate_ppm: u32,
    /// Of [`OTHERS`].
    colluding: u32,
    /// Jobs taken at once.
    jobs: u32,
    /// Of the jobs.
    cheats: u32,
    kind: Kind,
    /// Where its random numbers begin.
    seed: u32,
}

/// What came of it.
#[derive(Default, Debug)]
struct Outcome {
    /// Gain of the owner for each round, in prices a cheat.
    gains: Vec<f64>,
    /// Gain of the owner and its accomplices.
    family_gains: Vec<f64>,
    /// Cheats that were paid, not paid without blame, and found.
    paid: u32,
    unpaid: u32,
    found: u32,
}

impl Outcome {
    fn cheats(&self) -> u32 {
        self.paid + self.unpaid + self.found
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Standard error of the mean.
fn error(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let count = values.len() as f64;
    (squares / (count - 1.0).max(1.0) / count.max(1.0)).sqrt()
}

impl Cell {
    /// `rounds` rounds of its jobs.
    fn measure(&self, rounds: u32) -> Outcome {
        let mut outcome = Outcome::default();
        for round in 0..rounds {
            let settings = Settings {
                most_rate_ppm: self.rate_ppm,
                least_rate_ppm: self.rate_ppm,
                second_ppm: SECOND_PPM,
                jury: JURY,
                jury_minimum: 9,
                price: self.price,
                seed: self.seed + round,
                ..Settings::default()
            };
            network(settings, |network| self.round(network, &mut outcome));
        }
        outcome
    }

    fn round(&self, network: &mut Network, outcome: &mut Outcome) {
        network.check_every = 50;
        assert_eq!(
            Slashing::catch_ppm(self.rate_ppm),
            odds::assumed_catch(self.rate_ppm)
        );
        let cheat = network.provider(self.stake);
        let others = network.providers(OTHERS as usize, self.stake);
        let accomplices = &others[..self.colluding as usize];
        let (says, quality) = match self.kind {
            Kind::Cheats | Kind::Mix => (Audits::AsTheWorkerSays, Quality::OtherModel),
            Kind::Framed => (Audits::Against, Quality::Right),
        };
        let colludes = Conduct::seated(says);
        for accomplice in accomplices {
            network.conduct.insert(accomplice.worker.clone(), colludes);
        }
        network
            .conduct
            .insert(cheat.worker.clone(), Conduct::delivering(quality));
        let client = network.rich();
        let own: Vec<AccountId> = cheat.accounts().into_iter().cloned().collect();
        let family: Vec<_> = accomplices
            .iter()
            .flat_map(Provider::accounts)
            .chain(&own)
            .cloned()
            .collect();
        let before = (wealth(&own), wealth(&family));
        let jobs: Vec<JobId> = (0..self.jobs)
            .map(|_| network.submit(&client, Some(&cheat.worker)))
            .collect();
        for job in &jobs[self.cheats as usize..] {
            network.quality.insert(*job, Quality::Right);
        }
        let mut found = 0;
        network.until("all settled", |network| {
            found += slashes_decided(&cheat.owner);
            network.jobs_are_final() && pallet_slashing::Pending::<Runtime>::iter().next().is_none()
        });
        let states = jobs[..self.cheats as usize].iter().map(|job| state(*job));
        let paid = states.filter(|state| *state == JobState::Settled).count() as u32;
        outcome.paid += paid;
        outcome.found += found;
        outcome.unpaid += self.cheats - paid - found;
        let gain = |before: Balance, accounts: &[AccountId]| {
            let after = wealth(accounts);
            // What honest work brings is no gain of a cheat.
            let honest = f64::from(self.jobs - self.cheats) * 0.95;
            let gained = after as f64 - before as f64;
            (gained / self.price as f64 - honest) / f64::from(self.cheats)
        };
        outcome.gains.push(gain(before.0, &own));
        outcome.family_gains.push(gain(before.1, &family));
        assert!(ProviderStaking::total_stake() > 0);
    }
}

fn state(job: JobId) -> JobState {
    pallet_job_market::Jobs::<Runtime>::get(job).expect("kept").state
}

/// Slashes of `owner` for wrong results that were decided in this block.
fn slashes_decided(owner: &AccountId) -> u32 {
    let decided = |event: &crate::RuntimeEvent| {
        matches!(event, crate::RuntimeEvent::Slashing(pallet_slashing::Event::SlashDeferred { owner: whose, offence, .. })
            if whose == owner && *offence == Offence::WrongResult)
    };
    crate::System::events()
        .iter()
        .filter(|record| decided(&record.event))
        .count() as u32
}

#[test]
fn cheating_should_lose_on_average_whatever_is_staked_paid_and_bribed() {
    if let Some(folder) = std::env::var_os("OGPU_ECONOMICS") {
        return grid::write(&std::path::PathBuf::from(folder));
    }
    // Without a record; without, with a fifth and with a third of the auditors.
    for colluding in [0, 4, 7] {
        let cell = Cell {
            stake: 100 * OGPU,
            price: OGPU * 4 / 10,
            rate_ppm: 250_000,
            colluding,
            jobs: JOBS,
            cheats: JOBS,
            kind: Kind::Cheats,
            seed: 1,
        };
        let outcome = cell.measure(4);
        assert_eq!(outcome.cheats(), 4 * JOBS);
        assert!(mean(&outcome.gains) < 0.0, "{cell:?}: {outcome:?}");
    }
}
