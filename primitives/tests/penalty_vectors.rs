//! Penalties, juries, reputation and receipts against a second implementation:
//! `scripts/make-primitive-vectors.py` writes `vectors/penalty.json`.

use ogpu_primitives::{
    fees, jury, penalty, Commitment, FinishReason, JuryOutcome, Receipt, Standing, WorkKey, H256,
};
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/vectors/penalty.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: Value = serde_json::from_str(&text).unwrap();
    let cases = file[name].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn number<N: TryFrom<u64, Error: core::fmt::Debug>>(value: &Value) -> N {
    N::try_from(value.as_u64().unwrap()).unwrap()
}

fn big(value: &Value) -> u128 {
    value.as_str().unwrap().parse().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap().strip_prefix("0x").unwrap();
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn hash(value: &Value) -> H256 {
    H256::from_slice(&bytes(value))
}

#[test]
fn audit_rate_should_give_the_vectors() {
    for case in cases("rates") {
        let passed = u64::try_from(big(&case[0])).unwrap();
        let rate = penalty::audit_rate_ppm(passed, number(&case[1]), number(&case[2]));
        assert_eq!(rate, number::<u32>(&case[3]), "{case}");
    }
}

#[test]
fn chances_should_give_the_vectors() {
    for case in cases("chances") {
        let evasion = penalty::evasion_ppm(number(&case[0]), number(&case[1]));
        assert_eq!(evasion, number::<u32>(&case[4]), "{case}");
        let caught = penalty::catch_ppm(number(&case[2]), number(&case[3]), evasion);
        assert_eq!(caught, number::<u32>(&case[5]), "{case}");
    }
}

#[test]
fn penalties_should_give_the_vectors() {
    for case in cases("amounts") {
        let (stake, price, fee) = (big(&case["stake"]), big(&case["price"]), big(&case["fee"]));
        let (caught, earlier) = (number(&case["catch_ppm"]), number(&case["earlier"]));
        let expected = |name: &str| big(&case[name]);
        assert_eq!(penalty::job_cap(stake, caught), expected("job_cap"), "{case}");
        let wrong = penalty::wrong_result(stake, price, caught, earlier);
        assert_eq!(wrong, expected("wrong_result"), "{case}");
        let false_pass = penalty::false_pass(stake, price, fee);
        assert_eq!(false_pass, expected("false_pass"), "{case}");
        let false_dissent = penalty::false_dissent(stake, fee);
        assert_eq!(false_dissent, expected("false_dissent"), "{case}");
    }
}

#[test]
fn premiums_should_give_the_vectors() {
    for case in cases("premiums") {
        let premium = fees::premium(big(&case[0]), number(&case[1]), number(&case[2]));
        assert_eq!(premium, big(&case[3]), "{case}");
    }
}

#[test]
fn juries_should_give_the_vectors() {
    let mut outcomes = cases("juries").into_iter();
    for seats in 0..24 {
        for against in 0..=seats {
            for for_worker in 0..=seats - against {
                let expected = match number::<u8>(&outcomes.next().unwrap()) {
                    0 => JuryOutcome::Guilty,
                    1 => JuryOutcome::Unclear,
                    2 => JuryOutcome::Innocent,
                    _ => JuryOutcome::Undecided,
                };
                let found = jury::count(seats, against, for_worker);
                assert_eq!(found, expected, "{seats} seats: {against} to {for_worker}");
            }
        }
    }
    assert_eq!(outcomes.next(), None);
}

#[test]
fn standings_should_decay_as_the_vectors() {
    for case in cases("standings") {
        let standing = Standing {
            passed_milli: number(&case[0]),
            failed_milli: number(&case[1]),
            at: 7,
        };
        let now = 7 + number::<u32>(&case[2]);
        let expected = Standing {
            passed_milli: number(&case[3]),
            failed_milli: number(&case[4]),
            at: now,
        };
        assert_eq!(standing.decayed(now), expected, "{case}");
    }
}

#[test]
fn receipts_should_be_signed_as_the_vectors() {
    for case in cases("receipts") {
        let commitment = Commitment {
            root: hash(&case["root"]),
            output: H256::repeat_byte(3),
            n_in: number(&case["n_in"]),
            n_out: number(&case["n_out"]),
            finish: [FinishReason::Stop, FinishReason::Length, FinishReason::Complete]
                [number::<usize>(&case["finish"])],
        };
        let work = WorkKey {
            job: hash(&case["job"]),
            segment: number(&case["segment"]),
            attempt: number(&case["attempt"]),
        };
        let receipt = Receipt::new(hash(&case["genesis"]), work, &commitment);
        assert_eq!(receipt.signing_payload(), bytes(&case["payload"]));
    }
}
