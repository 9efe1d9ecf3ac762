//! Gets the data of one case: asks its worker again and again, and, once it was demanded, looks for it on chain.

use super::{
    data::Reader,
    record::{Case, DemandKey},
    source::Source,
};
use crate::jobs::record::short;
use ogpu_primitives::{Subject, WorkKey};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

/// Pauses between two tries.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// After the first failure to fetch; each further one doubles it.
    pub first: Duration,
    /// The longest one.
    pub longest: Duration,
    /// Between two looks at the chain for posted data.
    pub chain: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            longest: Duration::from_secs(30),
            chain: Duration::from_secs(3),
        }
    }
}

/// Data that fits its case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fetched {
    /// The attempt.
    pub work: WorkKey,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// Whether it is sealed to the demand's key instead of this worker's own.
    pub by_demand: bool,
}

/// Asks the worker under audit until it serves what fits.
pub async fn from_worker(
    source: Arc<dyn Source>,
    reader: Reader,
    case: Case,
    pauses: Pauses,
    found: mpsc::Sender<Fetched>,
) {
    let (job, mut pause) = (short(&case.work), pauses.first);
    loop {
        let why = match source.served(&case).await {
            Ok(sealed) => match reader.served(&case, &sealed) {
                Ok(_) => {
                    let work = case.work;
                    let fetched = Fetched {
                        work,
                        sealed,
                        by_demand: false,
                    };
                    // The receiver is gone only when the daemon ends.
                    let _ = found.send(fetched).await;
                    return;
                }
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        tracing::warn!(job, why, "no audit data yet; asking again in {pause:?}");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(pauses.longest);
    }
}

/// Looks at each new block until it has what fits, posted for `demand`.
pub async fn from_chain(
    source: Arc<dyn Source>,
    reader: Reader,
    case: Case,
    demand: DemandKey,
    pauses: Pauses,
    found: mpsc::Sender<Fetched>,
) {
    let (work, mut from) = (case.work, demand.from_block);
    // The newest blocks are looked at again and again; what is of no use in them is told once.
    let mut told = false;
    loop {
        match source.posted(&Subject::Work(work), from).await {
            Ok(posted) => {
                from = posted.next;
                for sealed in posted.ciphertexts {
                    match reader.posted(&case, &demand.secret, &sealed) {
                        Ok(_) => {
                            let fetched = Fetched {
                                work,
                                sealed,
                                by_demand: true,
                            };
                            let _ = found.send(fetched).await;
                            return;
                        }
                        Err(error) if !told => {
                            told = true;
                            tracing::error!(
                                job = short(&work),
                                %error,
                                "the worker under audit posted data that cannot be checked; this auditor stays absent, \
                                 and if no other one can report, the chain refunds the client"
                            );
                        }
                        Err(_) => {}
                    }
                }
            }
            Err(error) => tracing::debug!(job = short(&work), %error, "posted data cannot be looked for"),
        }
        tokio::time::sleep(pauses.chain).await;
    }
}
