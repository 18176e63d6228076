//! Where sentences end, and where an over-long one may be cut.
//!
//! Translation models want one sentence a segment, so a missed end drops content and a false one breaks meaning. Rules of
//! our own: on the cases of `cases.txt` (news sentences in English, Russian, Arabic, Tajik and Persian, full of initials
//! and abbreviations) the sentencex crate gets about a third wrong, having no Tajik or Persian and few Russian and Arabic
//! abbreviations, and ICU's segmenter knows no abbreviations at all.

mod abbreviations;
mod clauses;

use super::language::Language;
use abbreviations::Kind;

pub use clauses::split_long;

/// The longest word, in characters, that is looked at before a full stop. Keeps work linear on text without spaces.
const LONGEST_WORD: usize = 40;
/// A line longer than this was not wrapped by hand: its end is the end of a paragraph.
const LONGEST_WRAPPED_LINE: usize = 120;

/// The sentences of a text, trimmed, in order, none of them empty. Together they hold everything but white space between
/// them. Blank lines always separate sentences. Takes time linear in the text's length.
pub fn split(text: &str, language: Language) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut push = |from: usize, to: usize| {
        let sentence = text[from..to].trim();
        if !sentence.is_empty() {
            sentences.push(sentence);
        }
    };
    let mut letters = text.char_indices().peekable();
    let mut line_start = 0;
    while let Some((at, letter)) = letters.next() {
        if letter == '\n' {
            let rest = &text[at + 1..];
            if at - line_start > LONGEST_WRAPPED_LINE || starts_paragraph(rest) {
                push(start, at);
                start = at;
            }
            line_start = at + 1;
            continue;
        }
        if !is_end_mark(letter) {
            continue;
        }
        // The whole run of marks, then whatever closes with them: quotes, brackets.
        let mut end = at + letter.len_utf8();
        let mut marks = Marks::default();
        marks.add(letter);
        while let Some((next, mark)) = letters.next_if(|(_, mark)| is_end_mark(*mark)) {
            marks.add(mark);
            end = next + mark.len_utf8();
        }
        let mut closed = false;
        while let Some((next, mark)) = letters.next_if(|(_, mark)| is_closing(*mark)) {
            closed = true;
            end = next + mark.len_utf8();
        }
        let context = Context {
            before: &text[start..at],
            after: &text[end..],
            marks,
            closed,
            language,
        };
        if context.ends_sentence() {
            push(start, end);
            start = end;
        }
    }
    push(start, text.len());
    sentences
}

/// What stands around a run of end marks.
struct Context<'a> {
    /// From the start of the sentence to the first mark.
    before: &'a str,
    /// From behind the marks and closing quotes to the end of the text.
    after: &'a str,
    marks: Marks,
    /// Whether a quote or bracket closes right after the marks.
    closed: bool,
    language: Language,
}

/// The kinds of mark in a run.
#[derive(Default, Clone, Copy)]
struct Marks {
    full_stops: usize,
    ellipsis: bool,
    /// `!`, `?` and their like, which no abbreviation ends with.
    strong: bool,
}

impl Marks {
    fn add(&mut self, mark: char) {
        match mark {
            '.' => self.full_stops += 1,
            '…' => self.ellipsis = true,
            _ => self.strong = true,
        }
    }

    fn is_ellipsis(self) -> bool {
        self.ellipsis || self.full_stops > 1
    }
}

impl Context<'_> {
    fn ends_sentence(&self) -> bool {
        let next = Next::of(self.after);
        let Some(first) = next.first else {
            return true;
        };
        if !next.spaced {
            return self.ends_without_space(first);
        }
        if is_dash(first) && self.closed {
            return false; // «Мы готовы», — сказал он: what follows says who spoke.
        }
        let opens = next.word.chars().next().unwrap_or(first);
        if opens.is_lowercase() {
            return false;
        }
        if self.marks.strong || self.marks.is_ellipsis() {
            return true;
        }
        self.full_stop_ends(&next)
    }

    /// End marks glued to what follows: a lost space between sentences, or an address, a number, a version, a name.
    fn ends_without_space(&self, first: char) -> bool {
        if matches!(self.marks, Marks { strong: true, .. }) {
            return matches!(first, '\u{600}'..='\u{6FF}' | '\u{3000}'..='\u{9FFF}');
        }
        let before = last_word(self.before);
        let after: String = self
            .after
            .chars()
            .take_while(|letter| letter.is_alphabetic())
            .take(LONGEST_WORD)
            .collect();
        let long = |word: &str, least: usize| word.chars().filter(|letter| letter.is_alphabetic()).count() >= least;
        if self.closed || before.contains(['/', '@', ':']) || before.chars().any(char::is_numeric) {
            return false;
        }
        if matches!(first, '\u{600}'..='\u{6FF}') {
            return long(before, 3) && long(&after, 2);
        }
        // `end.The next`, but not `Gazeta.Ru`: three small letters before, and a capitalised word of four after.
        let mut rest = after.chars();
        first.is_uppercase()
            && long(&after, 3)
            && rest.by_ref().skip(1).all(char::is_lowercase)
            && long(before, 3)
            && before.chars().next_back().is_some_and(char::is_lowercase)
            && self.after[after.len()..].starts_with([' ', ',', '\n'])
    }

    /// A single full stop followed by a space and something that may open a sentence.
    fn full_stop_ends(&self, next: &Next) -> bool {
        let word = last_word(self.before);
        let earlier = last_word(self.before[..self.before.len() - word.len()].trim_end());
        let bare = word.trim_start_matches(|letter: char| !letter.is_alphanumeric());
        if bare.is_empty() {
            return true;
        }
        if bare.chars().all(char::is_numeric) {
            return !self.is_ordinal(bare, earlier, word, next);
        }
        let follows_number = earlier.chars().next_back().is_some_and(char::is_numeric)
            || (!earlier.is_empty() && earlier.chars().all(|letter| "IVXLC".contains(letter)));
        let follows_number = follows_number || bare.chars().next().is_some_and(char::is_numeric);
        match abbreviations::kind(bare, follows_number) {
            None => true,
            Some(Kind::Never) => false,
            Some(Kind::BeforeNumber) => !next.word.chars().next().is_some_and(char::is_numeric),
            Some(Kind::Sometimes) => {
                // Arabic script has no capitals, so that nothing tells a name from an opening: the stop is taken for an end.
                let caseless = next.word.chars().next().is_some_and(|letter| !letter.is_uppercase());
                caseless || abbreviations::opens_sentence(next.word) || !self.is_latin()
            }
        }
    }

    fn is_latin(&self) -> bool {
        self.before
            .chars()
            .rev()
            .find(|letter| letter.is_alphabetic())
            .is_some_and(|letter| (letter as u32) < 0x250)
    }

    /// `1. Text` at the start of an item, and dates in languages that write ordinals with a full stop.
    fn is_ordinal(&self, number: &str, earlier: &str, word: &str, next: &Next) -> bool {
        let opens_item = earlier.is_empty() && self.before.trim().len() == word.len() && number.chars().count() <= 3;
        let dotted = matches!(
            self.language.code(),
            "az" | "bs" | "cs" | "da" | "de" | "et" | "fi" | "hr" | "hu" | "lv" | "no" | "sk" | "sl" | "sr" | "tr"
        );
        opens_item
            || (dotted && number.chars().count() <= 2 && next.word.chars().next().is_some_and(char::is_alphabetic))
    }
}

/// What follows a run of end marks.
struct Next<'a> {
    /// The first character that is not white space; none at the end of the text.
    first: Option<char>,
    /// Whether white space comes before it.
    spaced: bool,
    /// The first word, without opening quotes, brackets and dashes.
    word: &'a str,
}

impl<'a> Next<'a> {
    fn of(after: &'a str) -> Self {
        let rest = after.trim_start();
        let word = rest.trim_start_matches(|letter: char| {
            is_dash(letter) || matches!(letter, '"' | '\'' | '“' | '„' | '«' | '‘' | '(' | '[' | ' ' | '’' | '”')
        });
        let end = word
            .char_indices()
            .take(LONGEST_WORD)
            .find(|(_, letter)| !letter.is_alphanumeric());
        let end = end.map_or_else(
            || word.chars().take(LONGEST_WORD).map(char::len_utf8).sum(),
            |(at, _)| at,
        );
        Self {
            first: rest.chars().next(),
            spaced: rest.len() < after.len(),
            word: &word[..end],
        }
    }
}

/// The last word of a text, at most [`LONGEST_WORD`] characters of it.
fn last_word(text: &str) -> &str {
    let mut start = text.len();
    for (at, letter) in text.char_indices().rev().take(LONGEST_WORD) {
        if letter.is_whitespace() || matches!(letter, '(' | '[' | '«' | '“' | '"') {
            break;
        }
        start = at;
    }
    &text[start..]
}

/// Whether a line that begins so starts a new paragraph: it is blank, or it is an item of a list.
fn starts_paragraph(rest: &str) -> bool {
    let line = rest.trim_start_matches([' ', '\t', '\r']);
    line.starts_with('\n')
        || line.starts_with(['•', '‣', '▪', '●', '◦'])
        || ["- ", "* ", "– ", "— "].iter().any(|bullet| line.starts_with(bullet))
}

fn is_end_mark(letter: char) -> bool {
    matches!(
        letter,
        '.' | '!'
            | '?'
            | '…'
            | '؟'
            | '۔'
            | '。'
            | '！'
            | '？'
            | '｡'
            | '।'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
            | '።'
            | '։'
    )
}

fn is_closing(letter: char) -> bool {
    matches!(
        letter,
        '"' | '\'' | '”' | '’' | '»' | '“' | '›' | ')' | ']' | '」' | '』'
    )
}

fn is_dash(letter: char) -> bool {
    matches!(letter, '-' | '–' | '—' | '―')
}

#[cfg(test)]
mod tests;
