//! Whether a delivered input is the one that the job names. Pure.

use crate::jobs::Assignment;
use ogpu_client::{
    sealed::{self, InputMessage, SealError},
    transport::{ErrorCode, Refusal},
};
use ogpu_primitives::{job::input_commitment, H256};

/// Why an input is refused.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum InputError {
    /// It does not open.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// Another number of tokens than the job was priced for.
    #[error(
        "the input has {found} tokens, the job names {named}; send the input that the job was submitted with"
    )]
    WrongCount {
        /// Tokens inside the message.
        found: usize,
        /// Tokens that the job names.
        named: u32,
    },
    /// The content is not what was committed to.
    #[error("the input does not hash to the job's commitment; send the salt and tokens that the job was submitted with")]
    WrongCommitment,
}

impl InputError {
    /// How the line says it.
    pub fn refusal(&self) -> Refusal {
        let code = match self {
            Self::Sealed(SealError::BadContent) => ErrorCode::Malformed,
            Self::Sealed(_) => ErrorCode::CannotOpen,
            Self::WrongCount { .. } | Self::WrongCommitment => ErrorCode::WrongCommitment,
        };
        Refusal::new(code, self.to_string())
    }
}

/// Opens a sealed input and holds it against the assignment.
pub fn check(
    genesis: &H256,
    assignment: &Assignment,
    secret: &[u8; 32],
    sealed: &[u8],
) -> Result<InputMessage, InputError> {
    let message = sealed::open_input(genesis, &assignment.work, secret, sealed)?;
    if message.token_ids.len() != assignment.input_tokens as usize {
        return Err(InputError::WrongCount {
            found: message.token_ids.len(),
            named: assignment.input_tokens,
        });
    }
    if input_commitment(&message.salt, &message.token_ids) != assignment.input_commitment {
        return Err(InputError::WrongCommitment);
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::fixtures::{assignment, SALT, TOKENS};
    use ogpu_client::keys::EncryptionKey;

    const GENESIS: H256 = H256([9; 32]);

    fn sealed(key: &EncryptionKey, salt: [u8; 32], tokens: &[u32]) -> Vec<u8> {
        let message = InputMessage {
            salt,
            token_ids: tokens.to_vec(),
            reply_key: [3; 32],
            comparison_key: None,
        };
        sealed::seal_input(&GENESIS, &assignment(1).work, &key.public(), &message).expect("sealed")
    }

    #[test]
    fn check_should_give_the_tokens_when_all_fits() {
        let key = EncryptionKey::generate();
        let message = check(
            &GENESIS,
            &assignment(1),
            key.secret(),
            &sealed(&key, SALT, &TOKENS),
        )
        .expect("it fits");
        assert_eq!(message.token_ids, TOKENS);
        assert_eq!(message.reply_key, [3; 32]);
    }

    #[test]
    fn check_should_refuse_when_salt_tokens_or_count_differ() {
        let key = EncryptionKey::generate();
        let checked = |sealed: &[u8]| check(&GENESIS, &assignment(1), key.secret(), sealed);
        assert_eq!(
            checked(&sealed(&key, [0; 32], &TOKENS)),
            Err(InputError::WrongCommitment)
        );
        assert_eq!(
            checked(&sealed(&key, SALT, &[11, 22, 34])),
            Err(InputError::WrongCommitment)
        );
        assert_eq!(
            checked(&sealed(&key, SALT, &[11, 22])),
            Err(InputError::WrongCount { found: 2, named: 3 })
        );
    }

    #[test]
    fn check_should_refuse_when_it_is_for_another_key_or_attempt() {
        let (key, other) = (EncryptionKey::generate(), EncryptionKey::generate());
        let sealed = sealed(&key, SALT, &TOKENS);
        let error = check(&GENESIS, &assignment(1), other.secret(), &sealed).expect_err("another key");
        assert_eq!(error.refusal().code, ErrorCode::CannotOpen);
        let mut attempt = assignment(1);
        attempt.work.attempt = 1;
        assert!(check(&GENESIS, &attempt, key.secret(), &sealed).is_err());
        assert!(check(&GENESIS, &assignment(1), key.secret(), &sealed[..10]).is_err());
    }
}
