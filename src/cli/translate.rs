//! `khulosa translate`: a filter for texts or JSONL.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use khulosa::engine::Decoding;
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;
use khulosa::text::language::Language;
use khulosa::text::{detect, normalise, sentences};
use khulosa::translate::{Segment, Translator};

use super::filter::{self, Item, Plain, field};
use super::settings::{Settings, environment};

/// Translate texts: one a line, or one JSON object a line (`title` and `text` are translated, the rest is carried
/// through).
#[derive(Args)]
pub struct Translate {
    /// What to read; - is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// Language of the texts, or auto; an object's own `language` wins.
    #[arg(long, value_name = "LANG", default_value = "auto")]
    from: String,
    /// Language wanted.
    #[arg(long, value_name = "LANG")]
    to: String,
    /// Model that translates: a card's name, a folder, hf:org/name, or auto [default: pocket].
    #[arg(long, value_name = "MODEL")]
    translator: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

/// A text cut into sentences, by paragraph.
type Paragraphs = Vec<Vec<usize>>;

impl Translate {
    /// Translates until the input ends.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let to = Language::parse(&self.to)?;
        let from = if self.from == "auto" {
            None
        } else {
            Some(Language::parse(&self.from)?)
        };
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            to: Some(vec![self.to]),
            translator: self.translator,
            ..self.settings.request()
        };
        let job = Job::from_requests([request, environment()?])?;
        let translator = Translator::new(&Shelf::new(&job)?, &job)?;
        let decoding = |own: &Decoding| translator.decoding(own);
        filter::run(&self.file, Plain::Lines, |items| {
            let mut segments = Vec::new();
            let plans: Vec<Result<Plan, String>> = items
                .iter()
                .map(|item| plan(item, from, to, &translator, &mut segments))
                .collect();
            let mut done = vec![String::new(); segments.len()];
            translator.translate(&segments, &decoding, job.batch_tokens, &mut |finished, _| {
                for (index, translated) in finished {
                    done[index] = translated.text;
                }
                ControlFlow::Continue(())
            })?;
            Ok(items
                .iter()
                .zip(plans)
                .map(|(item, plan)| plan.map(|plan| plan.render(item, to, &done)))
                .collect())
        })
    }
}

struct Plan {
    from: Language,
    title: Paragraphs,
    text: Paragraphs,
}

/// Adds an item's sentences to the segments and remembers where they went.
fn plan(
    item: &Item,
    from: Option<Language>,
    to: Language,
    translator: &Translator,
    segments: &mut Vec<Segment>,
) -> Result<Plan, String> {
    let (title, text, given) = match item {
        Item::Bad(reason) => return Err(reason.clone()),
        Item::Text(text) => ("", text.as_str(), None),
        Item::Object(object) => (field(object, "title"), field(object, "text"), object.get("language")),
    };
    let given = given
        .and_then(serde_json::Value::as_str)
        .map(Language::parse)
        .transpose();
    let language = given.map_err(|error| error.to_string())?.or(from);
    let text = normalise::normalise(text);
    let language = language
        .or_else(|| detect::detect(&text).map(|detected| detected.language))
        .or(text.trim().is_empty().then_some(to))
        .ok_or("the language cannot be told; give it with --from")?;
    if language != to {
        translator
            .check_direction(language, to)
            .map_err(|error| error.to_string())?;
    }
    let mut cut = |text: &str| -> Paragraphs {
        let paragraphs = text
            .split("\n\n")
            .map(|paragraph| sentences::split(paragraph, language));
        paragraphs
            .map(|sentences| {
                let first = segments.len();
                segments.extend(sentences.into_iter().map(|sentence| Segment {
                    text: sentence.to_owned(),
                    from: language,
                    to,
                }));
                (first..segments.len()).collect()
            })
            .collect()
    };
    Ok(Plan {
        from: language,
        title: cut(&normalise::normalise(title)),
        text: cut(&text),
    })
}

impl Plan {
    fn render(&self, item: &Item, to: Language, done: &[String]) -> String {
        let text = |paragraphs: &Paragraphs| {
            let paragraph = |indices: &Vec<usize>| {
                indices
                    .iter()
                    .map(|index| done[*index].as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            paragraphs.iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
        };
        match item {
            Item::Object(object) if self.from != to => {
                let mut object = object.clone();
                if object.contains_key("title") {
                    object.insert("title".to_owned(), text(&self.title).into());
                }
                object.insert("text".to_owned(), text(&self.text).into());
                object.insert("language".to_owned(), to.code().into());
                object.insert("translated_from".to_owned(), self.from.code().into());
                serde_json::Value::Object(object).to_string()
            }
            Item::Object(object) => serde_json::Value::Object(object.clone()).to_string(),
            Item::Text(own) if self.from == to => own.clone(),
            Item::Text(_) | Item::Bad(_) => text(&self.text).replace("\n\n", " "),
        }
    }
}
