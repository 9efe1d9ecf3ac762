//! Which pallets `scripts/weights` measures, and what their benchmarks need of the whole runtime.
//!
//! Ours alone are measured: upstream's weights come from upstream's own reference machine, with this runtime's
//! database costs.

use crate::*;
use alloc::vec;
use frame_benchmarking::define_benchmarks;
use frame_support::traits::fungible::Mutate;
use ogpu_primitives::{
    model::model_id, BoundedVec, Costs, Device, DeviceKind, FileEntry, JobKind, ModelId, ModelSpec,
    NetworkProfile, NumericProfile, Tick, WorkerProfile, H256,
};
use sp_core::crypto::KeyTypeId;

define_benchmarks!(
    [pallet_token_reserve, TokenReserve]
    [pallet_beacon, Beacon]
    [pallet_provider_staking, ProviderStaking]
    [pallet_job_market, JobMarket]
    [pallet_verification, Verification]
    [pallet_slashing, Slashing]
);

/// Keys that only benchmarks make.
const KEYS: KeyTypeId = KeyTypeId(*b"bnch");

/// What the benchmarks ask of the runtime.
pub struct Helper;

fn rich(name: &'static str, n: u32) -> AccountId {
    let who = frame_benchmarking::account(name, n, 0);
    let _ = Balances::mint_into(&who, 1_000_000 * OGPU);
    who
}

/// Makes the draws of `blocks` blocks from `block` on available, as if they had passed.
fn provide_randomness(block: u32, blocks: u32) {
    let (ring, end) = (pallet_beacon::RING, block.saturating_add(blocks));
    for fixed in block..=end {
        let mixed = ogpu_primitives::tagged_hash(b"bench/draw", &fixed.to_le_bytes());
        pallet_beacon::Accumulators::<Runtime>::insert(fixed % ring, (fixed, mixed));
    }
    System::set_block_number(end);
}

impl pallet_provider_staking::benchmarking::BenchmarkHelper<AccountId, Signature> for Helper {
    fn sign(message: &[u8]) -> (AccountId, Signature) {
        let key = sp_io::crypto::sr25519_generate(KEYS, None);
        let signature =
            sp_io::crypto::sr25519_sign(KEYS, &key, message).expect("the key was made one line above");
        (key.0.into(), signature.into())
    }

    fn model(n: u32) -> ModelId {
        let owner = rich("model owner", n);
        let file = FileEntry {
            name: BoundedVec::truncate_from(vec![b'a'; 8]),
            blake3: H256::repeat_byte(1),
            size_bytes: 1,
        };
        let spec = ModelSpec {
            owner: owner.clone(),
            name: BoundedVec::truncate_from(vec![b'm'; 8]),
            kind: JobKind::Generate,
            manifest: BoundedVec::truncate_from(vec![file]),
            tokenizer: H256::repeat_byte(1),
            template: None,
            profile: NumericProfile::A8,
            sampler_version: ogpu_primitives::sampler::SAMPLER_VERSION,
            costs: Costs {
                input_milli_cu: 1,
                output_milli_cu: 1,
            },
            context_tokens: 4_096,
            vram_mib: 1,
        };
        let id = model_id(&spec);
        if !JobMarket::model_exists(&id) {
            JobMarket::register_model(RuntimeOrigin::signed(owner), spec).expect("the owner can pay");
        }
        id
    }
}

impl pallet_job_market::BenchmarkHelper<AccountId> for Helper {
    fn add_worker(n: u32, model: &ModelId) -> (AccountId, AccountId) {
        let owner = rich("provider", n);
        let signed = |who: &AccountId| RuntimeOrigin::signed(who.clone());
        let stake = 100_000 * OGPU;
        ProviderStaking::stake(signed(&owner), stake).expect("the owner has the stake");
        let genesis = System::block_hash(0);
        let message = ogpu_primitives::pairing::pairing_message(genesis.as_ref(), &owner);
        let (worker, signature) =
            <Self as pallet_provider_staking::benchmarking::BenchmarkHelper<_, _>>::sign(message.as_ref());
        ProviderStaking::pair(signed(&owner), worker.clone(), signature, stake)
            .expect("signed for this owner");
        let mut transport_key = [7; 32];
        transport_key[..4].copy_from_slice(&n.to_le_bytes());
        let device = Device {
            kind: DeviceKind::Cuda,
            name: BoundedVec::truncate_from(vec![b'x'; 64]),
            vram_mib: 200_000,
            bandwidth_mib_s: 8_000_000,
            throughput_gmac_s: 1_000_000,
        };
        let profile = WorkerProfile {
            devices: BoundedVec::truncate_from(vec![device]),
            network: NetworkProfile {
                transport_key,
                encryption_key: [9; 32],
                addresses: Default::default(),
                relays: Default::default(),
            },
            region: 276,
            slots: pallet_job_market::MAX_REPORTS as u16,
        };
        ProviderStaking::set_profile(signed(&worker), profile).expect("a plain profile");
        ProviderStaking::serve_model(signed(&worker), *model).expect("the model is registered and fits");
        (worker, owner)
    }

    fn provide_randomness(block: u32) {
        provide_randomness(block, 2);
    }

    fn advance_clock(ticks: Tick) {
        pallet_beacon::Now::<Runtime>::mutate(|now| *now = now.saturating_add(ticks));
    }
}

impl pallet_verification::BenchmarkHelper<AccountId> for Helper {
    fn model() -> ModelId {
        <Self as pallet_provider_staking::benchmarking::BenchmarkHelper<AccountId, Signature>>::model(0)
    }

    fn add_worker(n: u32, model: &ModelId) -> (AccountId, AccountId) {
        <Self as pallet_job_market::BenchmarkHelper<AccountId>>::add_worker(n, model)
    }

    fn provide_randomness(block: u32) {
        provide_randomness(block, ogpu_primitives::check::DRAW_BLOCKS.saturating_add(1));
    }

    fn fill_audit_fund() {
        let _ = Balances::mint_into(&TokenReserve::audit_fund_account(), 1_000_000 * OGPU);
    }
}
