//! # Verification pallet
//!
//! Keeps what workers commit to and says when a result may be paid.
//!
//! ## Terms
//!
//! - **Subject**: what is checked; today one attempt at a job.
//! - **Commitment**: the Merkle root of the evidence, the output's hash and the token counts.
//! - **Check window**: the ticks between the commitment and its verdict. Nothing is paid before it is over.
//! - **Verdict**: what the owner of the subject acts on: pay, refund, or refund without blame.
//!
//! ## Flow
//!
//! ```text
//! sibling pallet --committed--> Commitments + Agenda at now + CheckWindowTicks
//! on_initialize, window over  --OnVerdict(Pass)--> sibling pallet settles
//! sibling pallet prunes       --forget--> nothing left
//! ```
//!
//! In this first form no audit is drawn, so every window ends with [`Verdict::Pass`]. The calls of the
//! audit protocol keep their indexes free: 0 accept, 1 challenge, 2 audit_commit, 3 open, 4 audit_open,
//! 5 demand_data, 6 post_data, 7 report_equivocation.
//!
//! The agenda is a double map of tick and sequence number with a cursor at the oldest unfinished item: a
//! block that runs out of weight carries on in the next one, and nothing is ever dropped.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
pub mod runtime_api;
#[cfg(test)]
mod tests;
pub mod traits;
#[cfg(any(test, feature = "try-runtime"))]
mod try_state;
pub mod types;
pub mod weights;
mod window;

pub use ogpu_primitives::work::Verdict;
pub use pallet::*;
pub use traits::OnVerdict;
pub use types::CommitmentRecord;
pub use weights::WeightInfo;

#[frame_support::pallet]
pub mod pallet {
    use super::*;
    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use ogpu_primitives::{traits::Clock, Subject, Tick};

    const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config<RuntimeEvent: From<Event<Self>>> {
        // Interfaces.

        /// The work clock.
        type Clock: Clock;

        /// Who acts on a verdict.
        type OnVerdict: OnVerdict;

        /// Weights of this pallet's hook.
        type WeightInfo: WeightInfo;

        // Constants.

        /// Ticks between a commitment and its verdict. Lowering it live shortens only windows that open
        /// afterwards; below the length of the audit draw no audit could ever be drawn.
        type CheckWindowTicks: Get<Tick>;

        /// Most weight that the hook uses in one block. Lowered below one verdict's weight, nothing would
        /// ever be paid.
        type ServiceShare: Get<Weight>;
    }

    /// What was committed, by subject. Blake2_128Concat: a worker chooses part of the key.
    #[pallet::storage]
    pub type Commitments<T: Config> =
        StorageMap<_, Blake2_128Concat, Subject, CommitmentRecord<T::AccountId, BlockNumberFor<T>>>;

    /// Subjects whose window ends at a tick, in order. Twox64Concat: both keys are counters of ours.
    #[pallet::storage]
    pub type Agenda<T: Config> = StorageDoubleMap<_, Twox64Concat, Tick, Twox64Concat, u32, Subject>;

    /// Number of agenda items ever written for a tick; removed once all of them are done. Twox64Concat: the
    /// key is a counter of ours.
    #[pallet::storage]
    pub type AgendaLength<T: Config> = StorageMap<_, Twox64Concat, Tick, u32, ValueQuery>;

    /// Tick and sequence number of the oldest unfinished agenda item.
    #[pallet::storage]
    pub type AgendaCursor<T: Config> = StorageValue<_, (Tick, u32), ValueQuery>;

    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A worker committed to a result.
        Committed {
            /// What was committed.
            subject: Subject,
            /// The worker.
            worker: T::AccountId,
            /// Tick from which the verdict can be given.
            window_end: Tick,
        },
        /// A verdict was given and acted on.
        VerdictGiven {
            /// What was judged.
            subject: Subject,
            /// The verdict.
            verdict: Verdict,
        },
        /// A verdict could not be acted on; it is tried again after another check window.
        VerdictPostponed {
            /// What was judged.
            subject: Subject,
            /// Why it could not be acted on.
            error: DispatchError,
        },
    }

    #[pallet::error]
    pub enum Error<T> {
        /// This result was committed before; a commitment can't be changed, so do nothing.
        AlreadyCommitted,
        /// The clock ran out of ticks; nothing can be scheduled any more.
        ClockOverflow,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(_: BlockNumberFor<T>) -> Weight {
            let mut meter =
                frame_system::Pallet::<T>::remaining_block_weight().limit_to(T::ServiceShare::get());
            Self::service_windows(&mut meter, T::Clock::now());
            meter.consumed()
        }

        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }
}
