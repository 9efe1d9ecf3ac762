//! From what a person wants to what the chain takes.

use super::{accept::new_secret, JobError, JobSecrets, Sibling};
use crate::{amount, chain::Chain, keys::EncryptionKey, sealed::MAX_INPUT_TOKENS, AccountId};
use ogpu_primitives::{
    job::{input_commitment, job_id, replica_id, secret_hash},
    Balance, JobId, JobKind, JobParams, JobRequest, Limits, ModelId, ModelSpec, Requirements, Tick,
};
use rand::{rngs::OsRng, RngCore};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a client wants.
#[derive(Debug, Clone)]
pub struct JobOptions {
    /// The model.
    pub model: ModelId,
    /// Parameters of the model's kind.
    pub params: JobParams,
    /// The input, tokenised.
    pub token_ids: Vec<u32>,
    /// Most to pay in planck; `None` takes the quote.
    pub max_price: Option<Balance>,
    /// Ticks after which an unfinished job is refunded.
    pub deadline_ticks: Tick,
    /// What the worker must have.
    pub requirements: Requirements<AccountId>,
    /// How many workers of different owners run it, 1 or 2; each costs `max_price`.
    pub replicas: u8,
    /// Whether to make a secret, so that the client takes part in the draw of an audit when it accepts the answer.
    pub with_secret: bool,
}

/// A job that is ready to be submitted.
#[derive(Debug, Clone)]
pub struct PreparedJob {
    /// Its id, known before it is on the chain.
    pub id: JobId,
    /// What goes to the chain.
    pub request: JobRequest<AccountId>,
    /// What goes to the worker, and the key for the answer.
    pub secrets: JobSecrets,
    /// Id and secrets of the second replica, if one is asked for.
    pub replica: Option<(JobId, JobSecrets)>,
    /// The price of one replica at the present index, in planck, with all of the allowed output.
    pub quote: Balance,
}

/// Checks the wish against the model and the price, and makes the job's secrets.
pub async fn prepare(
    chain: &Chain,
    client: &AccountId,
    spec: &ModelSpec<AccountId>,
    options: JobOptions,
) -> Result<PreparedJob, JobError> {
    check_fit(spec, &options)?;
    let input_tokens = options.token_ids.len() as u32;
    let at = chain.best().await?;
    let quote = chain
        .quote(
            &at,
            options.model,
            input_tokens,
            options.params.max_output_tokens(),
            options.requirements.min_class,
        )
        .await?
        .ok_or_else(|| JobError::BadInput(format!("the chain knows no model {:?}", options.model)))?;
    let max_price = match options.max_price {
        Some(limit) if limit < quote => {
            return Err(JobError::TooExpensive {
                price: amount::format(quote),
                limit: amount::format(limit),
            })
        }
        Some(limit) => limit,
        None => quote,
    };
    let least = chain.next_job_nonce(&at, client).await?.ok_or_else(|| {
        JobError::BadInput(format!(
            "the account {client} has used its last job number; use another account"
        ))
    })?;
    let nonce = next_nonce(least);
    let mut salt = [0u8; 32];
    OsRng.fill_bytes(&mut salt);
    let id = job_id(&chain.genesis(), client, nonce);
    let twice = options.replicas > 1;
    let replica = replica_id(&id, 1);
    // Both workers get this key; everything else of a replica's secrets is its own.
    let comparison_key = new_secret();
    let secrets = |other: JobId| JobSecrets {
        genesis: chain.genesis(),
        model: options.model,
        salt,
        token_ids: options.token_ids.clone(),
        reply_secret: *EncryptionKey::generate().secret(),
        secret: options.with_secret.then(new_secret),
        sibling: twice.then_some(Sibling {
            job: other,
            comparison_key,
        }),
    };
    let (secrets, replica) = (secrets(replica), twice.then(|| (replica, secrets(id))));
    let hash_of = |secrets: &JobSecrets| secrets.secret.as_ref().map(secret_hash);
    let request = JobRequest {
        nonce,
        model: options.model,
        params: options.params,
        input_commitment: input_commitment(&salt, &options.token_ids),
        input_tokens,
        secret_hash: hash_of(&secrets),
        replica_secret_hash: replica.as_ref().and_then(|(_, secrets)| hash_of(secrets)),
        limits: Limits {
            max_price,
            deadline_ticks: options.deadline_ticks,
            replicas: options.replicas,
            requirements: options.requirements,
        },
    };
    Ok(PreparedJob {
        id,
        request,
        secrets,
        replica,
        quote,
    })
}

fn check_fit(spec: &ModelSpec<AccountId>, options: &JobOptions) -> Result<(), JobError> {
    if options.params.kind() != spec.kind {
        let wanted = match spec.kind {
            JobKind::Generate => "text generation",
            JobKind::Embed => "embeddings",
        };
        return Err(JobError::BadInput(format!("this model is for {wanted}")));
    }
    if options.token_ids.is_empty() {
        return Err(JobError::BadInput(
            "the input is empty: there is nothing to compute".into(),
        ));
    }
    if options.token_ids.len() > MAX_INPUT_TOKENS {
        return Err(JobError::BadInput(format!(
            "the input has {} tokens and the chain takes {MAX_INPUT_TOKENS}, whatever the model's context is; shorten the input",
            options.token_ids.len()
        )));
    }
    let total = options.token_ids.len() as u64 + u64::from(options.params.max_output_tokens());
    if total > u64::from(spec.context_tokens) {
        return Err(JobError::BadInput(format!(
            "input of {} tokens and output of up to {} are more than the model's context of {}; shorten the input or lower --max-tokens",
            options.token_ids.len(),
            options.params.max_output_tokens(),
            spec.context_tokens
        )));
    }
    Ok(())
}

/// A nonce above every used one. Microseconds keep two programs with one account apart without asking each other.
fn next_nonce(least: u64) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_micros() as u64);
    now.max(least)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ogpu_primitives::{BlobHash, Costs, EmbedParams, NumericProfile};

    fn spec(kind: JobKind) -> ModelSpec<AccountId> {
        ModelSpec {
            owner: AccountId::from([1; 32]),
            name: b"m".to_vec().try_into().unwrap(),
            kind,
            manifest: Default::default(),
            tokenizer: BlobHash::zero(),
            template: None,
            profile: NumericProfile::F16,
            sampler_version: 1,
            costs: Costs {
                input_milli_cu: 1,
                output_milli_cu: 0,
            },
            context_tokens: 4,
            vram_mib: 1,
        }
    }

    fn options(tokens: usize) -> JobOptions {
        JobOptions {
            model: ModelId::zero(),
            params: JobParams::Embed(EmbedParams { normalize: true }),
            token_ids: vec![1; tokens],
            max_price: None,
            deadline_ticks: 10,
            requirements: Requirements {
                min_class: Default::default(),
                region: None,
                min_reputation_permille: 0,
                worker: None,
            },
            replicas: 1,
            with_secret: true,
        }
    }

    #[test]
    fn job_should_be_refused_when_it_does_not_fit_the_model() {
        assert!(check_fit(&spec(JobKind::Embed), &options(4)).is_ok());
        for (kind, tokens) in [(JobKind::Embed, 5), (JobKind::Embed, 0), (JobKind::Generate, 1)] {
            assert!(matches!(
                check_fit(&spec(kind), &options(tokens)),
                Err(JobError::BadInput(_))
            ));
        }
    }

    #[test]
    fn job_should_be_refused_when_its_input_is_longer_than_the_chain_takes() {
        let long = ModelSpec {
            context_tokens: 1 << 20,
            ..spec(JobKind::Embed)
        };
        assert!(check_fit(&long, &options(MAX_INPUT_TOKENS)).is_ok());
        let Err(JobError::BadInput(error)) = check_fit(&long, &options(MAX_INPUT_TOKENS + 1)) else {
            panic!("not refused")
        };
        assert!(error.contains("49152"), "{error}");
    }

    #[test]
    fn nonce_should_rise_when_the_clock_is_behind() {
        assert_eq!(next_nonce(u64::MAX), u64::MAX);
        assert!(next_nonce(0) > 1_000_000);
    }
}
