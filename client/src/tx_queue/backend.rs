//! What the queue asks of the chain; a trait, so that its behaviour in every failure can be tested without one.

use crate::{
    chain::{Call, Chain, ChainError, DispatchFailure, Signed},
    keys::AccountKey,
};
use async_trait::async_trait;
use futures::{stream::BoxStream, StreamExt};
use std::sync::Arc;
use subxt::{rpcs::methods::legacy::TransactionStatus, utils::H256};

/// What is heard of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TxEvent {
    /// In a block that a fork can undo.
    InBlock(H256),
    /// Out of that block again.
    Retracted,
    /// In a final block.
    Finalized(H256),
    /// The pool threw it out or the line broke; it may be included all the same.
    Lost(String),
}

/// The chain as the queue needs it, for one account.
#[async_trait]
pub trait TxBackend: Send + Sync + 'static {
    /// The account's next nonce, what waits in the pool included.
    async fn next_nonce(&self) -> Result<u64, ChainError>;

    /// Number of the last final block, and the account's nonce there.
    async fn finalized(&self) -> Result<(u64, u64), ChainError>;

    /// Signs a call.
    async fn sign(&self, call: &Call, nonce: u64) -> Result<Signed, ChainError>;

    /// Sends signed bytes and follows them.
    async fn watch(&self, bytes: &[u8]) -> Result<BoxStream<'static, TxEvent>, ChainError>;

    /// What became of a transaction in a block.
    async fn outcome(&self, block: H256, hash: H256) -> Result<Result<u64, DispatchFailure>, ChainError>;

    /// Looks for a transaction in the final blocks `from ..= to`.
    async fn find(
        &self,
        hash: H256,
        from: u64,
        to: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError>;
}

/// The real chain.
pub struct ChainBackend {
    chain: Chain,
    key: Arc<AccountKey>,
}

impl ChainBackend {
    /// Submits to `chain` with `key`.
    pub fn new(chain: Chain, key: Arc<AccountKey>) -> Self {
        Self { chain, key }
    }
}

#[async_trait]
impl TxBackend for ChainBackend {
    async fn next_nonce(&self) -> Result<u64, ChainError> {
        self.chain.next_nonce(&self.key.account_id()).await
    }

    async fn finalized(&self) -> Result<(u64, u64), ChainError> {
        let at = self.chain.finalized().await?;
        let nonce = self.chain.nonce_at(&at, &self.key.account_id()).await?;
        Ok((at.block_number(), nonce))
    }

    async fn sign(&self, call: &Call, nonce: u64) -> Result<Signed, ChainError> {
        self.chain.sign(call, &self.key, nonce).await
    }

    async fn watch(&self, bytes: &[u8]) -> Result<BoxStream<'static, TxEvent>, ChainError> {
        let subscription = self.chain.watch(bytes, &self.key.account_id()).await?;
        let events = subscription.filter_map(|status| async move {
            Some(match status {
                Ok(TransactionStatus::InBlock(hash)) => TxEvent::InBlock(hash),
                Ok(TransactionStatus::Finalized(hash)) => TxEvent::Finalized(hash),
                Ok(TransactionStatus::Retracted(_)) => TxEvent::Retracted,
                Ok(TransactionStatus::FinalityTimeout(_)) => TxEvent::Lost("finality takes too long".into()),
                Ok(TransactionStatus::Usurped(_)) => TxEvent::Lost("another took its place".into()),
                Ok(TransactionStatus::Dropped) => TxEvent::Lost("the pool is full".into()),
                Ok(TransactionStatus::Invalid) => TxEvent::Lost("no longer valid".into()),
                Ok(_) => return None,
                Err(error) => TxEvent::Lost(error.to_string()),
            })
        });
        Ok(events.boxed())
    }

    async fn outcome(&self, block: H256, hash: H256) -> Result<Result<u64, DispatchFailure>, ChainError> {
        self.chain.outcome(block, hash).await
    }

    async fn find(
        &self,
        hash: H256,
        from: u64,
        to: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError> {
        self.chain.find(hash, from, to).await
    }
}
