//! Tests of the runtime as a whole: presets, money, frozen indexes, weights of hooks.

mod fees;
mod genesis;
mod governed;
mod indexes;
mod limits;
mod market;
mod metadata;
mod network;

use crate::{genesis::preset, Runtime, RuntimeGenesisConfig};
use sp_io::TestExternalities;
use sp_runtime::BuildStorage;

/// A chain at its genesis, made from a preset as a node makes it.
pub fn chain(name: &str) -> TestExternalities {
    let mut config =
        serde_json::to_value(RuntimeGenesisConfig::default()).expect("the default config is JSON");
    let patch = preset(&name.into()).expect("the preset exists");
    merge(
        &mut config,
        &serde_json::from_slice(&patch).expect("a preset is JSON"),
    );
    let config: RuntimeGenesisConfig = serde_json::from_value(config).expect("a preset fits the config");
    let mut externalities: TestExternalities = config.build_storage().expect("a preset builds").into();
    externalities.execute_with(|| frame_system::Pallet::<Runtime>::set_block_number(1));
    externalities
}

/// Merges as a chain specification's patch is merged (RFC 7386 without deletions).
fn merge(target: &mut serde_json::Value, patch: &serde_json::Value) {
    match (target, patch) {
        (serde_json::Value::Object(target), serde_json::Value::Object(patch)) => {
            for (key, value) in patch {
                merge(
                    target.entry(key.clone()).or_insert(serde_json::Value::Null),
                    value,
                );
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}
