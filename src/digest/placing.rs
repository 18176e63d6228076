//! Where an article stands in a recipient's digest: what it is about, why it is there, and what it stands for.

use serde::{Deserialize, Serialize};

use crate::text::language::Language;

/// What choosing articles for a recipient adds to an item; empty in a digest of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placing {
    /// Ids of topics that the article is about.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub topics: Vec<String>,
    /// Why the article is in the digest and where it is, the weightiest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub why: Vec<Reason>,
    /// Other articles that tell the same story.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub others: Vec<Report>,
    /// Paragraphs of the article in its own language.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub full_text: Vec<String>,
}

/// A reason for an article's place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It is about a topic that the recipient asked for.
    Topic {
        /// The topic.
        id: String,
        /// The headline names it.
        in_title: bool,
    },
    /// By its meaning it is near a topic that the recipient asked for, whose words it does not use.
    Near {
        /// The topic.
        id: String,
    },
    /// It is about a country that the recipient asked for.
    Country {
        /// ISO 3166 code.
        id: String,
        /// The headline names it.
        in_title: bool,
    },
    /// So many articles tell this story.
    Reports(usize),
    /// It is of the newest day in the digest.
    Newest,
}

/// An article that is listed below another one that tells the same story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The article's id.
    pub id: String,
    /// Headline in the digest's language, or in the article's own.
    pub title: String,
    /// Language of the headline.
    pub language: Language,
    /// Publication or agency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// Day of publication.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub date: Option<String>,
    /// Address of the original.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
}
