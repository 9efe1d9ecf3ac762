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

#[test]
fn replica_id_should_be_that_of_the_written_rule() {
    // BLAKE2b-256 of the tag, padded to 16 bytes, the primary's id and the index: made with another program.
    let expected = "0x031832cbed67f90f7ba6e2eeb62b0b9aeb7782a22c325b820fd4e5718da56850";
    let id = replica_id(&JobId::repeat_byte(0x11), 1);
    assert_eq!(format!("{id:?}"), expected);
}

#[test]
fn ids_of_jobs_replicas_and_comparisons_should_differ_when_they_are_of_the_same_bytes() {
    let primary = job_id(&H256::zero(), &7u32, 1);
    let ids = [
        primary,
        replica_id(&primary, 0),
        replica_id(&primary, 1),
        replica_id(&replica_id(&primary, 1), 1),
        comparison_id(&primary.0),
        secret_hash(&primary.0),
    ];
    for (at, id) in ids.iter().enumerate() {
        assert!(!ids[..at].contains(id), "{at}");
    }
}
