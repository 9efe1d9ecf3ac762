//! Whatever everybody does in whatever order: the state stays sound, every check ends, and nothing stays held.

use super::{equivocation::sign, fixture::*};
use crate::{mock::*, Commitments, HoldReason, Involved, JurySketches, SeatState, Seats};
use frame_support::assert_ok;
use ogpu_primitives::{receipt::Receipt, AuditReport, Role, H256};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Act {
    Wait(u32),
    StandStill(u32),
    Accept,
    Challenge,
    /// Of seats by bit.
    Commit(u16),
    Open,
    /// Of seats by bit.
    Report(u16),
    Demand(Option<u8>),
    Post(Option<u8>),
    Equivocate,
    Fail(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let who = || proptest::option::of(0u8..12);
    // Most do their duty.
    let some = || prop_oneof![3 => Just(u16::MAX), 1 => any::<u16>()];
    let ticks = prop_oneof![3 => Just(1u32), 6 => Just(9), 3 => Just(31), 1 => Just(60), 1 => Just(300), 1 => Just(1_300)];
    prop_oneof![
        30 => ticks.prop_map(Act::Wait),
        20 => some().prop_map(Act::Commit),
        20 => Just(Act::Open),
        20 => some().prop_map(Act::Report),
        6 => who().prop_map(Act::Post),
        2 => who().prop_map(Act::Demand),
        2 => (1u32..300).prop_map(Act::StandStill),
        2 => Just(Act::Accept),
        2 => Just(Act::Challenge),
        2 => any::<bool>().prop_map(Act::Fail),
        1 => Just(Act::Equivocate),
    ]
}

/// What everybody finds: mostly right, mostly wrong, or anything.
fn opinions() -> impl Strategy<Value = [u8; 12]> {
    let mostly = |opinion| prop_oneof![4 => Just(opinion), 1 => 0u8..16];
    prop_oneof![
        proptest::array::uniform12(mostly(0)),
        proptest::array::uniform12(mostly(4)),
        proptest::array::uniform12(0u8..16),
    ]
}

/// What the `n`-th worker sends in the seat that it has: most jurors compute.
fn report_of(n: u8, opinions: &[u8; 12]) -> AuditReport {
    let of_juror = Seats::<Test>::get(it())
        .iter()
        .any(|sits| sits.worker == seat(n) && sits.role == Role::Juror);
    let shown = |report| if of_juror { computed(report) } else { report };
    match opinions[usize::from(n)] {
        0..=3 => shown(passing()),
        4..=8 => shown(dissenting()),
        9 => shown(soft()),
        10 => unfit(),
        11 => made_up(dissenting(), n.into()),
        12..=13 => made_up(passing(), 20),
        14 if of_juror => contradicted(),
        14 => passing(),
        _ => dissenting(),
    }
}

fn party(n: Option<u8>) -> AccountId {
    n.map_or_else(client, seat)
}

/// Does what is asked, whether or not it is allowed now.
fn perform(act: Act, opinions: &[u8; 12]) {
    let _ = match act {
        Act::Wait(ticks) => {
            run_ticks(ticks);
            Ok(().into())
        }
        Act::StandStill(blocks) => {
            (0..blocks).for_each(|_| run_block());
            Ok(().into())
        }
        Act::Accept => Verification::accept(signed(client()), it(), SECRET)
            .map(Into::into)
            .map_err(Into::into),
        Act::Challenge => Verification::challenge(signed(client()), it())
            .map(Into::into)
            .map_err(Into::into),
        Act::Commit(seats) => {
            for n in (0..12).filter(|n| seats >> n & 1 == 1) {
                let hash = hash(&seat(n), &report_of(n, opinions));
                let _ = Verification::audit_commit(signed(seat(n)), it(), hash);
            }
            Ok(().into())
        }
        Act::Open => Verification::open(signed(prover()), it(), opening()),
        Act::Report(seats) => {
            for n in (0..12).filter(|n| seats >> n & 1 == 1) {
                let report = report_of(n, opinions);
                let _ = Verification::audit_open(signed(seat(n)), it(), report, SALT);
            }
            Ok(().into())
        }
        Act::Demand(who) => Verification::demand_data(signed(party(who)), it(), [1; 32])
            .map(Into::into)
            .map_err(Into::into),
        Act::Post(who) => Verification::post_data(signed(prover()), it(), party(who), Default::default()),
        Act::Equivocate => {
            let other = Receipt {
                root: H256::zero(),
                ..Receipt::new(System::block_hash(0), key(1), &commitment())
            };
            Verification::report_equivocation(signed(client()), Box::new(sign(other)), None)
        }
        Act::Fail(failing) => {
            Failing::set(failing);
            Ok(().into())
        }
    };
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn check_should_end_soundly_when_everybody_acts_in_any_order(
        acts in proptest::collection::vec(act(), 1..120),
        (first, opinions) in (0u8..16, opinions()),
        second in any::<bool>(),
        calibrated in any::<bool>(),
        candidates in prop_oneof![1 => 0u8..12, 3 => Just(12u8)],
        // Of a small model so many of those who can be drawn serve it; the others have the same class of device.
        serving in proptest::option::of(0u8..12),
    ) {
        ExtBuilder::default().candidates(candidates).build_and_execute(|| {
            DataDeadlineTicks::set(500);
            if let Some(serving) = serving {
                ModelOwners::set(1);
                let class = Candidates::mutate(|all| all.split_off(all.len().min(serving.into())));
                ClassCandidates::set(class);
            }
            let mut opinions = opinions;
            opinions[0] = first;
            let mut work = if second { work_with_second() } else { work() };
            work.terms.params.slash_enabled = calibrated;
            commit(work);
            for act in acts {
                perform(act, &opinions);
                assert_ok!(Verification::do_try_state());
            }
            Failing::set(false);
            run_ticks(8_000);
            assert!(record().verdict.is_some(), "{:?}", record());
            let heard = heard();
            let count = |is: fn(&Told) -> bool| heard.iter().filter(|told| is(told)).count();
            assert_eq!(count(|told| matches!(told, Told::Verdict(..))), 1);
            // Every absence is blamed, and none twice, and so is every void ballot where most who sat computed the same.
            let in_state = |is: fn(&SeatState) -> bool| {
                seats().into_iter().filter(|(_, state)| is(state)).count()
            };
            let jurors: Vec<_> = Seats::<Test>::get(it())
                .into_iter()
                .filter(|seat| seat.role == Role::Juror && seat.state != SeatState::Excused)
                .collect();
            let shared = jurors.iter().filter(|seat| matches!(seat.state, SeatState::Voted(_))).count();
            let has_blame = calibrated && 2 * shared > jurors.len();
            let void = in_state(|state| *state == SeatState::Void) * usize::from(has_blame);
            let absent = in_state(|state| *state == SeatState::Absent);
            assert_eq!(count(|told| matches!(told, Told::Absent(..))), absent + void);
            assert_eq!(JurySketches::<Test>::iter().count(), 0);
            assert_eq!(Involved::<Test>::iter().count(), 0);
            for who in (0..12).map(seat).chain([client()]) {
                assert_eq!(Verification::held(HoldReason::ChallengeFee, &who), 0);
                assert_eq!(Verification::held(HoldReason::DataBond, &who), 0);
            }
            Verification::forget(&it());
            assert_eq!(Commitments::<Test>::iter().count(), 0);
        });
    }
}
