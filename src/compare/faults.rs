//! What can be said of translations without references: numbers kept, letters of the right script, loops.

use std::collections::HashMap;

use crate::check::{self, numbers::ascii_digit};
use crate::text::language::Language;

/// Counts over translations of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Translations looked at.
    pub texts: usize,
    /// Digit strings of the sources.
    pub numbers: usize,
    /// Of those, the ones that the translation has too, as often, in digits of any script.
    pub numbers_kept: usize,
    /// Translations in which the checks find words or letters of a script that is not the target's.
    pub foreign: usize,
    /// Translations in which the checks find a loop.
    pub looping: usize,
}

impl Faults {
    /// Counts a translation.
    pub fn add(&mut self, source: &str, from: Language, output: &str, to: Language) {
        self.texts += 1;
        let mut found = digit_strings(output);
        for number in digits(source) {
            self.numbers += 1;
            if let Some(left) = found.get_mut(&number).filter(|left| **left > 0) {
                *left -= 1;
                self.numbers_kept += 1;
            }
        }
        let findings = check::translation(source, from, output, to);
        let any = |codes: &[&str]| findings.iter().any(|finding| codes.contains(&finding.code.as_ref()));
        self.foreign += usize::from(any(&[
            "wrong-script",
            "foreign-words",
            "foreign-letters",
            "mixed-letters",
        ]));
        self.looping += usize::from(any(&["repetition", "repeated-words"]));
    }

    /// Numbers kept, translations in the right script, and translations that loop, in percent.
    pub fn percent(&self) -> [f64; 3] {
        let of = |part: usize, whole: usize| {
            if whole == 0 {
                100.0
            } else {
                100.0 * part as f64 / whole as f64
            }
        };
        [
            of(self.numbers_kept, self.numbers),
            of(self.texts - self.foreign, self.texts),
            100.0 - of(self.texts - self.looping, self.texts),
        ]
    }
}

/// The digit strings of a text, in digits of ASCII.
fn digits(text: &str) -> Vec<String> {
    let western: String = text
        .chars()
        .map(|letter| ascii_digit(letter).unwrap_or(letter))
        .collect();
    let strings = western.split(|letter: char| !letter.is_ascii_digit());
    strings.filter(|string| !string.is_empty()).map(str::to_owned).collect()
}

fn digit_strings(text: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for string in digits(text) {
        *counts.entry(string).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_in_any_digits_and_as_often_as_they_stand() {
        let mut faults = Faults::default();
        let source = "On 5 May 2,300 of 2,300 came.";
        faults.add(source, Language::ENGLISH, "٥ مايو حضر ٢٬٣٠٠ شخص.", Language::ARABIC);
        assert_eq!((faults.numbers, faults.numbers_kept), (5, 3));
        assert!((faults.percent()[0] - 60.0).abs() < 1e-9);
    }

    #[test]
    fn letters_of_another_script_and_loops_are_counted_by_text() {
        let mut faults = Faults::default();
        for output in [
            "Министр приехал в понедельник.",
            "Министр arrived в понедельник.",
            "Министр министр министр министр приехал.",
        ] {
            faults.add(
                "The minister came on Monday.",
                Language::ENGLISH,
                output,
                Language::RUSSIAN,
            );
        }
        assert_eq!((faults.texts, faults.foreign, faults.looping), (3, 1, 1));
    }

    #[test]
    fn nothing_translated_has_no_faults() {
        let percent = Faults::default().percent().map(|percent| format!("{percent:.1}"));
        assert_eq!(percent, ["100.0", "100.0", "0.0"]);
    }
}
