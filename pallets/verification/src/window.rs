//! The check window: commitments in, verdicts out.

use super::*;
use frame_support::{
    pallet_prelude::*,
    storage::with_storage_layer,
    weights::{Weight, WeightMeter},
};
use ogpu_primitives::{traits::Clock, Balance, Commitment, Subject, Tick};

impl<T: Config> Pallet<T> {
    /// Keeps `commitment` and opens its check window.
    pub fn committed(
        subject: &Subject,
        worker: &T::AccountId,
        commitment: &Commitment,
        price: Balance,
    ) -> DispatchResult {
        ensure!(
            !Commitments::<T>::contains_key(subject),
            Error::<T>::AlreadyCommitted
        );
        let now = T::Clock::now();
        let window_end = Self::schedule(subject, now)?;
        Commitments::<T>::insert(
            subject,
            CommitmentRecord {
                worker: worker.clone(),
                commitment: *commitment,
                price,
                committed_at: now,
                block: frame_system::Pallet::<T>::block_number(),
                window_end,
                verdict: None,
            },
        );
        Self::deposit_event(Event::Committed {
            subject: *subject,
            worker: worker.clone(),
            window_end,
        });
        Ok(())
    }

    /// What was committed for `subject`, if it is still kept.
    pub fn commitment(subject: &Subject) -> Option<Commitment> {
        Commitments::<T>::get(subject).map(|record| record.commitment)
    }

    /// Drops all that is kept of `subject`. An open window then ends without a verdict.
    pub fn forget(subject: &Subject) {
        Commitments::<T>::remove(subject);
    }

    /// Puts the end of a window that opens `now` on the agenda and returns its tick.
    fn schedule(subject: &Subject, now: Tick) -> Result<Tick, DispatchError> {
        // This tick's hook may have run already, so the earliest tick that is surely served is the next.
        let window_end = now
            .checked_add(T::CheckWindowTicks::get().max(1))
            .ok_or(Error::<T>::ClockOverflow)?;
        let seq = AgendaLength::<T>::get(window_end);
        AgendaLength::<T>::insert(window_end, seq.checked_add(1).ok_or(Error::<T>::ClockOverflow)?);
        Agenda::<T>::insert(window_end, seq, subject);
        Ok(window_end)
    }

    /// Gives the verdicts that are due at `now`, as far as `meter` allows; the rest waits for the next block.
    pub(crate) fn service_windows(meter: &mut WeightMeter, now: Tick) {
        if meter.try_consume(T::WeightInfo::service_base()).is_err() {
            return;
        }
        let (mut tick, mut seq) = AgendaCursor::<T>::get();
        'ticks: while tick <= now {
            if meter.try_consume(T::WeightInfo::service_tick()).is_err() {
                break;
            }
            let length = AgendaLength::<T>::get(tick);
            while seq < length {
                if meter.try_consume(Self::verdict_weight()).is_err() {
                    break 'ticks;
                }
                if let Some(subject) = Agenda::<T>::take(tick, seq) {
                    Self::end_window(&subject, now);
                }
                seq = seq.saturating_add(1);
            }
            AgendaLength::<T>::remove(tick);
            tick = tick.saturating_add(1);
            seq = 0;
        }
        AgendaCursor::<T>::put((tick, seq));
    }

    /// Most weight of one due subject.
    pub(crate) fn verdict_weight() -> Weight {
        T::WeightInfo::service_item().saturating_add(T::OnVerdict::weight())
    }

    fn end_window(subject: &Subject, now: Tick) {
        let Some(record) = Commitments::<T>::get(subject) else {
            return;
        };
        // A window that was prolonged is on the agenda twice; only its last entry counts.
        if record.verdict.is_some() || record.window_end > now {
            return;
        }
        let verdict = Verdict::Pass;
        match with_storage_layer(|| {
            // Written first: acting on the verdict may already forget the subject.
            Commitments::<T>::insert(
                subject,
                CommitmentRecord {
                    verdict: Some(verdict),
                    ..record.clone()
                },
            );
            T::OnVerdict::on_verdict(subject, verdict)
        }) {
            Ok(()) => Self::deposit_event(Event::VerdictGiven {
                subject: *subject,
                verdict,
            }),
            Err(error) => Self::postpone(subject, record, now, error),
        }
    }

    /// Opens the window once more, so that a verdict is never lost.
    fn postpone(
        subject: &Subject,
        record: CommitmentRecord<T::AccountId, frame_system::pallet_prelude::BlockNumberFor<T>>,
        now: Tick,
        error: DispatchError,
    ) {
        if let Ok(window_end) = Self::schedule(subject, now) {
            Commitments::<T>::insert(subject, CommitmentRecord { window_end, ..record });
        }
        Self::deposit_event(Event::VerdictPostponed {
            subject: *subject,
            error,
        });
    }
}
