//! `khulosa run … --out -`: the batch as a filter, articles in and records out, for pipes and for cluster jobs that
//! cut a batch into partitions.

use std::fs::File;
use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use khulosa::job::Job;
use khulosa::run::{Outcome, Start};

/// Runs a job in a folder that is thrown away, and prints its records, then its rejections, one object a line. A record
/// has a `schema`, a rejection a `code`.
pub fn execute(mut job: Job) -> anyhow::Result<ExitCode> {
    let folder = tempfile::Builder::new()
        .prefix("khulosa-")
        .tempdir()
        .context("cannot make a temporary folder; TMPDIR says where")?;
    folder.path().clone_into(&mut job.out);
    let (code, outcome) = super::run::carry_out(&job, Start::default())?;
    if matches!(outcome, Outcome::Interrupted) {
        writeln!(
            std::io::stderr().lock(),
            "khulosa: stopped on request; nothing was kept"
        )?;
    } else {
        let mut out = std::io::stdout().lock();
        for name in ["records.jsonl", "rejected.jsonl"] {
            std::io::copy(&mut File::open(folder.path().join(name))?, &mut out)?;
        }
        out.flush()?;
    }
    Ok(code)
}
