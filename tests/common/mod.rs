//! What the end-to-end tests share: a folder of their own, and the program run as a user runs it.
#![allow(dead_code, clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

/// A scratch folder in which articles are written and runs are made.
pub struct Desk {
    folder: tempfile::TempDir,
}

/// What a command left behind.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Desk {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Runs the program in the scratch folder, with words split at spaces.
    pub fn khulosa(&self, arguments: &str) -> Ended {
        self.khulosa_with(arguments, "")
    }

    /// The same, with something on standard input.
    pub fn khulosa_with(&self, arguments: &str, input: &str) -> Ended {
        let output = command(self.folder.path())
            .args(arguments.split_whitespace())
            .write_stdin(input)
            .output()
            .unwrap();
        Ended {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A run that must end with this exit code.
    pub fn run(&self, arguments: &str, code: i32) -> Ended {
        let ended = self.khulosa(&format!("run {arguments} --progress none"));
        assert_eq!(ended.code, code, "stdout:\n{}\nstderr:\n{}", ended.stdout, ended.stderr);
        ended
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The objects of a JSONL file.
    pub fn lines(&self, name: &str) -> Vec<Value> {
        self.read(name)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Codes and inputs of what was rejected.
    pub fn rejected(&self, run: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.lines(&format!("{run}/rejected.jsonl"))
            .iter()
            .map(|line| (text(&line["code"]), text(&line["input"])))
            .collect()
    }
}

/// The program, blind to the environment of whoever runs the tests.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("khulosa").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KHULOSA_") || name.starts_with("HF_")) {
        command.env_remove(name);
    }
    command
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_CACHE_HOME", folder.join("cache"));
    command
}

pub const ENGLISH: &str = "Ministers discuss water sharing

The water ministers of three countries met in Dushanbe on Monday to discuss the sharing of rivers. \
They agreed to open a joint monitoring station by the end of 2025. \
The meeting was attended by experts from 12 organisations. \
A second round of talks is planned for March.
";
