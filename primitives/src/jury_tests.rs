use super::*;
use JuryOutcome::*;

#[test]
fn count_should_follow_the_table_when_everybody_votes() {
    // (seats, least against for Guilty, least against for Unclear): fewer are for the worker by majority.
    let table = [
        (3, 2, 2),
        (9, 6, 5),
        (10, 7, 6),
        (12, 8, 7),
        (15, 10, 8),
        (21, 14, 11),
    ];
    for (seats, guilty, unclear) in table {
        for against in 0..=seats {
            let for_worker = seats - against;
            let expected = if against >= guilty {
                Guilty
            } else if against >= unclear {
                Unclear
            } else if 2 * against == seats {
                Undecided
            } else {
                Innocent
            };
            assert_eq!(
                count(seats, against, for_worker),
                expected,
                "{against} of {seats}"
            );
        }
    }
}

#[test]
fn count_should_give_the_borders_when_some_are_absent() {
    let table = [
        (3, 2, 0, Guilty),
        (3, 1, 1, Undecided),
        (3, 0, 2, Innocent),
        (3, 1, 2, Innocent),
        (9, 6, 0, Guilty),
        (9, 5, 4, Unclear),
        (9, 5, 0, Unclear),
        (9, 4, 4, Undecided),
        (9, 0, 5, Innocent),
        (9, 0, 4, Undecided),
        (15, 10, 0, Guilty),
        (15, 9, 6, Unclear),
        (15, 8, 7, Unclear),
        (15, 8, 0, Unclear),
        (15, 7, 7, Undecided),
        (15, 7, 8, Innocent),
        (15, 0, 7, Undecided),
        (15, 0, 0, Undecided),
    ];
    for (seats, against, for_worker, expected) in table {
        assert_eq!(
            count(seats, against, for_worker),
            expected,
            "{seats}: {against} to {for_worker}"
        );
    }
}

#[test]
fn count_should_be_undecided_when_there_are_no_seats_or_too_many_votes() {
    assert_eq!(count(0, 0, 0), Undecided);
    assert_eq!(count(0, 1, 0), Undecided);
    assert_eq!(count(3, 3, 1), Undecided);
    assert_eq!(count(3, u32::MAX, u32::MAX), Undecided);
    assert_eq!(count(u32::MAX, u32::MAX, 0), Guilty);
}

#[test]
fn count_should_never_turn_towards_the_worker_when_one_more_is_against_it() {
    let rank = |outcome| match outcome {
        Innocent => 0,
        Undecided => 1,
        Unclear => 2,
        Guilty => 3,
    };
    for seats in 1..=21 {
        for against in 0..seats {
            for for_worker in 0..seats - against {
                let before = count(seats, against, for_worker);
                assert!(rank(count(seats, against + 1, for_worker)) >= rank(before));
                assert!(rank(count(seats, against, for_worker + 1)) <= rank(before));
            }
        }
    }
}

const WHOLE: u128 = 1_000_000_000_000;

/// Chance in parts of [`WHOLE`] that a jury of `seats` comes to `outcome`, when each juror independently
/// colludes with the worker, and votes for it, with a chance of `colluding` hundredths. Every other votes
/// against it, where that is right.
fn chance(seats: u32, colluding: u128, outcome: JuryOutcome) -> u128 {
    let mut binomial = 1u128;
    let mut sum = 0;
    for for_worker in 0..=seats {
        if count(seats, seats - for_worker, for_worker) == outcome {
            let mut term = binomial * WHOLE;
            for _ in 0..for_worker {
                term = term * colluding / 100;
            }
            for _ in for_worker..seats {
                term = term * (100 - colluding) / 100;
            }
            sum += term;
        }
        binomial = binomial * u128::from(seats - for_worker) / u128::from(for_worker + 1);
    }
    sum
}

#[test]
fn cheat_should_end_as_often_as_the_review_says_when_a_share_of_the_stake_colludes() {
    // Share in hundredths; a cheat that settles, that is refunded unslashed and that is slashed, in 1/1000
    // (section R3.7): one auditor, a hidden second at a quarter, 15 jurors.
    let table = [(10, 78, 2, 920), (20, 164, 48, 789), (33, 335, 208, 456)];
    for (colluding, settled, refunded, slashed) in table {
        let evaded = u128::from(crate::penalty::evasion_ppm(10_000 * colluding as u32, 250_000));
        let judged = 1_000_000 - evaded;
        let of_judged = |outcome| judged * chance(15, colluding, outcome) / WHOLE;
        let near = |ppm: u128, permille: u128| ppm.abs_diff(1_000 * permille) < 1_000;
        assert!(near(evaded + of_judged(Innocent), settled), "{colluding} %");
        let open = of_judged(Unclear) + of_judged(Undecided);
        assert!(near(open, refunded), "{colluding} %: {open}");
        assert!(near(of_judged(Guilty), slashed), "{colluding} %");
    }
}

#[test]
fn honest_worker_should_hardly_be_slashed_when_a_third_of_the_stake_is_against_it() {
    // The other way round: colluding jurors vote against an honest worker, the others for it.
    let framed = chance(15, 67, Guilty);
    assert!(framed * 100 < WHOLE, "{framed}");
    // A jury of three would be framed by two.
    assert!(chance(3, 67, Guilty) * 5 > WHOLE);
}
