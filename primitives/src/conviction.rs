//! How often a wrong result that is audited is convicted, when part of the audit stake colludes with its worker
//! (`verification.md` 3 and 4).

use crate::{fees::PPM, penalty};

/// Most seats that the chance is computed for; juries of more count as one of so many.
pub const MAX_SEATS: u32 = 30;

/// Most votes for the worker with which a jury of [`MAX_SEATS`] still convicts.
const MAX_ACQUITTALS: usize = 10;

/// A certain event in the sums of [`conviction_ppm`]: times a million it still fits 64 bits.
const CERTAIN: u64 = 1_000_000_000_000;

/// The chance in ppm that a jury of `seats` drawn seats convicts a wrong result, when each juror colludes with the
/// worker, and votes for it, with chance c: that at least two thirds of all seats do not; rounded down. 0 without
/// seats.
///
/// A juror who stays away votes for neither, so it helps the worker: those who count on honest jurors being late
/// add their share to c. A number of seats that 3 does not divide convicts less often than the next smaller one that
/// it does, 15 with 618,000 ppm at c = 1/3 and 14 with 475,000; the factor of two in [`penalty::wrong_result`]
/// outweighs that.
///
/// A share above one whole counts as one whole.
pub fn conviction_ppm(seats: u32, colluding_ppm: u32) -> u32 {
    let seats = seats.min(MAX_SEATS);
    if seats == 0 {
        return 0;
    }
    let (whole, colluding) = (u64::from(PPM), u64::from(colluding_ppm.min(PPM)));
    // At most a third of the seats: what is left of two thirds, rounded up.
    let acquittals = (seats - (2 * seats).div_ceil(3)) as usize;
    // The chance of each number of votes for the worker that still convicts, after the seats so far.
    let mut chances = [0u64; MAX_ACQUITTALS + 1];
    chances[0] = CERTAIN;
    for _ in 0..seats {
        let mut fewer = 0;
        for chance in chances.iter_mut().take(acquittals + 1) {
            let so_far = *chance;
            // All chances together are at most one whole.
            *chance = (so_far * (whole - colluding) + fewer * colluding) / whole;
            fewer = so_far;
        }
    }
    let convicted: u64 = chances.iter().take(acquittals + 1).sum();
    (convicted * whole / CERTAIN) as u32
}

/// The chance in ppm that a wrong result escapes its audit, where c of the audit stake colludes with the worker, r of
/// the audits have a hidden second auditor and the jury has `seats`: no drawn auditor dissents
/// ([`penalty::evasion_ppm`]), or the jury does not convict; rounded up.
pub fn escape_ppm(colluding_ppm: u32, second_ppm: u32, seats: u32) -> u32 {
    let disputed = u64::from(PPM - penalty::evasion_ppm(colluding_ppm, second_ppm).min(PPM));
    let convicted = disputed * u64::from(conviction_ppm(seats, colluding_ppm)) / u64::from(PPM);
    // A product of two shares of one.
    PPM - convicted as u32
}

#[cfg(test)]
#[path = "conviction_tests.rs"]
mod tests;
