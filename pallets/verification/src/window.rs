//! The check window: a commitment comes in, its client may speak, and it is drawn whether there is an audit.

use super::*;
use codec::Encode;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{
    evidence::MAX_OUTPUT_TOKENS, fees::PPM, job::secret_hash, tagged_hash, traits::Clock, Balance,
    CheckStage, CheckedWork, Commitment, JobState, Subject, H256,
};
use ruling::Ruling;

/// The chance of an audit in parts per million: p, twice as much where outputs carry less evidence, twice as much
/// where the client pays for a draw without its secret, and one where it is certain.
pub(crate) fn audit_rate(rate_ppm: u32, greedy: bool, surcharged: bool, certain: bool) -> u32 {
    if certain {
        return PPM;
    }
    let twice = |rate: u32, whether: bool| if whether { rate.saturating_mul(2) } else { rate };
    twice(twice(rate_ppm, greedy), surcharged).min(PPM)
}

/// Whether `seed` draws what has a chance of `rate_ppm`: the first eight bytes of H("ogpu/chance/v1", seed) as a
/// little-endian number are below that part of 2⁶⁴.
pub(crate) fn is_drawn(seed: &H256, rate_ppm: u32) -> bool {
    let hash = tagged_hash(b"ogpu/chance/v1", seed.as_bytes());
    let (number, _) = hash.as_bytes().split_at(8);
    let number = number
        .iter()
        .rev()
        .fold(0u128, |number, byte| (number << 8) | u128::from(*byte));
    number * u128::from(PPM) < u128::from(rate_ppm) << 64
}

/// What a challenge costs when the result is right: the audit and, with its chance, the second one.
pub(crate) fn challenge_fee(audit_fee: Balance, second_ppm: u32) -> Balance {
    let second = ogpu_primitives::fees::ppm_floor(audit_fee, second_ppm.min(PPM));
    audit_fee.saturating_add(second)
}

impl<T: Config> Pallet<T> {
    /// Keeps `commitment` to the result of `work` and opens its check window.
    pub fn committed(
        subject: &Subject,
        work: CheckedWork<T::AccountId>,
        commitment: &Commitment,
    ) -> DispatchResult {
        ensure!(
            !Commitments::<T>::contains_key(subject),
            Error::<T>::AlreadyCommitted
        );
        ensure!(commitment.n_out <= MAX_OUTPUT_TOKENS, Error::<T>::OutputTooLong);
        let now = T::Clock::now();
        let worker = work.worker.clone();
        let mut record = CommitmentRecord {
            work,
            commitment: *commitment,
            committed_at: now,
            fixed_at: Self::this_block(),
            stage: CheckStage::Window,
            due: now,
            secret: None,
            accepted_at: None,
            challenge: None,
            open_demands: 0,
            redraws: 0,
            audited: false,
            late: false,
            equivocated: false,
            verdict: None,
            class: None,
            jury_key: None,
        };
        Self::enter(subject, &mut record, CheckStage::Window)?;
        Self::deposit_event(Event::Committed {
            subject: *subject,
            worker,
            window_end: record.due,
        });
        Ok(())
    }

    /// What was committed for `subject`, if it is still kept.
    pub fn commitment(subject: &Subject) -> Option<Commitment> {
        Commitments::<T>::get(subject).map(|record| record.commitment)
    }

    /// Whether `subject` was drawn at the doubled rate for which its client pays a second audit premium.
    pub fn surcharged(subject: &Subject) -> bool {
        Commitments::<T>::get(subject).is_some_and(|record| Self::is_surcharged(&record))
    }

    /// Whether the audit was drawn at the doubled rate that the client pays for.
    pub(crate) fn is_surcharged(record: &RecordOf<T>) -> bool {
        // Who challenges pays for the audit itself.
        record.work.surcharge && record.secret.is_none() && record.challenge.is_none()
    }

    /// Drops all that is kept of `subject`. An open check then ends without a verdict, and what was put up for it
    /// goes back.
    pub fn forget(subject: &Subject) {
        let Some(record) = Commitments::<T>::take(subject) else {
            return;
        };
        if !record.is_closed() {
            if let Some(fee) = record.challenge {
                Self::give_back(HoldReason::ChallengeFee, &record.work.client, fee);
            }
            Self::clear_open(subject, &record);
        }
        Seats::<T>::remove(subject);
    }

    /// The client takes the result.
    pub(crate) fn do_accept(client: &T::AccountId, subject: &Subject, secret: [u8; 32]) -> DispatchResult {
        let mut record = Self::in_window(client, subject)?;
        let expected = record.work.secret_hash.ok_or(Error::<T>::NoSecret)?;
        ensure!(secret_hash(&secret) == expected, Error::<T>::WrongSecret);
        record.secret = Some(secret);
        record.accepted_at = Some(Self::this_block());
        let ticks = Self::stage_ticks(subject, &record);
        Self::look_again(subject, &mut record, ticks)?;
        Self::deposit_event(Event::Accepted { subject: *subject });
        Ok(())
    }

    /// The client doubts the result.
    pub(crate) fn do_challenge(client: &T::AccountId, subject: &Subject) -> DispatchResult {
        let mut record = Self::in_window(client, subject)?;
        let fee = challenge_fee(record.work.audit_fee, record.work.terms.second_ppm);
        Self::put_up(HoldReason::ChallengeFee, client, fee)?;
        record.challenge = Some(fee);
        // From now on, or a client could wait to see who would audit.
        record.fixed_at = Self::this_block();
        let ticks = Self::stage_ticks(subject, &record);
        Self::look_again(subject, &mut record, ticks)?;
        Self::deposit_event(Event::Challenged {
            subject: *subject,
            client: client.clone(),
            fee,
        });
        Ok(())
    }

    /// The record of a window in which the client has not spoken yet.
    fn in_window(client: &T::AccountId, subject: &Subject) -> Result<RecordOf<T>, DispatchError> {
        let record = Self::open_check(subject)?;
        ensure!(record.work.client == *client, Error::<T>::NotClient);
        ensure!(record.stage == CheckStage::Window, Error::<T>::WindowClosed);
        ensure!(record.secret.is_none(), Error::<T>::AlreadyAccepted);
        ensure!(record.challenge.is_none(), Error::<T>::AlreadyChallenged);
        Ok(record)
    }

    /// The window is over: draws whether there is an audit, and its first auditor.
    pub(crate) fn draw_audit(subject: &Subject, mut record: RecordOf<T>) -> DispatchResult {
        let what = (b"audit", subject, record.secret).encode();
        let Some(seed) = Self::randomness(subject, &mut record, &what)? else {
            return Ok(());
        };
        let work = &record.work;
        // Who was late with demanded data waited, and may have seen what the draw would have been.
        let certain =
            record.challenge.is_some() || record.late || T::Enforce::is_forced(&work.owner, work.kind);
        let rate_ppm = audit_rate(
            work.terms.rate_ppm,
            work.greedy,
            Self::is_surcharged(&record),
            certain,
        );
        if !is_drawn(&seed, rate_ppm) {
            return Self::conclude(subject, record, Ruling::NotDrawn);
        }
        record.audited = true;
        // From now on, so that those who join or leave later change nobody's deadline.
        record.class = Self::class_for(&record.work);
        Self::involve(&record.work.worker, subject);
        T::OnVerdict::on_stage(subject, JobState::Auditing);
        Self::deposit_event(Event::AuditDrawn {
            subject: *subject,
            rate_ppm,
        });
        Self::seat_first(subject, record, &seed)
    }
}
