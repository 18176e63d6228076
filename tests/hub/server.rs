//! A hub on loopback: the answers of the real one, and on demand the ways in which it can fail.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sha2::{Digest, Sha256};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub range: Option<u64>,
    pub authorization: Option<String>,
}

/// What goes wrong with the next GET of a path.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This status with these headers.
    Status(u16, &'static str),
    /// The connection closes after so many bytes of the body.
    Cut(usize),
    /// Nothing comes for so long.
    Silence(Duration),
    /// The right number of wrong bytes.
    Wrong,
    /// More bytes than said, without a length.
    More,
    /// The whole file, whatever range was asked for.
    NoRange,
}

#[derive(Default)]
struct State {
    files: HashMap<String, Vec<u8>>,
    hashes: HashMap<String, String>,
    /// Files that the real hub would keep on its CDN.
    large: Vec<String>,
    faults: HashMap<String, VecDeque<Fault>>,
    seen: Vec<Seen>,
    etag: Option<String>,
    size: Option<u64>,
    silent_about_sizes: bool,
}

/// A hub with one repository, and its CDN at another port.
pub struct Server {
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
    hub: u16,
    cdn: u16,
}

impl Server {
    /// Starts to serve files of `makers/tiny`; those named in `large` are redirected to the CDN.
    pub fn start(files: &[(&str, &[u8])], large: &[&str]) -> Self {
        let state = Arc::new(Mutex::new(State {
            files: files
                .iter()
                .map(|(name, content)| ((*name).to_owned(), content.to_vec()))
                .collect(),
            hashes: files
                .iter()
                .map(|(name, content)| ((*name).to_owned(), hash(content)))
                .collect(),
            large: large.iter().map(|name| (*name).to_owned()).collect(),
            ..State::default()
        }));
        let stop = Arc::new(AtomicBool::new(false));
        let cdn = listen(&state, &stop, 0);
        let hub = listen(&state, &stop, cdn);
        Self { state, stop, hub, cdn }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.hub)
    }

    pub fn cdn(&self) -> String {
        format!("http://127.0.0.1:{}", self.cdn)
    }

    /// Lets the next requests for the content of a file fail, one after the other.
    pub fn fail(&self, path: &str, faults: &[Fault]) {
        self.state
            .lock()
            .unwrap()
            .faults
            .insert(path.to_owned(), faults.iter().cloned().collect());
    }

    /// Gives every file this ETag.
    pub fn lie_about_etag(&self, etag: &str) {
        self.state.lock().unwrap().etag = Some(etag.to_owned());
    }

    /// Gives every file this size.
    pub fn lie_about_size(&self, size: u64) {
        self.state.lock().unwrap().size = Some(size);
    }

    /// Leaves sizes out of the list of files, as old mirrors do.
    pub fn be_silent_about_sizes(&self) {
        self.state.lock().unwrap().silent_about_sizes = true;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    /// Requests for the content of a file.
    pub fn gets(&self, file: &str) -> Vec<Seen> {
        let content = |seen: &Seen| seen.method == "GET" && seen.path.starts_with("/cdn/") && seen.path.ends_with(file);
        self.seen().into_iter().filter(content).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for port in [self.hub, self.cdn] {
            let _ = TcpStream::connect(("127.0.0.1", port));
        }
    }
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn listen(state: &Arc<Mutex<State>>, stop: &Arc<AtomicBool>, cdn: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (state, stop) = (Arc::clone(state), Arc::clone(stop));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let state = Arc::clone(&state);
            std::thread::spawn(move || {
                // A client that hangs up has seen enough.
                let _ = stream.and_then(|stream| answer(stream, &state, cdn));
            });
        }
    });
    port
}

fn answer(mut stream: TcpStream, state: &Mutex<State>, cdn: u16) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).take(1 << 16).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut words = first.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut seen = Seen {
        method,
        path: path.split('?').next().unwrap_or_default().to_owned(),
        range: None,
        authorization: None,
    };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => seen.range = first_byte(value),
            "authorization" => seen.authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let (reply, silence) = {
        let mut state = state.lock().unwrap();
        state.seen.push(seen.clone());
        reply(&mut state, &seen, cdn)
    };
    std::thread::sleep(silence);
    stream.write_all(&reply)?;
    stream.shutdown(std::net::Shutdown::Both)
}

/// `bytes=500-` asks for everything from byte 500 on.
fn first_byte(range: &str) -> Option<u64> {
    range.trim().strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
}

fn reply(state: &mut State, seen: &Seen, cdn: u16) -> (Vec<u8>, Duration) {
    let at_once = |reply: Vec<u8>| (reply, Duration::ZERO);
    if let Some(faults) = state.faults.get_mut(&seen.path)
        && let Some(Fault::Status(status, headers)) = faults.front().cloned()
    {
        faults.pop_front();
        return at_once(head(status, headers, Some(0)));
    }
    if let Some(rest) = seen.path.strip_prefix("/api/models/makers/tiny/revision/") {
        if ![COMMIT, "main", "v1"].contains(&rest) {
            return at_once(head(404, "X-Error-Code: RevisionNotFound\r\n", Some(0)));
        }
        let mut siblings = state
            .files
            .iter()
            .map(|(name, content)| {
                let size = state.size.unwrap_or(content.len() as u64);
                if state.silent_about_sizes {
                    return serde_json::json!({"rfilename": name});
                }
                serde_json::json!({"rfilename": name, "size": size})
            })
            .collect::<Vec<_>>();
        siblings.sort_by_key(ToString::to_string);
        let answer = serde_json::json!({"id": "makers/tiny", "modelId": "makers/tiny", "sha": COMMIT, "private": false,
            "tags": [], "downloads": 0, "likes": 0, "siblings": siblings})
        .to_string();
        let mut reply = head(200, "Content-Type: application/json\r\n", Some(answer.len()));
        reply.extend(answer.bytes());
        return at_once(reply);
    }
    let name = [COMMIT, "main", "v1"]
        .iter()
        .find_map(|revision| seen.path.strip_prefix(&format!("/makers/tiny/resolve/{revision}/")));
    if let Some(name) = name {
        let Some(content) = state.files.get(name) else {
            return at_once(head(404, "X-Error-Code: EntryNotFound\r\n", Some(0)));
        };
        let large = state.large.iter().any(|large| large == name);
        let hash = &state.hashes[name];
        let etag = state
            .etag
            .clone()
            .unwrap_or(if large { hash.clone() } else { hash[..40].to_owned() });
        let size = state.size.unwrap_or(content.len() as u64);
        let mut headers = format!("X-Repo-Commit: {COMMIT}\r\nETag: \"{etag}\"\r\n");
        if large {
            let _ = write!(
                headers,
                "X-Linked-Etag: \"{etag}\"\r\nX-Linked-Size: {size}\r\nLocation: http://127.0.0.1:{cdn}/cdn/{name}\r\n"
            );
            return at_once(head(302, &headers, Some(0)));
        }
        if seen.method == "HEAD" {
            return at_once(head(200, &headers, Some(size as usize)));
        }
        // Small files come from the hub itself, by way of a relative redirect as for a renamed repository.
        return at_once(head(307, &format!("{headers}Location: /cdn/{name}\r\n"), Some(0)));
    }
    match seen.path.strip_prefix("/cdn/").and_then(|name| state.files.get(name)) {
        Some(content) => {
            let fault = state.faults.get_mut(&seen.path).and_then(VecDeque::pop_front);
            body(content, seen, fault.as_ref())
        }
        None => at_once(head(401, "X-Error-Code: RepoNotFound\r\n", Some(0))),
    }
}

fn body(content: &[u8], seen: &Seen, fault: Option<&Fault>) -> (Vec<u8>, Duration) {
    let range = seen.range.filter(|_| !matches!(fault, Some(Fault::NoRange)));
    let from = usize::try_from(range.unwrap_or(0)).unwrap().min(content.len());
    let (mut reply, rest) = (Vec::new(), &content[from..]);
    let headers = range.map_or(String::new(), |_| {
        format!(
            "Content-Range: bytes {from}-{}/{}\r\n",
            content.len() - 1,
            content.len()
        )
    });
    let length = Some(rest.len()).filter(|_| !matches!(fault, Some(Fault::More)));
    reply.extend(head(if range.is_some() { 206 } else { 200 }, &headers, length));
    match fault {
        Some(Fault::Cut(after)) => reply.extend(&rest[..(*after).min(rest.len())]),
        Some(Fault::Wrong) => reply.extend(rest.iter().map(|byte| byte ^ 1)),
        Some(Fault::More) => reply.extend(rest.iter().chain(b"and more")),
        Some(Fault::Silence(length)) => return (reply, *length),
        _ => reply.extend(rest),
    }
    (reply, Duration::ZERO)
}

fn head(status: u16, headers: &str, length: Option<usize>) -> Vec<u8> {
    let length = length.map_or(String::new(), |length| format!("Content-Length: {length}\r\n"));
    format!("HTTP/1.1 {status} Said\r\n{headers}{length}Connection: close\r\n\r\n").into_bytes()
}
