//! JSON-RPC besides what every node has. Ours is reached through runtime APIs (`state_call`), so that wallets
//! and light clients have it too.

use crate::block::Block;
use jsonrpsee::RpcModule;
use ogpu_runtime::{AccountId, Balance, BlockNumber, Hash, Nonce};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{
    FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;
use std::sync::Arc;

use crate::service::{FullBackend, FullClient, FullSelectChain, TransactionPool};

/// What the handlers need.
pub struct Deps {
    pub client: Arc<FullClient>,
    pub pool: Arc<TransactionPool>,
    pub select_chain: FullSelectChain,
    pub chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
    pub keystore: KeystorePtr,
    pub babe_worker: BabeWorkerHandle<Block>,
    pub voter_state: SharedVoterState,
    pub authority_set: SharedAuthoritySet<Hash, BlockNumber>,
    pub justifications: GrandpaJustificationStream<Block>,
    pub finality_proofs: Arc<FinalityProofProvider<FullBackend, Block>>,
    pub executor: SubscriptionTaskExecutor,
}

/// All handlers.
pub fn create(deps: Deps) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
    use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
    use sc_consensus_babe_rpc::{Babe, BabeApiServer};
    use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
    use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
    use substrate_frame_rpc_system::{System, SystemApiServer};

    let mut module = RpcModule::new(());
    module.merge(SystemApiServer::<Hash, AccountId, Nonce>::into_rpc(System::new(
        deps.client.clone(),
        deps.pool,
    )))?;
    module.merge(TransactionPaymentApiServer::<
        Hash,
        pallet_transaction_payment::RuntimeDispatchInfo<Balance>,
    >::into_rpc(TransactionPayment::new(deps.client.clone())))?;
    module.merge(
        Babe::new(
            deps.client.clone(),
            deps.babe_worker.clone(),
            deps.keystore,
            deps.select_chain,
        )
        .into_rpc(),
    )?;
    module.merge(
        Grandpa::new(
            deps.executor,
            deps.authority_set.clone(),
            deps.voter_state,
            deps.justifications,
            deps.finality_proofs,
        )
        .into_rpc(),
    )?;
    module.merge(
        SyncState::new(deps.chain_spec, deps.client, deps.authority_set, deps.babe_worker)?.into_rpc(),
    )?;
    Ok(module)
}
