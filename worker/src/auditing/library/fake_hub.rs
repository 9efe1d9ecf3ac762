//! A small hub on loopback for tests: descriptions, a search, and files, which it can spoil.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What it holds, and how it behaves.
#[derive(Default)]
pub struct Content {
    /// Files of each repository.
    pub repositories: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    /// Each answer with a large file ends after so many bytes.
    pub cut_after: Option<usize>,
    /// Large files arrive with one byte too many.
    pub damaged: bool,
    /// Every answer is an error.
    pub down: bool,
    /// Paths that were asked for, with the range.
    pub asked: Vec<(String, Option<String>)>,
}

/// The hub.
#[derive(Clone)]
pub struct FakeHub {
    /// Its address.
    pub endpoint: String,
    content: Arc<Mutex<Content>>,
}

impl FakeHub {
    /// Serves until the test's process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("bound"));
        let content: Arc<Mutex<Content>> = Arc::default();
        let hub = Self {
            endpoint,
            content: content.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up is its own affair.
                let _ = serve(stream, &content);
            }
        });
        hub
    }

    /// Changes what it does.
    pub fn change(&self, change: impl FnOnce(&mut Content)) {
        change(&mut self.content.lock().expect("no panic while held"));
    }

    /// Adds a repository with the files of a folder.
    pub fn add(&self, repository: &str, folder: &Path) {
        let files = std::fs::read_dir(folder).expect("read").map(|file| {
            let path = file.expect("read").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(path).expect("read"))
        });
        let files = files.collect();
        self.change(|content| {
            content.repositories.insert(repository.into(), files);
        });
    }

    /// What was asked for so far.
    pub fn asked(&self) -> Vec<(String, Option<String>)> {
        self.content.lock().expect("no panic while held").asked.clone()
    }

    /// How often a weights file was asked for.
    pub fn weights_asked(&self) -> usize {
        let asked = self.asked();
        asked.iter().filter(|(path, _)| is_large(path)).count()
    }
}

fn serve(mut stream: TcpStream, content: &Mutex<Content>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut range = None;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("range: bytes=") {
            range = Some(bytes.to_owned());
        }
    }
    let mut content = content.lock().expect("no panic while held");
    content.asked.push((path.clone(), range.clone()));
    let (status, body, sent) = answer(&content, &path, range.as_deref());
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body[..sent.min(body.len())])
}

/// Status, body, and how much of it is sent.
fn answer(content: &Content, path: &str, range: Option<&str>) -> (&'static str, Vec<u8>, usize) {
    let all = usize::MAX;
    let missing = || ("404 Not Found", Vec::new(), all);
    if content.down {
        return ("503 Service Unavailable", Vec::new(), all);
    }
    if let Some(query) = path.strip_prefix("/api/models?") {
        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("search="));
        let names = content.repositories.keys();
        let found = names.filter(|name| wanted.is_some_and(|wanted| name.contains(wanted)));
        let found: Vec<_> = found.map(|name| serde_json::json!({ "id": name })).collect();
        return ("200 OK", serde_json::Value::from(found).to_string().into(), all);
    }
    for (repository, files) in &content.repositories {
        if path == format!("/api/models/{repository}/revision/main?blobs=true") {
            return ("200 OK", describe(files).into(), all);
        }
        let resolve = format!("/{repository}/resolve/{COMMIT}/");
        let Some(name) = path.strip_prefix(&resolve) else {
            continue;
        };
        let Some(mut bytes) = files.get(name).cloned() else {
            return missing();
        };
        let large = is_large(name);
        if content.damaged && large {
            bytes.push(0);
        }
        let start = range.and_then(|range| range.strip_suffix('-')?.parse().ok());
        let sent = content.cut_after.filter(|_| large).unwrap_or(all);
        return match start {
            Some(start) => ("206 Partial Content", bytes.split_off(start), sent),
            None => ("200 OK", bytes, sent),
        };
    }
    missing()
}

fn describe(files: &BTreeMap<String, Vec<u8>>) -> String {
    let siblings = files.iter();
    let siblings: Vec<_> = siblings
        .map(|(name, bytes)| serde_json::json!({ "rfilename": name, "size": bytes.len() }))
        .collect();
    serde_json::json!({ "sha": COMMIT, "siblings": siblings }).to_string()
}

fn is_large(name: &str) -> bool {
    name.ends_with(".safetensors")
}
