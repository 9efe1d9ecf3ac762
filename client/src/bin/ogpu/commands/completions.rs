//! `ogpu completions`.

use crate::Cli;
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
    clap_complete::generate(
        arguments.shell,
        &mut Cli::command(),
        "ogpu",
        &mut std::io::stdout(),
    );
    Ok(())
}
