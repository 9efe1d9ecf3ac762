use super::fixture::*;
use crate::{mock::*, Error, Openings};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use ogpu_primitives::{AuditOpening, BoundedVec, SketchesOpening};

fn changed(change: impl FnOnce(&mut SketchesOpening)) -> AuditOpening {
    let AuditOpening::Generate(mut opening) = opening() else {
        panic!("the fixture's is of a text");
    };
    change(&mut opening);
    AuditOpening::Generate(opening)
}

#[test]
fn open_should_be_refused_when_it_is_not_its_time() {
    ExtBuilder::default().build_and_execute(|| {
        let opens = |who| Verification::open(signed(who), it(), opening());
        assert_noop!(opens(prover()), Error::<Test>::UnknownSubject);
        commit(work());
        assert_noop!(opens(prover()), Error::<Test>::WrongStage);
        draw();
        // Before the auditor is bound it could copy what it sees.
        assert_noop!(opens(prover()), Error::<Test>::WrongStage);
        audit_commit(0, &passing());
        run_ticks(9);
        assert_noop!(opens(prover_owner()), Error::<Test>::NotWorker);
        let info = opens(prover()).expect("its time has come");
        assert_eq!(info.pays_fee, Pays::No);
        assert_eq!(Openings::<Test>::get(it()), Some(opening()));
        assert_noop!(opens(prover()), Error::<Test>::WrongStage);
    });
}

#[test]
fn open_should_name_what_differs_when_the_evidence_is_not_the_committed_one() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&passing());
        let embedding = AuditOpening::Embed(BoundedVec::truncate_from(vec![0; 4]));
        let cases = [
            (embedding, Error::<Test>::OpeningOfOtherKind),
            (opening_of(2, TOKENS), Error::<Test>::OpeningOfOtherWork),
            (opening_of(1, TOKENS - 32), Error::<Test>::OpeningIncomplete),
            (opening_of(1, TOKENS - 1), Error::<Test>::OpeningIncomplete),
            (
                changed(|opening| opening.origin.worker = [0; 32]),
                Error::<Test>::OpeningOfOtherWork,
            ),
            (
                changed(|opening| {
                    let second = opening.chunks[1].sketch.clone();
                    opening.chunks[0].sketch = second;
                }),
                Error::<Test>::OpeningDiffers,
            ),
            (
                changed(|opening| opening.chunks[0].ids.0[0] ^= 1),
                Error::<Test>::OpeningDiffers,
            ),
        ];
        for (opening, error) in cases {
            assert_noop!(Verification::open(signed(prover()), it(), opening), error);
        }
        assert_ok!(Verification::open(signed(prover()), it(), opening()));
    });
}

#[test]
fn open_should_be_weighed_by_what_it_shows_when_it_is_charged() {
    let all = |tokens| Verification::open_weight(&opening_of(1, tokens));
    assert!(all(8_192).ref_time() > all(TOKENS).ref_time());
    let vector =
        |bytes| Verification::open_weight(&AuditOpening::Embed(BoundedVec::truncate_from(vec![0; bytes])));
    assert!(vector(65_536).ref_time() > vector(1_024).ref_time());
}
