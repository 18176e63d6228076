//! What stands in deploy/, tried out as far as this machine has what it is for.
#![allow(clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::fmt::Write as _;
use std::process::Command;

use common::Desk;
use serde_json::json;

const DEPLOY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy");

#[test]
fn the_slurm_scripts_do_all_shards_and_merge_them() {
    let desk = Desk::new();
    let mut lines = String::new();
    for number in 0..8 {
        let text = format!("{} It is meeting number {number}.", common::ENGLISH);
        writeln!(lines, "{}", json!({ "text": text })).unwrap();
    }
    desk.write("wire.jsonl", lines + "not json\n");
    let script = |name: &str, variables: &[(&str, &str)]| {
        let output = Command::new("bash")
            .arg(format!("{DEPLOY}/slurm/{name}"))
            .current_dir(desk.path(""))
            .env("HOME", desk.path(""))
            .env("XDG_CACHE_HOME", desk.path("cache"))
            .env("KHULOSA", assert_cmd::cargo::cargo_bin("khulosa"))
            .env("OUT", desk.path("night"))
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    for task in ["1", "2"] {
        let array = [
            ("SLURM_ARRAY_TASK_ID", task),
            ("SLURM_ARRAY_TASK_MAX", "2"),
            ("FLAGS", "wire.jsonl --to ru"),
        ];
        let (code, stderr) = script("khulosa.sbatch", &array);
        assert_eq!(code, Some(0), "{stderr}");
    }
    assert_eq!(
        script("merge.sbatch", &[("SHARDS", "2"), ("MAX_REJECTED", "1")]).0,
        Some(0)
    );
    assert_eq!(
        script("merge.sbatch", &[("SHARDS", "2")]).0,
        Some(1),
        "one rejection is one too many"
    );
    assert_eq!(desk.lines("night/records.jsonl").len(), 8);
    let (code, stderr) = script("khulosa.sbatch", &[]);
    assert!(code != Some(0) && stderr.contains("--array=1-N"), "{stderr}");
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("systemd-analyze is not installed: the units were not verified");
        return;
    }
    let desk = Desk::new();
    let program = assert_cmd::cargo::cargo_bin("khulosa").display().to_string();
    for unit in ["khulosa.service", "khulosa.timer"] {
        let text = std::fs::read_to_string(format!("{DEPLOY}/systemd/{unit}")).unwrap();
        desk.write(unit, text.replace("/usr/local/bin/khulosa", &program));
    }
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args([desk.path("khulosa.service"), desk.path("khulosa.timer")])
        .output()
        .unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && complaints.trim().is_empty(), "{complaints}");
}

#[test]
fn the_command_of_the_service_is_one_that_the_program_takes() {
    let service = std::fs::read_to_string(format!("{DEPLOY}/systemd/khulosa.service")).unwrap();
    let command = service
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    let flags = command.strip_prefix("/usr/local/bin/khulosa ").unwrap();
    let desk = Desk::new();
    desk.write("a.txt", common::ENGLISH);
    desk.write("night.toml", "inputs = [\"a.txt\"]\nout = \"night\"\nto = [\"ru\"]\n");
    desk.write("metrics/.keep", "");
    let flags = flags.replace("/etc/khulosa/", "").replace("/var/lib/khulosa/", "");
    let ended = desk.khulosa(&flags);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        desk.read("metrics/khulosa.prom")
            .contains("khulosa_last_success_timestamp_seconds ")
    );
}
