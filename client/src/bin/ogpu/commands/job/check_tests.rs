//! What a person reads of a check.

use super::*;
use ogpu_client::{
    chain::{DataDemand, DemandState},
    AccountId,
};
use ogpu_primitives::{
    difference::Difference, CheckTerms, CheckedWork, Commitment, FinishReason, JobId, JobKind,
    NumericProfile, ProfileParams, H256,
};

fn work() -> WorkKey {
    WorkKey {
        job: JobId::zero(),
        segment: 0,
        attempt: 1,
    }
}

fn view() -> AuditView {
    let account = |byte: u8| AccountId::from([byte; 32]);
    AuditView {
        record: CommitmentRecord {
            work: CheckedWork {
                worker: account(1),
                owner: account(2),
                client: account(3),
                model: H256::zero(),
                kind: JobKind::Generate,
                greedy: false,
                secret_hash: Some(H256::zero()),
                price: 1,
                audit_fee: 1,
                surcharge: false,
                terms: CheckTerms {
                    params: ProfileParams::starting(NumericProfile::F16),
                    whitened: false,
                    rate_ppm: 250_000,
                    second_ppm: 250_000,
                },
            },
            commitment: Commitment {
                root: H256::zero(),
                output: H256::zero(),
                n_in: 1,
                n_out: 64,
                finish: FinishReason::Stop,
            },
            committed_at: 1,
            fixed_at: 1,
            stage: CheckStage::Window,
            due: 31,
            secret: None,
            accepted_at: None,
            challenge: None,
            open_demands: 0,
            redraws: 0,
            audited: false,
            late: false,
            equivocated: false,
            verdict: None,
            class: None,
            jury_key: None,
        },
        seats: Vec::new(),
        demands: Vec::new(),
        opened: false,
    }
}

fn dissent() -> Seat {
    let judgement = Judgement::Fail(FailReason::ChunkSketch { chunk: 1 });
    Seat {
        worker: AccountId::from([4; 32]),
        owner: AccountId::from([5; 32]),
        role: Role::First,
        state: SeatState::Voted(judgement),
        findings: Some(Findings {
            judgement,
            difference: Difference::default(),
            e_milli: 412,
            worst_chunk: Some((1, 530)),
            tokens: 64,
            u: 3,
            x: 2,
            k: Some(9),
            b: 0,
        }),
        pool: SeatPool::Model,
    }
}

#[test]
fn check_should_say_what_the_client_can_do_when_the_window_is_open() {
    let text = text(&work(), &view());
    for part in [
        "attempt",
        "2",
        "until tick 31",
        "none yet",
        "25.00 %",
        "`ogpu job accept`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let mut accepted = view();
    accepted.record.secret = Some([1; 32]);
    assert!(super::text(&work(), &accepted).contains("its secret is in the draw"));
}

#[test]
fn check_should_show_auditors_with_their_findings_when_there_was_an_audit() {
    let mut audited = view();
    audited.record.audited = true;
    audited.record.stage = CheckStage::Auditing(Role::Juror);
    audited.record.open_demands = 1;
    audited.seats = vec![dissent()];
    audited.demands = vec![(
        AccountId::from([4; 32]),
        DataDemand {
            bond: 1,
            key: [0; 32],
            asked_at: 40,
            due: 70,
            state: DemandState::Late,
        },
    )];
    let text = text(&work(), &audited);
    for part in [
        "the jury computes",
        "waits for 1 demand(s)",
        "dissents: the hidden states of chunk 1",
        "e 0.412 (chunk 1: 0.530), 64 tokens: U 3, X 2 (limit 9), B 0",
        "at tick 40: Late",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let json = json(&work(), &audited);
    assert_eq!(json["seats"][0]["state"], "Voted");
    assert_eq!(json["seats"][0]["findings"]["worst_chunk"]["e_milli"], 530);
    assert_eq!(
        json["seats"][0]["judgement"]["Fail"]["ChunkSketch"]["chunk"], 1,
        "{json}"
    );
    assert_eq!(json["demands"][0]["state"], "Late");
}

#[test]
fn check_should_say_why_a_juror_does_not_count_when_its_vote_is_void() {
    let mut judged = view();
    judged.record.jury_key = Some(H256::repeat_byte(7));
    judged.seats = vec![Seat {
        role: Role::Juror,
        state: SeatState::Void,
        ..dissent()
    }];
    let text = text(&work(), &judged);
    assert!(text.contains("void: not what most jurors computed"), "{text}");
    let json = json(&work(), &judged);
    assert_eq!(json["seats"][0]["state"], "Void");
    assert_eq!(json["jury_key"], format!("0x{}", "07".repeat(32)));
}

#[test]
fn verdict_should_tell_an_audit_from_none_when_the_result_passes() {
    let mut closed = view();
    closed.record.verdict = Some(Verdict::Pass);
    assert_eq!(verdict(&closed.record), "paid without an audit");
    closed.record.audited = true;
    assert_eq!(verdict(&closed.record), "passed its audit");
}
