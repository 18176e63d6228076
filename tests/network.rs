//! Runs that fetch their model from a hub on loopback, and runs that must not touch the network at all.
#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used, clippy::panic, dead_code)]

mod common;
#[path = "hub/server.rs"]
mod server;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::SystemTime;

use common::{Desk, ENGLISH, command};
use server::Server;

fn pocket() -> Server {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/pocket");
    let files = [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "tokenizer.json",
    ];
    let files: Vec<(&str, Vec<u8>)> = files
        .map(|name| (name, std::fs::read(folder.join(name)).unwrap()))
        .into();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(name, content)| (*name, content.as_slice()))
        .collect();
    Server::start(&files, &["model.safetensors"])
}

/// Converted weights and when they were written.
fn converted(desk: &Desk) -> Vec<(PathBuf, SystemTime)> {
    let entries = std::fs::read_dir(desk.path("cache/khulosa/engine-v2"))
        .unwrap()
        .flatten();
    entries
        .map(|entry| (entry.path(), entry.metadata().unwrap().modified().unwrap()))
        .collect()
}

const RUN: &str = "run a.txt --to ru --translator hf:makers/tiny --summariser hf:makers/tiny --progress plain";

#[test]
fn a_model_of_the_hub_is_fetched_once_converted_once_and_needs_no_network_from_then_on() {
    let (desk, server) = (Desk::new(), pocket());
    desk.write("a.txt", ENGLISH);
    let run = |more: &str| {
        let output = command(&desk.path(""))
            .args(format!("{RUN} {more}").split_whitespace())
            .env("HF_ENDPOINT", server.endpoint())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stderr).unwrap()
    };
    let told = run("--out a");
    for said in [
        "fetching model.safetensors: ",
        "fetched model.safetensors",
        "fetched tokenizer.json",
    ] {
        assert!(told.contains(said), "{said} in {told}");
    }
    let (requests, weights) = (server.seen().len(), converted(&desk));
    assert_eq!(weights.len(), 1);
    run("--out b");
    run("--out c --offline");
    assert_eq!((server.seen().len(), converted(&desk)), (requests, weights));
    assert_eq!(desk.read("a/records.jsonl"), desk.read("c/records.jsonl"));
    let verified = desk.khulosa("models verify hf:makers/tiny").stdout;
    assert!(
        verified.contains("\tgood\t") && verified.contains("\tconverted\tgood: "),
        "{verified}"
    );
}

#[test]
fn progress_as_json_tells_of_downloads_in_json() {
    let (desk, server) = (Desk::new(), pocket());
    desk.write("a.txt", ENGLISH);
    let run = RUN.replace("plain", "json");
    let output = command(&desk.path(""))
        .args(format!("{run} --out a").split_whitespace())
        .env("HF_ENDPOINT", server.endpoint())
        .output()
        .unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    let events: Vec<serde_json::Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((of("fetching"), of("fetched")), (4, 4), "{told}");
}

#[test]
fn offline_no_connection_is_ever_opened() {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    let hub = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", hub.local_addr().unwrap());
    let start = |arguments: &str, variable: (&str, &str)| {
        command(&desk.path(""))
            .args(arguments.split_whitespace())
            .env("HF_ENDPOINT", &endpoint)
            .env(variable.0, variable.1)
            .output()
            .unwrap()
    };
    hub.set_nonblocking(true).unwrap();
    let missing = "makers/tiny at main";
    for (arguments, variable, said) in [
        (format!("{RUN} --out a --offline"), ("X", ""), missing),
        (format!("{RUN} --out a"), ("HF_HUB_OFFLINE", "1"), missing),
        (format!("{RUN} --out a"), ("KHULOSA_OFFLINE", "true"), missing),
        (
            "translate a.txt --to ru --translator nllb-600m --offline".to_owned(),
            ("X", ""),
            "khulosa models pull nllb-600m",
        ),
        (
            "summarise a.txt --summariser hf:makers/tiny --offline".to_owned(),
            ("X", ""),
            missing,
        ),
        (
            "models pull nllb-600m".to_owned(),
            ("HF_HUB_OFFLINE", "1"),
            "pull needs the network",
        ),
        ("models verify nllb-600m".to_owned(), ("X", ""), "not on disk"),
    ] {
        let output = start(&arguments, variable);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.code() == Some(2) && told.contains(said),
            "{arguments}: {told}"
        );
    }
    for arguments in [
        "run a.txt --out b --translator auto --offline --progress none",
        "models route --from en --to ru,ar,tg",
        "models list",
        "doctor",
    ] {
        start(arguments, ("HF_HUB_OFFLINE", "1"));
    }
    let connection = hub.accept();
    assert!(connection.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    // The same command without the flag does knock, so that the silence above means something.
    hub.set_nonblocking(false).unwrap();
    let mut online = std::process::Command::new(assert_cmd::cargo::cargo_bin("khulosa"))
        .args(format!("{RUN} --out a").split_whitespace())
        .current_dir(desk.path(""))
        .env("HOME", desk.path(""))
        .env("XDG_CACHE_HOME", desk.path("cache"))
        .env("HF_ENDPOINT", &endpoint)
        .env_remove("HF_HUB_OFFLINE")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    hub.accept().unwrap();
    online.kill().unwrap();
    online.wait().unwrap();
}
