//! Results on stdout, progress on stderr.

use comfy_table::{presets, Table};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

/// Prints a result as JSON on one line.
pub fn json(value: &serde_json::Value) -> anyhow::Result<()> {
    line(&value.to_string())
}

/// Prints a line of a result. A reader that went away (`| head`) is no failure.
pub fn line(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => Ok(result?),
    }
}

/// A table with a head.
pub fn table<const N: usize>(head: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(head);
    table
}

/// Rows of names and values.
pub fn pairs<K: ToString, V: ToString>(rows: impl IntoIterator<Item = (K, V)>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    for (name, value) in rows {
        table.add_row([name.to_string(), value.to_string()]);
    }
    trim(&table)
}

/// A table as text without blanks at the ends of its lines.
pub fn trim(table: &Table) -> String {
    table
        .to_string()
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What is going on, for a person: a spinner on a terminal, lines elsewhere.
pub struct Progress {
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Progress {
    /// Shows nothing when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, quiet }
    }

    /// Shows how many of `total` bytes are here; on a terminal only.
    pub fn bytes(&self, here: u64, total: u64) {
        let Some(bar) = &self.bar else { return };
        if bar.length() != Some(total) {
            bar.set_length(total);
            let template = "{spinner} {msg} {bar:30} {bytes}/{total_bytes} ({binary_bytes_per_sec}, {eta})";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
        }
        bar.set_position(here);
    }

    /// Says what happens now.
    pub fn step(&self, text: impl Into<String>) {
        match &self.bar {
            Some(bar) => bar.set_message(text.into()),
            None => self.done(text),
        }
    }

    /// Does something that writes to the screen itself.
    pub fn aside<R>(&self, action: impl FnOnce() -> R) -> R {
        match &self.bar {
            Some(bar) => bar.suspend(action),
            None => action(),
        }
    }

    /// Says what has happened, to stay on the screen.
    pub fn done(&self, text: impl Into<String>) {
        match &self.bar {
            Some(bar) => bar.println(text.into()),
            None if self.quiet => {}
            None => eprintln!("{}", text.into()),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
