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
fn audit_should_not_count_when_as_many_as_may_did_that_day() {
    ExtBuilder.build_and_execute(|| {
        // However many accounts an owner pays itself from.
        for client in 0..50 {
            Slashing::counted(&work(2_000 + client, OGPU));
        }
        assert_eq!(events().len(), 8);
        assert_eq!(Slashing::standing(&1, KIND).passed_milli, 8_000);
        assert_eq!(Standings::<Test>::get(1, KIND).recent.len(), 8);
        run_ticks(DAY - 1);
        Slashing::counted(&work(2_009, OGPU));
        assert_eq!(events().len(), 8);
        run_ticks(1);
        Slashing::counted(&work(2_000, OGPU));
        assert_eq!(events().len(), 9);
        assert_eq!(Standings::<Test>::get(1, KIND).recent.len(), 1);
    });
}

#[test]
fn heavier_audit_should_take_the_place_of_the_lightest_when_the_day_is_full() {
    ExtBuilder.build_and_execute(|| {
        let passed = || Slashing::standing(&1, KIND).passed_milli;
        let weights = || {
            let recent = Standings::<Test>::get(1, KIND).recent;
            let mut weights: Vec<_> = recent.iter().map(|audit| audit.weight_milli).collect();
            weights.sort();
            weights
        };
        // Somebody fills the day with the cheapest jobs, and the last place with a dear one.
        for client in 0..7 {
            Slashing::counted(&work(2_000 + client, 1));
        }
        Slashing::counted(&work(2_007, OGPU));
        assert_eq!(passed(), 7 * 250 + 1_000);
        Slashing::counted(&work(2_008, 1));
        assert_eq!(events().len(), 8, "no heavier than the lightest");
        Slashing::counted(&work(2_009, OGPU / 1_000));
        assert!(matches!(
            last_event(),
            Event::AuditCounted {
                client: 2_009,
                weight_milli: 375,
                ..
            }
        ));
        assert_eq!(weights(), [250, 250, 250, 250, 250, 250, 625, 1_000]);
        for client in 0..20 {
            Slashing::counted(&work(3_000 + client, OGPU));
        }
        assert_eq!(weights(), [1_000; 8]);
        assert_eq!(passed(), 8_000, "as if there had been no other");
        assert_eq!(events().len(), 9 + 7);
    });
}

#[test]
fn dearer_job_should_count_when_its_client_had_a_cheap_one_that_day() {
    ExtBuilder.build_and_execute(|| {
        for price in [1, OGPU / 1_000, OGPU, OGPU, 1] {
            Slashing::counted(&work(7, price));
        }
        let added: Vec<_> = events()
            .into_iter()
            .filter_map(|event| match event {
                Event::AuditCounted { weight_milli, .. } => Some(weight_milli),
                _ => None,
            })
            .collect();
        assert_eq!(added, [250, 375, 375]);
        assert_eq!(Standings::<Test>::get(1, KIND).recent.len(), 1);
    });
}

#[test]
fn no_day_should_count_more_than_its_places_when_heavier_audits_take_them() {
    ExtBuilder.build_and_execute(|| {
        // Places that are taken with the cheapest jobs and filled up just before the day is over.
        (0..8).for_each(|client| Slashing::counted(&work(2_000 + client, 1)));
        run_ticks(DAY - 1);
        (0..8).for_each(|client| Slashing::counted(&work(3_000 + client, OGPU)));
        let passed = || Slashing::standing(&1, KIND).passed_milli;
        let before = passed();
        run_ticks(DAY - 1);
        (0..8).for_each(|client| Slashing::counted(&work(4_000 + client, OGPU)));
        assert!(passed() < before, "it fades, and nothing came");
        run_ticks(1);
        (0..8).for_each(|client| Slashing::counted(&work(4_000 + client, OGPU)));
        assert!(passed() > before + 7_000);
    });
}

#[test]
fn counted_audits_should_be_bounded_when_more_are_governed_than_are_remembered() {
    ExtBuilder.build_and_execute(|| {
        CountedADay::set(1_000);
        for client in 0..u64::from(MAX_RECENT) + 3 {
            Slashing::counted(&work(2_000 + client, OGPU));
        }
        assert_eq!(events().len() as u32, MAX_RECENT);
    });
}

#[test]
fn wash_loop_should_cost_thousands_of_audited_results_until_the_least_rate() {
    // An owner that pays itself from any number of accounts, all day long, at full weight.
    ExtBuilder.build_and_execute(|| {
        let (mut days, mut jobs) = (0, 0u64);
        while Slashing::rate_ppm(&1, KIND) > 20_000 {
            for client in 0..20 {
                let rate = Slashing::rate_ppm(&1, KIND);
                let before = events().len();
                Slashing::counted(&work(2_000 + client, OGPU));
                // Only drawn results are audited: one in 1/p.
                jobs += (events().len() - before) as u64 * u64::from(PPM / rate);
            }
            // The clock alone; the hook has nothing to do.
            Now::mutate(|now| *now += HALF_LIFE_TICKS / 30);
            days += 1;
        }
        assert!(days >= 13 && jobs >= 2_400, "{days} days, {jobs} jobs");
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
            penalty::catch_ppm(penalty::drawn_ppm(125_000, 200_000), 990_000, 160_000)
        );
        Now::mutate(|now| *now += HALF_LIFE_TICKS);
        assert_eq!(Slashing::rate_ppm(&1, KIND), 166_666);
        CountedADay::set(60);
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
        // Nor does one that may not count at all, which makes no record either.
        Slashing::force(&1, KIND);
        let passed = Slashing::standing(&1, KIND).passed_milli;
        Slashing::uncounted(&1, KIND);
        Slashing::uncounted(&1, KIND);
        assert!(!Slashing::is_forced(&1, KIND));
        assert_eq!(Slashing::standing(&1, KIND).passed_milli, passed);
        Slashing::uncounted(&2, KIND);
        assert!(!Standings::<Test>::contains_key(2, KIND));
        assert!(Slashing::rate_ppm(&1, KIND) < 250_000);
        ForcedAudits::set(1_000);
        Slashing::force(&1, KIND);
        assert_eq!(Slashing::standing(&1, KIND).forced, u8::MAX);
    });
}
