//! `ogpu models fetch` against a small hub on loopback that answers as a real one does: a description of the
//! repository, and files, large ones by way of another address.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const TOKEN: &str = "hf_a-token-of-a-test";

/// A request as the hub saw it.
#[derive(Clone, Debug)]
struct Seen {
    path: String,
    range: Option<String>,
    authorization: Option<String>,
}

#[derive(Default)]
struct Repository {
    files: BTreeMap<&'static str, Vec<u8>>,
    /// Files are shown to whoever has the token only.
    gated: bool,
    /// Each answer with a file ends after so many bytes.
    cut_after: Option<usize>,
    /// What arrives is not what was promised.
    damaged: bool,
}

struct Hub {
    endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Hub {
    fn start(repository: Repository) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up is its own affair.
                let _ = serve(stream, &repository, &log);
            }
        });
        Self { endpoint, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, repository: &Repository, log: &Mutex<Vec<Seen>>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = BTreeMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let seen = Seen {
        path: path.clone(),
        range: headers.get("range").cloned(),
        authorization: headers.get("authorization").cloned(),
    };
    log.lock().unwrap().push(seen.clone());
    let mut answer = |status: &str, more: &str, body: &[u8], sent: usize| {
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n",
            body.len()
        )?;
        stream.write_all(&body[..sent.min(body.len())])
    };
    let all = usize::MAX;
    if path == "/api/models/owner/model/revision/main?blobs=true" {
        return answer("200 OK", "", describe(repository).as_bytes(), all);
    }
    if path.starts_with("/api/") {
        return answer("404 Not Found", "", b"{\"error\":\"not found\"}", all);
    }
    if repository.gated && seen.authorization.as_deref() != Some(&format!("Bearer {TOKEN}")) {
        return answer("401 Unauthorized", "X-Error-Code: GatedRepo\r\n", b"", all);
    }
    let resolve = format!("/owner/model/resolve/{COMMIT}/");
    if let Some(name) = path.strip_prefix(&resolve).filter(|name| is_large(name)) {
        return answer("302 Found", &format!("Location: /blobs/{name}\r\n"), b"", all);
    }
    let name = path.strip_prefix(&resolve).or(path.strip_prefix("/blobs/"));
    let Some(content) = name.and_then(|name| repository.files.get(name)) else {
        return answer("404 Not Found", "", b"", all);
    };
    let mut content = content.clone();
    if repository.damaged {
        content[0] ^= 1;
    }
    let start: usize = seen
        .range
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok())
        .unwrap_or(0);
    let status = if start > 0 {
        "206 Partial Content"
    } else {
        "200 OK"
    };
    answer(status, "", &content[start..], repository.cut_after.unwrap_or(all))
}

fn is_large(name: &str) -> bool {
    name.ends_with(".safetensors") || name.ends_with(".gguf")
}

fn describe(repository: &Repository) -> String {
    let siblings: Vec<_> = repository
        .files
        .iter()
        .map(|(name, content)| {
            let mut file = serde_json::json!({ "rfilename": name, "size": content.len(), "blobId": "00" });
            if is_large(name) {
                file["lfs"] = serde_json::json!({ "sha256": sha256(content), "size": content.len() });
            }
            file
        })
        .collect();
    serde_json::json!({ "id": "owner/model", "sha": COMMIT, "siblings": siblings }).to_string()
}

fn sha256(content: &[u8]) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(content))
}

fn weights() -> Vec<u8> {
    (0..300_000u32).flat_map(u32::to_le_bytes).collect()
}

fn files() -> BTreeMap<&'static str, Vec<u8>> {
    BTreeMap::from([
        (".gitattributes", b"x".to_vec()),
        ("README.md", b"read me".to_vec()),
        ("config.json", b"{}".to_vec()),
        ("model.safetensors", weights()),
        ("pytorch_model.bin", vec![1; 1000]),
        ("tokenizer.json", b"{\"a\":1}".to_vec()),
        ("onnx/model.onnx", vec![2; 1000]),
    ])
}

fn fetch(endpoint: &str, home: &Path, arguments: &[&str], token: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ogpu"));
    command
        .args(["models", "fetch"])
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("OGPU_MODELS_DIR", home.join("models"))
        .env("HF_ENDPOINT", endpoint);
    if let Some(token) = token {
        command.env("HF_TOKEN", token);
    }
    command.output().expect("ogpu runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

#[test]
fn fetch_should_bring_the_files_of_the_model_and_only_once() {
    let (home, hub) = (
        tempfile::tempdir().unwrap(),
        Hub::start(Repository {
            files: files(),
            ..Repository::default()
        }),
    );
    let output = fetch(&hub.endpoint, home.path(), &["owner/model", "--json"], None);
    assert!(output.status.success(), "{}", stderr(&output));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["commit"], COMMIT);
    let folder = home.path().join("models/model");
    assert_eq!(result["dir"], folder.to_str().unwrap());
    assert_eq!(
        names(&folder),
        ["config.json", "model.safetensors", "tokenizer.json"]
    );
    assert_eq!(
        std::fs::read(folder.join("model.safetensors")).unwrap(),
        weights()
    );
    // Nobody has a token to give away.
    assert!(hub.seen().iter().all(|seen| seen.authorization.is_none()));

    let requests = hub.seen().len();
    let again = fetch(&hub.endpoint, home.path(), &["owner/model"], None);
    assert!(again.status.success(), "{}", stderr(&again));
    assert_eq!(
        String::from_utf8(again.stdout).unwrap().trim(),
        folder.to_str().unwrap()
    );
    assert_eq!(
        hub.seen().len(),
        requests + 1,
        "only the description is asked for again"
    );
}

#[test]
fn fetch_should_go_on_where_it_was_when_the_line_breaks() {
    let (home, length) = (tempfile::tempdir().unwrap(), weights().len());
    let hub = Hub::start(Repository {
        files: files(),
        cut_after: Some(length / 2 + 1),
        ..Repository::default()
    });
    let folder = home.path().join("there");
    let output = fetch(
        &hub.endpoint,
        home.path(),
        &["owner/model", "--to", folder.to_str().unwrap()],
        None,
    );
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(
        std::fs::read(folder.join("model.safetensors")).unwrap(),
        weights()
    );
    assert_eq!(names(&folder).len(), 3, "no part is left: {:?}", names(&folder));
    let ranges: Vec<_> = hub
        .seen()
        .into_iter()
        .filter(|seen| seen.path.starts_with("/blobs/"))
        .map(|seen| seen.range)
        .collect();
    assert_eq!(ranges.len(), 2, "{ranges:?}");
    assert_eq!(ranges[0], None);
    let start: usize = ranges[1]
        .as_deref()
        .and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok())
        .expect("a range");
    assert!(start > 0 && start < length, "{start}");
}

#[test]
fn fetch_should_name_the_token_when_the_model_is_gated_and_use_it_when_it_is_set() {
    let home = tempfile::tempdir().unwrap();
    let hub = Hub::start(Repository {
        files: files(),
        gated: true,
        ..Repository::default()
    });
    let output = fetch(&hub.endpoint, home.path(), &["owner/model"], None);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("set HF_TOKEN in the environment, or"),
        "{}",
        stderr(&output)
    );
    let wrong = fetch(&hub.endpoint, home.path(), &["owner/model"], Some("hf_other"));
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        stderr(&wrong).contains("the present one may not"),
        "{}",
        stderr(&wrong)
    );
    assert!(!stderr(&wrong).contains("hf_other"));
    let output = fetch(&hub.endpoint, home.path(), &["owner/model"], Some(TOKEN));
    assert!(output.status.success(), "{}", stderr(&output));
    // The file that the hub's own tools keep it in does as well.
    std::fs::remove_dir_all(home.path().join("models")).unwrap();
    let cache = home.path().join(".cache/huggingface");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(cache.join("token"), format!("{TOKEN}\n")).unwrap();
    let output = fetch(&hub.endpoint, home.path(), &["owner/model"], None);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn fetch_should_throw_a_file_away_when_its_content_is_not_what_the_hub_names() {
    let home = tempfile::tempdir().unwrap();
    let hub = Hub::start(Repository {
        files: files(),
        damaged: true,
        ..Repository::default()
    });
    let output = fetch(&hub.endpoint, home.path(), &["owner/model"], None);
    assert_eq!(output.status.code(), Some(1));
    let text = stderr(&output);
    assert!(
        text.contains("model.safetensors arrived damaged: its SHA-256 is"),
        "{text}"
    );
    let names = names(&home.path().join("models/model"));
    assert!(
        !names.iter().any(|name| name.contains("safetensors")),
        "{names:?}"
    );
}

#[test]
fn fetch_should_ask_which_when_there_are_several_gguf_files() {
    let home = tempfile::tempdir().unwrap();
    let hub = Hub::start(Repository {
        files: BTreeMap::from([("q4.gguf", vec![4; 100]), ("q8.gguf", vec![8; 200])]),
        ..Repository::default()
    });
    let output = fetch(&hub.endpoint, home.path(), &["owner/model"], None);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("q4.gguf, q8.gguf"),
        "{}",
        stderr(&output)
    );
    let output = fetch(
        &hub.endpoint,
        home.path(),
        &["owner/model", "--gguf", "q8.gguf"],
        None,
    );
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(names(&home.path().join("models/model")), ["q8.gguf"]);
}

#[test]
fn fetch_should_say_what_is_wrong_when_there_is_no_such_thing_or_no_network() {
    let home = tempfile::tempdir().unwrap();
    let hub = Hub::start(Repository {
        files: files(),
        ..Repository::default()
    });
    for (endpoint, arguments, code, says) in [
        (
            hub.endpoint.as_str(),
            vec!["owner/other"],
            1,
            "has no repository owner/other",
        ),
        (
            hub.endpoint.as_str(),
            vec!["owner/model", "--revision", "v2"],
            1,
            "with a revision 'v2'",
        ),
        (hub.endpoint.as_str(), vec!["owner/model/deep"], 2, "OWNER/NAME"),
        // Nobody listens on port 1 of loopback.
        ("http://127.0.0.1:1", vec!["owner/model"], 1, "cannot be reached"),
        ("hub.example", vec!["owner/model"], 2, "HF_ENDPOINT 'hub.example'"),
    ] {
        let output = fetch(endpoint, home.path(), &arguments, None);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: {text}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(names(&home.path().join("models")), [] as [String; 0]);
}
