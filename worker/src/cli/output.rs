//! Results on stdout: a table for people, JSON for programs. Everything else goes to stderr.

use anyhow::Result;
use comfy_table::{presets::NOTHING, ContentArrangement, Table};
use serde::Serialize;
use std::io::Write;

/// Prints a value as JSON.
pub fn json<T: Serialize>(value: &T) -> Result<()> {
    line(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints a table that fits the terminal.
pub fn table<R, C>(header: &[&str], rows: R)
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = String>,
{
    let mut table = Table::new();
    table
        .load_preset(NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if !header.is_empty() {
        table.set_header(header.iter().copied());
    }
    for row in rows {
        table.add_row(row.into_iter().collect::<Vec<_>>());
    }
    line(&table.to_string());
}

/// Prints a line. A reader that has gone away (`… | head`) is no error of ours.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
