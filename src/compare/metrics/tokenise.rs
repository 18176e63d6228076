//! BLEU's tokenisers, as sacreBLEU defines them.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::compare::error::{CompareError, unknown};

/// How BLEU cuts text into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tokeniser {
    /// `13a`: mteval-v13a, for languages written in Latin letters; ASCII punctuation only.
    #[default]
    Mteval13a,
    /// `intl`: mteval-v14 with its international option; all Unicode punctuation and symbols.
    International,
    /// `char`: every character but white space.
    Characters,
    /// `none`: the text is tokenised already.
    None,
}

impl Tokeniser {
    const ALL: [Self; 4] = [Self::Mteval13a, Self::International, Self::Characters, Self::None];

    /// sacreBLEU's name, which the signature carries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mteval13a => "13a",
            Self::International => "intl",
            Self::Characters => "char",
            Self::None => "none",
        }
    }

    /// # Errors
    /// [`CompareError::Unknown`].
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        Self::ALL
            .into_iter()
            .find(|tokeniser| tokeniser.name() == given.trim())
            .ok_or_else(|| unknown("tokeniser", given, &Self::ALL.map(Self::name)))
    }

    /// Cuts a text into tokens.
    pub fn cut(self, text: &str) -> Vec<String> {
        let text = text.trim_end_matches(is_space);
        match self {
            Self::Mteval13a => words(&mteval_13a(text)),
            Self::International => words(&international(text)),
            Self::Characters => text
                .chars()
                .filter(|letter| !is_space(*letter))
                .map(String::from)
                .collect(),
            Self::None => words(text),
        }
    }
}

/// White space as Python's `str.split` understands it: Unicode's, and the four ASCII information separators.
pub fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1C}'..='\u{1F}').contains(&letter)
}

/// The words between white space.
pub fn words(text: &str) -> Vec<String> {
    text.split(is_space)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn mteval_13a(text: &str) -> String {
    let text = text.replace("<skipped>", "").replace("-\n", "").replace('\n', " ");
    western(&format!(" {} ", unescape(&text)))
}

/// The four XML entities, in the order in which mteval undoes them.
pub fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

/// mteval's rules for Western languages: ASCII punctuation stands alone, full stop and comma unless in a number, a dash
/// after a digit.
pub fn western(text: &str) -> String {
    western_numbers(&alone(text, is_western_punctuation))
}

/// The part of [`western`] that looks at digits.
pub fn western_numbers(text: &str) -> String {
    let is_point = |letter| letter == '.' || letter == ',';
    let is_other = |letter: char| !letter.is_ascii_digit();
    let text = pairs(text, is_other, is_point, [false, true, true]);
    let text = pairs(&text, is_point, is_other, [true, true, false]);
    pairs(
        &text,
        |letter| letter.is_ascii_digit(),
        |letter| letter == '-',
        [false, true, true],
    )
}

/// ASCII punctuation and space, except for apostrophe, comma, hyphen and full stop.
pub fn is_western_punctuation(letter: char) -> bool {
    matches!(letter, '{'..='~' | '['..='`' | ' '..='&' | '('..='+' | ':'..='@' | '/')
}

fn international(text: &str) -> String {
    let is_number = |letter: char| letter.general_category_group() == GeneralCategoryGroup::Number;
    let is_point = |letter: char| letter.general_category_group() == GeneralCategoryGroup::Punctuation;
    let text = pairs(text, |letter| !is_number(letter), is_point, [false, true, true]);
    let text = pairs(&text, is_point, |letter| !is_number(letter), [true, true, false]);
    alone(&text, |letter| {
        letter.general_category_group() == GeneralCategoryGroup::Symbol
    })
}

/// Puts spaces around each letter that `is_apart`.
pub fn alone(text: &str, is_apart: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for letter in text.chars() {
        if is_apart(letter) {
            out.extend([' ', letter, ' ']);
        } else {
            out.push(letter);
        }
    }
    out
}

/// Puts spaces before, between and after each two letters that fit, going from left to right without overlap, as a
/// substitution by a regular expression does.
fn pairs(
    text: &str,
    fits_first: impl Fn(char) -> bool,
    fits_second: impl Fn(char) -> bool,
    [before, between, after]: [bool; 3],
) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut letters = text.chars().peekable();
    while let Some(first) = letters.next() {
        let second = letters
            .peek()
            .copied()
            .filter(|second| fits_first(first) && fits_second(*second));
        let Some(second) = second else {
            out.push(first);
            continue;
        };
        letters.next();
        for (space, letter) in [(before, Some(first)), (between, Some(second)), (after, None)] {
            if space {
                out.push(' ');
            }
            out.extend(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_points_and_words_lose_theirs() {
        assert_eq!(
            Tokeniser::Mteval13a.cut("It's 1,234.5, no."),
            ["It's", "1,234.5", ",", "no", "."]
        );
    }

    #[test]
    fn guillemets_and_arabic_commas_are_cut_by_intl_only() {
        assert_eq!(Tokeniser::International.cut("«да»، نعم"), ["«", "да", "»", "،", "نعم"]);
        assert_eq!(Tokeniser::Mteval13a.cut("«да»، نعم"), ["«да»،", "نعم"]);
    }

    #[test]
    fn an_unknown_tokeniser_is_named_with_the_known_ones() {
        let message = Tokeniser::parse("13b").map_or_else(|error| error.to_string(), |_| String::new());
        assert!(
            message.contains("“13b”") && message.contains("did you mean 13a?"),
            "{message}"
        );
    }
}
