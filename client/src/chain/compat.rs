//! Whether the node's runtime is the one that this program was made for.
//!
//! The metadata of our release is kept in `client/artifacts/metadata.scale`. When we connect, the shape of every
//! call, runtime API and storage item that we use is compared with the node's: an upgrade that leaves them alone
//! passes, one that changes any of them is refused by name before anything is signed.

use super::{call, error::ChainError, query};
use codec::Decode;
use std::sync::LazyLock;
use subxt::Metadata;

/// The metadata that this program was made with.
static BYTES: &[u8] = include_bytes!("../../artifacts/metadata.scale");

static METADATA: LazyLock<Option<Metadata>> = LazyLock::new(|| Metadata::decode_from(BYTES).ok());

/// Name and version of a runtime.
#[derive(Debug, Clone, PartialEq, Eq, Decode)]
pub struct RuntimeName {
    /// `spec_name`.
    pub spec_name: String,
    /// `impl_name`.
    pub impl_name: String,
    authoring_version: u32,
    /// `spec_version`.
    pub spec_version: u32,
}

impl std::fmt::Display for RuntimeName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.spec_name, self.spec_version)
    }
}

/// The metadata that this program was made with.
pub fn our_metadata() -> Option<&'static Metadata> {
    METADATA.as_ref()
}

/// The hash of a call's shape in our metadata.
pub(crate) fn call_hash(pallet: &str, call: &str) -> Option<[u8; 32]> {
    our_metadata()?.pallet_by_name(pallet)?.call_hash(call)
}

/// The runtime that a metadata belongs to.
pub fn runtime_name(metadata: &Metadata) -> Option<RuntimeName> {
    let version = metadata.pallet_by_name("System")?.constant_by_name("Version")?;
    RuntimeName::decode(&mut version.value()).ok()
}

/// Compares all that we use; names what differs.
pub fn check(node: &Metadata) -> Result<(), ChainError> {
    let have = runtime_name(node);
    let shown = |name: &Option<RuntimeName>| {
        name.as_ref()
            .map_or_else(|| "an unknown runtime".to_owned(), ToString::to_string)
    };
    let Some(ours) = our_metadata() else {
        return Err(ChainError::WrongRuntime {
            have: shown(&have),
            want: "an unknown runtime".into(),
            detail: "all of it: this program was built without client/artifacts/metadata.scale".into(),
        });
    };
    let want = runtime_name(ours);
    let mut differing = differences(ours, node);
    if have.as_ref().map(|name| &name.spec_name) != want.as_ref().map(|name| &name.spec_name) {
        differing.insert(0, "the runtime's name".into());
    }
    if differing.is_empty() {
        if have != want {
            tracing::debug!(
                "the node runs {}, made for {}; all that we use is the same",
                shown(&have),
                shown(&want)
            );
        }
        return Ok(());
    }
    Err(ChainError::WrongRuntime {
        have: shown(&have),
        want: shown(&want),
        detail: differing.join(", "),
    })
}

/// The used items whose shape differs between two metadata.
fn differences(ours: &Metadata, node: &Metadata) -> Vec<String> {
    let mut differing = Vec::new();
    for (pallet, call) in call::CALLS {
        let hash = |metadata: &Metadata| {
            metadata
                .pallet_by_name(pallet)
                .and_then(|pallet| pallet.call_hash(call))
        };
        if hash(ours) != hash(node) || hash(ours).is_none() {
            differing.push(format!("{pallet}.{call}"));
        }
    }
    for (api, method) in query::APIS {
        let hash = |metadata: &Metadata| {
            let api = metadata.runtime_api_trait_by_name(api)?;
            Some(api.method_by_name(method)?.hash())
        };
        if hash(ours) != hash(node) || hash(ours).is_none() {
            differing.push(format!("{api}.{method}"));
        }
    }
    for (pallet, entry) in query::STORAGE {
        let hash = |metadata: &Metadata| {
            metadata
                .pallet_by_name(pallet)
                .and_then(|pallet| pallet.storage_hash(entry))
        };
        if hash(ours) != hash(node) || hash(ours).is_none() {
            differing.push(format!("{pallet}.{entry} (storage)"));
        }
    }
    differing
}
