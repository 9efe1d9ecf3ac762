//! Who can open audit data, and what of it is believed.

use super::*;
use crate::keys::EncryptionKey;
use ogpu_primitives::{
    BlobHash, EmbedParams, GenerateParams, JobId, JobParams, Limits, ModelId, Requirements,
};

const GENESIS: H256 = H256([9; 32]);

fn account(byte: u8) -> AccountId {
    AccountId::from([byte; 32])
}

fn work() -> WorkKey {
    WorkKey {
        job: JobId::repeat_byte(7),
        segment: 0,
        attempt: 1,
    }
}

fn message() -> AuditMessage {
    AuditMessage {
        salt: [1; 32],
        input_ids: vec![5, 6, 7],
        output: AuditedOutput::Tokens {
            ids: (0..40).collect(),
            evidence: vec![
                (H256::repeat_byte(2), H256::repeat_byte(3)),
                (H256::repeat_byte(4), H256::repeat_byte(5)),
            ],
        },
    }
}

fn request(params: JobParams) -> JobRequest<AccountId> {
    JobRequest {
        nonce: 1,
        model: ModelId::zero(),
        params,
        input_commitment: input_commitment(&[1; 32], &[5, 6, 7]),
        input_tokens: 3,
        secret_hash: None,
        replica_secret_hash: None,
        limits: Limits {
            max_price: 1,
            deadline_ticks: 1,
            replicas: 1,
            requirements: Requirements {
                min_class: Default::default(),
                region: None,
                min_reputation_permille: 0,
                worker: None,
            },
        },
    }
}

fn generate() -> JobRequest<AccountId> {
    request(JobParams::Generate(GenerateParams::plain(64, 1_000)))
}

fn commitment(message: &AuditMessage) -> Commitment {
    let AuditedOutput::Tokens { ids, evidence } = &message.output else {
        panic!("a text");
    };
    let finish = FinishReason::Length;
    Commitment {
        root: tokens_root(&account(1), &work(), ids, evidence, 3, finish),
        output: BlobHash::zero(),
        n_in: 3,
        n_out: ids.len() as u32,
        finish,
    }
}

#[test]
fn audit_data_should_open_when_it_is_for_this_auditor() {
    let key = EncryptionKey::generate();
    let sealed = seal_audit(&GENESIS, &work(), &account(2), &key.public(), &message()).unwrap();
    let opened = open_audit(&GENESIS, &work(), &account(2), key.secret(), &sealed).unwrap();
    assert_eq!(opened, message());
    assert_eq!(
        check_audit(
            &opened,
            &account(1),
            &work(),
            &commitment(&message()),
            &generate()
        ),
        Ok(())
    );
}

#[test]
fn audit_data_should_not_open_when_auditor_chain_work_or_direction_differ() {
    let key = EncryptionKey::generate();
    let sealed = seal_audit(&GENESIS, &work(), &account(2), &key.public(), &message()).unwrap();
    let other_work = WorkKey { attempt: 2, ..work() };
    for (genesis, work, auditor) in [
        (GENESIS, work(), account(3)),
        (H256([8; 32]), work(), account(2)),
        (GENESIS, other_work, account(2)),
    ] {
        assert_eq!(
            open_audit(&genesis, &work, &auditor, key.secret(), &sealed),
            Err(SealError::NotForUs)
        );
    }
    assert_eq!(
        super::super::open_output(&GENESIS, &work(), key.secret(), &sealed),
        Err(SealError::NotForUs)
    );
}

#[test]
fn audit_data_should_be_refused_when_a_chunk_has_no_evidence() {
    let key = EncryptionKey::generate();
    let mut message = message();
    if let AuditedOutput::Tokens { evidence, .. } = &mut message.output {
        evidence.pop();
    }
    assert_eq!(
        seal_audit(&GENESIS, &work(), &account(2), &key.public(), &message),
        Err(SealError::BadContent)
    );
}

#[test]
fn audit_data_should_be_refused_when_input_or_output_differ_from_what_was_committed() {
    let (good, committed) = (message(), commitment(&message()));
    let check = |message: &AuditMessage| check_audit(message, &account(1), &work(), &committed, &generate());

    let mut salted = good.clone();
    salted.salt[0] ^= 1;
    assert_eq!(check(&salted), Err(AuditDataError::WrongInput));
    let mut swapped = good.clone();
    swapped.input_ids.swap(0, 1);
    assert_eq!(check(&swapped), Err(AuditDataError::WrongInput));
    let mut short = good.clone();
    short.input_ids.pop();
    assert_eq!(
        check(&short),
        Err(AuditDataError::WrongInputCount { have: 2, want: 3 })
    );

    let changed = |change: fn(&mut Vec<u32>, &mut Vec<EvidencePair>)| {
        let mut message = good.clone();
        if let AuditedOutput::Tokens { ids, evidence } = &mut message.output {
            change(ids, evidence);
        }
        check(&message)
    };
    assert_eq!(
        changed(|ids, _| ids.truncate(39)),
        Err(AuditDataError::WrongOutputCount { have: 39, want: 40 })
    );
    for result in [
        changed(|ids, _| ids[0] += 1),
        changed(|_, evidence| evidence.swap(0, 1)),
        changed(|_, evidence| evidence[0].1 .0[0] ^= 1),
    ] {
        assert!(
            matches!(result, Err(AuditDataError::WrongRoot { .. })),
            "{result:?}"
        );
    }
    assert!(matches!(
        check_audit(&good, &account(4), &work(), &committed, &generate()),
        Err(AuditDataError::WrongRoot { .. })
    ));
}

#[test]
fn audit_data_should_be_refused_when_its_kind_is_not_the_jobs() {
    let embed = request(JobParams::Embed(EmbedParams { normalize: true }));
    let committed = commitment(&message());
    assert_eq!(
        check_audit(&message(), &account(1), &work(), &committed, &embed),
        Err(AuditDataError::WrongKind)
    );
    let mut embedding = message();
    embedding.output = AuditedOutput::Embedding;
    assert_eq!(
        check_audit(&embedding, &account(1), &work(), &committed, &generate()),
        Err(AuditDataError::WrongKind)
    );
    assert_eq!(
        check_audit(&embedding, &account(1), &work(), &committed, &embed),
        Ok(())
    );
}
