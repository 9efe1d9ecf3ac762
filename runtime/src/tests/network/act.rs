//! Everybody does what is due, each as its conduct says.

use super::{conduct::Quality, evidence, people::secret_of, Client, Conduct, Network};
use crate::{AccountId, Runtime, RuntimeCall};
use ogpu_primitives::{CheckStage, JobId, JobState, Subject, WorkKey};
use pallet_job_market::{types::work_key, Jobs};
use pallet_verification::CommitmentRecord;

impl Network {
    /// How `worker` behaves.
    pub fn conduct_of(&self, worker: &AccountId) -> Conduct {
        self.conduct.get(worker).copied().unwrap_or_default()
    }

    fn client_of(&self, client: &AccountId) -> Client {
        self.clients.get(client).copied().unwrap_or_default()
    }

    /// What `worker` delivers for `job`.
    fn quality_of(&self, worker: &AccountId, job: &JobId) -> Quality {
        let usual = self.conduct_of(worker).quality;
        if usual == Quality::Right {
            return usual;
        }
        self.quality.get(job).copied().unwrap_or(usual)
    }

    /// Lets everybody act in the block that has begun. What finds no room is due in the next one too.
    pub fn act(&mut self) {
        for job in self.live.clone() {
            let Some(record) = Jobs::<Runtime>::get(job) else {
                self.live.remove(&job);
                continue;
            };
            let work = work_key(job, record.attempt);
            let worker = record.assignment.map(|assignment| assignment.worker);
            match (record.state, worker) {
                (JobState::Assigned, Some(worker)) => self.acknowledge(&work, &worker, &record.client),
                (JobState::Acknowledged, Some(worker)) => self.commit(&work, &worker),
                (JobState::Committed | JobState::Auditing | JobState::Disputed, _) => {
                    self.check_result(&work)
                }
                (state, _) if state.is_final() => {
                    self.live.remove(&job);
                }
                _ => {}
            }
        }
    }

    /// Whether no job waits for anything.
    pub fn jobs_are_final(&self) -> bool {
        Jobs::<Runtime>::iter_values().all(|job| job.state.is_final())
    }

    /// Sends what is due; what does not succeed is tried again in the next block.
    pub(super) fn due(&mut self, who: &AccountId, call: impl Into<RuntimeCall>) -> bool {
        self.try_send(who, call).is_ok()
    }

    fn acknowledge(&mut self, work: &WorkKey, worker: &AccountId, client: &AccountId) {
        if !self.conduct_of(worker).acknowledges {
            return;
        }
        let work = *work;
        if self.client_of(client).delivers {
            self.due(worker, pallet_job_market::Call::acknowledge { work });
        } else {
            self.due(worker, pallet_job_market::Call::no_input { work });
        }
    }

    /// What the machine of `worker` gets for `work`.
    pub fn compute(&self, work: &WorkKey, worker: &AccountId, quality: Quality) -> evidence::Output {
        evidence::compute(&self.task, work, worker, quality)
    }

    fn commit(&mut self, work: &WorkKey, worker: &AccountId) {
        if !self.conduct_of(worker).commits {
            return;
        }
        let output = self.compute(work, worker, self.quality_of(worker, &work.job));
        let commit = pallet_job_market::Call::commit {
            work: *work,
            commitment: output.commitment,
        };
        // Kept before it is sent, as a worker does it.
        self.outputs.insert((work.job, work.attempt), output);
        self.due(worker, commit);
    }

    /// Client, worker, auditors and jurors of one result.
    fn check_result(&mut self, work: &WorkKey) {
        let subject = Subject::Work(*work);
        let Some(record) = pallet_verification::Commitments::<Runtime>::get(subject) else {
            return;
        };
        if record.is_closed() {
            return;
        }
        self.act_as_client(&subject, &record);
        if record.stage == CheckStage::Opening && self.conduct_of(&record.work.worker).opens {
            self.open(work, &record.work.worker);
        }
        self.post_data(&subject, &record);
        self.act_on_seats(work, &record);
    }

    fn act_as_client(&mut self, subject: &Subject, record: &CommitmentRecord<AccountId>) {
        let (client, subject) = (&record.work.client, *subject);
        let conduct = self.client_of(client);
        let is_asked = |client| pallet_verification::Demands::<Runtime>::contains_key(subject, client);
        if conduct.demands && !is_asked(client) {
            self.due(
                client,
                pallet_verification::Call::demand_data {
                    subject,
                    key: [1; 32],
                },
            );
        }
        let spoke = record.secret.is_some() || record.challenge.is_some();
        if record.stage != CheckStage::Window || spoke {
            return;
        }
        if conduct.challenges {
            self.due(client, pallet_verification::Call::challenge { subject });
            return;
        }
        if let Some(hash) = record.work.secret_hash.filter(|_| conduct.accepts) {
            let secret = secret_of(&hash);
            self.due(client, pallet_verification::Call::accept { subject, secret });
        }
    }

    fn open(&mut self, work: &WorkKey, worker: &AccountId) {
        let subject = Subject::Work(*work);
        // Whoever committed to what has no meaning has nothing to open.
        let Some(output) = self.outputs.get(&(work.job, work.attempt)) else {
            return;
        };
        let opening = output.opening(work, worker);
        self.due(worker, pallet_verification::Call::open { subject, opening });
    }

    fn post_data(&mut self, subject: &Subject, record: &CommitmentRecord<AccountId>) {
        let worker = &record.work.worker;
        if record.open_demands == 0 || !self.conduct_of(worker).posts {
            return;
        }
        let demands: Vec<_> = pallet_verification::Demands::<Runtime>::iter_prefix(subject).collect();
        for (demander, demand) in demands {
            if demand.is_open() {
                let bytes = self.task.posted_bytes(demander == record.work.client);
                let post = pallet_verification::Call::post_data {
                    subject: *subject,
                    demander,
                    ciphertext: vec![0; bytes].try_into().expect("short"),
                };
                self.due(worker, post);
            }
        }
    }
}
