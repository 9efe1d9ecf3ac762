//! What is done about a message that the chain does not show, and about data that the worker does not serve.

use super::{Manager, RESEND_TICKS};
use crate::{
    auditing::{
        outbox::Message,
        record::{DemandKey, SeatRecord},
        state::{Action, Standing, State},
        store::AuditStoreError,
        view::SeatNow,
    },
    jobs::record::short,
};
use ogpu_client::keys::EncryptionKey;
use ogpu_primitives::WorkKey;

impl Manager {
    /// The transaction queue retries by itself; this is the net under it.
    pub(super) async fn resend_if_late(
        &mut self,
        work: WorkKey,
        standing: Standing,
    ) -> Result<(), AuditStoreError> {
        let Some(record) = self.records.get_mut(&work) else {
            return Ok(());
        };
        let action = match (record.state, standing) {
            (State::Computed | State::Committing, Standing::MayCommit) => Action::Commit,
            (State::Opening, Standing::MayOpen { .. }) => Action::Open,
            _ => return Ok(()),
        };
        if self.now.saturating_sub(record.changed_at) < RESEND_TICKS {
            return Ok(());
        }
        record.changed_at = self.now;
        tracing::warn!(
            job = short(&work),
            ?action,
            "the chain does not show it yet; queueing it again"
        );
        self.act(work, &[action]).await
    }

    /// Data that the worker does not serve is demanded on chain. Not before the model is here: a demand costs half of
    /// its bond even when nothing can be computed from what comes.
    pub(super) async fn demand_if_late(&mut self, seat: &SeatNow) -> Result<(), AuditStoreError> {
        let work = seat.work;
        let drawn = |record: &&SeatRecord| record.state == State::Drawn;
        let Some(model) = self
            .records
            .get(&work)
            .filter(drawn)
            .map(|record| record.case.model)
        else {
            return Ok(());
        };
        if !self.has_model(&model) {
            // It may have been in memory when the seat was drawn, and dropped since.
            self.need_model(model);
            return Ok(());
        }
        let Some(record) = self.records.get_mut(&work) else {
            return Ok(());
        };
        let first = match (record.demand, seat.demand) {
            (None, None) if self.now >= record.demand_from => {
                record.demand = Some(DemandKey {
                    secret: *EncryptionKey::generate().secret(),
                    from_block: self.block,
                    queued_at: self.now,
                });
                tracing::warn!(
                    job = short(&work),
                    "the audit data was not served; demanding it on chain"
                );
                true
            }
            (Some(ref mut demand), None) if self.now.saturating_sub(demand.queued_at) >= RESEND_TICKS => {
                demand.queued_at = self.now;
                record.demand = Some(*demand);
                false
            }
            _ => return Ok(()),
        };
        let (record, Some(demand)) = (record.clone(), record.demand) else {
            return Ok(());
        };
        // The secret is on disk before anybody can encrypt to its key.
        self.parts.store.put(&record)?;
        if first {
            self.look_on_chain(&record, demand);
        }
        let key = EncryptionKey::from_secret(demand.secret).public();
        self.send(Message::Demand { work, key }).await;
        Ok(())
    }
}
