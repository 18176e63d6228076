//! `khulosa summarise`: a filter for one article or for JSONL.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use khulosa::article::{self, Article, ReadOptions, dateline};
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;
use khulosa::summarise::{Room, Summariser};
use khulosa::text::language::Language;
use khulosa::text::{detect, normalise, sentences};

use super::filter::{self, Item, Plain, field};
use super::settings::{Settings, environment};

/// Summarise a text (the whole input is one article), or one JSON object a line (`text` becomes the summary, the rest
/// is carried through).
#[derive(Args)]
pub struct Summarise {
    /// What to read; - is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Language of the texts, or auto; an object's own `language` wins.
    #[arg(long, value_name = "LANG", default_value = "auto")]
    from: String,
    /// Model that summarises: a card's name, a folder or hf:org/name [default: pocket].
    #[arg(long, value_name = "MODEL")]
    summariser: Option<String>,
    /// Most words in a summary [default: 60].
    #[arg(long, value_name = "N")]
    summary_words: Option<usize>,
    /// Most sentences in a summary [default: 2].
    #[arg(long, value_name = "N")]
    summary_sentences: Option<usize>,
    #[command(flatten)]
    settings: Settings,
}

impl Summarise {
    /// Summarises until the input ends.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let from = if self.from == "auto" {
            None
        } else {
            Some(Language::parse(&self.from)?)
        };
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            summariser: self.summariser,
            summary_words: self.summary_words,
            summary_sentences: self.summary_sentences,
            ..self.settings.request()
        };
        let job = Job::from_requests([request, environment()?])?;
        let summariser = Summariser::new(Shelf::new(&job)?.get(&job.summariser)?);
        let room = Room {
            words: job.summary_words,
            sentences: job.summary_sentences,
        };
        filter::run(&self.file, Plain::Whole, |items| {
            items
                .iter()
                .map(|item| one(item, from, &summariser, room, job.batch_tokens))
                .collect()
        })
    }
}

fn one(
    item: &Item,
    from: Option<Language>,
    summariser: &Summariser,
    room: Room,
    batch_tokens: usize,
) -> anyhow::Result<Result<String, String>> {
    let (title, text, given) = match item {
        Item::Bad(reason) => return Ok(Err(reason.clone())),
        Item::Text(text) => match plain(text) {
            Ok(article) => (article.title, article.body, None),
            Err(reason) => return Ok(Err(reason)),
        },
        Item::Object(object) => {
            let text = dateline::clean(&normalise::normalise(field(object, "text")), None).body;
            (
                normalise::normalise(field(object, "title")),
                text,
                object.get("language"),
            )
        }
    };
    let given = match given
        .and_then(serde_json::Value::as_str)
        .map(Language::parse)
        .transpose()
    {
        Ok(given) => given,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let detected = || detect::detect(&text).map(|detected| detected.language);
    let Some(language) = given.or(from).or_else(detected) else {
        return Ok(Err("the language cannot be told; give it with --from".to_owned()));
    };
    let sentences = sentences::split(&text, language);
    let made = summariser.summarise(&title, &sentences, language, room, batch_tokens)?;
    let summary = made.sentences.join(" ");
    Ok(Ok(match item {
        Item::Object(object) => {
            let mut object = object.clone();
            object.insert("text".to_owned(), summary.into());
            object.insert("language".to_owned(), language.code().into());
            serde_json::Value::Object(object).to_string()
        }
        Item::Text(_) | Item::Bad(_) => summary,
    }))
}

/// The article that a whole input is, read as a run reads it.
fn plain(text: &str) -> Result<Article, String> {
    let stream = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
    match article::read_stream("-", stream, &ReadOptions::default()).next() {
        Some(Ok(article)) => Ok(article),
        Some(Err(rejection)) => Err(rejection.reason),
        None => Err("expected a text, found none".to_owned()),
    }
}
