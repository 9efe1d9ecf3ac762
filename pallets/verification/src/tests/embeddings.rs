use super::fixture::*;
use crate::{mock::*, Error, SeatState, Verdict};
use frame_support::{assert_noop, assert_ok};
use ogpu_primitives::{AuditOpening, AuditReport, BoundedVec, CheckStage, FailReason, Judgement};

fn audit_with(report: AuditReport) -> Vec<u8> {
    let (work, commitment, vector) = embedding();
    assert_ok!(Verification::committed(&it(), work, &commitment));
    draw();
    audit_commit(0, &report);
    run_ticks(9);
    assert_eq!(stage(), CheckStage::Opening);
    vector
}

fn opens(bytes: &[u8]) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let opening = AuditOpening::Embed(BoundedVec::truncate_from(bytes.to_vec()));
    Verification::open(signed(prover()), it(), opening)
}

#[test]
fn embedding_should_pass_when_auditor_and_worker_agree() {
    ExtBuilder::default().build_and_execute(|| {
        let report = AuditReport::Embed(BoundedVec::truncate_from(embedding().2));
        let mut vector = audit_with(report.clone());
        vector[0] ^= 1;
        assert_noop!(opens(&vector), Error::<Test>::OpeningDiffers);
        vector[0] ^= 1;
        assert_ok!(opens(&vector));
        audit_open(0, report);
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Pass));
    });
}

#[test]
fn embedding_should_be_disputed_when_the_vectors_lie_apart() {
    ExtBuilder::default().build_and_execute(|| {
        let mut other = embedding().2;
        other[3] ^= 0x80;
        other[255] ^= 0x80;
        let report = AuditReport::Embed(BoundedVec::truncate_from(other));
        let vector = audit_with(report.clone());
        assert_ok!(opens(&vector));
        audit_open(0, report);
        assert_eq!(
            seats()[0].1,
            SeatState::Voted(Judgement::Fail(FailReason::EmbeddingError))
        );
    });
}

#[test]
fn auditor_should_count_as_absent_when_its_own_vector_is_unusable() {
    ExtBuilder::default().build_and_execute(|| {
        let report = AuditReport::Embed(BoundedVec::truncate_from([0xff; 256].to_vec()));
        let vector = audit_with(report.clone());
        assert_ok!(opens(&vector));
        audit_open(0, report);
        assert_eq!(seats()[0].1, SeatState::Absent);
        // Blamed by the hook of the next tick, not by the call.
        assert_eq!(heard(), []);
        run_ticks(1);
        assert_eq!(heard(), [absent(0)]);
    });
}
