//! Who takes part: providers with their machines, and clients.

use super::{chain, Network, Settings};
use crate::{
    AccountId, Balance, Balances, ProviderStaking, Runtime, RuntimeCall, RuntimeOrigin, System, OGPU,
};
use ogpu_primitives::{
    job::secret_hash, model::model_id, pairing::pairing_message, BoundedVec, Device, DeviceKind, FileEntry,
    JobId, JobRequest, ModelId, ModelSpec, NetworkProfile, NumericProfile, Requirements, WorkerProfile, H256,
};
use sp_core::{sr25519, Pair};
use sp_keyring::Sr25519Keyring;
use std::collections::BTreeMap;

/// The secret that clients keep for the draw.
pub const SECRET: [u8; 32] = [5; 32];

/// The same for the second replica.
pub const REPLICA_SECRET: [u8; 32] = [6; 32];

/// The secret whose hash came with a job.
pub fn secret_of(hash: &H256) -> [u8; 32] {
    if *hash == secret_hash(&REPLICA_SECRET) {
        REPLICA_SECRET
    } else {
        SECRET
    }
}

/// Secret keys by account.
pub struct Keys {
    pairs: BTreeMap<AccountId, sr25519::Pair>,
    made: u32,
}

impl Keys {
    /// No keys yet; those of another seed are others.
    pub fn starting_at(seed: u32) -> Self {
        Self {
            pairs: BTreeMap::new(),
            made: seed << 16,
        }
    }

    /// A new account.
    pub fn make(&mut self) -> AccountId {
        self.made += 1;
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&self.made.to_le_bytes());
        let pair = sr25519::Pair::from_seed(&seed);
        let account = AccountId::from(pair.public());
        self.pairs.insert(account.clone(), pair);
        account
    }

    /// The key of an account of these tests, or of a well-known one.
    pub fn of(&self, who: &AccountId) -> sr25519::Pair {
        let known = || Sr25519Keyring::iter().find(|key| key.to_account_id() == *who);
        self.pairs
            .get(who)
            .cloned()
            .or_else(|| known().map(|key| key.pair()))
            .expect("only accounts of these tests sign")
    }
}

/// An owner with one machine.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Who stakes and is paid.
    pub owner: AccountId,
    /// The machine's account.
    pub worker: AccountId,
}

impl Provider {
    /// Both accounts.
    pub fn accounts(&self) -> [&AccountId; 2] {
        [&self.owner, &self.worker]
    }
}

impl Network {
    /// Begins the first block and registers the model.
    pub(super) fn start(&mut self, settings: &Settings) {
        System::set_block_number(0);
        chain::begin_block();
        settings.apply();
        let maker = self.rich();
        self.model = self.register(&maker, b"text");
    }

    /// Registers a model.
    pub fn register(&mut self, maker: &AccountId, name: &[u8]) -> ModelId {
        let file = FileEntry {
            name: BoundedVec::truncate_from(b"weights".to_vec()),
            blake3: H256::repeat_byte(1),
            size_bytes: 1,
        };
        let spec = ModelSpec {
            owner: maker.clone(),
            name: BoundedVec::truncate_from(name.to_vec()),
            kind: self.task.kind,
            manifest: BoundedVec::truncate_from(vec![file]),
            tokenizer: H256::repeat_byte(1),
            template: None,
            profile: NumericProfile::F16,
            sampler_version: ogpu_primitives::sampler::SAMPLER_VERSION,
            costs: self.task.costs(),
            context_tokens: 4_096,
            vram_mib: 1,
        };
        let model = model_id(&spec);
        self.send(maker, pallet_job_market::Call::register_model { spec })
            .expect("the maker can pay for a model");
        model
    }

    /// A new account with 1,000 OGPU.
    pub fn rich(&mut self) -> AccountId {
        let who = self.keys.make();
        self.give(&who, 1_000 * OGPU);
        who
    }

    /// Moves OGPU out of the genesis' holders.
    pub fn give(&mut self, who: &AccountId, value: Balance) {
        let from = RuntimeOrigin::signed(Sr25519Keyring::AliceStash.to_account_id());
        Balances::transfer_allow_death(from, who.clone().into(), value).expect("they have enough");
    }

    /// A new owner that stakes `stake` planck, all for one machine that serves the model.
    pub fn provider(&mut self, stake: Balance) -> Provider {
        let owner = self.rich();
        self.give(&owner, stake);
        self.send(&owner, pallet_provider_staking::Call::stake { amount: stake })
            .expect("the owner has the stake");
        let worker = self.pair(&owner, stake);
        Provider { owner, worker }
    }

    /// `count` providers with `stake` planck each.
    pub fn providers(&mut self, count: usize, stake: Balance) -> Vec<Provider> {
        (0..count).map(|_| self.provider(stake)).collect()
    }

    /// Pairs a new machine that serves the model with `owner`, for `allotment` planck of its free stake.
    pub fn pair(&mut self, owner: &AccountId, allotment: Balance) -> AccountId {
        let worker = self.keys.make();
        let message = pairing_message(System::block_hash(0).as_ref(), owner);
        let proof = self.keys.of(&worker).sign(&message).into();
        let pair = pallet_provider_staking::Call::pair {
            worker: worker.clone(),
            proof,
            allotment,
        };
        self.send(owner, pair).expect("the stake is free");
        let profile = self.profile();
        self.send(&worker, pallet_provider_staking::Call::set_profile { profile })
            .expect("a plain profile");
        let model = self.model;
        self.send(&worker, pallet_provider_staking::Call::serve_model { model })
            .expect("the model fits");
        assert!(ProviderStaking::owner_of(&worker).as_ref() == Some(owner));
        worker
    }

    /// A large card that runs 16 jobs at once.
    pub(super) fn profile(&self) -> WorkerProfile {
        let mut transport_key = [7; 32];
        transport_key[..4].copy_from_slice(&self.keys.made.to_le_bytes());
        let device = Device {
            kind: DeviceKind::Cuda,
            name: BoundedVec::truncate_from(b"card".to_vec()),
            vram_mib: 80_000,
            bandwidth_mib_s: 3_000_000,
            throughput_gmac_s: 250_000,
        };
        WorkerProfile {
            devices: BoundedVec::truncate_from(vec![device]),
            network: NetworkProfile {
                transport_key,
                encryption_key: [9; 32],
                addresses: Default::default(),
                relays: Default::default(),
            },
            region: 276,
            slots: 16,
        }
    }

    /// A job of `client`, for any worker or for a chosen one, with its secret's hash.
    pub fn request(
        &self,
        client: &AccountId,
        worker: Option<&AccountId>,
        max_price: Balance,
    ) -> JobRequest<AccountId> {
        let used = pallet_job_market::LastNonce::<Runtime>::get(client);
        let mut request = JobRequest {
            nonce: used.map_or(0, |nonce| nonce + 1),
            model: self.model,
            params: self.task.params(),
            input_commitment: H256::repeat_byte(2),
            input_tokens: self.task.input_tokens,
            secret_hash: Some(secret_hash(&SECRET)),
            replica_secret_hash: None,
            limits: ogpu_primitives::Limits {
                max_price,
                deadline_ticks: 400,
                replicas: 1,
                requirements: Requirements {
                    min_class: Default::default(),
                    region: None,
                    min_reputation_permille: 0,
                    worker: None,
                },
            },
        };
        request.limits.requirements.worker = worker.cloned();
        request
    }

    /// Submits a job of `client` that pays up to 3 times the ordinary price.
    pub fn submit(&mut self, client: &AccountId, worker: Option<&AccountId>) -> JobId {
        let ordinary = self.task.compute_units() * price_index();
        self.submit_at(client, worker, 3 * ordinary)
    }

    /// Submits a job of `client` that pays up to `max_price` planck.
    pub fn submit_at(&mut self, client: &AccountId, worker: Option<&AccountId>, max_price: Balance) -> JobId {
        let request = self.request(client, worker, max_price);
        let id = ogpu_primitives::job::job_id(&System::block_hash(0), client, request.nonce);
        self.send(
            client,
            RuntimeCall::JobMarket(pallet_job_market::Call::submit { request }),
        )
        .expect("the client can pay");
        self.live.insert(id);
        id
    }
}

/// Planck per compute unit.
fn price_index() -> Balance {
    use crate::parameters::{dynamic_params::market::PriceIndex, Governed};
    <Governed<PriceIndex> as frame_support::traits::Get<Balance>>::get()
}
