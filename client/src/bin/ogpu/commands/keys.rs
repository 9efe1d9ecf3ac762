//! `ogpu keys`.

use crate::{context::Context, context::DEFAULT_KEY, exit::Usage, output};
use clap::Subcommand;
use ogpu_client::keys::{new_mnemonic, KeyInfo};
use serde_json::json;
use std::{
    io::{IsTerminal, Read},
    path::PathBuf,
};
use zeroize::Zeroizing;

/// `ogpu keys …`
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a new key. Its words are kept in a file of mode 0600 and are never printed.
    New {
        /// Name of the key.
        #[arg(default_value = DEFAULT_KEY)]
        name: String,
    },
    /// Import a key: a mnemonic, a 0x seed or a path such as //Alice, from a file or standard input.
    Import {
        /// Name of the key.
        #[arg(default_value = DEFAULT_KEY)]
        name: String,
        /// File with the secret; standard input when it is missing. Secrets on the command line would be seen by
        /// everybody on the machine.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// List the keys.
    List,
    /// Show the account of a key.
    Show {
        /// Name of the key.
        #[arg(default_value = DEFAULT_KEY)]
        name: String,
    },
}

/// Runs `ogpu keys`.
pub fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::New { name } => {
            let info = context.keys().store(&name, &new_mnemonic())?;
            if !context.quiet {
                let path = context.data_dir.join("keys").join(format!("{name}.toml"));
                eprintln!(
                    "The key is in {}. Back this file up: whoever loses it loses the account.",
                    path.display()
                );
            }
            show(context, &info)
        }
        Command::Import { name, file } => {
            let info = context.keys().store(&name, &read_secret(file)?)?;
            show(context, &info)
        }
        Command::List => {
            let keys = context.keys().list()?;
            if context.json {
                return output::json(&json!(keys));
            }
            let mut table = output::table(["name", "account"]);
            for key in keys {
                table.add_row([key.name, key.account]);
            }
            output::line(&output::trim(&table))
        }
        Command::Show { name } => {
            let account = context.keys().load(&name)?.account_id().to_string();
            show(context, &KeyInfo { name, account })
        }
    }
}

fn read_secret(file: Option<PathBuf>) -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    match file {
        Some(path) => {
            std::fs::File::open(&path)
                .and_then(|file| file.take(4096).read_to_string(&mut text))
                .map_err(|error| Usage(format!("cannot read {}: {error}", path.display())))?;
        }
        None => {
            if std::io::stdin().is_terminal() {
                eprintln!("Type or paste the secret and end with Ctrl-D:");
            }
            std::io::stdin().lock().take(4096).read_to_string(&mut text)?;
        }
    }
    Ok(text)
}

fn show(context: &Context, info: &KeyInfo) -> anyhow::Result<()> {
    if context.json {
        output::json(&json!(info))
    } else {
        output::line(&info.account)
    }
}
