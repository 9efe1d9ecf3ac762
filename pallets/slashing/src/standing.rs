//! The record of audits, and what follows from it.

use crate::*;
use ogpu_primitives::{
    penalty,
    reputation::{weight_milli, Standing},
    CheckedWork, JobKind, Tick,
};
use sp_runtime::traits::Get;

impl<T: Config> Pallet<T> {
    /// Chance of an audit of an owner's next result of this kind, in parts per million.
    pub fn rate_ppm(owner: &T::AccountId, kind: JobKind) -> u32 {
        Self::rate_of(&Standings::<T>::get(owner, kind), Self::now())
    }

    /// Chance that a cheat is caught when audits are drawn with `rate_ppm`, both in parts per million.
    pub fn catch_ppm(rate_ppm: u32) -> u32 {
        penalty::catch_ppm(rate_ppm, T::DetectionPpm::get(), T::EvasionPpm::get())
    }

    /// Whether all results of this kind by `owner` are audited at present.
    pub fn is_forced(owner: &T::AccountId, kind: JobKind) -> bool {
        Standings::<T>::get(owner, kind).forced > 0
    }

    /// Lets the next [`Config::ForcedAudits`] results of this kind by `owner` be audited for certain.
    pub fn force(owner: &T::AccountId, kind: JobKind) {
        Standings::<T>::mutate(owner, kind, |record| record.forced = Self::forced_audits());
    }

    /// Counts a passed audit: one forced result less, and one more in the owner's standing where none for this
    /// client counted within the last [`Config::DayTicks`].
    pub fn counted(work: &CheckedWork<T::AccountId>) {
        let now = Self::now();
        let mut record = Standings::<T>::get(&work.owner, work.kind);
        record.forced = record.forced.saturating_sub(1);
        let counts = is_first_of_day(&mut record, &work.client, now, T::DayTicks::get());
        let weight_milli = weight_milli(work.price);
        if counts {
            record.standing = record.standing.pass(now, weight_milli);
        }
        let permille = Self::save_record(work, record, now);
        if counts {
            Self::deposit_event(Event::AuditCounted {
                owner: work.owner.clone(),
                worker: work.worker.clone(),
                client: work.client.clone(),
                kind: work.kind,
                price: work.price,
                weight_milli,
                permille,
            });
        }
    }

    /// Counts a failed audit: the owner's passed ones of this kind are lost, and the next
    /// [`Config::ForcedAudits`] results are audited for certain.
    pub fn failed(work: &CheckedWork<T::AccountId>) {
        let now = Self::now();
        let mut record = Standings::<T>::get(&work.owner, work.kind);
        let weight_milli = weight_milli(work.price);
        record.standing = Standing {
            passed_milli: 0,
            ..record.standing.fail(now, weight_milli)
        };
        record.forced = Self::forced_audits();
        let permille = Self::save_record(work, record, now);
        Self::deposit_event(Event::AuditFailed {
            owner: work.owner.clone(),
            worker: work.worker.clone(),
            client: work.client.clone(),
            kind: work.kind,
            price: work.price,
            weight_milli,
            permille,
        });
    }

    /// Stores the record and shows the reputation at the worker; returns it in 1/1000.
    fn save_record(work: &CheckedWork<T::AccountId>, record: AuditRecord<T::AccountId>, now: Tick) -> u16 {
        let permille = record.standing.permille(now);
        Standings::<T>::insert(&work.owner, work.kind, record);
        T::Stake::set_reputation(&work.worker, permille);
        permille
    }

    pub(crate) fn rate_of(record: &AuditRecord<T::AccountId>, now: Tick) -> u32 {
        if record.forced > 0 {
            return ogpu_primitives::fees::PPM;
        }
        let passed = record.standing.decayed(now).passed_milli;
        penalty::audit_rate_ppm(passed, T::LeastRatePpm::get(), T::MostRatePpm::get())
    }

    fn forced_audits() -> u8 {
        u8::try_from(T::ForcedAudits::get()).unwrap_or(u8::MAX)
    }
}

/// Whether no audit for this client counted within the last `day` ticks; then this one is noted.
///
/// Nor does it count when as many clients counted within the day as are remembered: to forget one of them would let
/// it count again.
fn is_first_of_day<AccountId: PartialEq + Clone>(
    record: &mut AuditRecord<AccountId>,
    client: &AccountId,
    now: Tick,
    day: Tick,
) -> bool {
    record.recent.retain(|(_, at)| now.saturating_sub(*at) < day);
    let seen = record.recent.iter().any(|(other, _)| other == client);
    !seen && record.recent.try_push((client.clone(), now)).is_ok()
}
