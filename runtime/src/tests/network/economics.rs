//! What cheating brings on average, measured on the real pallets.
//!
//! An owner without a record takes eight jobs at once and cheats at some of them; a part of all audit stake is its
//! accomplices', who pass what it leaks to them and acquit it on juries. Whatever they own before and after is
//! counted. An ordinary run measures a few cells; with `OGPU_ECONOMICS` set to a folder the whole grid is measured and
//! written there, for `scripts/economics`.

use super::{network, wealth, Audits, Conduct, Network, Provider, Quality, Settings};
use crate::{AccountId, Balance, ProviderStaking, Runtime, OGPU};
use ogpu_primitives::{fees::PPM, penalty, JobId, JobState, Offence};
use std::fmt::Write;

/// Other owners than the one who cheats: they audit and judge.
const OTHERS: u32 = 21;

/// Jobs that an owner takes at once.
const JOBS: u32 = 8;

/// Chance of a second auditor, in parts per million.
const SECOND_PPM: u32 = 250_000;

/// π as penalties count it, in parts per million.
fn assumed_catch(rate_ppm: u32) -> u32 {
    penalty::catch_ppm(rate_ppm, 990_000, penalty::evasion_ppm(200_000, SECOND_PPM))
}

/// One point of the grid.
#[derive(Clone, Copy, Debug)]
struct Cell {
    stake: Balance,
    price: Balance,
    rate_ppm: u32,
    /// Of [`OTHERS`].
    colluding: u32,
    /// Of [`JOBS`].
    cheats: u32,
    /// Nobody cheats; the accomplices would frame an honest owner.
    framed: bool,
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
    /// Chance that a cheat is caught when accomplices are drawn as often as their stake says.
    fn caught(&self) -> f64 {
        let evaded = penalty::evasion_ppm(self.colluding * PPM / OTHERS, SECOND_PPM);
        f64::from(self.rate_ppm) / f64::from(PPM) * (1.0 - f64::from(evaded) / f64::from(PPM))
    }

    /// What a cheat brings, in prices, by arithmetic alone.
    fn expected(&self) -> f64 {
        let slash = penalty::wrong_result(self.stake, self.price, assumed_catch(self.rate_ppm), 0);
        let caught = self.caught();
        // The provider's part of the price, when it is not caught.
        0.95 * (1.0 - caught) - caught * slash as f64 / self.price as f64
    }

    /// `rounds` rounds of [`JOBS`] jobs.
    fn measure(&self, rounds: u32) -> Outcome {
        let mut outcome = Outcome::default();
        for round in 0..rounds {
            let settings = Settings {
                most_rate_ppm: self.rate_ppm,
                least_rate_ppm: self.rate_ppm,
                second_ppm: SECOND_PPM,
                jury: 15,
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
        let cheat = network.provider(self.stake);
        let others = network.providers(OTHERS as usize, self.stake);
        let accomplices = &others[..self.colluding as usize];
        let (says, quality) = match self.framed {
            false => (Audits::AsTheWorkerSays, Quality::OtherModel),
            true => (Audits::Against, Quality::Right),
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
        let jobs: Vec<JobId> = (0..JOBS)
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
            let honest = f64::from(JOBS - self.cheats) * 0.95;
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

/// The grid; prices stay below what a stake may carry in one job.
fn grid() -> Vec<Cell> {
    let mut cells = Vec::new();
    for stake in [100, 400] {
        for price_milli in [100, 800] {
            for rate_ppm in [20_000, 50_000, 120_000, 250_000] {
                for colluding in [0, 4, 7] {
                    for cheats in [JOBS, 2] {
                        cells.push(Cell {
                            stake: stake * OGPU,
                            price: price_milli * OGPU / 1_000,
                            rate_ppm,
                            colluding,
                            cheats,
                            framed: false,
                            seed: 0,
                        });
                    }
                }
            }
        }
    }
    cells.retain(|cell| penalty::job_cap(cell.stake, assumed_catch(cell.rate_ppm)) >= cell.price);
    // Mixes are as good or bad as the cheats in them: enough to see it once.
    cells.retain(|cell| cell.cheats == JOBS || (cell.stake == 100 * OGPU && cell.colluding == 4));
    (1..).zip(&mut cells).for_each(|(n, cell)| cell.seed = 400 * n);
    cells
}

/// Everything is audited: what the auditors and the jury say depends on who they are.
fn juries() -> Vec<Cell> {
    let shares = [0, 2, 4, 5, 7, 9, 11];
    let cells = shares
        .into_iter()
        .flat_map(|colluding| [false, true].map(|framed| (colluding, framed)));
    (1..)
        .zip(cells)
        .map(|(n, (colluding, framed))| Cell {
            stake: 100 * OGPU,
            price: OGPU / 10,
            rate_ppm: PPM,
            colluding,
            cheats: JOBS,
            framed,
            seed: 40_000 + 100 * n,
        })
        .collect()
}

fn row(cell: &Cell, outcome: &Outcome) -> String {
    let ogpu = |amount: Balance| amount as f64 / OGPU as f64;
    let kind = if cell.framed { "honest" } else { "cheat" };
    format!(
        "{kind},{},{},{},{:.4},{},{JOBS},{},{},{},{},{:.4},{:.4},{:.4},{:.4}\n",
        ogpu(cell.stake),
        ogpu(cell.price),
        f64::from(cell.rate_ppm) / f64::from(PPM),
        f64::from(cell.colluding) / f64::from(OTHERS),
        cell.cheats,
        outcome.cheats(),
        outcome.paid,
        outcome.unpaid,
        outcome.found,
        mean(&outcome.gains),
        error(&outcome.gains),
        mean(&outcome.family_gains),
        cell.expected(),
    )
}

const HEADER: &str =
    "kind,stake,price,rate,colluding,cheats,jobs,measured,paid,unpaid,found,gain,error,family_gain,expected\n";

/// Measures all cells, writes them to `path`, and leaves what is in doubt to the reader's eye and what is not to an
/// assertion.
fn table(path: &std::path::Path, cells: &[Cell], rounds: impl Fn(&Cell) -> u32) {
    let mut table = String::from(HEADER);
    for cell in cells {
        let outcome = cell.measure(rounds(cell));
        write!(table, "{}", row(cell, &outcome)).expect("a string takes it");
        std::fs::write(path, &table).expect("the table can be written");
        // Who owns half of the jury acquits its own.
        if cell.framed || 3 * cell.colluding > OTHERS {
            continue;
        }
        let caught = f64::from(outcome.cheats()) * cell.caught();
        let refused = f64::from(outcome.found + outcome.unpaid);
        assert!(
            (refused - caught).abs() <= 5.0 * caught.sqrt() + 3.0,
            "{cell:?}: {outcome:?}"
        );
        let (gain, error) = (mean(&outcome.gains), error(&outcome.gains));
        assert!(
            caught < 10.0 || gain < 3.0 * error,
            "{cell:?}: {gain} with an error of {error}"
        );
    }
}

#[test]
fn cheating_should_lose_on_average_whatever_is_staked_paid_and_bribed() {
    if let Some(folder) = std::env::var_os("OGPU_ECONOMICS") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        table(&folder.join("juries.csv"), &juries(), |_| 12);
        // Rare catches need more rounds until their mean says anything.
        table(&folder.join("cheating.csv"), &grid(), |cell| {
            if cell.rate_ppm < 100_000 {
                250
            } else {
                40
            }
        });
        return;
    }
    // Without a record, without and with a fifth of the auditors.
    for colluding in [0, 4] {
        let cell = Cell {
            stake: 100 * OGPU,
            price: OGPU * 4 / 10,
            rate_ppm: 250_000,
            colluding,
            cheats: JOBS,
            framed: false,
            seed: 1,
        };
        let outcome = cell.measure(4);
        assert_eq!(outcome.cheats(), 4 * JOBS);
        assert!(mean(&outcome.gains) < 0.0, "{cell:?}: {outcome:?}");
    }
}

#[test]
fn cheating_should_lose_by_arithmetic_in_every_cell_of_the_grid() {
    let cells = grid();
    assert!(cells.len() > 40);
    for cell in cells {
        assert!(cell.expected() < 0.0, "{cell:?}: {}", cell.expected());
    }
}
