use crate::{mock::*, Event};
use frame_support::traits::fungible::{Inspect, Mutate};
use ogpu_primitives::{Balance, Offence, OGPU};

/// Owner 1 has 100 OGPU of stake; the slash of `amount` with `payouts` was applied.
fn applied(amount: Balance, payouts: &[(u64, Balance)]) -> (Balance, Balance, Balance) {
    stake(1, 100 * OGPU);
    Slashing::report(&1, None, Offence::WrongResult, amount, None, payouts.to_vec());
    run_ticks(DEFERRAL);
    match last_event() {
        Event::SlashApplied {
            amount,
            paid,
            to_reserve,
            ..
        } => (amount, paid, to_reserve),
        event => panic!("{event:?}"),
    }
}

#[test]
fn payouts_should_come_before_the_reserve_when_the_slash_reaches() {
    ExtBuilder.build_and_execute(|| {
        let out = applied(10 * OGPU, &[(2, 3 * OGPU), (3, OGPU)]);
        assert_eq!(out, (10 * OGPU, 4 * OGPU, 6 * OGPU));
        assert_eq!(Balances::balance(&2), 3 * OGPU);
        assert_eq!(Balances::balance(&3), OGPU);
        assert_eq!(Balances::balance(&RESERVE), RESERVE_MONEY + 6 * OGPU);
    });
}

#[test]
fn payouts_should_be_paid_in_order_when_the_slash_does_not_reach() {
    ExtBuilder.build_and_execute(|| {
        let out = applied(4 * OGPU, &[(2, 3 * OGPU), (3, 3 * OGPU), (4, OGPU)]);
        assert_eq!(out, (4 * OGPU, 4 * OGPU, 0));
        assert_eq!(Balances::balance(&3), OGPU);
        assert_eq!(Balances::balance(&4), 0);
    });
}

#[test]
fn payout_should_go_to_the_reserve_when_its_account_cannot_exist() {
    ExtBuilder.build_and_execute(|| {
        let out = applied(OGPU, &[(2, EXISTENTIAL_DEPOSIT - 1), (3, OGPU / 2)]);
        assert_eq!(out, (OGPU, OGPU / 2, OGPU / 2));
        assert_eq!(Balances::balance(&2), 0);
    });
}

#[test]
fn slash_should_take_what_is_left_when_stake_shrank_meanwhile() {
    ExtBuilder.build_and_execute(|| {
        stake(1, 100 * OGPU);
        reported(1, Offence::Equivocation, 60 * OGPU);
        // An absent auditor's slash is not doubled.
        reported(1, Offence::AuditorAbsent, 60 * OGPU);
        run_ticks(DEFERRAL);
        let amounts: Vec<Balance> = events()
            .into_iter()
            .filter_map(|event| match event {
                Event::SlashApplied { amount, .. } => Some(amount),
                _ => None,
            })
            .collect();
        assert_eq!(amounts, [60 * OGPU, 40 * OGPU]);
        assert_eq!(Balances::balance(&RESERVE), RESERVE_MONEY + 100 * OGPU);
    });
}

#[test]
fn gift_to_the_pot_should_reach_the_reserve_when_the_next_slash_is_applied() {
    ExtBuilder.build_and_execute(|| {
        Balances::mint_into(&Slashing::pot_account(), 2 * OGPU).expect("it can be minted");
        let out = applied(OGPU, &[(2, 5 * OGPU)]);
        assert_eq!(out, (OGPU, OGPU, 2 * OGPU), "a gift pays no debt of the slash");
    });
}
