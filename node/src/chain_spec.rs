//! Chain specifications: named presets of the runtime, or a file.

use sc_chain_spec::ChainSpecExtension;
use sc_service::{ChainType, GenericChainSpec, Properties};
use serde::{Deserialize, Serialize};

/// Node-side extensions of a specification.
#[derive(Default, Clone, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
    /// Hashes that blocks at some heights must have.
    pub fork_blocks: sc_client_api::ForkBlocks<crate::block::Block>,
    /// Blocks that are never accepted.
    pub bad_blocks: sc_client_api::BadBlocks<crate::block::Block>,
    /// State from which light clients start.
    pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// A specification of the OpenGPU chain.
pub type ChainSpec = GenericChainSpec<Extensions>;

fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "OGPU".into());
    properties.insert("tokenDecimals".into(), 18.into());
    properties.insert("ss58Format".into(), 42.into());
    properties
}

fn preset(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let wasm = ogpu_runtime::WASM_BINARY.ok_or(
        "this node was built without the runtime's wasm (SKIP_WASM_BUILD is set): build it again without",
    )?;
    Ok(ChainSpec::builder(wasm, Extensions::default())
        .with_name(name)
        .with_id(id)
        .with_protocol_id("ogpu")
        .with_chain_type(chain_type)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
}

/// `dev`, `local`, `staging`, or the path of a specification file.
pub fn load(id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
    Ok(Box::new(match id {
        "" | "dev" => preset(
            "OpenGPU Development",
            "ogpu_dev",
            ChainType::Development,
            sp_genesis_builder::DEV_RUNTIME_PRESET,
        )?,
        "local" => preset(
            "OpenGPU Local",
            "ogpu_local",
            ChainType::Local,
            sp_genesis_builder::LOCAL_TESTNET_RUNTIME_PRESET,
        )?,
        "staging" => preset(
            "OpenGPU Staging",
            "ogpu_staging",
            ChainType::Live,
            ogpu_runtime::genesis::STAGING_PRESET,
        )?,
        path => ChainSpec::from_json_file(path.into())?,
    }))
}
