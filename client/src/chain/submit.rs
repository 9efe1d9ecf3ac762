//! Signing and submitting, the simple way: one call, watched until it is where the caller wants it.

use super::{error::DispatchFailure, Call, Chain, ChainError};
use crate::{keys::AccountKey, AccountId};
use std::time::Duration;
use subxt::{
    config::{substrate::SubstrateExtrinsicParamsBuilder, Hasher},
    error::DispatchError,
    events::Phase,
    rpcs::{client::rpc_params, methods::legacy::TransactionStatus},
    utils::H256,
    SubstrateConfig,
};
use tokio::time::timeout;

/// Blocks after which a transaction that was not included never can be.
pub const MORTAL_BLOCKS: u64 = 64;

/// Longest time to wait for inclusion and finality.
const INCLUSION_TIMEOUT: Duration = Duration::from_secs(180);

/// How far a transaction has to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Into a block; a fork can still undo it.
    Best,
    /// Into a final block.
    Final,
}

/// Where a transaction is, for progress lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The node has taken it.
    Accepted,
    /// It is in a block.
    InBlock(H256),
    /// That block is final.
    Finalized(H256),
}

/// A transaction that was included and succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Included {
    /// The block.
    pub block_hash: H256,
    /// Its number.
    pub block_number: u64,
    /// Hash of the transaction.
    pub extrinsic_hash: H256,
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What is sent.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: H256,
    /// The final block that its life begins with.
    pub born_at: u64,
}

impl Chain {
    /// Signs, submits and watches `call`; an error of the call itself is an error here.
    pub async fn submit(
        &self,
        call: &Call,
        key: &AccountKey,
        wait: Wait,
        mut progress: impl FnMut(Stage),
    ) -> Result<Included, ChainError> {
        let nonce = self.next_nonce(&key.account_id()).await?;
        let signed = self.sign(call, key, nonce).await?;
        let mut watch = self.watch(&signed.bytes, &key.account_id()).await?;
        progress(Stage::Accepted);
        let included = async {
            while let Some(status) = watch.next().await {
                let hash = match status.map_err(ChainError::from_rpc)? {
                    TransactionStatus::InBlock(hash) => {
                        progress(Stage::InBlock(hash));
                        if wait == Wait::Final {
                            continue;
                        }
                        hash
                    }
                    TransactionStatus::Finalized(hash) => {
                        progress(Stage::Finalized(hash));
                        hash
                    }
                    TransactionStatus::Invalid => {
                        return Err(ChainError::InvalidTransaction(
                            "the account's state changed meanwhile; look at it and try again".into(),
                        ))
                    }
                    TransactionStatus::Dropped => {
                        return Err(ChainError::InvalidTransaction(
                            "the node's pool is full; try again later".into(),
                        ))
                    }
                    TransactionStatus::Usurped(_) => {
                        return Err(ChainError::InvalidTransaction(
                            "another transaction of this account took its place".into(),
                        ))
                    }
                    _ => continue,
                };
                let number = self.outcome(hash, signed.hash).await??;
                return Ok(Included {
                    block_hash: hash,
                    block_number: number,
                    extrinsic_hash: signed.hash,
                });
            }
            Err(ChainError::Disconnected("the watch ended early".into()))
        };
        timeout(INCLUSION_TIMEOUT, included)
            .await
            .unwrap_or(Err(ChainError::NotIncluded {
                seconds: INCLUSION_TIMEOUT.as_secs(),
            }))
    }

    /// The account's next nonce, transactions that wait in the pool included.
    pub async fn next_nonce(&self, account: &AccountId) -> Result<u64, ChainError> {
        let account = *account;
        self.retry_once(|line| async move {
            line.rpc
                .system_account_next_index(&account)
                .await
                .map_err(ChainError::from_rpc)
        })
        .await
    }

    /// The account's nonce at one block.
    pub async fn nonce_at(&self, at: &super::AtBlock, account: &AccountId) -> Result<u64, ChainError> {
        at.transactions()
            .account_nonce(account)
            .await
            .map_err(ChainError::from_subxt)
    }

    /// Signs `call` with `nonce`, valid for [`MORTAL_BLOCKS`] after the last final block.
    pub async fn sign(&self, call: &Call, key: &AccountKey, nonce: u64) -> Result<Signed, ChainError> {
        let at = self.finalized().await?;
        self.check_runtime(&at)?;
        let params = SubstrateExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .mortal(MORTAL_BLOCKS)
            .nonce(nonce)
            .build();
        let transaction = at
            .transactions()
            .create_signed(&call.payload(), key, params)
            .await
            .map_err(ChainError::from_subxt)?;
        Ok(Signed {
            hash: transaction.hash(),
            born_at: at.block_number(),
            bytes: transaction.into_encoded(),
        })
    }

    /// Sends signed bytes and follows them.
    pub async fn watch(
        &self,
        bytes: &[u8],
        account: &AccountId,
    ) -> Result<subxt::rpcs::client::RpcSubscription<TransactionStatus<H256>>, ChainError> {
        self.retry_once(|line| async move {
            line.rpc
                .author_submit_and_watch_extrinsic(bytes)
                .await
                .map_err(ChainError::from_rpc)
        })
        .await
        .map_err(|error| match error {
            ChainError::InvalidTransaction(text) if text.contains("pay some fees") => {
                ChainError::CannotPayFees {
                    account: account.to_string(),
                }
            }
            other => other,
        })
    }

    /// The extrinsics of a block.
    ///
    /// Asked for without subxt's reader, which decodes every call with the metadata; hashes are all we need.
    pub(super) async fn body(&self, block: H256) -> Result<Vec<Vec<u8>>, ChainError> {
        let answer: serde_json::Value = self
            .retry_once(|line| async move {
                let parameters = rpc_params![block];
                line.rpc_client
                    .request("chain_getBlock", parameters)
                    .await
                    .map_err(ChainError::from_rpc)
            })
            .await?;
        let unreadable = || ChainError::Decode(format!("the body of block {block:?}"));
        let extrinsics = answer["block"]["extrinsics"].as_array().ok_or_else(unreadable)?;
        extrinsics
            .iter()
            .map(|extrinsic| extrinsic_bytes(extrinsic).ok_or_else(unreadable))
            .collect()
    }

    /// What became of a transaction in the block it is in: the block's number, or why the call failed.
    pub async fn outcome(
        &self,
        block: H256,
        extrinsic: H256,
    ) -> Result<Result<u64, DispatchFailure>, ChainError> {
        let at = self.at(block).await?;
        match outcome_at(self, &at, extrinsic).await? {
            Some(Ok(())) => Ok(Ok(at.block_number())),
            Some(Err(failure)) => Ok(Err(failure)),
            None => Err(ChainError::Decode(format!(
                "transaction {extrinsic:?} is not in block {block:?}"
            ))),
        }
    }

    /// Looks for a transaction in the final blocks `from ..= to`: its block and what became of it.
    pub async fn find(
        &self,
        extrinsic: H256,
        from: u64,
        to: u64,
    ) -> Result<Option<(H256, Result<u64, DispatchFailure>)>, ChainError> {
        for number in from..=to {
            let at = self.at_number(number).await?;
            if let Some(outcome) = outcome_at(self, &at, extrinsic).await? {
                return Ok(Some((at.block_hash(), outcome.map(|()| number))));
            }
        }
        Ok(None)
    }
}

/// An extrinsic in JSON: a hexadecimal string.
fn extrinsic_bytes(value: &serde_json::Value) -> Option<Vec<u8>> {
    hex::decode(value.as_str()?.strip_prefix("0x")?).ok()
}

/// Where a transaction is among a block's extrinsics, and what became of it; `None` when it is not there.
async fn outcome_at(
    chain: &Chain,
    at: &super::AtBlock,
    extrinsic: H256,
) -> Result<Option<Result<(), DispatchFailure>>, ChainError> {
    let hasher = at.hasher();
    let body = chain.body(at.block_hash()).await?;
    let Some(index) = body.iter().position(|bytes| hasher.hash(bytes) == extrinsic) else {
        return Ok(None);
    };
    let events = at.events().fetch().await.map_err(ChainError::from_subxt)?;
    for event in events.iter() {
        let event = event.map_err(ChainError::from_subxt)?;
        let ours = event.phase() == Phase::ApplyExtrinsic(index as u32);
        if ours && event.pallet_name() == "System" && event.event_name() == "ExtrinsicFailed" {
            let error = DispatchError::decode_from(event.field_bytes(), at.metadata())
                .map_err(|error| ChainError::Decode(error.to_string()))?;
            return Ok(Some(Err(DispatchFailure::from_dispatch(&error))));
        }
    }
    Ok(Some(Ok(())))
}
