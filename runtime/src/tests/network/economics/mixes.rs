//! The search for a mix of cheats that pays: how many jobs at once, how dear each, which of them wrong.
//!
//! One mix is everything that an owner can have unsettled at one time. A longer plan is a sequence of mixes whose odds
//! do not depend on what happened before, but that a failed audit makes every later one certain for a while and the next
//! slash twice as large, and that passed ones lower rate and cap together: a plan brings no more than the best of its
//! mixes each time. Honest jobs in between bring what they bring anyway.

use super::{
    super::walk::Dice,
    odds::{among_many, assumed_catch},
};
use crate::{Balance, OGPU};
use ogpu_primitives::{fees::PPM, penalty};

/// Most cheats of a mix: their outcomes are counted one by one.
const MOST: usize = 8;

/// Stake of the owner. Slashes and caps are parts of it or of the price: only the ratio of both matters.
const STAKE: Balance = 100 * OGPU;

/// Part of the stake that may be unsettled: the runtime's default is a quarter.
const EXPOSURE_DIVISOR: Balance = 4;

/// An owner with its accomplices.
#[derive(Clone, Copy, Debug)]
struct Family {
    rate_ppm: u32,
    /// Part of the audit stake.
    colluding: f64,
    /// Part of the blocks, which it leaves out when they draw an audit of its results.
    withholding: f64,
}

impl Family {
    fn assumed_catch(&self) -> u32 {
        assumed_catch(self.rate_ppm)
    }

    /// The most that one job may cost.
    fn cap(&self) -> Balance {
        penalty::job_cap(STAKE, self.assumed_catch())
    }

    /// What cheating at jobs of these prices, all unsettled at once, brings on average, in planck.
    fn gain(&self, prices: &[Balance]) -> f64 {
        let rate = f64::from(self.rate_ppm) / f64::from(PPM);
        let drawn = rate * (1.0 - self.withholding) / (1.0 - self.withholding * rate).max(f64::EPSILON);
        let drawn = if rate < 1.0 { drawn } else { 1.0 };
        let odds = among_many(drawn, self.colluding);
        let paid = 0.95 * (1.0 - odds.unpaid - odds.found);
        let brought: f64 = prices.iter().map(|price| paid * *price as f64).sum();
        brought - slashed(prices, self.assumed_catch(), odds.found, 0, STAKE)
    }

    /// The same in parts of what the jobs cost.
    fn value(&self, prices: &[Balance]) -> f64 {
        self.gain(prices) / prices.iter().sum::<Balance>() as f64
    }

    /// Whether the market lets the owner have all of these at once.
    fn may_have(&self, prices: &[Balance]) -> bool {
        let whole: Balance = prices.iter().sum();
        (1..=MOST).contains(&prices.len())
            && prices.iter().all(|price| (1..=self.cap()).contains(price))
            && whole <= STAKE / EXPOSURE_DIVISOR
    }

    /// A mix near `prices`.
    fn neighbour(&self, prices: &[Balance], dice: &mut Dice) -> Vec<Balance> {
        let mut next = prices.to_vec();
        let any = self.cap() / 1_000 * (1 + dice.below(1_000) as Balance);
        match dice.below(4) {
            0 => next.push(any),
            1 if next.len() > 1 => drop(next.swap_remove(dice.below(prices.len()))),
            2 => next[dice.below(prices.len())] = any,
            _ => {
                let at = dice.below(prices.len());
                next[at] = next[at] / 1_000 * (900 + dice.below(201) as Balance);
            }
        }
        next
    }

    /// The best mix that climbing from several starts finds, with its value.
    fn best(&self, dice: &mut Dice) -> (f64, Vec<Balance>) {
        const STARTS: u32 = 6;
        const STEPS: u32 = 400;
        let mut best = (f64::MIN, Vec::new());
        for _ in 0..STARTS {
            let most = self.cap().min(STAKE / EXPOSURE_DIVISOR);
            let mut prices = vec![most / 1_000 * (1 + dice.below(1_000) as Balance)];
            let mut value = self.value(&prices);
            for _ in 0..STEPS {
                let next = self.neighbour(&prices, dice);
                if !self.may_have(&next) {
                    continue;
                }
                let gained = self.value(&next);
                if gained > value {
                    (prices, value) = (next, gained);
                }
            }
            if value > best.0 {
                best = (value, prices);
            }
        }
        best
    }
}

/// What is slashed for these jobs on average, each found with a chance of `found`, after `earlier` slashes that left
/// `left` of the stake.
fn slashed(prices: &[Balance], assumed_catch: u32, found: f64, earlier: u32, left: Balance) -> f64 {
    let Some((price, later)) = prices.split_first() else {
        return 0.0;
    };
    let slash = penalty::wrong_result(STAKE, *price, assumed_catch, earlier).min(left);
    let unseen = slashed(later, assumed_catch, found, earlier, left);
    if slash == left {
        return (1.0 - found) * unseen + found * left as f64;
    }
    let seen = slash as f64 + slashed(later, assumed_catch, found, earlier + 1, left - slash);
    (1.0 - found) * unseen + found * seen
}

/// The best mixes over rates and shares, the best last.
fn search(colluding: &[f64], withholding: &[f64]) -> Vec<(f64, Family, Vec<Balance>)> {
    let mut dice = Dice::new(7);
    let mut found = Vec::new();
    for rate_ppm in [20_000, 35_000, 80_000, 120_000, 250_000, 500_000, PPM] {
        for colluding in colluding {
            for withholding in withholding {
                let family = Family {
                    rate_ppm,
                    colluding: *colluding,
                    withholding: *withholding,
                };
                let (value, prices) = family.best(&mut dice);
                found.push((value, family, prices));
            }
        }
    }
    found.sort_by(|(one, ..), (other, ..)| one.total_cmp(other));
    found
}

#[test]
fn no_mix_of_jobs_should_pay_when_a_third_of_auditors_and_jurors_and_a_fifth_of_blocks_collude() {
    let found = search(&[0.0, 0.1, 0.2, 0.333_333], &[0.0, 0.2]);
    let (value, family, prices) = found.last().expect("something was tried");
    println!(
        "the best of {}: {value:.3} of {prices:?}, {family:?}",
        found.len()
    );
    assert!(*value < 0.0, "{family:?} gains {value} with {prices:?}");
}

#[test]
fn search_should_find_a_mix_that_pays_when_half_of_auditors_and_jurors_collude() {
    let (value, ..) = search(&[0.5], &[0.0]).pop().expect("something was tried");
    assert!(value > 0.0, "{value}");
}
