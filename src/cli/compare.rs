//! `khulosa compare`: several systems over the same articles, side by side.

mod experiment;
mod measuring;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use khulosa::compare::study::outputs::read_runs;
use khulosa::experiment::{carry, cells};
use khulosa::text::language::Language;

use super::settings::Settings;
use experiment::Running;
use measuring::{Measuring, Shown};

/// Compare systems: scores, agreement, tests of significance, and a page with all outputs side by side.
#[derive(Args)]
#[command(group = ArgGroup::new("running").multiple(true).args(["systems", "sweep"]))]
#[command(after_help = "Examples:\n  \
    khulosa compare runs/nllb runs/opus --out compared\n  \
    khulosa compare articles.jsonl --models nllb-600m,m2m100-418m --to ru,ar --out compared\n  \
    khulosa compare articles.jsonl --out swept --sweep beams=1,4 precision=f32,int8\n  \
    khulosa compare --reproduce compared/manifest.json")]
pub struct Compare {
    /// Run folders to compare, or with --models or --sweep the articles to run. The first system is what the others are
    /// tested against.
    #[arg(value_name = "DIR|INPUT", required_unless_present = "reproduce")]
    inputs: Vec<String>,
    /// Where the comparison goes: report.html, compare.md, compare.tex, scores and items as .csv and .parquet,
    /// compare.json and manifest.json [default with --reproduce: reproduced, beside the manifest].
    #[arg(long, value_name = "DIR", required_unless_present = "reproduce")]
    out: Option<PathBuf>,
    /// Target languages; without --models or --sweep, those of the runs that are compared [default: all].
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    to: Option<Vec<String>>,
    /// Models to run over the inputs: card names or folders. Those that are for summaries are tried as summarisers, the
    /// others as translators.
    #[arg(
        long = "models",
        id = "systems",
        value_name = "NAMES",
        value_delimiter = ',',
        help_heading = "Running"
    )]
    models: Vec<String>,
    /// Settings to try, every combination: translator, summariser, beams, length_penalty, no_repeat_ngram, precision,
    /// engine, summary_words, summary_sentences.
    #[arg(long, value_name = "KEY=VALUES", num_args = 1.., help_heading = "Running")]
    sweep: Vec<String>,
    /// Run a comparison again from its manifest.json, and say whether the records are the same bytes.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "running", "to", "references"])]
    reproduce: Option<PathBuf>,
    #[command(flatten)]
    running: Running,
    #[command(flatten)]
    measuring: Measuring,
    #[command(flatten)]
    settings: Settings,
}

impl Compare {
    /// Compares and writes.
    pub fn execute(mut self) -> anyhow::Result<ExitCode> {
        if let Some(path) = &self.reproduce {
            let beside = path.parent().unwrap_or(Path::new("")).join("reproduced");
            return experiment::reproduce(path, &self.out.unwrap_or(beside));
        }
        let out = self.out.take().unwrap_or_default();
        let shown = self.measuring.shown();
        if !self.models.is_empty() || !self.sweep.is_empty() {
            let base = self.running.request(self.inputs, self.to, self.settings);
            return experiment::execute(base, &self.models, &self.sweep, &shown, &out);
        }
        self.folders(&shown, &out)
    }

    /// Compares run folders.
    fn folders(self, shown: &Shown, out: &Path) -> anyhow::Result<ExitCode> {
        let to = self.to.map(|to| {
            to.iter()
                .map(|code| Language::parse(code))
                .collect::<Result<Vec<_>, _>>()
        });
        let to = to.transpose()?;
        let folders: Vec<PathBuf> = self.inputs.iter().map(PathBuf::from).collect();
        let mut runs = read_runs(&folders)?;
        for run in &mut runs {
            run.speed = carry::speed(&run.folder);
        }
        let material = shown.align(&runs, to.as_deref())?;
        let said = shown.ask(&runs, &material, self.settings.request())?;
        let settings = vec![Vec::new(); runs.len()];
        shown.write(&runs, &material, &said, &settings, out)?;
        // Somebody else's folders may lack what a manifest needs; the comparison stands without it.
        match cells::of_runs(&runs)
            .map_err(anyhow::Error::from)
            .and_then(|cells| shown.manifest(&cells, Some(&runs), out))
        {
            Ok(()) => {}
            Err(error) => {
                writeln!(
                    std::io::stderr().lock(),
                    "khulosa: no manifest.json, since these runs cannot be made again: {error}"
                )?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
