//! Comparisons that run what they compare, and run it again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use khulosa::compare::study::outputs::Run;
use khulosa::experiment::carry;
use khulosa::experiment::cells::{Axis, Cell, grid, of_models};
use khulosa::experiment::manifest::{Manifest, current_program};
use khulosa::experiment::reproduce::{self, Verdict};
use khulosa::job::Request;
use khulosa::model::Catalogue;
use khulosa::model::locate::card_folders;
use khulosa::run::Start;
use khulosa::run::shutdown::Shutdown;

use super::measuring::Shown;
use crate::cli::settings::{Settings, environment};

/// Exit code when records are not what they were.
const NOT_THE_SAME: u8 = 1;

/// Flags about what is run.
#[derive(Args)]
#[command(next_help_heading = "Running")]
pub struct Running {
    /// Model that summarises in all cells that do not say otherwise [default: pocket].
    #[arg(long, value_name = "NAME|DIR", requires = "running")]
    summariser: Option<String>,
    /// Model that translates in all cells that do not say otherwise [default: pocket].
    #[arg(long, value_name = "NAME|DIR", requires = "running")]
    translator: Option<String>,
    /// Most words in a summary [default: 60].
    #[arg(long, value_name = "N", requires = "running")]
    summary_words: Option<usize>,
    /// Most sentences in a summary [default: 2].
    #[arg(long, value_name = "N", requires = "running")]
    summary_sentences: Option<usize>,
    /// Read no more articles than this.
    #[arg(long, value_name = "N", requires = "running")]
    limit: Option<usize>,
    /// A file of finished work to share with other runs [default: units.db in the comparison's folder].
    #[arg(long, value_name = "FILE", requires = "running")]
    cache: Option<PathBuf>,
    /// Folder whose files replace the built-in prompts.
    #[arg(long, value_name = "DIR", requires = "running")]
    prompts: Option<PathBuf>,
}

impl Running {
    /// What all cells have in common.
    pub fn request(self, inputs: Vec<String>, to: Option<Vec<String>>, settings: Settings) -> Request {
        Request {
            inputs: Some(inputs),
            to,
            summariser: self.summariser,
            translator: self.translator,
            summary_words: self.summary_words,
            summary_sentences: self.summary_sentences,
            limit: self.limit,
            cache: self.cache,
            prompts: self.prompts,
            ..settings.request()
        }
    }
}

/// Runs what is missing and compares.
pub fn execute(
    base: Request,
    models: &[String],
    sweep: &[String],
    shown: &Shown,
    out: &Path,
) -> anyhow::Result<ExitCode> {
    let base = base.over(environment()?);
    let catalogue = Catalogue::load(&card_folders(base.models.as_deref()))?;
    let mut axes = of_models(models, &catalogue);
    for given in sweep {
        axes.push(Axis::parse(given)?);
    }
    let cells = grid(&base, &axes, out)?;
    carry::check_models(&cells)?;
    let runs = match carry_out(&cells, Start::default())? {
        Ok(runs) => runs,
        Err(code) => return Ok(code),
    };
    compare(&cells, &runs, shown, out)?;
    Ok(ExitCode::SUCCESS)
}

/// The runs of all cells, or the exit code of an interruption.
fn carry_out(cells: &[Cell], start: Start) -> anyhow::Result<Result<Vec<Run>, ExitCode>> {
    let shutdown = Shutdown::install()?;
    let runs = carry::carry_out(cells, start, &shutdown, &mut |number, cell, counts| {
        let line = match counts {
            None => format!("{} of {}: {}", number + 1, cells.len(), cell.name),
            Some(counts) if counts.rejected > 0 => format!(
                "{}: {} inputs rejected, see {}",
                cell.name,
                counts.rejected,
                cell.job.out.join("rejected.jsonl").display()
            ),
            Some(_) => return,
        };
        let _ = writeln!(std::io::stderr().lock(), "khulosa: {line}");
    })?;
    // What follows is measured in memory and written whole, so that nothing is lost by stopping at once.
    let runs = runs.filter(|_| !shutdown.at_once());
    if runs.is_none() {
        writeln!(
            std::io::stderr().lock(),
            "khulosa: stopped on request; run the same command again to go on."
        )?;
    }
    Ok(runs.ok_or_else(|| ExitCode::from(shutdown.exit_code())))
}

fn compare(cells: &[Cell], runs: &[Run], shown: &Shown, out: &Path) -> anyhow::Result<()> {
    let material = shown.align(runs, None)?;
    let request = cells.first().map(|cell| engine_settings(&cell.job)).unwrap_or_default();
    let said = shown.ask(runs, &material, request)?;
    let settings: Vec<_> = cells.iter().map(|cell| cell.settings.clone()).collect();
    shown.write(runs, &material, &said, &settings, out)?;
    shown.manifest(cells, None, out)
}

/// How a job runs its models.
fn engine_settings(job: &khulosa::job::Job) -> Request {
    Request {
        device: Some(job.device.to_string()),
        threads: Some(job.threads),
        batch_tokens: Some(job.batch_tokens),
        licence: Some(job.licence),
        models: job.models.clone(),
        prompts: job.prompts.clone(),
        offline: Some(job.offline),
        allow_pickle: Some(job.allow_pickle),
        ..Request::default()
    }
}

/// Runs a manifest's cells again, from nothing, and says whether the same bytes come of them.
pub fn reproduce(path: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    let manifest = Manifest::read(path)?;
    let cells = reproduce::cells(&manifest, path, out)?;
    reproduce::check(&manifest, &cells)?;
    let now = current_program();
    if now != manifest.program {
        writeln!(
            std::io::stderr().lock(),
            "khulosa: note: the manifest was made by khulosa {} ({}), this is {} ({})",
            manifest.program.version,
            manifest.program.sha256.as_deref().unwrap_or("of unknown hash"),
            now.version,
            now.sha256.as_deref().unwrap_or("of unknown hash"),
        )?;
    }
    let start = Start {
        fresh: true,
        wait: false,
    };
    let runs = match carry_out(&cells, start)? {
        Ok(runs) => runs,
        Err(code) => return Ok(code),
    };
    compare(&cells, &runs, &Shown::of_manifest(&manifest)?, out)?;
    let verdicts = reproduce::verdicts(&manifest, &cells)?;
    let mut stdout = std::io::stdout().lock();
    for (cell, verdict) in cells.iter().zip(&verdicts) {
        let what = match verdict {
            Verdict::Identical => "byte-identical".to_owned(),
            Verdict::Different { line: Some(line) } => format!("DIFFERENT from line {line}"),
            Verdict::Different { line: None } => "DIFFERENT".to_owned(),
        };
        writeln!(stdout, "{}: records {what}", cell.name)?;
    }
    let same = verdicts.iter().all(|verdict| *verdict == Verdict::Identical);
    Ok(if same {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_THE_SAME)
    })
}
