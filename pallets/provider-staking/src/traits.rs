//! What this pallet asks of its siblings.

use frame_support::weights::Weight;
use ogpu_primitives::{Balance, ModelId};

/// What is known about registered models.
pub trait Models {
    /// Whether the model is registered.
    fn exists(model: &ModelId) -> bool;
    /// Memory in MiB that a device must have free to run it; `None` when it is not registered.
    fn vram_mib(model: &ModelId) -> Option<u32>;
}

/// No model is registered.
impl Models for () {
    fn exists(_model: &ModelId) -> bool {
        false
    }

    fn vram_mib(_model: &ModelId) -> Option<u32> {
        None
    }
}

/// Somebody who waits for workers.
///
/// Told after this pallet's state is written: when a worker begins to serve a model, comes back, frees a slot
/// after all were taken, frees stake that covered work, gets more slots, or lowers its ask. A single call tells
/// of at most [`crate::MAX_MODELS`] models, and frequent causes (a freed slot or stake, a lower ask) of at most
/// [`crate::SUPPLY_NOTICES`], in turn.
///
/// It is called from inside [`crate::Pallet::free_slot`] and [`crate::Pallet::release_exposure`], hence in the
/// middle of the sibling's own work: an implementation may only touch things that wait for supply.
pub trait SupplyChanged {
    /// A worker that serves `model` has become available.
    fn supply_changed(model: &ModelId);
    /// Most weight of one [`Self::supply_changed`]; paid by the caller of the call that causes it.
    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Nobody waits.
impl SupplyChanged for () {
    fn supply_changed(_model: &ModelId) {}
}

/// Slashes that were decided and are not applied yet.
pub trait PendingSlashes<AccountId> {
    /// What slashes that wait will take of the stake of `owner`, in planck, at most. Asked for when it begins to stake;
    /// from then on changes are told by [`crate::Pallet::set_pending`].
    fn of(owner: &AccountId) -> Balance;
}

/// No slash waits.
impl<AccountId> PendingSlashes<AccountId> for () {
    fn of(_owner: &AccountId) -> Balance {
        0
    }
}
