use crate::{mock::*, Event, Standings, MAX_RECENT};
use ogpu_primitives::{fees::PPM, penalty, reputation::HALF_LIFE_TICKS, JobKind, OGPU};

const KIND: JobKind = JobKind::Generate;

#[test]
fn audit_should_count_once_a_day_when_it_is_for_one_client() {
    ExtBuilder.build_and_execute(|| {
        Slashing::counted(&work(7, OGPU));
        assert_eq!(
            last_event(),
            Event::AuditCounted {
                owner: 1,
                worker: 101,
                client: 7,
                kind: KIND,
                price: OGPU,
                weight_milli: 1_000,
                permille: 666,
            }
        );
        run_ticks(DAY - 1);
        Slashing::counted(&work(7, OGPU));
        assert_eq!(events().len(), 1);
        Slashing::counted(&work(8, OGPU));
        assert_eq!(events().len(), 2);
        run_ticks(1);
        Slashing::counted(&work(7, OGPU));
        assert_eq!(events().len(), 3);
        // 2.9 audits after a day's decay: 3.9 of 4.9.
        assert_eq!(Slashing::standing(&1, KIND).permille, 799);
        assert_eq!(Reputations::get().len(), 4, "shown every time");
        assert_eq!(Slashing::standing(&1, JobKind::Embed).permille, 500, "by kind");
    });
}

#[test]
fn audit_should_not_count_when_too_many_clients_did_that_day() {
    ExtBuilder.build_and_execute(|| {
        for client in 0..u64::from(MAX_RECENT) + 3 {
            Slashing::counted(&work(2_000 + client, OGPU));
        }
        assert_eq!(events().len() as u32, MAX_RECENT);
        run_ticks(DAY);
        Slashing::counted(&work(2_000, OGPU));
        assert_eq!(events().len() as u32, MAX_RECENT + 1);
        assert_eq!(Standings::<Test>::get(1, KIND).recent.len(), 1);
    });
}

#[test]
fn audit_should_count_less_when_the_job_was_cheap() {
    ExtBuilder.build_and_execute(|| {
        Slashing::counted(&work(7, 1));
        assert!(matches!(
            last_event(),
            Event::AuditCounted {
                weight_milli: 250,
                ..
            }
        ));
    });
}

#[test]
fn rate_should_fall_and_come_back_when_audits_pass_and_fade() {
    ExtBuilder.build_and_execute(|| {
        assert_eq!(Slashing::rate_ppm(&1, KIND), 250_000);
        for client in 0..8 {
            Slashing::counted(&work(2_000 + client, OGPU));
        }
        assert_eq!(Slashing::rate_ppm(&1, KIND), 125_000);
        assert_eq!(
            Slashing::catch_ppm(125_000),
            penalty::catch_ppm(125_000, 990_000, 160_000)
        );
        Now::mutate(|now| *now += HALF_LIFE_TICKS);
        assert_eq!(Slashing::rate_ppm(&1, KIND), 166_666);
        for client in 0..60 {
            Slashing::counted(&work(3_000 + client, OGPU));
        }
        for _ in 0..3 {
            Now::mutate(|now| *now += DAY);
            for client in 0..60 {
                Slashing::counted(&work(3_000 + client, OGPU));
            }
        }
        assert_eq!(Slashing::rate_ppm(&1, KIND), 20_000, "never less than the least");
    });
}

#[test]
fn record_should_be_lost_when_an_audit_fails() {
    ExtBuilder.build_and_execute(|| {
        for client in 0..8 {
            Slashing::counted(&work(2_000 + client, OGPU));
        }
        Slashing::failed(&work(7, OGPU));
        assert_eq!(
            last_event(),
            Event::AuditFailed {
                owner: 1,
                worker: 101,
                client: 7,
                kind: KIND,
                price: OGPU,
                weight_milli: 1_000,
                permille: 333,
            }
        );
        assert_eq!(Reputations::get().last(), Some(&(101, 333)));
        let view = Slashing::standing(&1, KIND);
        assert_eq!(
            (view.passed_milli, view.failed_milli, view.forced),
            (0, 1_000, 20)
        );
        assert_eq!(view.rate_ppm, PPM);
        assert!(Slashing::is_forced(&1, KIND) && !Slashing::is_forced(&1, JobKind::Embed));
        // The same clients do not make a new record on the same day.
        Slashing::counted(&work(2_000, OGPU));
        assert_eq!(Slashing::standing(&1, KIND).passed_milli, 0);
    });
}

#[test]
fn owner_should_be_audited_for_certain_when_it_is_forced() {
    ExtBuilder.build_and_execute(|| {
        ForcedAudits::set(2);
        Slashing::force(&1, KIND);
        assert_eq!(Slashing::rate_ppm(&1, KIND), PPM);
        Slashing::counted(&work(7, OGPU));
        assert!(Slashing::is_forced(&1, KIND));
        // One that does not count in the standing is a forced one less, too.
        Slashing::counted(&work(7, OGPU));
        assert!(!Slashing::is_forced(&1, KIND));
        assert!(Slashing::rate_ppm(&1, KIND) < 250_000);
        ForcedAudits::set(1_000);
        Slashing::force(&1, KIND);
        assert_eq!(Slashing::standing(&1, KIND).forced, u8::MAX);
    });
}
