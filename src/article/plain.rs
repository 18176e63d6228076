//! Plain text and Markdown: finds the headline and any front matter, and takes Markdown's marks off.

use std::sync::LazyLock;

use regex::Regex;

use super::draft::Draft;
use super::{Rejection, dateline, encoding};
use crate::text::normalise::normalise;

/// A headline is at most this long.
const LONGEST_TITLE: usize = 160;
/// A line this long is a paragraph, and one much shorter above it a headline.
const PARAGRAPH: usize = 200;

/// The draft of a text file.
pub(super) fn read(input: &str, bytes: Vec<u8>, markdown: bool) -> Result<Draft, Rejection> {
    let text = encoding::decode(bytes, None).map_err(|found| Rejection::undecodable(input, &found))?;
    let mut draft = Draft {
        input: input.to_owned(),
        ..Draft::default()
    };
    let text = normalise(&text);
    let text = front_matter(&text, &mut draft);
    let (title, body) = split_title(text);
    draft.body = if markdown {
        plain_markdown(body)
    } else {
        body.to_owned()
    };
    if draft.title.is_empty() {
        draft.title = if markdown { plain_markdown(&title) } else { title };
    } else if !title.is_empty() && title != draft.title {
        draft.body = format!("{title}\n\n{}", draft.body);
    }
    Ok(draft)
}

/// Takes the fields between `---` lines into the draft, and returns the text after them.
fn front_matter<'a>(text: &'a str, draft: &mut Draft) -> &'a str {
    let Some((fields, rest)) = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n")) else {
        return text;
    };
    let pairs: Option<Vec<(&str, &str)>> = fields
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| line.split_once(':'))
        .collect();
    let Some(pairs) = pairs.filter(|pairs| pairs.iter().all(|(key, _)| !key.trim().contains(' '))) else {
        return text;
    };
    for (key, value) in pairs {
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        let key = key.trim();
        match key {
            "id" => draft.given_id = Some(value),
            "title" => draft.title = value,
            "language" | "lang" => draft.language = Some(value),
            "date" => draft.date = Some(value),
            "agency" => draft.agency = Some(value),
            "place" => draft.place = Some(value),
            "url" => draft.url = Some(value),
            "source" => draft.source = Some(value),
            _ => {
                draft.extra.insert(key.to_owned(), value.into());
            }
        }
    }
    rest.trim_start()
}

/// The headline, without Markdown's marks, and the rest. The headline is empty where the text begins at once.
fn split_title(text: &str) -> (String, &str) {
    let none = (String::new(), text);
    let Some((first, rest)) = text.split_once('\n') else {
        return none;
    };
    let rest_text = rest.trim_start();
    if rest_text.is_empty() {
        return none;
    }
    if let Some(heading) = heading(first) {
        return (heading.to_owned(), rest_text);
    }
    let second = rest.lines().next().unwrap_or_default();
    let length = first.chars().count();
    if length > LONGEST_TITLE || dateline::begins(first) || is_list_item(first) {
        return none;
    }
    if let Some(after) = underlined(second, rest) {
        return (first.to_owned(), after);
    }
    let open = !first.ends_with(['.', '…', ':', ';', ',', '۔', '؛', '،']);
    let next_is_article =
        dateline::begins(second) || (second.chars().count() >= PARAGRAPH && length * 2 <= second.chars().count());
    if open && (second.is_empty() || next_is_article) {
        (first.to_owned(), rest_text)
    } else {
        none
    }
}

/// The words of a Markdown heading: `## Words ##`.
fn heading(line: &str) -> Option<&str> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let words = words.strip_prefix(' ')?.trim().trim_end_matches('#').trim();
    ((1..=6).contains(&level) && !words.is_empty()).then_some(words)
}

/// The text below a line of `===` or `---` that underlines a heading.
fn underlined<'a>(second: &str, rest: &'a str) -> Option<&'a str> {
    let is_rule =
        second.len() >= 3 && (second.bytes().all(|byte| byte == b'=') || second.bytes().all(|byte| byte == b'-'));
    let after = rest.get(second.len()..)?.trim_start();
    (is_rule && !after.is_empty()).then_some(after)
}

fn is_list_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ") || line.starts_with("• ")
}

/// Markdown as plain words: no heading marks, emphasis, links, images, quote and code marks.
fn plain_markdown(text: &str) -> String {
    static INLINE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        [
            (r"<!--[\s\S]*?-->", ""),
            (r"!\[[^\]\n]*\]\([^)\n]*\)", ""),
            (r"\[([^\]\n]+)\]\([^)\n]*\)", "$1"),
            (r"\[([^\]\n]+)\]\[[^\]\n]*\]", "$1"),
            (r"\*\*([^*\n]+)\*\*", "$1"),
            (r"__([^_\n]+)__", "$1"),
            (r"\*([^*\s][^*\n]*)\*", "$1"),
            (r"`([^`\n]+)`", "$1"),
            (r"<(https?://[^>\s]+)>", "$1"),
        ]
        .into_iter()
        .filter_map(|(pattern, with)| Some((Regex::new(pattern).ok()?, with)))
        .collect()
    });
    static MARK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(?:> ?)*(?:[-*+•] |#{1,6} )?").ok());
    static RULE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:[-*_=] ?){3,}$|^```.*$|^\[[^\]]+\]: \S+.*$").ok());

    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if RULE.as_ref().is_some_and(|rule| rule.is_match(line)) {
            out.push('\n');
            continue;
        }
        let is_heading = heading(line).is_some();
        let plain = MARK.as_ref().map_or(line.into(), |mark| mark.replace(line, ""));
        if is_heading {
            out.push('\n');
        }
        out.push_str(&plain);
        out.push_str(if is_heading { "\n\n" } else { "\n" });
    }
    for (pattern, with) in INLINE.iter() {
        out = pattern.replace_all(&out, *with).into_owned();
    }
    out
}
