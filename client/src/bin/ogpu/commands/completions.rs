//! `ogpu completions`.

use crate::{output, Cli};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The shell to print completions for.
    shell: Shell,
}

/// Prints a completion script.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "ogpu", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end())
}
