//! # Dao
//!
//! The origins that referenda dispatch with, below root, and the governed parameters that a chain begins with.
//!
//! There is no council and no privileged key: a track of OpenGov maps each origin to its own deposits, periods
//! and approval curves, and the runtime says which calls an origin may make.
//!
//! | origin | may |
//! |---|---|
//! | [`Origin::Parameters`](pallet::Origin::Parameters) | set governed parameters within their bounds |
//! | [`Origin::Treasurer`](pallet::Origin::Treasurer) | spend from the treasury up to a limit |
//! | [`Origin::Canceller`](pallet::Origin::Canceller) | stop harm: cancel a referendum or a pending slash |
//!
//! The pallet has no calls and, besides its version, no storage.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use origins::{EnsureCanceller, EnsureParameters, EnsureTreasurer};
pub use pallet::*;
pub use traits::ApplyParameters;

#[cfg(test)]
mod mock;
pub mod origins;
#[cfg(test)]
mod tests;
pub mod traits;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use alloc::vec::Vec;
    use core::marker::PhantomData;
    use frame_support::pallet_prelude::*;

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        // Interfaces.

        /// Sets governed parameters at genesis.
        type Parameters: ApplyParameters;
    }

    /// What a referendum below root dispatches with.
    #[pallet::origin]
    #[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
    pub enum Origin {
        /// Sets governed parameters.
        #[codec(index = 0)]
        Parameters,
        /// Spends from the treasury.
        #[codec(index = 1)]
        Treasurer,
        /// Cancels referenda and pending slashes.
        #[codec(index = 2)]
        Canceller,
    }

    #[pallet::genesis_config]
    #[derive(frame_support::DefaultNoBound)]
    pub struct GenesisConfig<T: Config> {
        /// Governed parameters that differ from the runtime's defaults: each the SCALE encoding of the
        /// runtime's parameter, key and value together. Later ones win.
        pub parameters: Vec<Vec<u8>>,
        /// Keeps the pallet's type.
        #[serde(skip)]
        pub _config: PhantomData<T>,
    }

    #[pallet::genesis_build]
    impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
        fn build(&self) {
            for (position, encoded) in self.parameters.iter().enumerate() {
                if let Err(error) = T::Parameters::apply(encoded) {
                    panic!("genesis parameter {position} cannot be set: {error:?}");
                }
            }
        }
    }
}
