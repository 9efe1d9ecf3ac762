//! Two different results signed for one piece of work.

use super::*;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::BlockNumberFor;
use ogpu_primitives::{receipt::SignedReceipt, Subject};
use sp_core::sr25519;
use sp_runtime::traits::{Verify, Zero};

impl<T: Config> Pallet<T> {
    /// Punishes a worker for receipts that contradict each other or its commitment, once a subject. An open check
    /// ends with the next look of the agenda.
    pub(crate) fn do_report_equivocation(
        first: &SignedReceipt,
        second: Option<&SignedReceipt>,
    ) -> DispatchResult {
        let work = first.receipt.work;
        let subject = Subject::Work(work);
        let mut record = Commitments::<T>::get(subject).ok_or(Error::<T>::UnknownSubject)?;
        ensure!(!record.equivocated, Error::<T>::AlreadyProved);
        let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        for signed in core::iter::once(first).chain(second) {
            ensure!(signed.receipt.genesis == genesis, Error::<T>::ReceiptOfOtherChain);
            ensure!(signed.receipt.work == work, Error::<T>::ReceiptOfOtherWork);
        }
        let differ = match second {
            Some(second) => first.receipt.contradicts(&second.receipt),
            None => !first.receipt.agrees(&record.commitment),
        };
        ensure!(differ, Error::<T>::ReceiptsAgree);
        // Last, because it costs the most.
        for signed in core::iter::once(first).chain(second) {
            ensure!(
                is_signed_by(signed, record.work.worker.clone().into()),
                Error::<T>::BadReceiptSignature
            );
        }
        record.equivocated = true;
        let (worker, owner) = (record.work.worker.clone(), record.work.owner.clone());
        if record.is_closed() {
            Commitments::<T>::insert(subject, record);
        } else {
            Self::look_again(&subject, &mut record, 1)?;
        }
        T::Enforce::equivocated(&worker, &owner, &subject);
        Self::deposit_event(Event::EquivocationProved { subject, worker });
        Ok(())
    }
}

fn is_signed_by(signed: &SignedReceipt, worker: [u8; 32]) -> bool {
    let signature = sr25519::Signature::from_raw(signed.signature);
    let payload = signed.receipt.signing_payload();
    signature.verify(&payload[..], &sr25519::Public::from_raw(worker))
}
