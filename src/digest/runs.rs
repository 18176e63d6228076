//! Runs of WordprocessingML: pieces of a text that run in one direction each.
//!
//! Word does not work out by itself which way a run goes: a right-to-left run says so, and a Latin acronym within
//! Arabic needs a run of its own, or its brackets turn around.

use std::fmt::Write as _;

use super::plain::html;

/// Writes a text as runs. `direction` is the paragraph's, `style` a character style or nothing.
pub(super) fn runs(text: &str, language: &str, direction: &str, style: &str) -> String {
    let mut written = String::new();
    for (piece, right_to_left) in pieces(text, direction == "rtl") {
        written.push_str("<w:r><w:rPr>");
        if !style.is_empty() {
            let _ = write!(written, "<w:rStyle w:val=\"{}\"/>", html(style));
        }
        let language = html(language);
        let _ = if right_to_left {
            write!(written, "<w:rtl/><w:lang w:bidi=\"{language}\"/>")
        } else {
            write!(written, "<w:lang w:val=\"{language}\"/>")
        };
        let _ = write!(
            written,
            "</w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>",
            html(piece)
        );
    }
    written
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Right,
    Left,
    /// Digits: written on from a Latin word, else as the paragraph runs.
    Number,
    Neutral,
}

fn class(letter: char) -> Class {
    match letter {
        '\u{0590}'..='\u{065F}'
        | '\u{066A}'..='\u{06EF}'
        | '\u{06FA}'..='\u{08FF}'
        | '\u{FB1D}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFE}' => Class::Right,
        '\u{0660}'..='\u{0669}' | '\u{06F0}'..='\u{06F9}' => Class::Number,
        letter if letter.is_numeric() => Class::Number,
        letter if letter.is_alphabetic() => Class::Left,
        _ => Class::Neutral,
    }
}

/// Cuts a text into pieces of one direction. What has no direction goes with its neighbours where they agree, and with
/// the paragraph where they do not.
fn pieces(text: &str, right_to_left: bool) -> Vec<(&str, bool)> {
    let letters: Vec<(usize, Class)> = text.char_indices().map(|(at, letter)| (at, class(letter))).collect();
    let mut directions = Vec::with_capacity(letters.len());
    let mut before = right_to_left;
    let mut at = 0;
    while let Some((_, class)) = letters.get(at) {
        match class {
            Class::Right | Class::Left => {
                before = *class == Class::Right;
                directions.push(before);
                at += 1;
            }
            Class::Number
                if !before && at > 0 && letters.get(at - 1).is_some_and(|(_, last)| *last != Class::Neutral) =>
            {
                directions.push(false);
                at += 1;
            }
            Class::Number | Class::Neutral => {
                let weak = |class: &Class| matches!(class, Class::Number | Class::Neutral);
                let end = letters
                    .iter()
                    .skip(at)
                    .position(|(_, class)| !weak(class))
                    .map_or(letters.len(), |more| at + more);
                let after = letters
                    .get(end)
                    .map_or(right_to_left, |(_, class)| *class == Class::Right);
                let agreed = if before == after { before } else { right_to_left };
                directions.resize(end, agreed);
                before = agreed;
                at = end;
            }
        }
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    for (index, direction) in directions.iter().enumerate() {
        let ends = directions.get(index + 1) != Some(direction);
        if ends {
            let end = letters.get(index + 1).map_or(text.len(), |(at, _)| *at);
            pieces.push((&text[start..end], *direction));
            start = end;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::{pieces, runs};

    #[test]
    fn a_latin_acronym_within_arabic_is_a_run_of_its_own() {
        assert_eq!(
            pieces("وكالة الأنباء (KUNA) في 2024", true),
            [("وكالة الأنباء (", true), ("KUNA", false), (") في 2024", true)]
        );
        assert_eq!(
            pieces("قمة G20 غدا", true),
            [("قمة ", true), ("G20", false), (" غدا", true)]
        );
    }

    #[test]
    fn two_latin_words_stay_together_and_a_russian_text_is_one_run() {
        assert_eq!(
            pieces("من Kuwait News Agency.", true),
            [("من ", true), ("Kuwait News Agency", false), (".", true)]
        );
        assert_eq!(pieces("В 2024 г. (ООН)", false), [("В 2024 г. (ООН)", false)]);
        assert_eq!(pieces("", true), []);
    }

    #[test]
    fn a_run_is_escaped_and_says_its_direction() {
        assert_eq!(
            runs("<م>", "ar", "rtl", ""),
            "<w:r><w:rPr><w:rtl/><w:lang w:bidi=\"ar\"/></w:rPr><w:t xml:space=\"preserve\">&lt;م&gt;</w:t></w:r>"
        );
    }
}
