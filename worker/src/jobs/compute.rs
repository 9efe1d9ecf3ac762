//! The real [`Execute`]: opens the input, runs the engine, commits to the output and seals it.

use super::{
    execute::{Execute, ExecuteError, Finished, StopFlag},
    record::{short, Assignment},
};
use crate::{
    engine::{Engine, EngineError},
    transport,
};
use ogpu_client::{
    keys::EncryptionKey,
    sealed::{self, OutputMessage},
};
use ogpu_primitives::{evidence, sampler, Commitment, FinishReason, JobParams, ModelId, H256};
use std::{collections::HashMap, sync::Arc};

/// Runs jobs on loaded engines.
pub struct Compute {
    genesis: H256,
    /// The worker's account, which is inside every leaf of its commitments.
    worker: [u8; 32],
    encryption: EncryptionKey,
    engines: HashMap<ModelId, Arc<Engine>>,
}

impl Compute {
    /// A computer for these loaded models.
    pub fn new(
        genesis: H256,
        worker: [u8; 32],
        encryption: EncryptionKey,
        engines: HashMap<ModelId, Arc<Engine>>,
    ) -> Self {
        Self {
            genesis,
            worker,
            encryption,
            engines,
        }
    }

    /// Output, its root, the number of billed output tokens and why it ended.
    fn compute(
        &self,
        assignment: &Assignment,
        tokens: &[u32],
        stop: &StopFlag,
    ) -> Result<(OutputMessage, H256, u32, FinishReason), ExecuteError> {
        let engine = self.engines.get(&assignment.model).ok_or_else(|| {
            ExecuteError::Failed(format!("model {:?} is no longer served here", assignment.model))
        })?;
        let (work, n_in) = (&assignment.work, assignment.input_tokens);
        match &assignment.params {
            JobParams::Generate(params) => {
                let seed = sampler::seed(&self.genesis, &assignment.model, params);
                let generation = engine
                    .generate(tokens, params, &seed, stop.flag(), &mut |_| ())
                    .map_err(failed)?;
                tracing::info!(
                    job = short(work),
                    prefill_ms = generation.timings.prefill.as_millis() as u64,
                    decode_ms = generation.timings.decode.as_millis() as u64,
                    tokens = generation.tokens.len(),
                    "generated"
                );
                let (ids, finish) = (generation.tokens, generation.finish);
                let root = evidence::commitment_root(&self.worker, work, &ids, n_in, finish);
                let n_out = ids.len() as u32;
                Ok((OutputMessage::Tokens(ids), root, n_out, finish))
            }
            JobParams::Embed(params) => {
                let vector = engine.embed(tokens, params.normalize).map_err(failed)?;
                let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
                let root = evidence::embedding_root(&self.worker, work, &bytes, n_in);
                Ok((
                    OutputMessage::from_floats(&vector),
                    root,
                    0,
                    FinishReason::Complete,
                ))
            }
        }
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
        let input = transport::check(&self.genesis, assignment, self.encryption.secret(), sealed_input)
            .map_err(|error| ExecuteError::Failed(error.to_string()))?;
        let (output, root, n_out, finish) = self.compute(assignment, &input.token_ids, stop)?;
        let sealed_output = sealed::seal_output(&self.genesis, &assignment.work, &input.reply_key, &output)
            .map_err(|error| ExecuteError::Failed(error.to_string()))?;
        let commitment = Commitment {
            root,
            output: sealed::blob_hash(&sealed_output),
            n_in: assignment.input_tokens,
            n_out,
            finish,
        };
        Ok(Finished {
            sealed_output,
            commitment,
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
    use ogpu_client::sealed::{seal_input, InputMessage};
    use ogpu_primitives::{job::input_commitment, GenerateParams, JobKind, NumericProfile};

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
        };
        let sealed = seal_input(&GENESIS, &assignment.work, &encryption.public(), &input).expect("sealed");
        let engines = HashMap::from([(assignment.model, Arc::new(engine))]);
        Case {
            compute: Compute::new(GENESIS, WORKER, encryption, engines),
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
        let OutputMessage::Tokens(ids) = output else {
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
        assert_eq!(
            root,
            evidence::commitment_root(&WORKER, &assignment.work, &ids, n_in, finish)
        );
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
