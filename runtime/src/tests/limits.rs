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

#[test]
fn stake_should_stay_within_reach_until_its_slash_when_a_check_takes_longest() {
    use crate::parameters::{
        dynamic_params::{audits, market, providers, slashing},
        Governed,
    };
    use frame_support::traits::Get;
    use ogpu_primitives::check::DRAW_BLOCKS;

    for preset in crate::genesis::preset_names() {
        chain(&preset).execute_with(|| {
            let ticks = |figure: u32, times: u32| figure.saturating_mul(times);
            let tries = <Governed<audits::MaxRedraws> as Get<u32>>::get() + 2;
            let draw = DRAW_BLOCKS + 1;
            // Of a small model.
            let [auditing, jury] = [
                Governed::<audits::AuditTicks>::get(),
                Governed::<audits::JuryTicks>::get(),
            ]
            .map(|figure: u32| ticks(figure, pallet_verification::CLASS_SEAT_TIMES));
            let longest = ticks(Governed::<market::CheckWindowTicks>::get(), 1)
                + ticks(draw + auditing, tries)
                + <Governed<audits::OpenTicks> as Get<u32>>::get()
                + ticks(Governed::<audits::ReportTicks>::get(), 2)
                + draw
                + jury
                + <Governed<slashing::DeferralTicks> as Get<u32>>::get();
            let unbonding: u32 = Governed::<providers::UnbondingTicks>::get();
            assert!(
                unbonding > longest,
                "{preset:?}: {unbonding} ticks, {longest} needed"
            );
        });
    }
}
