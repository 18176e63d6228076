//! Marks that agencies put around a text for editors: `(pickup previous)`, `(end) ab.cd`, `(MORE)`, `(انتهى)`.

use std::sync::LazyLock;

use regex::Regex;

/// Marks after which a text may only have initials.
const CLOSING: &str = "end|ends|more|more to follow|to be continued|continued|pick ?up previous|قابل|انتهى|انتهي|يتبع|النهاية|конец|продолжение следует|продолжение|поён|давом дорад|охир|پایان|ادامه دارد";

/// A closing mark, with the initials of those who wrote and edited: `(end) ab.cd`, `(انتهى) أ ب / ج د`.
static CLOSING_MARK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let latin = r"\p{Latin}{1,4}(?:[./]\p{Latin}{1,4}){0,3}\.?";
    let cyrillic = r"\p{Cyrillic}{1,3}(?:[./]\p{Cyrillic}{1,3}){0,3}\.?";
    let arabic = r"\p{Arabic}{1,2}(?:(?: ?[./] ?| )\p{Arabic}{1,2}){0,5}";
    Regex::new(&format!(
        r"\s*\((?i:{CLOSING})\)\.?(?:\s*(?:{latin}|{cyrillic}|{arabic}))?\s*$"
    ))
    .ok()
});

/// Marks that stand as a paragraph of their own at the end.
static CLOSING_LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\n\s*(?: -0- | \#{3} | [-–—]\s?30\s?[-–—] | ENDS | \*{3} | انتهای\sپیام(?:/\S{0,12})? | [-–—]{2,}
          | \((?:Reporting|Writing|Editing|Additional\ reporting|Compiled)\ by\ [^()\n]{1,300}\) )\s*$",
    )
    .ok()
});

/// A syndicator's number, with the tail it closes: `MENAFN04112024000071011013ID1108850000`.
static SYNDICATION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\s*MENAFN\d{8,}(?:ID\d+)?\s*$").ok());

/// A syndicator's disclaimer: a paragraph that goes on to the end of the text.
static DISCLAIMER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:^|\n)\s*(?:Legal Disclaimer:\s*)?MENAFN provides the information [^\n]{0,40}as is[^\n]*(?:\n[^\n]*liability[^\n]*|\n[^\n]*kindly contact[^\n]*|\n\s*)*\s*$").ok()
});

/// Takes marks off the end of `text`, and lines inside it that are nothing but a mark.
pub(super) fn strip(text: &str) -> String {
    let mut rest = text.trim_end();
    loop {
        let before = rest.len();
        if rest.contains("MENAFN") {
            rest = cut(rest, DISCLAIMER.as_ref(), 0, |_| true);
            rest = cut(rest, SYNDICATION.as_ref(), last(rest), |_| true);
        }
        rest = cut(rest, CLOSING_LINE.as_ref(), last(rest), |_| true);
        rest = cut(rest, CLOSING_MARK.as_ref(), last(rest), ends_sentence);
        if rest.len() == before {
            break;
        }
    }
    let lines: Vec<&str> = rest.split("\n\n").filter(|paragraph| !is_mark(paragraph)).collect();
    lines.join("\n\n")
}

/// Where the last few lines begin, beyond which no mark reaches.
fn last(text: &str) -> usize {
    text.char_indices().nth_back(500).map_or(0, |(at, _)| at)
}

/// Takes a mark off the beginning, where `(pickup previous)` may stand.
pub(super) fn strip_leading(text: &str) -> &str {
    static LEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^\((?i:pick ?up previous|1st lead|2nd lead|lead|update \d|recast|تكملة)\)\s*").ok()
    });
    LEADING
        .as_ref()
        .and_then(|mark| mark.find(text))
        .and_then(|mark| text.get(mark.end()..))
        .unwrap_or(text)
}

/// The text before what `pattern` finds at or after byte `from`.
fn cut<'a>(text: &'a str, pattern: Option<&Regex>, from: usize, allowed: fn(&str) -> bool) -> &'a str {
    let Some(found) = pattern.and_then(|pattern| pattern.find_at(text, from)) else {
        return text;
    };
    text.get(..found.start())
        .map(str::trim_end)
        .filter(|rest| allowed(rest))
        .unwrap_or(text)
}

/// A mark in the middle of a sentence is the author's, not the editor's.
fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', '!', '?', '…', '؟', '۔', '"', '”', '»', '\'', '’', ')', ':']) || text.is_empty()
}

fn is_mark(paragraph: &str) -> bool {
    const LONGEST: usize = 60;
    static ALONE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"^\s*\((?i:{CLOSING})\)\s*$")).ok());
    paragraph.len() <= LONGEST && ALONE.as_ref().is_some_and(|alone| alone.is_match(paragraph))
}
