//! What each attack brings those who try it, and what it costs the others: real money, before and after.

mod auditors;
mod clients;
mod coalitions;
mod data;
mod precision;
mod results;
mod stake;

use super::{
    network, wealth, Audits, Client, Conduct, Network, Provider, Quality, Refusal, Settings, Sketches, FEES,
};
use crate::{AccountId, Runtime, OGPU};
use ogpu_primitives::{JobId, JobKind, JobState, Offence, Role};
use std::collections::BTreeMap;

/// What every provider of these tests stakes, in planck.
const STAKE: u128 = 200 * OGPU;

/// A stage's cast: a worker to watch, six other providers, and a client.
struct Cast {
    worker: Provider,
    others: Vec<Provider>,
    client: AccountId,
}

impl Cast {
    fn new(network: &mut Network) -> Self {
        Self {
            worker: network.provider(STAKE),
            others: network.providers(6, STAKE),
            client: network.rich(),
        }
    }

    /// All but the worker.
    fn honest(&self) -> Vec<AccountId> {
        let accounts = self.others.iter().flat_map(Provider::accounts).cloned();
        accounts.chain([self.client.clone()]).collect()
    }
}

/// The state of a job.
fn state(job: JobId) -> JobState {
    pallet_job_market::Jobs::<Runtime>::get(job)
        .expect("the job is kept")
        .state
}

/// What was taken of `owner` for which offences, applied or not.
fn offences(owner: &AccountId) -> Vec<Offence> {
    pallet_slashing::Pending::<Runtime>::iter_values()
        .filter(|slash| slash.owner == *owner)
        .map(|slash| slash.offence)
        .collect()
}

/// Active and unbonding stake of an owner, in planck.
fn stake_of(owner: &AccountId) -> u128 {
    crate::ProviderStaking::owner_held(owner)
}

/// Makes blocks until a slash of `owner` waits, and returns what for.
fn until_accused(network: &mut Network, owner: &AccountId) -> Offence {
    network.until("accused", |_| !offences(owner).is_empty());
    offences(owner)[0]
}

/// Passed audits that count for `owner`, in 1/1000.
fn passed(owner: &AccountId) -> u64 {
    pallet_slashing::Standings::<Runtime>::get(owner, JobKind::Generate)
        .standing
        .passed_milli
}

/// The seats of a job's first attempt.
fn seats(job: JobId) -> Vec<pallet_verification::Seat<AccountId>> {
    pallet_verification::Seats::<Runtime>::get(pallet_job_market::types::subject(job, 0)).into_inner()
}

/// The owner of the first seat of this role.
fn seat_owner(job: JobId, role: Role) -> AccountId {
    let seat = seats(job).into_iter().find(|seat| seat.role == role);
    seat.expect("somebody was drawn").owner
}

/// All money of every provider of a cast.
fn wealth_by_owner(cast: &Cast) -> BTreeMap<AccountId, u128> {
    let everybody = cast.others.iter().chain([&cast.worker]);
    everybody
        .map(|provider| (provider.owner.clone(), wealth(provider.accounts())))
        .collect()
}
