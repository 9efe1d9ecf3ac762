use crate::{mock::*, Agenda, AgendaCursor, AgendaItem, AgendaKind, WeightInfo};
use frame_support::weights::Weight;
use ogpu_primitives::{JobId, JobState};

/// Weight for opening `ticks` ticks and doing `items` things in one block.
fn share(ticks: u64, items: u64) -> Weight {
    <() as WeightInfo>::service_agenda_base()
        + <() as WeightInfo>::service_agenda_tick() * ticks
        + (JobMarket::agenda_look_weight() + JobMarket::agenda_item_weight()) * items
}

fn ten_jobs() -> Vec<JobId> {
    register();
    (0..10).map(|nonce| submit_as(CLIENT, request(nonce))).collect()
}

fn expired(ids: &[JobId]) -> usize {
    ids.iter().filter(|id| job(id).state == JobState::Expired).count()
}

#[test]
fn agenda_should_carry_over_when_the_meter_is_tiny() {
    ExtBuilder.build_and_execute(|| {
        let ids = ten_jobs();
        run_blocks(199);
        AgendaShare::set(share(2, 3));
        run_block();
        assert_eq!(expired(&ids), 3);
        assert_eq!(AgendaCursor::<Test>::get(), (201, 3));
        check_state();
        // What is due is due, whether the clock moves or not.
        run_block_without_tick();
        assert_eq!(expired(&ids), 6);
        run_blocks(2);
        assert_eq!(expired(&ids), 10);
        // First in, first out.
        assert_eq!(balance(CLIENT), FUNDS);
        assert_eq!(AgendaCursor::<Test>::get(), (204, 0));
    });
}

#[test]
fn agenda_should_stand_still_when_the_meter_allows_nothing() {
    ExtBuilder.build_and_execute(|| {
        let ids = ten_jobs();
        AgendaShare::set(Weight::zero());
        run_blocks(300);
        assert_eq!(expired(&ids), 0);
        assert_eq!(AgendaCursor::<Test>::get(), (0, 0));
        AgendaShare::set(share(400, 10));
        run_block();
        assert_eq!(expired(&ids), 10);
    });
}

/// The dearest report that the tests below know.
const DEAREST: Weight = Weight::from_parts(1_000_000_000, 0);

#[test]
fn agenda_should_wait_when_the_dearest_report_does_not_fit() {
    ExtBuilder.build_and_execute(|| {
        let id = acknowledged();
        run_blocks(197);
        AgendaShare::set(share(2, 1));
        MaxReportWeight::set(DEAREST);
        run_blocks(3);
        assert_eq!(job(&id).state, JobState::Acknowledged);
        // From now on, `share` has room for a report.
        AgendaShare::set(share(10, 1));
        run_block();
        assert_eq!(job(&id).state, JobState::Expired);
        assert_eq!(Offences::get().len(), 1);
    });
}

#[test]
fn agenda_should_be_charged_what_a_report_took_when_that_is_less_than_the_most() {
    ExtBuilder.build_and_execute(|| {
        add_worker(
            WORKER,
            MockWorker {
                slots: 10,
                ..Default::default()
            },
        );
        let ids = ten_jobs();
        run_blocks(2 + 14);
        let cheap = Weight::from_parts(1_000, 0);
        MaxReportWeight::set(DEAREST);
        ReportWeight::set(cheap);
        let item = JobMarket::agenda_look_weight() + <() as WeightInfo>::service_acknowledge() + cheap;
        AgendaShare::set(share(1, 0) + item * 10 + DEAREST);
        run_block();
        assert!(ids.iter().all(|id| job(id).attempt == 1));
        assert_eq!(Offences::get().len(), 10);
    });
}

#[test]
fn agenda_should_charge_no_report_when_nobody_has_the_job() {
    ExtBuilder.build_and_execute(|| {
        let ids = ten_jobs();
        run_blocks(199);
        let room = share(2, 10);
        MaxReportWeight::set(DEAREST);
        AgendaShare::set(room);
        run_block();
        assert_eq!(expired(&ids), 10);
    });
}

#[test]
fn item_should_go_to_the_next_tick_when_its_own_has_passed() {
    ExtBuilder.build_and_execute(|| {
        let id = submit();
        run_blocks(5);
        let item = AgendaItem {
            job: id,
            attempt: 0,
            what: AgendaKind::Prune,
        };
        for past in [0, 3, 6] {
            JobMarket::schedule(past, item);
        }
        assert_eq!(Agenda::<Test>::iter_prefix(7).count(), 3);
        // A job that is not final is not pruned.
        run_block();
        assert_eq!(job(&id).state, JobState::Open);
    });
}
