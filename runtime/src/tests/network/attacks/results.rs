//! Wrong results, silence, two faces.

use super::*;
use crate::RuntimeOrigin;
use frame_support::{assert_ok, traits::fungible::Inspect};
use ogpu_primitives::{Receipt, SignedReceipt, Subject, H256};
use sp_core::Pair;

/// A worker of this conduct gets one job of an honest client; whoever is not the worker loses nothing, and the job
/// is done in the end. Returns what the worker's side lost, in planck.
fn cheat_once(conduct: Conduct, expected: Offence) -> u128 {
    let mut lost = 0;
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        network.conduct.insert(cast.worker.worker.clone(), conduct);
        let before = wealth(cast.worker.accounts());
        let others: Vec<_> = cast.others.iter().flat_map(Provider::accounts).cloned().collect();
        let others_before = wealth(&others);
        let client_before = wealth([&cast.client]);
        // The cheat is drawn only when nobody else can take the job: they are put on leave for a moment.
        let job = cast.job_for_the_worker(network);
        assert_eq!(until_accused(network, &cast.worker.owner), expected);
        network.settle();
        assert_eq!(state(job), JobState::Settled, "another worker did it");
        let price = pallet_job_market::Jobs::<Runtime>::get(job).expect("kept").ledger;
        assert!(wealth([&cast.client]) >= client_before - (price.escrowed - price.refunded) - FEES);
        assert!(wealth(&others) > others_before, "who worked and audited is paid");
        lost = before
            .checked_sub(wealth(cast.worker.accounts()))
            .expect("a cheat pays");
        assert_eq!(passed(&cast.worker.owner), 0, "no reputation is left");
        assert!(crate::Slashing::is_forced(&cast.worker.owner, JobKind::Generate));
    });
    lost
}

impl Cast {
    /// A job of the client that the worker gets, and others could get after it.
    fn job_for_the_worker(&self, network: &mut Network) -> JobId {
        for other in &self.others {
            let worker = other.worker.clone();
            assert_ok!(network.send(&other.owner, pallet_provider_staking::Call::drain { worker }));
        }
        let job = network.submit(&self.client, None);
        network.until("assigned", |_| state(job) != JobState::Open);
        for other in &self.others {
            let worker = other.worker.clone();
            assert_ok!(network.send(&other.owner, pallet_provider_staking::Call::resume { worker }));
        }
        job
    }
}

#[test]
fn other_model_should_cost_its_worker_a_slash_and_others_nothing() {
    let lost = cheat_once(Conduct::delivering(Quality::OtherModel), Offence::WrongResult);
    assert!(lost >= STAKE / 20, "{lost}");
}

#[test]
fn other_writer_should_cost_its_worker_a_slash_when_only_the_prefill_is_right() {
    let lost = cheat_once(Conduct::delivering(Quality::OtherWriter), Offence::WrongResult);
    assert!(lost >= STAKE / 20, "{lost}");
}

#[test]
fn silence_should_cost_as_much_as_a_wrong_result_when_audited() {
    let silent = Conduct {
        opens: false,
        ..Conduct::default()
    };
    let lost = cheat_once(silent, Offence::SilentUnderAudit);
    assert!(lost >= STAKE / 20, "{lost}");
}

#[test]
fn second_wrong_result_should_cost_twice_as_much() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let cheat = Conduct::delivering(Quality::OtherModel);
        network.conduct.insert(cast.worker.worker.clone(), cheat);
        let mut slashes = Vec::new();
        for _ in 0..2 {
            let before = stake_of(&cast.worker.owner);
            let worker = cast.worker.worker.clone();
            let job = network.submit(&cast.client, Some(&worker));
            network.settle();
            assert_eq!(state(job), JobState::Refunded, "nobody else may do it");
            slashes.push(before - stake_of(&cast.worker.owner));
        }
        // 5 % of what was left, doubled.
        assert_eq!(slashes[0], STAKE / 20);
        assert_eq!(slashes[1], 2 * ((STAKE - slashes[0]) / 20));
    });
}

#[test]
fn unaudited_model_should_slash_nobody_when_its_thresholds_are_not_calibrated() {
    use crate::parameters::{dynamic_params::audits, RuntimeParameters};
    network(Settings::default(), |network| {
        let parameter = RuntimeParameters::Audits(audits::Parameters::SlashUncalibrated(
            audits::SlashUncalibrated,
            Some(ogpu_primitives::BoundedU32::of::<0>()),
        ));
        assert_ok!(crate::Parameters::set_parameter(RuntimeOrigin::root(), parameter));
        let cast = Cast::new(network);
        let cheat = Conduct::delivering(Quality::OtherModel);
        network.conduct.insert(cast.worker.worker.clone(), cheat);
        let before = stake_of(&cast.worker.owner);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.settle();
        assert_eq!(
            state(job),
            JobState::Refunded,
            "the client has its money back all the same"
        );
        assert_eq!(stake_of(&cast.worker.owner), before);
    });
}

/// A receipt that the worker signs for a root that it does not commit to.
fn false_receipt(network: &Network, worker: &AccountId, subject: &Subject) -> SignedReceipt {
    let record = pallet_verification::Commitments::<Runtime>::get(subject).expect("committed");
    let Subject::Work(work) = *subject;
    let mut commitment = record.commitment;
    commitment.root = H256::repeat_byte(0xfa);
    let receipt = Receipt::new(crate::System::block_hash(0), work, &commitment);
    let signature = network.keys.of(worker).sign(&receipt.signing_payload()).0;
    SignedReceipt { receipt, signature }
}

#[test]
fn two_faces_should_cost_a_fifth_of_the_stake_when_the_client_shows_both() {
    network(
        Settings {
            most_rate_ppm: 1_000,
            least_rate_ppm: 1_000,
            // A wrong result would cost less.
            price: OGPU / 1_000,
            ..Settings::default()
        },
        |network| {
            let cast = Cast::new(network);
            let (worker, client) = (cast.worker.worker.clone(), cast.client.clone());
            let before = stake_of(&cast.worker.owner);
            let others_before = wealth(&cast.honest());
            let job = network.submit(&client, Some(&worker));
            let subject = pallet_job_market::types::subject(job, 0);
            network.until("committed", |_| state(job) == JobState::Committed);
            let first = false_receipt(network, &worker, &subject);
            let report = |first| pallet_verification::Call::report_equivocation {
                first: Box::new(first),
                second: None,
            };
            assert_ok!(network.send(&client, report(first)));
            let again = network.send(&client, report(first));
            assert!(matches!(again, Err(Refusal::Failed(_))), "once a result");
            network.settle();
            assert_eq!(state(job), JobState::Refunded);
            assert_eq!(before - stake_of(&cast.worker.owner), before / 5);
            assert!(wealth(&cast.honest()) + FEES >= others_before);
        },
    );
}

#[test]
fn receipt_should_prove_nothing_when_somebody_else_signed_it() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        let subject = pallet_job_market::types::subject(job, 0);
        network.until("committed", |_| state(job) == JobState::Committed);
        let framed = false_receipt(network, &cast.client, &subject);
        let before = stake_of(&cast.worker.owner);
        let report = pallet_verification::Call::report_equivocation {
            first: Box::new(framed),
            second: None,
        };
        let refused = network.send(&cast.client, report);
        assert!(matches!(refused, Err(Refusal::Failed(_))));
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert_eq!(stake_of(&cast.worker.owner), before);
        let total = crate::Balances::total_balance(&cast.worker.owner);
        assert!(total > before, "and it is paid");
    });
}
