//! What the auditor side of the daemon says of itself.

use super::{
    library::ModelStatus,
    record::SeatRecord,
    state::{Reason, State},
};
use ogpu_primitives::{ModelId, Role, Tick};
use serde::{Deserialize, Serialize};

/// The auditor side as `ogpu-worker status` shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Status {
    /// Whether this worker audits.
    pub on: bool,
    /// Seats that are not over.
    pub seats: Vec<SeatStatus>,
    /// Seats that voted, of those that are still remembered (about a day).
    pub voted: usize,
    /// Seats that ended without a vote, of those that are still remembered.
    pub abandoned: usize,
    /// Seats on juries whose votes are void, of those that are still remembered.
    #[serde(default)]
    pub void: usize,
    /// The model that is in memory for audits alone.
    pub extra_model: Option<String>,
    /// Models that seats wait for, or waited for in vain.
    #[serde(default)]
    pub models: Vec<ModelStatus>,
}

/// One seat that is not over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeatStatus {
    /// The job under audit.
    pub job: String,
    /// Its attempt.
    pub attempt: u8,
    /// What the seat is for.
    pub role: Role,
    /// How far it is.
    pub state: State,
    /// Whether its data was demanded on chain.
    pub demanded: bool,
    /// Tick at which the chain looks next.
    pub due: Tick,
}

impl Status {
    /// Of these seats.
    pub fn of<'a>(records: impl Iterator<Item = &'a SeatRecord>, extra: Option<ModelId>) -> Self {
        let mut status = Self {
            on: true,
            extra_model: extra.map(|id| format!("{id:?}")),
            ..Self::default()
        };
        for record in records {
            match record.state {
                State::Done => status.voted += 1,
                State::Abandoned(Reason::Void) => status.void += 1,
                State::Abandoned(_) => status.abandoned += 1,
                state => status.seats.push(SeatStatus {
                    job: format!("{:?}", record.case.work.job),
                    attempt: record.case.work.attempt,
                    role: record.role,
                    state,
                    demanded: record.demand.is_some(),
                    due: record.due,
                }),
            }
        }
        status
    }

    /// For people, a line each.
    pub fn lines(&self) -> Vec<String> {
        if !self.on {
            return vec![
                "off: seats that this worker is drawn for are missed, which counts against it".into(),
            ];
        }
        let summary = format!(
            "{} audits voted on, {} ended without a vote",
            self.voted, self.abandoned
        );
        let void = (self.void > 0).then(|| {
            format!(
                "{} votes on juries void: not what most jurors computed; check the model files and kernels",
                self.void
            )
        });
        let seats = self.seats.iter().map(|seat| {
            let demanded = if seat.demanded {
                ", data demanded on chain"
            } else {
                ""
            };
            format!(
                "{:?} seat on {} attempt {}: {:?}{demanded}, due at tick {}",
                seat.role, seat.job, seat.attempt, seat.state, seat.due
            )
        });
        let extra = self
            .extra_model
            .iter()
            .map(|id| format!("model {id} is in memory for audits"));
        let models = self.models.iter().map(ModelStatus::line);
        std::iter::once(summary)
            .chain(void)
            .chain(seats)
            .chain(extra)
            .chain(models)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::{fixtures, state::Reason};

    #[test]
    fn status_should_count_what_is_over_and_show_what_is_not() {
        let mut records = [1, 2, 3, 4].map(fixtures::record);
        records[0].state = State::Done;
        records[1].state = State::Abandoned(Reason::Absent);
        records[2].state = State::Abandoned(Reason::Void);
        let status = Status::of(records.iter(), Some(ModelId::repeat_byte(7)));
        let counts = (status.voted, status.abandoned, status.void, status.seats.len());
        assert_eq!(counts, (1, 1, 1, 1));
        let lines = status.lines();
        assert!(
            lines[1].starts_with("1 votes on juries void: not what most"),
            "{lines:?}"
        );
        assert!(
            lines[2].contains("First seat") && lines[2].contains("Drawn"),
            "{lines:?}"
        );
        assert!(lines[3].contains("in memory"), "{lines:?}");
        assert_eq!(Status::default().lines().len(), 1);
    }
}
