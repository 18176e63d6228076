//! `khulosa glossary`: looks after glossaries.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use khulosa::check::glossary;
use khulosa::check::glossary::suggest::{rows, suggest};
use khulosa::run::store::Store;
use khulosa::text::language::Language;

use super::printable;

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
    /// Propose terms that reviewers keep putting where the model had others, as a glossary in CSV for a person to look at.
    Suggest {
        /// A run folder that reviews were imported into.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
        /// Leave out the terms of this glossary.
        #[arg(long, value_name = "FILE")]
        glossary: Option<PathBuf>,
        /// Fewest reviewed segments in which a term was corrected; one alone does not tell which word stands for which.
        #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..))]
        min: u32,
    },
}

impl Glossary {
    /// Carries out the subcommand.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Check { file } => Self::check(&file),
            Command::Suggest { folder, glossary, min } => Self::suggest(&folder, glossary.as_deref(), min as usize),
        }
    }

    fn suggest(folder: &Path, glossary: Option<&Path>, least: usize) -> anyhow::Result<ExitCode> {
        let glossary = glossary.map(glossary::Glossary::load).transpose()?.unwrap_or_default();
        let (reviews, without_source) = Store::open_existing(folder)?.reviews()?;
        let rows = rows(&suggest(&reviews, &glossary, least));
        let mut languages: BTreeSet<Language> = reviews.iter().flat_map(|review| [review.from, review.to]).collect();
        if languages.is_empty() {
            languages = [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC, Language::TAJIK].into();
        }
        let mut out = csv::Writer::from_writer(std::io::stdout().lock());
        out.write_record(languages.iter().map(|language| language.code()).chain(["note"]))?;
        for row in &rows {
            let cell = |language| row.forms.get(language).map(|forms| forms.join("|")).unwrap_or_default();
            out.write_record(languages.iter().map(cell).chain([row.note.clone()]))?;
        }
        out.flush()?;
        let drafts = reviews.iter().filter(|review| review.machine.is_some()).count();
        let mut told = if reviews.is_empty() {
            let folder = folder.display().to_string();
            let folder = printable::text(&folder);
            format!("no terms suggested: no reviewed translations in {folder}; `khulosa import` stores them there")
        } else {
            format!(
                "{} terms suggested from {} reviewed segments, of {drafts} of which it is known what the model had made",
                rows.len(),
                reviews.len()
            )
        };
        if without_source > 0 {
            let _ = write!(
                told,
                "; {without_source} more were stored by an older version, which kept no source"
            );
        }
        writeln!(std::io::stderr().lock(), "{told}")?;
        Ok(ExitCode::SUCCESS)
    }

    fn check(file: &Path) -> anyhow::Result<ExitCode> {
        let glossary = glossary::Glossary::read(file)?;
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
