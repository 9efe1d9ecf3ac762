//! Checks of the stored state.

use super::*;
use frame_support::ensure;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
    /// Every open window is on the agenda, and the agenda lies between its cursor and its lengths.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        let (cursor_tick, cursor_seq) = AgendaCursor::<T>::get();
        for (tick, seq, _) in Agenda::<T>::iter() {
            ensure!(
                (tick, seq) >= (cursor_tick, cursor_seq),
                "agenda item lies behind the cursor"
            );
            ensure!(
                seq < AgendaLength::<T>::get(tick),
                "agenda item lies beyond its tick's length"
            );
        }
        for (tick, length) in AgendaLength::<T>::iter() {
            ensure!(tick >= cursor_tick, "a length lies behind the cursor");
            let first = if tick == cursor_tick { cursor_seq } else { 0 };
            for seq in first..length {
                ensure!(
                    Agenda::<T>::contains_key(tick, seq),
                    "an unfinished agenda item is missing"
                );
            }
        }
        for (subject, record) in Commitments::<T>::iter() {
            ensure!(
                record.window_end > record.committed_at,
                "a window ends before it opens"
            );
            if record.verdict.is_none() {
                let due = Agenda::<T>::iter_prefix_values(record.window_end).any(|due| due == subject);
                ensure!(due, "an open window is not on the agenda");
            }
        }
        Ok(())
    }
}
