//! `run`: the daemon in the foreground.

use super::config::Config;
use crate::{daemon, engine::Load};
use anyhow::{Context, Result};
use clap::Args;
use tokio::{
    signal::unix::{signal, SignalKind},
    sync::watch,
};

/// Arguments of `run`. All settings are global.
#[derive(Args, Debug)]
pub struct Run {}

/// Serves with engines that `load` gives until SIGTERM or SIGINT; a second signal ends the process at once.
pub async fn run(_: &Run, config: Config, load: Load) -> Result<()> {
    let (shutdown, closing) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for SIGINT")?;
    let daemon = daemon::run(config, closing, load);
    tokio::pin!(daemon);
    let mut asked = false;
    loop {
        tokio::select! {
            result = &mut daemon => return result,
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
        anyhow::ensure!(
            !asked,
            "stopped at once; unfinished jobs go on after the next start"
        );
        asked = true;
        tracing::info!("told to stop; once more ends it at once");
        shutdown.send_replace(true);
    }
}
