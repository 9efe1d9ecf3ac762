//! Exit codes, by the kind of failure.

use ogpu_client::{
    causes, chain::ChainError, config::ConfigError, hub::HubError, jobs::JobError, keys::KeyError,
    reputation::ReputationError,
};

/// Done.
pub const OK: u8 = 0;
/// Failed for another reason.
pub const FAILURE: u8 = 1;
/// Wrong usage; clap exits with the same.
pub const USAGE: u8 = 2;
/// The node is not reachable, or of another network or version.
pub const NODE: u8 = 3;
/// The chain or its pool rejects the transaction.
pub const REJECTED: u8 = 4;
/// Not finished in time, or refunded.
pub const NOT_DONE: u8 = 5;

/// An error in what the user typed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Prints an error to stderr and gives its exit code.
pub fn report(error: &anyhow::Error, json: bool) -> u8 {
    let code = code(error);
    let text = causes::one_line(error.as_ref());
    if json {
        eprintln!("{}", serde_json::json!({ "error": text, "code": code }));
    } else {
        eprintln!("error: {text}");
    }
    code
}

fn code(error: &anyhow::Error) -> u8 {
    for cause in error.chain() {
        if cause.is::<Usage>() || cause.is::<ConfigError>() {
            return USAGE;
        }
        if let Some(HubError::BadRepository(_) | HubError::BadEndpoint { .. } | HubError::Choose { .. }) =
            cause.downcast_ref()
        {
            return USAGE;
        }
        if let Some(key) = cause.downcast_ref::<KeyError>() {
            return key_code(key);
        }
        if let Some(job) = cause.downcast_ref::<JobError>() {
            match job {
                JobError::Ended { .. } | JobError::TimedOut { .. } | JobError::NotPosted { .. } => {
                    return NOT_DONE
                }
                JobError::TooExpensive { .. } => return REJECTED,
                JobError::Chain(chain) => return chain_code(chain),
                _ => {}
            }
        }
        if let Some(ReputationError::Chain(chain)) = cause.downcast_ref() {
            return chain_code(chain);
        }
        if let Some(chain) = cause.downcast_ref::<ChainError>() {
            return chain_code(chain);
        }
    }
    FAILURE
}

fn key_code(error: &KeyError) -> u8 {
    match error {
        KeyError::BadName(_) | KeyError::NotADevAccount(_) | KeyError::Unknown { .. } => USAGE,
        KeyError::Exists(_)
        | KeyError::Exposed { .. }
        | KeyError::BadSecret
        | KeyError::Damaged(_)
        | KeyError::Io { .. } => FAILURE,
    }
}

fn chain_code(error: &ChainError) -> u8 {
    match error {
        ChainError::NodeUnreachable { .. }
        | ChainError::WrongGenesis { .. }
        | ChainError::WrongRuntime { .. }
        | ChainError::Disconnected(_) => NODE,
        ChainError::CannotPayFees { .. } | ChainError::InvalidTransaction(_) | ChainError::Dispatch(_) => {
            REJECTED
        }
        ChainError::NotIncluded { .. } => NOT_DONE,
        ChainError::Rpc(_)
        | ChainError::Decode(_)
        | ChainError::StateDiscarded(_)
        | ChainError::NotFound(_) => FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_client::chain::DispatchFailure;

    #[test]
    fn exit_code_should_tell_the_kind_of_failure_when_it_is_wrapped() {
        let unreachable = ChainError::NodeUnreachable {
            url: "ws://x".into(),
            reason: "refused".into(),
        };
        assert_eq!(
            code(&anyhow::Error::from(unreachable.clone()).context("connecting")),
            NODE
        );
        assert_eq!(code(&JobError::Chain(unreachable).into()), NODE);
        let dispatch = DispatchFailure {
            pallet: "JobMarket".into(),
            error: "UnknownModel".into(),
            docs: String::new(),
        };
        assert_eq!(code(&ChainError::Dispatch(dispatch).into()), REJECTED);
        assert_eq!(
            code(
                &JobError::TimedOut {
                    job: Default::default(),
                    seconds: 1
                }
                .into()
            ),
            NOT_DONE
        );
        assert_eq!(code(&Usage("bad".into()).into()), USAGE);
        assert_eq!(
            code(&anyhow::Error::from(KeyError::NotADevAccount("zoe".into())).context("signing")),
            USAGE
        );
        assert_eq!(code(&KeyError::Damaged("k.toml".into()).into()), FAILURE);
        assert_eq!(code(&anyhow::anyhow!("else")), FAILURE);
    }
}
