//! Source and translation side by side, for the formats that post-editors work in.

use super::plain::one_line;
use super::{Item, Mark};
use crate::text::language::Language;

/// A title or sentence with its translation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// `title`, `summary-1`, `summary-2`… within the article.
    pub(super) name: String,
    pub(super) source: String,
    /// `None` where there is no translation yet.
    pub(super) target: Option<String>,
}

/// An article's segments; none for one that is in the digest's own language.
///
/// Sentences stand side by side where there are as many in the translation as in the source; otherwise the whole
/// summary is one segment.
pub(super) fn segments(item: &Item, digest: Language) -> Vec<Segment> {
    if item.source_language == digest {
        return Vec::new();
    }
    let target = |text: &str| Some(one_line(text)).filter(|text| !item.untranslated && !text.is_empty());
    let segment = |name: String, source: &str, translation: &str| Segment {
        name,
        source: one_line(source),
        target: target(translation),
    };
    let mut segments = vec![segment("title".to_owned(), &item.source_title, &item.title)];
    if item.source_summary.len() == item.summary.len() {
        for (index, (source, translation)) in item.source_summary.iter().zip(&item.summary).enumerate() {
            segments.push(segment(format!("summary-{}", index + 1), source, translation));
        }
    } else {
        segments.push(segment(
            "summary".to_owned(),
            &item.source_summary.join(" "),
            &item.summary.join(" "),
        ));
    }
    segments.retain(|segment| !segment.source.is_empty());
    segments
}

/// A mark as a note for the post-editor.
pub(super) fn note(mark: &Mark) -> String {
    let words: Vec<_> = mark.words.iter().map(|word| one_line(word)).collect();
    let concerned = if words.is_empty() {
        String::new()
    } else {
        format!(" [{}]", words.join(" | "))
    };
    format!("{}: {}{concerned}", one_line(&mark.code), one_line(&mark.message))
}
