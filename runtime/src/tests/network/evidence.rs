//! Outputs, openings and reports, out of hidden states that only these tests know.

use super::{Audits, Quality, Sketches, Task};
use crate::AccountId;
use codec::Encode;
use ogpu_primitives::{
    evidence::{embedding_root, generate_leaves, ChunkRecord, Recorder},
    float_bits::bf16_from_f32,
    jury_sketch::positions,
    merkle, tagged_hash, AuditOpening, AuditReport, BoundedVec, ChunkReport, ChunkSketch, ChunkTally,
    Commitment, Ending, FinishReason, GenerateReport, JobKind, JurySketcher, Origin, ProfileParams,
    SketchesOpening, WhiteningTable, WorkKey, H256,
};

/// Dimensions of the hidden states.
const DIMENSIONS: u32 = 64;

/// Relative error between two honest machines: below the profile's 7/1000, which f16 keeps.
const NOISE: f32 = 0.002;

/// The same of coarser arithmetic: still below it.
const COARSE_NOISE: f32 = 0.005;

/// What a worker keeps of a result.
#[derive(Clone)]
pub struct Output {
    /// What was asked for.
    task: Task,
    /// Its token ids; none of an embedding.
    pub ids: Vec<u32>,
    /// The values of an embedding as bytes.
    vector: Vec<u8>,
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

/// The embedding that `model` (0 is the right one) gives for `work`, as the machine of `who` computes it: all give the
/// same bits.
fn vector(task: &Task, work: &WorkKey, model: u8) -> Vec<u8> {
    numbers((b"vector", work.job, model), task.output)
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect()
}

/// The hidden state of `model` (0 is the right one) at `token`, as the machine of `who` computes it, with this relative
/// error.
fn hidden(work: &WorkKey, model: u8, who: &AccountId, error: f32, token: u32) -> Vec<u16> {
    let truth = numbers((b"state", work.job, model, token), DIMENSIONS);
    let noise = numbers((b"noise", who, work.job, token), DIMENSIONS);
    truth
        .iter()
        .zip(noise)
        .map(|(value, noise)| bf16_from_f32((value + error * noise).to_bits()).expect("finite"))
        .collect()
}

/// Evidence of the hidden states of `model` for `work`, as the machine of `who` computes them.
fn records(task: &Task, work: &WorkKey, model: u8, who: &AccountId, error: f32) -> Vec<ChunkRecord> {
    let params = ProfileParams::starting(ogpu_primitives::NumericProfile::F16);
    let table = WhiteningTable::unit(DIMENSIONS).expect("few dimensions");
    let mut recorder = Recorder::new(&H256::repeat_byte(3), &work.job, params.sketch_units);
    for token in 0..task.output_tokens() {
        let hidden = hidden(work, model, who, error, token);
        recorder.push(&table, &hidden).expect("as many as the table has");
    }
    recorder.finish()
}

/// What `juror` shows under the jury's key.
pub fn jury_sketch(
    sketches: Sketches,
    output: &Output,
    work: &WorkKey,
    juror: &AccountId,
    key: &H256,
) -> Option<ChunkSketch> {
    let n_out = output.commitment.n_out;
    let params = ProfileParams::starting(ogpu_primitives::NumericProfile::F16);
    let table = WhiteningTable::unit(DIMENSIONS).expect("few dimensions");
    // What is made up is another model's, and another one's for each juror.
    let (model, error) = match sketches {
        Sketches::Computed => (0, NOISE),
        Sketches::MadeUp => (9, 10.0),
        Sketches::Missing => return None,
    };
    let mut sketcher = JurySketcher::new(key, n_out, params.sketch_units);
    for token in positions(key, n_out) {
        let hidden = hidden(work, model, juror, error, token);
        sketcher
            .push(&table, token, &hidden)
            .expect("as many as the table has");
    }
    sketcher.finish()
}

/// What the machine of `worker` gets for `work`.
pub fn compute(task: &Task, work: &WorkKey, worker: &AccountId, quality: Quality) -> Output {
    let right = matches!(quality, Quality::Right | Quality::Coarse);
    let error = if quality == Quality::Coarse {
        COARSE_NOISE
    } else {
        NOISE
    };
    let (model, account) = (u8::from(quality == Quality::OtherModel), worker.clone().into());
    let mut output = Output {
        task: *task,
        ids: (0..task.output_tokens())
            .map(|token| {
                token
                    + if right {
                        0
                    } else {
                        1_000 * u32::from(quality as u8)
                    }
            })
            .collect(),
        vector: Vec::new(),
        records: records(task, work, model, worker, error),
        tokens_win: right,
        commitment: Commitment {
            root: H256::zero(),
            output: tagged_hash(b"test/output", &(work, worker).encode()),
            n_in: task.input_tokens,
            n_out: task.output_tokens(),
            finish: FinishReason::Length,
        },
    };
    match task.kind {
        JobKind::Generate => {
            let evidence: Vec<_> = output.records.iter().map(ChunkRecord::evidence).collect();
            let finish = output.commitment.finish;
            let leaves = generate_leaves(&account, work, &output.ids, task.input_tokens, finish, &evidence);
            output.commitment.root = merkle::root(&leaves);
        }
        JobKind::Embed => {
            output.vector = vector(task, work, u8::from(!right));
            output.commitment.root = embedding_root(&account, work, &output.vector, task.input_tokens);
            output.commitment.finish = FinishReason::Complete;
        }
    }
    output
}

impl Output {
    /// What shows it.
    pub fn opening(&self, work: &WorkKey, worker: &AccountId) -> AuditOpening {
        if self.task.kind == JobKind::Embed {
            return AuditOpening::Embed(BoundedVec::truncate_from(self.vector.clone()));
        }
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
    if output.task.kind == JobKind::Embed {
        return report_on_embedding(audits, output, work, auditor, params);
    }
    const LOST: u32 = 3 << 16;
    let margin = if output.tokens_win { 0 } else { LOST };
    let margins = |margin| vec![margin; output.ids.len()];
    let made = |margins: Vec<u32>, records| {
        GenerateReport::new(&margins, records, true, false, params).expect("one margin a token")
    };
    let report = match audits {
        Audits::Honestly | Audits::WithoutOpening => {
            made(margins(margin), records(&output.task, work, 0, auditor, NOISE))
        }
        Audits::AsTheWorkerSays => made(margins(0), output.records.clone()),
        Audits::Lazily => zeros(output, params),
        Audits::Against => GenerateReport::impossible(output.ids.len() as u32, params).expect("short enough"),
        Audits::Never | Audits::Garbage => return None,
    };
    Some(AuditReport::Generate(report))
}

/// The same on an embedding.
fn report_on_embedding(
    audits: Audits,
    output: &Output,
    work: &WorkKey,
    auditor: &AccountId,
    params: &ProfileParams,
) -> Option<AuditReport> {
    let of = |values| Some(AuditReport::Embed(BoundedVec::truncate_from(values)));
    match audits {
        Audits::Honestly | Audits::WithoutOpening => of(vector(&output.task, work, 0)),
        Audits::AsTheWorkerSays => of(output.vector.clone()),
        Audits::Lazily => of(vec![0; output.vector.len()]),
        Audits::Against => AuditReport::impossible(JobKind::Embed, 0, params, &salt(work, auditor)).ok(),
        Audits::Never | Audits::Garbage => None,
    }
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
        jury_sketch: None,
    }
}

/// The salt of an auditor's report.
pub fn salt(work: &WorkKey, auditor: &AccountId) -> [u8; 32] {
    tagged_hash(b"test/salt", &(work, auditor).encode()).0
}
