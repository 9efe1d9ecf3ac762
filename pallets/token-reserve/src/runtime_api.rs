//! What clients may ask without a transaction.

use crate::SupplyView;

sp_api::decl_runtime_apis! {
    /// The supply of the token.
    pub trait TokenReserveApi {
        /// Where the supply is, in planck.
        fn supply() -> SupplyView;
    }
}
