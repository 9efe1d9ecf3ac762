//! Tests of the openings.

use super::*;
use crate::{
    evidence::{generate_leaves, Recorder},
    whitening::WhiteningTable,
    FinishReason,
};
use alloc::vec;
use proptest::prelude::*;

const ORIGIN: Origin = Origin {
    worker: [1; 32],
    work: WorkKey {
        job: H256([2; 32]),
        segment: 3,
        attempt: 4,
    },
};

fn hidden(token: u32) -> [u16; 4] {
    [0x3f80, 0x4000 + token as u16, 0xbf00, 0]
}

struct Output {
    ids: Vec<u32>,
    records: Vec<ChunkRecord>,
    commitment: Commitment,
}

fn output_of(tokens: u32, recorded: bool) -> Output {
    let table = WhiteningTable::unit(4).unwrap();
    let mut recorder = Recorder::new(&H256([9; 32]), &ORIGIN.work.job, 1_024);
    let ids: Vec<u32> = (0..tokens).map(|token| token * 7).collect();
    if recorded {
        (0..tokens).for_each(|token| recorder.push(&table, &hidden(token)).unwrap());
    }
    let records = recorder.finish();
    let evidence: Vec<ChunkEvidence> = records.iter().map(ChunkRecord::evidence).collect();
    let leaves = generate_leaves(
        &ORIGIN.worker,
        &ORIGIN.work,
        &ids,
        5,
        FinishReason::Stop,
        &evidence,
    );
    let commitment = Commitment {
        root: merkle::root(&leaves),
        output: H256::zero(),
        n_in: 5,
        n_out: tokens,
        finish: FinishReason::Stop,
    };
    Output {
        ids,
        records,
        commitment,
    }
}

impl Output {
    fn open(&self, chunk: u32) -> Opening {
        Opening::new(&ORIGIN, &self.commitment, &self.ids, &self.records, chunk).unwrap()
    }

    fn sketches(&self) -> SketchesOpening {
        SketchesOpening::new(&ORIGIN, &self.ids, &self.records).unwrap()
    }
}

#[test]
fn openings_should_verify_when_they_show_what_was_committed() {
    for recorded in [true, false] {
        for tokens in [1, 31, 32, 33, 64, 100, 8_192] {
            let output = output_of(tokens, recorded);
            for chunk in 0..chunk_count(tokens).min(5) {
                assert_eq!(output.open(chunk).verify(&ORIGIN, &output.commitment), Ok(()));
            }
            let last = output.open(chunk_count(tokens) - 1);
            assert_eq!(last.verify(&ORIGIN, &output.commitment), Ok(()));
            assert_eq!(output.sketches().verify(&ORIGIN, &output.commitment), Ok(()));
            let header =
                HeaderOpening::new(&ORIGIN, &output.commitment, &output.ids, &output.records).unwrap();
            assert_eq!(header.verify(&ORIGIN, &output.commitment), Ok(()));
        }
    }
}

#[test]
fn errors_should_say_what_to_do_when_shown() {
    let text = alloc::string::ToString::to_string(&OpeningError::OtherAttempt);
    assert_eq!(
        text,
        "the opening is of another attempt: open the attempt that was asked for"
    );
    let error = crate::JudgeError::Report(crate::ReportError::SketchLength { chunk: 3 });
    assert!(alloc::string::ToString::to_string(&error).contains("chunk 3"));
}

#[test]
fn empty_output_should_open_its_header_alone() {
    let output = output_of(0, true);
    let header = HeaderOpening::new(&ORIGIN, &output.commitment, &[], &[]).unwrap();
    assert_eq!(header.verify(&ORIGIN, &output.commitment), Ok(()));
    assert_eq!(output.sketches().verify(&ORIGIN, &output.commitment), Ok(()));
    let opened = Opening::new(&ORIGIN, &output.commitment, &[], &[], 0);
    assert_eq!(opened, Err(OpeningError::IndexOutOfRange));
}

#[test]
fn opening_should_be_refused_when_it_is_of_something_else() {
    let output = output_of(100, true);
    let other_work = |change: fn(&mut Origin)| {
        let mut expected = ORIGIN;
        change(&mut expected);
        let header = HeaderOpening::new(&ORIGIN, &output.commitment, &output.ids, &output.records).unwrap();
        let results = [
            output.open(1).verify(&expected, &output.commitment),
            output.sketches().verify(&expected, &output.commitment),
            header.verify(&expected, &output.commitment),
        ];
        assert!(results.iter().all(|result| *result == results[0]));
        results[0]
    };
    assert_eq!(other_work(|o| o.worker = [2; 32]), Err(OpeningError::OtherWorker));
    assert_eq!(
        other_work(|o| o.work.job = H256([3; 32])),
        Err(OpeningError::OtherWork)
    );
    assert_eq!(other_work(|o| o.work.segment = 0), Err(OpeningError::OtherWork));
    assert_eq!(
        other_work(|o| o.work.attempt = 5),
        Err(OpeningError::OtherAttempt)
    );
}

#[test]
fn opening_should_be_refused_when_its_origin_was_rewritten() {
    // The name on it is right, but the root binds the other one.
    let output = output_of(100, true);
    let expected = Origin {
        worker: [7; 32],
        ..ORIGIN
    };
    let mut copied = output.open(1);
    copied.origin = expected;
    assert_eq!(
        copied.verify(&expected, &output.commitment),
        Err(OpeningError::RootDiffers)
    );
    let mut copied = output.sketches();
    copied.origin = expected;
    assert_eq!(
        copied.verify(&expected, &output.commitment),
        Err(OpeningError::RootDiffers)
    );
}

#[test]
fn opening_should_be_refused_when_any_part_was_altered() {
    let output = output_of(100, true);
    let base = output.open(3);
    let altered = |change: &dyn Fn(&mut Opening)| {
        let mut opening = base.clone();
        change(&mut opening);
        opening.verify(&ORIGIN, &output.commitment)
    };
    let sums = |tokens: usize| ChunkSketch::from_tokens(&vec![[1; 8]; tokens]).unwrap();
    let cases: [(&dyn Fn(&mut Opening), OpeningError); 11] = [
        (&|o| o.ids[0] += 1, OpeningError::RootDiffers),
        (&|o| o.sketch = sums(4), OpeningError::RootDiffers),
        (&|o| o.sketch = ChunkSketch::default(), OpeningError::RootDiffers),
        (&|o| o.hidden.0[0] ^= 1, OpeningError::RootDiffers),
        (&|o| o.path[0].0[0] ^= 1, OpeningError::RootDiffers),
        (&|o| o.chunk = 4, OpeningError::IndexOutOfRange),
        (&|o| o.chunk = u32::MAX, OpeningError::IndexOutOfRange),
        (&|o| o.chunk = 2, OpeningError::IdsLength),
        (&|o| o.ids.truncate(3), OpeningError::IdsLength),
        (&|o| o.sketch = sums(5), OpeningError::SketchLength),
        (&|o| o.path.truncate(0), OpeningError::PathLength),
    ];
    for (change, error) in cases {
        assert_eq!(altered(change), Err(error));
    }
    let longer = altered(&|o| o.path.try_push(H256::zero()).unwrap());
    assert_eq!(longer, Err(OpeningError::PathLength));
}

#[test]
fn opening_should_be_refused_when_the_commitment_says_otherwise() {
    let output = output_of(100, true);
    let header = HeaderOpening::new(&ORIGIN, &output.commitment, &output.ids, &output.records).unwrap();
    let changed = |change: fn(&mut Commitment)| {
        let mut commitment = output.commitment;
        change(&mut commitment);
        (
            header.verify(&ORIGIN, &commitment),
            output.sketches().verify(&ORIGIN, &commitment),
            output.open(0).verify(&ORIGIN, &commitment),
        )
    };
    let differs = Err(OpeningError::RootDiffers);
    assert_eq!(changed(|c| c.n_in = 6), (differs, differs, Ok(())));
    assert_eq!(
        changed(|c| c.finish = FinishReason::Length),
        (differs, differs, Ok(()))
    );
    // 99 tokens have as many chunks; the last one is shorter.
    let short = Err(OpeningError::SketchLength);
    assert_eq!(changed(|c| c.n_out = 99), (differs, short, Ok(())));
    let (_, sketches, _) = changed(|c| c.n_out = 96);
    assert_eq!(sketches, Err(OpeningError::ChunkCount));
    let long = Err(OpeningError::TooLong);
    assert_eq!(changed(|c| c.n_out = 8_193), (long, long, long));
    assert_eq!(changed(|c| c.n_out = u32::MAX), (long, long, long));
}

#[test]
fn vector_should_open_under_its_chunk_and_nowhere_else() {
    let output = output_of(40, true);
    let opening = output.open(1);
    let vectors: Vec<[u16; 4]> = (32..40).map(hidden).collect();
    for position in 0..8 {
        let mut shown = VectorOpening::new(&vectors, position).unwrap();
        assert_eq!(shown.verify(&opening.hidden, 8), Ok(()));
        assert_eq!(shown.verify(&opening.hidden, 16), Err(OpeningError::PathLength));
        assert_eq!(
            shown.verify(&output.open(0).hidden, 32),
            Err(OpeningError::PathLength)
        );
        shown.hidden[2] ^= 1;
        assert_eq!(shown.verify(&opening.hidden, 8), Err(OpeningError::RootDiffers));
    }
    assert_eq!(
        VectorOpening::new(&vectors, 8),
        Err(OpeningError::IndexOutOfRange)
    );
}

#[test]
fn sketch_of_an_opened_vector_should_be_the_committed_one() {
    let output = output_of(40, true);
    let mut sketcher = crate::Sketcher::new(&H256([9; 32]), &ORIGIN.work.job, 1_024);
    let table = WhiteningTable::unit(4).unwrap();
    let sums = sketcher.token(&table, 35, &hidden(35)).unwrap();
    assert_eq!(output.open(1).sketch.sums()[24..32], sums);
}

proptest! {
    #[test]
    fn opening_should_never_verify_when_its_bytes_are_damaged(
        tokens in 1u32..100, at in any::<usize>(), change in 1u8.., end in any::<usize>(),
    ) {
        let output = output_of(tokens, true);
        let bytes = output.open(chunk_count(tokens) - 1).encode();
        prop_assert!(Opening::decode(&mut &bytes[..end % bytes.len()]).is_err());
        let mut damaged = bytes.clone();
        damaged[at % bytes.len()] ^= change;
        if let Ok(opening) = Opening::decode(&mut &damaged[..]) {
            prop_assert!(opening.verify(&ORIGIN, &output.commitment).is_err());
        }
    }
}
