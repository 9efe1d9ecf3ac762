//! What this pallet asks of the runtime.

use sp_runtime::{DispatchError, DispatchResult};

/// Sets governed parameters.
pub trait ApplyParameters {
    /// Decodes one parameter, key and value together, and sets it. Fails when the bytes are not exactly one
    /// parameter, or when the value is out of its bounds.
    fn apply(encoded: &[u8]) -> DispatchResult;
}

/// For a runtime without governed parameters: none can be set.
impl ApplyParameters for () {
    fn apply(_encoded: &[u8]) -> DispatchResult {
        Err(DispatchError::Unavailable)
    }
}
