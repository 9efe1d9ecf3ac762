//! What a check comes to, and what follows from that for everybody: decisions without storage.

use super::{Seat, SeatState, Verdict};
use ogpu_primitives::{jury::JuryOutcome, Offence, Role};

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ruling {
    /// No audit was drawn.
    NotDrawn,
    /// An audit was drawn, but nobody did it.
    NoAuditor,
    /// Nobody did the audit, and somebody who should have had to demand the data for it.
    NotServed,
    /// Nobody did the audit that was drawn by chance, and none of those who should have served the model: they may not
    /// have got it.
    NotFetched,
    /// The auditors found nothing wrong.
    Audited,
    /// A jury decided.
    Jury(JuryOutcome),
    /// A jury was needed, but too few could sit.
    JuryTooSmall,
    /// The worker did not show or post in time what it owed.
    Blamed(Offence),
    /// The worker signed two different results.
    Equivocated,
}

impl Ruling {
    /// What it means for the money.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::NotDrawn | Self::NoAuditor | Self::Audited | Self::Jury(JuryOutcome::Innocent) => {
                Verdict::Pass
            }
            Self::Jury(JuryOutcome::Guilty) | Self::Blamed(_) | Self::Equivocated => Verdict::Wrong,
            Self::Jury(JuryOutcome::Unclear | JuryOutcome::Undecided)
            | Self::JuryTooSmall
            | Self::NotServed
            | Self::NotFetched => Verdict::Inconclusive,
        }
    }

    /// Whether somebody checked the result and it was found right: only then a challenge was in vain.
    pub(crate) fn found_right(self) -> bool {
        matches!(self, Self::Audited | Self::Jury(JuryOutcome::Innocent))
    }

    /// Whether the seat did its work and is paid for it. A vote that the jury overturned is not, nor a void ballot; where
    /// the worker left auditors waiting, their commitment is.
    pub(crate) fn pays<AccountId>(self, seat: &Seat<AccountId>) -> bool {
        let voted = matches!(seat.state, SeatState::Voted(_));
        match self {
            Self::NotDrawn | Self::NoAuditor | Self::NotServed | Self::NotFetched => false,
            // An auditor's dissent that no jury could confirm is no proof: paid, it would be a business.
            Self::JuryTooSmall => voted && seat.role == Role::Juror,
            Self::Audited => voted,
            Self::Jury(JuryOutcome::Guilty) => seat.dissents() == Some(true),
            Self::Jury(JuryOutcome::Innocent) => seat.dissents() == Some(false),
            Self::Jury(JuryOutcome::Unclear | JuryOutcome::Undecided) => voted,
            Self::Blamed(_) | Self::Equivocated => voted || seat.has_committed(),
        }
    }

    /// Whether what the seats are paid comes back to the audit fund, by the job's premium or by a slash.
    pub(crate) fn is_covered(self, slash_enabled: bool) -> bool {
        match self {
            Self::Jury(JuryOutcome::Guilty | JuryOutcome::Innocent) => slash_enabled,
            Self::Jury(JuryOutcome::Unclear | JuryOutcome::Undecided) | Self::JuryTooSmall => false,
            _ => true,
        }
    }

    /// Whether the seat is paid once more out of what is slashed.
    pub(crate) fn rewards<AccountId>(self, seat: &Seat<AccountId>) -> bool {
        self == Self::Jury(JuryOutcome::Guilty) && seat.dissents() == Some(true)
    }

    /// Whether the seat is an auditor's that passed what a jury found wrong.
    ///
    /// Jurors of the minority are blamed for neither vote: they caused no cost, and honest figures scatter about a
    /// threshold. They are not paid either ([`Self::pays`]). Who votes without computing has its ballot voided
    /// (`ballots.rs`).
    pub(crate) fn is_false_pass<AccountId>(self, seat: &Seat<AccountId>) -> bool {
        self == Self::Jury(JuryOutcome::Guilty) && seat.role != Role::Juror && seat.dissents() == Some(false)
    }

    /// Whether the seat is an auditor's whose dissent the jury did not share.
    pub(crate) fn is_false_dissent<AccountId>(self, seat: &Seat<AccountId>) -> bool {
        self == Self::Jury(JuryOutcome::Innocent) && seat.role != Role::Juror && seat.dissents() == Some(true)
    }
}
