//! The worker's signature under what it handed over, compared with what it committed to on the chain.

use crate::{keys, AccountId};
use ogpu_primitives::{Commitment, SignedReceipt, WorkKey, H256};

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Of another piece of work, or for another chain.
    #[error("the receipt is for other work or another chain")]
    OtherWork,
    /// Not signed by the worker.
    #[error("the receipt is not signed by the worker {0}")]
    BadSignature(AccountId),
}

/// What a valid receipt says beside a commitment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptSays {
    /// The same as the commitment.
    Same,
    /// Something else: with this receipt anybody can prove the worker's equivocation.
    Else,
}

/// Checks a receipt of `worker` for `work` and compares it with the commitment on the chain.
pub fn check_receipt(
    signed: &SignedReceipt,
    genesis: &H256,
    worker: &AccountId,
    work: &WorkKey,
    commitment: &Commitment,
) -> Result<ReceiptSays, ReceiptError> {
    let receipt = &signed.receipt;
    if receipt.genesis != *genesis || receipt.work != *work {
        return Err(ReceiptError::OtherWork);
    }
    if !keys::verify(worker, &receipt.signing_payload(), &signed.signature) {
        return Err(ReceiptError::BadSignature(*worker));
    }
    Ok(match receipt.agrees(commitment) {
        true => ReceiptSays::Same,
        false => ReceiptSays::Else,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::AccountKey;
    use ogpu_primitives::{BlobHash, FinishReason, JobId, Receipt};

    const GENESIS: H256 = H256([9; 32]);

    fn work() -> WorkKey {
        WorkKey {
            job: JobId::repeat_byte(1),
            segment: 0,
            attempt: 0,
        }
    }

    fn commitment() -> Commitment {
        Commitment {
            root: H256::repeat_byte(3),
            output: BlobHash::repeat_byte(4),
            n_in: 5,
            n_out: 6,
            finish: FinishReason::Stop,
        }
    }

    fn signed(worker: &AccountKey, commitment: &Commitment) -> SignedReceipt {
        let receipt = Receipt::new(GENESIS, work(), commitment);
        SignedReceipt {
            signature: worker.sign_bytes(&receipt.signing_payload()),
            receipt,
        }
    }

    #[test]
    fn receipt_should_say_the_same_when_it_is_of_the_commitment() {
        let worker = AccountKey::dev("bob").unwrap();
        let mut encrypted_anew = commitment();
        encrypted_anew.output = BlobHash::zero();
        for commitment in [commitment(), encrypted_anew] {
            assert_eq!(
                check_receipt(
                    &signed(&worker, &commitment),
                    &GENESIS,
                    &worker.account_id(),
                    &work(),
                    &self::commitment()
                ),
                Ok(ReceiptSays::Same)
            );
        }
    }

    #[test]
    fn receipt_should_prove_equivocation_when_root_or_counts_differ() {
        let worker = AccountKey::dev("bob").unwrap();
        for change in [
            (|c| c.root = H256::zero()) as fn(&mut Commitment),
            |c| c.n_in += 1,
            |c| c.n_out += 1,
            |c| c.finish = FinishReason::Length,
        ] {
            let mut other = commitment();
            change(&mut other);
            assert_eq!(
                check_receipt(
                    &signed(&worker, &other),
                    &GENESIS,
                    &worker.account_id(),
                    &work(),
                    &commitment()
                ),
                Ok(ReceiptSays::Else)
            );
        }
    }

    #[test]
    fn receipt_should_prove_nothing_when_signer_chain_or_work_are_others() {
        let (worker, other) = (AccountKey::dev("bob").unwrap(), AccountKey::dev("eve").unwrap());
        let (account, receipt) = (worker.account_id(), signed(&worker, &commitment()));
        assert_eq!(
            check_receipt(
                &signed(&other, &commitment()),
                &GENESIS,
                &account,
                &work(),
                &commitment()
            ),
            Err(ReceiptError::BadSignature(account))
        );
        let mut forged = receipt;
        forged.receipt.n_out += 1;
        assert_eq!(
            check_receipt(&forged, &GENESIS, &account, &work(), &commitment()),
            Err(ReceiptError::BadSignature(account))
        );
        let next = WorkKey { attempt: 1, ..work() };
        for (genesis, work) in [(H256::zero(), work()), (GENESIS, next)] {
            assert_eq!(
                check_receipt(&receipt, &genesis, &account, &work, &commitment()),
                Err(ReceiptError::OtherWork)
            );
        }
    }
}
