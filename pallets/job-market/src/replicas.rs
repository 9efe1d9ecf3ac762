//! A submission that is run twice: two jobs of different owners, each bound to the other.
//!
//! A replica is a job like any other, with an id, an escrow, a check and an end of its own, so that every rule about
//! money, audits and reruns holds for it without a change. Only its matching knows the other one.

use super::*;
use frame_support::pallet_prelude::*;
use ogpu_primitives::{job::MAX_REPLICAS, JobRequest};

impl<T: Config> Pallet<T> {
    /// Whether the replicas that `request` asks for can be there.
    pub(crate) fn check_replicas(request: &JobRequest<T::AccountId>) -> DispatchResult {
        let limits = &request.limits;
        ensure!(
            (1..=MAX_REPLICAS).contains(&limits.replicas),
            Error::<T>::ReplicasUnsupported
        );
        let twice = limits.replicas > 1;
        ensure!(
            !twice || limits.requirements.worker.is_none(),
            Error::<T>::ChosenWorkerWithReplicas
        );
        let of_its_own = request.replica_secret_hash.is_none()
            || (twice && request.replica_secret_hash != request.secret_hash);
        ensure!(of_its_own, Error::<T>::ReplicaSecret);
        Ok(())
    }

    /// The owner that must not get `job`: who has its other replica, or did it. One that had the other replica and lost it
    /// again may get this one. A job without one reads nothing.
    pub(crate) fn sibling_owner(job: &JobOf<T>) -> Option<T::AccountId> {
        let sibling = Jobs::<T>::get(job.sibling?)?;
        sibling.assignment.map(|assignment| assignment.owner)
    }

    /// Replicas name each other, are of one submission and of different owners.
    #[cfg(any(feature = "std", feature = "try-runtime"))]
    pub(crate) fn try_state_replicas() -> Result<(), sp_runtime::TryRuntimeError> {
        use ogpu_primitives::job::replica_id;

        for (id, job) in Jobs::<T>::iter() {
            ensure!(
                job.sibling.is_some() == (job.request.limits.replicas > 1),
                "a job has not the replicas that it asked for"
            );
            let Some(other) = job.sibling else { continue };
            ensure!(
                other == replica_id(&id, 1) || id == replica_id(&other, 1),
                "a job's replica is that of another job"
            );
            // Records go one by one.
            let Some(sibling) = Jobs::<T>::get(other) else {
                continue;
            };
            ensure!(
                sibling.sibling == Some(id),
                "a job's replica does not name the job"
            );
            let same = (&job.client, job.request.nonce) == (&sibling.client, sibling.request.nonce);
            ensure!(same, "two replicas are of different submissions");
            if let (Some(one), Some(another)) = (&job.assignment, &sibling.assignment) {
                ensure!(one.owner != another.owner, "one owner has both replicas");
            }
        }
        Ok(())
    }
}
