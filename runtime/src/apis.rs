//! Runtime interfaces that nodes, workers, wallets and light clients call.

use crate::*;
use alloc::vec::Vec;
use frame_support::{
    genesis_builder_helper::{build_state, get_preset},
    traits::KeyOwnerProofSystem,
    view_functions::{ViewFunctionDispatchError, ViewFunctionId},
};
use ogpu_primitives::{
    job::JobHistoryEvent, job::JobLedger, matching::MatchRecord, DeviceClass, JobId, JobKind, ModelId,
    Subject, Tick, WhiteningTable,
};
use pallet_grandpa::{AuthorityId as GrandpaId, AuthorityList as GrandpaAuthorityList};
use pallet_nomination_pools::PoolId;
use sp_api::impl_runtime_apis;
use sp_core::crypto::KeyTypeId;
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
    traits::Block as BlockT,
    transaction_validity::{TransactionSource, TransactionValidity},
    ApplyExtrinsicResult,
};
use sp_session::OpaqueGeneratedSessionKeys;

impl_runtime_apis! {
    impl sp_api::Core<Block> for Runtime {
        fn version() -> RuntimeVersion {
            VERSION
        }

        fn execute_block(block: <Block as BlockT>::LazyBlock) {
            Executive::execute_block(block);
        }

        fn initialize_block(header: &<Block as BlockT>::Header) -> sp_runtime::ExtrinsicInclusionMode {
            Executive::initialize_block(header)
        }
    }

    impl sp_api::Metadata<Block> for Runtime {
        fn metadata() -> OpaqueMetadata {
            OpaqueMetadata::new(Runtime::metadata().into())
        }

        fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
            Runtime::metadata_at_version(version)
        }

        fn metadata_versions() -> Vec<u32> {
            Runtime::metadata_versions()
        }
    }

    impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
        fn execute_view_function(
            query_id: ViewFunctionId,
            input: Vec<u8>,
        ) -> Result<Vec<u8>, ViewFunctionDispatchError> {
            Runtime::execute_view_function(query_id, input)
        }
    }

    impl sp_block_builder::BlockBuilder<Block> for Runtime {
        fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
            Executive::apply_extrinsic(extrinsic)
        }

        fn finalize_block() -> <Block as BlockT>::Header {
            Executive::finalize_block()
        }

        fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
            data.create_extrinsics()
        }

        fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
            data.check_extrinsics(&block)
        }
    }

    impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
        fn validate_transaction(
            source: TransactionSource,
            tx: <Block as BlockT>::Extrinsic,
            block_hash: <Block as BlockT>::Hash,
        ) -> TransactionValidity {
            Executive::validate_transaction(source, tx, block_hash)
        }
    }

    impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
        fn offchain_worker(header: &<Block as BlockT>::Header) {
            Executive::offchain_worker(header)
        }
    }

    impl sp_consensus_babe::BabeApi<Block> for Runtime {
        fn configuration() -> sp_consensus_babe::BabeConfiguration {
            let epoch_config = Babe::epoch_config().unwrap_or(genesis::BABE_EPOCH_CONFIG);
            sp_consensus_babe::BabeConfiguration {
                slot_duration: Babe::slot_duration(),
                epoch_length: times::EpochDuration::get(),
                c: epoch_config.c,
                authorities: Babe::authorities().to_vec(),
                randomness: Babe::randomness(),
                allowed_slots: epoch_config.allowed_slots,
            }
        }

        fn current_epoch_start() -> sp_consensus_babe::Slot {
            Babe::current_epoch_start()
        }

        fn current_epoch() -> sp_consensus_babe::Epoch {
            Babe::current_epoch()
        }

        fn next_epoch() -> sp_consensus_babe::Epoch {
            Babe::next_epoch()
        }

        fn generate_key_ownership_proof(
            _slot: sp_consensus_babe::Slot,
            authority_id: sp_consensus_babe::AuthorityId,
        ) -> Option<sp_consensus_babe::OpaqueKeyOwnershipProof> {
            use codec::Encode;
            Historical::prove((sp_consensus_babe::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_babe::OpaqueKeyOwnershipProof::new(proof.encode()))
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_babe::EquivocationProof<<Block as BlockT>::Header>,
            key_owner_proof: sp_consensus_babe::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Babe::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }
    }

    impl sp_consensus_grandpa::GrandpaApi<Block> for Runtime {
        fn grandpa_authorities() -> GrandpaAuthorityList {
            Grandpa::grandpa_authorities()
        }

        fn current_set_id() -> sp_consensus_grandpa::SetId {
            pallet_grandpa::CurrentSetId::<Runtime>::get()
        }

        fn submit_report_equivocation_unsigned_extrinsic(
            equivocation_proof: sp_consensus_grandpa::EquivocationProof<
                <Block as BlockT>::Hash,
                sp_runtime::traits::NumberFor<Block>,
            >,
            key_owner_proof: sp_consensus_grandpa::OpaqueKeyOwnershipProof,
        ) -> Option<()> {
            Grandpa::submit_unsigned_equivocation_report(equivocation_proof, key_owner_proof.decode()?)
        }

        fn generate_key_ownership_proof(
            _set_id: sp_consensus_grandpa::SetId,
            authority_id: GrandpaId,
        ) -> Option<sp_consensus_grandpa::OpaqueKeyOwnershipProof> {
            use codec::Encode;
            Historical::prove((sp_consensus_grandpa::KEY_TYPE, authority_id))
                .map(|proof| sp_consensus_grandpa::OpaqueKeyOwnershipProof::new(proof.encode()))
        }
    }

    impl sp_authority_discovery::AuthorityDiscoveryApi<Block> for Runtime {
        fn authorities() -> Vec<sp_authority_discovery::AuthorityId> {
            AuthorityDiscovery::authorities()
        }
    }

    impl sp_session::SessionKeys<Block> for Runtime {
        fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
            SessionKeys::generate(&owner, seed).into()
        }

        fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
            SessionKeys::decode_into_raw_public_keys(&encoded)
        }
    }

    impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
        fn account_nonce(account: AccountId) -> Nonce {
            System::account_nonce(account)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
        fn query_info(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment_rpc_runtime_api::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_info(uxt, len)
        }

        fn query_fee_details(
            uxt: <Block as BlockT>::Extrinsic,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_fee_details(uxt, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall>
        for Runtime
    {
        fn query_call_info(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::RuntimeDispatchInfo<Balance> {
            TransactionPayment::query_call_info(call, len)
        }

        fn query_call_fee_details(
            call: RuntimeCall,
            len: u32,
        ) -> pallet_transaction_payment::FeeDetails<Balance> {
            TransactionPayment::query_call_fee_details(call, len)
        }

        fn query_weight_to_fee(weight: Weight) -> Balance {
            TransactionPayment::weight_to_fee(weight)
        }

        fn query_length_to_fee(length: u32) -> Balance {
            TransactionPayment::length_to_fee(length)
        }
    }

    impl pallet_staking_runtime_api::StakingApi<Block, Balance, AccountId> for Runtime {
        fn nominations_quota(balance: Balance) -> u32 {
            Staking::api_nominations_quota(balance)
        }

        fn eras_stakers_page_count(era: sp_staking::EraIndex, account: AccountId) -> sp_staking::Page {
            Staking::api_eras_stakers_page_count(era, account)
        }

        fn pending_rewards(era: sp_staking::EraIndex, account: AccountId) -> bool {
            Staking::api_pending_rewards(era, account)
        }
    }

    impl pallet_nomination_pools_runtime_api::NominationPoolsApi<Block, AccountId, Balance> for Runtime {
        fn pending_rewards(who: AccountId) -> Balance {
            NominationPools::api_pending_rewards(who).unwrap_or_default()
        }

        fn points_to_balance(pool_id: PoolId, points: Balance) -> Balance {
            NominationPools::api_points_to_balance(pool_id, points)
        }

        fn balance_to_points(pool_id: PoolId, new_funds: Balance) -> Balance {
            NominationPools::api_balance_to_points(pool_id, new_funds)
        }

        fn pool_pending_slash(pool_id: PoolId) -> Balance {
            NominationPools::api_pool_pending_slash(pool_id)
        }

        fn member_pending_slash(member: AccountId) -> Balance {
            NominationPools::api_member_pending_slash(member)
        }

        fn pool_needs_delegate_migration(pool_id: PoolId) -> bool {
            NominationPools::api_pool_needs_delegate_migration(pool_id)
        }

        fn member_needs_delegate_migration(member: AccountId) -> bool {
            NominationPools::api_member_needs_delegate_migration(member)
        }

        fn member_total_balance(who: AccountId) -> Balance {
            NominationPools::api_member_total_balance(who)
        }

        fn pool_balance(pool_id: PoolId) -> Balance {
            NominationPools::api_pool_balance(pool_id)
        }

        fn pool_accounts(pool_id: PoolId) -> (AccountId, AccountId) {
            NominationPools::api_pool_accounts(pool_id)
        }
    }

    impl pallet_beacon::runtime_api::BeaconApi<Block> for Runtime {
        fn tick() -> Tick {
            use ogpu_primitives::traits::Clock;
            <Beacon as Clock>::now()
        }

        fn accumulator(block: u32) -> Option<Hash> {
            Beacon::accumulator(block)
        }
    }

    impl pallet_token_reserve::runtime_api::TokenReserveApi<Block> for Runtime {
        fn supply() -> pallet_token_reserve::SupplyView {
            TokenReserve::supply()
        }
    }

    impl pallet_provider_staking::runtime_api::ProviderStakingApi<Block, AccountId> for Runtime {
        fn worker(worker: AccountId) -> Option<pallet_provider_staking::WorkerView<AccountId>> {
            ProviderStaking::worker_view(worker)
        }

        fn owner(owner: AccountId) -> Option<pallet_provider_staking::OwnerView<AccountId>> {
            ProviderStaking::owner_view(owner)
        }

        fn providers(
            model: Option<ModelId>,
            start: u32,
            limit: u32,
        ) -> Vec<pallet_provider_staking::WorkerView<AccountId>> {
            ProviderStaking::providers(model, start, limit)
        }

        fn idle_reason(worker: AccountId) -> Option<pallet_provider_staking::IdleReason> {
            ProviderStaking::idle_reason(&worker)
        }
    }

    impl pallet_job_market::runtime_api::JobMarketApi<Block, AccountId> for Runtime {
        fn job(job: JobId) -> Option<pallet_job_market::JobView<AccountId>> {
            JobMarket::job_view(&job)
        }

        fn history(job: JobId) -> Vec<(Tick, JobHistoryEvent<AccountId>)> {
            JobMarket::history(&job)
        }

        fn ledger(job: JobId) -> Option<JobLedger> {
            JobMarket::ledger(&job)
        }

        fn quote(model: ModelId, n_in: u32, max_out: u32, class: DeviceClass) -> Option<Balance> {
            JobMarket::quote(&model, n_in, max_out, class)
        }

        fn explain(job: JobId) -> Vec<MatchRecord<AccountId>> {
            JobMarket::explain(&job)
        }

        fn assigned_to(worker: AccountId) -> Vec<JobId> {
            JobMarket::assigned_to(&worker)
        }

        fn next_nonce(client: AccountId) -> Option<u64> {
            JobMarket::next_nonce(&client)
        }

        fn earnings(account: AccountId) -> Balance {
            pallet_job_market::Earnings::<Runtime>::get(account)
        }

        fn totals() -> pallet_job_market::MarketTotals {
            pallet_job_market::Totals::<Runtime>::get()
        }

        fn whitening(model: ModelId) -> Option<WhiteningTable> {
            pallet_job_market::Whitening::<Runtime>::get(model)
        }
    }

    impl pallet_verification::runtime_api::VerificationApi<Block, AccountId> for Runtime {
        fn commitment(subject: Subject) -> Option<pallet_verification::CommitmentRecord<AccountId>> {
            pallet_verification::Commitments::<Runtime>::get(subject)
        }

        fn audit(subject: Subject) -> Option<pallet_verification::AuditView<AccountId>> {
            Verification::audit(&subject)
        }

        fn duties(worker: AccountId) -> Vec<(Subject, pallet_verification::AuditView<AccountId>)> {
            Verification::duties(&worker)
        }
    }

    impl pallet_slashing::runtime_api::SlashingApi<Block, AccountId> for Runtime {
        fn pending(owner: Option<AccountId>) -> Vec<(u32, pallet_slashing::PendingSlash<AccountId>)> {
            Slashing::pending(owner)
        }

        fn standing(owner: AccountId, kind: JobKind) -> pallet_slashing::StandingView {
            Slashing::standing(&owner, kind)
        }

        fn precision(worker: AccountId) -> Vec<(ModelId, pallet_slashing::PrecisionView)> {
            Slashing::precision(&worker)
        }
    }

    impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
        fn build_state(json: Vec<u8>) -> sp_genesis_builder::Result {
            build_state::<RuntimeGenesisConfig>(json)
        }

        fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
            get_preset::<RuntimeGenesisConfig>(id, genesis::preset)
        }

        fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
            genesis::preset_names()
        }
    }

    #[cfg(feature = "runtime-benchmarks")]
    impl frame_benchmarking::Benchmark<Block> for Runtime {
        fn benchmark_metadata(
            extra: bool,
        ) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
            use frame_benchmarking::BenchmarkList;
            use frame_support::traits::StorageInfoTrait;
            let mut list = Vec::<BenchmarkList>::new();
            list_benchmarks!(list, extra);
            (list, AllPalletsWithSystem::storage_info())
        }

        fn dispatch_benchmark(
            config: frame_benchmarking::BenchmarkConfig,
        ) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
            use frame_benchmarking::BenchmarkBatch;
            use frame_support::traits::WhitelistedStorageKeys;
            let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
            let mut batches = Vec::<BenchmarkBatch>::new();
            let params = (&config, &whitelist);
            add_benchmarks!(params, batches);
            Ok(batches)
        }
    }

    #[cfg(feature = "try-runtime")]
    impl frame_try_runtime::TryRuntime<Block> for Runtime {
        fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
            let weight = Executive::try_runtime_upgrade(checks).expect("try-runtime reports by panicking");
            (weight, system::RuntimeBlockWeights::get().max_block)
        }

        fn execute_block(
            block: <Block as BlockT>::LazyBlock,
            state_root_check: bool,
            signature_check: bool,
            select: frame_try_runtime::TryStateSelect,
        ) -> Weight {
            Executive::try_execute_block(block, state_root_check, signature_check, select)
                .expect("try-runtime reports by panicking")
        }
    }
}
