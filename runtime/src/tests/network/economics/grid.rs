//! What is measured for the tables and pictures of `scripts/economics`.

use super::{error, mean, odds::assumed_catch, Cell, Kind, Outcome, JOBS, OTHERS};
use crate::{Balance, OGPU};
use ogpu_primitives::{fees::PPM, penalty};
use std::{fmt::Write, path::Path};

/// Stake and price in 1/1000 OGPU; the second price of each stake is near the most that it carries at the least rate.
const FRAMES: [(Balance, Balance); 4] = [(100, 100), (100, 350), (400, 100), (400, 1_400)];

/// Chances of an audit.
const RATES_PPM: [u32; 4] = [20_000, 50_000, 120_000, 250_000];

/// Colluding owners: none, a fifth, a third.
const COLLUDING: [u32; 3] = [0, 4, 7];

/// A cell that cheats at all of its jobs.
fn cell(stake: Balance, price: Balance, rate_ppm: u32, colluding: u32) -> Cell {
    Cell {
        stake,
        price,
        rate_ppm,
        colluding,
        jobs: JOBS,
        cheats: JOBS,
        kind: Kind::Cheats,
        seed: 0,
    }
}

/// Cheats among honest jobs, and jobs as dear as a stake carries: all at once, or one.
fn mixes() -> Vec<Cell> {
    let mut cells = Vec::new();
    for rate_ppm in RATES_PPM {
        for colluding in [4, 7] {
            cells.push(Cell {
                cheats: 2,
                kind: Kind::Mix,
                ..cell(100 * OGPU, OGPU / 10, rate_ppm, colluding)
            });
        }
        let cap = penalty::job_cap(100 * OGPU, assumed_catch(rate_ppm));
        // Prices are rounded down to whole plancks a compute unit.
        let price = cap - cap / 100;
        let jobs = ((25 * OGPU / price) as u32).min(JOBS);
        for cheats in [1, jobs] {
            cells.push(Cell {
                jobs,
                cheats,
                kind: Kind::Mix,
                ..cell(100 * OGPU, price, rate_ppm, 7)
            });
        }
    }
    cells
}

/// The grid; prices stay below what a stake may carry in one job.
pub fn grid() -> Vec<Cell> {
    let mut cells = Vec::new();
    for (stake, price_milli) in FRAMES {
        for rate_ppm in RATES_PPM {
            for colluding in COLLUDING {
                let price = price_milli * OGPU / 1_000;
                cells.push(cell(stake * OGPU, price, rate_ppm, colluding));
            }
        }
    }
    cells.extend(mixes());
    cells.retain(|cell| penalty::job_cap(cell.stake, assumed_catch(cell.rate_ppm)) >= cell.price);
    (1..).zip(&mut cells).for_each(|(n, cell)| cell.seed = 500 * n);
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
            kind: if framed { Kind::Framed } else { Kind::Cheats },
            seed: 60_000 + 100 * n,
            ..cell(100 * OGPU, OGPU / 10, PPM, colluding)
        })
        .collect()
}

fn row(cell: &Cell, outcome: &Outcome) -> String {
    let ogpu = |amount: Balance| amount as f64 / OGPU as f64;
    let kind = match cell.kind {
        Kind::Cheats => "cheat",
        Kind::Mix => "mix",
        Kind::Framed => "honest",
    };
    format!(
        "{kind},{},{:.4},{},{:.4},{},{},{},{},{},{},{:.4},{:.4},{:.4},{:.4}\n",
        ogpu(cell.stake),
        ogpu(cell.price),
        f64::from(cell.rate_ppm) / f64::from(PPM),
        f64::from(cell.colluding) / f64::from(OTHERS),
        cell.cheats,
        cell.jobs,
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
fn table(path: &Path, cells: &[Cell], rounds: impl Fn(&Cell) -> u32) {
    let mut table = String::from(HEADER);
    for cell in cells {
        let outcome = cell.measure(rounds(cell));
        write!(table, "{}", row(cell, &outcome)).expect("a string takes it");
        std::fs::write(path, &table).expect("the table can be written");
        // Above a third nothing is promised.
        if cell.kind == Kind::Framed || 3 * cell.colluding > OTHERS {
            continue;
        }
        let odds = cell.odds();
        let cheats = f64::from(outcome.cheats());
        for (seen, chance) in [(outcome.found, odds.found), (outcome.unpaid, odds.unpaid)] {
            let (seen, due) = (f64::from(seen), cheats * chance);
            assert!(
                (seen - due).abs() <= 5.0 * due.sqrt() + 3.0,
                "{cell:?}: {outcome:?}, not {odds:?}"
            );
        }
        let (gain, error) = (mean(&outcome.gains), error(&outcome.gains));
        assert!(
            cheats * odds.found < 10.0 || gain < 2.0 * error,
            "{cell:?}: {gain} with an error of {error}"
        );
    }
}

/// Writes all tables into `folder`.
pub fn write(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    table(&folder.join("juries.csv"), &juries(), |_| 12);
    // Rare catches need more rounds until their mean says anything, and rounds of one cheat more than others.
    table(&folder.join("cheating.csv"), &grid(), |cell| {
        let cheats = if cell.rate_ppm < 100_000 { 2_000 } else { 400 };
        (cheats / cell.cheats).min(500)
    });
}

#[test]
fn cheating_should_lose_by_arithmetic_in_every_cell_of_the_grid() {
    let cells = grid();
    assert!(cells.len() > 60);
    for cell in cells {
        assert!(cell.expected() < 0.0, "{cell:?}: {}", cell.expected());
    }
}
