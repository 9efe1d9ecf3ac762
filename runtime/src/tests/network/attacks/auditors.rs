//! Auditors and jurors that do not audit, or lie.

use super::*;
use frame_support::assert_ok;
use ogpu_primitives::CheckStage;
use pallet_verification::{SeatState, Verdict};

/// An honest worker is audited by auditors of this conduct, whose jurors are honest. Returns what the first auditor's
/// side lost; whoever has no seat before the jury loses nothing.
fn audit_by(conduct: Conduct) -> u128 {
    let mut lost = 0;
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        for other in &cast.others {
            network.conduct.insert(other.worker.clone(), conduct);
        }
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.settle();
        assert_eq!(state(job), JobState::Settled, "an honest worker is paid");
        let liar = seat_owner(job, Role::First);
        for (owner, after) in wealth_by_owner(&cast) {
            if owner == liar {
                lost = before[&owner] - after;
            } else {
                assert!(after >= before[&owner], "nobody else loses anything");
            }
        }
        assert!(wealth(cast.worker.accounts()) > before[&cast.worker.owner]);
        assert_eq!(stake_of(&cast.worker.owner), STAKE);
    });
    lost
}

#[test]
fn lazy_auditor_should_pay_for_the_jury_when_it_sends_zeros() {
    let lost = audit_by(Conduct::auditing(Audits::Lazily));
    assert!(lost >= STAKE / 10, "{lost}");
}

#[test]
fn lying_dissent_should_cost_a_tenth_of_the_stake_and_the_worker_nothing() {
    let lost = audit_by(Conduct::auditing(Audits::Against));
    assert!(lost >= STAKE / 10, "{lost}");
}

#[test]
fn lying_pass_should_cost_ten_prices_when_the_hidden_second_dissents() {
    let settings = Settings {
        second_ppm: 1_000_000,
        ..Settings::default()
    };
    network(settings, |network| {
        let cast = Cast::new(network);
        let accomplice = Conduct::auditing(Audits::AsTheWorkerSays);
        for other in &cast.others {
            network.conduct.insert(other.worker.clone(), accomplice);
        }
        let cheat = Conduct::delivering(Quality::OtherModel);
        network.conduct.insert(cast.worker.worker.clone(), cheat);
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        let (liar, second) = (seat_owner(job, Role::First), seat_owner(job, Role::Second));
        let after = wealth_by_owner(&cast);
        // The price is about 1 OGPU.
        let lost = before[&liar] - after[&liar];
        assert!(lost >= 9 * OGPU, "{lost}");
        assert!(after[&second] > before[&second], "who found it is paid");
        assert!(before[&cast.worker.owner] - after[&cast.worker.owner] >= STAKE / 20);
        for seat in seats(job).into_iter().filter(|seat| seat.owner != liar) {
            assert!(after[&seat.owner] > before[&seat.owner], "{:?}", seat.role);
        }
    });
}

#[test]
fn report_should_not_be_copied_when_the_first_one_is_open() {
    let settings = Settings {
        second_ppm: 1_000_000,
        ..Settings::default()
    };
    network(settings, |network| {
        let cast = Cast::new(network);
        // The second auditor commits to the first one's hash and opens the first one's report.
        let copier = Conduct {
            seconds: Audits::Garbage,
            ..Conduct::default()
        };
        for other in &cast.others {
            network.conduct.insert(other.worker.clone(), copier);
        }
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        let subject = pallet_job_market::types::subject(job, 0);
        let ogpu_primitives::Subject::Work(work) = subject;
        let stage = || pallet_verification::Commitments::<Runtime>::get(subject).map(|check| check.stage);
        network.until("reporting", |_| {
            stage() == Some(CheckStage::Reporting(Role::First))
        });
        let [first, second] = &seats(job)[..] else {
            panic!("two auditors");
        };
        assert!(matches!(
            first.state,
            SeatState::Voted(_) | SeatState::Committed(_)
        ));
        let params = ogpu_primitives::ProfileParams::starting(ogpu_primitives::NumericProfile::F16);
        let report = network
            .report(&work, &first.worker, Role::First, &params)
            .expect("it has one");
        let salt = super::super::evidence::salt(&work, &first.worker);
        let copied = pallet_verification::Call::audit_open {
            subject,
            report,
            salt,
        };
        assert!(matches!(
            network.send(&second.worker, copied),
            Err(Refusal::Failed(_))
        ));
        let late = pallet_verification::Call::audit_commit {
            subject,
            hash: Default::default(),
        };
        assert!(matches!(
            network.send(&second.worker, late),
            Err(Refusal::Failed(_))
        ));
        let before = wealth([&second.owner]);
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert_eq!(seats(job)[1].state, SeatState::Absent);
        assert!(wealth([&second.owner]) <= before, "no work, no pay");
    });
}

#[test]
fn result_should_be_paid_without_reputation_when_all_auditors_stay_away() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        for other in &cast.others {
            network
                .conduct
                .insert(other.worker.clone(), Conduct::seated(Audits::Never));
        }
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert_eq!(passed(&cast.worker.owner), 0);
        // The first one and its two replacements.
        assert_eq!(seats(job).len(), 3);
        assert!(seats(job).iter().all(|seat| seat.state == SeatState::Absent));
        for (owner, after) in wealth_by_owner(&cast) {
            let is_worker = owner == cast.worker.owner;
            assert!(is_worker || after <= before[&owner], "absence brings nothing");
        }
    });
}

#[test]
fn auditor_should_lose_its_place_and_stake_when_it_stays_away_again_and_again() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let absent = cast.others[0].clone();
        network
            .conduct
            .insert(absent.worker.clone(), Conduct::seated(Audits::Never));
        let before = wealth(absent.accounts());
        let mut jobs = 0;
        while stake_of(&absent.owner) == STAKE {
            jobs += 1;
            assert!(jobs < 100, "it is never drawn three times");
            network.submit(&cast.client, Some(&cast.worker.worker));
            network.settle();
        }
        assert!(jobs >= 3, "the first absences are free: a machine may restart");
        assert!(before - wealth(absent.accounts()) >= STAKE / 100 - FEES);
        assert_eq!(stake_of(&cast.worker.owner), STAKE);
    });
}

#[test]
fn jurors_should_get_strikes_and_nothing_else_when_they_commit_and_never_open() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let conduct = Conduct {
            audits: Audits::Against,
            judges: Audits::WithoutOpening,
            ..Conduct::default()
        };
        for other in &cast.others {
            network.conduct.insert(other.worker.clone(), conduct);
        }
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        let check =
            pallet_verification::Commitments::<Runtime>::get(pallet_job_market::types::subject(job, 0));
        assert_eq!(check.and_then(|check| check.verdict), Some(Verdict::Inconclusive));
        // Nobody could tell: the worker has done it for nothing and keeps its stake.
        assert_eq!(stake_of(&cast.worker.owner), STAKE);
        let liar = seat_owner(job, Role::First);
        for (owner, after) in wealth_by_owner(&cast) {
            let is_paid = owner == liar;
            assert!(is_paid || after <= before[&owner], "absence brings nothing");
        }
        assert!(crate::Slashing::is_forced(&cast.worker.owner, JobKind::Generate));
        let strikes = |worker: &AccountId| {
            pallet_provider_staking::Workers::<Runtime>::get(worker).map(|worker| worker.strikes)
        };
        for seat in seats(job).into_iter().filter(|seat| seat.role == Role::Juror) {
            assert_eq!(strikes(&seat.worker), Some(1));
        }
    });
}

#[test]
fn lazy_juror_should_get_a_strike_and_no_pay_when_it_copies_the_dissent() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let cheat = Conduct::delivering(Quality::OtherModel);
        network.conduct.insert(cast.worker.worker.clone(), cheat);
        // Nobody commits before it is known who sits.
        let waits = Conduct {
            judges: Audits::Never,
            ..Conduct::default()
        };
        for other in &cast.others {
            network.conduct.insert(other.worker.clone(), waits);
        }
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        let jury = || seats(job).into_iter().filter(|seat| seat.role == Role::Juror);
        network.until("a jury sits", |_| jury().next().is_some());
        for other in &cast.others {
            network.conduct.remove(&other.worker);
        }
        let lazy = jury().next().expect("a jury sits").worker;
        // What the auditor found can be read; only what the jury's key asks for cannot.
        let copies = Conduct {
            sketches: Sketches::MadeUp,
            ..Conduct::default()
        };
        network.conduct.insert(lazy.clone(), copies);
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        assert!(
            stake_of(&cast.worker.owner) <= STAKE - STAKE / 20,
            "two of three convict"
        );
        let after = wealth_by_owner(&cast);
        for seat in jury() {
            let is_lazy = seat.worker == lazy;
            assert_eq!(seat.state == SeatState::Void, is_lazy);
            assert_eq!(after[&seat.owner] > before[&seat.owner], !is_lazy);
            let strikes =
                pallet_provider_staking::Workers::<Runtime>::get(&seat.worker).map(|worker| worker.strikes);
            assert_eq!(strikes, Some(u8::from(is_lazy)));
        }
    });
}

#[test]
fn open_should_be_refused_before_the_auditors_are_bound() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        for other in &cast.others {
            network
                .conduct
                .insert(other.worker.clone(), Conduct::auditing(Audits::Never));
        }
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.until("a seat is drawn", |_| !seats(job).is_empty());
        let subject = pallet_job_market::types::subject(job, 0);
        let ogpu_primitives::Subject::Work(work) = subject;
        let opening = network.outputs[&(work.job, work.attempt)].opening(&work, &cast.worker.worker);
        let open = pallet_verification::Call::open { subject, opening };
        let early = network.send(&cast.worker.worker, open);
        assert!(
            matches!(early, Err(Refusal::Failed(_))),
            "an accomplice could copy it"
        );
        // The machine comes back: its seat is still open, and everything goes on.
        for other in &cast.others {
            network.conduct.remove(&other.worker);
        }
        assert_ok!(network.send(&cast.client, frame_system::Call::remark { remark: vec![] }));
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert!(passed(&cast.worker.owner) > 0);
    });
}
