//! `khulosa glossary`: looks after glossaries.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use khulosa::check::glossary;

/// Look after glossaries.
#[derive(Args)]
pub struct Glossary {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Report empty, repeated and misplaced terms; exits with 1 when the glossary cannot be used.
    Check {
        /// CSV (a language a column), TBX, or TOML ([[terms]] tables).
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Glossary {
    /// Carries out the subcommand.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let Command::Check { file } = self.command;
        let glossary = glossary::Glossary::read(&file)?;
        let faults = glossary.faults();
        let mut out = std::io::stdout().lock();
        for fault in &faults {
            let kind = if fault.fatal { "error" } else { "look at" };
            writeln!(
                out,
                "{}: term {}: {kind}: {}",
                file.display(),
                fault.term,
                fault.message
            )?;
        }
        let languages: Vec<String> = glossary
            .languages()
            .iter()
            .map(|(language, number)| format!("{} {number}", language.code()))
            .collect();
        let fatal = faults.iter().filter(|fault| fault.fatal).count();
        let counted = format!("{} terms ({})", glossary.len(), languages.join(", "));
        writeln!(out, "{counted}: {fatal} errors, {} to look at", faults.len() - fatal)?;
        Ok(if fatal == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }
}
