//! Blocks as a node makes them, and transactions in them.

use super::{meter, Network};
use crate::{
    system::RuntimeBlockWeights, AccountId, AllPalletsWithSystem, Executive, Header, Runtime, RuntimeCall,
    SignedPayload, System, TxExtension, UncheckedExtrinsic, SLOT_DURATION_MS,
};
use codec::Encode;
use frame_support::traits::{GetCallMetadata, OnFinalize, OnIdle};
use ogpu_primitives::{tagged_hash, traits::Clock, Tick};
use sp_consensus_babe::{
    digests::{PreDigest, SecondaryVRFPreDigest},
    make_vrf_sign_data, Slot, BABE_ENGINE_ID,
};
use sp_core::{crypto::VrfSecret, Pair};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
    generic::{Digest, DigestItem, Era},
    traits::Header as HeaderT,
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError,
};
use std::cell::Cell;

std::thread_local! {
    /// The slot before the first block's. BABE's outputs follow from it.
    static SLOTS_BEFORE: Cell<u64> = const { Cell::new(1_000_000) };
}

/// Begins this market's time at a slot of its own.
pub fn start_at(seed: u32) {
    SLOTS_BEFORE.set(1_000_000 * (1 + u64::from(seed)));
}

/// Why a transaction did nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// It did not enter the block.
    Invalid(TransactionValidityError),
    /// It was in the block, at its fee, and failed.
    Failed(DispatchError),
}

impl Refusal {
    /// Whether there was only no room for it.
    pub fn is_full(&self) -> bool {
        *self == Self::Invalid(InvalidTransaction::ExhaustsResources.into())
    }
}

/// What claims a slot: the VRF output of the authority whose turn it is.
fn pre_digest(slot: u64) -> Digest {
    let authorities = pallet_babe::Authorities::<Runtime>::get();
    let index = slot % authorities.len() as u64;
    let public = &authorities[index as usize].0;
    let pair = Sr25519Keyring::iter()
        .find(|key| key.public() == *AsRef::<sp_core::sr25519::Public>::as_ref(public))
        .expect("validators are well-known")
        .pair();
    let slot = Slot::from(slot);
    let (randomness, epoch) = (
        pallet_babe::Randomness::<Runtime>::get(),
        pallet_babe::EpochIndex::<Runtime>::get(),
    );
    let digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
        authority_index: index as u32,
        slot,
        vrf_signature: pair.vrf_sign(&make_vrf_sign_data(&randomness, slot, epoch)),
    });
    Digest {
        logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, digest.encode())],
    }
}

/// The slot of a block.
fn slot_of(number: u32) -> u64 {
    SLOTS_BEFORE.get() + u64::from(number)
}

/// The header with which the next block begins.
pub fn next_header() -> Header {
    let number = System::block_number() + 1;
    let parent = tagged_hash(b"test/block", &(number - 1).encode());
    <Header as HeaderT>::new(
        number,
        Default::default(),
        Default::default(),
        parent,
        pre_digest(slot_of(number)),
    )
}

/// Begins the next block: hooks, then the time.
pub fn begin_block() {
    let header = next_header();
    Executive::initialize_block(&header);
    let now = RuntimeCall::Timestamp(pallet_timestamp::Call::set {
        now: slot_of(header.number) * SLOT_DURATION_MS,
    });
    Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(now))
        .expect("the time enters every block")
        .expect("the time can be set");
}

/// Ends the block: all that `Executive::finalize_block` does but for the roots of its header.
pub fn end_block() {
    System::note_finished_extrinsics();
    let number = System::block_number();
    let remaining = RuntimeBlockWeights::get()
        .max_block
        .saturating_sub(System::block_weight().total());
    let idle = <AllPalletsWithSystem as OnIdle<_>>::on_idle(number, remaining);
    System::register_extra_weight_unchecked(idle, frame_support::dispatch::DispatchClass::Mandatory);
    <AllPalletsWithSystem as OnFinalize<_>>::on_finalize(number);
}

/// Whether a session rotated in this block, which takes all of its weight.
pub fn is_rotation() -> bool {
    System::events().iter().any(|record| {
        matches!(
            record.event,
            crate::RuntimeEvent::Session(pallet_session::Event::NewSession { .. })
        )
    })
}

/// The pallet and the variant of an event.
pub fn kind_of(event: &crate::RuntimeEvent) -> [u8; 2] {
    event.using_encoded(|bytes| [bytes[0], bytes[1]])
}

/// The work clock.
pub fn now() -> Tick {
    crate::Beacon::now()
}

/// Puts a transaction into this block.
pub fn apply(transaction: UncheckedExtrinsic) -> Result<(), Refusal> {
    Executive::apply_extrinsic(transaction)
        .map_err(Refusal::Invalid)?
        .map_err(Refusal::Failed)
}

impl Network {
    /// The signed transaction of `who` that calls `call`.
    fn transaction(&self, who: &AccountId, call: RuntimeCall) -> UncheckedExtrinsic {
        let extension: TxExtension = (
            frame_system::AuthorizeCall::new(),
            frame_system::CheckNonZeroSender::new(),
            frame_system::CheckSpecVersion::new(),
            frame_system::CheckTxVersion::new(),
            frame_system::CheckGenesis::new(),
            frame_system::CheckMortality::from(Era::Immortal),
            frame_system::CheckNonce::from(System::account_nonce(who)),
            frame_system::CheckWeight::new(),
            pallet_transaction_payment::ChargeTransactionPayment::from(0),
            frame_metadata_hash_extension::CheckMetadataHash::new(false),
            frame_system::WeightReclaim::new(),
        );
        let payload = SignedPayload::new(call, extension).expect("nothing in it can be missing");
        let pair = self.keys.of(who);
        let signature = payload.using_encoded(|bytes| pair.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        UncheckedExtrinsic::new_signed(call, who.clone().into(), signature.into(), extension)
    }

    /// Sends one transaction in this block.
    pub fn try_send(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), Refusal> {
        let call = call.into();
        let name = call.get_call_metadata();
        let transaction = self.transaction(who, call);
        match &mut self.sent {
            None => apply(transaction),
            Some(sent) => meter::apply_metered(who, name, transaction, sent),
        }
    }

    /// Sends one transaction, in the next block with room for it.
    pub fn send(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) -> Result<(), Refusal> {
        let call = call.into();
        for _ in 0..50 {
            match self.try_send(who, call.clone()) {
                Err(refusal) if refusal.is_full() => self.next_block(),
                result => return result,
            }
        }
        panic!("no room for {call:?} in 50 blocks");
    }

    /// Ends this block, checks it, begins the next one and lets everybody act in it.
    pub fn next_block(&mut self) {
        self.end_and_check();
        begin_block();
        self.act();
    }

    /// Ends this block and checks it.
    pub fn end_and_check(&mut self) {
        let rotated = is_rotation();
        end_block();
        self.check_weight(rotated);
        self.seen
            .extend(System::events().iter().map(|record| kind_of(&record.event)));
        if System::block_number().is_multiple_of(self.check_every) {
            self.check();
        }
    }

    /// Makes blocks until the work clock has moved by `ticks`.
    pub fn ticks(&mut self, ticks: Tick) {
        let end = now() + ticks;
        while now() < end {
            self.next_block();
        }
    }

    /// Makes blocks until `done`, at most 1,200.
    pub fn until(&mut self, what: &str, mut done: impl FnMut(&mut Self) -> bool) {
        for _ in 0..1_200 {
            if done(self) {
                return;
            }
            self.next_block();
        }
        panic!("1,200 blocks later still not: {what}; {}", unfinished());
    }

    /// Makes blocks until nothing is decided but not done: jobs are final and slashes applied.
    pub fn settle(&mut self) {
        self.until("all settled", |network| {
            network.jobs_are_final() && pallet_slashing::Pending::<Runtime>::iter().next().is_none()
        });
        // Who stayed away is blamed a tick later.
        self.ticks(2);
    }
}

/// What waits, for people.
fn unfinished() -> String {
    let jobs: Vec<_> = pallet_job_market::Jobs::<Runtime>::iter_values()
        .filter(|job| !job.state.is_final())
        .map(|job| {
            let subject = pallet_job_market::types::subject(
                ogpu_primitives::job::job_id(&System::block_hash(0), &job.client, job.request.nonce),
                job.attempt,
            );
            let check = pallet_verification::Commitments::<Runtime>::get(subject);
            (
                job.state,
                job.last_try,
                check.map(|check| (check.stage, check.due, check.open_demands)),
            )
        })
        .collect();
    let slashes: Vec<_> = pallet_slashing::Pending::<Runtime>::iter_values()
        .map(|slash| (slash.offence, slash.due))
        .collect();
    format!("tick {}, jobs {jobs:?}, slashes {slashes:?}", now())
}
