//! The thresholds with which each profile starts: recorded verdicts hold for these only.

use crate::variants::{name, Profile};
use anyhow::{Context, Result};
use clap::ValueEnum;
use ogpu_primitives::ProfileParams;
use std::{collections::BTreeMap, path::Path};

/// Writes them to `starting.json`, or fails when results were made with others.
pub fn run(data: &Path) -> Result<()> {
    let path = data.join("starting.json");
    let now: BTreeMap<String, ProfileParams> = Profile::value_variants()
        .iter()
        .map(|profile| (name(profile), ProfileParams::starting((*profile).into())))
        .collect();
    if !path.is_file() {
        std::fs::create_dir_all(data)?;
        return std::fs::write(&path, serde_json::to_string_pretty(&now)? + "\n")
            .with_context(|| format!("writing {}", path.display()));
    }
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let then: BTreeMap<String, ProfileParams> = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is damaged; delete the audits beside it and run again",
            path.display()
        )
    })?;
    anyhow::ensure!(
        then == now,
        "the audits in {} were made with other starting thresholds; delete them and run again",
        data.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_should_refuse_when_results_were_made_with_other_thresholds() {
        let folder = tempfile::tempdir().expect("a folder");
        run(folder.path()).expect("written");
        run(folder.path()).expect("the same");
        let path = folder.path().join("starting.json");
        let text = std::fs::read_to_string(&path).expect("read");
        std::fs::write(
            &path,
            text.replace("\"tau_output_milli\": 7,", "\"tau_output_milli\": 8,"),
        )
        .expect("written");
        let error = run(folder.path()).expect_err("others");
        assert!(error.to_string().contains("other starting thresholds"), "{error}");
    }
}
