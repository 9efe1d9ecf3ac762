//! The real [`Execute`]: opens the input, runs the engine, commits to the output and seals it.

use super::{
    execute::{Execute, ExecuteError, Finished, StopFlag},
    proof::{Proof, ProvedOutput},
    record::{short, Assignment},
    tables::Tables,
};
use crate::{
    engine::{Engine, EngineError, EvidenceSpec, Request},
    transport,
};
use ogpu_client::{
    keys::EncryptionKey,
    sealed::{self, InputMessage},
};
use ogpu_primitives::{
    job::comparison_id, sampler, ChunkSketch, Commitment, FinishReason, GenerateParams, JobParams, ModelId,
    H256,
};
use std::{collections::HashMap, sync::Arc};

/// Runs jobs on loaded engines.
pub struct Compute {
    genesis: H256,
    /// The worker's account, which is inside every leaf of its commitments.
    worker: [u8; 32],
    encryption: EncryptionKey,
    engines: HashMap<ModelId, Arc<Engine>>,
    tables: Arc<dyn Tables>,
}

impl Compute {
    /// A computer for these loaded models.
    pub fn new(
        genesis: H256,
        worker: [u8; 32],
        encryption: EncryptionKey,
        engines: HashMap<ModelId, Arc<Engine>>,
        tables: Arc<dyn Tables>,
    ) -> Self {
        Self {
            genesis,
            worker,
            encryption,
            engines,
            tables,
        }
    }

    /// The output, why it ended, and the sketches that the client asked for besides.
    fn compute(
        &self,
        assignment: &Assignment,
        input: &InputMessage,
        stop: &StopFlag,
    ) -> Result<(ProvedOutput, FinishReason, Vec<ChunkSketch>), ExecuteError> {
        let engine = self.engines.get(&assignment.model).ok_or_else(|| {
            ExecuteError::Failed(format!("model {:?} is no longer served here", assignment.model))
        })?;
        match &assignment.params {
            JobParams::Generate(params) => self.generate(engine, assignment, params, input, stop),
            JobParams::Embed(params) => {
                let vector = engine.embed(&input.token_ids, params.normalize).map_err(failed)?;
                let bytes = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
                Ok((ProvedOutput::Vector(bytes), FinishReason::Complete, Vec::new()))
            }
        }
    }

    fn generate(
        &self,
        engine: &Engine,
        assignment: &Assignment,
        params: &GenerateParams,
        input: &InputMessage,
        stop: &StopFlag,
    ) -> Result<(ProvedOutput, FinishReason, Vec<ChunkSketch>), ExecuteError> {
        let tokens = input.token_ids.as_slice();
        let seed = &sampler::seed(&self.genesis, &assignment.model, params);
        #[cfg(feature = "dishonest")]
        let (tokens, params, seed) = &crate::dishonest::conduct().asked(tokens, params, *seed);
        let request = Request::new(tokens, params, seed)
            .with_evidence(self.evidence_spec(assignment)?)
            .with_comparison(input.comparison_key.as_ref().map(comparison_id));
        let generate = || {
            engine
                .generate_with(&request, stop.flag(), &mut |_| ())
                .map_err(failed)
        };
        #[cfg(feature = "dishonest")]
        let generate = || crate::dishonest::conduct().generated(engine, &request, stop, generate);
        let generation = generate()?;
        tracing::info!(
            job = short(&assignment.work),
            prefill_ms = generation.timings.prefill.as_millis() as u64,
            decode_ms = generation.timings.decode.as_millis() as u64,
            tokens = generation.tokens.len(),
            "generated"
        );
        let records = generation
            .evidence
            .ok_or_else(|| ExecuteError::Failed("the engine made no evidence, which was asked for".into()))?;
        let output = ProvedOutput::Tokens {
            ids: generation.tokens,
            records,
        };
        let comparison = generation.comparison.unwrap_or_default();
        Ok((output, generation.finish, comparison))
    }

    /// How this assignment's evidence has to be made: by the terms that were fixed when it was given to us.
    fn evidence_spec(&self, assignment: &Assignment) -> Result<EvidenceSpec, ExecuteError> {
        let terms = &assignment.terms;
        let table = match terms.whitened {
            true => Some(
                self.tables
                    .table(&assignment.model)
                    .map_err(ExecuteError::Failed)?,
            ),
            false => None,
        };
        let job = assignment.work.job;
        #[cfg(feature = "dishonest")]
        let job = crate::dishonest::conduct().sketched(job);
        Ok(EvidenceSpec {
            job,
            table,
            units: terms.params.sketch_units,
        })
    }
}

impl Execute for Compute {
    fn execute(
        &self,
        assignment: &Assignment,
        sealed_input: &[u8],
        stop: &StopFlag,
    ) -> Result<Finished, ExecuteError> {
        // Checked when it was taken; opened again because only the ciphertext is kept.
        let input: InputMessage =
            transport::check(&self.genesis, assignment, self.encryption.secret(), sealed_input)
                .map_err(|error| ExecuteError::Failed(error.to_string()))?;
        let (output, finish, comparison) = self.compute(assignment, &input, stop)?;
        #[cfg(feature = "dishonest")]
        let (output, finish) = crate::dishonest::conduct().delivered(&assignment.work, output, finish);
        let proof = Proof {
            salt: input.salt,
            input_ids: input.token_ids.clone(),
            output,
        };
        let (work, reply_key) = (&assignment.work, &input.reply_key);
        let message = proof.for_client(comparison);
        let sealed_output = sealed::seal_output(&self.genesis, work, reply_key, &message)
            .map_err(|error| ExecuteError::Failed(error.to_string()))?;
        let commitment = Commitment {
            root: proof.root(&self.worker, work, finish),
            output: sealed::blob_hash(&sealed_output),
            n_in: assignment.input_tokens,
            n_out: proof.output_tokens(),
            finish,
        };
        Ok(Finished {
            sealed_output,
            commitment,
            proof,
        })
    }
}

fn failed(error: EngineError) -> ExecuteError {
    match error {
        EngineError::Cancelled => ExecuteError::Stopped,
        error => ExecuteError::Failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{tiny, DeviceChoice, EngineSpec},
        jobs::fixtures,
    };
    use ogpu_client::{
        sealed::{seal_input, tokens_root, OutputMessage},
        AccountId,
    };
    use ogpu_primitives::{
        job::input_commitment, AuditOpening, JobKind, NumericProfile, Origin, WhiteningTable,
    };

    const GENESIS: H256 = H256([9; 32]);
    const WORKER: [u8; 32] = [5; 32];
    const TOKENS: [u32; 3] = [256, 104, 105];

    struct Case {
        compute: Compute,
        assignment: Assignment,
        sealed: Vec<u8>,
        reply: EncryptionKey,
    }

    fn case() -> Case {
        let folder = tempfile::tempdir().expect("a folder");
        tiny::write(folder.path()).expect("written");
        let spec = EngineSpec {
            kind: JobKind::Generate,
            profile: NumericProfile::F16,
            context_tokens: 0,
        };
        let engine = Engine::load(folder.path(), &spec, DeviceChoice::Cpu).expect("loaded");
        let params = GenerateParams {
            seed: [4; 32],
            ..GenerateParams::plain(40, 1_000)
        };
        let assignment = Assignment {
            params: JobParams::Generate(params),
            input_commitment: input_commitment(&fixtures::SALT, &TOKENS),
            input_tokens: TOKENS.len() as u32,
            ..fixtures::assignment(1)
        };
        let (encryption, reply) = (EncryptionKey::generate(), EncryptionKey::generate());
        let input = InputMessage {
            salt: fixtures::SALT,
            token_ids: TOKENS.to_vec(),
            reply_key: reply.public(),
            comparison_key: None,
        };
        let sealed = seal_input(&GENESIS, &assignment.work, &encryption.public(), &input).expect("sealed");
        let engines = HashMap::from([(assignment.model, Arc::new(engine))]);
        Case {
            compute: Compute::new(GENESIS, WORKER, encryption, engines, Arc::new(HashMap::new())),
            assignment,
            sealed,
            reply,
        }
    }

    #[test]
    fn compute_should_commit_to_what_the_client_opens() {
        let Case {
            compute,
            assignment,
            sealed,
            reply,
        } = case();
        let finished = compute
            .execute(&assignment, &sealed, &StopFlag::default())
            .expect("computed");
        assert_eq!(
            finished.commitment.output,
            sealed::blob_hash(&finished.sealed_output)
        );
        let output = sealed::open_output(
            &GENESIS,
            &assignment.work,
            reply.secret(),
            &finished.sealed_output,
        )
        .expect("opened");
        let OutputMessage::Tokens {
            ids,
            evidence,
            comparison,
        } = output
        else {
            panic!("not tokens")
        };
        let Commitment {
            root,
            n_in,
            n_out,
            finish,
            ..
        } = finished.commitment;
        assert_eq!((n_in, n_out), (3, ids.len() as u32));
        let worker = AccountId::from(WORKER);
        assert_eq!(
            root,
            tokens_root(&worker, &assignment.work, &ids, &evidence, n_in, finish)
        );
        assert!(comparison.is_empty(), "nobody asked for it");
    }

    #[test]
    fn compute_should_make_equal_sketches_for_two_jobs_only_when_the_client_asks_with_one_key() {
        let Case {
            compute,
            assignment,
            reply,
            ..
        } = case();
        let run = |job: u8, key: u8| {
            let assignment = Assignment {
                work: fixtures::assignment(job).work,
                ..assignment.clone()
            };
            let input = InputMessage {
                salt: fixtures::SALT,
                token_ids: TOKENS.to_vec(),
                reply_key: reply.public(),
                comparison_key: Some([key; 32]),
            };
            let key = compute.encryption.public();
            let sealed = seal_input(&GENESIS, &assignment.work, &key, &input).expect("sealed");
            let finished = compute
                .execute(&assignment, &sealed, &StopFlag::default())
                .expect("computed");
            let work = &assignment.work;
            let output = sealed::open_output(&GENESIS, work, reply.secret(), &finished.sealed_output);
            let Ok(OutputMessage::Tokens {
                comparison, evidence, ..
            }) = output
            else {
                panic!("no tokens: {output:?}")
            };
            assert_eq!(comparison.len(), evidence.len());
            (comparison, evidence)
        };
        let (first, evidence) = run(1, 7);
        let (second, other_evidence) = run(2, 7);
        assert_eq!(first, second);
        assert_ne!(first, run(2, 8).0);
        // What they committed to has nothing in common but the hidden states.
        for ((mine, hidden), (theirs, same)) in evidence.iter().zip(&other_evidence) {
            assert!(mine != theirs && hidden == same);
        }
        assert!(first
            .iter()
            .zip(&evidence)
            .all(|(sketch, (own, _))| sketch.hash() != *own));
    }

    #[test]
    fn compute_should_keep_what_opens_its_commitment_on_the_chain() {
        let Case {
            compute,
            assignment,
            sealed,
            ..
        } = case();
        let finished = compute
            .execute(&assignment, &sealed, &StopFlag::default())
            .expect("computed");
        let origin = Origin {
            worker: WORKER,
            work: assignment.work,
        };
        let AuditOpening::Generate(opening) =
            finished.proof.opening(&WORKER, &assignment.work).expect("made")
        else {
            panic!("not a text")
        };
        assert_eq!(opening.verify(&origin, &finished.commitment), Ok(()));
        assert!(opening.chunks.iter().all(|chunk| !chunk.sketch.sums().is_empty()));
        assert_eq!(finished.proof.for_auditor().input_ids, TOKENS);
    }

    #[test]
    fn compute_should_make_its_evidence_by_the_terms_of_the_assignment() {
        let Case {
            mut compute,
            mut assignment,
            sealed,
            ..
        } = case();
        let root = |compute: &Compute, assignment: &Assignment| {
            compute
                .execute(assignment, &sealed, &StopFlag::default())
                .map(|finished| finished.commitment.root)
        };
        let plain = root(&compute, &assignment).expect("computed");
        assignment.terms.params.sketch_units *= 2;
        let finer = root(&compute, &assignment).expect("computed");
        assert_ne!(finer, plain);

        assignment.terms.whitened = true;
        let error = root(&compute, &assignment).expect_err("no table");
        assert!(error.to_string().contains("no whitening table"), "{error}");
        let dimensions = compute.engines[&assignment.model]
            .hidden_size()
            .expect("a decoder");
        let means = vec![1 << 20; dimensions];
        let table = WhiteningTable::fit(&means, &vec![1 << 23; dimensions]).expect("a table");
        compute.tables = Arc::new(HashMap::from([(assignment.model, Arc::new(table))]));
        assert_ne!(root(&compute, &assignment).expect("computed"), finer);
    }

    #[test]
    fn compute_should_give_the_same_root_when_it_runs_again() {
        let Case {
            compute,
            assignment,
            sealed,
            ..
        } = case();
        let once = compute
            .execute(&assignment, &sealed, &StopFlag::default())
            .expect("computed");
        let again = compute
            .execute(&assignment, &sealed, &StopFlag::default())
            .expect("computed");
        assert_eq!(once.commitment.root, again.commitment.root);
    }

    #[test]
    fn compute_should_stop_or_fail_with_the_reason_when_it_cannot_go_on() {
        let Case {
            compute,
            assignment,
            sealed,
            ..
        } = case();
        let stop = StopFlag::default();
        stop.stop();
        assert!(matches!(
            compute.execute(&assignment, &sealed, &stop),
            Err(ExecuteError::Stopped)
        ));
        let other = Assignment {
            model: ModelId::repeat_byte(1),
            ..assignment
        };
        let error = compute
            .execute(&other, &sealed, &StopFlag::default())
            .expect_err("no such model");
        assert!(error.to_string().contains("no longer served"), "{error}");
    }
}
