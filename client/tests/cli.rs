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
        vec!["provider", "pair", "ogpupair1abcd", "--dev-account", "alice"],
        vec!["balance", "--dev-account", "zoe"],
        vec!["balance", "--account", "../alice"],
        vec!["balance", "--account", "nobody"],
        vec!["keys", "new", "a/b"],
        vec!["network", "--genesis", "0x12"],
        vec!["network", "--config", "/no/such/file"],
        vec!["job", "accept", "no-hash"],
        vec!["job", "challenge", "7"],
        vec!["job", "demand", "0x12"],
        vec!["slashes", "--owner", "nobody"],
        vec!["reputation", "nobody"],
        vec!["reputation"],
        vec!["models", "whiten", "m"],
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
    assert!(stderr(&output).contains("cut off"), "{}", stderr(&output));
}

#[test]
fn job_should_be_refused_before_anything_is_asked_when_a_parameter_is_out_of_range() {
    let folder = tempfile::tempdir().unwrap();
    let prompt = folder.path().join("prompt");
    std::fs::write(&prompt, "Why?").unwrap();
    let submit = |more: &[&str]| {
        let file = prompt.to_str().unwrap();
        let mut arguments = vec![
            "job",
            "submit",
            "--model",
            "m",
            "--prompt-file",
            file,
            "--dev-account",
            "alice",
        ];
        arguments.extend(more);
        ogpu(folder.path(), &arguments)
    };
    for (more, says) in [
        (vec!["--repetition-penalty", "0"], "from 0.1 to 10"),
        (vec!["--presence-penalty", "-2.001"], "from -2 to 2"),
        (vec!["--frequency-penalty", "3"], "from -2 to 2"),
        (vec!["--temperature=-0.1"], "from 0 to 10"),
        (vec!["--top-p", "0"], "from 0.000001 to 1"),
        (vec!["--min-p", "1.5"], "from 0 to 1"),
        (vec!["--min-reputation", "2"], "from 0 to 1"),
        (vec!["--max-tokens", "0"], "1.."),
        (vec!["--min-class", "8"], "0..8"),
        (vec!["--stop-token", "1,2,3,4,5,6,7,8,9"], "at most 8 stop tokens"),
        (vec!["--stop-token", "</s>"], "--stop-token"),
        (vec!["--seed", "7"], "64 hexadecimal digits"),
        (vec!["--replicas", "3"], "1..=2"),
        (vec!["--replicas", "2", "--worker", "alice"], "different owners"),
    ] {
        let output = submit(&more);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(says), "{more:?}: {}", stderr(&output));
    }
    // All of them at their limits: the first thing that fails is the node.
    let output = submit(&[
        "--repetition-penalty=0.1",
        "--presence-penalty",
        "-2",
        "--frequency-penalty",
        "2",
        "--stop-token=1,2,3,4",
        "--stop-token",
        "5",
        "--replicas",
        "2",
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn flag_should_win_when_the_environment_names_another_account() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path(), &["balance", "--dev-account", "alice"]);
    let output = command.env("OGPU_ACCOUNT", "nobody").output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn key_should_be_named_with_its_fault_when_it_is_exposed_or_damaged() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    assert!(ogpu(folder.path(), &["keys", "new", "mine"]).status.success());
    let path = folder.path().join("keys/mine.toml");
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o644);
    let output = ogpu(folder.path(), &["balance", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("can be read by others"),
        "{}",
        stderr(&output)
    );
    mode(0o600);
    std::fs::write(&path, "no key").unwrap();
    let output = ogpu(folder.path(), &["balance", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is damaged"), "{}", stderr(&output));
    let output = ogpu(folder.path(), &["balance", "other"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("neither an SS58 address nor"),
        "{}",
        stderr(&output)
    );
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

#[test]
fn dispute_should_be_refused_before_the_node_is_asked_when_this_machine_has_nothing_of_the_job() {
    let folder = tempfile::tempdir().unwrap();
    let job = format!("0x{}", "11".repeat(32));
    for (command, why) in [
        ("accept", "only the machine that submitted a job has its secret"),
        (
            "demand",
            "only the machine that submitted a job can read its answer",
        ),
        ("report-equivocation", "give one with --receipt"),
    ] {
        let output = ogpu(folder.path(), &["job", command, &job, "--dev-account", "alice"]);
        assert_eq!(output.status.code(), Some(1), "{command}: {}", stderr(&output));
        assert!(stderr(&output).contains(why), "{command}: {}", stderr(&output));
    }
}

#[test]
fn file_should_be_refused_before_the_node_is_asked_when_it_holds_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "0x1234").unwrap();
    let file = file.to_str().unwrap();
    let job = format!("0x{}", "11".repeat(32));
    let receipt = ogpu(
        folder.path(),
        &["job", "report-equivocation", &job, "--receipt", file],
    );
    assert_eq!(receipt.status.code(), Some(2), "{}", stderr(&receipt));
    assert!(stderr(&receipt).contains("holds no receipt"));
    let table = ogpu(
        folder.path(),
        &["models", "whiten", "m", file, "--dev-account", "alice"],
    );
    assert_eq!(table.status.code(), Some(1), "{}", stderr(&table));
    assert!(
        stderr(&table).contains("no whitening table"),
        "{}",
        stderr(&table)
    );
}
