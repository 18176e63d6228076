//! Cleans text before anything else sees it.
//!
//! News arrives with terminal escapes, byte-order marks, direction controls and every kind of space. They break matching,
//! confuse models, and some can make a page or a terminal show something that is not in the file.

use unicode_normalization::UnicodeNormalization;
use unicode_properties::UnicodeEmoji;

use super::script::{self, Script};

const ZWNJ: char = '\u{200C}';
const ZWJ: char = '\u{200D}';
const TATWEEL: char = '\u{640}';

/// The canonical form of a text: NFC, single spaces, `\n` between lines, one blank line between paragraphs, and no
/// control, escape, direction or other invisible characters. The zero-width non-joiner stays between letters that need
/// it (Persian), the zero-width joiner inside emoji. Normalising twice changes nothing.
pub fn normalise(text: &str) -> String {
    fold_spaces(&visible(&strip_escapes(text)).nfc().collect::<String>())
}

/// As [`normalise`], and then as translation models saw text in training: without tatweel and Arabic vowel marks, Arabic
/// presentation forms as plain letters, typewriter quotes for curly ones, few kinds of dash, no line breaks inside a
/// paragraph. Guillemets stay: Russian, Arabic and Tajik models know them as the usual quotes.
pub fn for_model(text: &str) -> String {
    let clean = normalise(text);
    let mut out = String::with_capacity(clean.len());
    let mut letters = clean.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            TATWEEL => {}
            _ if is_arabic_mark(letter) => {}
            '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}' => {
                out.extend(
                    letter
                        .nfkc()
                        .filter(|plain| *plain != TATWEEL && !is_arabic_mark(*plain)),
                );
            }
            '“' | '”' | '„' | '‟' | '″' | '❝' | '❞' | '＂' => out.push('"'),
            '‘' | '’' | '‚' | '‛' | '′' | '´' | '`' => out.push('\''),
            '\u{2010}' | '\u{2011}' | '\u{2012}' | '−' | '﹣' | '－' => out.push('-'),
            '―' | '⸺' => out.push('—'),
            '…' => out.push_str("..."),
            '\n' if letters.peek() == Some(&'\n') => {
                letters.next();
                out.push_str("\n\n");
            }
            '\n' => out.push(' '),
            _ => out.push(letter),
        }
    }
    // Without its marks, a letter may stand beside a joiner that no longer joins anything.
    fold_spaces(&visible(&out))
}

/// Vowel marks, Qur'anic marks and the superscript alef: absent from news, and from what models were trained on.
pub fn is_arabic_mark(letter: char) -> bool {
    matches!(letter, '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E8}' | '\u{6EA}'..='\u{6ED}')
}

/// Drops terminal escape sequences (ECMA-48): `ESC [ … m` and its kin, and operating-system commands such as titles.
fn strip_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let introducer = match letter {
            '\u{1B}' => letters.next(),
            '\u{9B}' => Some('['),
            '\u{9D}' | '\u{90}' => Some(']'),
            _ => {
                out.push(letter);
                continue;
            }
        };
        match introducer {
            // Parameters and intermediates, then one final byte.
            Some('[') => {
                while letters.next_if(|next| matches!(next, ' '..='?')).is_some() {}
                letters.next_if(|next| matches!(next, '@'..='~'));
            }
            // A string up to BEL or the string terminator. A line end also closes it, so that a broken sequence cannot
            // swallow the article.
            Some(']' | 'P' | '^' | '_' | 'X') => {
                while let Some(&next) = letters.peek() {
                    if next == '\n' {
                        break;
                    }
                    letters.next();
                    match next {
                        '\u{7}' | '\u{9C}' => break,
                        '\u{1B}' => {
                            letters.next_if_eq(&'\\');
                            break;
                        }
                        _ => {}
                    }
                }
            }
            Some(' '..='/') => {
                letters.next_if(|next| matches!(next, '0'..='~'));
            }
            Some('\n') => out.push('\n'),
            // A two-character sequence; anything beyond ASCII is text after a stray escape.
            Some(other) if !other.is_ascii() => out.push(other),
            _ => {}
        }
    }
    out
}

/// Drops invisible characters and turns every line separator into `\n`.
fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    let mut previous = None;
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        match letter {
            '\r' => {
                if next != Some('\n') {
                    out.push('\n');
                }
            }
            '\u{85}' | '\u{2028}' | '\u{B}' => out.push('\n'),
            '\u{2029}' | '\u{C}' => out.push_str("\n\n"),
            '\n' => out.push('\n'),
            '\t' => out.push(' '),
            ZWNJ if joins_letters(previous, next) => out.push(ZWNJ),
            ZWJ if joins_emoji(previous, next) => out.push(ZWJ),
            _ if is_invisible(letter) => continue,
            _ => out.push(letter),
        }
        previous = Some(letter);
    }
    out
}

fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
        || (u32::from(letter) & 0xFFFE) == 0xFFFE
        || matches!(letter, '\u{FDD0}'..='\u{FDEF}')
}

/// Whether a zero-width non-joiner between these two changes how a word is written: in Persian and its neighbours
/// (می‌رود), and in the scripts of India, never between Latin or Cyrillic letters.
fn joins_letters(previous: Option<char>, next: Option<char>) -> bool {
    let joined = |letter: Option<char>| {
        letter.is_some_and(|letter| {
            matches!(script::of(letter), Some(Script::Arabic | Script::Other)) || is_arabic_mark(letter)
        })
    };
    joined(previous) && joined(next)
}

fn joins_emoji(previous: Option<char>, next: Option<char>) -> bool {
    let emoji = |letter: char| !letter.is_ascii() && letter.is_emoji_char();
    previous.is_some_and(|letter| letter == '\u{FE0F}' || emoji(letter)) && next.is_some_and(emoji)
}

/// One space for any run of spaces, none at the ends of lines, at most one blank line, none at the ends of the text.
fn fold_spaces(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut spaces, mut lines) = (0_usize, 0_usize);
    for letter in text.chars() {
        if letter == '\n' {
            lines += 1;
        } else if letter.is_whitespace() || letter == '\u{2800}' || letter == '\u{3164}' {
            spaces += 1;
        } else {
            if !out.is_empty() {
                match lines {
                    0 if spaces > 0 => out.push(' '),
                    0 => {}
                    1 => out.push('\n'),
                    _ => out.push_str("\n\n"),
                }
            }
            (spaces, lines) = (0, 0);
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
#[path = "normalise_tests.rs"]
mod tests;
