//! Values shared by this folder's tests.

use super::{
    data::Reader,
    record::{Case, SeatRecord},
};
use crate::engine::{tiny, DeviceChoice, Engine, EngineSpec};
use ogpu_client::{
    chain::Model,
    keys::EncryptionKey,
    models::manifest::hash_file,
    sealed::{seal_audit, tokens_root, AuditMessage, AuditedOutput, EvidencePair},
    AccountId,
};
use ogpu_primitives::{
    job, AuditReport, Commitment, Costs, DeviceClass, FileEntry, FinishReason, GenerateParams, JobId,
    JobKind, JobParams, JobRequest, Limits, ModelId, ModelSpec, NumericProfile, ProfileParams, Requirements,
    Role, WorkKey, H256,
};
use std::path::Path;

/// Salt of every fixture's input.
pub const SALT: [u8; 32] = [7; 32];

/// Token ids of every fixture's input.
pub const TOKENS: [u32; 3] = [256, 104, 105];

/// The key of every fixture's jury.
pub const JURY_KEY: H256 = H256([0x77; 32]);

/// This worker.
pub fn us() -> AccountId {
    AccountId::from([1; 32])
}

/// The worker under audit.
pub fn prover() -> AccountId {
    AccountId::from([2; 32])
}

/// A job's request for at most 40 tokens of text.
pub fn request() -> JobRequest<AccountId> {
    let params = GenerateParams {
        seed: [4; 32],
        ..GenerateParams::plain(40, 1_000)
    };
    JobRequest {
        nonce: 1,
        model: ModelId::repeat_byte(0xAA),
        params: JobParams::Generate(params),
        input_commitment: job::input_commitment(&SALT, &TOKENS),
        input_tokens: TOKENS.len() as u32,
        secret_hash: None,
        replica_secret_hash: None,
        limits: Limits {
            max_price: 1,
            deadline_ticks: 1_000,
            replicas: 1,
            requirements: Requirements {
                min_class: DeviceClass(0),
                region: None,
                min_reputation_permille: 0,
                worker: None,
            },
        },
    }
}

/// A case with this number in its job's id.
pub fn case(number: u8) -> Case {
    Case {
        work: WorkKey {
            job: JobId::repeat_byte(number),
            segment: 0,
            attempt: 0,
        },
        worker: prover(),
        model: request().model,
        kind: JobKind::Generate,
        request: request(),
        commitment: Commitment {
            root: H256::repeat_byte(1),
            output: H256::repeat_byte(2),
            n_in: TOKENS.len() as u32,
            n_out: 40,
            finish: FinishReason::Length,
        },
        thresholds: ProfileParams::starting(NumericProfile::F16),
        whitened: false,
        jury_key: None,
    }
}

/// A first auditor's seat, drawn at tick 10 and due at 220.
pub fn record(number: u8) -> SeatRecord {
    SeatRecord::new(case(number), Role::First, [9; 32], 10, 220)
}

/// The chain of every fixture.
pub const GENESIS: H256 = H256([9; 32]);

/// Opens what is sealed to this worker.
pub fn reader() -> Reader {
    Reader {
        genesis: GENESIS,
        us: us(),
        key: EncryptionKey::from_secret([3; 32]),
    }
}

/// A committed output with what its auditors get.
pub struct Sample {
    pub case: Case,
    pub ids: Vec<u32>,
    pub evidence: Vec<EvidencePair>,
}

impl Sample {
    /// A text of no sense, with evidence of no sense.
    pub fn text(number: u8) -> Self {
        let evidence = vec![(H256::repeat_byte(1), H256::repeat_byte(2)); 2];
        Self::new(case(number), (0..40).collect(), evidence)
    }

    /// This output, committed to.
    pub fn new(mut case: Case, ids: Vec<u32>, evidence: Vec<EvidencePair>) -> Self {
        let commitment = &mut case.commitment;
        commitment.n_out = ids.len() as u32;
        commitment.root = tokens_root(
            &case.worker,
            &case.work,
            &ids,
            &evidence,
            commitment.n_in,
            commitment.finish,
        );
        Self { case, ids, evidence }
    }

    pub fn message(&self) -> AuditMessage {
        AuditMessage {
            salt: SALT,
            input_ids: TOKENS.to_vec(),
            output: AuditedOutput::Tokens {
                ids: self.ids.clone(),
                evidence: self.evidence.clone(),
            },
        }
    }

    pub fn sealed_to(&self, key: &[u8; 32]) -> Vec<u8> {
        seal_audit(&GENESIS, &self.case.work, &us(), key, &self.message()).expect("sealed")
    }
}

/// A report on an output of so many tokens.
pub fn report(tokens: u32) -> AuditReport {
    AuditReport::impossible(JobKind::Generate, tokens, &case(1).thresholds, &[0; 32]).expect("short enough")
}

/// A tiny model of text.
pub fn tiny() -> Engine {
    let folder = tempfile::tempdir().expect("a folder");
    tiny::write(folder.path()).expect("written");
    let spec = EngineSpec {
        kind: JobKind::Generate,
        profile: NumericProfile::F16,
        context_tokens: 0,
    };
    Engine::load(folder.path(), &spec, DeviceChoice::Cpu).expect("loaded")
}

/// A registered model of text: that in `folder`, or one without files.
pub fn model(folder: Option<&Path>) -> Model {
    let mut manifest: Vec<FileEntry> = Vec::new();
    for file in folder
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).expect("read"))
    {
        let path = file.expect("read").path();
        let (blake3, size_bytes) = hash_file(&path).expect("hashed");
        let name = path.file_name().expect("a name").to_string_lossy();
        manifest.push(FileEntry {
            name: name.as_bytes().to_vec().try_into().expect("short"),
            blake3,
            size_bytes,
        });
    }
    manifest.sort_by(|left, right| left.name.cmp(&right.name));
    Model {
        spec: ModelSpec {
            owner: us(),
            name: b"tiny".to_vec().try_into().expect("short"),
            kind: JobKind::Generate,
            manifest: manifest.try_into().expect("few"),
            tokenizer: Default::default(),
            template: None,
            profile: NumericProfile::F16,
            sampler_version: 1,
            costs: Costs {
                input_milli_cu: 1,
                output_milli_cu: 1,
            },
            context_tokens: 0,
            vram_mib: 1,
        },
        registered_at: 0,
        deposit: 0,
        jobs_settled: 0,
    }
}
