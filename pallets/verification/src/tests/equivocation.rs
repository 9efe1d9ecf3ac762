use super::fixture::*;
use crate::{mock::*, Error, Event, Verdict};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use ogpu_primitives::{
    receipt::{Receipt, SignedReceipt},
    CheckStage, H256,
};
use sp_core::{sr25519, Pair};

fn receipt() -> Receipt {
    let genesis = System::block_hash(0);
    Receipt::new(genesis, key(1), &commitment())
}

fn signed_by(key: &sr25519::Pair, receipt: Receipt) -> SignedReceipt {
    SignedReceipt {
        receipt,
        signature: key.sign(&receipt.signing_payload()).0,
    }
}

pub fn sign(receipt: Receipt) -> SignedReceipt {
    signed_by(&prover_key(), receipt)
}

fn other() -> Receipt {
    Receipt {
        root: H256::repeat_byte(1),
        ..receipt()
    }
}

fn report(
    first: SignedReceipt,
    second: Option<SignedReceipt>,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    Verification::report_equivocation(signed(seat(30)), Box::new(first), second.map(Box::new))
}

#[test]
fn worker_should_be_punished_when_its_receipt_is_not_its_commitment() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        run_ticks(3);
        let info = report(sign(other()), None).expect("two results");
        assert_eq!(info.pays_fee, Pays::No);
        assert!(events().contains(&Event::EquivocationProved {
            subject: it(),
            worker: prover(),
        }));
        run_ticks(1);
        assert_eq!(
            heard(),
            [
                Told::Equivocated(prover(), prover_owner()),
                Told::Verdict(it(), Verdict::Wrong)
            ]
        );
        assert_noop!(report(sign(other()), None), Error::<Test>::AlreadyProved);
    });
}

#[test]
fn worker_should_be_punished_when_two_receipts_contradict_each_other() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        draw();
        let counts = Receipt {
            n_out: TOKENS + 1,
            ..other()
        };
        assert_ok!(report(sign(other()), Some(sign(counts))));
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Wrong));
    });
}

#[test]
fn auditors_should_be_paid_when_an_equivocation_ends_their_audit() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        first_commits(&passing());
        assert_ok!(report(sign(other()), None));
        run_ticks(1);
        assert_eq!(Balances::free_balance(seat_owner(0)), FUNDS + FEE);
    });
}

#[test]
fn worker_should_be_punished_when_the_verdict_was_given_before() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        audit(passing());
        heard();
        assert_ok!(report(sign(other()), None));
        run_ticks(100);
        assert_eq!(heard(), [Told::Equivocated(prover(), prover_owner())]);
        assert_eq!(
            (record().verdict, stage()),
            (Some(Verdict::Pass), CheckStage::Closed)
        );
        assert_noop!(report(sign(other()), None), Error::<Test>::AlreadyProved);
    });
}

#[test]
fn check_should_end_when_an_equivocation_is_proved_while_data_is_demanded() {
    ExtBuilder::default().build_and_execute(|| {
        commit(work());
        assert_ok!(Verification::demand_data(signed(client()), it(), [1; 32]));
        assert_ok!(report(sign(other()), None));
        run_ticks(1);
        assert_eq!(record().verdict, Some(Verdict::Wrong));
        assert_eq!(Balances::free_balance(client()), FUNDS);
    });
}

#[test]
fn report_should_be_refused_when_it_proves_nothing() {
    ExtBuilder::default().build_and_execute(|| {
        assert_noop!(report(sign(other()), None), Error::<Test>::UnknownSubject);
        commit(work());
        let elsewhere = Receipt {
            genesis: H256::repeat_byte(9),
            ..other()
        };
        let other_work = Receipt {
            work: key(2),
            ..receipt()
        };
        let stranger = sr25519::Pair::from_seed(&[1; 32]);
        let cases = [
            (sign(receipt()), None, Error::<Test>::ReceiptsAgree),
            (sign(other()), Some(sign(other())), Error::<Test>::ReceiptsAgree),
            (sign(elsewhere), None, Error::<Test>::ReceiptOfOtherChain),
            (
                sign(receipt()),
                Some(sign(elsewhere)),
                Error::<Test>::ReceiptOfOtherChain,
            ),
            (
                sign(receipt()),
                Some(sign(other_work)),
                Error::<Test>::ReceiptOfOtherWork,
            ),
            (sign(other_work), None, Error::<Test>::UnknownSubject),
            (
                signed_by(&stranger, other()),
                None,
                Error::<Test>::BadReceiptSignature,
            ),
            (
                sign(receipt()),
                Some(signed_by(&stranger, other())),
                Error::<Test>::BadReceiptSignature,
            ),
        ];
        for (first, second, error) in cases {
            assert_noop!(report(first, second), error);
        }
        assert_eq!(heard(), []);
    });
}
