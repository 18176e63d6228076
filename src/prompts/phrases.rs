//! Headings, phrases, dates and counts of digests in one language: `prompts/digest/LANGUAGE.toml`.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::PromptError;
use super::placeholders::Template;
use crate::text::language::Language;

/// All that a digest says in its own words. Templates see it as `phrases`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    /// Heading of the digest.
    pub title: String,
    /// Link over the heading, for keyboards and screen readers.
    pub skip: String,
    /// Heading of the list of articles.
    pub contents: String,
    /// What readers must know about the text before they read it; for digests that hold machine translation.
    pub notice: String,
    /// The same, where every article is in the digest's own language already.
    pub notice_untranslated: String,
    /// Instead of articles.
    pub no_articles: String,
    /// Instead of a missing headline.
    pub untitled: String,
    /// Heading of the marks on an article.
    pub needs_review: String,
    /// Before the words that a mark is about.
    pub words_concerned: String,
    /// Label of a text left in its own language.
    pub not_translated: String,
    /// Heading of the folded text in the article's own language.
    pub original: String,
    /// Label of the link to the article.
    pub open_original: String,
    /// Label of the news agency.
    pub agency: String,
    /// Label of the publication.
    pub source: String,
    /// Label of the dateline's place.
    pub place: String,
    /// Label of the day of publication.
    pub date: String,
    /// Label of the article's language.
    pub original_language: String,
    /// Label of what made the summary.
    pub summarised_by: String,
    /// Label of what made the translation.
    pub translated_by: String,
    /// Label of the record's id.
    pub record: String,
    /// Label of the file that the article came from.
    pub input: String,
    /// Line of the cover that names the recipient, with `{name}`.
    pub recipient: String,
    /// Heading of the bar of articles by topic.
    pub topics: String,
    /// Name of the bar of articles without a topic.
    pub other_topics: String,
    /// Heading of the chart of sources.
    pub sources: String,
    /// Name of the smaller sources together.
    pub other_sources: String,
    /// Heading of the folded article.
    pub full_text: String,
    /// Before the reasons for an article's place.
    pub why: String,
    /// A topic that the article is near by its meaning, with `{subject}`.
    pub by_meaning: String,
    /// A topic or country that the headline names, with `{subject}`.
    pub in_headline: String,
    /// The article is of the newest day in the digest.
    pub newest: String,
    /// Heading of near-duplicates of an article.
    pub also_reported: String,
    /// Label of a translation that a person has approved.
    pub reviewed: String,
    /// Before and after a quoted word.
    pub quotes: (String, String),
    /// Between items of a list within a line.
    pub comma: String,
    /// Numbers with their nouns.
    pub counts: Counts,
    /// Names of languages by code, fit to stand after a colon.
    pub languages: BTreeMap<String, String>,
    /// How days are written.
    pub dates: Dates,
    /// What a check's finding means for the reader, by the finding's code; see [`Phrases::finding`].
    pub findings: BTreeMap<String, String>,
}

/// Numbers with their nouns.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Which forms there are and when each is used.
    pub plurals: PluralRule,
    /// Articles in the digest.
    pub articles: Countable,
    /// Articles with marks.
    pub to_review: Countable,
    /// Articles left in their own language.
    pub not_translated: Countable,
    /// Inputs that could not be read as articles.
    pub rejected: Countable,
    /// Articles that tell one story.
    pub reports: Countable,
}

/// When a language uses which plural form: CLDR's rules for whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluralRule {
    /// `other` always: Tajik, Persian after numbers, Uzbek, Kazakh.
    None,
    /// `one` for 1, else `other`: English.
    English,
    /// `one` for 1, 21, 31…, `few` for 2–4, 22–24…, else `many`: Russian.
    Russian,
    /// `zero`, `one`, `two`, `few` for 3–10, `many` for 11–99, else `other`, by the last two digits: Arabic.
    Arabic,
}

impl PluralRule {
    fn category(self, n: usize) -> &'static str {
        let (tens, units) = (n % 100, n % 10);
        match self {
            Self::None => "other",
            Self::English => {
                if n == 1 {
                    "one"
                } else {
                    "other"
                }
            }
            Self::Russian => match (units, tens) {
                (1, tens) if tens != 11 => "one",
                (2..=4, tens) if !(12..=14).contains(&tens) => "few",
                _ => "many",
            },
            Self::Arabic => match (n, tens) {
                (0, _) => "zero",
                (1, _) => "one",
                (2, _) => "two",
                (_, 3..=10) => "few",
                (_, 11..=99) => "many",
                _ => "other",
            },
        }
    }

    fn categories(self) -> &'static [&'static str] {
        match self {
            Self::None => &["other"],
            Self::English => &["one", "other"],
            Self::Russian => &["one", "few", "many"],
            Self::Arabic => &["zero", "one", "two", "few", "many", "other"],
        }
    }
}

/// A counted noun: one text per plural form, with `{n}` for the number where it is to be shown.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Countable(BTreeMap<String, String>);

/// How days are written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// With `{day}`, `{month}` (a name), `{year}`.
    pub day: String,
    /// With `{from}` and `{to}`: the days of the earliest and the latest article.
    pub period: String,
    /// January first, in the form that a date needs.
    pub months: [String; 12],
}

impl Phrases {
    pub(super) fn parse(file: &str, content: &str) -> Result<Self, PromptError> {
        let malformed = |message: String| PromptError::Malformed {
            file: file.to_owned(),
            message,
        };
        let phrases: Self = toml::from_str(content).map_err(|error| malformed(error.to_string()))?;
        let counts = &phrases.counts;
        for (key, countable) in [
            ("articles", &counts.articles),
            ("to_review", &counts.to_review),
            ("not_translated", &counts.not_translated),
            ("rejected", &counts.rejected),
            ("reports", &counts.reports),
        ] {
            let expected = counts.plurals.categories();
            let missing = expected.iter().find(|form| !countable.0.contains_key(**form));
            let unknown = countable.0.keys().find(|form| !expected.contains(&form.as_str()));
            if missing.is_some() || unknown.is_some() {
                let found: Vec<_> = countable.0.keys().map(String::as_str).collect();
                let message = format!(
                    "counts.{key}: expected the forms {}, found {}",
                    expected.join(", "),
                    found.join(", ")
                );
                return Err(malformed(message));
            }
            for text in countable.0.values() {
                Template::parse(text, &format!("{file}: counts.{key}"), &["n"])?;
            }
        }
        Template::parse(
            &phrases.dates.day,
            &format!("{file}: dates.day"),
            &["day", "month", "year"],
        )?;
        Template::parse(&phrases.recipient, &format!("{file}: recipient"), &["name"])?;
        Template::parse(&phrases.by_meaning, &format!("{file}: by_meaning"), &["subject"])?;
        Template::parse(&phrases.in_headline, &format!("{file}: in_headline"), &["subject"])?;
        Template::parse(&phrases.dates.period, &format!("{file}: dates.period"), &["from", "to"])?;
        Ok(phrases)
    }

    /// A number with its noun in the right form.
    pub fn count(&self, what: &Countable, n: usize) -> String {
        let text = what
            .0
            .get(self.counts.plurals.category(n))
            .map_or("{n}", String::as_str);
        fill(text, &[("n", &n.to_string())])
    }

    /// A day as the language writes it: `4 November 2024`, `4 ноября 2024 г.`
    pub fn day(&self, date: Date) -> String {
        let month = usize::try_from(date.month())
            .ok()
            .and_then(|month| self.dates.months.get(month.checked_sub(1)?));
        let values = [
            ("day", &*date.day().to_string()),
            ("month", month.map_or("", String::as_str)),
            ("year", &*date.year().to_string()),
        ];
        fill(&self.dates.day, &values)
    }

    /// The days from first to last; one day where they are the same.
    pub fn period(&self, from: Date, to: Date) -> String {
        if from == to {
            return self.day(from);
        }
        fill(&self.dates.period, &[("from", &self.day(from)), ("to", &self.day(to))])
    }

    /// The cover's line for a recipient.
    pub fn prepared_for(&self, name: &str) -> String {
        fill(&self.recipient, &[("name", name)])
    }

    /// Says that an article is near a topic by its meaning.
    pub fn by_meaning(&self, subject: &str) -> String {
        fill(&self.by_meaning, &[("subject", subject)])
    }

    /// Says that the headline names a topic or country.
    pub fn in_the_headline(&self, subject: &str) -> String {
        fill(&self.in_headline, &[("subject", subject)])
    }

    /// What a finding means for the reader. A code without an entry of its own takes that of its longest beginning:
    /// `number-missing` is explained as `number`.
    pub fn finding(&self, code: &str) -> Option<&str> {
        let mut code = code;
        loop {
            if let Some(text) = self.findings.get(code) {
                return Some(text);
            }
            code = code.rsplit_once('-')?.0;
        }
    }

    /// A language's name in this language, or its own name for itself.
    pub fn language(&self, language: Language) -> &str {
        self.languages
            .get(language.code())
            .map_or_else(|| language.own_name(), String::as_str)
    }
}

/// Fills in a text that [`Phrases::parse`] has checked.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let known: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
    Template::parse(text, "", &known).map_or_else(|_| text.to_owned(), |template| template.fill(values))
}
