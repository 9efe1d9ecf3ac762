//! Whatever is reported and cancelled in whatever order, no planck is lost and the state stays whole.

use crate::{mock::*, Pending};
use frame_support::traits::fungible::Inspect;
use ogpu_primitives::{running_sum::Observation, Balance, Offence, Tick, OGPU};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Stake(u64, Balance),
    Unbond(u64),
    Report(u64, Offence, Balance, Vec<(u64, Balance)>),
    Note(u64),
    Cancel(u32),
    Counted(u64),
    Failed(u64),
    Observed(u32, u32, bool),
    Wait(Tick),
}

fn offence() -> impl Strategy<Value = Offence> {
    prop_oneof![
        Just(Offence::WrongResult),
        Just(Offence::SilentUnderAudit),
        Just(Offence::LateData),
        Just(Offence::Equivocation),
        Just(Offence::AuditorAbsent),
    ]
}

fn amount() -> impl Strategy<Value = Balance> {
    prop_oneof![
        4 => 0..=(50 * OGPU),
        1 => 0..=(2 * EXISTENTIAL_DEPOSIT),
        1 => Just(u128::MAX),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let owner = 1u64..6;
    let payouts = prop::collection::vec((50u64..60, amount()), 0..5);
    prop_oneof![
        2 => (owner.clone(), 1u128..200).prop_map(|(o, a)| Step::Stake(o, a * OGPU)),
        1 => owner.clone().prop_map(Step::Unbond),
        6 => (owner.clone(), offence(), amount(), payouts).prop_map(|(o, f, a, p)| Step::Report(o, f, a, p)),
        1 => owner.prop_map(Step::Note),
        2 => (0u32..60).prop_map(Step::Cancel),
        1 => (5u64..9).prop_map(Step::Counted),
        1 => (5u64..9).prop_map(Step::Failed),
        2 => (any::<u32>(), any::<u32>(), any::<bool>()).prop_map(|(u, e, d)| Step::Observed(u, e, d)),
        3 => (0u32..120).prop_map(Step::Wait),
    ]
}

fn run(step: Step) {
    match step {
        Step::Stake(owner, amount) => stake(owner, amount),
        Step::Unbond(owner) => unbond(owner),
        Step::Report(owner, offence, amount, payouts) => {
            Slashing::report(&owner, None, offence, amount, None, payouts);
        }
        Step::Note(owner) => Slashing::note_silence(&owner),
        Step::Cancel(id) => {
            let _ = Slashing::cancel(RuntimeOrigin::root(), id);
        }
        Step::Counted(client) => Slashing::counted(&work(client, OGPU)),
        Step::Failed(client) => Slashing::failed(&work(client, OGPU)),
        Step::Observed(u, e2_ppm, doubted) => Slashing::observed(
            &work(5, OGPU),
            &Observation {
                doubted,
                ..saw(u, e2_ppm)
            },
        ),
        Step::Wait(ticks) => run_ticks(ticks),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn state_should_stay_whole_when_anything_is_reported(steps in prop::collection::vec(step(), 1..80)) {
        ExtBuilder.build().execute_with(|| {
            DeferralTicks::set(150);
            let mut expected = Balances::total_issuance();
            for step in steps {
                let debug = format!("{step:?}");
                if let Step::Stake(_, amount) = &step {
                    expected += amount;
                }
                run(step);
                assert!(Slashing::do_try_state().is_ok(), "{debug}: {:?}", Slashing::do_try_state());
                assert_whole();
                assert_eq!(Balances::total_issuance(), expected, "{debug}");
            }
            // In the end nothing waits, and what owners still have is what their stakes say.
            run_ticks(151);
            assert_whole();
            assert_eq!(Pending::<Test>::iter().count(), 0);
            for owner in 1..6 {
                let left = Stakes::get().get(&owner).copied().unwrap_or(0)
                    + Unbonding::get().get(&owner).copied().unwrap_or(0);
                assert_eq!(Balances::balance(&owner), left);
            }
        });
    }
}
