//! `khulosa import`: takes back what post-editors have approved.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use khulosa::check::glossary::suggest::Reviewed;
use khulosa::digest::corrections;
use khulosa::run::drafts;
use khulosa::run::lock::Lock;
use khulosa::run::store::Store;

/// Store reviewed translations from XLIFF files: from the next run on they stand in for the model's.
#[derive(Args)]
pub struct Import {
    /// XLIFF files, 1.2 or 2.x, as `khulosa run` writes them and translators' tools save them.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The run folder that the translations belong to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Import {
    /// Reads every file before anything is stored.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let (mut approved, mut open) = (Vec::new(), 0);
        for file in &self.files {
            let read = || -> anyhow::Result<_> { Ok(corrections::read(&std::fs::read_to_string(file)?)?) };
            let found = read().with_context(|| file.display().to_string())?;
            open += found.open;
            approved.extend(found.approved.into_iter().map(|correction| Reviewed {
                from: correction.from,
                to: correction.to,
                source: correction.source,
                machine: None,
                target: correction.target,
            }));
        }
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let _lock = Lock::take(&self.out)?;
        if let Err(error) = drafts::fill_in(&self.out, &mut approved) {
            // Only suggestions for a glossary want them.
            tracing::warn!("what the model had made of the reviewed segments is not kept: {error}");
        }
        Store::open(&self.out, false)?.review(&approved)?;
        writeln!(
            std::io::stdout().lock(),
            "{} reviewed translations stored in {}; {open} segments are not marked as reviewed",
            approved.len(),
            self.out.display()
        )?;
        Ok(ExitCode::SUCCESS)
    }
}
