//! `models`: the configured model folders, read anew and verified against the registered models.

use super::{config::Config, output};
use crate::{
    daemon::NoModels,
    models::{self, LocalModel},
};
use anyhow::Result;
use clap::Args;
use ogpu_client::chain::Chain;
use serde::Serialize;

/// Arguments of `models`.
#[derive(Args, Debug)]
pub struct Models {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Line {
    dir: String,
    name: Option<String>,
    id: Option<String>,
    problem: Option<String>,
}

/// Prints a line a folder. False when one of them cannot be served.
pub async fn run(arguments: &Models, config: &Config) -> Result<bool> {
    anyhow::ensure!(!config.models.is_empty(), NoModels);
    let chain = Chain::connect(&config.url, config.genesis.map(Into::into)).await?;
    let registered = chain.models(&chain.best().await?, models::MAX_REGISTERED).await?;
    let mut lines = Vec::new();
    for entry in &config.models {
        eprintln!("verifying {} …", entry.dir.display());
        let local = LocalModel::read_anew(entry, &config.data_dir);
        let found = local
            .as_ref()
            .map_err(ToString::to_string)
            .and_then(|local| local.matching(&registered).map_err(|error| error.to_string()));
        lines.push(match found {
            Ok((id, model)) => Line {
                dir: entry.dir.display().to_string(),
                name: Some(models::name(model)),
                id: Some(format!("{id:?}")),
                problem: None,
            },
            Err(problem) => Line {
                dir: entry.dir.display().to_string(),
                name: None,
                id: None,
                problem: Some(problem),
            },
        });
    }
    if arguments.json {
        output::json(&lines)?;
    } else {
        output::table(
            &["folder", "model", "id or problem"],
            lines.iter().map(|line| {
                let what = line
                    .id
                    .as_ref()
                    .or(line.problem.as_ref())
                    .cloned()
                    .unwrap_or_default();
                vec![
                    line.dir.clone(),
                    line.name.clone().unwrap_or_else(|| "–".into()),
                    what,
                ]
            }),
        );
    }
    Ok(lines.iter().all(|line| line.problem.is_none()))
}
