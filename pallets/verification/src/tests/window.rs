use super::fixture::*;
use crate::{
    mock::*,
    window::{audit_rate, is_drawn},
    Error, Event, Verdict,
};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{tagged_hash, CheckStage, JobState, Role};
use proptest::prelude::*;

#[test]
fn audit_rate_should_double_and_end_at_certainty_when_there_is_reason() {
    let cases = [
        ((20_000, false, false, false), 20_000),
        ((20_000, true, false, false), 40_000),
        ((20_000, false, true, false), 40_000),
        ((20_000, true, true, false), 80_000),
        ((400_000, true, true, false), 1_000_000),
        ((0, true, true, false), 0),
        ((0, false, false, true), 1_000_000),
        ((u32::MAX, true, true, false), 1_000_000),
    ];
    for ((rate, greedy, surcharged, certain), expected) in cases {
        assert_eq!(audit_rate(rate, greedy, surcharged, certain), expected);
    }
}

#[test]
fn is_drawn_should_hit_about_as_often_as_its_rate_when_seeds_differ() {
    let hits = |rate| {
        (0..40_000u32)
            .filter(|n| is_drawn(&tagged_hash(b"test", &n.to_le_bytes()), rate))
            .count()
    };
    assert_eq!(hits(0), 0);
    assert_eq!(hits(1_000_000), 40_000);
    // Five standard deviations.
    assert!(hits(20_000).abs_diff(800) < 140);
    assert!(hits(250_000).abs_diff(10_000) < 433);
}

proptest! {
    #[test]
    fn is_drawn_should_never_lose_a_hit_when_the_rate_rises(
        seed in any::<[u8; 32]>(), rate in 0u32..=1_000_000, more in 0u32..=1_000_000,
    ) {
        let seed = seed.into();
        let higher = (rate + more).min(1_000_000);
        prop_assert!(!is_drawn(&seed, rate) || is_drawn(&seed, higher));
    }
}

#[test]
fn result_should_pass_unaudited_when_it_is_not_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        run_ticks(30);
        assert_eq!(heard(), []);
        run_ticks(1);
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass)]);
        assert_eq!(
            (record().verdict, stage()),
            (Some(Verdict::Pass), CheckStage::Closed)
        );
        assert_eq!(
            events().last(),
            Some(&Event::VerdictGiven {
                subject: it(),
                verdict: Verdict::Pass,
                audited: false,
            })
        );
        run_ticks(100);
        assert_eq!(heard(), []);
    });
}

#[test]
fn audit_should_begin_with_its_auditor_when_it_is_drawn() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        run_ticks(31);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        assert_eq!(record().due, 32 + 210);
        assert!(record().audited);
        assert_eq!(seats(), [(seat(0), crate::SeatState::Drawn)]);
        assert_eq!(Heard::get(), [Told::Stage(it(), JobState::Auditing)]);
        assert!(events().contains(&Event::AuditDrawn {
            subject: it(),
            rate_ppm: 1_000_000,
        }));
    });
}

#[test]
fn draw_should_come_after_eight_blocks_when_the_client_accepts_at_once() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        assert_eq!((record().secret, record().accepted_at), (Some(SECRET), Some(1)));
        run_ticks(8);
        assert_eq!(stage(), CheckStage::Window);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        assert!(!Verification::surcharged(&it()));
    });
}

#[test]
fn draw_should_come_with_the_next_block_when_the_client_accepts_late() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        run_ticks(20);
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        assert_eq!(stage(), CheckStage::Window);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
    });
}

#[test]
fn draw_should_depend_on_the_secret_when_the_client_gives_it() {
    let drawn = |accepts: bool, n: u8| {
        let mut drawn = false;
        ExtBuilder::default().build_and_execute(|| {
            let mut work = work();
            work.terms.rate_ppm = 500_000;
            work.surcharge = false;
            assert_ok!(Verification::committed(
                &subject(n),
                work,
                &commitment_of(n, TOKENS)
            ));
            if accepts {
                assert_ok!(Verification::accept(signed(client()), subject(n), SECRET));
            }
            run_ticks(31);
            drawn = Heard::get().contains(&Told::Stage(subject(n), JobState::Auditing));
        });
        drawn
    };
    assert!((0..20).any(|n| drawn(true, n) != drawn(false, n)));
}

#[test]
fn accept_should_be_refused_when_it_is_not_the_clients_to_give() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::UnknownSubject
        );
        commit(work());
        assert_noop!(
            Verification::accept(signed(prover()), it(), SECRET),
            Error::<Test>::NotClient
        );
        assert_noop!(
            Verification::accept(signed(client()), it(), [0; 32]),
            Error::<Test>::WrongSecret
        );
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::AlreadyAccepted
        );
        assert_noop!(
            Verification::challenge(signed(client()), it()),
            Error::<Test>::AlreadyAccepted
        );
        draw_accepted();
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::WindowClosed
        );
        assert_noop!(
            Verification::challenge(signed(client()), it()),
            Error::<Test>::WindowClosed
        );
    });
}

fn draw_accepted() {
    run_ticks(9);
    assert_eq!(stage(), CheckStage::Auditing(Role::First));
}

#[test]
fn accept_should_be_refused_when_the_job_came_without_a_secret() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.secret_hash = None;
        commit(work);
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::NoSecret
        );
    });
}

#[test]
fn challenge_should_make_the_audit_certain_when_the_rate_is_zero() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work_with_second();
        work.terms.rate_ppm = 0;
        work.terms.second_ppm = 250_000;
        commit(work);
        run_ticks(20);
        assert_ok!(Verification::challenge(signed(client()), it()));
        // A quarter of the fee, rounded down, for the second auditor.
        let fee = FEE + 2_500;
        assert_eq!(record().challenge, Some(fee));
        assert_eq!(Balances::free_balance(client()), FUNDS - fee);
        assert_noop!(
            Verification::challenge(signed(client()), it()),
            Error::<Test>::AlreadyChallenged
        );
        assert_noop!(
            Verification::accept(signed(client()), it(), SECRET),
            Error::<Test>::AlreadyChallenged
        );
        // Drawn from blocks that the challenger could not know.
        assert_eq!(record().fixed_at, 21);
        run_ticks(8);
        assert_eq!(stage(), CheckStage::Window);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
        assert!(!Verification::surcharged(&it()));
    });
}

#[test]
fn challenge_should_be_refused_when_the_client_cannot_pay_it() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.audit_fee = FUNDS;
        commit(work);
        assert_noop!(
            Verification::challenge(signed(client()), it()),
            Error::<Test>::InsufficientBalance
        );
        assert_noop!(
            Verification::challenge(signed(prover_owner()), it()),
            Error::<Test>::NotClient
        );
    });
}

#[test]
fn audit_should_be_certain_when_the_owner_is_under_watch() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        Forced::set(true);
        draw();
    });
}

#[test]
fn surcharge_should_double_the_rate_when_the_client_does_not_accept() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.greedy = true;
        work.terms.rate_ppm = 250_000;
        commit(work);
        run_ticks(31);
        assert!(Verification::surcharged(&it()));
        assert!(events().contains(&Event::AuditDrawn {
            subject: it(),
            rate_ppm: 1_000_000,
        }));
    });
}

#[test]
fn surcharge_should_not_be_due_when_the_escrow_has_no_room_for_it() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.surcharge = false;
        commit(work);
        draw();
        assert!(!Verification::surcharged(&it()));
        assert!(!Verification::surcharged(&subject(2)));
    });
}

#[test]
fn draw_should_wait_when_the_beacon_is_late() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        Dark::set(true);
        run_ticks(40);
        assert_eq!((stage(), record().fixed_at), (CheckStage::Window, 1));
        Dark::set(false);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
    });
}

#[test]
fn draw_should_be_fixed_anew_when_the_beacon_forgot_its_blocks() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        // The clock stands still while blocks go by.
        for _ in 0..300 {
            run_block();
        }
        assert_eq!(stage(), CheckStage::Window);
        run_ticks(31);
        assert_eq!((stage(), record().fixed_at), (CheckStage::Window, 332));
        run_ticks(8);
        assert_eq!(stage(), CheckStage::Window);
        run_ticks(1);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
    });
}

#[test]
fn verdict_should_be_tried_again_when_the_sibling_fails() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work();
        work.terms.rate_ppm = 0;
        commit(work);
        Failing::set(true);
        run_ticks(31);
        assert_eq!((record().due, record().verdict), (63, None));
        assert!(matches!(events().last(), Some(Event::VerdictPostponed { .. })));
        Failing::set(false);
        run_ticks(31);
        assert_eq!(heard(), [Told::Verdict(it(), Verdict::Pass)]);
    });
}

#[test]
fn window_should_end_next_tick_when_it_is_zero() {
    ExtBuilder::default().build_and_execute(|| {
        Window::set(0);
        commit(work());
        assert_eq!(record().due, 2);
        run_ticks(9);
        assert_eq!(stage(), CheckStage::Auditing(Role::First));
    });
}
