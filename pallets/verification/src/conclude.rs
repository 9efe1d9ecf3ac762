//! The verdict: what was put up goes where it belongs, those who worked are paid, those at fault are blamed, and
//! the owner of the subject acts.

use super::*;
use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{traits::Clock, Balance, CheckStage, Observation, Offence, Role, Subject};
use ruling::Ruling;

impl<T: Config> Pallet<T> {
    /// Ends a check. Called inside a storage layer: an error undoes all of it, and it is tried again later.
    pub(crate) fn conclude(subject: &Subject, mut record: RecordOf<T>, ruling: Ruling) -> DispatchResult {
        let ruling = match ruling {
            Ruling::NoAuditor if Self::seat_demanded(subject) => Ruling::NotServed,
            // A challenge must not be a refund for the asking where only the worker's owner has the model.
            Ruling::NoAuditor if record.challenge.is_none() && Self::all_excused(subject) => {
                Ruling::NotFetched
            }
            ruling => ruling,
        };
        let unaudited = matches!(ruling, Ruling::NoAuditor | Ruling::NotServed | Ruling::NotFetched);
        let verdict = ruling.verdict();
        record.audited = record.audited && !unaudited;
        let audited = record.audited;
        if unaudited {
            Self::deposit_event(Event::NoAuditor { subject: *subject });
        }
        Self::settle_challenge(&record, ruling);
        Self::clear_open(subject, &record);
        record.open_demands = 0;
        record.stage = CheckStage::Closed;
        record.verdict = Some(verdict);
        // Written before anybody acts: acting on the verdict may read it, or already forget it.
        Commitments::<T>::insert(subject, &record);

        let seats = Seats::<T>::get(subject);
        let paid = Self::pay_seats(subject, &record, &seats, ruling);
        Self::enforce(subject, &record, &seats, ruling, paid);
        T::OnVerdict::on_verdict(subject, verdict)?;
        Self::deposit_event(Event::VerdictGiven {
            subject: *subject,
            verdict,
            audited,
        });
        Ok(())
    }

    /// Whether a seat had to demand the data that it was owed. Whoever hands over nothing, and then posts what
    /// nobody can open, must not be paid for having kept auditors away.
    fn seat_demanded(subject: &Subject) -> bool {
        // Few: seats that were drawn before the result went unaudited.
        Seats::<T>::get(subject)
            .iter()
            .any(|seat| Demands::<T>::contains_key(subject, &seat.worker))
    }

    /// Whether auditors were drawn, and all of them may not have got the model.
    fn all_excused(subject: &Subject) -> bool {
        let seats = Seats::<T>::get(subject);
        !seats.is_empty() && seats.iter().all(|seat| seat.state == SeatState::Excused)
    }

    fn settle_challenge(record: &RecordOf<T>, ruling: Ruling) {
        let Some(fee) = record.challenge else {
            return;
        };
        let client = &record.work.client;
        if ruling.found_right() {
            Self::forfeit(HoldReason::ChallengeFee, client, &T::AuditFund::account(), fee);
        } else {
            Self::give_back(HoldReason::ChallengeFee, client, fee);
        }
    }

    /// Removes what is kept only of open checks, and gives back the bonds of demands that nobody answered.
    pub(crate) fn clear_open(subject: &Subject, record: &RecordOf<T>) {
        Involved::<T>::remove(&record.work.worker, subject);
        for seat in Seats::<T>::get(subject) {
            Involved::<T>::remove(&seat.worker, subject);
            if seat.role == Role::Juror {
                JurySketches::<T>::remove(subject, &seat.worker);
            }
        }
        Openings::<T>::remove(subject);
        // At most one an account with a part in the check.
        for (demander, demand) in Demands::<T>::drain_prefix(subject) {
            if demand.is_open() {
                Self::give_back(HoldReason::DataBond, &demander, demand.bond);
            }
        }
    }

    /// Pays those who did their work and returns what that cost the audit fund.
    fn pay_seats(
        subject: &Subject,
        record: &RecordOf<T>,
        seats: &[Seat<T::AccountId>],
        ruling: Ruling,
    ) -> Balance {
        let mut paid: Balance = 0;
        let covered = Self::is_covered(record, seats, ruling);
        let mut budget = Self::fund_budget(record, covered);
        for seat in seats.iter().filter(|seat| ruling.pays(seat)) {
            let amount = T::AuditFund::pay(&seat.owner, record.work.audit_fee.min(budget));
            if amount == 0 {
                continue;
            }
            (paid, budget) = (paid.saturating_add(amount), budget.saturating_sub(amount));
            Self::deposit_event(Event::SeatPaid {
                subject: *subject,
                worker: seat.worker.clone(),
                owner: seat.owner.clone(),
                amount,
            });
        }
        if !covered {
            Self::note_outlay(record, paid);
        }
        paid
    }

    /// What the audit fund may pay for a check, in planck. What comes back to it, by premiums or slashes, has no
    /// limit; what does not, only so much an owner and day, or friends could hold juries at the fund's cost.
    fn fund_budget(record: &RecordOf<T>, covered: bool) -> Balance {
        if covered {
            return Balance::MAX;
        }
        let spent = Self::outlay_today(&record.work.owner).planck;
        T::JuryFundLimit::get().saturating_sub(spent)
    }

    /// Whether what the seats are paid comes back: an acquittal costs the auditor who dissented, if one did.
    fn is_covered(record: &RecordOf<T>, seats: &[Seat<T::AccountId>], ruling: Ruling) -> bool {
        let acquitted = ruling == Ruling::Jury(ogpu_primitives::jury::JuryOutcome::Innocent);
        let has_loser = !acquitted || seats.iter().any(|seat| ruling.is_false_dissent(seat));
        has_loser && ruling.is_covered(record.work.terms.params.slash_enabled)
    }

    fn note_outlay(record: &RecordOf<T>, paid: Balance) {
        if paid == 0 {
            return;
        }
        let mut outlay = Self::outlay_today(&record.work.owner);
        outlay.planck = outlay.planck.saturating_add(paid);
        JuryOutlays::<T>::insert(&record.work.owner, outlay);
    }

    fn outlay_today(owner: &T::AccountId) -> Outlay {
        let now = T::Clock::now();
        JuryOutlays::<T>::get(owner)
            .filter(|outlay| now.saturating_sub(outlay.since) < OUTLAY_DAY_TICKS)
            .unwrap_or(Outlay {
                since: now,
                planck: 0,
            })
    }

    fn enforce(
        subject: &Subject,
        record: &RecordOf<T>,
        seats: &[Seat<T::AccountId>],
        ruling: Ruling,
        paid: Balance,
    ) {
        use ogpu_primitives::jury::JuryOutcome::{Guilty, Innocent, Undecided};

        let work = &record.work;
        match ruling {
            Ruling::Audited | Ruling::Jury(Innocent) => {
                // Results that the client picked itself say nothing of the others, nor do those that few can judge.
                T::Enforce::passed(work, record.challenge.is_none() && record.class.is_none());
                Self::note_precision(record, seats);
                Self::blame_seats(record, seats, ruling);
            }
            // Thresholds that are not calibrated may be wrong about anybody.
            Ruling::Jury(Guilty) if !work.terms.params.slash_enabled => {
                Self::deposit_event(Event::VerdictLogged {
                    subject: *subject,
                    offence: Offence::WrongResult,
                });
            }
            Ruling::Jury(Guilty) => {
                let payouts = Self::payouts(record, seats, ruling, paid);
                T::Enforce::wrong(work, Offence::WrongResult, subject, payouts);
                Self::blame_seats(record, seats, ruling);
            }
            Ruling::Blamed(offence) => {
                let payouts = Self::payouts(record, seats, ruling, paid);
                T::Enforce::wrong(work, offence, subject, payouts);
            }
            Ruling::Jury(Undecided) | Ruling::JuryTooSmall => T::Enforce::refunded(work),
            // Else results that must be audited would be refunded for ever where nobody else gets the model.
            Ruling::NotFetched => T::Enforce::passed(work, false),
            // An equivocation was punished when it was proved.
            _ => {}
        }
    }

    /// Who gets what of a slash: those who found the fault their fee once more, the audit fund what the check cost
    /// it.
    fn payouts(
        record: &RecordOf<T>,
        seats: &[Seat<T::AccountId>],
        ruling: Ruling,
        paid: Balance,
    ) -> Vec<(T::AccountId, Balance)> {
        let rewards = seats
            .iter()
            .filter(|seat| ruling.rewards(seat))
            .map(|seat| (seat.owner.clone(), record.work.audit_fee));
        let refund = (paid > 0).then(|| (T::AuditFund::account(), paid));
        rewards.chain(refund).collect()
    }

    /// Hands over what two auditors saw of a result that is right. Not what the client picked to be audited, which says
    /// nothing of the others, not where so few serve the model that both may be friends, and not under thresholds that
    /// are not calibrated: their means are nobody's.
    fn note_precision(record: &RecordOf<T>, seats: &[Seat<T::AccountId>]) {
        let had_two = seats.iter().any(|seat| seat.role == Role::Second);
        let says_nothing = record.challenge.is_some() || record.class.is_some();
        if !had_two || says_nothing || !record.work.terms.params.slash_enabled {
            return;
        }
        let heard = seats
            .iter()
            .filter(|seat| seat.role != Role::Juror && seat.dissents() == Some(false))
            .filter_map(|seat| seat.findings.as_ref());
        if let Some(seen) = Observation::of(heard, Self::is_surcharged(record)) {
            T::Enforce::observed(&record.work, &seen);
        }
    }

    /// Blames seats whose votes the jury overturned.
    fn blame_seats(record: &RecordOf<T>, seats: &[Seat<T::AccountId>], ruling: Ruling) {
        let work = &record.work;
        if !work.terms.params.slash_enabled {
            return;
        }
        let jurors_paid = seats
            .iter()
            .filter(|seat| seat.role == Role::Juror && ruling.pays(seat))
            .count() as Balance;
        let jury_cost = work.audit_fee.saturating_mul(jurors_paid);
        for seat in seats {
            if ruling.is_false_pass(seat) {
                T::Enforce::false_pass(&seat.worker, &seat.owner, work);
            } else if ruling.is_false_dissent(seat) {
                T::Enforce::false_dissent(&seat.worker, &seat.owner, jury_cost);
            }
        }
    }
}
