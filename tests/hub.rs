//! Fetching from a hub, against one on loopback that answers as the real one does and fails in every way it can.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "hub/server.rs"]
mod server;

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use khulosa::model::cache::Repository;
use khulosa::model::hub::{Hub, Options, Silent, Token, Watch};
use khulosa::model::{Access, Catalogue, Fetch, LicenceRule, resolve};
use server::{COMMIT, Fault, Server};

const CONFIG: &[u8] =
    br#"{"model_type": "m2m_100", "eos_token_id": 2, "pad_token_id": 1, "decoder_start_token_id": 2}"#;
const TOKEN: &str = "hf_secretsecret";

fn weights() -> Vec<u8> {
    (0..300_000_u32).flat_map(u32::to_le_bytes).collect()
}

fn tiny() -> Server {
    let weights = weights();
    let files = [
        ("config.json", CONFIG),
        ("model.safetensors", &weights),
        ("pytorch_model.bin", b"old"),
        ("README.md", b"read me"),
    ];
    Server::start(&files, &["model.safetensors", "pytorch_model.bin"])
}

fn options(server: &Server, cache: &Path) -> Options {
    Options {
        endpoint: server.endpoint(),
        token: Some(Token::new(TOKEN.to_owned())),
        cache: cache.to_owned(),
        parallel: 3,
        silence: Duration::from_secs(2),
        attempts: 3,
        pause: Duration::from_millis(10),
    }
}

fn pull(server: &Server, cache: &Path) -> Result<std::path::PathBuf, String> {
    let hub = Hub::new(options(server, cache), &Silent);
    hub.pull("makers/tiny", "main", &[])
        .map(|snapshot| snapshot.folder)
        .map_err(|error| error.to_string())
}

const CONTENT: &str = "/cdn/model.safetensors";

#[test]
fn a_model_is_fetched_once_in_the_layout_that_python_knows() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let folder = pull(&server, cache.path()).unwrap();
    assert_eq!(folder, cache.path().join("models--makers--tiny/snapshots").join(COMMIT));
    assert_eq!(std::fs::read(folder.join("model.safetensors")).unwrap(), weights());
    assert_eq!(std::fs::read(folder.join("config.json")).unwrap(), CONFIG);
    let link = std::fs::read_link(folder.join("model.safetensors")).unwrap();
    assert!(
        link.starts_with("../../blobs") && link.file_name().unwrap().len() == 64,
        "{}",
        link.display()
    );
    assert_eq!(
        std::fs::read_to_string(cache.path().join("models--makers--tiny/refs/main")).unwrap(),
        COMMIT
    );
    pull(&server, cache.path()).unwrap();
    assert_eq!(server.gets("model.safetensors").len(), 1);
}

#[test]
fn safetensors_are_preferred_and_other_files_left_alone() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let folder = pull(&server, cache.path()).unwrap();
    assert!(!folder.join("pytorch_model.bin").exists() && !folder.join("README.md").exists());
}

#[test]
fn the_token_goes_to_the_hub_and_to_no_other_host() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    pull(&server, cache.path()).unwrap();
    assert_ne!(server.endpoint(), server.cdn());
    for seen in server.seen() {
        let expected = if seen.path == CONTENT {
            None
        } else {
            Some(format!("Bearer {TOKEN}"))
        };
        assert_eq!(seen.authorization, expected, "{}", seen.path);
    }
    assert!(!format!("{:?}", options(&server, cache.path())).contains(TOKEN));
}

#[test]
fn a_cut_download_goes_on_where_it_stopped() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(
        CONTENT,
        &[
            Fault::Cut(500_000),
            Fault::Cut(100_000),
            Fault::Cut(50_000),
            Fault::Cut(50_000),
        ],
    );
    let folder = pull(&server, cache.path()).unwrap();
    assert_eq!(std::fs::read(folder.join("model.safetensors")).unwrap(), weights());
    let ranges: Vec<_> = server.gets("model.safetensors").iter().map(|seen| seen.range).collect();
    assert_eq!(
        ranges,
        [None, Some(500_000), Some(600_000), Some(650_000), Some(700_000)]
    );
}

#[test]
fn a_download_of_an_earlier_process_goes_on_where_it_stopped() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(CONTENT, &[Fault::Cut(500_000), Fault::Status(404, "")]);
    pull(&server, cache.path()).unwrap_err();
    let folder = pull(&server, cache.path()).unwrap();
    assert_eq!(std::fs::read(folder.join("model.safetensors")).unwrap(), weights());
    assert_eq!(server.gets("model.safetensors").last().unwrap().range, Some(500_000));
}

#[test]
fn a_server_without_ranges_sends_the_file_again() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(CONTENT, &[Fault::Cut(500_000), Fault::NoRange]);
    let folder = pull(&server, cache.path()).unwrap();
    assert_eq!(std::fs::read(folder.join("model.safetensors")).unwrap(), weights());
}

#[test]
fn a_silent_connection_is_given_up_and_tried_again() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(CONTENT, &[Fault::Silence(Duration::from_secs(8))]);
    pull(&server, cache.path()).unwrap();
    assert_eq!(server.gets("model.safetensors").len(), 2);
}

#[test]
fn a_busy_hub_is_asked_again_when_it_says() {
    #[derive(Default)]
    struct Told(Mutex<Vec<String>>);
    impl Watch for Told {
        fn started(&self, _: &str, _: u64, _: u64) {}
        fn advanced(&self, _: &str, _: u64) {}
        fn finished(&self, _: &str) {}
        fn retried(&self, _: &str, reason: &str) {
            self.0.lock().unwrap().push(reason.to_owned());
        }
    }
    let (server, cache, told) = (tiny(), tempfile::tempdir().unwrap(), Told::default());
    server.fail(
        CONTENT,
        &[Fault::Status(429, "Retry-After: 1\r\n"), Fault::Status(503, "")],
    );
    let began = std::time::Instant::now();
    Hub::new(options(&server, cache.path()), &told)
        .pull("makers/tiny", "main", &[])
        .unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));
    let told = told.0.into_inner().unwrap();
    assert!(
        told.len() == 2 && told[0].contains("429") && told[1].contains("503"),
        "{told:?}"
    );
}

#[test]
fn a_hub_that_stays_broken_is_reported_with_the_number_of_attempts() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(
        "/api/models/makers/tiny/revision/main",
        &[const { Fault::Status(500, "") }; 3],
    );
    let error = pull(&server, cache.path()).unwrap_err();
    assert!(
        error.starts_with("makers/tiny@main: the hub answered 500") && error.ends_with("tried 3 times"),
        "{error}"
    );
}

#[test]
fn refusals_say_what_to_do() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let api = "/api/models/makers/tiny/revision/main";
    for (status, headers, said) in [
        (401, "", "or set HF_TOKEN"),
        (
            403,
            "X-Error-Code: GatedRepo\r\n",
            "access must be asked for on the model's page",
        ),
        (403, "", "the token (HF_TOKEN) does not allow it"),
        (404, "", "no such repository"),
    ] {
        server.fail(api, &[Fault::Status(status, headers)]);
        let error = pull(&server, cache.path()).unwrap_err();
        assert!(error.contains(said) && !error.contains(TOKEN), "{error}");
    }
    let hub = Hub::new(options(&server, cache.path()), &Silent);
    let error = hub.pull("makers/tiny", "v9", &[]).unwrap_err().to_string();
    assert_eq!(error, "makers/tiny@v9: there is no such revision");
}

#[test]
fn wrong_bytes_are_never_put_in_place() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(CONTENT, &[Fault::Wrong, Fault::Wrong]);
    let error = pull(&server, cache.path()).unwrap_err();
    assert!(error.contains("expected SHA-256"), "{error}");
    let repository = Repository::new(cache.path(), "makers/tiny").unwrap();
    assert!(repository.find("main").unwrap().is_none());
    let large = |entry: &std::fs::DirEntry| entry.metadata().unwrap().len() > 1000;
    assert_eq!(
        std::fs::read_dir(repository.folder().join("blobs"))
            .unwrap()
            .flatten()
            .filter(large)
            .count(),
        0
    );
    // An accident does not repeat itself.
    server.fail(CONTENT, &[Fault::Wrong]);
    pull(&server, cache.path()).unwrap();
}

#[test]
fn more_bytes_than_the_hub_said_are_refused() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.fail(CONTENT, &[Fault::More]);
    let error = pull(&server, cache.path()).unwrap_err();
    assert!(
        error.contains("expected 1200000 bytes, as the hub says, and more came"),
        "{error}"
    );
}

#[test]
fn a_hub_cannot_write_outside_the_cache() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.lie_about_etag("../../../../climbed");
    assert!(
        pull(&server, cache.path())
            .unwrap_err()
            .contains("expected an ETag of letters and digits")
    );
    let server = Server::start(
        &[
            ("config.json", CONFIG),
            ("model.safetensors", b"w"),
            ("../../climbed", b"x"),
        ],
        &[],
    );
    let hub = Hub::new(options(&server, cache.path()), &Silent);
    let error = hub
        .pull("makers/tiny", "main", &["../../climbed".to_owned()])
        .unwrap_err()
        .to_string();
    assert!(error.contains("leads out of the cache"), "{error}");
}

#[test]
fn shards_come_with_their_index() {
    let index = br#"{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}"#;
    let files: [(&str, &[u8]); 4] = [
        ("config.json", CONFIG),
        ("model.safetensors.index.json", index),
        ("model-1.safetensors", b"1"),
        ("model-2.safetensors", b"2"),
    ];
    let (server, cache) = (
        Server::start(&files, &["model-1.safetensors"]),
        tempfile::tempdir().unwrap(),
    );
    let folder = pull(&server, cache.path()).unwrap();
    assert!(folder.join("model-1.safetensors").exists() && folder.join("model-2.safetensors").exists());
}

#[test]
fn a_disk_too_small_is_noticed_before_anything_is_fetched() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    server.lie_about_size(1 << 60);
    let error = pull(&server, cache.path()).unwrap_err();
    assert!(
        error.contains("MB to fetch") && error.contains("set HF_HUB_CACHE"),
        "{error}"
    );
    assert!(server.seen().iter().all(|seen| !seen.path.contains("resolve")));
}

/// A file system of one megabyte, where this process may make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Lets nobody write to it any more, not even root.
    fn seal(&self) -> bool {
        let seal = Command::new("mount")
            .args(["-o", "remount,ro"])
            .arg(self.0.path())
            .output();
        seal.is_ok_and(|output| output.status.success())
    }

    fn mount() -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(place.path())
            .output();
        mount.is_ok_and(|output| output.status.success()).then_some(Self(place))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_disk_that_fills_up_is_named_and_what_came_is_kept() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not checked: a small file system cannot be mounted here");
        return;
    };
    let (server, cache) = (tiny(), disk.0.path().join("cache"));
    server.be_silent_about_sizes();
    let error = pull(&server, &cache).unwrap_err();
    assert!(error.contains(".incomplete: cannot write: No space left"), "{error}");
    let repository = Repository::new(&cache, "makers/tiny").unwrap();
    assert!(repository.find("main").unwrap().is_none());
}

#[test]
fn a_cache_that_cannot_be_written_is_named() {
    let (server, place) = (tiny(), tempfile::tempdir().unwrap());
    let file = place.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let error = pull(&server, &file).unwrap_err();
    assert!(error.contains("a-file") && error.contains("cannot write"), "{error}");
}

#[test]
fn a_read_only_cache_serves_what_it_holds_and_says_what_it_cannot_take() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("not checked: a small file system cannot be mounted here");
        return;
    };
    let cache = disk.0.path();
    let files: [(&str, &[u8]); 3] = [
        ("config.json", CONFIG),
        ("model.safetensors", b"w"),
        ("tokenizer.json", b"{}"),
    ];
    let server = Server::start(&files, &["model.safetensors"]);
    let folder = pull(&server, cache).unwrap();
    assert!(disk.seal());
    let hub = Hub::new(options(&server, cache), &Silent);
    let access = Access {
        hub: cache.to_owned(),
        fetch: Some(&hub),
        ..Access::offline()
    };
    let catalogue = Catalogue::load(&[]).unwrap();
    assert_eq!(resolve("hf:makers/tiny", &catalogue, &access).unwrap().folder, folder);
    let error = hub.pull("makers/tiny", "v2", &[]).unwrap_err().to_string();
    assert!(error.contains("no such revision"), "{error}");
    std::fs::create_dir(cache.join("x")).unwrap_err();
    let elsewhere = cache.join("elsewhere");
    let error = pull(&server, &elsewhere).unwrap_err();
    assert!(error.contains("cannot write: Read-only file system"), "{error}");
}

#[test]
fn two_at_once_fetch_each_file_once() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| pull(&server, cache.path()).unwrap()))
            .collect();
        for folder in tries.into_iter().map(|pulling| pulling.join().unwrap()) {
            assert_eq!(std::fs::read(folder.join("model.safetensors")).unwrap(), weights());
        }
    });
    assert_eq!(server.gets("model.safetensors").len(), 1);
}

#[test]
fn a_model_that_is_there_is_used_without_a_request_and_one_that_is_not_is_fetched() {
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let catalogue = Catalogue::load(&[]).unwrap();
    let hub = Hub::new(options(&server, cache.path()), &Silent);
    let online = Access {
        hub: cache.path().to_owned(),
        fetch: Some(&hub),
        licence: LicenceRule::Any,
        allow_pickle: false,
    };
    let offline = Access {
        fetch: None,
        hub: cache.path().to_owned(),
        licence: LicenceRule::Any,
        allow_pickle: false,
    };
    let error = resolve("hf:makers/tiny", &catalogue, &offline).unwrap_err().to_string();
    assert!(error.contains("not on disk") && server.seen().is_empty(), "{error}");
    let fetched = resolve("hf:makers/tiny", &catalogue, &online).unwrap();
    assert_eq!(fetched.commit.as_deref(), Some(COMMIT));
    let requests = server.seen().len();
    for access in [&online, &offline] {
        assert_eq!(
            resolve("hf:makers/tiny", &catalogue, access).unwrap().hash,
            fetched.hash
        );
    }
    assert_eq!(server.seen().len(), requests);
}

/// A Python with huggingface_hub: `KHULOSA_TEST_PYTHON`, which `make test` sets and which must have it, or `python3`
/// where it has it.
fn python() -> Option<String> {
    let named = std::env::var("KHULOSA_TEST_PYTHON")
        .ok()
        .filter(|python| !python.is_empty());
    let python = named.clone().unwrap_or_else(|| "python3".to_owned());
    let has = Command::new(&python)
        .args(["-c", "import huggingface_hub"])
        .output()
        .is_ok_and(|output| output.status.success());
    assert!(has || named.is_none(), "{python} cannot import huggingface_hub");
    if !has {
        eprintln!("not checked: no Python with huggingface_hub (set KHULOSA_TEST_PYTHON)");
    }
    has.then_some(python)
}

fn python_fetches(python: &str, server: &Server, cache: &Path, offline: bool) -> String {
    let script = "import huggingface_hub as h; print(h.snapshot_download('makers/tiny', allow_patterns=['*.json', '*.safetensors']))";
    let output = Command::new(python)
        .args(["-c", script])
        .env("HF_ENDPOINT", server.endpoint())
        .env("HF_HUB_CACHE", cache)
        .env("HF_HUB_OFFLINE", if offline { "1" } else { "0" })
        .env("HF_HUB_DISABLE_TELEMETRY", "1")
        .env("HF_HUB_DISABLE_XET", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn python_reads_what_was_fetched_here() {
    let Some(python) = python() else { return };
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let folder = pull(&server, cache.path()).unwrap();
    assert_eq!(
        python_fetches(&python, &server, cache.path(), true),
        folder.display().to_string()
    );
    python_fetches(&python, &server, cache.path(), false);
    assert_eq!(server.gets("model.safetensors").len(), 1);
}

#[test]
fn what_python_fetched_is_read_here() {
    let Some(python) = python() else { return };
    let (server, cache) = (tiny(), tempfile::tempdir().unwrap());
    let folder = python_fetches(&python, &server, cache.path(), false);
    let access = Access {
        hub: cache.path().to_owned(),
        ..Access::offline()
    };
    let found = resolve("hf:makers/tiny", &Catalogue::load(&[]).unwrap(), &access).unwrap();
    assert_eq!(found.folder.display().to_string(), folder);
    pull(&server, cache.path()).unwrap();
    assert_eq!(server.gets("model.safetensors").len(), 1);
}
