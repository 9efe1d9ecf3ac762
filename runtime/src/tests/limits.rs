//! Hooks and fees stay inside their shares.

use super::chain;
use crate::{
    configs::compute::{AgendaShare, MatchShare, SlashShare, WindowShare},
    system::{RuntimeBlockWeights, MAX_BLOCK_WEIGHT},
    Runtime, RuntimeCall, TransactionPayment, UncheckedExtrinsic, OGPU,
};
use codec::Encode;
use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
use sp_keyring::Sr25519Keyring;

#[test]
fn hooks_should_leave_room_for_the_heaviest_transaction() {
    let shares = AgendaShare::get()
        .saturating_add(MatchShare::get())
        .saturating_add(WindowShare::get())
        .saturating_add(SlashShare::get());
    let weights = RuntimeBlockWeights::get();
    let heaviest = weights
        .get(DispatchClass::Normal)
        .max_extrinsic
        .expect("normal transactions are bounded");
    assert!(
        shares.saturating_add(heaviest).ref_time() <= MAX_BLOCK_WEIGHT.ref_time(),
        "{shares:?} + {heaviest:?} exceeds {MAX_BLOCK_WEIGHT:?}"
    );
}

#[test]
fn transfer_should_cost_less_than_a_thousandth() {
    chain("staging").execute_with(|| {
        let call = RuntimeCall::Balances(pallet_balances::Call::<Runtime>::transfer_keep_alive {
            dest: Sr25519Keyring::Bob.to_account_id().into(),
            value: OGPU,
        });
        let info = call.get_dispatch_info();
        // Signature and extensions add about 110 bytes.
        let length = UncheckedExtrinsic::new_bare(call).encode().len() as u32 + 110;
        let fee = TransactionPayment::compute_fee(length, &info, 0);
        assert!(fee < OGPU / 1_000, "{fee}");
        assert!(fee > OGPU / 1_000_000, "{fee}: spam would be free");
    });
}
