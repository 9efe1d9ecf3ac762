//! The jury of fifteen, as production governs it.

use super::{network, wealth, Audits, Conduct, Network, Provider, Quality, Settings};
use crate::{AccountId, ProviderStaking, Runtime, OGPU};
use ogpu_primitives::{JobState, JuryOutcome, Role};

const STAKE: u128 = 200 * OGPU;

fn fifteen() -> Settings {
    Settings {
        jury: 15,
        jury_minimum: 9,
        ..Settings::default()
    }
}

/// What a jury said: outcome, seats, votes against and for.
type Decision = (JuryOutcome, u32, u32, u32);

/// A job of a worker of this quality before a jury of which `colluding` say the contrary of what is right.
/// `dissent` is what the auditor does.
fn judge(quality: Quality, dissent: Audits, colluding: usize, providers: usize) -> (Decision, Outcome) {
    let mut found = None;
    network(fifteen(), |network| {
        let worker = network.provider(STAKE);
        let others = network.providers(providers, STAKE);
        let contrary = match quality {
            Quality::Right => Audits::Against,
            _ => Audits::AsTheWorkerSays,
        };
        for (n, other) in others.iter().enumerate() {
            let judges = if n < colluding { contrary } else { Audits::Honestly };
            let conduct = Conduct {
                audits: dissent,
                judges,
                ..Conduct::default()
            };
            network.conduct.insert(other.worker.clone(), conduct);
        }
        network
            .conduct
            .insert(worker.worker.clone(), Conduct::delivering(quality));
        found = Some(decide(network, &worker, &others));
    });
    found.expect("a jury decided")
}

/// What became of everybody.
struct Outcome {
    state: JobState,
    worker_stake: u128,
    worker_wealth: (u128, u128),
    /// Jurors with their votes: against or for, and what their owners had before and after.
    jurors: Vec<(Option<bool>, u128, u128)>,
    auditor_stake: u128,
}

fn decide(network: &mut Network, worker: &Provider, others: &[Provider]) -> (Decision, Outcome) {
    let client = network.rich();
    let owners: Vec<(AccountId, u128)> = others
        .iter()
        .map(|other| (other.owner.clone(), wealth([&other.owner])))
        .collect();
    let before = wealth(worker.accounts());
    let job = network.submit(&client, Some(&worker.worker));
    let mut decision = None;
    network.until("decided", |_| {
        decision = decision.or_else(decided);
        decision.is_some()
    });
    network.settle();
    let seats = pallet_verification::Seats::<Runtime>::get(pallet_job_market::types::subject(job, 0));
    let had = |owner: &AccountId| {
        owners
            .iter()
            .find(|(other, _)| other == owner)
            .expect("a provider")
            .1
    };
    let jurors = seats.iter().filter(|seat| seat.role == Role::Juror);
    let auditor = seats
        .iter()
        .find(|seat| seat.role == Role::First)
        .expect("one audited");
    let outcome = Outcome {
        state: pallet_job_market::Jobs::<Runtime>::get(job).expect("kept").state,
        worker_stake: ProviderStaking::owner_held(&worker.owner),
        worker_wealth: (before, wealth(worker.accounts())),
        jurors: jurors
            .map(|seat| (seat.dissents(), had(&seat.owner), wealth([&seat.owner])))
            .collect(),
        auditor_stake: ProviderStaking::owner_held(&auditor.owner),
    };
    (decision.expect("until it was decided"), outcome)
}

/// The decision of a jury in this block.
fn decided() -> Option<Decision> {
    crate::System::events()
        .into_iter()
        .find_map(|record| match record.event {
            crate::RuntimeEvent::Verification(pallet_verification::Event::JuryDecided {
                outcome,
                seats,
                against,
                for_worker,
                ..
            }) => Some((outcome, seats, against, for_worker)),
            _ => None,
        })
}

#[test]
fn jury_of_fifteen_should_slash_the_cheat_when_all_are_honest() {
    let (decision, outcome) = judge(Quality::OtherModel, Audits::Honestly, 0, 17);
    assert_eq!(decision, (JuryOutcome::Guilty, 15, 15, 0));
    assert_eq!(outcome.state, JobState::Refunded);
    assert!(outcome.worker_stake <= STAKE - STAKE / 20);
    assert!(outcome.worker_wealth.1 < outcome.worker_wealth.0);
    // Each is paid twice: by the fund, and out of the slash.
    assert!(outcome.jurors.iter().all(|(_, before, after)| after > before));
}

#[test]
fn jury_of_fifteen_should_slash_the_cheat_and_pay_no_accomplice_when_five_of_sixteen_are_its_own() {
    // Sixteen others: one audits, fifteen judge, at most five of them colluding.
    let (decision, outcome) = judge(Quality::OtherModel, Audits::Honestly, 5, 16);
    assert_eq!(decision.0, JuryOutcome::Guilty);
    assert!(outcome.worker_stake <= STAKE - STAKE / 20);
    for (against, before, after) in outcome.jurors {
        match against {
            Some(true) => assert!(after > before),
            // A juror of the minority sat for nothing, and is not blamed.
            _ => assert_eq!(before, after),
        }
    }
}

#[test]
fn jury_of_fifteen_should_refund_without_slash_when_seven_of_sixteen_are_the_cheats_own() {
    let (decision, outcome) = judge(Quality::OtherModel, Audits::Honestly, 7, 16);
    assert_eq!(decision.0, JuryOutcome::Unclear, "{decision:?}");
    assert_eq!(outcome.state, JobState::Refunded);
    assert_eq!(outcome.worker_stake, STAKE);
    assert!(
        outcome.worker_wealth.1 <= outcome.worker_wealth.0,
        "a cheat is not paid"
    );
}

#[test]
fn jury_of_fifteen_should_pay_the_worker_and_fine_the_dissenter_when_seven_would_frame_it() {
    let (decision, outcome) = judge(Quality::Right, Audits::Against, 7, 16);
    assert_eq!(decision.0, JuryOutcome::Innocent, "{decision:?}");
    assert_eq!(outcome.state, JobState::Settled);
    assert_eq!(outcome.worker_stake, STAKE);
    assert!(outcome.worker_wealth.1 > outcome.worker_wealth.0);
    assert!(outcome.auditor_stake <= STAKE - STAKE / 10);
}

#[test]
fn jury_should_sit_with_all_that_are_eligible_when_there_are_fewer_than_fifteen() {
    // Eleven others: one audits, ten judge.
    let (decision, outcome) = judge(Quality::OtherModel, Audits::Honestly, 0, 11);
    assert_eq!(decision, (JuryOutcome::Guilty, 10, 10, 0));
    assert!(outcome.worker_stake < STAKE);
}
