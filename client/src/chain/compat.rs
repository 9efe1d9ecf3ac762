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

/// Most differences that an error names.
const SHOWN: usize = 5;

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
        detail: listed(&differing),
    })
}

/// The first few of many names.
fn listed(names: &[String]) -> String {
    let shown = names.iter().take(SHOWN).map(String::as_str);
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text = format!("{text} and {more} more");
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    /// Our metadata as another release would have it: every `old` is written over by the equally long `new`.
    fn altered(old: &[u8], new: &[u8]) -> Metadata {
        assert_eq!(old.len(), new.len());
        let mut bytes = BYTES.to_vec();
        let mut found = 0;
        for start in 0..bytes.len() - old.len() {
            if bytes[start..].starts_with(old) {
                bytes[start..start + old.len()].copy_from_slice(new);
                found += 1;
            }
        }
        assert!(found > 0, "nothing to alter");
        Metadata::decode_from(&bytes).expect("still a metadata")
    }

    fn ours() -> RuntimeName {
        runtime_name(our_metadata().expect("client/artifacts/metadata.scale")).expect("a version")
    }

    /// The version of `name` as the metadata holds it.
    fn version_bytes(name: &RuntimeName) -> Vec<u8> {
        (
            &name.spec_name,
            &name.impl_name,
            name.authoring_version,
            name.spec_version,
        )
            .encode()
    }

    #[test]
    fn runtime_should_pass_when_only_its_version_is_another() {
        let mut next = ours();
        next.spec_version += 1;
        let node = altered(&version_bytes(&ours()), &version_bytes(&next));
        assert_eq!(runtime_name(&node), Some(next));
        check(&node).expect("all that we use is the same");
    }

    #[test]
    fn runtime_should_be_refused_by_name_when_a_call_that_we_make_is_gone() {
        let error = check(&altered(b"withdraw_earnings", b"withdraw_earninks")).unwrap_err();
        let ChainError::WrongRuntime { have, want, detail } = &error else {
            panic!("{error}");
        };
        assert_eq!((have, want), (&ours().to_string(), &ours().to_string()));
        assert_eq!(detail, "JobMarket.withdraw_earnings");
        assert!(
            error
                .to_string()
                .contains("install the release that fits the network"),
            "{error}"
        );
    }

    #[test]
    fn runtime_should_be_refused_when_it_is_of_another_chain() {
        let mut other = ours();
        other.spec_name = "x".repeat(other.spec_name.len());
        let node = altered(&version_bytes(&ours()), &version_bytes(&other));
        let error = check(&node).unwrap_err();
        assert!(error.to_string().contains("the runtime's name"), "{error}");
    }

    #[test]
    fn differences_should_be_counted_when_they_are_too_many_to_list() {
        // Without the pallet all of its calls are gone.
        let error = check(&altered(b"JobMarket", b"JobBazaar")).unwrap_err();
        let ChainError::WrongRuntime { detail, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(detail.matches("JobMarket.").count(), SHOWN, "{detail}");
        assert!(detail.contains(" more"), "{detail}");
    }
}
