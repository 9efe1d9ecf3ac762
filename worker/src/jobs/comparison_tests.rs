//! Two workers with one request: what its client finds when it compares their answers.

use super::{execute::StopFlag, fixtures, Assignment, Compute, Execute};
use crate::engine::{tiny, DeviceChoice, Engine, EngineSpec};
use ogpu_client::{
    jobs::{compare, Arithmetic, Comparison},
    keys::EncryptionKey,
    sealed::{open_output, seal_input, InputMessage, OutputMessage},
};
use ogpu_primitives::{job::input_commitment, GenerateParams, JobKind, JobParams, NumericProfile, H256};
use std::{collections::HashMap, path::Path, sync::Arc};

const GENESIS: H256 = H256([9; 32]);
const TOKENS: [u32; 3] = [256, 104, 105];

/// The weights as they are.
const WHOLE: u32 = !0;

/// Sign, exponent and two bits of the mantissa: about as coarse as 4-bit weights.
const COARSE: u32 = 0xffe0_0000;

/// The tiny model with `mask` laid over every weight.
fn engine(folder: &Path, mask: u32) -> Engine {
    tiny::write(folder).expect("written");
    let path = folder.join("model.safetensors");
    let mut bytes = std::fs::read(&path).expect("read");
    let (head, _) = bytes.split_first_chunk::<8>().expect("a head");
    let data = 8 + u64::from_le_bytes(*head) as usize;
    for weight in bytes[data..].chunks_exact_mut(4) {
        for (byte, mask) in weight.iter_mut().zip(mask.to_le_bytes()) {
            *byte &= mask;
        }
    }
    std::fs::write(&path, bytes).expect("written");
    let spec = EngineSpec {
        kind: JobKind::Generate,
        profile: NumericProfile::F16,
        context_tokens: 0,
    };
    Engine::load(folder, &spec, DeviceChoice::Cpu).expect("loaded")
}

fn assignment(job: u8) -> Assignment {
    let params = GenerateParams {
        seed: [4; 32],
        ..GenerateParams::plain(40, 1_000)
    };
    Assignment {
        params: JobParams::Generate(params),
        input_commitment: input_commitment(&fixtures::SALT, &TOKENS),
        input_tokens: TOKENS.len() as u32,
        ..fixtures::assignment(job)
    }
}

/// What the client of `job` opens.
fn answer(job: u8, mask: u32) -> OutputMessage {
    let folder = tempfile::tempdir().expect("a folder");
    let assignment = assignment(job);
    let engines = HashMap::from([(assignment.model, Arc::new(engine(folder.path(), mask)))]);
    let (encryption, reply) = (EncryptionKey::generate(), EncryptionKey::generate());
    let input = InputMessage {
        salt: fixtures::SALT,
        token_ids: TOKENS.to_vec(),
        reply_key: reply.public(),
        comparison_key: Some([6; 32]),
    };
    let sealed = seal_input(&GENESIS, &assignment.work, &encryption.public(), &input).expect("sealed");
    let compute = Compute::new(GENESIS, [job; 32], encryption, engines, Arc::new(HashMap::new()));
    let finished = compute
        .execute(&assignment, &sealed, &StopFlag::default())
        .expect("computed");
    open_output(
        &GENESIS,
        &assignment.work,
        reply.secret(),
        &finished.sealed_output,
    )
    .expect("opened")
}

fn compared(mask: u32) -> Comparison {
    let terms = fixtures::terms();
    compare((&answer(1, WHOLE), &terms), (&answer(2, mask), &terms))
}

#[test]
fn two_workers_should_agree_when_both_compute_as_they_should() {
    let found = compared(WHOLE);
    assert_eq!(found.first_difference, None);
    assert_eq!(found.arithmetic, Arithmetic::Near { e_milli: 0 });
}

#[test]
fn answers_should_be_in_doubt_when_one_worker_computes_with_coarse_weights() {
    let found = compared(COARSE);
    assert!(matches!(found.arithmetic, Arithmetic::Apart { .. }), "{found:?}");
    assert!(found.is_in_doubt());
}
