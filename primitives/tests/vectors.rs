//! Every format against a second implementation: `scripts/make-primitive-vectors.py` writes `vectors/*.json`.

use codec::Encode;
use ogpu_primitives::{
    embedding, evidence, fees, float_bits, job, jury_sketch, merkle, poisson, pricing, sampler, supply,
    token_test, AuditReport, ChunkSketch, Ending, FeeRates, FeeSplit, FinishReason, GenerateParams,
    GenerateReport, JurySketcher, NumericProfile, ProfileParams, RunningSum, Sketcher, TokenTest,
    WhiteningTable, WorkKey,
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
        };
        let shares: Vec<u128> = list(&value["shares"]).iter().map(big).collect();
        let expected = FeeSplit {
            provider: shares[0],
            validators: shares[1],
            treasury: shares[2],
            audit_fund: shares[3],
            audit_premium: shares[4],
        };
        let split = fees::split(big(&value["price"]), &rates, big(&value["premium"]));
        assert_eq!(split, expected, "{value}");
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

fn whitening_table(value: &Value) -> WhiteningTable {
    WhiteningTable::new(
        number(&value["mean_shift"]),
        number(&value["scale_shift"]),
        list(&value["means"]).iter().map(number).collect(),
        list(&value["scales"]).iter().map(number).collect(),
    )
    .unwrap()
}

fn token_sums(value: &Value) -> Vec<[i16; 8]> {
    list(value)
        .iter()
        .map(|token| {
            let sums: Vec<i16> = list(token).iter().map(number).collect();
            sums.try_into().unwrap()
        })
        .collect()
}

#[test]
fn bf16_should_give_the_vectors() {
    for pair in list(&vectors("audit")["bf16"]) {
        let expected = (!pair[1].is_null()).then(|| number(&pair[1]));
        assert_eq!(float_bits::bf16_from_f32(number(&pair[0])), expected, "{pair}");
    }
}

#[test]
fn recorder_should_give_the_sketches_and_the_root_of_the_vectors() {
    for case in list(&vectors("audit")["sketches"]) {
        let table = whitening_table(&case["table"]);
        assert_eq!(table.hash(), hash(&case["table"]["hash"]));
        let (seed, job, units) = (hash(&case["seed"]), hash(&case["job"]), number(&case["units"]));
        let (mut recorder, mut sketcher) = (
            evidence::Recorder::new(&seed, &job, units),
            Sketcher::new(&seed, &job, units),
        );
        let sums = token_sums(&case["sums"]);
        for (position, state) in (0u32..).zip(list(&case["hidden"])) {
            let hidden: Vec<u16> = list(state).iter().map(number).collect();
            let token = sketcher.token(&table, position, &hidden).unwrap();
            assert_eq!(token, sums[position as usize]);
            recorder.push(&table, &hidden).unwrap();
        }
        let records = recorder.finish();
        for (record, sums) in records.iter().zip(sums.chunks(32)) {
            assert_eq!(Some(&record.sketch), ChunkSketch::from_tokens(sums).as_ref());
        }
        let chunks: Vec<_> = records.iter().map(evidence::ChunkRecord::evidence).collect();
        let work = WorkKey {
            job,
            segment: 0,
            attempt: number(&case["attempt"]),
        };
        let ids = numbers(&case["ids"]);
        let worker = hash(&case["worker"]).0;
        let leaves = evidence::generate_leaves(&worker, &work, &ids, 7, FinishReason::Length, &chunks);
        assert_eq!(merkle::root(&leaves), hash(&case["root"]));
    }
}

#[test]
fn token_limits_should_give_the_vectors() {
    for case in list(&vectors("audit")["limits"]) {
        assert_eq!(
            poisson::limit(number(&case[0]), number(&case[1])),
            number::<u32>(&case[2]),
            "{case}"
        );
    }
}

#[test]
fn token_margins_should_give_the_vectors() {
    let mut outside = 0;
    for case in list(&vectors("audit")["margins"]) {
        let params = &case["params"];
        let candidate = |pair: &Value| (number::<u32>(&pair[0]), number::<i64>(&pair[1]));
        let test = TokenTest {
            seed: &hash(&case["seed"]),
            sampling: sampler::SamplerParams {
                temperature_milli: number(&params["temperature_milli"]),
                top_k: number(&params["top_k"]),
                top_p_ppm: number(&params["top_p_ppm"]),
                min_p_ppm: number(&params["min_p_ppm"]),
            },
            slack_q16: number(&case["slack_q16"]),
        };
        let candidates: Vec<_> = list(&case["candidates"]).iter().map(candidate).collect();
        let margin = test.margin_q16(
            number(&case["position"]),
            &candidates,
            candidate(&case["emitted"]),
        );
        assert_eq!(margin, Ok(number(&case["margin_q16"])), "{case}");
        outside += u32::from(margin == Ok(token_test::OUTSIDE_MARGIN_Q16));
    }
    assert!((5..40).contains(&outside), "the vectors must hold both cases");
}

#[test]
fn running_sums_should_give_the_vectors() {
    for life in list(&vectors("audit")["running_sums"]) {
        let mut sum = RunningSum::default();
        for step in list(&life["steps"]) {
            let level = sum.add(number(&step[0]), number(&life["mean"]));
            assert_eq!(level as u8, number::<u8>(&step[1]), "{step}");
            assert_eq!(u128::from(sum.capital_milli()), big(&step[2]), "{step}");
        }
    }
}

#[test]
fn embedding_differences_should_give_the_vectors() {
    for case in list(&vectors("audit")["embeddings"]) {
        let found = embedding::difference(&bytes(&case["worker"]), &bytes(&case["auditor"])).unwrap();
        let expected = (big(&case["squares"]), big(&case["reference"]));
        assert_eq!((u128::from(found.squares), u128::from(found.reference)), expected);
    }
}

#[test]
fn report_should_give_the_bytes_and_the_commitment_of_the_vector() {
    let case = &vectors("audit")["report"];
    let records = token_sums(&case["sums"])
        .chunks(32)
        .map(|sums| evidence::ChunkRecord {
            sketch: ChunkSketch::from_tokens(sums).unwrap(),
            hidden: H256::zero(),
        })
        .collect();
    let params = ProfileParams::starting(NumericProfile::Bf16);
    let report = GenerateReport::new(&numbers(&case["margins_q16"]), records, true, true, &params).unwrap();
    assert!(matches!(report.ending, Ending::EndToken { .. }));
    let jury_sketch = ChunkSketch::from_tokens(&token_sums(&case["jury_sums"]));
    let report = AuditReport::Generate(report.with_jury_sketch(jury_sketch));
    assert_eq!(report.encode(), bytes(&case["scale"]));
    let commitment = report.commitment(&hash(&case["auditor"]).0, &hash(&case["salt"]).0);
    assert_eq!(commitment, hash(&case["commitment"]));
}

#[test]
fn jury_sketches_should_give_the_vectors() {
    for case in list(&vectors("audit")["juries"]) {
        let (key, n_out) = (hash(&case["key"]), number(&case["n_out"]));
        let positions = numbers(&case["positions"]);
        assert_eq!(jury_sketch::positions(&key, n_out), positions);
        let table = whitening_table(&case["table"]);
        let mut sketcher = JurySketcher::new(&key, n_out, 1_024);
        for (position, state) in positions.iter().zip(list(&case["hidden"])) {
            let hidden: Vec<u16> = list(state).iter().map(number).collect();
            sketcher.push(&table, *position, &hidden).unwrap();
        }
        assert_eq!(
            sketcher.finish(),
            ChunkSketch::from_tokens(&token_sums(&case["sums"]))
        );
    }
}
