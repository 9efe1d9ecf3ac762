//! Questions to the chain, typed.

use super::{view::*, view_check::*, AtBlock, Chain, ChainError};
use crate::AccountId;
use codec::{Decode, Encode};
use ogpu_primitives::{
    matching::MatchRecord, work::Subject, Balance, DeviceClass, JobHistoryEvent, JobId, JobKind, JobLedger,
    ModelId, Tick, WhiteningTable,
};
use subxt::{dynamic::Value, utils::Static};

/// Every runtime API method that we call; compared with the node's when we connect.
pub(crate) const APIS: [(&str, &str); 22] = [
    ("JobMarketApi", "job"),
    ("JobMarketApi", "history"),
    ("JobMarketApi", "ledger"),
    ("JobMarketApi", "quote"),
    ("JobMarketApi", "explain"),
    ("JobMarketApi", "assigned_to"),
    ("JobMarketApi", "next_nonce"),
    ("JobMarketApi", "earnings"),
    ("JobMarketApi", "totals"),
    ("ProviderStakingApi", "worker"),
    ("ProviderStakingApi", "owner"),
    ("ProviderStakingApi", "providers"),
    ("ProviderStakingApi", "idle_reason"),
    ("JobMarketApi", "whitening"),
    ("VerificationApi", "commitment"),
    ("VerificationApi", "audit"),
    ("VerificationApi", "duties"),
    ("SlashingApi", "pending"),
    ("SlashingApi", "standing"),
    ("SlashingApi", "precision"),
    ("BeaconApi", "tick"),
    ("TokenReserveApi", "supply"),
];

/// Every storage item that we read; compared with the node's when we connect.
pub(crate) const STORAGE: [(&str, &str); 4] = [
    ("System", "Account"),
    ("JobMarket", "Models"),
    ("JobMarket", "JobNumbers"),
    ("Timestamp", "Now"),
];

/// Most providers in one answer of the runtime.
const PROVIDERS_PAGE: u32 = 100;

/// What an account has to keep to stay alive, in planck.
const EXISTENTIAL_DEPOSIT: Balance = ogpu_primitives::units::EXISTENTIAL_DEPOSIT;

impl Chain {
    /// A job, `None` when it never existed or was pruned.
    pub async fn job(&self, at: &AtBlock, job: JobId) -> Result<Option<JobView>, ChainError> {
        self.api(at, "JobMarketApi_job", &job).await
    }

    /// The id of the job with this running number, `None` when it never existed or was pruned. A fork can give the
    /// number of a job that is not final yet to another one.
    pub async fn job_by_number(&self, at: &AtBlock, number: u64) -> Result<Option<JobId>, ChainError> {
        let key = vec![Value::u128(number.into())];
        self.stored(at, "JobMarket", "JobNumbers", key).await
    }

    /// What happened to a job, oldest first, each with its tick.
    pub async fn history(
        &self,
        at: &AtBlock,
        job: JobId,
    ) -> Result<Vec<(Tick, JobHistoryEvent<AccountId>)>, ChainError> {
        self.api(at, "JobMarketApi_history", &job).await
    }

    /// Every planck of a job.
    pub async fn ledger(&self, at: &AtBlock, job: JobId) -> Result<Option<JobLedger>, ChainError> {
        self.api(at, "JobMarketApi_ledger", &job).await
    }

    /// The price of a job of that size at the present index, in planck; `None` for an unknown model.
    pub async fn quote(
        &self,
        at: &AtBlock,
        model: ModelId,
        input_tokens: u32,
        max_output_tokens: u32,
        class: DeviceClass,
    ) -> Result<Option<Balance>, ChainError> {
        self.api(
            at,
            "JobMarketApi_quote",
            &(model, input_tokens, max_output_tokens, class),
        )
        .await
    }

    /// How each attempt of a job was matched.
    pub async fn explain(&self, at: &AtBlock, job: JobId) -> Result<Vec<MatchRecord<AccountId>>, ChainError> {
        self.api(at, "JobMarketApi_explain", &job).await
    }

    /// The jobs that a worker has now.
    pub async fn assigned_to(&self, at: &AtBlock, worker: &AccountId) -> Result<Vec<JobId>, ChainError> {
        self.api(at, "JobMarketApi_assigned_to", worker).await
    }

    /// A worker.
    pub async fn worker(&self, at: &AtBlock, worker: &AccountId) -> Result<Option<WorkerView>, ChainError> {
        self.api(at, "ProviderStakingApi_worker", worker).await
    }

    /// An owner of workers.
    pub async fn owner(&self, at: &AtBlock, owner: &AccountId) -> Result<Option<OwnerView>, ChainError> {
        self.api(at, "ProviderStakingApi_owner", owner).await
    }

    /// Why a worker gets no jobs; `None` when nothing is in the way.
    pub async fn idle_reason(
        &self,
        at: &AtBlock,
        worker: &AccountId,
    ) -> Result<Option<IdleReason>, ChainError> {
        self.api(at, "ProviderStakingApi_idle_reason", worker).await
    }

    /// At most `limit` workers, all of them or those that serve `model`.
    pub async fn providers(
        &self,
        at: &AtBlock,
        model: Option<ModelId>,
        limit: usize,
    ) -> Result<Vec<WorkerView>, ChainError> {
        let mut workers: Vec<WorkerView> = Vec::new();
        while workers.len() < limit {
            let want = PROVIDERS_PAGE.min((limit - workers.len()) as u32);
            let start = workers.len() as u32;
            let page: Vec<WorkerView> = self
                .api(at, "ProviderStakingApi_providers", &(model, start, want))
                .await?;
            let last = page.len() < want as usize;
            workers.extend(page);
            if last {
                break;
            }
        }
        Ok(workers)
    }

    /// What was committed for a subject, until it is pruned.
    pub async fn commitment(
        &self,
        at: &AtBlock,
        subject: Subject,
    ) -> Result<Option<CommitmentRecord>, ChainError> {
        self.api(at, "VerificationApi_commitment", &subject).await
    }

    /// All that is known of a subject's check, until it is pruned.
    pub async fn audit(&self, at: &AtBlock, subject: Subject) -> Result<Option<AuditView>, ChainError> {
        self.api(at, "VerificationApi_audit", &subject).await
    }

    /// The open checks that a worker has a part in, as prover, auditor or juror, at most 64.
    pub async fn duties(
        &self,
        at: &AtBlock,
        worker: &AccountId,
    ) -> Result<Vec<(Subject, AuditView)>, ChainError> {
        self.api(at, "VerificationApi_duties", worker).await
    }

    /// Slashes that are not applied yet, with their ids, at most 100: all of them or those of one owner.
    pub async fn pending_slashes(
        &self,
        at: &AtBlock,
        owner: Option<&AccountId>,
    ) -> Result<Vec<(u32, PendingSlash)>, ChainError> {
        self.api(at, "SlashingApi_pending", &owner).await
    }

    /// An owner's standing with one kind of job.
    pub async fn standing(
        &self,
        at: &AtBlock,
        owner: &AccountId,
        kind: JobKind,
    ) -> Result<StandingView, ChainError> {
        self.api(at, "SlashingApi_standing", &(owner, kind)).await
    }

    /// How precise a worker's results are, by model, as far as two auditors saw them; at most 100 models.
    pub async fn precision(
        &self,
        at: &AtBlock,
        worker: &AccountId,
    ) -> Result<Vec<(ModelId, PrecisionView)>, ChainError> {
        self.api(at, "SlashingApi_precision", worker).await
    }

    /// A model's whitening table; `None` when it has none and its sketches are not whitened.
    pub async fn whitening(
        &self,
        at: &AtBlock,
        model: ModelId,
    ) -> Result<Option<WhiteningTable>, ChainError> {
        self.api(at, "JobMarketApi_whitening", &model).await
    }

    /// The present tick.
    pub async fn tick(&self, at: &AtBlock) -> Result<Tick, ChainError> {
        self.api(at, "BeaconApi_tick", &()).await
    }

    /// Where the supply is.
    pub async fn supply(&self, at: &AtBlock) -> Result<SupplyView, ChainError> {
        self.api(at, "TokenReserveApi_supply", &()).await
    }

    /// A registered model.
    pub async fn model(&self, at: &AtBlock, model: ModelId) -> Result<Option<Model>, ChainError> {
        self.stored(at, "JobMarket", "Models", vec![Value::from_bytes(model.0)])
            .await
    }

    /// All registered models with their ids, sorted by name, at most `limit`.
    pub async fn models(&self, at: &AtBlock, limit: usize) -> Result<Vec<(ModelId, Model)>, ChainError> {
        self.check_runtime(at)?;
        let address = subxt::dynamic::storage::<Vec<Value>, Static<Model>>("JobMarket", "Models");
        let mut entries = at
            .storage()
            .iter(address, Vec::<Value>::new())
            .await
            .map_err(ChainError::from_subxt)?;
        let mut models = Vec::new();
        while let Some(entry) = entries.next().await {
            let entry = entry.map_err(ChainError::from_subxt)?;
            let Static(model) = entry.value().decode().map_err(ChainError::from_subxt)?;
            models.push((ogpu_primitives::model::model_id(&model.spec), model));
            if models.len() == limit {
                break;
            }
        }
        models.sort_by(|(left_id, left), (right_id, right)| {
            left.spec.name.cmp(&right.spec.name).then(left_id.cmp(right_id))
        });
        Ok(models)
    }

    /// The least nonce that a client's next job can have; `None` when it used the greatest.
    pub async fn next_job_nonce(&self, at: &AtBlock, client: &AccountId) -> Result<Option<u64>, ChainError> {
        self.api(at, "JobMarketApi_next_nonce", client).await
    }

    /// Pay-outs that could not reach the account and wait for `withdraw_earnings`, in planck.
    pub async fn earnings(&self, at: &AtBlock, account: &AccountId) -> Result<Balance, ChainError> {
        self.api(at, "JobMarketApi_earnings", account).await
    }

    /// Sums over all jobs ever.
    pub async fn totals(&self, at: &AtBlock) -> Result<MarketTotals, ChainError> {
        self.api(at, "JobMarketApi_totals", &()).await
    }

    /// An account's balance; zero for an account that does not exist.
    pub async fn balance(&self, at: &AtBlock, account: &AccountId) -> Result<AccountBalance, ChainError> {
        let info: Option<AccountInfo> = self
            .stored(at, "System", "Account", vec![Value::from_bytes(account.0)])
            .await?;
        let data = info.unwrap_or_default().data;
        // Held funds count against frozen ones: only what is frozen beyond them ties up the free balance.
        let tied = data.frozen.saturating_sub(data.reserved).max(EXISTENTIAL_DEPOSIT);
        Ok(AccountBalance {
            free: data.free,
            held: data.reserved,
            frozen: data.frozen,
            spendable: data.free.saturating_sub(tied),
        })
    }

    /// The block's own time in Unix milliseconds.
    pub async fn timestamp_ms(&self, at: &AtBlock) -> Result<u64, ChainError> {
        Ok(self
            .stored(at, "Timestamp", "Now", Vec::new())
            .await?
            .unwrap_or(0))
    }

    async fn api<T: Decode>(
        &self,
        at: &AtBlock,
        name: &str,
        arguments: &impl Encode,
    ) -> Result<T, ChainError> {
        self.check_runtime(at)?;
        let arguments = arguments.encode();
        let bytes = at
            .runtime_apis()
            .call_raw(name, Some(&arguments))
            .await
            .map_err(ChainError::from_subxt)?;
        decode_all(name, &bytes)
    }

    async fn stored<T: Decode>(
        &self,
        at: &AtBlock,
        pallet: &str,
        entry: &str,
        keys: Vec<Value>,
    ) -> Result<Option<T>, ChainError> {
        self.check_runtime(at)?;
        let address = subxt::dynamic::storage::<Vec<Value>, Value>(pallet, entry);
        let value = at
            .storage()
            .try_fetch(address, keys)
            .await
            .map_err(ChainError::from_subxt)?;
        value.map(|value| decode_all(entry, value.bytes())).transpose()
    }
}

fn decode_all<T: Decode>(what: &str, bytes: &[u8]) -> Result<T, ChainError> {
    let mut input = bytes;
    let value = T::decode(&mut input).map_err(|error| ChainError::Decode(format!("{what}: {error}")))?;
    if input.is_empty() {
        Ok(value)
    } else {
        Err(ChainError::Decode(format!(
            "{what}: {} bytes too many",
            input.len()
        )))
    }
}
