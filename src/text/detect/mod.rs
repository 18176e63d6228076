//! Which language a text is written in.
//!
//! Articles often come without a language, and the languages of Central Asia share their letters: a look at the script
//! settles little. A naive Bayes classifier over character n-grams (Cavnar and Trenkle's idea with likelihoods) is small,
//! fast and right on single sentences. Its profiles are plain texts of our own, counted when first needed.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::language::Language;
use super::normalise::is_arabic_mark;
use super::script::{self, Script};

/// A language and how sure the detector is of it, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detected {
    pub language: Language,
    pub confidence: f64,
}

/// Text of each language to be told, a sentence a line.
const PROFILES: [(Language, &str); 9] = [
    (Language::ENGLISH, include_str!("profiles/en.txt")),
    (Language::RUSSIAN, include_str!("profiles/ru.txt")),
    (Language::ARABIC, include_str!("profiles/ar.txt")),
    (Language::TAJIK, include_str!("profiles/tg.txt")),
    (Language::PERSIAN, include_str!("profiles/fa.txt")),
    (Language::UZBEK, include_str!("profiles/uz.txt")),
    (Language::UZBEK, include_str!("profiles/uz-Cyrl.txt")),
    (Language::KYRGYZ, include_str!("profiles/ky.txt")),
    (Language::KAZAKH, include_str!("profiles/kk.txt")),
];

/// A few sentences of languages that must not be taken for one of the above: `code<TAB>sentence`.
const OTHERS: &str = include_str!("profiles/others.txt");

/// Longest n-gram, in characters.
const LONGEST: usize = 4;
/// N-grams are hashed into this many slots, so that the tables have one size whatever the profiles hold.
const SLOTS: usize = 1 << 15;
/// Share of a language's n-grams that one never seen in it is given.
const UNSEEN: f64 = 2e-5;
/// A profile of fewer n-grams is counted as if it had so many: rare n-grams of a short text must not look frequent.
const LEAST_TOTAL: f64 = 2_500.0;
/// Each letter is counted in about this many overlapping n-grams; evidence is divided by it before it becomes a confidence.
const OVERLAP: f64 = 5.0;
/// Log-likelihood lost for a letter that is not in the language's alphabet. Lighter in Latin script, where foreign names
/// keep their marks.
fn foreign_letter(script: Script) -> f64 {
    if script == Script::Latin { 4.0 } else { 10.0 }
}

/// The language of a text; `None` for a text without letters, in a script that none of the languages is written in, or
/// clearly in another language. Only the letters of the text's main script count.
pub fn detect(text: &str) -> Option<Detected> {
    let script = script::dominant(text)?;
    let model = models().get(&script)?;
    let scores = model.scores(text, script);
    let (best, top) = scores
        .iter()
        .copied()
        .enumerate()
        .max_by(|left, right| left.1.total_cmp(&right.1))?;
    let language = model.languages[best]?;
    let rivals: f64 = scores
        .iter()
        .zip(&model.languages)
        .filter(|(_, other)| **other != Some(language))
        .map(|(score, _)| ((score - top) / OVERLAP).exp())
        .sum();
    Some(Detected {
        language,
        confidence: 1.0 / (1.0 + rivals),
    })
}

/// The classifier for one script.
struct Model {
    /// The language of each class; `None` for those that are only to be told from.
    languages: Vec<Option<Language>>,
    alphabets: Vec<Option<&'static str>>,
    /// Log-likelihood of each n-gram slot in each class, `[SLOTS, classes]`.
    weights: Vec<f32>,
}

fn models() -> &'static BTreeMap<Script, Model> {
    static MODELS: OnceLock<BTreeMap<Script, Model>> = OnceLock::new();
    MODELS.get_or_init(|| {
        let mut classes: BTreeMap<Script, Vec<(Option<Language>, String)>> = BTreeMap::new();
        for (language, text) in PROFILES {
            let Some(script) = script::dominant(text) else { continue };
            let text = if language == Language::TAJIK {
                text.to_owned() + &plain_tajik(text)
            } else {
                text.to_owned()
            };
            classes.entry(script).or_default().push((Some(language), text));
        }
        let mut others: BTreeMap<&str, String> = BTreeMap::new();
        for (code, sentence) in OTHERS.lines().filter_map(|line| line.split_once('\t')) {
            let text = others.entry(code).or_default();
            text.push_str(sentence);
            text.push('\n');
        }
        for text in others.into_values() {
            let Some(script) = script::dominant(&text) else {
                continue;
            };
            classes.entry(script).or_default().push((None, text));
        }
        classes
            .into_iter()
            .map(|(script, classes)| (script, Model::train(script, &classes)))
            .collect()
    })
}

/// Tajik as it is typed on a Russian keyboard.
fn plain_tajik(text: &str) -> String {
    let plain = |letter| match letter {
        'ғ' => 'г',
        'ӣ' => 'и',
        'қ' => 'к',
        'ӯ' => 'у',
        'ҳ' => 'х',
        'ҷ' => 'ч',
        _ => letter,
    };
    text.to_lowercase().chars().map(plain).collect()
}

/// Letters of the alphabet beyond those that all languages of the script share.
fn alphabet(language: Language) -> &'static str {
    match language.code() {
        "ru" => "ёйцщъыьэюя",
        "tg" => "ғӣқӯҳҷёйъэюя",
        "uz" => "ўқғҳёйъэюяцьʻʼ",
        "ky" => "ңөүёйцщъыьэюя",
        "kk" => "әғқңөұүһіёйцщъыьэюя",
        "fa" => "پچژگک",
        _ => "",
    }
}

/// Letters that every language of the script has.
fn is_shared(letter: char, script: Script) -> bool {
    match script {
        Script::Latin => letter.is_ascii(),
        Script::Cyrillic => matches!(letter, 'а'..='и' | 'к'..='х' | 'ч' | 'ш'),
        Script::Arabic => matches!(letter, 'ء'..='غ' | 'ف'..='ي' | 'ی' | 'ک' | 'ۀ'),
        Script::Hebrew | Script::Other => true,
    }
}

impl Model {
    fn train(script: Script, classes: &[(Option<Language>, String)]) -> Self {
        let width = classes.len();
        let mut counts = vec![0_u32; SLOTS * width];
        let mut weights = vec![0.0; SLOTS * width];
        for (class, (_, text)) in classes.iter().enumerate() {
            let mut total = 0.0;
            n_grams(text, script, |slot| {
                counts[slot * width + class] += 1;
                total += 1.0;
            });
            let total = f64::max(total, LEAST_TOTAL);
            for slot in 0..SLOTS {
                let share = f64::from(counts[slot * width + class]) / total;
                weights[slot * width + class] = (share + UNSEEN).ln() as f32;
            }
        }
        let languages: Vec<_> = classes.iter().map(|(language, _)| *language).collect();
        let alphabets = languages.iter().map(|language| language.map(alphabet)).collect();
        Self {
            languages,
            alphabets,
            weights,
        }
    }

    /// Log-likelihood of the text in each class.
    fn scores(&self, text: &str, script: Script) -> Vec<f64> {
        let width = self.languages.len();
        let mut scores = vec![0.0; width];
        n_grams(text, script, |slot| {
            for (score, weight) in scores.iter_mut().zip(&self.weights[slot * width..]) {
                *score += f64::from(*weight);
            }
        });
        for letter in text.chars().flat_map(char::to_lowercase) {
            if is_shared(letter, script) || script::of(letter) != Some(script) {
                continue;
            }
            for (score, alphabet) in scores.iter_mut().zip(&self.alphabets) {
                if alphabet.is_some_and(|alphabet| !alphabet.contains(letter)) {
                    *score -= foreign_letter(script);
                }
            }
        }
        scores
    }
}

/// Calls `each` with the slot of every n-gram of 1 to [`LONGEST`] characters, where words are lower-cased letters of the
/// script with a space at either end. Spellings that differ by keyboard alone are made one.
fn n_grams(text: &str, script: Script, mut each: impl FnMut(usize)) {
    let mut recent = [' '; LONGEST];
    let mut next = |letter: char| {
        recent.rotate_left(1);
        recent[LONGEST - 1] = letter;
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        for length in 1..=LONGEST {
            let first = recent[LONGEST - length];
            hash = (hash ^ u64::from(u32::from(first))).wrapping_mul(0x0100_0000_01B3);
            if length > 1 || first != ' ' {
                each(((hash ^ (hash >> 29)) as usize) % SLOTS);
            }
            // Nothing spans a word's beginning.
            if first == ' ' && length > 1 {
                break;
            }
        }
    };
    let mut inside = false;
    for letter in text.chars().flat_map(char::to_lowercase) {
        let folded = match letter {
            'ي' | 'ى' => 'ی',
            'ك' => 'ک',
            '‘' | '’' | 'ʼ' | '`' | '\'' | 'ʻ' if script == Script::Latin && inside => 'ʻ',
            _ => letter,
        };
        if script::of(folded) == Some(script) && !is_arabic_mark(folded)
            || folded == 'ʻ' && script == Script::Latin && inside
        {
            next(folded);
            inside = true;
        } else if inside && !is_arabic_mark(folded) && folded != '\u{640}' {
            next(' ');
            inside = false;
        }
    }
    if inside {
        next(' ');
    }
}

#[cfg(test)]
mod tests;
