//! A chain, a worker under audit and an engine that the test plays.

use super::{
    engines::LoadError,
    examine::{Examine, ExamineError},
    fixtures::{model, report},
    library::{
        memory::{Free, ShortOfMemory},
        Library, ModelStatus, NotProvided, Wanted,
    },
    outbox::{Message, Outbox},
    record::Case,
    source::{Posted, Source, SourceError},
};
use crate::jobs::execute::StopFlag;
use async_trait::async_trait;
use ogpu_client::{
    chain::{AuditView, Model},
    sealed::AuditMessage,
    AccountId,
};
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
    pub model: Mutex<Option<Model>>,
    pub check: Mutex<Option<AuditView>>,
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

    async fn check(&self, _: &Subject) -> Result<Option<AuditView>, SourceError> {
        Ok(locked(&self.check).clone())
    }

    async fn model(&self, _: &ModelId) -> Result<Option<Model>, SourceError> {
        let registered = locked(&self.model).clone();
        Ok(Some(registered.unwrap_or_else(|| model(None))))
    }
}

/// Models that come when the test says so.
#[derive(Default)]
pub struct FakeLibrary {
    /// Nothing is in memory.
    pub empty: AtomicBool,
    /// The answer to whoever asks next.
    pub answer: Mutex<Option<Result<(), NotProvided>>>,
    pub asked: Mutex<Vec<Wanted>>,
    pub waiting: AtomicU32,
}

impl FakeLibrary {
    /// One without any model.
    pub fn empty() -> Self {
        Self {
            empty: AtomicBool::new(true),
            ..Self::default()
        }
    }

    pub fn asked(&self) -> usize {
        locked(&self.asked).len()
    }

    /// How many wait for a model.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Library for FakeLibrary {
    fn is_loaded(&self, _: &ModelId) -> bool {
        !self.empty.load(Ordering::SeqCst)
    }

    async fn provide(&self, wanted: Wanted) -> Result<(), NotProvided> {
        struct Waits<'a>(&'a AtomicU32);
        impl Drop for Waits<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        locked(&self.asked).push(wanted);
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let _waits = Waits(&self.waiting);
        loop {
            let answer = locked(&self.answer).take();
            if let Some(answer) = answer {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    fn status(&self) -> Vec<ModelStatus> {
        Vec::new()
    }
}

/// Makes reports of no sense, and counts what it is asked.
#[derive(Default)]
pub struct FakeExaminer {
    hangs: bool,
    short_of_memory: bool,
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

    /// One whose model does not fit into memory so many times.
    pub fn short_of_memory(times: u32) -> Self {
        Self {
            short_of_memory: true,
            ..Self::failing(times)
        }
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
            let short = ShortOfMemory {
                needed_mib: 1,
                free: Free {
                    device: "GPU",
                    mib: 0,
                },
            };
            return Err(match self.short_of_memory {
                true => LoadError::Memory(short).into(),
                false => ExamineError::Table("no table".into()),
            });
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
