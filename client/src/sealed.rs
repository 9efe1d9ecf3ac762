//! Messages that only their receiver can read: HPKE with X25519, HKDF-SHA256 and ChaCha20-Poly1305.
//!
//! A sealed message is `version ‖ encapsulated key ‖ ciphertext`. The HPKE info binds it to its direction, the
//! chain and the attempt, so that a blob cannot be replayed for another job or sent back as an answer; audit data
//! is bound to its auditor as well.

mod audit;

pub use audit::{
    check_audit, open_audit, seal_audit, tokens_root, AuditDataError, AuditMessage, AuditedOutput,
    EvidencePair,
};

use crate::AccountId;
use codec::{Decode, Encode};
use hpke::{
    aead::ChaCha20Poly1305, kdf::HkdfSha256, kem::X25519HkdfSha256, rand_core, Deserializable, Kem, OpModeR,
    OpModeS, Serializable,
};
use ogpu_primitives::{evidence::CHUNK_TOKENS, ChunkSketch, WorkKey};
use rand::RngCore;
use subxt::utils::H256;
use zeroize::{Zeroize, Zeroizing};

/// The one version of the layout today.
const VERSION: u8 = 1;

/// Length of an encapsulated X25519 key.
const ENCAPSULATED_BYTES: usize = 32;

/// Most token ids in one input: those that the chain takes.
pub const MAX_INPUT_TOKENS: usize = ogpu_primitives::check::MAX_INPUT_TOKENS as usize;

/// Most token ids or vector elements in one output.
pub const MAX_OUTPUT_ITEMS: usize = 1 << 20;

/// Which way a message goes; part of what it is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the client to the worker.
    Input,
    /// From the worker to the client.
    Output,
    /// From the worker to this auditor or juror.
    Audit(AccountId),
}

/// Why a message cannot be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The receiver's public key is no X25519 key.
    #[error("the receiver's encryption key is not valid; a worker has to publish its profile again")]
    BadKey,
    /// Too short or of another version.
    #[error(
        "this is no sealed message of a known version; the sender's software is older or newer than ours"
    )]
    BadFormat,
    /// Changed on the way, or sealed for another key, job or attempt.
    #[error(
        "the message cannot be opened: it was changed on the way, or is for another key, job or attempt"
    )]
    NotForUs,
    /// The content is not what it should be.
    #[error("the message opens but its content is malformed or over the limit of items")]
    BadContent,
}

/// What a client sends to its worker.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct InputMessage {
    /// Makes the input commitment hiding.
    pub salt: [u8; 32],
    /// The tokenised input; at most [`MAX_INPUT_TOKENS`].
    pub token_ids: Vec<u32>,
    /// X25519 key that the output is sealed to.
    pub reply_key: [u8; 32],
    /// Asks for sketches under `ogpu_primitives::job::comparison_id` of this key, which the client gives to each worker
    /// whose outputs it means to compare.
    pub comparison_key: Option<[u8; 32]>,
}

impl std::fmt::Debug for InputMessage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "InputMessage({} tokens)", self.token_ids.len())
    }
}

impl Drop for InputMessage {
    fn drop(&mut self) {
        self.salt.zeroize();
        self.token_ids.zeroize();
        self.comparison_key.zeroize();
    }
}

/// What a worker answers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum OutputMessage {
    /// A generated text.
    #[codec(index = 0)]
    Tokens {
        /// The token ids, the end token excluded only if it was not emitted.
        ids: Vec<u32>,
        /// The numeric evidence of each chunk of 32 tokens, without which the committed root cannot be recomputed.
        evidence: Vec<EvidencePair>,
        /// Where the client asked for them, sketches of each chunk to be compared with another worker's. Nothing binds
        /// the worker to them.
        comparison: Vec<ChunkSketch>,
    },
    /// An embedding: the bits of each f32.
    #[codec(index = 1)]
    Vector(Vec<u32>),
}

impl OutputMessage {
    /// An embedding from its floats.
    pub fn from_floats(values: &[f32]) -> Self {
        Self::Vector(values.iter().map(|value| value.to_bits()).collect())
    }

    /// The floats of an embedding; `None` for tokens.
    pub fn floats(&self) -> Option<Vec<f32>> {
        match self {
            Self::Tokens { .. } => None,
            Self::Vector(bits) => Some(bits.iter().map(|bits| f32::from_bits(*bits)).collect()),
        }
    }

    fn fits(&self) -> bool {
        match self {
            Self::Tokens {
                ids,
                evidence,
                comparison,
            } => tokens_fit(ids, evidence) && (comparison.is_empty() || comparison.len() == evidence.len()),
            Self::Vector(bits) => bits.len() <= MAX_OUTPUT_ITEMS,
        }
    }
}

/// Seals an input to a worker's encryption key.
pub fn seal_input(
    genesis: &H256,
    work: &WorkKey,
    worker_key: &[u8; 32],
    message: &InputMessage,
) -> Result<Vec<u8>, SealError> {
    if message.token_ids.len() > MAX_INPUT_TOKENS {
        return Err(SealError::BadContent);
    }
    seal(
        Direction::Input,
        genesis,
        work,
        worker_key,
        &Zeroizing::new(message.encode()),
    )
}

/// Opens an input with the worker's secret key.
pub fn open_input(
    genesis: &H256,
    work: &WorkKey,
    secret: &[u8; 32],
    sealed: &[u8],
) -> Result<InputMessage, SealError> {
    let plain = open(Direction::Input, genesis, work, secret, sealed)?;
    let message = decode_all::<InputMessage>(&plain)?;
    if message.token_ids.len() > MAX_INPUT_TOKENS {
        return Err(SealError::BadContent);
    }
    Ok(message)
}

/// Seals an output to the client's reply key.
pub fn seal_output(
    genesis: &H256,
    work: &WorkKey,
    reply_key: &[u8; 32],
    message: &OutputMessage,
) -> Result<Vec<u8>, SealError> {
    if !message.fits() {
        return Err(SealError::BadContent);
    }
    seal(
        Direction::Output,
        genesis,
        work,
        reply_key,
        &Zeroizing::new(message.encode()),
    )
}

/// Opens an output with the secret half of the reply key.
pub fn open_output(
    genesis: &H256,
    work: &WorkKey,
    secret: &[u8; 32],
    sealed: &[u8],
) -> Result<OutputMessage, SealError> {
    let plain = open(Direction::Output, genesis, work, secret, sealed)?;
    let message = decode_all::<OutputMessage>(&plain)?;
    if !message.fits() {
        return Err(SealError::BadContent);
    }
    Ok(message)
}

/// BLAKE3 of a blob as it travels: what a commitment names as its output.
pub fn blob_hash(sealed: &[u8]) -> H256 {
    H256(*blake3::hash(sealed).as_bytes())
}

/// The X25519 public key of a secret.
pub fn public_key(secret: &[u8; 32]) -> [u8; 32] {
    // Every string of 32 bytes is an X25519 secret.
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret).expect("32 bytes");
    let mut public = [0u8; 32];
    public.copy_from_slice(&X25519HkdfSha256::sk_to_pk(&secret).to_bytes());
    public
}

fn seal(
    direction: Direction,
    genesis: &H256,
    work: &WorkKey,
    receiver: &[u8; 32],
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    let receiver =
        <X25519HkdfSha256 as Kem>::PublicKey::from_bytes(receiver).map_err(|_| SealError::BadKey)?;
    let info = info(direction, genesis, work);
    let (encapsulated, mut context) =
        hpke::setup_sender::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256, _>(
            &OpModeS::Base,
            &receiver,
            &info,
            &mut OsRandom,
        )
        .map_err(|_| SealError::BadKey)?;
    let ciphertext = context
        .seal(plain, &[VERSION])
        .map_err(|_| SealError::BadContent)?;
    let mut sealed = Vec::with_capacity(1 + ENCAPSULATED_BYTES + ciphertext.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&encapsulated.to_bytes());
    sealed.extend_from_slice(&ciphertext);
    Ok(sealed)
}

fn open(
    direction: Direction,
    genesis: &H256,
    work: &WorkKey,
    secret: &[u8; 32],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (version, rest) = sealed.split_first().ok_or(SealError::BadFormat)?;
    if *version != VERSION || rest.len() < ENCAPSULATED_BYTES {
        return Err(SealError::BadFormat);
    }
    let (encapsulated, ciphertext) = rest.split_at(ENCAPSULATED_BYTES);
    let secret = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(secret).map_err(|_| SealError::BadKey)?;
    let encapsulated =
        <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| SealError::BadFormat)?;
    let info = info(direction, genesis, work);
    let mut context = hpke::setup_receiver::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &encapsulated,
        &info,
    )
    .map_err(|_| SealError::NotForUs)?;
    context
        .open(ciphertext, &[VERSION])
        .map(Zeroizing::new)
        .map_err(|_| SealError::NotForUs)
}

fn info(direction: Direction, genesis: &H256, work: &WorkKey) -> Vec<u8> {
    match direction {
        Direction::Input => (b"ogpu/seal/in/v1\0", genesis, work).encode(),
        Direction::Output => (b"ogpu/seal/out/v1", genesis, work).encode(),
        Direction::Audit(auditor) => (b"ogpu/seal/aud/v1", genesis, work, auditor).encode(),
    }
}

/// Whether a text is within the limits and has evidence for each of its chunks and no more.
fn tokens_fit(ids: &[u32], evidence: &[EvidencePair]) -> bool {
    ids.len() <= MAX_OUTPUT_ITEMS && evidence.len() == ids.len().div_ceil(CHUNK_TOKENS)
}

fn decode_all<T: Decode>(plain: &[u8]) -> Result<T, SealError> {
    let mut input = plain;
    let value = T::decode(&mut input).map_err(|_| SealError::BadContent)?;
    if input.is_empty() {
        Ok(value)
    } else {
        Err(SealError::BadContent)
    }
}

/// The system's randomness in the shape that `hpke` asks for (it is on a newer `rand_core` than we are).
struct OsRandom;

impl rand_core::RngCore for OsRandom {
    fn next_u32(&mut self) -> u32 {
        rand::rngs::OsRng.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        rand::rngs::OsRng.next_u64()
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        rand::rngs::OsRng.fill_bytes(bytes);
    }
}

impl rand_core::CryptoRng for OsRandom {}

#[cfg(test)]
mod tests;
