//! Checks of the stored state.

use crate::*;
use alloc::collections::BTreeMap;
use frame_support::{ensure, traits::fungible::Inspect};
use ogpu_primitives::{reputation::FULL_WEIGHT_MILLI, Balance, Tick};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Every pending slash is on the agenda once and, unless for silence, in its owner's sum, the agenda lies between its cursor and its
    /// lengths, windows of silence count what waits, records count no more than they may, running sums have seen
    /// something, and the pot can take a slash.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_agenda()?;
        Self::check_pending()?;
        Self::check_silence()?;
        Self::check_records()?;
        ensure!(
            T::Currency::balance(&Self::pot_account()) >= T::Currency::minimum_balance(),
            "the pot lacks its existential deposit"
        );
        Ok(())
    }

    fn check_agenda() -> Result<(), TryRuntimeError> {
        let cursor = AgendaCursor::<T>::get();
        for (tick, seq, _) in Agenda::<T>::iter() {
            ensure!((tick, seq) >= cursor, "agenda item lies behind the cursor");
            ensure!(
                seq < AgendaLength::<T>::get(tick),
                "agenda item lies beyond its tick's length"
            );
        }
        for (tick, length) in AgendaLength::<T>::iter() {
            ensure!(tick >= cursor.0, "a length lies behind the cursor");
            let first = if tick == cursor.0 { cursor.1 } else { 0 };
            for seq in first..length {
                ensure!(
                    Agenda::<T>::contains_key(tick, seq),
                    "an unfinished agenda item is missing"
                );
            }
        }
        Ok(())
    }

    fn check_pending() -> Result<(), TryRuntimeError> {
        let next = NextId::<T>::get();
        let mut scheduled = BTreeMap::<u32, (Tick, u32)>::new();
        for (tick, _, id) in Agenda::<T>::iter() {
            let times = scheduled.entry(id).or_insert((tick, 0));
            times.1 = times.1.saturating_add(1);
        }
        let mut sums = BTreeMap::<T::AccountId, Balance>::new();
        for (id, slash) in Pending::<T>::iter() {
            if !slash.offence.is_silence() {
                let sum = sums.entry(slash.owner.clone()).or_default();
                *sum = sum.saturating_add(slash.amount);
            }
            ensure!(id < next, "a slash has an id that was not given");
            ensure!(
                slash.due > slash.reported_at,
                "a slash is due before it is reported"
            );
            ensure!(slash.amount > 0, "a slash takes nothing");
            ensure!(
                scheduled.get(&id) == Some(&(slash.due, 1)),
                "a slash is not on the agenda once, at its tick"
            );
        }
        ensure!(
            PendingSums::<T>::iter().collect::<BTreeMap<_, _>>() == sums,
            "an owner's sum is not what its slashes that wait take"
        );
        Ok(())
    }

    fn check_silence() -> Result<(), TryRuntimeError> {
        let waiting = |since: Tick, until: Tick| {
            Pending::<T>::iter_values()
                .filter(|slash| slash.offence.is_silence() && (since..until).contains(&slash.reported_at))
                .count() as u32
        };
        let outages = Outages::<T>::get();
        for outage in &outages {
            ensure!(outage.pending > 0, "an outage is kept that nothing waits for");
            ensure!(
                outage.pending == waiting(outage.since, outage.until),
                "an outage does not count the slashes that wait"
            );
        }
        ensure!(
            outages.windows(2).all(|pair| pair[0].until <= pair[1].since),
            "outages overlap"
        );
        if let Some(window) = Silence::<T>::get() {
            let counted = if window.faulted {
                0
            } else {
                waiting(window.since, window.until)
            };
            ensure!(
                window.pending == counted,
                "a window of silence does not count the slashes that wait"
            );
        }
        Ok(())
    }

    fn check_records() -> Result<(), TryRuntimeError> {
        for (_, offences) in Offences::<T>::iter() {
            ensure!(!offences.is_empty(), "an empty list of offences is stored");
            ensure!(
                offences.windows(2).all(|pair| pair[0].at <= pair[1].at),
                "offences are out of order"
            );
        }
        for (_, _, record) in Standings::<T>::iter() {
            let clients: alloc::collections::BTreeSet<_> =
                record.recent.iter().map(|audit| &audit.client).collect();
            ensure!(
                clients.len() == record.recent.len(),
                "a client counted twice within a day"
            );
            ensure!(
                record
                    .recent
                    .iter()
                    .all(|audit| (1..=FULL_WEIGHT_MILLI).contains(&audit.weight_milli)),
                "an audit counts nothing, or more than it may"
            );
        }
        for (_, at) in Forgiven::<T>::iter() {
            ensure!(at <= Self::now(), "an outage was forgiven before it came");
        }
        for (_, _, sums) in Precision::<T>::iter() {
            ensure!(
                sums.tokens.observations() > 0 || sums.sketches.observations() > 0,
                "a running sum has seen nothing"
            );
            ensure!(
                sums.level() >= sums.present(),
                "a running sum stands above what it reached"
            );
        }
        Ok(())
    }
}
