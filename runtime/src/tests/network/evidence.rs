//! Outputs, openings and reports, out of hidden states that only these tests know.

use super::people::{INPUT_TOKENS, OUTPUT_TOKENS};
use super::{Audits, Quality};
use crate::AccountId;
use codec::Encode;
use ogpu_primitives::{
    evidence::{generate_leaves, ChunkRecord, Recorder},
    float_bits::bf16_from_f32,
    merkle, tagged_hash, AuditOpening, AuditReport, BoundedVec, ChunkReport, ChunkSketch, ChunkTally,
    Commitment, Ending, FinishReason, GenerateReport, Origin, ProfileParams, SketchesOpening, WhiteningTable,
    WorkKey, H256,
};

/// Dimensions of the hidden states.
const DIMENSIONS: u32 = 64;

/// Relative error between two honest machines: below the profile's 7/1000, which f16 keeps.
const NOISE: f32 = 0.002;

/// What a worker keeps of a result.
#[derive(Clone)]
pub struct Output {
    /// Its token ids.
    pub ids: Vec<u32>,
    /// Its evidence.
    pub records: Vec<ChunkRecord>,
    /// Whether the model would have chosen these tokens.
    pub tokens_win: bool,
    /// What was committed.
    pub commitment: Commitment,
}

/// Numbers in -1..1 that follow from `from`.
fn numbers(from: impl Encode, count: u32) -> Vec<f32> {
    (0..count.div_ceil(8))
        .flat_map(|block| {
            let hash = tagged_hash(b"test/numbers", &(&from, block).encode());
            let words: Vec<u32> = hash
                .0
                .chunks(4)
                .map(|four| u32::from_le_bytes(four.try_into().expect("four")))
                .collect();
            words
        })
        .map(|word| (f64::from(word) / f64::from(u32::MAX) * 2.0 - 1.0) as f32)
        .take(count as usize)
        .collect()
}

/// Evidence of the hidden states of `model` (0 is the right one) for `work`, as the machine of `who` computes them.
fn records(work: &WorkKey, model: u8, who: &AccountId) -> Vec<ChunkRecord> {
    let params = ProfileParams::starting(ogpu_primitives::NumericProfile::F16);
    let table = WhiteningTable::unit(DIMENSIONS).expect("few dimensions");
    let mut recorder = Recorder::new(&H256::repeat_byte(3), &work.job, params.sketch_units);
    for token in 0..OUTPUT_TOKENS {
        let truth = numbers((b"state", work.job, model, token), DIMENSIONS);
        let noise = numbers((b"noise", who, work.job, token), DIMENSIONS);
        let hidden: Vec<u16> = truth
            .iter()
            .zip(noise)
            .map(|(value, noise)| bf16_from_f32((value + NOISE * noise).to_bits()).expect("finite"))
            .collect();
        recorder.push(&table, &hidden).expect("as many as the table has");
    }
    recorder.finish()
}

/// What the machine of `worker` gets for `work`.
pub fn compute(work: &WorkKey, worker: &AccountId, quality: Quality) -> Output {
    let model = u8::from(quality == Quality::OtherModel);
    let ids: Vec<u32> = (0..OUTPUT_TOKENS)
        .map(|token| token + 1_000 * u32::from(quality as u8))
        .collect();
    output(
        work,
        worker,
        ids,
        records(work, model, worker),
        quality == Quality::Right,
    )
}

/// An output with its commitment.
pub fn output(
    work: &WorkKey,
    worker: &AccountId,
    ids: Vec<u32>,
    records: Vec<ChunkRecord>,
    tokens_win: bool,
) -> Output {
    let evidence: Vec<_> = records.iter().map(ChunkRecord::evidence).collect();
    let account: [u8; 32] = worker.clone().into();
    let leaves = generate_leaves(
        &account,
        work,
        &ids,
        INPUT_TOKENS,
        FinishReason::Length,
        &evidence,
    );
    let commitment = Commitment {
        root: merkle::root(&leaves),
        output: tagged_hash(b"test/output", &(work, worker).encode()),
        n_in: INPUT_TOKENS,
        n_out: ids.len() as u32,
        finish: FinishReason::Length,
    };
    Output {
        ids,
        records,
        tokens_win,
        commitment,
    }
}

impl Output {
    /// What shows it.
    pub fn opening(&self, work: &WorkKey, worker: &AccountId) -> AuditOpening {
        let origin = Origin {
            worker: worker.clone().into(),
            work: *work,
        };
        let opening = SketchesOpening::new(&origin, &self.ids, &self.records);
        AuditOpening::Generate(opening.expect("short enough"))
    }
}

/// What an auditor or juror reports on `output`; `None` where it has none to send.
pub fn report(
    audits: Audits,
    output: &Output,
    work: &WorkKey,
    auditor: &AccountId,
    params: &ProfileParams,
) -> Option<AuditReport> {
    const LOST: u32 = 3 << 16;
    let margin = if output.tokens_win { 0 } else { LOST };
    let margins = |margin| vec![margin; output.ids.len()];
    let made = |margins: Vec<u32>, records| {
        GenerateReport::new(&margins, records, true, false, params).expect("one margin a token")
    };
    let report = match audits {
        Audits::Honestly | Audits::WithoutOpening => made(margins(margin), records(work, 0, auditor)),
        Audits::AsTheWorkerSays => made(margins(0), output.records.clone()),
        Audits::Lazily => zeros(output, params),
        Audits::Against => GenerateReport::impossible(output.ids.len() as u32, params).expect("short enough"),
        Audits::Never | Audits::Garbage => return None,
    };
    Some(AuditReport::Generate(report))
}

/// A report without work: nothing lost, all sketches zero.
fn zeros(output: &Output, params: &ProfileParams) -> GenerateReport {
    let chunks: Vec<ChunkReport> = output
        .records
        .iter()
        .map(|record| ChunkReport {
            tally: ChunkTally::default(),
            sketch: ChunkSketch::from_sums(vec![0; record.sketch.sums().len()]).expect("a chunk's sums"),
        })
        .collect();
    GenerateReport {
        chunks: BoundedVec::truncate_from(chunks),
        ending: Ending::AtLimit,
        params_version: params.version,
    }
}

/// The salt of an auditor's report.
pub fn salt(work: &WorkKey, auditor: &AccountId) -> [u8; 32] {
    tagged_hash(b"test/salt", &(work, auditor).encode()).0
}
