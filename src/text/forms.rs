//! Forms of words: when a word of a text is an inflected form of a given one. Rules of thumb without a lexicon, in the
//! languages that digests are written in; good enough to find a known term again, not to analyse a text.

use unicode_segmentation::UnicodeSegmentation;

use super::language::Language;
use super::normalise::is_arabic_mark;
use super::script::Script;

/// Endings of Russian nouns and adjectives, the empty one included.
const RUSSIAN: &[&str] = &[
    "", "а", "я", "у", "ю", "е", "и", "ы", "о", "й", "ь", "ом", "ем", "ой", "ей", "ов", "ев", "ам", "ям", "ах", "ях",
    "ью", "ия", "ие", "ии", "ию", "ий", "ый", "ая", "яя", "ое", "ее", "ые", "ую", "юю", "ого", "его", "ому", "ему",
    "им", "ым", "их", "ых", "ами", "ями", "ими", "ыми", "ием", "ией", "иям", "иях", "иями",
];
/// What Tajik writes on nouns: plural, izofat, object, possessors, article, "and".
const TAJIK: &[&str] = &[
    "",
    "и",
    "ӣ",
    "ро",
    "е",
    "у",
    "ю",
    "ву",
    "ҳо",
    "ҳои",
    "ҳоро",
    "ҳое",
    "ҳову",
    "он",
    "они",
    "онро",
    "ён",
    "ёни",
    "ёнро",
    "гон",
    "гони",
    "гонро",
    "ам",
    "ат",
    "аш",
    "яш",
    "амон",
    "атон",
    "ашон",
    "ашро",
    "иро",
    "ияш",
    "ҳояш",
    "йи",
    "ии",
];
const ENGLISH: &[&str] = &["", "s", "es", "'s", "’s", "s'", "s’"];
const ARABIC_BEFORE: &[&str] = &[
    "", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال", "و", "ف", "ب", "ل", "ك", "وب", "ول",
];
const ARABIC_AFTER: &[&str] = &["", "ه", "ها", "هم", "هما", "نا", "ي", "ين", "ون", "ان", "ات"];
/// Shorter stems would fit anything.
const SHORTEST_STEM: usize = 3;

/// The words of a text: runs of letters and digits.
pub fn words(text: &str) -> Vec<&str> {
    text.unicode_words().collect()
}

/// A word as words are compared: small letters, no vowel marks, one spelling for letters that are written in several ways.
pub fn plain(word: &str) -> String {
    let mut plain = String::with_capacity(word.len());
    for letter in word.chars().flat_map(char::to_lowercase) {
        match letter {
            'ё' => plain.push('е'),
            'أ' | 'إ' | 'آ' | 'ٱ' => plain.push('ا'),
            'ى' => plain.push('ي'),
            'ة' => plain.push('ه'),
            'ـ' => {}
            letter if is_arabic_mark(letter) => {}
            letter => plain.push(letter),
        }
    }
    plain
}

/// The words of a text as words are compared.
pub fn plain_words(text: &str) -> Vec<String> {
    words(text).into_iter().map(plain).collect()
}

/// A plain Arabic word with the clitics before it (و ف ب ك ل ال) taken off in every way that leaves a word.
pub fn without_clitics(word: &str) -> impl Iterator<Item = &str> {
    ARABIC_BEFORE
        .iter()
        .filter_map(|clitic| word.strip_prefix(clitic))
        .filter(|rest| rest.chars().count() >= 2)
}

/// Whether two [`plain`] words are forms of one another in a language.
pub fn same(left: &str, right: &str, language: Language) -> bool {
    if left == right {
        return true;
    }
    if language.script() == Script::Arabic {
        return stems(left).any(|left| stems(right).any(|right| left == right));
    }
    let endings = if language == Language::RUSSIAN {
        RUSSIAN
    } else if language == Language::TAJIK {
        TAJIK
    } else if language == Language::ENGLISH {
        ENGLISH
    } else {
        return false;
    };
    let common: usize = left
        .chars()
        .zip(right.chars())
        .take_while(|(left, right)| left == right)
        .map(|(letter, _)| letter.len_utf8())
        .sum();
    // The stem may be shorter than what the words share: "дела" and "дел" share a letter of the ending.
    let stem = &left[..common];
    stem.char_indices()
        .map(|(at, letter)| at + letter.len_utf8())
        .rev()
        .take_while(|end| left[..*end].chars().count() >= SHORTEST_STEM)
        .any(|end| endings.contains(&&left[end..]) && endings.contains(&&right[end..]))
}

/// An Arabic word without what is written on it before and after, in every way.
fn stems(word: &str) -> impl Iterator<Item = &str> {
    without_clitics(word).flat_map(|bare| {
        ARABIC_AFTER
            .iter()
            .filter_map(move |after| bare.strip_suffix(after))
            .filter(|stem| stem.chars().count() >= SHORTEST_STEM)
            .chain(std::iter::once(bare))
    })
}

#[cfg(test)]
mod tests {
    use super::{Language, plain, same};

    fn are_same(left: &str, right: &str, language: Language) -> bool {
        same(&plain(left), &plain(right), language)
    }

    #[test]
    fn inflected_forms_are_the_same_word() {
        for (left, right, language) in [
            ("Министерство", "министерством", Language::RUSSIAN),
            ("Организация", "Организацией", Language::RUSSIAN),
            ("Объединённых", "объединенные", Language::RUSSIAN),
            ("дел", "делами", Language::RUSSIAN),
            ("Вазорати", "вазоратҳои", Language::TAJIK),
            ("кишвар", "кишварҳоро", Language::TAJIK),
            ("وزارة", "والوزارة", Language::ARABIC),
            ("الصحة", "للصحة", Language::ARABIC),
            ("مجلس", "بالمجلس", Language::ARABIC),
            ("Fund", "Fund's", Language::ENGLISH),
        ] {
            assert!(are_same(left, right, language), "{left} {right}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for (left, right, language) in [
            ("Министерство", "министр", Language::RUSSIAN),
            ("мир", "мера", Language::RUSSIAN),
            ("об", "обанбор", Language::TAJIK),
            ("مجلس", "مصرف", Language::ARABIC),
            ("bank", "banker", Language::ENGLISH),
            ("", "а", Language::RUSSIAN),
        ] {
            assert!(!are_same(left, right, language), "{left} {right}");
        }
    }
}
