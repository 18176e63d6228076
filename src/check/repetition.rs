//! Loops: a model that has lost its way says the same words again and again.

use super::words::lower;
use super::{Finding, Pair, Severity};

/// Longest phrase, in words, that is looked for as a loop.
const LONGEST_PHRASE: usize = 12;
/// Longest unit, in characters, of a loop inside a word.
const LONGEST_UNIT: usize = 16;
/// Units longer than this, in characters, are a loop when they stand three times; of shorter ones it takes five.
const SYLLABLE: usize = 4;

pub(super) fn check(pair: Pair, findings: &mut Vec<Finding>) {
    let output = lower(pair.output);
    let source = lower(pair.source);
    if let Some((phrase, times)) = longest_loop(&output) {
        // Whoever quotes a chant repeats himself in the source too.
        let allowed = longest_loop(&source).map_or(1, |(_, times)| times);
        let words = phrase.len() * times;
        let looped = times > allowed && (times >= 4 || (times == 3 && phrase.len() > 1));
        let doubled = times > allowed && (phrase.len() >= 3 || times == 3);
        if looped || doubled {
            let (code, severity) = if looped {
                ("repetition", Severity::Error)
            } else {
                ("repeated-words", Severity::Warning)
            };
            let message = format!(
                "The output says the same {} words {times} times over, {words} in all.",
                phrase.len()
            );
            findings.push(Finding::new(code, severity, message, vec![phrase.join(" ")]));
            return;
        }
    }
    if let Some(word) = output.iter().find(|word| stutters(word) && !source.contains(word)) {
        let message = "The output holds a word that repeats the same letters without end.";
        findings.push(Finding::new(
            "repetition",
            Severity::Error,
            message,
            vec![word.chars().take(40).collect()],
        ));
    } else if monotony(&output) < 0.4 && monotony(&source) > 0.5 {
        let message = "The output uses the same few words again and again.";
        findings.push(Finding::new("repetition", Severity::Error, message, Vec::new()));
    }
}

/// The phrase repeated most often in immediate succession, and how often; none if nothing is said twice running. Counted in
/// words covered, so that a long phrase said twice outweighs a short one said twice.
fn longest_loop(words: &[String]) -> Option<(&[String], usize)> {
    let mut best: Option<(&[String], usize)> = None;
    for length in 1..=LONGEST_PHRASE.min(words.len() / 2) {
        // How many words running equal the word one phrase length before them.
        let mut equal = 0;
        for at in length..words.len() {
            equal = if words[at] == words[at - length] { equal + 1 } else { 0 };
            let times = equal / length + 1;
            let covered = |(phrase, times): (&[String], usize)| phrase.len() * (times - 1);
            if times > 1 && best.is_none_or(|best| length * (times - 1) > covered(best)) {
                best = Some((&words[at + 1 - length..=at], times));
            }
        }
    }
    best
}

/// Whether a word is mostly one run of letters, over and over (`аааааааааа`, `hahahahahaha`, `образованобразованобразован`).
fn stutters(word: &str) -> bool {
    let letters: Vec<char> = word.chars().collect();
    if letters.iter().all(|letter| letter.is_numeric()) {
        return false;
    }
    (1..=LONGEST_UNIT).any(|unit| {
        let enough = if unit > SYLLABLE { 2 * unit } else { (4 * unit).max(6) };
        let mut run = 0;
        letters.iter().zip(letters.iter().skip(unit)).any(|(left, right)| {
            run = if left == right && left.is_alphabetic() {
                run + 1
            } else {
                0
            };
            run >= enough
        })
    })
}

/// Distinct words among all, for outputs long enough to tell; 1 otherwise.
fn monotony(words: &[String]) -> f64 {
    if words.len() < 20 {
        return 1.0;
    }
    let mut distinct: Vec<&String> = words.iter().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() as f64 / words.len() as f64
}
