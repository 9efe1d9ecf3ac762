//! Data that is not handed over.

use super::*;
use frame_support::assert_ok;

fn demanding(network: &mut Network, client: &AccountId) {
    let demands = Client {
        demands: true,
        ..Client::default()
    };
    network.clients.insert(client.clone(), demands);
}

#[test]
fn no_delivery_should_cost_as_much_as_a_wrong_result_and_the_client_nothing() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        demanding(network, &cast.client);
        let keeps = Conduct {
            posts: false,
            ..Conduct::default()
        };
        network.conduct.insert(cast.worker.worker.clone(), keeps);
        let (client, honest) = (wealth([&cast.client]), wealth(&cast.honest()));
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        assert_eq!(until_accused(network, &cast.worker.owner), Offence::DataNotPosted);
        network.settle();
        assert_eq!(state(job), JobState::Refunded);
        assert!(STAKE - stake_of(&cast.worker.owner) >= STAKE / 20);
        assert!(client - wealth([&cast.client]) < FEES, "the bond came back");
        assert!(wealth(&cast.honest()) + FEES >= honest);
    });
}

#[test]
fn late_data_should_cost_a_strike_only_when_it_is_posted_in_the_end() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        demanding(network, &cast.client);
        let worker = cast.worker.worker.clone();
        let restarts = Conduct {
            posts: false,
            ..Conduct::default()
        };
        network.conduct.insert(worker.clone(), restarts);
        let job = network.submit(&cast.client, Some(&worker));
        let strikes = |worker| {
            pallet_provider_staking::Workers::<Runtime>::get(worker)
                .expect("paired")
                .strikes
        };
        let struck = worker.clone();
        network.until("struck", |_| strikes(&struck) == 1);
        network.conduct.remove(&worker);
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert_eq!(stake_of(&cast.worker.owner), STAKE);
    });
}

#[test]
fn auditor_should_get_its_data_on_chain_while_the_check_waits() {
    network(Settings::default(), |network| {
        let cast = Cast::new(network);
        for other in &cast.others {
            network
                .conduct
                .insert(other.worker.clone(), Conduct::auditing(Audits::Never));
        }
        let before = wealth_by_owner(&cast);
        let job = network.submit(&cast.client, Some(&cast.worker.worker));
        network.until("a seat is drawn", |_| !seats(job).is_empty());
        let seat = seats(job).remove(0);
        let subject = pallet_job_market::types::subject(job, 0);
        let demand = pallet_verification::Call::demand_data {
            subject,
            key: [1; 32],
        };
        assert_ok!(network.send(&seat.worker, demand.clone()));
        let again = network.send(&seat.worker, demand);
        assert!(matches!(again, Err(Refusal::Failed(_))), "one demand is enough");
        network.conduct.remove(&seat.worker);
        network.settle();
        assert_eq!(state(job), JobState::Settled);
        assert_eq!(seats(job)[0].owner, seat.owner, "nobody else was needed");
        let after = wealth_by_owner(&cast);
        // It paid for half of the posting and was paid for the audit.
        assert!(after[&seat.owner] + OGPU / 20 + FEES >= before[&seat.owner]);
        assert!(after[&cast.worker.owner] > before[&cast.worker.owner]);
    });
}
