//! What two auditors saw is handed over, and nothing that one of them could have made up.

use super::fixture::*;
use crate::mock::*;
use frame_support::assert_ok;
use ogpu_primitives::{AuditReport, CheckedWork, Observation};

/// The observations that siblings were told.
fn observed() -> Vec<Observation> {
    let seen = |told| match told {
        Told::Observed(seen) => Some(seen),
        _ => None,
    };
    heard().into_iter().filter_map(seen).collect()
}

/// The reports of the first auditor and, where it opens one, of the second; both commit.
fn both(work: CheckedWork<AccountId>, first: AuditReport, second: Option<AuditReport>) {
    commit(work);
    draw();
    audit_commit(0, &first);
    run_ticks(9);
    audit_commit(1, second.as_ref().unwrap_or(&passing()));
    open();
    audit_open(0, first);
    match second {
        Some(second) => audit_open(1, second),
        None => run_ticks(59),
    }
    run_ticks(1);
}

/// A report that passes and differs from the worker's evidence a little.
fn near() -> AuditReport {
    near_by(1)
}

#[test]
fn precision_should_be_the_lesser_of_both_figures_when_two_auditors_pass() {
    ExtBuilder::default().build_and_execute(|| {
        both(work_with_second(), near(), Some(passing()));
        let seen = observed();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].tokens, seen[0].u, seen[0].e2_ppm), (TOKENS, 0, Some(0)));
        // Drawn at the doubled rate: the client did not accept.
        assert!(seen[0].picked && !seen[0].alone && !seen[0].doubted);
        Verification::forget(&it());
        both(work_with_second(), near_by(2), Some(near()));
        assert!(observed()[0].e2_ppm.is_some_and(|e2_ppm| e2_ppm > 0));
    });
}

#[test]
fn precision_should_not_be_handed_over_when_there_was_one_auditor() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(near());
        assert!(observed().is_empty());
    });
}

#[test]
fn precision_should_not_be_handed_over_when_thresholds_are_not_calibrated() {
    ExtBuilder::default().build_and_execute(|| {
        let mut work = work_with_second();
        work.terms.params.slash_enabled = false;
        both(work, near(), Some(near()));
        assert!(observed().is_empty());
    });
}

#[test]
fn precision_should_not_be_handed_over_when_the_client_chose_the_audit() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        assert_ok!(Verification::challenge(signed(client()), it()));
        run_ticks(9);
        audit_commit(0, &near());
        run_ticks(9);
        audit_commit(1, &near());
        open();
        audit_open(0, near());
        audit_open(1, near());
        run_ticks(1);
        assert!(observed().is_empty());
    });
}

#[test]
fn precision_should_not_be_handed_over_when_few_serve_the_model() {
    for (owners, expected) in [(2, 0), (20, 1)] {
        ExtBuilder::default().build_and_execute(|| {
            ModelOwners::set(owners);
            ClassCandidates::set(Candidates::get());
            commit(work_with_second());
            draw();
            audit_commit(0, &near());
            run_ticks(9);
            audit_commit(1, &near());
            open();
            audit_open(0, near());
            audit_open(1, near());
            run_ticks(1);
            assert_eq!(record().class.is_some(), owners == 2);
            assert_eq!(observed().len(), expected, "{owners} owners");
        });
    }
}

#[test]
fn excess_should_count_in_full_when_the_client_accepted_before_the_draw() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work_with_second());
        assert_ok!(Verification::accept(signed(client()), it(), SECRET));
        run_ticks(9);
        audit_commit(0, &near());
        run_ticks(9);
        audit_commit(1, &near());
        open();
        audit_open(0, near());
        audit_open(1, near());
        run_ticks(1);
        let seen = observed();
        assert!(seen.len() == 1 && !seen[0].picked);
    });
}

#[test]
fn auditor_should_be_alone_when_the_second_one_stays_away_or_dissents_in_vain() {
    ExtBuilder::default().build_and_execute(|| {
        both(work_with_second(), near(), None);
        let seen = observed();
        assert!(seen.len() == 1 && seen[0].alone);
        Verification::forget(&it());
        both(work_with_second(), near(), Some(dissenting()));
        run_ticks(9);
        for n in 2..11 {
            audit_commit(n, &computed(passing()));
        }
        for n in 2..11 {
            audit_open(n, computed(passing()));
        }
        run_ticks(1);
        let seen = observed();
        assert!(seen.len() == 1 && seen[0].alone);
    });
}

#[test]
fn result_should_be_doubted_when_both_auditors_find_something() {
    ExtBuilder::default().build_and_execute(|| {
        both(work_with_second(), soft(), Some(soft()));
        assert!(observed()[0].doubted);
        Verification::forget(&it());
        both(work_with_second(), soft(), Some(passing()));
        assert!(!observed()[0].doubted);
    });
}
