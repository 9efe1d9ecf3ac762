//! Families of accounts that deal with themselves.

use super::*;
use crate::RuntimeEvent;

/// Owners, workers and client of one person.
struct Family {
    providers: Vec<Provider>,
    client: AccountId,
}

impl Family {
    fn new(network: &mut Network, owners: usize) -> Self {
        Self {
            providers: network.providers(owners, STAKE),
            client: network.rich(),
        }
    }

    fn wealth(&self) -> u128 {
        wealth(
            self.providers
                .iter()
                .flat_map(Provider::accounts)
                .chain([&self.client]),
        )
    }

    /// All of them say and sit as it suits the family.
    fn collude(&self, network: &mut Network, quality: Quality) {
        let conduct = Conduct {
            quality,
            ..Conduct::seated(Audits::AsTheWorkerSays)
        };
        for provider in &self.providers {
            network.conduct.insert(provider.worker.clone(), conduct);
        }
    }
}

#[test]
fn wash_loop_should_lose_money_with_every_job_even_when_all_auditors_are_its_own() {
    network(Settings::default(), |network| {
        let family = Family::new(network, 5);
        family.collude(network, Quality::OtherModel);
        let (mut before, worker) = (family.wealth(), family.providers[0].worker.clone());
        let honest = network.provider(STAKE);
        // Nobody else serves the model for now, as in a captive one.
        network
            .send(
                &honest.owner,
                pallet_provider_staking::Call::drain {
                    worker: honest.worker,
                },
            )
            .expect("it can pause");
        for round in 0..6 {
            let job = network.submit(&family.client, Some(&worker));
            network.settle();
            assert_eq!(state(job), JobState::Settled, "they agree with each other");
            let after = family.wealth();
            // At least the protocol's fee on a price of about 1 OGPU, less its part that feeds the audit fund.
            assert!(before - after >= OGPU / 25, "round {round}: {before} {after}");
            before = after;
        }
    });
}

#[test]
fn wash_loop_should_make_one_audit_a_day_count_for_a_client() {
    network(Settings::default(), |network| {
        let family = Family::new(network, 4);
        family.collude(network, Quality::OtherModel);
        let worker = family.providers[0].worker.clone();
        let begin = super::super::chain::now();
        for _ in 0..4 {
            network.submit(&family.client, Some(&worker));
            network.settle();
        }
        let days = u64::from((super::super::chain::now() - begin) / 100 + 1);
        assert!(passed(&family.providers[0].owner) <= 1_000 * days);
        assert!(passed(&family.providers[0].owner) > 0);
    });
}

#[test]
fn client_should_be_refused_its_own_worker() {
    network(Settings::default(), |network| {
        let provider = network.provider(STAKE);
        let request = network.request(&provider.owner, Some(&provider.worker), 3 * OGPU);
        let submit = pallet_job_market::Call::submit { request };
        assert!(matches!(
            network.send(&provider.owner, submit),
            Err(Refusal::Failed(_))
        ));
    });
}

#[test]
fn captive_model_should_bring_its_owners_nothing_when_one_honest_auditor_is_drawn() {
    network(Settings::default(), |network| {
        // A worker and one honest owner: too few for a jury of three.
        let family = Family::new(network, 2);
        family.collude(network, Quality::OtherModel);
        let honest = network.provider(STAKE);
        let client = network.rich();
        let (before, honest_before) = (family.wealth(), wealth(honest.accounts()));
        let client_before = wealth([&client]);
        let (mut refunded, mut too_small) = (0, 0);
        for _ in 0..8 {
            let job = network.submit(&client, Some(&family.providers[0].worker));
            network.until("final", |network| {
                too_small += jury_too_small();
                network.jobs_are_final()
            });
            network.settle();
            refunded += u32::from(state(job) == JobState::Refunded);
        }
        assert!(refunded > 0, "the honest one was drawn at least once in eight");
        assert!(too_small >= refunded);
        assert_eq!(stake_of(&family.providers[0].owner), STAKE, "too few to slash");
        assert!(wealth(honest.accounts()) >= honest_before);
        // What the family was paid was paid by its client, for results that its own auditors passed: nothing else.
        let paid = client_before - wealth([&client]);
        assert!(family.wealth() <= before + paid);
    });
}

/// Juries that were too small in this block.
fn jury_too_small() -> u32 {
    let is_it = |event: &RuntimeEvent| {
        matches!(
            event,
            RuntimeEvent::Verification(pallet_verification::Event::JuryTooSmall { .. })
        )
    };
    crate::System::events()
        .iter()
        .filter(|record| is_it(&record.event))
        .count() as u32
}

#[test]
fn cheat_should_lose_on_average_when_a_third_of_the_auditors_are_its_own() {
    let settings = Settings {
        second_ppm: 250_000,
        jury: 9,
        jury_minimum: 9,
        ..Settings::default()
    };
    network(settings, |network| {
        let family = Family::new(network, 5);
        family.collude(network, Quality::OtherModel);
        network.providers(10, STAKE);
        let client = network.rich();
        let before = family.wealth();
        for _ in 0..12 {
            network.submit(&client, Some(&family.providers[0].worker));
            network.settle();
        }
        assert!(family.wealth() < before, "{} {before}", family.wealth());
    });
}
