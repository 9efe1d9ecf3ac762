//! What a coalition of block authors gains over the draw of an audit, in 100,000 draws each.
//!
//! The draw about a commitment of block *c* takes the accumulator of block *c* + 8. Whoever authors that block
//! knows the result first, and can withhold the block: then the next author's takes its place. Whoever authors
//! all eight blocks knows the result before the commitment is made. The client's secret, when it is shown only
//! after those blocks, leaves neither.

use super::*;
use crate::{randomness::mix, LatestHead};
use ogpu_primitives::{tagged_hash, traits::Draw};
use sp_core::H256;

/// Draws of each simulation.
const DRAWS: u32 = 100_000;

/// Blocks that a draw spans.
const SPAN: u32 = 8;

/// Validators.
const AUTHORS: u64 = 100;

/// Chance of an audit in parts per million: that of a worker without a record.
const RATE_PPM: u64 = 250_000;

/// Numbers that follow from a seed.
struct Dice {
    seed: &'static [u8],
    thrown: u64,
}

impl Dice {
    fn new(seed: &'static [u8]) -> Self {
        Self { seed, thrown: 0 }
    }

    fn hash(&mut self) -> [u8; 32] {
        self.thrown += 1;
        tagged_hash(b"test/dice", &[self.seed, &self.thrown.to_le_bytes()].concat()).0
    }

    /// Whether one of `colluding` authors has the next slot.
    fn is_own_slot(&mut self, colluding: u64) -> bool {
        first_number(&self.hash()) % AUTHORS < colluding
    }
}

fn first_number(bytes: &[u8; 32]) -> u64 {
    bytes
        .iter()
        .take(8)
        .fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// Whether `seed` draws an audit.
fn is_audited(seed: &H256) -> bool {
    u128::from(first_number(&seed.0)) * 1_000_000 < u128::from(RATE_PPM) << 64
}

/// What is drawn about: the work and, once it is shown, the client's secret.
fn subject(draw: u32, secret: Option<[u8; 32]>) -> Vec<u8> {
    let mut subject = draw.to_le_bytes().to_vec();
    subject.extend(secret.unwrap_or_default());
    subject
}

/// The next block, with this output.
fn publish(vrf: [u8; 32]) {
    let block = next_block();
    Beacon::record(block, Some(vrf));
    System::set_block_number(u64::from(block) + 1);
}

fn next_block() -> u32 {
    LatestHead::<Test>::get().map_or(1, |head| head.block + 1)
}

/// The result as the author of the next block knows it before it publishes `vrf`.
fn foreseen(vrf: &[u8; 32], subject: &[u8]) -> H256 {
    let before = LatestHead::<Test>::get().map_or(H256::zero(), |head| head.accumulator);
    let accumulator = mix(before, vrf, next_block());
    tagged_hash(b"ogpu/draw/v1", &[accumulator.as_bytes(), subject].concat())
}

/// When the client shows its secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secret {
    /// It has none.
    Never,
    /// Before the last block of the draw: that block's author knows it.
    Early,
    /// After the last block of the draw.
    Late,
}

/// The part of commitments that are audited, in ppm, when `colluding` of the authors withhold every last block of a
/// draw that they dislike, as often as they have the slot.
fn audited_ppm(colluding: u64, secret: Secret) -> u64 {
    let mut audited = 0;
    ExtBuilder.build_and_execute(|| {
        let mut dice = Dice::new(b"skip");
        for draw in 0..DRAWS {
            let fixed = next_block() - 1;
            for _ in 1..SPAN {
                publish(dice.hash());
            }
            let shown = (secret != Secret::Never).then(|| dice.hash());
            let about = subject(draw, shown);
            // Who has not seen the secret can only guess it.
            let known = match secret {
                Secret::Late => subject(draw, Some([0; 32])),
                _ => about.clone(),
            };
            loop {
                let vrf = dice.hash();
                let dislikes = is_audited(&foreseen(&vrf, &known));
                if dice.is_own_slot(colluding) && dislikes {
                    continue;
                }
                publish(vrf);
                break;
            }
            let drawn = Beacon::draw(fixed, SPAN, &about).expect("all blocks are there");
            audited += u64::from(is_audited(&drawn));
        }
    });
    audited * 1_000_000 / u64::from(DRAWS)
}

/// Four deviations of a count of [`DRAWS`] in ppm, at their largest.
const NOISE_PPM: u64 = 4 * 1_000_000 / (2 * 316);

#[test]
fn skipping_should_evade_no_more_than_the_coalitions_share_of_slots_when_there_is_no_secret() {
    for colluding in [0, 5, 25, 50] {
        let audited = audited_ppm(colluding, Secret::Never);
        let least = RATE_PPM * (AUTHORS - colluding) / AUTHORS;
        assert!(audited + NOISE_PPM >= least, "{colluding}: {audited} of {least}");
        // Withholding works: q = p(1 − v)/(1 − v·p).
        let expected =
            RATE_PPM * (AUTHORS - colluding) * 1_000_000 / (AUTHORS * 1_000_000 - colluding * RATE_PPM);
        assert!(
            audited.abs_diff(expected) <= NOISE_PPM,
            "{colluding}: {audited}, not {expected}"
        );
    }
}

#[test]
fn skipping_should_gain_no_more_when_the_secret_is_shown_early() {
    let (without, early) = (audited_ppm(25, Secret::Never), audited_ppm(25, Secret::Early));
    assert!(early + 2 * NOISE_PPM >= without, "{early} {without}");
    assert!(early + NOISE_PPM >= RATE_PPM * 3 / 4);
}

#[test]
fn skipping_should_gain_nothing_when_the_secret_is_shown_after_the_last_block() {
    for colluding in [25, 50] {
        let audited = audited_ppm(colluding, Secret::Late);
        assert!(audited.abs_diff(RATE_PPM) <= NOISE_PPM, "{colluding}: {audited}");
    }
}

/// Commitments in [`DRAWS`] whose result the coalition knew before it made them, and how many of those that it took
/// for safe were audited all the same.
fn foreknown(colluding: u64, span: u32, secret: Secret) -> (u64, u64, u64) {
    let (mut known, mut safe, mut audited) = (0, 0, 0);
    ExtBuilder.build_and_execute(|| {
        let mut dice = Dice::new(b"foreknowledge");
        for draw in 0..DRAWS {
            let fixed = next_block() - 1;
            // Authors know their own outputs of the whole epoch; those of others they do not.
            let slots: Vec<_> = (0..span)
                .map(|_| (dice.is_own_slot(colluding), dice.hash()))
                .collect();
            let about = subject(draw, (secret != Secret::Never).then(|| dice.hash()));
            let guessed = subject(draw, (secret != Secret::Never).then_some([0; 32]));
            let predicted = slots.iter().all(|(own, _)| *own).then(|| {
                let head = LatestHead::<Test>::get();
                let (mut accumulator, mut block) =
                    head.map_or((H256::zero(), 1), |h| (h.accumulator, h.block + 1));
                for (_, vrf) in &slots {
                    accumulator = mix(accumulator, vrf, block);
                    block += 1;
                }
                let drawn = tagged_hash(b"ogpu/draw/v1", &[accumulator.as_bytes(), &guessed].concat());
                is_audited(&drawn)
            });
            for (_, vrf) in slots {
                publish(vrf);
            }
            known += u64::from(predicted.is_some());
            if predicted == Some(false) {
                safe += 1;
                let drawn = Beacon::draw(fixed, span, &about).expect("all blocks are there");
                audited += u64::from(is_audited(&drawn));
            }
        }
    });
    (known, safe, audited)
}

#[test]
fn foreknowledge_should_need_every_block_of_the_draw_when_there_is_no_secret() {
    let draws = f64::from(DRAWS);
    for (span, share) in [(1, 0.5f64), (2, 0.25), (4, 0.0625), (SPAN, 0.00390625)] {
        let (known, safe, audited) = foreknown(50, span, Secret::Never);
        let (expected, deviation) = (draws * share, (draws * share * (1.0 - share)).sqrt());
        assert!(
            (known as f64 - expected).abs() <= 4.0 * deviation,
            "{span}: {known}"
        );
        assert!(safe > 0);
        assert_eq!(audited, 0, "{span}: what is known is certain");
    }
    // A quarter of the slots: 1.5 expected in 100,000.
    let (known, ..) = foreknown(25, SPAN, Secret::Never);
    assert!(known <= 8, "{known}");
}

#[test]
fn foreknowledge_should_be_worth_nothing_when_the_client_keeps_a_secret() {
    // Half of all slots, over one block only, so that there are many cases.
    let (known, safe, audited) = foreknown(50, 1, Secret::Late);
    assert!(known > 45_000);
    let rate = audited * 1_000_000 / safe;
    // Of some 37,000.
    assert!(rate.abs_diff(RATE_PPM) <= 2 * NOISE_PPM, "{rate}");
}
