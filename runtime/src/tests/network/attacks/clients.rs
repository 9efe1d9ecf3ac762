//! Clients that cheat workers.

use super::*;
use frame_support::assert_ok;

/// A client of this conduct has `count` jobs done by an honest worker; returns what the client lost beyond the prices,
/// and what the provider gained, in planck.
fn deal(settings: Settings, conduct: Client, count: u32) -> (u128, u128) {
    let mut result = (0, 0);
    network(settings, |network| {
        let cast = Cast::new(network);
        network.clients.insert(cast.client.clone(), conduct);
        let (client, provider) = (wealth([&cast.client]), wealth(cast.worker.accounts()));
        let mut prices = 0;
        for _ in 0..count {
            let job = network.submit(&cast.client, Some(&cast.worker.worker));
            network.settle();
            assert_eq!(state(job), JobState::Settled);
            let ledger = pallet_job_market::Jobs::<Runtime>::get(job).expect("kept").ledger;
            prices += ledger.escrowed - ledger.refunded;
        }
        assert_eq!(stake_of(&cast.worker.owner), STAKE, "no worker is blamed");
        let strikes = pallet_provider_staking::Workers::<Runtime>::get(&cast.worker.worker)
            .expect("paired")
            .strikes;
        assert_eq!(strikes, 0);
        result = (
            client - prices - wealth([&cast.client]),
            wealth(cast.worker.accounts()) - provider,
        );
    });
    result
}

/// Nothing is audited unless somebody wants it.
fn rarely() -> Settings {
    Settings {
        most_rate_ppm: 1_000,
        least_rate_ppm: 1_000,
        price: OGPU / 100,
        ..Settings::default()
    }
}

#[test]
fn challenge_spam_should_cost_the_client_the_audits_and_the_worker_nothing() {
    let (honest, paid) = deal(rarely(), Client::default(), 5);
    assert!(honest < 5 * FEES, "only fees: {honest}");
    let challenges = Client {
        challenges: true,
        ..Client::default()
    };
    let (lost, still_paid) = deal(rarely(), challenges, 5);
    // 96 tokens at the input's price out of 672 CU, 5/4 of it with the chance of a second auditor.
    assert!(lost - honest > 5 * (OGPU / 100) / 8, "{lost} {honest}");
    assert!(still_paid >= paid);
}

#[test]
fn false_demand_should_cost_the_client_half_its_bond_and_bring_the_worker_nothing() {
    let (_, paid) = deal(rarely(), Client::default(), 3);
    let demands = Client {
        demands: true,
        ..Client::default()
    };
    let (lost, gained) = deal(rarely(), demands, 3);
    // The bond is a tenth.
    assert!(lost >= 3 * OGPU / 20, "{lost}");
    // Else it would be a business not to hand outputs over.
    assert_eq!(gained, paid);
}

#[test]
fn refusal_to_accept_should_cost_the_client_another_premium_and_the_worker_nothing() {
    let settings = || Settings {
        most_rate_ppm: 250_000,
        least_rate_ppm: 250_000,
        ..Settings::default()
    };
    let (_, paid) = deal(settings(), Client::default(), 1);
    let refuses = Client {
        accepts: false,
        ..Client::default()
    };
    let (_, still_paid) = deal(settings(), refuses, 1);
    assert!(still_paid >= paid, "{still_paid} {paid}");
}

#[test]
fn withheld_input_should_cost_the_client_and_no_worker() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        let withholds = Client {
            delivers: false,
            ..Client::default()
        };
        network.clients.insert(cast.client.clone(), withholds);
        let before = wealth_by_owner(&cast);
        let client = wealth([&cast.client]);
        let job = network.submit(&cast.client, None);
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        assert!(client > wealth([&cast.client]));
        let after = wealth_by_owner(&cast);
        assert!(after.iter().all(|(owner, wealth)| *wealth >= before[owner]));
        let gained: u128 = after.iter().map(|(owner, wealth)| wealth - before[owner]).sum();
        assert!(gained > 0, "the second one's time is paid");
        let strikes = pallet_provider_staking::Workers::<Runtime>::iter_values().map(|worker| worker.strikes);
        assert_eq!(strikes.map(u32::from).sum::<u32>(), 0);
    });
}

#[test]
fn challenge_should_cost_nothing_and_find_the_cheat_when_the_result_is_wrong() {
    network(rarely(), |network| {
        let cast = Cast::new(network);
        let challenges = Client {
            challenges: true,
            ..Client::default()
        };
        network.clients.insert(cast.client.clone(), challenges);
        let cheat = Conduct::delivering(Quality::OtherWriter);
        network.conduct.insert(cast.worker.worker.clone(), cheat);
        let client = wealth([&cast.client]);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        assert_eq!(until_accused(network, &cast.worker.owner), Offence::WrongResult);
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        assert!(client - wealth([&cast.client]) < FEES);
        assert!(stake_of(&cast.worker.owner) <= STAKE - STAKE / 20);
    });
}

#[test]
fn other_peoples_results_should_be_out_of_reach() {
    network(rarely(), |network| {
        let cast = Cast::new(network);
        let stranger = network.rich();
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.until("committed", |_| state(job) == JobState::Committed);
        let subject = pallet_job_market::types::subject(job, 0);
        let secret = super::super::people::SECRET;
        type Call = pallet_verification::Call<Runtime>;
        for call in [
            Call::accept { subject, secret },
            Call::challenge { subject },
            Call::demand_data {
                subject,
                key: [1; 32],
            },
            Call::audit_commit {
                subject,
                hash: Default::default(),
            },
        ] {
            assert!(matches!(network.send(&stranger, call), Err(Refusal::Failed(_))));
        }
        assert_ok!(network.send(&stranger, frame_system::Call::remark { remark: vec![] }));
        network.settle();
        assert_eq!(state(job), JobState::Settled);
    });
}
