//! # Beacon
//!
//! Two things that every pallet which draws or waits asks for: randomness that nobody knew when the thing that
//! is drawn about was fixed, and a clock by which nobody can be late while reports cannot be sent.
//!
//! ## Randomness
//!
//! Each block's author proves a VRF output. At the start of block *n* the output of block *n − 1* is mixed into
//! an accumulator:
//!
//! `acc(n−1) = H("ogpu/beacon/v1", acc ‖ vrf(n−1) ‖ n−1)`.
//!
//! The accumulators of the last 256 blocks are kept. A draw about something fixed in block *c* over *k* blocks
//! uses the one of block *c + k*: whoever wants to foresee it must be the author of all *k* blocks after *c*.
//! An author who dislikes the result can only withhold its block, which re-rolls once. A block without a VRF
//! output takes the accumulator of the first later block that has one. While that is not there,
//! [`Draw::draw`](ogpu_primitives::traits::Draw) answers `None`, as it does when the block has left the memory
//! of 256: callers ask again, or fix the thing anew; they never fall back to something predictable.
//!
//! Draws belong into hooks. Inside an extrinsic the author of the block would choose the block, and with it
//! the draw.
//!
//! ## Ticks
//!
//! Deadlines are counted in ticks, not in blocks: one tick a block, except after a block that was full and
//! while the clock is paused. Work in a block's `on_idle` counts as fullness like any other, so such work must
//! leave a part of the block free. A block in which sessions rotate takes no ordinary extrinsics and counts as
//! full too.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub use pallet::*;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod clock;
#[cfg(test)]
mod mock;
mod randomness;
pub mod runtime_api;
#[cfg(test)]
mod tests;
#[cfg(any(feature = "std", feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;

pub use types::Head;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::{pallet_prelude::*, traits::Get};
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::Tick;
    use sp_runtime::{traits::SaturatedConversion, Perbill};

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    /// Blocks whose accumulators are kept.
    pub const RING: u32 = 256;

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {
        // Interfaces.

        /// VRF output of the block before, as it stands at the start of a block; `None` where that block had
        /// none. An output that does not change counts as none.
        type Vrf: Get<Option<[u8; 32]>>;

        /// Whether reports cannot be sent at present, in safe mode or during migrations.
        type ClockPaused: Get<bool>;

        /// Weights of the hooks.
        type WeightInfo: WeightInfo;

        // Constants.

        /// Part of a block's reference time from which the block counts as full. Lowered, ordinary load stops
        /// the clock, and with it every deadline; raised to the whole, the clock runs on while honest reports
        /// find no place.
        type FullBlock: Get<Perbill>;
    }

    /// The newest accumulator, and the VRF output that went into it.
    #[pallet::storage]
    pub type LatestHead<T: Config> = StorageValue<_, Head, OptionQuery>;

    /// Accumulators of the last [`RING`] blocks: block number modulo [`RING`] → block number, accumulator. The
    /// keys are chosen by nobody.
    #[pallet::storage]
    pub type Accumulators<T: Config> = StorageMap<_, Twox64Concat, u32, (u32, sp_core::H256), OptionQuery>;

    /// How many VRF outputs were ever mixed in. It grows with the block number on a healthy chain.
    #[pallet::storage]
    pub type VrfBlocks<T: Config> = StorageValue<_, u64, ValueQuery>;

    /// The present tick.
    #[pallet::storage]
    pub type Now<T: Config> = StorageValue<_, Tick, ValueQuery>;

    /// Whether the last block was full.
    #[pallet::storage]
    pub type LastBlockFull<T: Config> = StorageValue<_, bool, ValueQuery>;

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(n: BlockNumberFor<T>) -> Weight {
            let filled = Self::record(n.saturated_into::<u32>().saturating_sub(1), T::Vrf::get());
            Self::advance_clock();
            T::WeightInfo::on_initialize(filled)
        }

        fn on_finalize(_n: BlockNumberFor<T>) {
            Self::note_fullness();
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_n: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
