//! The part of the page about one article in several languages: its versions side by side, with what the others left out.

use serde::Serialize;

use super::view::LanguageView;
use crate::compare::study::versions::{Sentence, Version};
use crate::compare::study::writers::Contents;

#[derive(Serialize)]
pub struct VersionsView<'a> {
    encoder: &'a str,
    threshold: f64,
    /// Articles in all; the page may show fewer.
    all: usize,
    stories: Vec<StoryView<'a>>,
}

#[derive(Serialize)]
struct StoryView<'a> {
    name: &'a str,
    languages: Vec<LanguageView>,
    titles: Vec<&'a str>,
    /// One a system.
    rows: Vec<Vec<Vec<SentenceView<'a>>>>,
}

#[derive(Serialize)]
struct SentenceView<'a> {
    text: &'a str,
    /// `Russian, Tajik`; empty where every version has it.
    left_out_by: String,
}

/// Nothing unless versions were compared.
pub fn view<'a>(contents: &Contents<'a>) -> Option<VersionsView<'a>> {
    let versions = contents.study.versions.as_ref()?;
    let first = versions.systems.first()?;
    let stories = first
        .stories
        .iter()
        .enumerate()
        .take(contents.shown)
        .map(|(place, story)| {
            let systems = versions.systems.iter().filter_map(|system| system.stories.get(place));
            StoryView {
                name: &story.name,
                languages: story.versions.iter().map(|version| version.language.into()).collect(),
                titles: story.versions.iter().map(|version| version.title.as_str()).collect(),
                rows: systems
                    .map(|story| story.versions.iter().map(sentences).collect())
                    .collect(),
            }
        });
    Some(VersionsView {
        encoder: &versions.encoder,
        threshold: versions.threshold,
        all: first.stories.len(),
        stories: stories.collect(),
    })
}

fn sentences(version: &Version) -> Vec<SentenceView<'_>> {
    version.sentences.iter().map(SentenceView::from).collect()
}

impl<'a> From<&'a Sentence> for SentenceView<'a> {
    fn from(sentence: &'a Sentence) -> Self {
        let names = sentence.left_out_by.iter().map(|language| language.english_name());
        Self {
            text: &sentence.text,
            left_out_by: names.collect::<Vec<_>>().join(", "),
        }
    }
}
