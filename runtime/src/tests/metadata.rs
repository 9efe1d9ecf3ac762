//! The metadata that clients and workers are built from is this runtime's.

use super::chain;
use crate::Runtime;
use codec::Encode;
use std::path::Path;

/// Where `ogpu-client` has it.
const FILE: &str = "../client/artifacts/metadata.scale";

#[test]
fn metadata_should_be_what_clients_are_built_from() {
    let metadata = chain("development")
        .execute_with(|| Runtime::metadata_at_version(15))
        .expect("version 15 is supported")
        .encode();
    // As the runtime API gives it: the bytes without their length.
    let metadata = <Vec<u8> as codec::Decode>::decode(&mut &metadata[..]).expect("opaque metadata");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    if std::env::var_os("UPDATE_METADATA").is_some() {
        std::fs::write(&path, &metadata).expect("the file can be written");
    }
    let known = std::fs::read(&path).expect("the file is there");
    assert!(
        known == metadata,
        "the runtime's metadata has changed; renew {FILE} with UPDATE_METADATA=1 cargo test -p ogpu-runtime metadata"
    );
}
