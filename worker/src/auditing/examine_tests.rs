use super::*;
use crate::auditing::fixtures::{self, tiny, Sample, TOKENS};
use ogpu_client::sealed::AuditMessage;
use ogpu_primitives::{judge, FailReason, FinishReason, Judgement, Shown, WhiteningTable};
use std::collections::HashMap;

fn examiner(engine: Engine, tables: HashMap<ModelId, Arc<WhiteningTable>>) -> Examiner {
    let served = HashMap::from([(fixtures::request().model, Arc::new(engine))]);
    let engines = Engines::new(served, Box::new(|_, _| panic!("it is served")));
    Examiner::new(fixtures::GENESIS, Arc::new(engines), Arc::new(tables))
}

fn examine(case: &Case, message: &AuditMessage) -> Result<AuditReport, ExamineError> {
    let examiner = examiner(tiny(), HashMap::new());
    assert!(!examiner.needs_model(&case.model));
    examiner.examine(case, message, None, &[5; 32], &StopFlag::default())
}

fn judgement(report: &AuditReport, case: &Case) -> Judgement {
    let findings = judge(
        report,
        Shown::Generate(&[]),
        &case.thresholds,
        case.commitment.n_out,
    );
    findings.expect("judged").judgement
}

#[test]
fn report_should_dissent_when_no_honest_worker_commits_to_the_output() {
    let evidence = |tokens: usize| vec![(H256::zero(), H256::zero()); tokens.div_ceil(32)];
    for ids in [vec![], vec![1; 41], vec![1, 258]] {
        let sample = Sample::new(fixtures::case(1), ids.clone(), evidence(ids.len()));
        let report = examine(&sample.case, &sample.message()).expect("a dissent");
        let verdict = judgement(&report, &sample.case);
        assert_eq!(verdict, Judgement::Fail(FailReason::Ending), "{} ids", ids.len());
    }
}

#[test]
fn report_should_carry_a_jurys_sketch_only_when_there_is_something_to_compute() {
    let mut sample = Sample::text(1);
    let sketch = |sample: &Sample| {
        let report = examine(&sample.case, &sample.message()).expect("a report");
        report.jury_sketch().cloned()
    };
    assert_eq!(sketch(&sample), None);
    sample.case.jury_key = Some(fixtures::JURY_KEY);
    assert!(sketch(&sample).expect("a sketch").covers(32));
    let mut impossible = Sample::new(sample.case, vec![1, 258], vec![(H256::zero(), H256::zero())]);
    assert_eq!(sketch(&impossible), None);
    impossible.case.jury_key = None;
    assert_eq!(sketch(&impossible), None);
}

#[test]
fn report_should_dissent_when_the_model_cannot_be_computed_on_the_input() {
    let sample = Sample::text(1);
    for input in [vec![], vec![258], vec![1; 600]] {
        let mut message = sample.message();
        message.input_ids = input;
        let report = examine(&sample.case, &message).expect("a dissent");
        assert_eq!(
            judgement(&report, &sample.case),
            Judgement::Fail(FailReason::Ending)
        );
    }
}

#[test]
fn report_should_fail_an_ending_that_is_not_the_committed_one() {
    let mut case = fixtures::case(1);
    // 40 tokens are the limit of the job: a shorter output does not end there.
    case.commitment.finish = FinishReason::Length;
    let sample = Sample::new(case, vec![1; 20], vec![(H256::zero(), H256::zero())]);
    let report = examine(&sample.case, &sample.message()).expect("a report");
    assert_eq!(
        judgement(&report, &sample.case),
        Judgement::Fail(FailReason::Ending)
    );
}

#[test]
fn examiner_should_give_no_report_when_this_machine_is_at_fault() {
    let mut sample = Sample::text(1);
    sample.case.whitened = true;
    assert!(matches!(
        examine(&sample.case, &sample.message()),
        Err(ExamineError::Table(_))
    ));
    // Another model's table.
    let table = Arc::new(WhiteningTable::unit(8).expect("a table"));
    let tables = HashMap::from([(sample.case.model, table)]);
    let result = examiner(tiny(), tables).examine(
        &sample.case,
        &sample.message(),
        None,
        &[5; 32],
        &StopFlag::default(),
    );
    assert!(matches!(
        result,
        Err(ExamineError::Engine(EngineError::WhiteningTable { .. }))
    ));
    sample.case.whitened = false;
    let mut message = sample.message();
    message.output = AuditedOutput::Embedding;
    assert!(matches!(examine(&sample.case, &message), Err(ExamineError::Kind)));
    let stop = StopFlag::default();
    stop.stop();
    let result =
        examiner(tiny(), HashMap::new()).examine(&sample.case, &sample.message(), None, &[5; 32], &stop);
    assert!(matches!(result, Err(ExamineError::Stopped)));
    assert_eq!(sample.message().input_ids, TOKENS);
}
