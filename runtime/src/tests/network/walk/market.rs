//! Jobs: submitted, cancelled, poked, and reported about by anybody.

use super::{super::people::REPLICA_SECRET, Walk};
use crate::{AccountId, Runtime, RuntimeCall, System, OGPU};
use ogpu_primitives::{
    job::{job_id, replica_id, secret_hash},
    Commitment, FinishReason, JobId, JobParams, WhiteningTable, WorkKey, H256,
};
use pallet_job_market::{types::work_key, Call, Job, Jobs, Report};

impl Walk<'_> {
    /// A job of the market, with its id.
    pub(super) fn job(&mut self) -> Option<(JobId, Job<AccountId>)> {
        let jobs: Vec<_> = Jobs::<Runtime>::iter_keys().collect();
        let unfinished: Vec<_> = jobs
            .iter()
            .copied()
            .filter(|job| Jobs::<Runtime>::get(job).is_some_and(|job| !job.state.is_final()))
            .collect();
        let id = if self.dice.chance(90) {
            self.dice.any(&unfinished)?
        } else {
            self.dice.any(&jobs)?
        };
        Some((id, Jobs::<Runtime>::get(id)?))
    }

    pub(super) fn submit(&mut self) {
        let client = if self.dice.chance(90) {
            self.dice.one(&self.clients)
        } else {
            self.dice.one(&self.people)
        };
        let chosen = self.dice.chance(40).then(|| self.dice.one(&self.workers));
        let price = OGPU / 10 * self.dice.below(60) as u128;
        let mut request = self.network.request(&client, chosen.as_ref(), price);
        let limits = &mut request.limits;
        match self.dice.below(14) {
            0 => limits.deadline_ticks = self.dice.below(60) as u32,
            1 => limits.replicas = self.dice.below(4) as u8,
            2 => limits.requirements.min_reputation_permille = self.dice.below(1_100) as u16,
            3 => request.nonce = self.dice.number() >> self.dice.below(60),
            4 => request.model = H256(self.dice.bytes()),
            5 => request.input_tokens = self.dice.number() as u32 >> self.dice.below(32),
            6..=7 => request.secret_hash = None,
            8..=9 => {
                if let JobParams::Generate(params) = &mut request.params {
                    params.temperature_milli = 0;
                }
            }
            _ => {}
        }
        if self.dice.chance(25) {
            request.model = self.small;
        }
        if self.dice.chance(15) {
            request.limits.replicas = 2;
        }
        if request.limits.replicas == 2 {
            if self.dice.chance(90) {
                request.limits.requirements.worker = None;
            }
            let secret = self.dice.chance(70).then_some(secret_hash(&REPLICA_SECRET));
            request.replica_secret_hash = secret;
        }
        let id = job_id(&System::block_hash(0), &client, request.nonce);
        let replicas = request.limits.replicas;
        if self.send(&client, Call::submit { request }) {
            self.network.live.insert(id);
            if replicas == 2 {
                self.network.live.insert(replica_id(&id, 1));
            }
        }
    }

    pub(super) fn call_market(&mut self) {
        if self.dice.chance(4) {
            return self.add_whitening();
        }
        let Some((id, job)) = self.job() else { return };
        let worker = job
            .assignment
            .as_ref()
            .map(|assignment| assignment.worker.clone());
        let who = match worker {
            Some(worker) => self.who(&worker),
            None => self.who(&job.client),
        };
        let attempt = if self.dice.chance(95) {
            job.attempt
        } else {
            self.dice.below(4) as u8
        };
        let work = work_key(id, attempt);
        let call = match self.dice.below(7) {
            0 => Call::cancel { job: id },
            1 => Call::poke { job: id },
            2 => Call::acknowledge { work },
            3 => Call::no_input { work },
            4 => return self.commit(&who, work),
            5 => Call::withdraw_earnings {},
            _ => self.report_many(work),
        };
        self.send(&who, RuntimeCall::JobMarket(call));
    }

    /// A result, right or without any meaning.
    fn commit(&mut self, who: &AccountId, work: WorkKey) {
        let quality = self.network.conduct_of(who).quality;
        let output = self.network.compute(&work, who, quality);
        let mut commitment = output.commitment;
        let meaningless = self.dice.chance(20);
        if meaningless {
            commitment = self.any_commitment();
        }
        if self.send(who, Call::commit { work, commitment }) && !meaningless {
            self.network.outputs.insert((work.job, work.attempt), output);
        }
    }

    fn any_commitment(&mut self) -> Commitment {
        Commitment {
            root: H256(self.dice.bytes()),
            output: H256(self.dice.bytes()),
            n_in: if self.dice.chance(90) {
                32
            } else {
                self.dice.number() as u32
            },
            n_out: self.dice.below(70) as u32,
            finish: self
                .dice
                .one(&[FinishReason::Stop, FinishReason::Length, FinishReason::Complete]),
        }
    }

    fn report_many(&mut self, work: WorkKey) -> Call<Runtime> {
        let reports: Vec<Report> = (0..self.dice.below(5))
            .map(|_| match self.dice.below(3) {
                0 => Report::Acknowledge(work),
                1 => Report::NoInput(work),
                _ => Report::Commit(work, self.any_commitment()),
            })
            .collect();
        Call::report_many {
            reports: reports.try_into().expect("few"),
        }
    }

    fn add_whitening(&mut self) {
        let who = self.dice.one(&self.people);
        let table = WhiteningTable::unit(1 + self.dice.below(100) as u32).expect("few dimensions");
        let model = self.network.model;
        self.send(&who, Call::add_whitening { model, table });
    }
}
