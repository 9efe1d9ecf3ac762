//! Indexes and names are for ever: this test compares them with `runtime/indexes.txt`.
//!
//! Lines may only be added. After adding a pallet, call, error or hold reason, run the test with
//! `UPDATE_INDEXES=1` and read the difference before you commit it.

use crate::Runtime;
use frame_metadata::RuntimeMetadata;
use scale_info::{PortableRegistry, TypeDef};
use std::{fmt::Write, path::Path};

fn variants(registry: &PortableRegistry, id: u32) -> Vec<(u8, String)> {
    match registry.resolve(id).map(|ty| &ty.type_def) {
        Some(TypeDef::Variant(variant)) => {
            let mut list: Vec<_> = variant
                .variants
                .iter()
                .map(|v| (v.index, v.name.clone()))
                .collect();
            list.sort();
            list
        }
        _ => Vec::new(),
    }
}

fn listing() -> String {
    // Storage-backed constants need externalities.
    let prefixed = sp_io::TestExternalities::default().execute_with(Runtime::metadata);
    let RuntimeMetadata::V14(metadata) = prefixed.1 else {
        panic!("not version 14")
    };
    let mut text = String::new();
    let mut pallets = metadata.pallets.clone();
    pallets.sort_by_key(|pallet| pallet.index);
    let own = [
        "TokenReserve",
        "Beacon",
        "ProviderStaking",
        "JobMarket",
        "Verification",
        "Slashing",
        "Dao",
    ];
    for pallet in &pallets {
        writeln!(text, "pallet {} {}", pallet.index, pallet.name).expect("a string takes it");
        if !own.contains(&pallet.name.as_str()) {
            continue;
        }
        for (kind, id) in [
            ("call", pallet.calls.as_ref().map(|calls| calls.ty.id)),
            ("error", pallet.error.as_ref().map(|error| error.ty.id)),
            ("event", pallet.event.as_ref().map(|event| event.ty.id)),
        ] {
            for (index, name) in id.map(|id| variants(&metadata.types, id)).unwrap_or_default() {
                writeln!(text, "{kind} {}.{index} {name}", pallet.name).expect("a string takes it");
            }
        }
    }
    for ty in &metadata.types.types {
        let path = ty.ty.path.segments.join("::");
        if path.ends_with("RuntimeHoldReason") || path.ends_with("RuntimeFreezeReason") {
            for (index, name) in variants(&metadata.types, ty.id) {
                writeln!(
                    text,
                    "{} {index} {name}",
                    path.rsplit("::").next().unwrap_or_default()
                )
                .expect("a string takes it");
            }
        }
    }
    text
}

#[test]
fn indexes_should_equal_the_committed_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("indexes.txt");
    let found = listing();
    if std::env::var_os("UPDATE_INDEXES").is_some() {
        std::fs::write(&path, &found).expect("indexes.txt can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(committed, found, "indexes moved: see the head of this file");
}
