//! Who may have the data of an audit. Pure, but for the one question to the chain that is behind a trait.

use crate::chain::duties::Duties;
use async_trait::async_trait;
use ogpu_client::{
    chain::{Chain, ChainError, SeatState},
    transport::{ErrorCode, Refusal},
    AccountId,
};
use ogpu_primitives::WorkKey;

/// Where the encryption key of a worker is found.
#[async_trait]
pub trait EncryptionKeys: Send + Sync + 'static {
    /// The X25519 key in the profile of `worker`; `None` when it has published none.
    async fn encryption_key(&self, worker: &AccountId) -> Result<Option<[u8; 32]>, ChainError>;
}

#[async_trait]
impl EncryptionKeys for Chain {
    async fn encryption_key(&self, worker: &AccountId) -> Result<Option<[u8; 32]>, ChainError> {
        let view = self.worker(&self.best().await?, worker).await?;
        Ok(view
            .and_then(|view| view.profile)
            .map(|profile| profile.network.encryption_key))
    }
}

/// Why audit data is refused.
#[derive(thiserror::Error, Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotEntitled {
    /// Not drawn, closed, or not ours.
    #[error(
        "no audit of this attempt is open at this worker's best block; ask again if yours is ahead of it"
    )]
    NoAudit,
    /// Somebody else's audit.
    #[error("this auditor has no seat in the audit of this attempt")]
    NoSeat,
    /// It has voted, or is counted as absent or void.
    #[error("this auditor's seat is over: the chain takes no report of it any more")]
    SeatOver,
}

impl NotEntitled {
    /// How the line says it.
    pub fn refusal(self) -> Refusal {
        Refusal::new(ErrorCode::NotEntitled, self.to_string())
    }
}

/// Whether `auditor` has a seat in the check of `work`, which `worker` committed to, and has still to report.
pub fn entitled(
    duties: &Duties,
    worker: &AccountId,
    work: &WorkKey,
    auditor: &AccountId,
) -> Result<(), NotEntitled> {
    let mut checks = duties.as_prover(worker);
    let (_, view) = checks
        .find(|(of, view)| of == work && view.record.verdict.is_none())
        .ok_or(NotEntitled::NoAudit)?;
    let mut over = false;
    for seat in view.seats.iter().filter(|seat| seat.worker == *auditor) {
        match seat.state {
            SeatState::Drawn | SeatState::Committed(_) => return Ok(()),
            SeatState::Voted(_) | SeatState::Absent | SeatState::Excused | SeatState::Void => over = true,
        }
    }
    Err(match over {
        true => NotEntitled::SeatOver,
        false => NotEntitled::NoSeat,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        jobs::fixtures::assignment,
        proving::fixtures::{duties, view, AUDITOR, CLIENT, WORKER},
    };
    use ogpu_primitives::{Judgement, Verdict, H256};

    fn asked(state: SeatState, auditor: AccountId) -> Result<(), NotEntitled> {
        let mut view = view();
        view.seats[0].state = state;
        entitled(&duties(view), &WORKER, &assignment(1).work, &auditor)
    }

    #[test]
    fn auditor_should_be_entitled_while_it_has_to_report() {
        assert_eq!(asked(SeatState::Drawn, AUDITOR), Ok(()));
        assert_eq!(asked(SeatState::Committed(H256::zero()), AUDITOR), Ok(()));
        for over in [
            SeatState::Voted(Judgement::Pass),
            SeatState::Absent,
            SeatState::Void,
        ] {
            assert_eq!(asked(over, AUDITOR), Err(NotEntitled::SeatOver));
        }
    }

    #[test]
    fn stranger_should_not_be_entitled_even_when_it_is_client_or_worker_of_the_job() {
        for stranger in [CLIENT, WORKER, AccountId::from([1; 32])] {
            assert_eq!(asked(SeatState::Drawn, stranger), Err(NotEntitled::NoSeat));
        }
    }

    #[test]
    fn nobody_should_be_entitled_when_no_audit_of_ours_is_open() {
        let work = assignment(1).work;
        let open = duties(view());
        assert_eq!(
            entitled(&Duties::default(), &WORKER, &work, &AUDITOR),
            Err(NotEntitled::NoAudit)
        );
        let next = WorkKey { attempt: 1, ..work };
        assert_eq!(
            entitled(&open, &WORKER, &next, &AUDITOR),
            Err(NotEntitled::NoAudit)
        );
        // In the duties as an auditor's: the data is not ours to give.
        assert_eq!(
            entitled(&open, &AUDITOR, &work, &AUDITOR),
            Err(NotEntitled::NoAudit)
        );
        let mut closed = view();
        closed.record.verdict = Some(Verdict::Pass);
        assert_eq!(
            entitled(&duties(closed), &WORKER, &work, &AUDITOR),
            Err(NotEntitled::NoAudit)
        );
    }
}
