use super::*;

fn receipt() -> Receipt {
    Receipt {
        genesis: H256::repeat_byte(1),
        work: WorkKey {
            job: H256::repeat_byte(2),
            segment: 0,
            attempt: 1,
        },
        root: H256::repeat_byte(3),
        n_in: 7,
        n_out: 9,
        finish: FinishReason::Stop,
    }
}

fn commitment() -> Commitment {
    Commitment {
        root: H256::repeat_byte(3),
        output: H256::repeat_byte(4),
        n_in: 7,
        n_out: 9,
        finish: FinishReason::Stop,
    }
}

/// Each field that says something of the result, changed alone.
fn other_results() -> [Receipt; 4] {
    [
        Receipt {
            root: H256::repeat_byte(9),
            ..receipt()
        },
        Receipt { n_in: 8, ..receipt() },
        Receipt {
            n_out: 8,
            ..receipt()
        },
        Receipt {
            finish: FinishReason::Length,
            ..receipt()
        },
    ]
}

/// The same result of other work.
fn other_works() -> [Receipt; 3] {
    let work = receipt().work;
    [
        Receipt {
            genesis: H256::repeat_byte(9),
            ..receipt()
        },
        Receipt {
            work: WorkKey { attempt: 2, ..work },
            ..receipt()
        },
        Receipt {
            work: WorkKey {
                job: H256::repeat_byte(9),
                ..work
            },
            ..receipt()
        },
    ]
}

#[test]
fn signing_payload_should_be_tag_and_scale_when_built() {
    let payload = receipt().signing_payload();
    assert_eq!(&payload[..16], b"ogpu/receipt/v1\0");
    assert_eq!(&payload[16..48], &[1; 32]);
    assert_eq!(Receipt::decode(&mut &payload[16..]), Ok(receipt()));
    assert_eq!(payload.len(), 16 + Receipt::max_encoded_len());
}

#[test]
fn signing_payload_should_differ_when_one_field_does() {
    for other in other_results().into_iter().chain(other_works()) {
        assert_ne!(other.signing_payload(), receipt().signing_payload());
    }
}

#[test]
fn receipt_should_agree_only_when_the_commitment_has_the_same_result() {
    assert_eq!(
        Receipt::new(receipt().genesis, receipt().work, &commitment()),
        receipt()
    );
    assert!(receipt().agrees(&commitment()));
    assert!(other_results().iter().all(|other| !other.agrees(&commitment())));
}

#[test]
fn receipt_should_agree_when_only_the_encryption_differs() {
    let commitment = Commitment {
        output: H256::repeat_byte(8),
        ..commitment()
    };
    assert!(receipt().agrees(&commitment));
}

#[test]
fn receipts_should_contradict_only_when_one_work_has_two_results() {
    assert!(!receipt().contradicts(&receipt()));
    assert!(other_results().iter().all(|other| receipt().contradicts(other)));
    assert!(other_works().iter().all(|other| !receipt().contradicts(other)));
    let both = Receipt {
        n_in: 8,
        ..other_works()[0]
    };
    assert!(!receipt().contradicts(&both));
}

#[test]
fn signed_receipt_should_survive_its_bytes() {
    let signed = SignedReceipt {
        receipt: receipt(),
        signature: [5; 64],
    };
    let bytes = signed.encode();
    assert_eq!(bytes.len(), SignedReceipt::max_encoded_len());
    assert_eq!(SignedReceipt::decode(&mut &bytes[..]), Ok(signed));
}
