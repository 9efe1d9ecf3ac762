use super::{equivocation::sign, fixture::*};
use crate::{ballots::Ballots, mock::*, Event, JurySketches, SeatState, Verdict};
use frame_support::assert_ok;
use ogpu_primitives::{
    jury::JuryOutcome, receipt::Receipt, AuditOpening, AuditReport, BoundedVec, CheckStage, ChunkSketch,
    JobKind, Offence, Role, H256,
};

fn decided(outcome: JuryOutcome, seats: u32, against: u32, for_worker: u32) -> Event<Test> {
    Event::JuryDecided {
        subject: it(),
        outcome,
        seats,
        against,
        for_worker,
    }
}

fn void(n: u8) -> Event<Test> {
    Event::BallotVoid {
        subject: it(),
        worker: seat(n),
    }
}

/// A jury of all that report, over an auditor's dissent.
fn jury(reports: &[AuditReport]) {
    JurySeats::set(reports.len() as u32);
    commit(work());
    dispute();
    jury_votes(reports);
}

/// Jurors whose ballots are void.
fn voided() -> Vec<AccountId> {
    let all = seats().into_iter();
    all.filter(|(_, state)| *state == SeatState::Void)
        .map(|(worker, _)| worker)
        .collect()
}

fn sketches_kept() -> usize {
    JurySketches::<Test>::iter().count()
}

#[test]
fn ballots_should_count_when_most_jurors_have_the_same_sketch() {
    let (right, wrong) = (jury_sketch(0), jury_sketch(1));
    let params = work().terms.params;
    let found = |sketches: &[Option<&ChunkSketch>]| {
        let ballots = Ballots::of(sketches, sketches.len(), &params);
        (ballots.counts, ballots.has_blame)
    };
    let (a, b) = (Some(&right), Some(&wrong));
    assert_eq!(found(&[a, a, a]), (vec![true; 3], true));
    assert_eq!(found(&[a, b, a]), (vec![true, false, true], true));
    assert_eq!(found(&[None, b, None]), (vec![true, false, true], true));
    assert_eq!(found(&[None; 2]), (vec![true; 2], true));
    assert_eq!(found(&[a, b]), (vec![false; 2], false), "nobody can tell");
    assert_eq!(found(&[a, b, None]), (vec![false; 3], false));
    assert_eq!(found(&[]), (vec![], false));
}

#[test]
fn nobody_should_be_at_fault_when_those_who_share_are_few_of_those_who_sat() {
    let (right, wrong) = (jury_sketch(0), jury_sketch(1));
    let params = work().terms.params;
    let votes = [Some(&right), Some(&wrong), Some(&right)];
    assert!(Ballots::of(&votes, 3, &params).has_blame);
    let ballots = Ballots::of(&votes, 4, &params);
    assert_eq!(
        (ballots.counts, ballots.has_blame),
        (vec![true, false, true], false)
    );
}

#[test]
fn nobody_should_be_at_fault_when_thresholds_are_not_calibrated() {
    let (right, wrong) = (jury_sketch(0), jury_sketch(1));
    let mut params = work().terms.params;
    params.slash_enabled = false;
    let ballots = Ballots::of(&[Some(&right), Some(&wrong), Some(&right)], 3, &params);
    assert_eq!(ballots.counts, [true, false, true]);
    assert!(!ballots.has_blame);
}

#[test]
fn lazy_juror_should_be_void_unpaid_and_struck_when_two_others_computed() {
    ExtBuilder::default().build_and_execute(|| {
        jury(&[
            computed(dissenting()),
            made_up(dissenting(), 1),
            computed(dissenting()),
        ]);
        let events = events();
        assert!(events.contains(&void(2)));
        assert!(events.contains(&decided(JuryOutcome::Guilty, 3, 2, 0)));
        assert_eq!(voided(), [seat(2)]);
        let mut payouts: Vec<_> = [0, 1, 3].map(|n| (seat_owner(n), FEE)).to_vec();
        payouts.push((fund(), 3 * FEE));
        assert_eq!(
            heard(),
            [
                Told::Wrong(Offence::WrongResult, payouts),
                Told::Verdict(it(), Verdict::Wrong),
                absent(2),
            ]
        );
        assert_eq!(Balances::free_balance(seat_owner(2)), FUNDS);
        assert_eq!(sketches_kept(), 0);
    });
}

#[test]
fn lazy_pass_should_count_for_neither_side_when_it_is_the_only_one() {
    ExtBuilder::default().build_and_execute(|| {
        jury(&[
            computed(dissenting()),
            computed(dissenting()),
            made_up(passing(), 1),
        ]);
        assert!(events().contains(&decided(JuryOutcome::Guilty, 3, 2, 0)));
        assert_eq!(voided(), [seat(3)]);
    });
}

#[test]
fn minority_should_count_when_it_computed_what_the_others_did() {
    ExtBuilder::default().build_and_execute(|| {
        jury(&votes(2, 1));
        assert!(events().contains(&decided(JuryOutcome::Guilty, 3, 2, 1)));
        assert!(voided().is_empty());
    });
}

#[test]
fn no_juror_should_be_paid_or_blamed_when_no_sketch_is_that_of_most() {
    let all_differ = [
        made_up(dissenting(), 0),
        made_up(dissenting(), 1),
        made_up(dissenting(), 2),
    ];
    let half_and_half = [0, 0, 1, 1].map(|n| made_up(dissenting(), n));
    for reports in [&all_differ[..], &half_and_half[..]] {
        ExtBuilder::default().build_and_execute(|| {
            jury(reports);
            let seats = reports.len();
            assert!(events().contains(&decided(JuryOutcome::Undecided, seats as u32, 0, 0)));
            assert_eq!(voided().len(), seats);
            assert_eq!(
                heard(),
                [Told::Refunded, Told::Verdict(it(), Verdict::Inconclusive)]
            );
            // Only the auditor, as before every jury that is undecided.
            assert_eq!(Balances::free_balance(fund()), FUNDS - FEE);
            assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS + FEE);
        });
    }
}

#[test]
fn juror_should_be_void_when_it_alone_finds_that_nobody_can_compute_or_alone_computed() {
    let (with, without) = (computed(dissenting()), contradicted());
    for (reports, lazy) in [([&with, &without, &with], 2), ([&without, &without, &with], 3)] {
        ExtBuilder::default().build_and_execute(|| {
            jury(&reports.map(AuditReport::clone));
            assert_eq!(voided(), [seat(lazy)]);
            assert!(heard().contains(&absent(lazy)));
        });
    }
}

#[test]
fn juror_should_be_unfit_when_it_shows_nothing_of_a_text_that_can_be_computed() {
    ExtBuilder::default().build_and_execute(|| {
        // Of one mind without having agreed on anything.
        jury(&[passing(), dissenting(), soft(), computed(dissenting())]);
        let states: Vec<_> = seats().into_iter().skip(1).map(|(_, state)| state).collect();
        assert_eq!(states[..3], [SeatState::Absent; 3]);
        assert!(voided().is_empty());
        assert!(events().contains(&decided(JuryOutcome::Undecided, 4, 1, 0)));
    });
}

#[test]
fn ballot_should_be_void_without_blame_when_thresholds_are_not_calibrated() {
    ExtBuilder::default().build_and_execute(|| {
        JurySeats::set(3);
        let mut work = work();
        work.terms.params.slash_enabled = false;
        commit(work);
        dispute();
        jury_votes(&[computed(passing()), computed(passing()), made_up(dissenting(), 1)]);
        assert_eq!(voided(), [seat(3)]);
        assert!(events().contains(&decided(JuryOutcome::Innocent, 3, 0, 2)));
        assert_eq!(
            heard(),
            [Told::Passed { counted: true }, Told::Verdict(it(), Verdict::Pass)]
        );
        assert_eq!(Balances::free_balance(seat_owner(3)), FUNDS);
    });
}

#[test]
fn jury_of_fifteen_should_convict_when_ten_computed_and_five_did_not() {
    for (lazy, outcome) in [(5, JuryOutcome::Guilty), (6, JuryOutcome::Unclear)] {
        ExtBuilder::default().build_and_execute(|| {
            let mut reports = votes(15 - lazy, 0);
            reports.extend((1..=lazy as i16).map(|n| made_up(passing(), n)));
            jury(&reports);
            assert!(events().contains(&decided(outcome, 15, 15 - lazy as u32, 0)));
            assert_eq!(voided().len(), lazy);
        });
    }
}

#[test]
fn lazy_passes_should_be_neither_counted_nor_paid_when_most_computed() {
    ExtBuilder::default().build_and_execute(|| {
        let mut reports = votes(0, 5);
        reports.extend((1..=4).map(|n| made_up(passing(), n)));
        jury(&reports);
        // Five of nine seats acquit without them.
        assert!(events().contains(&decided(JuryOutcome::Innocent, 9, 0, 5)));
        for (n, paid) in (1..10).zip([FEE, FEE, FEE, FEE, FEE, 0, 0, 0, 0]) {
            assert_eq!(Balances::free_balance(seat_owner(n)), FUNDS + paid, "juror {n}");
        }
    });
}

#[test]
fn auditor_should_be_unfit_when_its_report_has_a_jurys_sketch() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        draw();
        let report = computed(passing());
        audit_commit(0, &report);
        run_ticks(9);
        audit_commit(1, &report);
        open();
        for n in 0..2 {
            let opened = Verification::audit_open(signed(seat(n)), it(), report.clone(), SALT);
            assert_eq!(
                opened.map(|post| post.pays_fee),
                Ok(frame_support::dispatch::Pays::Yes)
            );
            assert_eq!(seats()[usize::from(n)].1, SeatState::Absent);
        }
        assert_eq!(sketches_kept(), 0);
        run_ticks(1);
        assert_eq!(heard(), [absent(0), absent(1)]);
    });
}

#[test]
fn juror_should_be_unfit_when_its_sketch_has_another_length() {
    ExtBuilder::default().build_and_execute(|| {
        JurySeats::set(3);
        commit(work());
        dispute();
        let short = ChunkSketch::from_sums(vec![1; 31 * 8]);
        let reports = [
            computed(passing()),
            with_sketch(passing(), short),
            with_sketch(passing(), Some(ChunkSketch::default())),
        ];
        jury_votes(&reports);
        assert_eq!(seats()[2].1, SeatState::Absent);
        assert_eq!(seats()[3].1, SeatState::Absent);
        assert!(events().contains(&decided(JuryOutcome::Undecided, 3, 0, 1)));
        assert_eq!(
            heard(),
            [
                absent(2),
                absent(3),
                Told::Refunded,
                Told::Verdict(it(), Verdict::Inconclusive)
            ]
        );
    });
}

#[test]
fn ballots_should_all_count_when_an_embedding_is_judged() {
    ExtBuilder::default().build_and_execute(|| {
        JurySeats::set(3);
        let (work, commitment, vector) = embedding();
        assert_eq!(work.kind, JobKind::Embed);
        let mut other = vector.clone();
        other[3] ^= 0x80;
        other[255] ^= 0x80;
        let report = |bytes: &[u8]| AuditReport::Embed(BoundedVec::truncate_from(bytes.to_vec()));
        assert_ok!(Verification::committed(&it(), work, &commitment));
        first_commits(&report(&other));
        let opening = AuditOpening::Embed(BoundedVec::truncate_from(vector.clone()));
        assert_ok!(Verification::open(signed(prover()), it(), opening));
        audit_open(0, report(&other));
        run_ticks(10);
        jury_votes(&[report(&other), report(&vector), report(&other)]);
        assert!(events().contains(&decided(JuryOutcome::Guilty, 3, 2, 1)));
        assert!(voided().is_empty());
    });
}

/// A jury of nine of which the first two have opened.
fn counting() {
    commit(work());
    dispute();
    let reports = votes(9, 0);
    for (n, report) in (1..).zip(&reports) {
        audit_commit(n, report);
    }
    assert_eq!(stage(), CheckStage::Reporting(Role::Juror));
    audit_open(1, reports[0].clone());
    audit_open(2, reports[1].clone());
    let kept: Vec<_> = JurySketches::<Test>::iter_prefix(it()).collect();
    assert_eq!(kept.len(), 2);
    assert!(kept.contains(&(seat(1), jury_sketch(0))));
}

#[test]
fn sketches_should_be_cleared_when_the_jury_is_counted() {
    ExtBuilder::default().build_and_execute(|| {
        counting();
        run_ticks(60);
        assert!(record().verdict.is_some());
        assert_eq!(sketches_kept(), 0);
    });
}

#[test]
fn sketches_should_be_cleared_when_the_check_ends_for_another_reason() {
    ExtBuilder::default().build_and_execute(|| {
        counting();
        let other = Receipt {
            root: H256::zero(),
            ..Receipt::new(System::block_hash(0), key(1), &commitment())
        };
        assert_ok!(Verification::report_equivocation(
            signed(client()),
            Box::new(sign(other)),
            None
        ));
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Wrong));
        assert_eq!(sketches_kept(), 0);
    });
}

#[test]
fn sketches_should_be_cleared_when_the_subject_is_forgotten() {
    ExtBuilder::default().build_and_execute(|| {
        counting();
        Verification::forget(&it());
        assert_eq!(sketches_kept(), 0);
    });
}

#[test]
fn ballots_should_be_voided_once_when_the_verdict_has_to_wait() {
    ExtBuilder::default().build_and_execute(|| {
        Failing::set(true);
        jury(&[
            computed(dissenting()),
            made_up(dissenting(), 1),
            computed(dissenting()),
        ]);
        assert_eq!(record().verdict, None);
        // Nothing of the count that failed is kept.
        assert!(voided().is_empty());
        assert_eq!(sketches_kept(), 3);
        heard();
        Failing::set(false);
        run_ticks(32);
        assert_eq!(voided(), [seat(2)]);
        assert_eq!(heard().into_iter().filter(|told| *told == absent(2)).count(), 1);
    });
}

#[test]
fn key_should_be_known_once_the_jury_is_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(dissenting());
        assert_eq!(stage(), CheckStage::Drawing(Role::Juror));
        assert_eq!(record().jury_key, None);
        run_ticks(9);
        let key = record().jury_key;
        assert!(key.is_some());
        run_ticks(300);
        assert_eq!(record().jury_key, key);
    });
}

#[test]
fn there_should_be_no_key_when_nobody_can_judge() {
    for (candidates, has_key) in [(1, false), (3, true)] {
        ExtBuilder::default()
            .candidates(candidates)
            .build_and_execute(|| {
                commit(work());
                dispute();
                assert_eq!(record().verdict, Some(Verdict::Inconclusive));
                assert_eq!(record().jury_key.is_some(), has_key);
            });
    }
}
