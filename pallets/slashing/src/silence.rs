//! Silence of many at once is the network's fault, not theirs.

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
        if !window.faulted {
            window.pending = window.pending.saturating_add(1);
        }
        let excused = window.faulted;
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
        let together = window
            .owners
            .iter()
            .fold(stake, |sum: Balance, (_, stake)| sum.saturating_add(*stake));
        let owners = window.owners.len().saturating_add(1);
        // Where 64 owners hold too little for a fault, this one is weighed with them but not noted.
        let _ = window.owners.try_push((owner.clone(), stake));
        if !window.faulted && is_fault(owners, together, T::Stake::total(), T::NetworkFaultPpm::get()) {
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

    /// A slash for silence that was reported at `reported_at` no longer waits. Returns whether a network fault
    /// excuses it.
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

    /// Whether silence at `at` was the network's fault, as far as slashes for it still wait.
    pub(crate) fn is_excused(outages: &[NetworkOutage], at: Tick) -> bool {
        outages.iter().any(|outage| outage.holds(at))
    }
}

/// Whether silence of so many `owners` with so much stake `together` out of `total` planck is a network fault.
pub(crate) fn is_fault(owners: usize, together: Balance, total: Balance, share_ppm: u32) -> bool {
    owners >= FAULT_OWNERS && together > Permill::from_parts(share_ppm).mul_floor(total)
}
