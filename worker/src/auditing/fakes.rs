//! A chain, a worker under audit and an engine that the test plays.

use super::{
    examine::{Examine, ExamineError},
    fixtures::{model, report},
    outbox::{Message, Outbox},
    record::Case,
    source::{Posted, Source, SourceError},
};
use crate::jobs::execute::StopFlag;
use async_trait::async_trait;
use ogpu_client::{chain::Model, sealed::AuditMessage, AccountId};
use ogpu_primitives::{AuditReport, JobId, JobRequest, ModelId, Subject};
use std::{
    sync::{
        atomic::{AtomicBool, AtomicU32, Ordering},
        Mutex, MutexGuard,
    },
    time::Duration,
};

/// A world that the test plays: what the worker serves, and what is posted on chain.
#[derive(Default)]
pub struct FakeSource {
    pub serves: Mutex<Option<Vec<u8>>>,
    pub posted: Mutex<Vec<(u64, Vec<u8>)>>,
    pub request: Mutex<Option<JobRequest<AccountId>>>,
    pub asked: AtomicU32,
}

#[async_trait]
impl Source for FakeSource {
    async fn served(&self, _: &Case) -> Result<Vec<u8>, SourceError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        locked(&self.serves).clone().ok_or(SourceError::NotReady)
    }

    async fn posted(&self, _: &Subject, from: u64) -> Result<Posted, SourceError> {
        let posted = locked(&self.posted);
        let found = posted.iter().filter(|(block, _)| *block >= from);
        Ok(Posted {
            ciphertexts: found.map(|(_, data)| data.clone()).collect(),
            next: from,
        })
    }

    async fn request(&self, _: &JobId) -> Result<Option<JobRequest<AccountId>>, SourceError> {
        Ok(locked(&self.request).clone())
    }

    async fn model(&self, _: &ModelId) -> Result<Option<Model>, SourceError> {
        Ok(Some(model(None)))
    }
}

/// Makes reports of no sense, and counts what it is asked.
#[derive(Default)]
pub struct FakeExaminer {
    hangs: bool,
    failures: AtomicU32,
    calls: AtomicU32,
    now: AtomicU32,
    most: AtomicU32,
}

impl FakeExaminer {
    /// One that never ends until it is stopped.
    pub fn hanging() -> Self {
        Self {
            hangs: true,
            ..Self::default()
        }
    }

    /// One that fails so many times.
    pub fn failing(times: u32) -> Self {
        let examiner = Self::default();
        examiner.fail_next(times);
        examiner
    }

    pub fn fail_next(&self, times: u32) {
        self.failures.store(times, Ordering::SeqCst);
    }

    pub fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    pub fn most_at_once(&self) -> u32 {
        self.most.load(Ordering::SeqCst)
    }
}

impl Examine for FakeExaminer {
    fn needs_model(&self, _: &ModelId) -> bool {
        true
    }

    fn examine(
        &self,
        case: &Case,
        _: &AuditMessage,
        model: Option<&Model>,
        _: &[u8; 32],
        stop: &StopFlag,
    ) -> Result<AuditReport, ExamineError> {
        assert!(model.is_some(), "it was said to be needed");
        self.calls.fetch_add(1, Ordering::SeqCst);
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(5));
        while self.hangs && !stop.is_stopped() {
            std::thread::sleep(Duration::from_millis(2));
        }
        self.now.fetch_sub(1, Ordering::SeqCst);
        if stop.is_stopped() {
            return Err(ExamineError::Stopped);
        }
        let left = |failures: u32| failures.checked_sub(1);
        if self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, left)
            .is_ok()
        {
            return Err(ExamineError::Table("no table".into()));
        }
        Ok(report(case.commitment.n_out))
    }
}

/// What was said on chain.
#[derive(Default)]
pub struct FakeOutbox {
    said: Mutex<Vec<Message>>,
    pub broken: AtomicBool,
}

impl FakeOutbox {
    /// All messages, equal ones once, as the transaction queue does.
    pub fn said(&self) -> Vec<Message> {
        locked(&self.said).clone()
    }
}

#[async_trait]
impl Outbox for FakeOutbox {
    async fn queue(&self, message: Message) -> anyhow::Result<()> {
        if self.broken.load(Ordering::SeqCst) {
            anyhow::bail!("the queue's disk is full");
        }
        let mut said = locked(&self.said);
        if !said.contains(&message) {
            said.push(message);
        }
        Ok(())
    }
}

pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no panic while held")
}
