//! Sealing and opening, and what must not open.

use super::*;
use crate::keys::EncryptionKey;

fn work(attempt: u8) -> WorkKey {
    WorkKey {
        job: H256([7; 32]),
        segment: 0,
        attempt,
    }
}

fn input() -> InputMessage {
    InputMessage {
        salt: [1; 32],
        token_ids: vec![1, 2, 3],
        reply_key: [2; 32],
        comparison_key: Some([3; 32]),
    }
}

#[test]
fn input_should_open_when_it_is_sealed_to_our_key() {
    let key = EncryptionKey::generate();
    let genesis = H256([9; 32]);
    let sealed = seal_input(&genesis, &work(0), &key.public(), &input()).unwrap();
    assert_eq!(
        open_input(&genesis, &work(0), key.secret(), &sealed).unwrap(),
        input()
    );
}

#[test]
fn input_should_not_open_when_key_chain_job_or_attempt_differ() {
    let (key, other) = (EncryptionKey::generate(), EncryptionKey::generate());
    let genesis = H256([9; 32]);
    let sealed = seal_input(&genesis, &work(0), &key.public(), &input()).unwrap();
    assert_eq!(
        open_input(&genesis, &work(0), other.secret(), &sealed),
        Err(SealError::NotForUs)
    );
    assert_eq!(
        open_input(&genesis, &work(1), key.secret(), &sealed),
        Err(SealError::NotForUs)
    );
    assert_eq!(
        open_input(&H256([8; 32]), &work(0), key.secret(), &sealed),
        Err(SealError::NotForUs)
    );
}

#[test]
fn message_should_not_open_when_it_is_sent_back_the_other_way() {
    let key = EncryptionKey::generate();
    let genesis = H256([9; 32]);
    let sealed = seal_input(&genesis, &work(0), &key.public(), &input()).unwrap();
    assert_eq!(
        open_output(&genesis, &work(0), key.secret(), &sealed),
        Err(SealError::NotForUs)
    );
}

#[test]
fn message_should_be_refused_when_a_byte_is_changed_or_missing() {
    let key = EncryptionKey::generate();
    let genesis = H256([9; 32]);
    let sealed = seal_input(&genesis, &work(0), &key.public(), &input()).unwrap();
    for index in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[index] ^= 1;
        assert!(
            open_input(&genesis, &work(0), key.secret(), &changed).is_err(),
            "byte {index}"
        );
        assert!(
            open_input(&genesis, &work(0), key.secret(), &sealed[..index]).is_err(),
            "cut {index}"
        );
    }
}

#[test]
fn vector_should_keep_its_bits_when_it_travels() {
    let key = EncryptionKey::generate();
    let genesis = H256([9; 32]);
    let values = [0.1f32, -0.0, f32::MIN_POSITIVE, 1e30];
    let message = OutputMessage::from_floats(&values);
    let sealed = seal_output(&genesis, &work(2), &key.public(), &message).unwrap();
    let opened = open_output(&genesis, &work(2), key.secret(), &sealed).unwrap();
    assert_eq!(opened.floats().unwrap().map_bits(), values.to_vec().map_bits());
}

trait MapBits {
    fn map_bits(&self) -> Vec<u32>;
}

impl MapBits for Vec<f32> {
    fn map_bits(&self) -> Vec<u32> {
        self.iter().map(|value| value.to_bits()).collect()
    }
}

#[test]
fn input_should_be_refused_when_it_has_too_many_tokens() {
    let key = EncryptionKey::generate();
    let mut message = input();
    message.token_ids = vec![0; MAX_INPUT_TOKENS + 1];
    let sealed = seal_input(&H256::zero(), &work(0), &key.public(), &message);
    assert_eq!(sealed, Err(SealError::BadContent));
}

#[test]
fn sketches_for_a_comparison_should_travel_when_there_is_one_for_each_chunk_or_none() {
    let key = EncryptionKey::generate();
    let message = |sketches: usize| OutputMessage::Tokens {
        ids: vec![1; 40],
        evidence: vec![Default::default(); 2],
        comparison: vec![ChunkSketch::from_sums(vec![5; 8]).unwrap(); sketches],
    };
    let seal = |sketches| seal_output(&H256::zero(), &work(0), &key.public(), &message(sketches));
    for sketches in [0, 2] {
        let opened = open_output(&H256::zero(), &work(0), key.secret(), &seal(sketches).unwrap());
        assert_eq!(opened, Ok(message(sketches)));
    }
    for sketches in [1, 3] {
        assert_eq!(seal(sketches), Err(SealError::BadContent));
    }
}
