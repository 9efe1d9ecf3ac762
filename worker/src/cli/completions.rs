//! `completions`: prints the shell's completion script.

use super::output;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Arguments of `completions`.
#[derive(Args, Debug)]
pub struct Completions {
    /// The shell.
    pub shell: Shell,
}

/// Prints the script.
pub fn run<C: CommandFactory>(arguments: &Completions) {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut C::command(), "ogpu-worker", &mut script);
    output::line(String::from_utf8_lossy(&script).trim_end());
}
