//! `ogpu models whiten`.

use crate::{context::Context, output, resolve};
use anyhow::Context as _;
use clap::Args;
use ogpu_client::{
    amount,
    chain::{Call, Chain},
    models::read_whitening,
};
use ogpu_primitives::JobKind;
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `models whiten`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Name or id.
    model: String,
    /// The table, as `scripts/calibrate` writes it: `whitening.scale`.
    table: PathBuf,
}

/// Gives a model its whitening table.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    // What is wrong with the file is said before the node is asked for anything.
    let table = read_whitening(&arguments.table)
        .with_context(|| format!("reading the whitening table {}", arguments.table.display()))?;
    let owner = context.key()?.account_id();
    let chain: Chain = context.chain().await?;
    let at = chain.best().await?;
    let (id, model) = resolve::model(&chain, &at, &arguments.model).await?;
    let name = resolve::model_name(&model.spec);
    anyhow::ensure!(
        model.spec.owner == owner,
        "{name} belongs to {}: only its owner can add the table",
        model.spec.owner
    );
    anyhow::ensure!(
        model.spec.kind == JobKind::Generate,
        "{name} is for embeddings, which are compared as they are: only hidden states of models that generate are whitened"
    );
    if let Some(kept) = chain.whitening(&at, id).await? {
        anyhow::bail!(
            "{name} has a whitening table already, {:?}; it stays for ever",
            kept.hash()
        );
    }
    let hash = table.hash();
    let dimensions = table.dimensions();
    let call = Call::AddWhitening { model: id, table };
    let what = format!("adding the whitening table of {dimensions} dimensions to {name}");
    let included = context.send(&chain, &call, &what).await?;
    if context.json {
        return output::json(&json!({
            "model": format!("{id:?}"), "whitening": format!("{hash:?}"), "included": included,
        }));
    }
    let (_, model) = resolve::model(&chain, &chain.best().await?, &format!("{id:?}")).await?;
    output::line(&format!("{hash:?}"))?;
    eprintln!(
        "{} OGPU are on hold for the model now",
        amount::format(model.deposit)
    );
    Ok(())
}
