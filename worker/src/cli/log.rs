//! The log: on stderr, for people or as JSON Lines. Every line about a job carries its id in the field `job`.

use clap::Args;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Flags of the log.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Log")]
pub struct LogFlags {
    /// What to log, as `tracing` directives, such as `info` or `ogpu_worker=debug`.
    #[arg(long, env = "OGPU_LOG", value_name = "FILTER", global = true)]
    pub log: Option<String>,
    /// Log as JSON Lines.
    #[arg(long, env = "OGPU_LOG_JSON", value_parser = clap::builder::FalseyValueParser::new(), global = true)]
    pub log_json: bool,
}

impl LogFlags {
    /// Starts the log. Commands that end by themselves stay quiet unless something is wrong.
    pub fn start(&self, daemon: bool) {
        let quiet = "iroh=warn,iroh_relay=error,noq=warn,noq_proto=warn,quinn=warn,netwatch=error,subxt=warn,jsonrpsee=warn";
        let level = if daemon { "info" } else { "warn" };
        let directives = self.log.clone().unwrap_or_else(|| format!("{level},{quiet}"));
        let filter = EnvFilter::try_new(&directives).unwrap_or_else(|error| {
            eprintln!("--log `{directives}` is not understood ({error}); logging at {level}");
            EnvFilter::new(level)
        });
        let builder = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr);
        // A second start, in tests, changes nothing.
        let _ = if self.log_json {
            builder.json().flatten_event(true).try_init()
        } else {
            builder
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false)
                .try_init()
        };
    }
}
