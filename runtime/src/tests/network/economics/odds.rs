//! What a cheat brings by arithmetic alone.

use super::{Cell, JURY, OTHERS, SECOND_PPM};
use ogpu_primitives::{
    conviction,
    fees::PPM,
    jury::{self, JuryOutcome},
    penalty,
};

/// Part of the audit stake that penalties take for colluding: the runtime's default.
pub const ASSUMED_PPM: u32 = 333_333;

/// Part of the blocks that penalties take for left out by accomplices: the runtime's default.
const WITHHOLDING_PPM: u32 = 200_000;

/// π as penalties count it, in parts per million.
pub fn assumed_catch(rate_ppm: u32) -> u32 {
    let drawn = penalty::drawn_ppm(rate_ppm, WITHHOLDING_PPM);
    penalty::catch_ppm(
        drawn,
        990_000,
        conviction::escape_ppm(ASSUMED_PPM, SECOND_PPM, JURY),
    )
}

/// Chances of what becomes of a cheat.
#[derive(Clone, Copy, Debug)]
pub struct Odds {
    /// It is neither paid nor blamed.
    pub unpaid: f64,
    /// It is slashed.
    pub found: f64,
}

impl Odds {
    /// What a cheat brings in prices when being found costs `slash` of them: the provider's part where it is paid.
    pub fn gain(&self, slash: f64) -> f64 {
        0.95 * (1.0 - self.unpaid - self.found) - self.found * slash
    }
}

/// Chances of the outcomes of a jury of which each of `seats` acquits with the chance that `acquits` gives for its
/// number and the votes before it: convicted, and neither convicted nor acquitted.
fn judged(seats: u32, acquits: impl Fn(u32, u32) -> f64) -> (f64, f64) {
    let mut chances = vec![0.0; seats as usize + 1];
    chances[0] = 1.0;
    for seat in 0..seats {
        for votes in (0..=seat).rev() {
            let acquitted = chances[votes as usize] * acquits(seat, votes);
            chances[votes as usize] -= acquitted;
            chances[votes as usize + 1] += acquitted;
        }
    }
    let of = |wanted: &[JuryOutcome]| {
        (0..=seats)
            .filter(|votes| wanted.contains(&jury::count(seats, seats - votes, *votes)))
            .map(|votes| chances[votes as usize])
            .sum()
    };
    (
        of(&[JuryOutcome::Guilty]),
        of(&[JuryOutcome::Unclear, JuryOutcome::Undecided]),
    )
}

/// Where `colluding` of the stake of very many owners is the cheat's, and audits are drawn with this chance.
pub fn among_many(drawn: f64, colluding: f64) -> Odds {
    let second = f64::from(SECOND_PPM) / f64::from(PPM);
    let disputed = drawn * (1.0 - colluding * (1.0 - second + second * colluding));
    let (convicted, unclear) = judged(JURY, |_, _| colluding);
    Odds {
        unpaid: disputed * unclear,
        found: disputed * convicted,
    }
}

impl Cell {
    /// Chances when `colluding` of [`OTHERS`] owners of equal stakes are drawn without replacement.
    pub fn odds(&self) -> Odds {
        let (others, colluding) = (f64::from(OTHERS), f64::from(self.colluding));
        let second = f64::from(SECOND_PPM) / f64::from(PPM);
        let both = (colluding - 1.0).max(0.0) / (others - 1.0);
        let evaded = colluding / others * (1.0 - second + second * both);
        let disputed = f64::from(self.rate_ppm) / f64::from(PPM) * (1.0 - evaded);
        // An honest auditor dissented and has no seat.
        let (convicted, unclear) = judged(JURY, |seat, votes| {
            (colluding - f64::from(votes)).max(0.0) / (others - 1.0 - f64::from(seat))
        });
        Odds {
            unpaid: disputed * unclear,
            found: disputed * convicted,
        }
    }

    /// What a cheat brings, in prices.
    pub fn expected(&self) -> f64 {
        let slash = penalty::wrong_result(self.stake, self.price, assumed_catch(self.rate_ppm), 0);
        self.odds().gain(slash as f64 / self.price as f64)
    }
}

#[test]
fn chances_should_be_those_that_penalties_count_with() {
    for rate_ppm in [20_000, 250_000, PPM] {
        let drawn = f64::from(penalty::drawn_ppm(rate_ppm, WITHHOLDING_PPM)) / f64::from(PPM);
        let odds = among_many(drawn, f64::from(ASSUMED_PPM) / f64::from(PPM));
        let assumed = f64::from(assumed_catch(rate_ppm)) / f64::from(PPM);
        assert!((odds.found * 0.99 - assumed).abs() < 5e-6, "{rate_ppm}: {odds:?}");
    }
}
