//! Which pieces of a multilingual vocabulary a text in one language can need.

use crate::text::language::Language;
use crate::text::script::{self, Script};

/// Longest piece of Latin capitals that counts as (part of) an acronym.
const ACRONYM: usize = 6;

/// Whether a piece's letters fit the scripts of `target`. Pieces of capital Latin letters fit every language, since
/// acronyms (NATO, COVID) stay as they are; so do pieces without letters, and bytes.
pub fn fits(piece: &str, target: Language) -> bool {
    let scripts = target.scripts();
    if is_byte(piece) {
        return true;
    }
    let letters: Vec<(char, Script)> = piece
        .chars()
        .filter_map(|letter| script::of(letter).map(|script| (letter, script)))
        .collect();
    let absent = absent_letters(target);
    letters.iter().all(|(letter, script)| {
        scripts.contains(script) && !letter.to_lowercase().any(|letter| absent.contains(letter))
    }) || (letters.len() <= ACRONYM && letters.iter().all(|(letter, _)| letter.is_ascii_uppercase()))
}

/// Letters of its script that a language does not have, for pairs of languages that a small model mixes up.
fn absent_letters(language: Language) -> &'static str {
    match language {
        Language::RUSSIAN => "ғӣқӯҳҷ",
        Language::TAJIK => "щы",
        _ => "",
    }
}

/// `<0x41>`: SentencePiece's way to spell a letter that has no piece.
fn is_byte(piece: &str) -> bool {
    piece.len() == 6 && piece.starts_with("<0x") && piece.ends_with('>')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_russian_text_needs_cyrillic_pieces_digits_punctuation_and_acronyms() {
        for (piece, fits_russian) in [
            ("▁Россия", true),
            ("12", true),
            ("«", true),
            ("▁", true),
            ("▁NATO", true),
            ("<0xD0>", true),
            ("▁Russia", false),
            ("▁روسيا", false),
            ("▁俄", false),
            ("дjango", false),
        ] {
            assert_eq!(fits(piece, Language::RUSSIAN), fits_russian, "{piece}");
        }
    }

    #[test]
    fn russian_and_tajik_texts_keep_their_letters_apart() {
        assert!(fits("▁Хатлон", Language::RUSSIAN) && !fits("▁Тоҷикистон", Language::RUSSIAN));
        assert!(fits("▁Тоҷикистон", Language::TAJIK) && !fits("ЩЫ", Language::TAJIK));
    }

    #[test]
    fn english_and_arabic_texts_need_their_own_letters() {
        assert!(fits("▁Russia", Language::ENGLISH) && !fits("▁Россия", Language::ENGLISH));
        assert!(fits("▁روسيا", Language::ARABIC) && !fits("▁Россия", Language::ARABIC));
    }
}
