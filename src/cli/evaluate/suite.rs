//! `khulosa evaluate --suite authored`: every direction of a translator and every language of a summariser, on the
//! articles that no model was trained on.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use khulosa::compare::Form;
use khulosa::compare::authored::{self, Authored, Part};
use khulosa::compare::faults::Faults;
use khulosa::compare::metrics::{Metric, Options, Score, evaluate};
use khulosa::compare::table::Table;
use khulosa::engine::{Decoding, Precision};
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;
use khulosa::summarise::textrank::textrank;
use khulosa::summarise::{Room, Summariser};
use khulosa::text::language::Language;
use khulosa::translate::{Segment, Translator};

use super::precision;
use crate::cli::settings::{Settings, environment};

/// Flags of the test set.
#[derive(Args)]
pub struct Suite {
    /// Folder of the corpus.
    #[arg(
        long,
        value_name = "DIR",
        default_value = "training/corpus",
        requires = "suite",
        help_heading = "Test set"
    )]
    corpus: PathBuf,
    /// Score the articles that the model was trained on instead.
    #[arg(long, requires = "suite", help_heading = "Test set")]
    training: bool,
    /// Summaries only.
    #[arg(long, requires = "suite", conflicts_with = "translations", help_heading = "Test set")]
    summaries: bool,
    /// Translations only.
    #[arg(long, requires = "suite", help_heading = "Test set")]
    translations: bool,
    /// Model that translates: a card's name, a folder, hf:org/name, or auto [default: pocket].
    #[arg(long, value_name = "MODEL", requires = "suite", help_heading = "Test set")]
    translator: Option<String>,
    /// Model that summarises: a card's name, a folder or hf:org/name [default: pocket].
    #[arg(long, value_name = "MODEL", requires = "suite", help_heading = "Test set")]
    summariser: Option<String>,
    /// Compare translations with those of the same model in another precision, such as f32.
    #[arg(
        long,
        value_name = "PRECISION",
        value_parser = Precision::parse,
        requires = "suite",
        conflicts_with = "summaries",
        help_heading = "Test set"
    )]
    against: Option<Precision>,
}

impl Suite {
    /// Prints the tables.
    pub fn execute(self, settings: Settings, form: Form) -> anyhow::Result<ExitCode> {
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            translator: self.translator,
            summariser: self.summariser,
            ..settings.request()
        };
        let job = Job::from_requests([request, environment()?])?;
        let articles = |held_out| authored::load(&self.corpus, if self.training { Part::Training } else { held_out });
        let shelf = Shelf::new(&job)?;
        let mut signatures = BTreeSet::new();
        let mut out = std::io::stdout().lock();
        if let Some(other) = self.against {
            let articles = articles(Part::HeldOut)?;
            let table = precision::compare(&job, other, &articles, &mut signatures)?;
            writeln!(
                out,
                "Translations of {} articles by {}: {} against {other}\n\n{}",
                articles.len(),
                job.translator,
                job.precision,
                show(&table, form)?
            )?;
        }
        if !self.translations && self.against.is_none() {
            let articles = articles(Part::Summaries)?;
            let summariser = Summariser::new(shelf.get(&job.summariser)?);
            let table = summaries(&job, &summariser, &articles, &mut signatures)?;
            writeln!(
                out,
                "Summaries of {} articles by {}\n\n{}",
                articles.len(),
                summariser.identity(),
                show(&table, form)?
            )?;
        }
        if !self.summaries && self.against.is_none() {
            let articles = articles(Part::HeldOut)?;
            let translator = Translator::new(&shelf, &job)?;
            let table = translations(&job, &translator, &articles, &mut signatures)?;
            writeln!(
                out,
                "Translations of {} articles by {}\n\n{}",
                articles.len(),
                translator
                    .identities()
                    .into_values()
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect::<Vec<_>>()
                    .join(", "),
                show(&table, form)?
            )?;
        }
        for signature in signatures {
            writeln!(out, "{signature}")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(table: &Table, form: Form) -> anyhow::Result<String> {
    Ok(match form {
        Form::Plain => table.plain(),
        Form::Markdown => table.markdown(),
        Form::Latex => table.latex(),
        Form::Csv => table.csv(),
        Form::Json => anyhow::bail!("--suite prints plain, markdown, latex or csv"),
    })
}

/// The summariser against the first one and two sentences and TextRank, by language.
fn summaries(
    job: &Job,
    summariser: &Summariser,
    articles: &[Authored],
    signatures: &mut BTreeSet<String>,
) -> anyhow::Result<Table> {
    let options = Options {
        metrics: vec![Metric::Rouge1, Metric::Rouge2, Metric::RougeL],
        ..Options::default()
    };
    let room = Room {
        words: job.summary_words,
        sentences: job.summary_sentences,
    };
    let mut table = Table::new(["language", "system", "sentences", "ROUGE-1", "ROUGE-2", "ROUGE-L"]);
    for language in languages(articles) {
        let mut systems = [
            ("khulosa", Vec::new(), 0),
            ("lead-1", Vec::new(), 0),
            ("lead-2", Vec::new(), 0),
            ("textrank", Vec::new(), 0),
        ];
        let mut references = Vec::new();
        for version in articles.iter().filter_map(|article| article.versions.get(&language)) {
            let sentences: Vec<&str> = version.sentences.iter().map(String::as_str).collect();
            let made = summariser.summarise(&version.title, &sentences, language, room, job.batch_tokens)?;
            let lead = |count: usize| sentences.iter().take(count).map(|text| (*text).to_owned()).collect();
            let ranked = textrank(&sentences, job.summary_sentences);
            let ranked = ranked.iter().map(|index| sentences[*index].to_owned()).collect();
            let made: [Vec<String>; 4] = [made.sentences, lead(1), lead(2), ranked];
            for ((_, texts, count), made) in systems.iter_mut().zip(made) {
                *count += made.len();
                texts.push(made.join(" "));
            }
            references.push(version.summary.join(" "));
        }
        for (name, texts, count) in systems {
            let scores = evaluate(&texts, std::slice::from_ref(&references), &options)?;
            let mean = format!("{:.2}", count as f64 / texts.len().max(1) as f64);
            table.push(
                [language.code().to_owned(), name.to_owned(), mean]
                    .into_iter()
                    .chain(cells(&scores)),
            );
            signatures.extend(scores.iter().map(signature));
        }
    }
    Ok(table)
}

/// chrF++ and BLEU of every direction, and what needs no references: numbers kept, right script and loops in percent.
fn translations(
    job: &Job,
    translator: &Translator,
    articles: &[Authored],
    signatures: &mut BTreeSet<String>,
) -> anyhow::Result<Table> {
    let options = Options {
        metrics: vec![Metric::ChrfPlusPlus, Metric::Bleu],
        ..Options::default()
    };
    let mut table = Table::new(["direction", "texts", "chrF++", "BLEU", "numbers", "script", "loops"]);
    for (from, to) in authored::directions(articles) {
        if translator.check_direction(from, to).is_err() {
            continue;
        }
        let pairs = authored::pairs(articles, from, to);
        let texts = translated(job, translator, &pairs, (from, to))?;
        let references: Vec<String> = pairs.iter().map(|pair| pair.reference.to_owned()).collect();
        let scores = evaluate(&texts, std::slice::from_ref(&references), &options)?;
        let direction = format!("{}→{}", from.code(), to.code());
        let mut faults = Faults::default();
        for (pair, text) in pairs.iter().zip(&texts) {
            faults.add(pair.source, from, text, to);
        }
        let percent = faults.percent().map(|share| format!("{share:.1}"));
        table.push(
            [direction, texts.len().to_string()]
                .into_iter()
                .chain(cells(&scores))
                .chain(percent),
        );
        signatures.extend(scores.iter().map(signature));
    }
    Ok(table)
}

/// Translations of the sources of `pairs`.
pub(super) fn translated(
    job: &Job,
    translator: &Translator,
    pairs: &[authored::Pair<'_>],
    (from, to): (Language, Language),
) -> anyhow::Result<Vec<String>> {
    let segment = |pair: &authored::Pair<'_>| Segment {
        text: pair.source.to_owned(),
        from,
        to,
    };
    let segments: Vec<Segment> = pairs.iter().map(segment).collect();
    let decoding = |own: &Decoding| job.decoding.over(own);
    let mut texts = vec![String::new(); segments.len()];
    translator.translate(&segments, &decoding, job.batch_tokens, &mut |done, _| {
        for (index, translated) in done {
            texts[index] = translated.text;
        }
        ControlFlow::Continue(())
    })?;
    Ok(texts)
}

fn languages(articles: &[Authored]) -> BTreeSet<Language> {
    articles
        .iter()
        .flat_map(|article| article.versions.keys().copied())
        .collect()
}

fn cells(scores: &[Score]) -> impl Iterator<Item = String> + use<> {
    scores
        .iter()
        .map(|score| format!("{:.2}", score.value))
        .collect::<Vec<_>>()
        .into_iter()
}

pub(super) fn signature(score: &Score) -> String {
    format!("{}|{}", score.name, score.signature)
}
