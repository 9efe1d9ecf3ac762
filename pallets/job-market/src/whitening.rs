//! Whitening tables: given to a model once, by its owner, and kept as long as the model.

use super::*;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{Balance, JobKind, ModelId, WhiteningTable};

impl<T: Config> Pallet<T> {
    /// Keeps `table` for `model` and holds the deposit for it.
    pub(crate) fn do_add_whitening(
        who: &T::AccountId,
        model: &ModelId,
        table: WhiteningTable,
    ) -> DispatchResult {
        let mut registered = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
        ensure!(registered.spec.owner == *who, Error::<T>::NotModelOwner);
        ensure!(registered.spec.kind == JobKind::Generate, Error::<T>::NotSketched);
        ensure!(!Whitening::<T>::contains_key(model), Error::<T>::WhiteningExists);
        table.check().map_err(|_| Error::<T>::InvalidWhitening)?;
        let bytes = Balance::try_from(table.encoded_size()).unwrap_or(Balance::MAX);
        let deposit = T::WhiteningDepositPerByte::get().saturating_mul(bytes);
        Self::hold_deposit(who, deposit)?;
        registered.deposit = registered.deposit.saturating_add(deposit);
        let (hash, dimensions) = (table.hash(), table.dimensions());
        Models::<T>::insert(model, registered);
        Whitening::<T>::insert(model, table);
        Self::deposit_event(Event::WhiteningAdded {
            model: *model,
            hash,
            dimensions,
            deposit,
        });
        Ok(())
    }
}
