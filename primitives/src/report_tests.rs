//! Tests of the report.

use super::*;
use crate::NumericProfile;
use alloc::vec;
use proptest::prelude::*;

const PARAMS: ProfileParams = ProfileParams::starting(NumericProfile::Bf16);

fn records(tokens: u32) -> Vec<ChunkRecord> {
    (0..chunk_count(tokens))
        .map(|chunk| ChunkRecord {
            sketch: ChunkSketch::from_tokens(&vec![[chunk as i16; 8]; chunk_len(tokens, chunk)]).unwrap(),
            hidden: H256::zero(),
        })
        .collect()
}

fn report(tokens: u32) -> GenerateReport {
    GenerateReport::new(
        &vec![40_000; tokens as usize],
        records(tokens),
        true,
        true,
        &PARAMS,
    )
    .unwrap()
}

#[test]
fn report_should_tally_each_chunk_when_made_from_margins() {
    let report = report(40);
    let tally = |chunk: usize| report.chunks[chunk].tally;
    // 40,000 / 2^16 is 0.61 logit: U is cut at 32 a token, X counts above 1/8.
    assert_eq!(
        tally(0),
        ChunkTally {
            u: 1_024,
            x: 32,
            b: 0
        }
    );
    assert_eq!(tally(1), ChunkTally { u: 256, x: 8, b: 0 });
    assert_eq!(report.ending, Ending::EndToken { margin_64: 39 });
    assert_eq!(report.check(40), Ok(()));
}

#[test]
fn report_should_say_how_the_output_ended() {
    let ending = |margin, right, by_end_token| {
        GenerateReport::new(&[margin], records(1), right, by_end_token, &PARAMS)
            .unwrap()
            .ending
    };
    assert_eq!(ending(0, true, false), Ending::AtLimit);
    assert_eq!(ending(0, true, true), Ending::EndToken { margin_64: 0 });
    assert_eq!(ending(131_072, true, true), Ending::EndToken { margin_64: 128 });
    assert_eq!(ending(u32::MAX, true, true), Ending::EndToken { margin_64: 255 });
    assert_eq!(ending(0, false, true), Ending::Contradicted);
    assert_eq!(ending(0, false, false), Ending::Contradicted);
}

#[test]
fn report_should_be_refused_when_margins_and_records_do_not_cover_the_same_tokens() {
    let make = |margins: usize, sketched| {
        GenerateReport::new(&vec![0; margins], records(sketched), true, false, &PARAMS).map(|_| ())
    };
    assert_eq!(make(32, 33), Err(ReportError::MarginCount));
    assert_eq!(make(33, 32), Err(ReportError::MarginCount));
    assert_eq!(make(31, 32), Err(ReportError::SketchLength { chunk: 0 }));
    assert_eq!(make(8_193, 8_193), Err(ReportError::TooLong));
    assert_eq!(make(8_192, 8_192), Ok(()));
    assert_eq!(make(0, 0), Ok(()));
}

#[test]
fn check_should_refuse_a_report_of_another_length() {
    let report = report(40);
    assert_eq!(report.check(32), Err(ReportError::ChunkCount));
    assert_eq!(report.check(65), Err(ReportError::ChunkCount));
    assert_eq!(report.check(41), Err(ReportError::SketchLength { chunk: 1 }));
    assert_eq!(report.check(39), Err(ReportError::SketchLength { chunk: 1 }));
    assert_eq!(report.check(8_193), Err(ReportError::TooLong));
    let mut wrong = report.clone();
    wrong.chunks[1].tally.x = 9;
    assert_eq!(wrong.check(40), Err(ReportError::ImpossibleTally { chunk: 1 }));
}

#[test]
fn check_should_refuse_a_report_of_another_kind_or_an_unusable_vector() {
    let text = AuditReport::Generate(report(40));
    let vector = |bytes: usize| AuditReport::Embed(vec![0; bytes].try_into().unwrap());
    assert_eq!(text.check(JobKind::Generate, 40), Ok(()));
    assert_eq!(text.check(JobKind::Embed, 40), Err(ReportError::WrongKind));
    assert_eq!(vector(8).check(JobKind::Embed, 0), Ok(()));
    assert_eq!(vector(8).check(JobKind::Generate, 0), Err(ReportError::WrongKind));
    assert_eq!(vector(0).check(JobKind::Embed, 0), Err(ReportError::VectorLength));
    assert_eq!(vector(6).check(JobKind::Embed, 0), Err(ReportError::VectorLength));
}

#[test]
fn commitment_should_differ_when_auditor_salt_or_any_figure_differs() {
    let base = AuditReport::Generate(report(40));
    let commitment = base.commitment(&[1; 32], &[2; 32]);
    assert_ne!(commitment, base.commitment(&[2; 32], &[2; 32]));
    assert_ne!(commitment, base.commitment(&[1; 32], &[1; 32]));
    let mut changed = report(40);
    changed.chunks[1].tally.u -= 1;
    assert_ne!(
        commitment,
        AuditReport::Generate(changed).commitment(&[1; 32], &[2; 32])
    );
    let mut changed = report(40);
    changed.ending = Ending::AtLimit;
    assert_ne!(
        commitment,
        AuditReport::Generate(changed).commitment(&[1; 32], &[2; 32])
    );
}

#[test]
fn report_should_take_about_17_bytes_a_token() {
    let encoded = AuditReport::Generate(report(256)).encode().len();
    assert_eq!(encoded, 1 + 1 + 8 * (4 + 2 + 512) + 2 + 4 + 1);
    let sketch = ChunkSketch::from_tokens(&[[1; 8]; 32]);
    let jurors = AuditReport::Generate(report(256).with_jury_sketch(sketch));
    assert_eq!(jurors.encode().len(), encoded + 2 + 512);
    assert_eq!(jurors.check(JobKind::Generate, 256), Ok(()));
    assert!(AuditReport::max_encoded_len() < 140_000);
}

#[test]
fn report_should_be_refused_when_the_jurys_sketch_has_another_length() {
    for (tokens, sketched, fits) in [
        (40, 32, true),
        (40, 31, false),
        (9, 9, true),
        (9, 10, false),
        (9, 0, false),
    ] {
        let sketch = ChunkSketch::from_tokens(&vec![[1; 8]; sketched]);
        let checked = report(tokens).with_jury_sketch(sketch).check(tokens);
        assert_eq!(
            checked == Err(ReportError::JurySketchLength),
            !fits,
            "{tokens} {sketched}"
        );
        assert_eq!(checked.is_ok(), fits);
    }
}

#[test]
fn impossible_should_fail_whatever_the_worker_opens() {
    use crate::{judge, FailReason, Judgement, Shown};
    for tokens in [0, 1, 32, 33, 300] {
        let dissent = AuditReport::impossible(JobKind::Generate, tokens, &PARAMS, &[7; 32]).unwrap();
        let records = records(tokens);
        let opened: Vec<_> = (0u32..)
            .zip(records.iter().map(|record| &record.sketch))
            .collect();
        for shown in [&opened[..], &[]] {
            let findings = judge(&dissent, Shown::Generate(shown), &PARAMS, tokens).unwrap();
            assert_eq!(
                findings.judgement,
                Judgement::Fail(FailReason::Ending),
                "{tokens} tokens"
            );
            assert_eq!((findings.x, findings.b), (tokens, tokens));
        }
    }
    assert_eq!(
        GenerateReport::impossible(MAX_OUTPUT_TOKENS + 1, &PARAMS),
        Err(ReportError::TooLong)
    );
    for salt in [[0; 32], [0xFF; 32], [0x7F; 32], [0x80; 32]] {
        let dissent = AuditReport::impossible(JobKind::Embed, 0, &PARAMS, &salt).unwrap();
        for values in [1, 2, 384] {
            let worker = 0.25f32.to_le_bytes().repeat(values);
            let findings = judge(&dissent, Shown::Embed(&worker), &PARAMS, 0).unwrap();
            assert!(
                matches!(findings.judgement, Judgement::Fail(_)),
                "{values} values"
            );
        }
    }
}

proptest! {
    #[test]
    fn report_should_decode_to_itself_and_never_panic_when_damaged(
        tokens in 0u32..100, at in any::<usize>(), change in 1u8.., end in any::<usize>(),
    ) {
        let report = AuditReport::Generate(report(tokens));
        let bytes = report.encode();
        prop_assert_eq!(&AuditReport::decode(&mut &bytes[..]), &Ok(report.clone()));
        let cut = &bytes[..end % bytes.len()];
        prop_assert!(AuditReport::decode(&mut &cut[..]).is_err());
        let mut damaged = bytes.clone();
        damaged[at % bytes.len()] ^= change;
        if let Ok(other) = AuditReport::decode(&mut &damaged[..]) {
            prop_assert_ne!(&other, &report);
            // Whatever it says now, checking it gives an answer.
            let _ = other.check(JobKind::Generate, tokens);
        }
    }
}
