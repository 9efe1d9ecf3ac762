//! Benchmarks of the call, of the hook's steps and of what siblings ask for, each at its worst.

use crate::*;
use alloc::vec::Vec;
use frame_benchmarking::v2::*;
use frame_support::{
    traits::{
        fungible::{Inspect, Mutate},
        EnsureOrigin, Get,
    },
    weights::WeightMeter,
    BoundedVec,
};
use ogpu_primitives::{
    reputation::LEAST_WEIGHT_MILLI,
    running_sum::{Level, Observation},
    traits::Clock,
    Balance, CheckTerms, CheckedWork, JobKind, NumericProfile, Offence, ProfileParams, Subject, Tick,
    WorkKey, H256, OGPU,
};

fn owner<T: Config>() -> T::AccountId {
    account("owner", 0, 0)
}

fn subject() -> Subject {
    Subject::Work(WorkKey {
        job: H256::repeat_byte(1),
        segment: 0,
        attempt: 0,
    })
}

/// Many windows were faults of the network; none of them holds the present tick.
fn outages<T: Config>() {
    let far = T::Clock::now().saturating_add(1_000_000);
    let outage = |n: u32| NetworkOutage {
        since: far.saturating_add(n),
        until: far.saturating_add(n).saturating_add(1),
        pending: 1,
    };
    let all: Vec<_> = (0..MAX_FAULTS.saturating_sub(1)).map(outage).collect();
    Outages::<T>::put(BoundedVec::truncate_from(all));
}

/// The present window holds as many silent owners as it can, who together hold nothing, and one slash that waits.
fn silent_window<T: Config>() {
    let now = T::Clock::now();
    let owners: Vec<_> = (0..MAX_SILENT.saturating_sub(1))
        .map(|n| (account("silent", n, 0), 0))
        .collect();
    Silence::<T>::put(SilenceWindow {
        since: now,
        until: now.saturating_add(1_000),
        owners: BoundedVec::truncate_from(owners),
        pending: 1,
        faulted: false,
    });
}

/// The owner's offences, as many as are remembered, all silence.
fn offences<T: Config>() {
    let noted = NotedOffence {
        at: T::Clock::now(),
        silence: true,
    };
    let all = alloc::vec![noted; MAX_OFFENCES as usize];
    Offences::<T>::insert(owner::<T>(), BoundedVec::truncate_from(all));
}

/// A slash with the most payouts, on the agenda.
fn pending<T: Config>(offence: Offence, amount: Balance) -> (u32, Tick) {
    outages::<T>();
    silent_window::<T>();
    offences::<T>();
    if !offence.is_silence() {
        PendingSums::<T>::insert(owner::<T>(), amount);
    }
    let now = T::Clock::now();
    let due = Pallet::<T>::schedule(0, now);
    NextId::<T>::put(1);
    Pending::<T>::insert(
        0,
        PendingSlash {
            owner: owner::<T>(),
            worker: Some(account("worker", 0, 0)),
            offence,
            subject: Some(subject()),
            amount,
            reported_at: now,
            due,
            payouts: Payouts::truncate_from(payees::<T>(MAX_PAYOUTS)),
        },
    );
    (0, due)
}

fn payees<T: Config>(count: u32) -> Vec<(T::AccountId, Balance)> {
    (0..count).map(|n| (account("paid", n, 0), OGPU)).collect()
}

/// A result of an owner whose record is full.
fn work<T: Config>() -> CheckedWork<T::AccountId> {
    let now = T::Clock::now();
    Standings::<T>::mutate(owner::<T>(), JobKind::Generate, |record| {
        // As many count as may, of which there can be fewer than are remembered; the next one replaces one of them.
        let most = T::CountedADay::get().clamp(1, MAX_RECENT);
        let earlier = |n| RecentAudit {
            client: account("earlier", n, 0),
            at: now,
            weight_milli: LEAST_WEIGHT_MILLI,
        };
        let recent: Vec<_> = (0..most).map(earlier).collect();
        record.recent = BoundedVec::truncate_from(recent);
        record.forced = 1;
    });
    CheckedWork {
        worker: account("worker", 0, 0),
        owner: owner::<T>(),
        client: account("client", 0, 0),
        model: H256::repeat_byte(9),
        kind: JobKind::Generate,
        greedy: false,
        secret_hash: None,
        price: OGPU,
        audit_fee: OGPU,
        surcharge: false,
        terms: CheckTerms {
            params: ProfileParams::starting(NumericProfile::F16),
            whitened: true,
            rate_ppm: 1,
            second_ppm: 1,
        },
    }
}

#[benchmarks]
mod benchmarks {
    use super::*;

    // The stake is told, as it is not of silence; the window of silence costs less than that.
    #[benchmark]
    fn cancel() -> Result<(), BenchmarkError> {
        let (id, _) = pending::<T>(Offence::WrongResult, OGPU);
        let origin = T::CancelOrigin::try_successful_origin()
            .map_err(|_| BenchmarkError::Stop("nobody can cancel"))?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, id);
        assert!(!Pending::<T>::contains_key(id));
        Ok(())
    }

    #[benchmark]
    fn service_base() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now.saturating_add(1), 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    #[benchmark]
    fn service_tick() {
        let now = T::Clock::now();
        AgendaCursor::<T>::put((now, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, now);
        }
        assert_eq!(AgendaCursor::<T>::get(), (now.saturating_add(1), 0));
    }

    // The owner has no stake, so that only this pallet's part is measured; the pot has nothing to pay.
    #[benchmark]
    fn service_item() {
        let _ = T::Currency::mint_into(&Pallet::<T>::pot_account(), T::Currency::minimum_balance());
        let (id, due) = pending::<T>(Offence::SilentUnderAudit, OGPU);
        AgendaCursor::<T>::put((due, 0));
        let mut meter = WeightMeter::new();
        #[block]
        {
            Pallet::<T>::service_agenda(&mut meter, due);
        }
        assert!(!Pending::<T>::contains_key(id));
    }

    #[benchmark]
    fn payouts(p: Linear<0, MAX_PAYOUTS>) {
        let pot = Pallet::<T>::pot_account();
        let moved = OGPU.saturating_mul(Balance::from(p).saturating_add(1));
        let _ = T::Currency::mint_into(&pot, moved.saturating_add(T::Currency::minimum_balance()));
        // The reserve exists on a live chain.
        let _ = T::Currency::mint_into(&T::Reserve::get(), OGPU);
        let payees = payees::<T>(p);
        let paid;
        #[block]
        {
            (paid, _) = Pallet::<T>::distribute(moved, &payees);
        }
        assert_eq!(paid, OGPU.saturating_mul(p.into()));
    }

    // Without stake there is nothing to take and the rest of the work is left out; one planck of it would need the
    // sibling. So the parts are run one after the other, as `report` does.
    #[benchmark]
    fn report() {
        let owner = owner::<T>();
        outages::<T>();
        silent_window::<T>();
        offences::<T>();
        // A fault of the network, which is not forgiven once more.
        Silence::<T>::mutate(|window| {
            if let Some(window) = window {
                (window.faulted, window.pending) = (true, 0);
            }
        });
        let other_day = T::Clock::now().saturating_add(T::DayTicks::get());
        Forgiven::<T>::insert(&owner, other_day);
        let payees = payees::<T>(MAX_PAYOUTS);
        let worker = Some(account("worker", 0, 0));
        #[block]
        {
            let amount = Pallet::<T>::repeated_amount(&owner, Offence::SilentUnderAudit, OGPU);
            Pallet::<T>::defer(
                &owner,
                worker,
                Offence::SilentUnderAudit,
                amount.max(1),
                Some(subject()),
                payees,
            );
        }
        assert_eq!(NextId::<T>::get(), 1);
    }

    #[benchmark]
    fn counted() {
        let work = work::<T>();
        #[block]
        {
            Pallet::<T>::counted(&work);
        }
        let record = Standings::<T>::get(&work.owner, work.kind);
        let most = T::CountedADay::get().clamp(1, MAX_RECENT);
        assert_eq!((record.recent.len() as u32, record.forced), (most, 0));
        assert!(record.standing.passed_milli > 0);
    }

    #[benchmark]
    fn failed() {
        let work = work::<T>();
        #[block]
        {
            Pallet::<T>::failed(&work);
        }
        let record = Standings::<T>::get(&work.owner, work.kind);
        assert!(record.standing.failed_milli > 0);
    }

    // Rises to a level that is told, and has audits forced.
    #[benchmark]
    fn observed() {
        let work = work::<T>();
        let seen = Observation {
            tokens: 256,
            u: u32::MAX,
            e2_ppm: Some(u32::MAX),
            doubted: true,
            alone: false,
            picked: false,
        };
        // One less than the first level takes.
        (0..4).for_each(|_| Pallet::<T>::observed(&work, &seen));
        assert_eq!(
            Precision::<T>::get(&work.worker, work.model).level(),
            Level::Quiet
        );
        #[block]
        {
            Pallet::<T>::observed(&work, &seen);
        }
        let sums = Precision::<T>::get(&work.worker, work.model);
        assert!(sums.level() > Level::Quiet);
    }

    #[benchmark]
    fn rate() {
        let work = work::<T>();
        Standings::<T>::mutate(&work.owner, work.kind, |record| record.forced = 0);
        let found;
        #[block]
        {
            found = Pallet::<T>::rate_ppm(&work.owner, work.kind);
        }
        assert!(found >= T::LeastRatePpm::get());
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder.build(), crate::mock::Test);
}
