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
        let drawn = penalty::drawn_ppm(rate_ppm, T::WithholdingPpm::get());
        penalty::catch_ppm(drawn, T::DetectionPpm::get(), T::EvasionPpm::get())
    }

    /// Whether all results of this kind by `owner` are audited at present.
    pub fn is_forced(owner: &T::AccountId, kind: JobKind) -> bool {
        Standings::<T>::get(owner, kind).forced > 0
    }

    /// Lets the next [`Config::ForcedAudits`] results of this kind by `owner` be audited for certain.
    pub fn force(owner: &T::AccountId, kind: JobKind) {
        Standings::<T>::mutate(owner, kind, |record| record.forced = Self::forced_audits());
    }

    /// Counts a passed audit: one forced result less, and what it adds to the owner's standing. Within
    /// [`Config::DayTicks`] the heaviest audit of each client counts, and of those the heaviest
    /// [`Config::CountedADay`].
    pub fn counted(work: &CheckedWork<T::AccountId>) {
        let now = Self::now();
        let mut record = Standings::<T>::get(&work.owner, work.kind);
        record.forced = record.forced.saturating_sub(1);
        let weight_milli = Self::added_today(&mut record, &work.client, weight_milli(work.price), now);
        if weight_milli > 0 {
            record.standing = record.standing.pass(now, weight_milli);
        }
        let permille = Self::save_record(work, record, now);
        if weight_milli > 0 {
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

    /// Notes a passed audit that may not count in a standing: one forced result less, and nothing else.
    pub fn uncounted(owner: &T::AccountId, kind: JobKind) {
        Standings::<T>::mutate_exists(owner, kind, |record| {
            if let Some(record) = record {
                record.forced = record.forced.saturating_sub(1);
            }
        });
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

    /// What an audit of this weight for `client` adds now, in 1/1000; it is noted if it adds anything.
    ///
    /// A client counts once a day, so that one customer alone makes no record. Accounts cost nothing, hence the bound on
    /// all of them together: however many an owner has itself paid from, its record grows no faster than that, and each
    /// counted audit stands for some 1/p jobs whose fees were paid. A heavier audit takes the place of the client's own
    /// or, where all places are taken, of the lightest, and adds the difference: else anybody could fill an honest
    /// owner's day with the cheapest jobs. The place is then held for a day from now on, so that no day has more than
    /// its places at full weight.
    fn added_today(
        record: &mut AuditRecord<T::AccountId>,
        client: &T::AccountId,
        weight_milli: u32,
        now: Tick,
    ) -> u32 {
        let day = T::DayTicks::get();
        let recent = &mut record.recent;
        recent.retain(|audit| now.saturating_sub(audit.at) < day);
        let audit = RecentAudit {
            client: client.clone(),
            at: now,
            weight_milli,
        };
        let has_room = (recent.len() as u32) < T::CountedADay::get();
        let own = recent.iter().position(|other| other.client == *client);
        if own.is_none() && has_room && recent.try_push(audit.clone()).is_ok() {
            return weight_milli;
        }
        let place = match own {
            Some(own) => recent.get_mut(own),
            None => recent.iter_mut().min_by_key(|other| other.weight_milli),
        };
        let Some(place) = place.filter(|place| place.weight_milli < weight_milli) else {
            return 0;
        };
        let added = weight_milli.saturating_sub(place.weight_milli);
        *place = audit;
        added
    }

    fn forced_audits() -> u8 {
        u8::try_from(T::ForcedAudits::get()).unwrap_or(u8::MAX)
    }
}
