//! `ogpu models fetch`.

use crate::{context::Context, output};
use clap::Args;
use ogpu_client::{
    hub::{select, Hub, HubFile, Repository},
    models::ModelFiles,
};
use serde_json::json;
use std::path::PathBuf;

/// Arguments of `models fetch`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The repository: OWNER/NAME.
    repository: Repository,
    /// Branch, tag or commit.
    #[arg(long, default_value = "main", value_name = "REVISION")]
    revision: String,
    /// This GGUF file alone, where there are several, or safetensors beside it.
    #[arg(long, value_name = "FILE")]
    gguf: Option<String>,
    /// Folder to put the files into; `<models-dir>/<NAME>` when it is missing.
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

/// Fetches what is not there yet and prints the folder.
pub async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments {
        repository,
        revision,
        gguf,
        to,
    } = arguments;
    let folder = to.unwrap_or_else(|| context.models_dir.join(repository.name()));
    let hub = Hub::from_environment()?;
    let progress = context.progress();
    progress.step(format!("asking the hub about {repository}"));
    let found = hub.revision(&repository, &revision).await?;
    let files = select(&repository, &found.files, gguf.as_deref())?;
    let total: u64 = files.iter().map(|file| file.size_bytes).sum();
    let (mut before, mut received) = (0, 0);
    for file in &files {
        progress.step(format!("{} ({} bytes)", file.name, file.size_bytes));
        let say = |here| progress.bytes(before + here, total);
        received += hub
            .download(&repository, &found.commit, file, &folder, say)
            .await?;
        before += file.size_bytes;
    }
    progress.done(format!(
        "{} files of {repository} at {}, {received} of {total} bytes received now",
        files.len(),
        found.commit
    ));
    drop(progress);
    // The files were there before, or another program put some beside them.
    ModelFiles::find(&folder)?;
    if context.json {
        return output::json(&json!({
            "repository": repository.to_string(),
            "commit": found.commit,
            "dir": folder,
            "bytes": total,
            "received": received,
            "files": files.iter().map(file_json).collect::<Vec<_>>(),
        }));
    }
    output::line(&folder.display().to_string())
}

fn file_json(file: &HubFile) -> serde_json::Value {
    json!({ "name": file.name, "bytes": file.size_bytes, "sha256": file.sha256 })
}
