//! Which writing system a letter belongs to, and which one a text is written in.
//!
//! Only letters are counted: digits, punctuation and spaces are common to all scripts and would blur the shares.

/// A writing system, as far as this program must tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Hebrew,
    /// Any other: Han, Kana, Devanagari, Georgian and so on.
    Other,
}

impl Script {
    /// The script's name in English, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin",
            Self::Cyrillic => "Cyrillic",
            Self::Arabic => "Arabic",
            Self::Hebrew => "Hebrew",
            Self::Other => "another script",
        }
    }
}

const ALL: [Script; 5] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Arabic,
    Script::Hebrew,
    Script::Other,
];

/// The script of a letter; `None` for whatever is not a letter (digits, punctuation, marks, spaces, emoji).
pub fn of(letter: char) -> Option<Script> {
    match letter {
        'a'..='z' | 'A'..='Z' => Some(Script::Latin),
        '\0'..='\u{A9}' => None,
        _ if !letter.is_alphabetic() => None,
        '\u{AA}'..='\u{24F}'
        | '\u{250}'..='\u{2AF}'
        | '\u{1E00}'..='\u{1EFF}'
        | '\u{2C60}'..='\u{2C7F}'
        | '\u{A720}'..='\u{A7FF}'
        | '\u{FB00}'..='\u{FB06}'
        | '\u{FF21}'..='\u{FF5A}' => Some(Script::Latin),
        // Modifier letters (as in Uzbek oʻ and gʻ) go with whatever they stand in.
        '\u{2B0}'..='\u{2FF}' => None,
        '\u{400}'..='\u{52F}' | '\u{1C80}'..='\u{1C8F}' | '\u{2DE0}'..='\u{2DFF}' | '\u{A640}'..='\u{A69F}' => {
            Some(Script::Cyrillic)
        }
        '\u{600}'..='\u{6FF}'
        | '\u{750}'..='\u{77F}'
        | '\u{870}'..='\u{8FF}'
        | '\u{FB50}'..='\u{FDFF}'
        | '\u{FE70}'..='\u{FEFF}' => Some(Script::Arabic),
        '\u{590}'..='\u{5FF}' | '\u{FB1D}'..='\u{FB4F}' => Some(Script::Hebrew),
        _ => Some(Script::Other),
    }
}

/// Letters per script, in the order of `ALL`.
fn count(text: &str) -> [usize; ALL.len()] {
    let mut counts = [0; ALL.len()];
    for script in text.chars().filter_map(of) {
        counts[script as usize] += 1;
    }
    counts
}

/// The share of the text's letters that are in `script`, from 0 to 1; 0 for a text without letters.
pub fn share(text: &str, script: Script) -> f64 {
    let counts = count(text);
    let letters: usize = counts.iter().sum();
    if letters == 0 {
        0.0
    } else {
        counts[script as usize] as f64 / letters as f64
    }
}

/// The script most of the text's letters are in; `None` for a text without letters.
pub fn dominant(text: &str) -> Option<Script> {
    let counts = count(text);
    ALL.into_iter()
        .filter(|script| counts[*script as usize] > 0)
        // The first of equals, so that the answer does not depend on how `max_by_key` breaks ties.
        .rev()
        .max_by_key(|script| counts[*script as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_letters_have_a_script() {
        for other in ['1', '٣', ' ', '.', '؟', '«', '😀', '\u{200C}', 'ʻ'] {
            assert_eq!(of(other), None, "{other:?}");
        }
        assert_eq!(of('q'), Some(Script::Latin));
        assert_eq!(of('ғ'), Some(Script::Cyrillic));
        assert_eq!(of('گ'), Some(Script::Arabic));
        assert_eq!(of('ש'), Some(Script::Hebrew));
        assert_eq!(of('中'), Some(Script::Other));
    }

    #[test]
    fn digits_and_punctuation_do_not_change_a_share() {
        assert!((share("ООН (UN) 2024!", Script::Cyrillic) - 0.6).abs() < 1e-9);
        assert!(share("2024 …", Script::Latin).abs() < f64::EPSILON);
    }

    #[test]
    fn the_dominant_script_is_the_one_of_most_letters() {
        assert_eq!(dominant("Вазорати КҲИ (MFA)"), Some(Script::Cyrillic));
        assert_eq!(dominant("وكالة KUNA للأنباء"), Some(Script::Arabic));
        assert_eq!(dominant("12:30"), None);
    }
}
