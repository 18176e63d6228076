//! `khulosa completions` and `khulosa man`: made from the same definition as `--help`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print a completion script for a shell.
#[derive(Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Write man pages into a folder.
#[derive(Args)]
pub struct Man {
    /// Where khulosa.1 and a page per command go.
    folder: PathBuf,
}

impl Completions {
    /// Prints the script.
    pub fn execute(&self) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut super::Arguments::command(), "khulosa", &mut script);
        std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Man {
    /// Writes the pages.
    pub fn execute(&self) -> anyhow::Result<ExitCode> {
        let failed = || format!("{}: cannot write man pages", self.folder.display());
        std::fs::create_dir_all(&self.folder).with_context(failed)?;
        clap_mangen::generate_to(super::Arguments::command(), &self.folder).with_context(failed)?;
        Ok(ExitCode::SUCCESS)
    }
}
