//! Worst cases of every call and of what siblings ask for.

use crate::*;
use alloc::vec;
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, Get};
use frame_system::{pallet_prelude::BlockNumberFor, RawOrigin};
use ogpu_primitives::{
    pairing::pairing_message, Balance, BoundedVec, Device, DeviceKind, ModelId, NetworkProfile, Offence,
    SeatPool, SocketAddress, WorkerProfile, H256,
};
use sp_runtime::traits::Zero;

/// What the benchmarks need of the runtime.
pub trait BenchmarkHelper<AccountId, Signature> {
    /// A new account and its signature over `message`; each call gives another account.
    fn sign(message: &[u8]) -> (AccountId, Signature);
    /// The `n`-th of [`MAX_MODELS`] + 1 registered models that fit into 1 MiB.
    fn model(n: u32) -> ModelId;
}

/// Entries of a roster in the benchmark of draws.
const MOST_TRIES: u32 = 256;

/// As many as [`Config::MaxDrawTries`] at first: entries in the benchmark of draws of seats.
const MOST_SEAT_TRIES: u32 = 128;

/// Seats in the benchmark of draws: the largest jury.
const MOST_SEATS: u32 = 21;

fn allotment<T: Config>() -> Balance {
    T::MinWorkerStake::get().saturating_mul(2)
}

fn funded<T: Config>(name: &'static str, n: u32) -> T::AccountId {
    let account: T::AccountId = account(name, n, 0);
    let money = allotment::<T>()
        .saturating_add(T::WorkerFloat::get())
        .saturating_add(T::RejoinFee::get())
        .saturating_mul(1_000);
    let _ = T::Currency::mint_into(&account, money);
    account
}

fn staked<T: Config>(n: u32) -> T::AccountId {
    let owner = funded::<T>("owner", n);
    let _ = Pallet::<T>::do_stake(owner.clone(), allotment::<T>().saturating_mul(10));
    owner
}

fn proof<T: Config>(owner: &T::AccountId) -> (T::AccountId, T::Signature) {
    let genesis = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
    T::BenchmarkHelper::sign(&pairing_message(genesis.as_ref(), owner))
}

fn paired<T: Config>(owner: &T::AccountId) -> T::AccountId {
    let (worker, signature) = proof::<T>(owner);
    let _ = Pallet::<T>::do_pair(owner.clone(), worker.clone(), signature, allotment::<T>());
    worker
}

/// The longest profile; `key` makes it one worker's.
fn profile(key: u32, kind: DeviceKind) -> WorkerProfile {
    let device = Device {
        kind,
        name: BoundedVec::truncate_from(vec![b'x'; 64]),
        vram_mib: 8_000,
        bandwidth_mib_s: 200_000,
        throughput_gmac_s: 5_000,
    };
    let mut transport_key = [7u8; 32];
    transport_key[..4].copy_from_slice(&key.to_le_bytes());
    WorkerProfile {
        devices: BoundedVec::truncate_from(vec![device; 16]),
        network: NetworkProfile {
            transport_key,
            encryption_key: [9; 32],
            addresses: BoundedVec::truncate_from(vec![SocketAddress::V6 { ip: [1; 16], port: 1 }; 8]),
            relays: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(vec![b'r'; 128]); 2]),
        },
        region: 276,
        slots: 1,
    }
}

/// A listed worker that serves `m` models, with another owner's behind it in every roster, so that leaving moves an
/// entry and takes its owner out.
fn listed<T: Config>(m: u32) -> (T::AccountId, T::AccountId) {
    let owner = staked::<T>(0);
    let workers = [paired::<T>(&owner), paired::<T>(&staked::<T>(1))];
    for (key, worker) in workers.iter().enumerate() {
        let _ = Pallet::<T>::do_set_profile(worker.clone(), profile(key as u32 + 1, DeviceKind::Cuda));
        for n in 0..m {
            let _ = Pallet::<T>::do_serve_model(worker.clone(), T::BenchmarkHelper::model(n));
        }
    }
    (owner, workers[0].clone())
}

/// `t` owners with a worker each that serves the model which is returned, all in one device class.
fn crowd<T: Config>(t: u32) -> ModelId {
    let model = T::BenchmarkHelper::model(0);
    for n in 0..t {
        let worker = paired::<T>(&staked::<T>(n));
        let _ = Pallet::<T>::do_set_profile(worker.clone(), profile(n + 1, DeviceKind::Cuda));
        let _ = Pallet::<T>::do_serve_model(worker, model);
    }
    model
}

#[benchmarks]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn stake() {
        let owner = staked::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), allotment::<T>());
        assert_eq!(
            Owners::<T>::get(&owner).map(|owner| owner.stake),
            Some(allotment::<T>() * 11)
        );
    }

    #[benchmark]
    fn unstake() {
        let owner = staked::<T>(0);
        Owners::<T>::mutate_extant(&owner, |record| {
            let chunk = UnbondingChunk {
                amount: 1,
                until: u32::MAX,
            };
            record.unbonding = BoundedVec::truncate_from(vec![chunk; MAX_UNBONDING_CHUNKS as usize - 1]);
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()), allotment::<T>());
        assert_eq!(
            Owners::<T>::get(&owner).map(|owner| owner.unbonding.len() as u32),
            Some(MAX_UNBONDING_CHUNKS)
        );
    }

    #[benchmark]
    fn withdraw() {
        let owner = staked::<T>(0);
        Owners::<T>::mutate_extant(&owner, |record| {
            let chunk = UnbondingChunk { amount: 1, until: 0 };
            record.unbonding = BoundedVec::truncate_from(vec![chunk; MAX_UNBONDING_CHUNKS as usize]);
            record.stake = record.stake.saturating_sub(Balance::from(MAX_UNBONDING_CHUNKS));
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(owner.clone()));
        assert_eq!(
            Owners::<T>::get(&owner).map(|owner| owner.unbonding.len()),
            Some(0)
        );
    }

    #[benchmark]
    fn pair() {
        let owner = staked::<T>(0);
        let (worker, signature) = proof::<T>(&owner);
        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            worker.clone(),
            signature,
            allotment::<T>(),
        );
        assert!(Workers::<T>::contains_key(worker));
    }

    #[benchmark]
    fn unpair(m: Linear<0, MAX_MODELS>) {
        let (owner, worker) = listed::<T>(m);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone());
        assert!(!Workers::<T>::contains_key(worker));
    }

    #[benchmark]
    fn allot(m: Linear<0, MAX_MODELS>) {
        let (owner, worker) = listed::<T>(m);
        // As after the minimum was raised and lowered again: it joins all its rosters.
        Workers::<T>::mutate_extant(&worker, |record| {
            Pallet::<T>::unlist(&worker, record);
        });
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone(), allotment::<T>() + 1);
        assert!(Workers::<T>::get(worker).is_some_and(|worker| worker.listed));
    }

    #[benchmark]
    fn set_profile(m: Linear<0, MAX_MODELS>) {
        let (_, worker) = listed::<T>(m);
        Workers::<T>::mutate_extant(&worker, |record| {
            Pallet::<T>::unlist(&worker, record);
        });
        let new = profile(3, DeviceKind::Cpu);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), new.clone());
        assert_eq!(Profiles::<T>::get(worker), Some(new));
    }

    #[benchmark]
    fn set_ask() {
        let (owner, worker) = listed::<T>(MAX_MODELS);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone(), MIN_ASK_PERMILLE);
        assert_eq!(
            Workers::<T>::get(worker).map(|worker| worker.ask_permille),
            Some(MIN_ASK_PERMILLE)
        );
    }

    #[benchmark]
    fn serve_model() {
        let (_, worker) = listed::<T>(MAX_MODELS - 1);
        let model = T::BenchmarkHelper::model(MAX_MODELS);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), model);
        assert!(Served::<T>::contains_key(worker, model));
    }

    #[benchmark]
    fn stop_serving() {
        let (_, worker) = listed::<T>(MAX_MODELS);
        let model = T::BenchmarkHelper::model(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(worker.clone()), model);
        assert!(!Served::<T>::contains_key(worker, model));
    }

    #[benchmark]
    fn drain(m: Linear<0, MAX_MODELS>) {
        let (owner, worker) = listed::<T>(m);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone());
        assert!(Workers::<T>::get(worker).is_some_and(|worker| !worker.listed));
    }

    #[benchmark]
    fn resume(m: Linear<0, MAX_MODELS>) {
        let (owner, worker) = listed::<T>(m);
        let _ = Pallet::<T>::do_drain(owner.clone(), worker.clone());
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone());
        assert!(Workers::<T>::get(worker).is_some_and(|worker| worker.listed));
    }

    #[benchmark]
    fn rejoin(m: Linear<0, MAX_MODELS>) {
        let (owner, worker) = listed::<T>(m);
        for _ in 0..T::MaxStrikes::get() {
            Pallet::<T>::strike(&worker, Offence::MissedDeadline);
        }
        // The treasury exists on a live chain.
        let _ = T::Currency::mint_into(&T::RejoinBeneficiary::get(), allotment::<T>());
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone());
        assert!(Workers::<T>::get(worker).is_some_and(|worker| worker.listed));
    }

    #[benchmark]
    fn top_up() {
        let (owner, worker) = listed::<T>(0);
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), worker.clone(), T::WorkerFloat::get());
        assert_eq!(Pallet::<T>::float_gap(&worker), 0);
    }

    #[benchmark]
    fn draw_for_model(t: Linear<1, MOST_TRIES>) {
        let model = crowd::<T>(t);
        let drawn;
        #[block]
        {
            drawn = Pallet::<T>::draw_for_model(&model, &H256::repeat_byte(7), t);
        }
        assert_eq!(drawn.len() as u32, t);
    }

    // Of a device class, for which the model is read too.
    #[benchmark]
    fn draw_seats(t: Linear<1, MOST_SEAT_TRIES>) {
        let model = crowd::<T>(t);
        let class = profile(1, DeviceKind::Cuda).class();
        let drawn;
        #[block]
        {
            drawn = Pallet::<T>::draw_seats(
                &SeatPool::Class(class),
                &model,
                &H256::repeat_byte(7),
                MOST_SEATS,
                t,
                &mut |candidate| candidate.serving,
            );
        }
        assert_eq!(drawn.len() as u32, t.min(MOST_SEATS));
    }

    #[benchmark]
    fn reserve() {
        let (_, worker) = listed::<T>(1);
        #[block]
        {
            let _ = Pallet::<T>::reserve(&worker, 1);
        }
        assert_eq!(Workers::<T>::get(worker).map(|worker| worker.used_slots), Some(1));
    }

    #[benchmark]
    fn free_slot() {
        let (_, worker) = listed::<T>(MAX_MODELS);
        let _ = Pallet::<T>::reserve(&worker, 1);
        #[block]
        {
            Pallet::<T>::free_slot(&worker);
        }
        assert_eq!(Workers::<T>::get(worker).map(|worker| worker.used_slots), Some(0));
    }

    #[benchmark]
    fn strike(m: Linear<0, MAX_MODELS>) {
        let (_, worker) = listed::<T>(m);
        for _ in 1..T::MaxStrikes::get() {
            Pallet::<T>::strike(&worker, Offence::MissedDeadline);
        }
        #[block]
        {
            Pallet::<T>::strike(&worker, Offence::MissedDeadline);
        }
        assert_eq!(
            Workers::<T>::get(worker).map(|worker| worker.status),
            Some(WorkerStatus::Jailed)
        );
    }

    #[benchmark]
    fn slash() {
        let owner = staked::<T>(0);
        Owners::<T>::mutate_extant(&owner, |record| {
            let chunk = UnbondingChunk {
                amount: allotment::<T>() / 3,
                until: u32::MAX,
            };
            record.unbonding = BoundedVec::truncate_from(vec![chunk; MAX_UNBONDING_CHUNKS as usize]);
            record.stake = record.stake.saturating_sub(record.unbonding_total());
        });
        let held = Pallet::<T>::owner_held(&owner);
        // The pot exists on a live chain.
        let pot = funded::<T>("pot", 0);
        let taken;
        #[block]
        {
            taken = Pallet::<T>::slash(&owner, held / 7, &pot);
        }
        assert_eq!(taken, held / 7);
        assert_eq!(Pallet::<T>::owner_held(&owner), held - taken);
    }

    #[benchmark]
    fn set_reputation() {
        let (_, worker) = listed::<T>(0);
        #[block]
        {
            Pallet::<T>::set_reputation(&worker, 900);
        }
        assert_eq!(
            Workers::<T>::get(worker).map(|worker| worker.reputation_permille),
            Some(900)
        );
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
