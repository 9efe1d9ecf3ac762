//! Takes the runtime's metadata from a node for `artifacts/metadata.scale`, or checks that the file is up to date.
//!
//! `cargo run --release -p ogpu-client --example metadata -- ws://127.0.0.1:9944 client/artifacts/metadata.scale`
//! writes the file; with `--check` at the end it only compares, and fails when they differ. Take a `--dev` node:
//! some constants of the metadata, such as the length of an epoch, are read from the chain's state.

use codec::{Decode, Encode};
use subxt::{
    config::RpcConfigFor,
    rpcs::{LegacyRpcMethods, RpcClient},
    Metadata, SubstrateConfig,
};

/// The newest version that names runtime APIs and is stable in every node of this release.
const VERSION: u32 = 15;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (url, path, check) = match arguments.as_slice() {
        [url, path] => (url, path, false),
        [url, path, flag] if flag == "--check" => (url, path, true),
        _ => anyhow::bail!("usage: metadata URL FILE [--check]"),
    };
    let client = RpcClient::from_insecure_url(url).await?;
    let rpc = LegacyRpcMethods::<RpcConfigFor<SubstrateConfig>>::new(client);
    let answer = rpc
        .state_call(
            "Metadata_metadata_at_version",
            Some(VERSION.encode().as_slice()),
            None,
        )
        .await?;
    // `Option<OpaqueMetadata>`, which is a `Vec<u8>`.
    let metadata = Option::<Vec<u8>>::decode(&mut answer.as_slice())?
        .ok_or_else(|| anyhow::anyhow!("the runtime has no metadata of version {VERSION}"))?;
    Metadata::decode_from(&metadata)?;
    if !check {
        std::fs::write(path, &metadata)?;
        eprintln!("{path}: {} bytes", metadata.len());
        return Ok(());
    }
    let kept = std::fs::read(path)?;
    anyhow::ensure!(
        kept == metadata,
        "{path} is not the metadata of the runtime at {url}; write it again and look at what has changed"
    );
    eprintln!("{path} is up to date");
    Ok(())
}
