//! What an auditor has to say on chain, handed to the transaction queue, which keeps it over restarts.

use crate::chain::reports::{key, queue_once};
use async_trait::async_trait;
use ogpu_client::{chain::Call, tx_queue::TxQueue};
use ogpu_primitives::{AuditReport, Subject, WorkKey, H256};

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Message {
    /// The hash of the report.
    Commit {
        /// What is audited.
        work: WorkKey,
        /// The hash.
        hash: H256,
    },
    /// The report and the salt of its hash.
    Open {
        /// What is audited.
        work: WorkKey,
        /// The report.
        report: AuditReport,
        /// The salt.
        salt: [u8; 32],
    },
    /// The data was not served; it is to be posted, encrypted to this key.
    Demand {
        /// What is audited.
        work: WorkKey,
        /// The key's public half.
        key: [u8; 32],
    },
}

impl Message {
    /// What is audited.
    pub fn work(&self) -> &WorkKey {
        match self {
            Self::Commit { work, .. } | Self::Open { work, .. } | Self::Demand { work, .. } => work,
        }
    }

    /// What it is.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Commit { .. } => "audit_commit",
            Self::Open { .. } => "audit_open",
            Self::Demand { .. } => "demand_data",
        }
    }
}

/// Where messages go. Returning `Ok` means that the message survives a crash of this process and will be sent.
#[async_trait]
pub trait Outbox: Send + Sync + 'static {
    /// Hands over a message; handing over an equal one again must do no harm.
    async fn queue(&self, message: Message) -> anyhow::Result<()>;
}

/// Messages over a transaction queue.
pub struct QueuedMessages {
    queue: TxQueue,
}

impl QueuedMessages {
    /// Messages over `queue`.
    pub fn new(queue: TxQueue) -> Self {
        Self { queue }
    }
}

#[async_trait]
impl Outbox for QueuedMessages {
    async fn queue(&self, message: Message) -> anyhow::Result<()> {
        #[cfg(feature = "dishonest")]
        let message = crate::dishonest::conduct().said(message);
        let key = request_key(&message);
        queue_once(&self.queue, &key, || Ok(call(message))).map(|_| ())
    }
}

/// Under which the queue does a message once. It names the content: after a fork the same attempt can be another
/// result, about which something else has to be said.
fn request_key(message: &Message) -> String {
    let content = match message {
        Message::Commit { hash, .. } => hash.0,
        Message::Open { salt, .. } => *salt,
        Message::Demand { key, .. } => *key,
    };
    let request = key(message.name(), message.work());
    format!("{request}/{}", hex::encode(&content[..8]))
}

fn call(message: Message) -> Call {
    match message {
        Message::Commit { work, hash } => Call::AuditCommit {
            subject: Subject::Work(work),
            report: hash,
        },
        Message::Open { work, report, salt } => Call::AuditOpen {
            subject: Subject::Work(work),
            report,
            salt,
        },
        Message::Demand { work, key } => Call::DemandData {
            subject: Subject::Work(work),
            key,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditing::fixtures::{case, report};

    #[test]
    fn request_should_have_its_own_key_for_each_kind_attempt_and_content() {
        let work = case(1).work;
        let next = WorkKey { attempt: 1, ..work };
        let commit = |work, byte| Message::Commit {
            work,
            hash: H256::repeat_byte(byte),
        };
        let open = Message::Open {
            work,
            report: report(3),
            salt: [1; 32],
        };
        let messages = [
            commit(work, 1),
            commit(work, 2),
            commit(next, 1),
            open,
            Message::Demand { work, key: [1; 32] },
        ];
        let keys: std::collections::BTreeSet<_> = messages.iter().map(request_key).collect();
        assert_eq!(keys.len(), messages.len());
        assert_eq!(request_key(&commit(work, 1)), request_key(&commit(work, 1)));
    }
}
