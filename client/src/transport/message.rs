//! What goes over the line, and how it is framed.

use super::TransportError;
use codec::{Decode, Encode};
use iroh::endpoint::{RecvStream, SendStream};
use ogpu_primitives::{SignedReceipt, WorkKey};

/// Longest request or response: 16 MiB.
pub const MAX_MESSAGE_BYTES: usize = 16 * 1024 * 1024;

/// What a client or an auditor asks of a worker.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Request {
    /// Here is the sealed input of this attempt.
    #[codec(index = 0)]
    PushInput { work: WorkKey, sealed: Vec<u8> },
    /// Give me the sealed output of this attempt.
    #[codec(index = 1)]
    FetchOutput { work: WorkKey },
    /// Give me the audit data of this attempt, sealed to this auditor's key on the chain.
    #[codec(index = 2)]
    FetchAudit { work: WorkKey, auditor: [u8; 32] },
}

/// What a worker answers.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Response {
    /// The input is stored and fits its commitment.
    #[codec(index = 0)]
    Accepted,
    /// The sealed output.
    #[codec(index = 1)]
    Output(Vec<u8>),
    /// Not finished; ask again.
    #[codec(index = 2)]
    Pending,
    /// It does not work.
    #[codec(index = 3)]
    Error { code: ErrorCode, text: String },
    /// The sealed output, and the worker's signature under what it says that it committed to.
    #[codec(index = 4)]
    OutputWithReceipt { sealed: Vec<u8>, receipt: SignedReceipt },
    /// The sealed audit data.
    #[codec(index = 5)]
    Audit(Vec<u8>),
}

/// An output as it is served: sealed, with the worker's receipt once it has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServedOutput {
    /// The sealed output.
    pub sealed: Vec<u8>,
    /// Signed by the worker's account key; with the commitment on the chain it proves equivocation where both
    /// differ.
    pub receipt: Option<SignedReceipt>,
}

/// Why a worker refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum ErrorCode {
    /// This worker has no such attempt (yet): who asks may be a block ahead.
    #[codec(index = 0)]
    UnknownWork,
    /// The input does not hash to the job's commitment.
    #[codec(index = 1)]
    WrongCommitment,
    /// The input is not sealed to this worker's key, job and attempt.
    #[codec(index = 2)]
    CannotOpen,
    /// Over a limit of size.
    #[codec(index = 3)]
    TooLarge,
    /// Too many requests at once; ask again later.
    #[codec(index = 4)]
    Busy,
    /// The request could not be read.
    #[codec(index = 5)]
    Malformed,
    /// The worker failed; its log says why.
    #[codec(index = 6)]
    Internal,
    /// The attempt is over and its data is gone.
    #[codec(index = 7)]
    Gone,
    /// Who asks has no seat in the audit of this attempt.
    #[codec(index = 8)]
    NotEntitled,
}

impl ErrorCode {
    /// Whether the same request can succeed a little later.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::UnknownWork | Self::Busy | Self::Internal)
    }
}

/// A refusal with its reason, as a service gives it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{text} ({code:?})")]
pub struct Refusal {
    /// The class of the refusal.
    pub code: ErrorCode,
    /// Cause and cure for a person.
    pub text: String,
}

impl Refusal {
    /// A refusal.
    pub fn new(code: ErrorCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }
}

/// Reads one message.
pub(super) async fn read_message<T: Decode>(receive: &mut RecvStream) -> Result<T, TransportError> {
    let mut length = [0u8; 4];
    receive.read_exact(&mut length).await.map_err(broken)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_MESSAGE_BYTES {
        return Err(TransportError::TooLarge(length));
    }
    // The buffer grows with what arrives: a peer that only claims a length costs no memory.
    let mut bytes = Vec::with_capacity(length.min(64 * 1024));
    while bytes.len() < length {
        let chunk = receive.read_chunk(length - bytes.len()).await.map_err(broken)?;
        let Some(chunk) = chunk else {
            return Err(TransportError::Protocol("the message ends early".into()));
        };
        bytes.extend_from_slice(&chunk);
    }
    let mut input = bytes.as_slice();
    let message = T::decode(&mut input).map_err(|error| TransportError::Protocol(error.to_string()))?;
    if !input.is_empty() {
        return Err(TransportError::Protocol(format!(
            "{} bytes too many",
            input.len()
        )));
    }
    Ok(message)
}

/// Writes one message and ends the stream.
pub(super) async fn write_message<T: Encode>(
    send: &mut SendStream,
    message: &T,
) -> Result<(), TransportError> {
    let bytes = message.encode();
    if bytes.len() > MAX_MESSAGE_BYTES {
        return Err(TransportError::TooLarge(bytes.len()));
    }
    let length = bytes.len() as u32;
    send.write_all(&length.to_le_bytes()).await.map_err(broken)?;
    send.write_all(&bytes).await.map_err(broken)?;
    send.finish().map_err(broken)
}

/// Any failure of a stream.
pub(super) fn broken(error: impl std::fmt::Display) -> TransportError {
    TransportError::Broken(error.to_string())
}
