//! Stake that is taken for an offence.

use crate::{asset, Config, Event, Owner, Owners, Pallet};
use ogpu_primitives::Balance;
use sp_runtime::{helpers_128bit::multiply_by_rational_with_rounding, Rounding};

/// What a slash takes of an owner, in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Taken {
    /// From its active stake.
    pub active: Balance,
    /// From its stake on the way out.
    pub unbonding: Balance,
}

impl<T: Config> Pallet<T> {
    /// Moves up to `amount` planck of an owner's stake to the account `to` and returns what was moved.
    ///
    /// Active stake and unbonding chunks lose the same share. Unsettled work may lie above what the rest covers:
    /// the owner then gets no more until enough of it is settled. Takes nothing where `to` can't receive it (it
    /// does not exist and would stay below the existential deposit).
    pub fn slash(account: &T::AccountId, amount: Balance, to: &T::AccountId) -> Balance {
        let Some(mut owner) = Owners::<T>::get(account) else {
            return 0;
        };
        let amount = amount.min(owner.held());
        // Moves all or nothing, so that the record can be written after it.
        if amount == 0 || asset::take_stake::<T>(account, to, amount).is_err() {
            return 0;
        }
        let taken = take(&mut owner, amount);
        owner.slashed = owner.slashed.saturating_add(taken.active);
        Self::take_from_total(taken.active);
        if owner.is_empty() {
            Owners::<T>::remove(account);
        } else {
            Owners::<T>::insert(account, owner);
        }
        Self::deposit_event(Event::Slashed {
            owner: account.clone(),
            active: taken.active,
            unbonding: taken.unbonding,
        });
        amount
    }
}

/// Takes `amount`, at most all that is held, from the record: from each chunk its share, rounded down, the rest
/// from the active stake, and what that lacks (a planck a chunk at most) from the chunks in turn.
pub(crate) fn take(owner: &mut Owner, amount: Balance) -> Taken {
    let held = owner.held();
    let amount = amount.min(held);
    let mut left = amount;
    for chunk in owner.unbonding.iter_mut() {
        let share = multiply_by_rational_with_rounding(chunk.amount, amount, held, Rounding::Down);
        let part = share.unwrap_or(0).min(chunk.amount);
        chunk.amount = chunk.amount.saturating_sub(part);
        left = left.saturating_sub(part);
    }
    let active = left.min(owner.stake);
    owner.stake = owner.stake.saturating_sub(active);
    left = left.saturating_sub(active);
    for chunk in owner.unbonding.iter_mut() {
        let part = left.min(chunk.amount);
        chunk.amount = chunk.amount.saturating_sub(part);
        left = left.saturating_sub(part);
    }
    owner.unbonding.retain(|chunk| chunk.amount > 0);
    Taken {
        active,
        unbonding: amount.saturating_sub(active),
    }
}
