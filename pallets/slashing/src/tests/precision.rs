use crate::{mock::*, Event, Precision, PrecisionView};
use ogpu_primitives::{
    running_sum::{Level, Observation},
    JobKind, H256, OGPU,
};

const KIND: JobKind = JobKind::Generate;
/// Worker 101's model.
const MODEL: H256 = H256::repeat_byte(9);
/// Honest means of the mock's thresholds, `f16`'s: U of 256 tokens, e² in parts per million.
const MEAN_U: u32 = 2;
const MEAN_E2_PPM: u32 = 25;

fn observe(e2_ppm: u32) {
    Slashing::observed(&work(7, OGPU), &saw(MEAN_U, e2_ppm));
}

fn levels() -> Vec<Level> {
    let level = |event| match event {
        Event::PrecisionDoubted { level, .. } => Some(level),
        _ => None,
    };
    events().into_iter().filter_map(level).collect()
}

fn removals() -> usize {
    let removed = |event: &&Event<Test>| matches!(event, Event::PrecisionRemoved { .. });
    events().iter().filter(removed).count()
}

/// Observes an 8-bit copy until the worker is taken off the model.
fn remove() {
    let before = removals();
    for _ in 0..100 {
        if removals() > before {
            return;
        }
        observe(94);
    }
    panic!("not removed");
}

#[test]
fn nothing_should_follow_when_thousands_of_results_are_as_precise_as_declared() {
    ExtBuilder.build_and_execute(|| {
        Served::set(vec![(101, MODEL)]);
        for n in 0..4_000u32 {
            // A mean of exactly the declared one, with outliers.
            let e2_ppm = if n % 5 == 0 { 5 * MEAN_E2_PPM } else { 0 };
            observe(e2_ppm);
        }
        assert!(events().is_empty());
        assert!(!Slashing::is_forced(&1, KIND));
        assert_eq!(Served::get().len(), 1);
        let (model, view) = Slashing::precision(&101)[0];
        assert_eq!(
            (model, view.results, view.reached, view.present),
            (MODEL, 4_000, Level::Quiet, Level::Quiet)
        );
    });
}

#[test]
fn audits_mark_and_removal_should_follow_in_order_when_a_worker_is_less_precise() {
    ExtBuilder.build_and_execute(|| {
        Served::set(vec![(101, MODEL), (101, H256::zero()), (102, MODEL)]);
        remove();
        assert_eq!(
            levels(),
            [Level::RaiseAudits, Level::PrecisionDiffers, Level::Remove]
        );
        assert!(events().contains(&Event::PrecisionDoubted {
            owner: 1,
            worker: 101,
            model: MODEL,
            level: Level::PrecisionDiffers,
        }));
        assert_eq!(
            last_event(),
            Event::PrecisionRemoved {
                worker: 101,
                model: MODEL
            }
        );
        assert!(Slashing::is_forced(&1, KIND));
        assert_eq!(Served::get(), [(101, H256::zero()), (102, MODEL)]);
        assert!(Slashing::pending(None).is_empty(), "nobody is slashed");
        let view = Slashing::precision(&101)[0].1;
        assert_eq!((view.reached, view.present), (Level::Remove, Level::Remove));
        assert!(view.sketches_milli >= 1_000_000_000_000 && view.tokens_milli < 2_000);
        assert!(Slashing::precision(&102).is_empty());
    });
}

#[test]
fn worker_should_be_removed_again_at_once_when_it_comes_back_as_it_was() {
    ExtBuilder.build_and_execute(|| {
        Served::set(vec![(101, MODEL)]);
        remove();
        Served::set(vec![(101, MODEL)]);
        observe(94);
        assert_eq!((Served::get().len(), removals()), (0, 2));
        // Leaving forgets nothing.
        assert_eq!(Precision::<Test>::iter().count(), 1);
        assert_eq!(levels().len(), 3, "each level is told once");
    });
}

#[test]
fn worker_should_work_its_way_back_when_it_is_mended() {
    ExtBuilder.build_and_execute(|| {
        Served::set(vec![(101, MODEL)]);
        remove();
        let mut results = 0;
        while Slashing::precision(&101)[0].1.present > Level::Quiet {
            observe(MEAN_E2_PPM / 2);
            results += 1;
        }
        assert!((20..2_000).contains(&results), "{results}");
        Served::set(vec![(101, MODEL)]);
        ForcedAudits::set(0);
        Slashing::force(&1, KIND);
        observe(MEAN_E2_PPM / 2);
        assert!(!Slashing::is_forced(&1, KIND));
        assert_eq!(Served::get().len(), 1);
        assert_eq!(
            Slashing::precision(&101)[0].1.reached,
            Level::Remove,
            "the mark stays"
        );
    });
}

#[test]
fn audits_should_be_forced_when_both_auditors_doubt_a_result() {
    ExtBuilder.build_and_execute(|| {
        let doubted = Observation {
            doubted: true,
            ..saw(MEAN_U, MEAN_E2_PPM)
        };
        Slashing::observed(&work(7, OGPU), &doubted);
        assert!(Slashing::is_forced(&1, KIND));
        assert!(events().is_empty(), "no sum rose");
    });
}

#[test]
fn one_auditor_should_not_raise_a_sum_when_the_other_was_not_heard() {
    ExtBuilder.build_and_execute(|| {
        for _ in 0..500 {
            let alone = Observation {
                alone: true,
                ..saw(100_000, 1_000_000)
            };
            Slashing::observed(&work(7, OGPU), &alone);
        }
        assert!(levels().is_empty());
    });
}

#[test]
fn precision_should_be_shown_by_model_when_a_worker_serves_several() {
    ExtBuilder.build_and_execute(|| {
        observe(MEAN_E2_PPM);
        let other = ogpu_primitives::CheckedWork {
            model: H256::zero(),
            ..work(7, OGPU)
        };
        Slashing::observed(&other, &saw(MEAN_U, 0));
        Slashing::observed(&other, &saw(MEAN_U, 0));
        let all = Slashing::precision(&101);
        assert_eq!(all.len(), 2);
        let of = |model| {
            all.iter()
                .find(|(other, _)| *other == model)
                .map(|(_, view)| *view)
        };
        assert!(matches!(of(MODEL), Some(PrecisionView { results: 1, .. })));
        assert!(matches!(of(H256::zero()), Some(PrecisionView { results: 2, .. })));
    });
}
