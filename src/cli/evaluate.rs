//! `khulosa evaluate`: scores of files against references, or of models on the project's own test set.

mod precision;
mod suite;
mod tuning;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgGroup, Args};
use khulosa::compare::metrics::{Metric, Options};
use khulosa::compare::significance::Test;
use khulosa::compare::{Form, Request, evaluate_files};

use super::settings::Settings;

/// Score texts against references, as sacreBLEU and rouge-score do, or models on the authored articles.
#[derive(Args)]
#[command(group = ArgGroup::new("what").required(true).args(["hyp", "suite"]))]
pub struct Evaluate {
    /// Texts to score, one file a system: a text a line, or JSONL; - is standard input.
    #[arg(long, value_name = "FILE", num_args = 1.., requires = "reference")]
    hyp: Vec<PathBuf>,
    /// References, one file a set.
    #[arg(long = "ref", id = "reference", value_name = "FILE", num_args = 1..)]
    reference: Vec<PathBuf>,
    /// Sources; their number is checked.
    #[arg(long, value_name = "FILE")]
    src: Option<PathBuf>,
    /// bleu, spbleu, chrf, chrf+, chrf++, ter, rouge1, rouge2, rougeL, rougeLsum.
    #[arg(long, value_name = "NAMES", default_value = "bleu,chrf++", value_parser = metrics)]
    metrics: Metrics,
    /// Where the text is in JSON objects, such as translations.tg.sentences.
    #[arg(long, value_name = "PATH")]
    field: Option<String>,
    /// The same for references.
    #[arg(long, value_name = "PATH")]
    reference_field: Option<String>,
    /// Score each text as well.
    #[arg(long)]
    sentence: bool,
    /// Resamples for a 95 % confidence interval.
    #[arg(long, value_name = "N")]
    bootstrap: Option<usize>,
    /// Compare every system with the first: bootstrap or randomisation.
    #[arg(long, value_name = "TEST", value_parser = Test::parse)]
    test: Option<Test>,
    /// Trials of the test [default: 1000, or 10000 for randomisation].
    #[arg(long, value_name = "N")]
    trials: Option<usize>,
    /// Seed of all resampling.
    #[arg(long, value_name = "N", default_value_t = 12345)]
    seed: u64,
    /// plain, markdown, latex, csv or json.
    #[arg(long, value_name = "FORM", default_value = "plain", value_parser = Form::parse)]
    form: Form,
    /// Print JSON; the same as --form json.
    #[arg(long)]
    json: bool,
    /// Score models on a test set instead: authored, the articles in training/corpus.
    #[arg(long, value_name = "NAME", value_parser = ["authored"])]
    suite: Option<String>,
    #[command(flatten)]
    tuning: tuning::Tuning,
    #[command(flatten)]
    models: suite::Suite,
    #[command(flatten)]
    settings: Settings,
}

/// A list of metrics, as one value for clap.
#[derive(Clone, Debug)]
struct Metrics(Vec<Metric>);

fn metrics(text: &str) -> Result<Metrics, khulosa::compare::CompareError> {
    Metric::parse_list(text).map(Metrics)
}

impl Evaluate {
    /// Prints the scores.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let form = if self.json { Form::Json } else { self.form };
        if self.suite.is_some() {
            return self.models.execute(self.settings, form);
        }
        let request = Request {
            hypotheses: self.hyp,
            references: self.reference,
            sources: self.src,
            field: self.field,
            reference_field: self.reference_field,
            options: Options {
                metrics: self.metrics.0,
                sentences: self.sentence,
                bootstrap: self.bootstrap,
                seed: self.seed,
                ..self.tuning.options()?
            },
            test: self.test,
            trials: self.trials,
        };
        write!(std::io::stdout().lock(), "{}", evaluate_files(&request)?.render(form))?;
        Ok(ExitCode::SUCCESS)
    }
}
