//! The command as a user and a script see it, without a node.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

fn ogpu(data_dir: &Path, arguments: &[&str]) -> Output {
    command(data_dir, arguments).output().expect("ogpu runs")
}

fn command(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ogpu"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", data_dir)
        .env("OGPU_DATA_DIR", data_dir)
        // Nobody listens on port 1 of loopback.
        .env("OGPU_URL", "ws://127.0.0.1:1");
    command
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn keys_should_be_made_and_listed_without_showing_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let made = ogpu(folder.path(), &["keys", "new", "mine"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let account = stdout(&made).trim().to_owned();
    assert!(account.starts_with('5'), "{account}");
    let kept = std::fs::read_to_string(folder.path().join("keys/mine.toml")).unwrap();
    let secret = kept
        .lines()
        .find_map(|line| line.strip_prefix("secret = "))
        .unwrap()
        .trim_matches('"');
    assert!(!stdout(&made).contains(secret) && !stderr(&made).contains(secret));
    let listed = ogpu(folder.path(), &["keys", "list", "--json"]);
    let keys: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(keys[0]["account"], account);
    let again = ogpu(folder.path(), &["keys", "new", "mine"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("exists already"));
}

#[test]
fn key_should_be_imported_when_the_secret_comes_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut import = command(folder.path(), &["keys", "import", "dev"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    import.stdin.take().unwrap().write_all(b"//Alice\n").unwrap();
    let output = import.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        stdout(&output).trim(),
        "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
    );
}

#[test]
fn command_should_exit_with_3_when_the_node_is_not_reachable() {
    let folder = tempfile::tempdir().unwrap();
    let output = ogpu(folder.path(), &["balance", "--dev-account", "alice"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("ws://127.0.0.1:1"));
    assert!(output.stdout.is_empty());
}

#[test]
fn error_should_be_json_on_stderr_when_json_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let output = ogpu(folder.path(), &["models", "list", "--json"]);
    let error: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(error["code"], 3);
    assert!(output.stdout.is_empty());
}

#[test]
fn command_should_exit_with_2_when_it_is_used_wrongly() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        vec!["job", "submit", "--model", "m"],
        vec!["job", "show", "no-hash"],
        vec!["transfer", "not-an-account", "1", "--dev-account", "alice"],
        vec![
            "provider",
            "ask",
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
            "99",
        ],
        vec!["provider", "stake", "1,5"],
        vec!["no-such-command"],
    ] {
        let output = ogpu(folder.path(), &arguments);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn pairing_should_be_refused_when_the_code_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let output = ogpu(
        folder.path(),
        &["provider", "pair", "ogpupair1abcd", "--dev-account", "alice"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("cut off"), "{}", stderr(&output));
}

#[test]
fn completions_should_be_printed_for_every_shell() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish"] {
        let output = ogpu(folder.path(), &["completions", shell]);
        assert!(
            output.status.success() && stdout(&output).contains("ogpu"),
            "{shell}"
        );
    }
}
