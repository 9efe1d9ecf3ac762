//! Whatever is called in whatever order, the state stays whole.

use crate::{mock::*, *};
use frame_support::traits::fungible::Inspect;
use ogpu_primitives::{Balance, DeviceClass, DeviceKind, Offence, SeatPool, WorkerProfile, H256, OGPU};
use proptest::prelude::*;

/// A call or a sibling's request; owners 1..=3, workers 0..6, models 0..5.
#[derive(Clone, Debug)]
enum Step {
    Stake(u8, Balance),
    Unstake(u8, Balance),
    Withdraw(u8),
    Pair(u8, u8, Balance),
    /// With the proof of a pairing with somebody else.
    PairReplayed(u8, u8, u8),
    Unpair(u8, u8),
    Allot(u8, u8, Balance),
    SetProfile(u8, u8, u16, bool),
    SetAsk(u8, u8, u32),
    Serve(u8, u8),
    StopServing(u8, u8),
    Drain(u8, u8),
    Resume(u8, u8),
    Rejoin(u8, u8),
    TopUp(u8, u8, Balance),
    Reserve(u8, Balance),
    Release(u8),
    Strike(u8),
    Succeeded(u8),
    Slash(u8, Balance),
    /// Slashes that wait will take so much.
    Await(u8, Balance),
    Draw(u8, u64),
    Wait(u8),
}

fn amount() -> impl Strategy<Value = Balance> {
    prop_oneof![
        4 => (0u128..400).prop_map(|units| units * OGPU),
        2 => 0u128..=(20_000 * OGPU),
        1 => Just(0),
        1 => Just(u128::MAX),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let owner = 1u8..4;
    let worker = 0u8..6;
    let model = 0u8..5;
    prop_oneof![
        4 => (owner.clone(), amount()).prop_map(|(o, a)| Step::Stake(o, a)),
        2 => (owner.clone(), amount()).prop_map(|(o, a)| Step::Unstake(o, a)),
        1 => owner.clone().prop_map(Step::Withdraw),
        6 => (owner.clone(), worker.clone(), amount()).prop_map(|(o, w, a)| Step::Pair(o, w, a)),
        1 => (owner.clone(), owner.clone(), worker.clone()).prop_map(|(o, p, w)| Step::PairReplayed(o, p, w)),
        2 => (owner.clone(), worker.clone()).prop_map(|(o, w)| Step::Unpair(o, w)),
        2 => (owner.clone(), worker.clone(), amount()).prop_map(|(o, w, a)| Step::Allot(o, w, a)),
        6 => (worker.clone(), 0u8..8, 0u16..5, any::<bool>())
            .prop_map(|(w, k, s, c)| Step::SetProfile(w, k, s, c)),
        1 => (owner.clone(), worker.clone(), 0u32..11_000).prop_map(|(o, w, a)| Step::SetAsk(o, w, a)),
        6 => (worker.clone(), model.clone()).prop_map(|(w, m)| Step::Serve(w, m)),
        2 => (worker.clone(), model.clone()).prop_map(|(w, m)| Step::StopServing(w, m)),
        1 => (owner.clone(), worker.clone()).prop_map(|(o, w)| Step::Drain(o, w)),
        2 => (owner.clone(), worker.clone()).prop_map(|(o, w)| Step::Resume(o, w)),
        2 => (owner.clone(), worker.clone()).prop_map(|(o, w)| Step::Rejoin(o, w)),
        1 => (owner, worker.clone(), amount()).prop_map(|(o, w, a)| Step::TopUp(o, w, a)),
        6 => (worker.clone(), amount()).prop_map(|(w, a)| Step::Reserve(w, a / 10)),
        4 => worker.clone().prop_map(Step::Release),
        2 => worker.clone().prop_map(Step::Strike),
        1 => worker.prop_map(Step::Succeeded),
        2 => (1u8..4, amount()).prop_map(|(o, a)| Step::Slash(o, a)),
        1 => (1u8..4, amount()).prop_map(|(o, a)| Step::Await(o, a)),
        1 => (model, any::<u64>()).prop_map(|(m, s)| Step::Draw(m, s)),
        2 => (0u8..120).prop_map(Step::Wait),
    ]
}

/// Calls as a block does: what fails changes nothing.
fn call(dispatch: impl FnOnce() -> Result<(), sp_runtime::DispatchError>) {
    let _ = frame_support::storage::with_storage_layer(dispatch);
}

fn post(
    result: frame_support::dispatch::DispatchResultWithPostInfo,
) -> Result<(), sp_runtime::DispatchError> {
    result.map(|_| ()).map_err(|error| error.error)
}

fn run(step: Step, reserved: &mut Vec<(u8, Balance)>) {
    let by = |n: u8| signed(&owner(n));
    match step {
        Step::Stake(o, a) => call(|| ProviderStaking::stake(by(o), a)),
        Step::Unstake(o, a) => call(|| ProviderStaking::unstake(by(o), a)),
        Step::Withdraw(o) => call(|| ProviderStaking::withdraw(by(o))),
        Step::Pair(o, w, a) => call(|| pair(&owner(o), w, a)),
        Step::PairReplayed(o, other, w) => {
            let proof = proof_on(genesis(), w, &owner(other));
            call(|| {
                let result = ProviderStaking::pair(by(o), worker(w), proof, MIN_STAKE);
                assert!(result.is_err() || o == other);
                result
            });
        }
        Step::Unpair(o, w) => call(|| post(ProviderStaking::unpair(by(o), worker(w)))),
        Step::Allot(o, w, a) => call(|| post(ProviderStaking::allot(by(o), worker(w), a))),
        Step::SetProfile(w, key, slots, cpu) => {
            let mut profile = WorkerProfile {
                slots,
                ..profile(key)
            };
            if cpu {
                profile.devices[0] = device(DeviceKind::Cpu, 8_000);
            }
            call(|| post(ProviderStaking::set_profile(signed(&worker(w)), profile)));
        }
        Step::SetAsk(o, w, ask) => call(|| post(ProviderStaking::set_ask(by(o), worker(w), ask))),
        Step::Serve(w, m) => call(|| ProviderStaking::serve_model(signed(&worker(w)), model(m))),
        Step::StopServing(w, m) => call(|| ProviderStaking::stop_serving(signed(&worker(w)), model(m))),
        Step::Drain(o, w) => call(|| post(ProviderStaking::drain(by(o), worker(w)))),
        Step::Resume(o, w) => call(|| post(ProviderStaking::resume(by(o), worker(w)))),
        Step::Rejoin(o, w) => call(|| post(ProviderStaking::rejoin(by(o), worker(w)))),
        Step::TopUp(o, w, a) => call(|| ProviderStaking::top_up(by(o), worker(w), a)),
        // Siblings call without a storage layer.
        Step::Reserve(w, a) => {
            if ProviderStaking::reserve(&worker(w), a).is_ok() {
                reserved.push((w, a));
            }
        }
        Step::Release(w) => {
            if let Some(at) = reserved.iter().position(|(who, _)| *who == w) {
                let (w, a) = reserved.remove(at);
                release(&worker(w), a);
            }
        }
        Step::Strike(w) => {
            ProviderStaking::strike(&worker(w), Offence::MissedDeadline);
        }
        Step::Succeeded(w) => ProviderStaking::succeeded(&worker(w)),
        Step::Draw(m, s) => {
            let drawn = ProviderStaking::draw_for_model(&model(m), &H256::from_low_u64_be(s), 3);
            assert!(drawn.len() <= 3);
            assert!(drawn
                .iter()
                .all(|candidate| candidate.serving || was_slashed(&candidate.owner)));
            for pool in [
                SeatPool::Model,
                SeatPool::Class(DeviceClass(0)),
                SeatPool::Class(DeviceClass(5)),
            ] {
                let seed = H256::from_low_u64_be(s);
                let seats =
                    ProviderStaking::draw_seats(&pool, &model(m), &seed, 2, 8, &mut |found| found.serving);
                let owners: std::collections::BTreeSet<_> =
                    seats.iter().map(|candidate| &candidate.owner).collect();
                assert!(owners.len() == seats.len() && seats.len() <= 2);
            }
        }
        Step::Slash(o, a) => {
            let held = ProviderStaking::owner_held(&owner(o));
            let before = Balances::balance(&owner(9));
            let moved = ProviderStaking::slash(&owner(o), a, &owner(9));
            assert_eq!(moved, a.min(held));
            assert_eq!(ProviderStaking::owner_held(&owner(o)), held - moved);
            assert_eq!(
                Balances::balance(&owner(9)),
                before + moved,
                "free, and all of it"
            );
        }
        Step::Await(o, a) => await_slash(&owner(o), a),
        Step::Wait(ticks) => Now::mutate(|now| *now += u32::from(ticks)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn state_should_stay_whole_when_anything_is_called(steps in prop::collection::vec(step(), 1..120)) {
        ExtBuilder.build().execute_with(|| {
            let mut reserved = Vec::new();
            let issuance = Balances::total_issuance();
            for step in steps {
                let debug = format!("{step:?}");
                run(step, &mut reserved);
                assert!(ProviderStaking::do_try_state().is_ok(), "{debug}: {:?}", ProviderStaking::do_try_state());
                assert_whole();
            }
            // All that was reserved can be released, whatever happened between, and then nothing is exposed.
            for (w, a) in reserved {
                release(&worker(w), a);
            }
            assert_whole();
            assert!(Owners::<Test>::iter().all(|(_, owner)| owner.exposure == 0));
            assert_eq!(Balances::total_issuance(), issuance);
        });
    }
}
