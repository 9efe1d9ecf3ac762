//! What can go wrong between us and the chain, each with its cause and its cure.

use subxt::{
    error::{ArithmeticError, DispatchError},
    utils::H256,
};

/// A call that was included but failed, as the runtime's metadata describes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pallet}.{error}: {docs}")]
pub struct DispatchFailure {
    /// Pallet, or `Runtime` for errors of no pallet.
    pub pallet: String,
    /// Name of the error.
    pub error: String,
    /// Its doc line: cause and cure.
    pub docs: String,
}

impl DispatchFailure {
    /// Reads a dispatch error with the metadata of the block that it happened in.
    pub fn from_dispatch(error: &DispatchError) -> Self {
        if let DispatchError::Module(module) = error {
            if let Ok(details) = module.details() {
                let docs = details
                    .variant
                    .docs
                    .iter()
                    .map(|line| line.trim())
                    .collect::<Vec<_>>()
                    .join(" ");
                return Self {
                    pallet: details.pallet.name().to_owned(),
                    error: details.variant.name.clone(),
                    docs: docs.trim().to_owned(),
                };
            }
        }
        let (name, docs) = match error {
            DispatchError::BadOrigin => ("BadOrigin", "this account may not make this call".to_owned()),
            DispatchError::Token(token) => (
                "Token",
                format!(
                    "{token} Free more balance: send OGPU to the account, or unlock what is frozen or held."
                ),
            ),
            DispatchError::Arithmetic(ArithmeticError::Underflow) => (
                "Arithmetic",
                "the amount is more than there is; look at `ogpu balance`.".to_owned(),
            ),
            other => ("Dispatch", other.to_string()),
        };
        Self {
            pallet: "Runtime".into(),
            error: name.into(),
            docs,
        }
    }

    /// Whether this is the error `error` of `pallet`.
    pub fn is(&self, pallet: &str, error: &str) -> bool {
        self.pallet == pallet && self.error == error
    }
}

/// What can go wrong with the chain.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChainError {
    /// Nobody listens at the URL.
    #[error("the node at {url} does not answer: {reason}; start one (scripts/devnet up) or give another with --url")]
    NodeUnreachable { url: String, reason: String },
    /// The node is of another network than the one configured.
    #[error("the node is of another network: its genesis is {have:?}, expected {want:?}; choose another node with --url, or another network in the configuration")]
    WrongGenesis { have: H256, want: H256 },
    /// The node's runtime and this program do not fit together.
    #[error("the node runs {have}, this program was made for {want} and they differ in {detail}; install the release that fits the network")]
    WrongRuntime {
        have: String,
        want: String,
        detail: String,
    },
    /// The connection broke; calls reconnect by themselves.
    #[error("the connection to the node broke: {0}; is it still running?")]
    Disconnected(String),
    /// The node answered with an error.
    #[error("the node refuses: {0}")]
    Rpc(String),
    /// What the node sent cannot be read.
    #[error("the node's answer cannot be read: {0}; node and program are of different versions")]
    Decode(String),
    /// The state of that block is no longer kept.
    #[error("the node has discarded the state of that block ({0}); history needs a node that runs with --state-pruning archive")]
    StateDiscarded(String),
    /// The account cannot pay the fee.
    #[error("the account {account} cannot pay the transaction fee; send it some OGPU first")]
    CannotPayFees { account: String },
    /// The pool does not take the transaction.
    #[error("the transaction is not valid: {0}")]
    InvalidTransaction(String),
    /// It was included and failed.
    #[error("the chain rejects the call: {0}")]
    Dispatch(DispatchFailure),
    /// It was not included in time.
    #[error("the transaction was not included within {seconds} s; nothing was paid unless it still is: look at the account before you repeat it")]
    NotIncluded { seconds: u64 },
    /// There is no such thing on the chain.
    #[error("{0}")]
    NotFound(String),
}

impl From<DispatchFailure> for ChainError {
    fn from(failure: DispatchFailure) -> Self {
        Self::Dispatch(failure)
    }
}

impl ChainError {
    /// Whether the same call can succeed a little later without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::NodeUnreachable { .. } | Self::Disconnected(_) | Self::NotIncluded { .. }
        )
    }

    /// Whether node and program do not belong together: asking again changes nothing.
    pub fn is_misfit(&self) -> bool {
        matches!(self, Self::WrongGenesis { .. } | Self::WrongRuntime { .. })
    }

    /// Whether the line to the node is down.
    pub fn is_disconnected(&self) -> bool {
        matches!(self, Self::NodeUnreachable { .. } | Self::Disconnected(_))
    }

    /// From any error of subxt that is no dispatch error.
    pub(crate) fn from_subxt(error: impl Into<subxt::Error>) -> Self {
        classify(error.into().to_string())
    }

    /// From an error of the JSON-RPC client.
    pub(crate) fn from_rpc(error: subxt::rpcs::Error) -> Self {
        match error {
            subxt::rpcs::Error::User(user) => {
                let data = user
                    .data
                    .as_ref()
                    .map(|data| data.get().trim_matches('"').to_owned());
                let text = match data {
                    Some(data) => format!("{}: {data}", user.message),
                    None => user.message,
                };
                // Codes of the transaction pool.
                match user.code {
                    1010..=1029 => Self::InvalidTransaction(text),
                    _ => classify(text),
                }
            }
            subxt::rpcs::Error::Client(error) => Self::Disconnected(error.to_string()),
            other => classify(other.to_string()),
        }
    }
}

/// subxt keeps the cause of most errors only in their text.
fn classify(text: String) -> ChainError {
    if text.contains("RPC error: client error") || text.contains("DisconnectedWillReconnect") {
        ChainError::Disconnected(text)
    } else if text.contains("State already discarded") || text.contains("UnknownBlock") {
        ChainError::StateDiscarded(text)
    } else if text.contains("not compatible with the live chain") || text.contains("IncompatibleCodegen") {
        ChainError::WrongRuntime {
            have: "another runtime".into(),
            want: "ours".into(),
            detail: "this call".into(),
        }
    } else if text.contains("decode") || text.contains("Decode") {
        ChainError::Decode(text)
    } else {
        ChainError::Rpc(text)
    }
}
