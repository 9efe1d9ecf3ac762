//! The hooks' largest steps against their shares: what does not fit stands still for ever.

use crate::{configs::compute::WindowShare, RuntimeEvent, System, Verification, OGPU};

#[test]
fn largest_step_of_a_check_should_fit_its_share_with_the_largest_jury() {
    for jury in [3, 15, 21] {
        let settings = super::Settings {
            jury,
            ..Default::default()
        };
        super::network(settings, |_| {
            let (step, share) = (Verification::largest_step(), WindowShare::get());
            assert!(step.all_lte(share), "jury of {jury}: {step:?} of {share:?}");
        });
    }
}

#[test]
fn hook_should_settle_many_results_in_one_block_when_nobody_audits_them() {
    let settings = super::Settings {
        most_rate_ppm: 1_000,
        least_rate_ppm: 1_000,
        price: OGPU / 1_000,
        ..Default::default()
    };
    super::network(settings, |network| {
        network.providers(12, 400 * OGPU);
        let client = network.rich();
        for _ in 0..100 {
            network.submit(&client, None);
        }
        let mut most = 0;
        network.until("settled", |network| {
            most = most.max(settled_now());
            network.jobs_are_final()
        });
        // Fewer than five a second would bound the whole market.
        assert!(most >= 10, "{most}");
    });
}

/// Jobs that were paid in this block.
fn settled_now() -> usize {
    let is_settled = |event: &RuntimeEvent| {
        matches!(
            event,
            RuntimeEvent::JobMarket(pallet_job_market::Event::JobSettled { .. })
        )
    };
    System::events()
        .iter()
        .filter(|record| is_settled(&record.event))
        .count()
}
