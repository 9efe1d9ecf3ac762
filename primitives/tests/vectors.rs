//! Every format against a second implementation: `scripts/make-primitive-vectors.py` writes `vectors/*.json`.

use ogpu_primitives::{
    evidence, fees, job, merkle, pricing, sampler, supply, FeeRates, FeeSplit, FinishReason, GenerateParams,
    WorkKey,
};
use serde_json::Value;
use sp_core::H256;

fn vectors(name: &str) -> Value {
    let path = format!("{}/tests/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number<N: TryFrom<i64, Error: core::fmt::Debug>>(value: &Value) -> N {
    N::try_from(value.as_i64().unwrap()).unwrap()
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

fn numbers(value: &Value) -> Vec<u32> {
    list(value).iter().map(number).collect()
}

fn generate_params(value: &Value) -> GenerateParams {
    GenerateParams {
        max_output_tokens: number(&value["max_output_tokens"]),
        temperature_milli: number(&value["temperature_milli"]),
        top_k: number(&value["top_k"]),
        top_p_ppm: number(&value["top_p_ppm"]),
        min_p_ppm: number(&value["min_p_ppm"]),
        repetition_penalty_milli: number(&value["repetition_penalty_milli"]),
        presence_penalty_milli: number(&value["presence_penalty_milli"]),
        frequency_penalty_milli: number(&value["frequency_penalty_milli"]),
        seed: hash(&value["seed"]).0,
        stop_tokens: numbers(&value["stop_tokens"]).try_into().unwrap(),
    }
}

fn work(value: &Value) -> WorkKey {
    WorkKey {
        job: hash(&value["job"]),
        segment: number(&value["segment"]),
        attempt: number(&value["attempt"]),
    }
}

#[test]
fn sampler_parts_should_give_the_vectors() {
    let file = vectors("sampler");
    let seed = hash(&file["noise"]["seed"]);
    for value in list(&file["noise"]["values"]) {
        let noise = sampler::noise(&seed, number(&value["position"]), number(&value["token"]));
        assert_eq!(noise, number::<i32>(&value["noise_q16"]), "{value}");
    }
    for pair in list(&file["gumbel"]) {
        assert_eq!(
            sampler::gumbel(number(&pair[0])),
            number::<i32>(&pair[1]),
            "{pair}"
        );
    }
    for pair in list(&file["exp_neg_q31"]) {
        assert_eq!(
            sampler::exp_neg_q31(number(&pair[0])),
            number::<u64>(&pair[1]),
            "{pair}"
        );
    }
    for case in list(&file["perturbed"]) {
        let score = sampler::perturbed(number(&case[0]), number(&case[1]), number(&case[2]));
        assert_eq!(score, number::<i64>(&case[3]), "{case}");
    }
}

#[test]
fn sampler_should_give_the_tokens_of_the_vectors() {
    for job in list(&vectors("sampler")["jobs"]) {
        let params = generate_params(&job["params"]);
        let sampler = sampler::Sampler::new(&hash(&job["genesis"]), &hash(&job["model"]), &params);
        assert_eq!(*sampler.seed(), hash(&job["seed"]));
        for step in list(&job["steps"]) {
            let logits = list(&step["logits"])
                .iter()
                .map(|pair| (number(&pair[0]), number(&pair[1])));
            let candidates = sampler::top_candidates(logits);
            assert_eq!(
                sampler::candidate_set(&candidates, &(&params).into()),
                number::<u32>(&step["kept"]) as usize
            );
            assert_eq!(
                sampler.next_token(number(&step["position"]), &candidates),
                Some(number(&step["token"]))
            );
        }
    }
}

#[test]
fn evidence_should_give_the_roots_of_the_vectors() {
    let file = vectors("evidence");
    for tree in list(&file["trees"]) {
        let leaves: Vec<H256> = list(&tree["leaves"]).iter().map(hash).collect();
        assert_eq!(merkle::root(&leaves), hash(&tree["root"]));
    }
    for output in list(&file["outputs"]) {
        let finish = if output["finish"] == 0 {
            FinishReason::Stop
        } else {
            FinishReason::Length
        };
        let (worker, ids) = (hash(&output["worker"]).0, numbers(&output["ids"]));
        let root = evidence::commitment_root(&worker, &work(output), &ids, number(&output["n_in"]), finish);
        assert_eq!(root, hash(&output["root"]));
    }
    for embedding in list(&file["embeddings"]) {
        let (worker, vector) = (hash(&embedding["worker"]).0, bytes(&embedding["vector"]));
        let root = evidence::embedding_root(&worker, &work(embedding), &vector, number(&embedding["n_in"]));
        assert_eq!(root, hash(&embedding["root"]));
    }
}

#[test]
fn job_hashes_should_give_the_vectors() {
    let file = vectors("evidence");
    let input = &file["input"];
    let commitment = job::input_commitment(&hash(&input["salt"]).0, &numbers(&input["ids"]));
    assert_eq!(commitment, hash(&input["commitment"]));
    for value in list(&file["job_ids"]) {
        let client = hash(&value["client"]);
        let id = job::job_id(
            &hash(&value["genesis"]),
            &client,
            value["nonce"].as_u64().unwrap(),
        );
        assert_eq!(id, hash(&value["id"]));
    }
}

#[test]
fn money_should_give_the_vectors() {
    let file = vectors("money");
    for value in list(&file["prices"]) {
        let price = pricing::price(
            big(&value["work_milli_cu"]),
            big(&value["index"]),
            number(&value["ask_permille"]),
        );
        assert_eq!(price, big(&value["price"]), "{value}");
    }
    for value in list(&file["splits"]) {
        let rates = numbers(&value["rates"]);
        let rates = FeeRates {
            protocol_ppm: rates[0],
            validators_ppm: rates[1],
            treasury_ppm: rates[2],
            audit_premium_ppm: rates[3],
        };
        let shares: Vec<u128> = list(&value["shares"]).iter().map(big).collect();
        let expected = FeeSplit {
            provider: shares[0],
            validators: shares[1],
            treasury: shares[2],
            audit_fund: shares[3],
        };
        assert_eq!(fees::split(big(&value["price"]), &rates), expected, "{value}");
    }
    for value in list(&file["budgets"]) {
        let budget = supply::era_budget(
            number(&value["era"]),
            big(&value["initial"]),
            number(&value["halving"]),
        );
        assert_eq!(budget, big(&value["budget"]), "{value}");
    }
}
