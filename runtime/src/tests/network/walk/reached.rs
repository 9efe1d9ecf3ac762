//! What a long walk must have seen.

use super::Walk;
use crate::{AccountId, Runtime, RuntimeEvent, System};
use ogpu_primitives::{JobId, JobState, Role, SeatPool};
use pallet_job_market::Jobs;

/// What happens in every long walk, and shows only inside events and records.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reached {
    /// Somebody was drawn out of a device class to audit, and to judge.
    ClassAuditor,
    ClassJuror,
    /// Both replicas of a job were paid.
    ReplicasPaid,
}

pub const REACHED: [Reached; 3] = [Reached::ClassAuditor, Reached::ClassJuror, Reached::ReplicasPaid];

/// What happens in every long walk that is worth its name.
pub fn events() -> Vec<RuntimeEvent> {
    use pallet_job_market::Event as Market;
    use pallet_slashing::Event as Slashing;
    use pallet_verification::Event as Verification;
    let nobody = || AccountId::new([0; 32]);
    let subject = ogpu_primitives::Subject::Work(ogpu_primitives::WorkKey {
        job: Default::default(),
        segment: 0,
        attempt: 0,
    });
    vec![
        RuntimeEvent::Verification(Verification::Disputed { subject }),
        RuntimeEvent::Verification(Verification::JurySeated { subject, seats: 0 }),
        RuntimeEvent::Verification(Verification::BallotVoid {
            subject,
            worker: nobody(),
        }),
        RuntimeEvent::Verification(Verification::NoAuditor { subject }),
        RuntimeEvent::Verification(Verification::Accepted { subject }),
        RuntimeEvent::Verification(Verification::Challenged {
            subject,
            client: nobody(),
            fee: 0,
        }),
        RuntimeEvent::Verification(Verification::DataPosted {
            subject,
            demander: nobody(),
            hash: Default::default(),
        }),
        RuntimeEvent::Slashing(Slashing::SlashDeferred {
            id: 0,
            owner: nobody(),
            offence: ogpu_primitives::Offence::WrongResult,
            amount: 0,
            due: 0,
        }),
        RuntimeEvent::Slashing(Slashing::SlashApplied {
            id: 0,
            owner: nobody(),
            amount: 0,
            paid: 0,
            to_reserve: 0,
        }),
        RuntimeEvent::JobMarket(Market::ResultJudgedWrong {
            job: Default::default(),
            attempt: 0,
            worker: nobody(),
        }),
        RuntimeEvent::JobMarket(Market::JobCancelled {
            job: Default::default(),
            refunded: 0,
        }),
        RuntimeEvent::JobMarket(Market::JobExpired {
            job: Default::default(),
            refunded: 0,
        }),
        RuntimeEvent::Session(pallet_session::Event::NewSession { session_index: 0 }),
    ]
}

/// Whether the other replica of a job was paid.
fn sibling_is_paid(job: &JobId) -> bool {
    let sibling = Jobs::<Runtime>::get(job).and_then(|job| job.sibling);
    let sibling = sibling.and_then(Jobs::<Runtime>::get);
    sibling.is_some_and(|sibling| sibling.state == JobState::Settled)
}

impl Walk<'_> {
    /// Notes what the hooks of this block did.
    pub(super) fn note_reached(&mut self) {
        for record in System::events() {
            let reached = match record.event {
                RuntimeEvent::Verification(pallet_verification::Event::SeatDrawn {
                    role: Role::Juror,
                    pool: SeatPool::Class(_),
                    ..
                }) => Reached::ClassJuror,
                RuntimeEvent::Verification(pallet_verification::Event::SeatDrawn {
                    pool: SeatPool::Class(_),
                    ..
                }) => Reached::ClassAuditor,
                RuntimeEvent::JobMarket(pallet_job_market::Event::JobSettled { job, .. })
                    if sibling_is_paid(&job) =>
                {
                    Reached::ReplicasPaid
                }
                _ => continue,
            };
            self.reached.insert(reached);
        }
    }
}
