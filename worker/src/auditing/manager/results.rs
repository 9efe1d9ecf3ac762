//! What comes in from outside: data that was fetched, reports that were computed. Each is on disk before it counts.

use super::Manager;
use crate::{
    auditing::{
        computer::Computed,
        engines::LoadError,
        examine::ExamineError,
        fetch::Fetched,
        record::{Holding, SeatRecord},
        state::{Action, Event},
        store::AuditStoreError,
    },
    jobs::record::short,
};

impl Manager {
    pub(super) async fn on_fetched(&mut self, fetched: Fetched) -> Result<(), AuditStoreError> {
        let work = fetched.work;
        let Some(record) = self
            .records
            .get(&work)
            .filter(|record| record.held == Holding::Nothing)
        else {
            return Ok(());
        };
        let mut record = record.clone();
        record.by_demand = fetched.by_demand;
        // The case may have become another while it was fetched.
        if let Err(error) = self.parts.reader.kept(&record, &fetched.sealed) {
            tracing::debug!(job = short(&work), %error, "data of an earlier case");
            return Ok(());
        }
        record.held = Holding::Data;
        record.changed_at = self.now;
        self.parts.store.put_with_data(&record, &fetched.sealed)?;
        tracing::info!(
            job = short(&work),
            by_demand = fetched.by_demand,
            "audit data on disk"
        );
        self.records.insert(work, record);
        self.cancel_fetch(&work);
        self.apply(work, Event::DataStored).await
    }

    pub(super) async fn on_computed(&mut self, computed: Computed) -> Result<(), AuditStoreError> {
        self.computer.finished();
        let work = computed.case.work;
        let waits = |record: &&SeatRecord| record.held == Holding::Data && record.case == computed.case;
        let Some(record) = self.records.get(&work).filter(waits) else {
            return Ok(());
        };
        match computed.result {
            Ok(report) => {
                let mut record = record.clone();
                record.hash = Some(report.commitment(&self.parts.reader.us.0, &record.salt));
                record.held = Holding::Report;
                record.changed_at = self.now;
                self.parts.store.put_with_report(&record, &report)?;
                tracing::info!(job = short(&work), "report on disk");
                self.records.insert(work, record);
                self.apply(work, Event::ReportStored).await
            }
            Err(ExamineError::Stopped) => Ok(()),
            // Jobs have its memory now, or somebody deleted it: either may change while the seat has time.
            Err(ExamineError::Model(error @ (LoadError::Memory(_) | LoadError::NotHere(_)))) => {
                tracing::warn!(job = short(&work), %error, "no report before the model can be loaded");
                self.lack_model(computed.case.model);
                // In memory by now, for another seat.
                match self.has_model(&computed.case.model) {
                    true => self.act(work, &[Action::Compute]).await,
                    false => Ok(()),
                }
            }
            Err(error) => {
                tracing::error!(
                    job = short(&work),
                    %error,
                    "this machine cannot make the report; the seat ends without a vote. Cure the cause and restart"
                );
                self.apply(work, Event::CannotCompute).await
            }
        }
    }
}
