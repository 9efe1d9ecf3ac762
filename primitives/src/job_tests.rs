use super::*;

#[test]
fn ledger_total_should_count_every_field_when_each_holds_something() {
    let ledger = JobLedger {
        escrowed: 1_000,
        held: 1,
        provider: 2,
        validators: 4,
        treasury: 8,
        audit_fund: 16,
        audit_premium: 32,
        refunded: 64,
    };
    // Powers of two: a field left out or counted twice gives another sum.
    assert_eq!(ledger.total(), Some(127));
}

#[test]
fn ledger_total_should_be_none_when_it_overflows() {
    let ledger = JobLedger {
        held: u128::MAX,
        audit_premium: 1,
        ..Default::default()
    };
    assert_eq!(ledger.total(), None);
}

#[test]
fn history_events_should_keep_their_numbers_when_new_ones_are_appended() {
    let events = [
        (JobHistoryEvent::<u32>::Submitted, vec![0]),
        (JobHistoryEvent::Expired, vec![11]),
        (JobHistoryEvent::Audited, vec![12]),
        (JobHistoryEvent::Disputed, vec![13]),
        (JobHistoryEvent::JudgedWrong { attempt: 3 }, vec![14, 3]),
    ];
    for (event, bytes) in events {
        assert_eq!(event.encode(), bytes);
        assert_eq!(JobHistoryEvent::decode(&mut &bytes[..]), Ok(event));
    }
}
