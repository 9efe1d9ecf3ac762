//! Whether audit data is that of the committed result. Pure.

use super::record::{Case, SeatRecord};
use ogpu_client::{
    keys::EncryptionKey,
    sealed::{self, AuditDataError, AuditMessage, SealError},
    AccountId,
};
use ogpu_primitives::H256;

/// Why data is of no use.
#[derive(thiserror::Error, Clone, PartialEq, Eq, Debug)]
pub enum DataError {
    /// It does not open.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// It opens, and is of something else.
    #[error(transparent)]
    Other(#[from] AuditDataError),
}

/// Who opens audit data: this worker, on this chain.
#[derive(Clone)]
pub struct Reader {
    /// The chain.
    pub genesis: H256,
    /// This worker's account.
    pub us: AccountId,
    /// The key of its profile.
    pub key: EncryptionKey,
}

impl Reader {
    /// Opens data that was served to this worker's own key, and checks it against the case.
    pub fn served(&self, case: &Case, data: &[u8]) -> Result<AuditMessage, DataError> {
        self.open(case, self.key.secret(), data)
    }

    /// Opens data that was posted for a demand's key, and checks it against the case.
    pub fn posted(&self, case: &Case, secret: &[u8; 32], data: &[u8]) -> Result<AuditMessage, DataError> {
        self.open(case, secret, data)
    }

    /// Opens the data that is kept for a seat.
    pub fn kept(&self, record: &SeatRecord, data: &[u8]) -> Result<AuditMessage, DataError> {
        match (&record.demand, record.by_demand) {
            (Some(demand), true) => self.posted(&record.case, &demand.secret, data),
            _ => self.served(&record.case, data),
        }
    }

    fn open(&self, case: &Case, secret: &[u8; 32], data: &[u8]) -> Result<AuditMessage, DataError> {
        let message = sealed::open_audit(&self.genesis, &case.work, &self.us, secret, data)?;
        sealed::check_audit(
            &message,
            &case.worker,
            &case.work,
            &case.commitment,
            &case.request,
        )?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::fixtures::{self, Sample};

    #[test]
    fn data_should_open_only_for_its_auditor_and_key() {
        let sample = Sample::text(1);
        let reader = fixtures::reader();
        let served = sample.sealed_to(&reader.key.public());
        assert_eq!(reader.served(&sample.case, &served), Ok(sample.message()));
        let demand = EncryptionKey::generate();
        let posted = sample.sealed_to(&demand.public());
        assert_eq!(
            reader.posted(&sample.case, demand.secret(), &posted),
            Ok(sample.message())
        );
        assert!(reader.served(&sample.case, &posted).is_err());
        let other = Reader {
            us: fixtures::prover(),
            ..reader.clone()
        };
        assert!(other.served(&sample.case, &served).is_err());
    }

    #[test]
    fn data_should_be_refused_when_it_is_not_what_was_committed() {
        let sample = Sample::text(1);
        let reader = fixtures::reader();
        let served = sample.sealed_to(&reader.key.public());
        let mut other = sample.case.clone();
        other.commitment.root = H256::repeat_byte(9);
        assert!(matches!(
            reader.served(&other, &served),
            Err(DataError::Other(AuditDataError::WrongRoot { .. }))
        ));
        let mut other = sample.case.clone();
        other.request.input_commitment = H256::repeat_byte(9);
        assert_eq!(
            reader.served(&other, &served),
            Err(DataError::Other(AuditDataError::WrongInput))
        );
    }
}
