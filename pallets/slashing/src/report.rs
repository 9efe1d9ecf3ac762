//! Offences in, pending slashes out, and what undoes them.

use crate::*;
use alloc::vec::Vec;
use ogpu_primitives::{Balance, JobKind, Offence, Subject, Tick};
use sp_runtime::{traits::Get, DispatchResult};

impl<T: Config> Pallet<T> {
    /// Notes an offence and defers its slash; returns the slash's id.
    ///
    /// `amount` is what `ogpu_primitives::penalty` asks for a first offence, in planck, computed from
    /// [`SlashStake::reachable`]; repetition is added here. `payouts` are paid out of it in this order, the first
    /// [`MAX_PAYOUTS`] of them. `None` where nothing is to be taken, or where the network's fault excuses it.
    pub fn report(
        owner: &T::AccountId,
        worker: Option<T::AccountId>,
        offence: Offence,
        amount: Balance,
        subject: Option<Subject>,
        payouts: Vec<(T::AccountId, Balance)>,
    ) -> Option<u32> {
        let amount = Self::repeated_amount(owner, offence, amount);
        if amount == 0 {
            Self::note_offence(owner, offence, Self::now());
            return None;
        }
        Self::defer(owner, worker, offence, amount, subject, payouts)
    }

    /// What an offence costs, in planck: doubled for each earlier one, at most all that a slash can reach.
    pub(crate) fn repeated_amount(owner: &T::AccountId, offence: Offence, amount: Balance) -> Balance {
        let doublings = Self::earlier_offences(owner, offence, Self::now());
        repeated(amount, doublings).min(T::Stake::reachable(owner))
    }

    /// Notes an offence and puts its slash of `amount` planck on the agenda, unless the network's fault excuses it.
    pub(crate) fn defer(
        owner: &T::AccountId,
        worker: Option<T::AccountId>,
        offence: Offence,
        amount: Balance,
        subject: Option<Subject>,
        payouts: Vec<(T::AccountId, Balance)>,
    ) -> Option<u32> {
        let now = Self::now();
        let id = NextId::<T>::get();
        let next = id.checked_add(1)?;
        if offence.is_silence() && Self::slashed_for_silence(owner, now) {
            Self::deposit_event(Event::SlashExcused {
                owner: owner.clone(),
                offence,
            });
            return None;
        }
        Self::note_offence(owner, offence, now);
        NextId::<T>::put(next);
        let due = Self::schedule(id, now);
        if is_announced(offence) {
            Self::announce(owner, Self::pending_of(owner).saturating_add(amount));
        } else if is_noted(offence) {
            // Silence about results, not an empty seat.
            Self::force(owner, JobKind::Generate);
            Self::force(owner, JobKind::Embed);
        }
        Pending::<T>::insert(
            id,
            PendingSlash {
                owner: owner.clone(),
                worker,
                offence,
                amount,
                subject,
                reported_at: now,
                due,
                payouts: Payouts::truncate_from(payouts),
            },
        );
        Self::deposit_event(Event::SlashDeferred {
            id,
            owner: owner.clone(),
            offence,
            amount,
            due,
        });
        Some(id)
    }

    /// Implements [`Pallet::cancel`].
    pub(crate) fn do_cancel(id: u32) -> DispatchResult {
        let slash = Self::take_pending(id).ok_or(Error::<T>::NotPending)?;
        if slash.offence.is_silence() {
            Self::silence_gone(slash.reported_at);
        }
        Self::drop_slash(id, slash);
        Ok(())
    }

    /// What all slashes of `owner` that wait take together, in planck, but for those for silence.
    pub fn pending_of(owner: &T::AccountId) -> Balance {
        PendingSums::<T>::get(owner)
    }

    /// Notes what an owner's slashes that wait take together, in planck, and tells the stake.
    fn announce(owner: &T::AccountId, sum: Balance) {
        if sum > 0 {
            PendingSums::<T>::insert(owner, sum);
        } else {
            PendingSums::<T>::remove(owner);
        }
        T::Stake::set_pending(owner, sum);
    }

    /// Takes a slash out of those that wait.
    pub(crate) fn take_pending(id: u32) -> Option<PendingSlash<T::AccountId>> {
        let slash = Pending::<T>::take(id)?;
        if is_announced(slash.offence) {
            let left = Self::pending_of(&slash.owner).saturating_sub(slash.amount);
            Self::announce(&slash.owner, left);
        }
        Some(slash)
    }

    /// Forgets a slash that is no longer pending, and the offence with it.
    pub(crate) fn drop_slash(id: u32, slash: PendingSlash<T::AccountId>) {
        Self::forget_offence(&slash.owner, slash.offence, slash.reported_at);
        Self::deposit_event(Event::SlashCancelled {
            id,
            owner: slash.owner,
            amount: slash.amount,
        });
    }

    /// How often an offence is doubled: once for each that was noted in the last [`Config::RepetitionTicks`] and
    /// that no network fault excuses.
    fn earlier_offences(owner: &T::AccountId, offence: Offence, now: Tick) -> u32 {
        if !is_noted(offence) {
            return 0;
        }
        let oldest = now.saturating_sub(T::RepetitionTicks::get());
        let (outages, forgiven) = (Outages::<T>::get(), Forgiven::<T>::get(owner));
        let counts = |noted: &&NotedOffence| {
            noted.at >= oldest && !(noted.silence && Self::is_excused(&outages, forgiven, noted.at))
        };
        Offences::<T>::get(owner).iter().filter(counts).count() as u32
    }

    fn note_offence(owner: &T::AccountId, offence: Offence, now: Tick) {
        if !is_noted(offence) {
            return;
        }
        let oldest = now.saturating_sub(T::RepetitionTicks::get());
        Offences::<T>::mutate(owner, |offences| {
            offences.retain(|noted| noted.at >= oldest);
            if offences.is_full() {
                offences.remove(0);
            }
            let silence = offence.is_silence();
            // There is room now.
            let _ = offences.try_push(NotedOffence { at: now, silence });
        });
    }

    fn forget_offence(owner: &T::AccountId, offence: Offence, at: Tick) {
        if !is_noted(offence) {
            return;
        }
        let silence = offence.is_silence();
        Offences::<T>::mutate_exists(owner, |stored| {
            let Some(offences) = stored else { return };
            if let Some(found) = offences
                .iter()
                .position(|noted| *noted == NotedOffence { at, silence })
            {
                offences.remove(found);
            }
            if offences.is_empty() {
                *stored = None;
            }
        });
    }
}

/// Whether the stake is told of a slash while it waits, so that this much covers nothing more.
///
/// Not of one for silence: a fault of the network may excuse it, and that often shows only later in its window. An honest
/// worker with the least stake would be out of all draws until then for a slash that never comes. Nor does the owner gain
/// by it: when it was silent about results, the next ones of every kind are all audited.
fn is_announced(offence: Offence) -> bool {
    !offence.is_silence()
}

/// Whether an offence is dearer for earlier ones, and makes later ones dearer. An absent auditor does neither: a
/// machine at home that lost its connection for an evening misses many seats at once.
pub(crate) fn is_noted(offence: Offence) -> bool {
    offence != Offence::AuditorAbsent
}

/// `amount` doubled `times` times.
pub(crate) fn repeated(amount: Balance, times: u32) -> Balance {
    amount.saturating_mul(1u128.checked_shl(times).unwrap_or(Balance::MAX))
}
