//! Checks: whatever can be sent about them, by those who may and those who may not.

use super::super::{conduct::Quality, evidence, people::secret_of};
use super::Walk;
use crate::{AccountId, Runtime, RuntimeCall, System};
use ogpu_primitives::{Receipt, Role, SignedReceipt, Subject, WorkKey, H256};
use pallet_verification::{Call, CommitmentRecord, Commitments, Seats};
use sp_core::Pair;

impl Walk<'_> {
    /// A check, mostly an open one.
    fn check_of_somebody(&mut self) -> Option<(Subject, CommitmentRecord<AccountId>)> {
        let all: Vec<_> = Commitments::<Runtime>::iter().collect();
        let open: Vec<_> = all
            .iter()
            .filter(|(_, record)| !record.is_closed())
            .cloned()
            .collect();
        if self.dice.chance(90) {
            self.dice.any(&open)
        } else {
            self.dice.any(&all)
        }
    }

    pub(super) fn call_verification(&mut self) {
        let Some((subject, record)) = self.check_of_somebody() else {
            return;
        };
        let Subject::Work(work) = subject;
        let seats = Seats::<Runtime>::get(subject);
        let seat = self.dice.any(&seats).map(|seat| (seat.worker, seat.role));
        let (client, worker) = (record.work.client.clone(), record.work.worker.clone());
        match self.dice.below(12) {
            0..=1 => {
                let hash = record.work.secret_hash.filter(|_| self.dice.chance(80));
                let secret = hash.map_or_else(|| self.dice.bytes(), |hash| secret_of(&hash));
                let who = self.who(&client);
                self.send(&who, Call::accept { subject, secret });
            }
            2 => {
                let who = self.who(&client);
                self.send(&who, Call::challenge { subject });
            }
            3..=4 => self.report_for_seat(&work, &record, seat),
            5..=6 => self.open(&work, &worker),
            7..=8 => {
                let right = seat.map_or(
                    client,
                    |(seat, _)| if self.dice.chance(50) { seat } else { worker },
                );
                let who = self.who(&right);
                let key = self.dice.bytes();
                self.send(&who, Call::demand_data { subject, key });
            }
            9..=10 => self.post_data(subject, &worker),
            _ => self.report_equivocation(&work, &record),
        }
    }

    fn report_for_seat(
        &mut self,
        work: &WorkKey,
        record: &CommitmentRecord<AccountId>,
        seat: Option<(AccountId, Role)>,
    ) {
        let subject = Subject::Work(*work);
        let (worker, role) = seat.unwrap_or((record.work.worker.clone(), Role::First));
        let who = self.who(&worker);
        let params = record.work.terms.params;
        if self.dice.chance(50) {
            let hash = match self.dice.chance(70) {
                true => self.network.report_hash(work, &worker, role, &params),
                false => H256(self.dice.bytes()),
            };
            self.send(&who, Call::audit_commit { subject, hash });
            return;
        }
        // Sometimes somebody else's report.
        let of = self.who(&worker);
        let salt = evidence::salt(work, &of);
        if let Some(report) = self.network.report(work, &of, role, &params) {
            self.send(
                &who,
                Call::audit_open {
                    subject,
                    report,
                    salt,
                },
            );
        }
    }

    fn open(&mut self, work: &WorkKey, worker: &AccountId) {
        let subject = Subject::Work(*work);
        let known = self.network.outputs.get(&(work.job, work.attempt)).cloned();
        let output = match known.filter(|_| self.dice.chance(80)) {
            Some(output) => output,
            None => self.network.compute(work, worker, Quality::OtherModel),
        };
        let opening = output.opening(work, worker);
        let who = self.who(worker);
        self.send(&who, Call::open { subject, opening });
    }

    fn post_data(&mut self, subject: Subject, worker: &AccountId) {
        let demanders: Vec<_> = pallet_verification::Demands::<Runtime>::iter_key_prefix(subject).collect();
        let demander = self
            .dice
            .any(&demanders)
            .unwrap_or_else(|| self.dice.one(&self.people));
        let who = self.who(worker);
        let bytes = if self.dice.chance(95) {
            self.dice.below(2_000)
        } else {
            65_536
        };
        let ciphertext = vec![0; bytes].try_into().expect("not too long");
        let call = Call::post_data {
            subject,
            demander,
            ciphertext,
        };
        self.send(&who, RuntimeCall::Verification(call));
    }

    fn report_equivocation(&mut self, work: &WorkKey, record: &CommitmentRecord<AccountId>) {
        // Rare, because it ends the check.
        if !self.dice.chance(20) {
            return;
        }
        let receipts = [(); 2].map(|()| self.receipt(work, record));
        let [first, second] = receipts;
        let second = self.dice.chance(50).then_some(second);
        let who = self.dice.one(&self.people);
        self.send(
            &who,
            Call::report_equivocation {
                first: Box::new(first),
                second: second.map(Box::new),
            },
        );
    }

    fn receipt(&mut self, work: &WorkKey, record: &CommitmentRecord<AccountId>) -> SignedReceipt {
        let mut commitment = record.commitment;
        if self.dice.chance(40) {
            commitment.root = H256(self.dice.bytes());
        }
        let genesis = if self.dice.chance(90) {
            System::block_hash(0)
        } else {
            H256::zero()
        };
        let receipt = Receipt::new(genesis, *work, &commitment);
        let signer = self.who(&record.work.worker);
        let signature = self.network.keys.of(&signer).sign(&receipt.signing_payload()).0;
        SignedReceipt { receipt, signature }
    }
}
