//! Silence of many at once is the network's fault, not theirs.
//!
//! Whoever cheats would rather be silent under audit than be shown wrong, so a fault must not be made for the price of
//! a few missed duties:
//!
//! - It takes three owners with more than the share of all stake *besides the largest of the silent*: nobody's own
//!   weight excuses it, and no single owner excuses others.
//! - One outage, of a day at most, is forgiven in [`Config::RepetitionTicks`]. What else falls into a fault is slashed
//!   as always; where the network really failed twice, the canceller can undo it.
//!
//! What is left: accomplices with that much stake between them, who miss a duty each (a strike), save one of them the
//! slashes of one day in 90. Its results of that day are unpaid all the same, and from the first of them on all are
//! audited, so what it gets is what it had unsettled then and was not audited: less than its exposure, a quarter of
//! its stake, without having computed it.

use crate::*;
use ogpu_primitives::{traits::Clock, Balance, Tick};
use sp_runtime::{traits::Get, Permill};

impl<T: Config> Pallet<T> {
    /// Notes that an owner was silent without being slashed for it (a strike), so that it counts towards a
    /// network fault.
    pub fn note_silence(owner: &T::AccountId) {
        let mut window = Self::silence_window(T::Clock::now());
        Self::silent_in(&mut window, owner);
        Silence::<T>::put(window);
    }

    /// Notes that an owner is to be slashed for silence. Returns whether the network's fault excuses it.
    pub(crate) fn slashed_for_silence(owner: &T::AccountId, now: Tick) -> bool {
        let mut window = Self::silence_window(now);
        Self::silent_in(&mut window, owner);
        let excused = window.faulted && Self::forgive(owner, now);
        if window.faulted && !excused {
            Self::await_in_outage(&window);
        } else if !window.faulted {
            window.pending = window.pending.saturating_add(1);
        }
        Silence::<T>::put(window);
        excused
    }

    /// The window that `now` lies in: the last one, or a new one that begins now.
    fn silence_window(now: Tick) -> SilenceWindow<T::AccountId> {
        Silence::<T>::get()
            .filter(|window| now < window.until)
            .unwrap_or_else(|| SilenceWindow {
                since: now,
                until: now.saturating_add(T::NetworkWindowTicks::get().max(1)),
                owners: Default::default(),
                pending: 0,
                faulted: false,
            })
    }

    /// Adds an owner to the window, which may thereby become a network fault.
    fn silent_in(window: &mut SilenceWindow<T::AccountId>, owner: &T::AccountId) {
        if window.owners.iter().any(|(silent, _)| silent == owner) {
            return;
        }
        let stake = T::Stake::stake(owner);
        let stakes = || window.owners.iter().map(|(_, stake)| *stake);
        let together = stakes().fold(stake, Balance::saturating_add);
        let largest = stakes().fold(stake, Balance::max);
        let owners = window.owners.len().saturating_add(1);
        note_largest(window, owner, stake);
        let others = together.saturating_sub(largest);
        if !window.faulted && is_fault(owners, others, T::Stake::total(), T::NetworkFaultPpm::get()) {
            Self::begin_outage(window, owners as u32);
        }
    }

    fn begin_outage(window: &mut SilenceWindow<T::AccountId>, owners: u32) {
        if window.pending > 0 {
            let outage = NetworkOutage {
                since: window.since,
                until: window.until,
                pending: window.pending,
            };
            if !Outages::<T>::mutate(|outages| outages.try_push(outage).is_ok()) {
                // Outages as many as this wait for the canceller already; this one's slashes need it too.
                return;
            }
        }
        window.pending = 0;
        window.faulted = true;
        Self::deposit_event(Event::NetworkFault {
            window: window.since,
            owners,
        });
    }

    /// Counts one more slash that waits in the outage of `window`. Where no outage more is remembered it is applied
    /// when due, as it would be anyway.
    fn await_in_outage(window: &SilenceWindow<T::AccountId>) {
        Outages::<T>::mutate(|outages| {
            if let Some(outage) = outages.iter_mut().find(|outage| outage.holds(window.since)) {
                outage.pending = outage.pending.saturating_add(1);
                return;
            }
            let _ = outages.try_push(NetworkOutage {
                since: window.since,
                until: window.until,
                pending: 1,
            });
        });
    }

    /// A slash for silence that was reported at `reported_at` no longer waits. Returns whether it lies in a network
    /// fault.
    pub(crate) fn silence_gone(reported_at: Tick) -> bool {
        let mut outages = Outages::<T>::get();
        if let Some(outage) = outages.iter_mut().find(|outage| outage.holds(reported_at)) {
            outage.pending = outage.pending.saturating_sub(1);
            outages.retain(|outage| outage.pending > 0);
            Outages::<T>::put(outages);
            return true;
        }
        if let Some(mut window) = Silence::<T>::get().filter(|window| window.holds(reported_at)) {
            window.pending = window.pending.saturating_sub(1);
            Silence::<T>::put(window);
        }
        false
    }

    /// Whether an owner's silence at `at`, in a network fault, is forgiven, which uses up what it is forgiven in
    /// [`Config::RepetitionTicks`].
    pub(crate) fn forgive(owner: &T::AccountId, at: Tick) -> bool {
        let before = Forgiven::<T>::get(owner);
        if !Self::may_forgive(before, at) {
            return false;
        }
        let same_day = before.is_some_and(|before| at.abs_diff(before) < T::DayTicks::get());
        if !same_day {
            Forgiven::<T>::insert(owner, at);
        }
        true
    }

    /// Whether silence at `at`, in a network fault, is forgiven to an owner that was forgiven first at `before`.
    pub(crate) fn may_forgive(before: Option<Tick>, at: Tick) -> bool {
        before.is_none_or(|before| {
            let apart = at.abs_diff(before);
            apart < T::DayTicks::get() || apart >= T::RepetitionTicks::get()
        })
    }

    /// Whether silence of an owner at `at` was the network's fault and is forgiven, as far as slashes for it still
    /// wait in `outages`; `before` is what [`Forgiven`] has of the owner.
    pub(crate) fn is_excused(outages: &[NetworkOutage], before: Option<Tick>, at: Tick) -> bool {
        outages.iter().any(|outage| outage.holds(at)) && Self::may_forgive(before, at)
    }
}

/// Notes a silent owner; of more than there is room for, those with the most stake.
fn note_largest<AccountId: Clone>(window: &mut SilenceWindow<AccountId>, owner: &AccountId, stake: Balance) {
    let noted = (owner.clone(), stake);
    let Err(noted) = window.owners.try_push(noted) else {
        return;
    };
    if let Some(least) = window.owners.iter_mut().min_by_key(|(_, stake)| *stake) {
        if least.1 < stake {
            *least = noted;
        }
    }
}

/// Whether silence of so many `owners` is a network fault, where `others`, all but the one with the most stake, hold so
/// much of `total` planck.
pub(crate) fn is_fault(owners: usize, others: Balance, total: Balance, share_ppm: u32) -> bool {
    owners >= FAULT_OWNERS && others > Permill::from_parts(share_ppm).mul_floor(total)
}
