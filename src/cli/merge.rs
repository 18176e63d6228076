//! `khulosa merge`: joins the run folders of shards.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use khulosa::run::merge;

/// Join the folders of `khulosa run --shard I/N` into exactly what one run would have written.
#[derive(Args)]
pub struct Merge {
    /// The run folders of all shards, in any order.
    #[arg(value_name = "DIR", required = true)]
    folders: Vec<PathBuf>,
    /// The folder that gets records, rejections, digests and a report.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rejected articles that still count as success [default: as the shards were told].
    #[arg(long, value_name = "N")]
    max_rejected: Option<usize>,
}

impl Merge {
    /// Merges; the exit code is that of the one run.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let merged = merge::merge(&self.folders, &self.out)?;
        let text = super::run::farewell(&self.out, merged.counts, &merged.digests, &merged.missing);
        let most = self.max_rejected.unwrap_or(merged.max_rejected);
        write!(std::io::stdout().lock(), "{text}")?;
        Ok(ExitCode::from(super::run::verdict(merged.counts, most)))
    }
}
