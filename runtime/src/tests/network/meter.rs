//! What transactions and hooks cost, counted as they happen.

use super::chain::{apply, next_header, Refusal};
use crate::{
    AccountId, Babe, Balance, Beacon, JobMarket, RuntimeEvent, Slashing, System, UncheckedExtrinsic,
    Verification,
};
use codec::Encode;
use frame_support::{
    dispatch::{DispatchClass, GetDispatchInfo},
    storage::{with_transaction, TransactionOutcome},
    traits::{CallMetadata, Hooks},
};
use sp_runtime::DispatchError;

/// A transaction that did something.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Who signed it.
    pub who: AccountId,
    /// What it called.
    pub call: CallMetadata,
    /// Its class.
    pub class: DispatchClass,
    /// Its length in a block.
    pub bytes: u64,
    /// Weight that had to be free for it, in picoseconds: of the call, its extensions, and every transaction's base.
    pub declared: u64,
    /// Weight that it took, in picoseconds.
    pub used: u64,
    /// What it cost its signer, in planck.
    pub fee: Balance,
}

/// Puts a transaction into this block, and notes in `sent` what it cost.
pub fn apply_metered(
    who: &AccountId,
    call: CallMetadata,
    transaction: UncheckedExtrinsic,
    sent: &mut Vec<Sent>,
) -> Result<(), Refusal> {
    let info = transaction.get_dispatch_info();
    let bytes = transaction.encoded_size() as u64;
    let used = || System::block_weight().get(info.class).ref_time();
    let base = crate::system::RuntimeBlockWeights::get()
        .get(info.class)
        .base_extrinsic;
    let (before, events) = (used(), System::event_count() as usize);
    apply(transaction)?;
    let fee = System::events()
        .into_iter()
        .skip(events)
        .find_map(|record| match record.event {
            RuntimeEvent::TransactionPayment(pallet_transaction_payment::Event::TransactionFeePaid {
                actual_fee,
                ..
            }) => Some(actual_fee),
            _ => None,
        });
    sent.push(Sent {
        who: who.clone(),
        call,
        class: info.class,
        bytes,
        declared: info.total_weight().saturating_add(base).ref_time(),
        used: used() - before,
        fee: fee.unwrap_or(0),
    });
    Ok(())
}

/// Weights of our hooks, in picoseconds.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct HookWeights {
    /// Matching and deadlines.
    pub market: u64,
    /// Draws, stages and verdicts of checks.
    pub verification: u64,
    /// Slashes.
    pub slashing: u64,
}

impl HookWeights {
    /// All of them.
    pub fn total(&self) -> u64 {
        self.market + self.verification + self.slashing
    }

    /// Each part of both.
    pub fn combine(&self, other: &Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            market: of(self.market, other.market),
            verification: of(self.verification, other.verification),
            slashing: of(self.slashing, other.slashing),
        }
    }
}

/// What our hooks will weigh in the block after the one that has just ended; nothing happens.
pub fn next_hooks() -> HookWeights {
    with_transaction(|| {
        let header = next_header();
        System::initialize(&header.number, &header.parent_hash, &header.digest);
        let _before_ours = (
            Babe::on_initialize(header.number),
            Beacon::on_initialize(header.number),
        );
        let weights = HookWeights {
            market: JobMarket::on_initialize(header.number).ref_time(),
            verification: Verification::on_initialize(header.number).ref_time(),
            slashing: Slashing::on_initialize(header.number).ref_time(),
        };
        TransactionOutcome::Rollback(Ok::<_, DispatchError>(weights))
    })
    .expect("nothing in it fails")
}
