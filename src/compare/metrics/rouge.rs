//! ROUGE (Lin 2004) as rouge-score computes it, and with a tokeniser for languages that rouge-score's drops entirely.
//!
//! rouge-score keeps `a`–`z` and digits only: of a Russian, Arabic or Tajik text nothing is left but numbers. The
//! tokeniser `unicode-words` cuts at Unicode's word boundaries instead. The signature says which one was used.

use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::signature::{Details, yes_no};
use super::{Metric, Options, Segment, ngrams, stemmer, subsequence};
use crate::compare::error::{CompareError, unknown};
use crate::text::script::{self, Script};

/// How ROUGE cuts text into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RougeTokeniser {
    /// `rouge-score` if the references are mostly in Latin letters, or else `unicode-words`.
    #[default]
    Auto,
    /// `rouge-score`: lower case, runs of `a`–`z` and ASCII digits.
    RougeScore,
    /// `unicode-words`: NFKC, lower case, no Arabic vowel marks or tatweel, words of Unicode Annex 29.
    UnicodeWords,
}

impl RougeTokeniser {
    const ALL: [Self; 3] = [Self::Auto, Self::RougeScore, Self::UnicodeWords];

    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::RougeScore => "rouge-score",
            Self::UnicodeWords => "unicode-words",
        }
    }

    /// # Errors
    /// [`CompareError::Unknown`].
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        Self::ALL
            .into_iter()
            .find(|tokeniser| tokeniser.name() == given.trim())
            .ok_or_else(|| unknown("ROUGE tokeniser", given, &Self::ALL.map(Self::name)))
    }

    /// Decides for these references.
    fn settle(self, segments: &[Segment]) -> Self {
        if self != Self::Auto {
            return self;
        }
        let (mut latin, mut other) = (0_usize, 0_usize);
        for letter in segments
            .iter()
            .flat_map(|segment| &segment.references)
            .flat_map(|text| text.chars())
        {
            match script::of(letter) {
                Some(Script::Latin) => latin += 1,
                Some(_) => other += 1,
                None => {}
            }
        }
        if latin >= other {
            Self::RougeScore
        } else {
            Self::UnicodeWords
        }
    }
}

/// Which part of the text is compared.
#[derive(Clone, Copy)]
enum Kind {
    Runs(usize),
    Whole,
    Sentences,
}

/// One kind of ROUGE with its settings.
pub struct Rouge {
    kind: Kind,
    tokeniser: RougeTokeniser,
    stemming: bool,
}

impl Rouge {
    /// # Errors
    /// [`CompareError::StemmingNeedsEnglish`] if stemming is asked for with a tokeniser for other languages.
    pub fn new(metric: Metric, segments: &[Segment], options: &Options) -> Result<Self, CompareError> {
        let tokeniser = options.rouge_tokeniser.settle(segments);
        if options.stemming && tokeniser != RougeTokeniser::RougeScore {
            return Err(CompareError::StemmingNeedsEnglish {
                tokeniser: tokeniser.name(),
            });
        }
        let kind = match metric {
            Metric::Rouge2 => Kind::Runs(2),
            Metric::RougeL => Kind::Whole,
            Metric::RougeLsum => Kind::Sentences,
            _ => Kind::Runs(1),
        };
        Ok(Self {
            kind,
            tokeniser,
            stemming: options.stemming,
        })
    }

    pub fn details(&self) -> Details {
        let mut details = vec![("tok", self.tokeniser.name().to_owned())];
        if self.tokeniser == RougeTokeniser::RougeScore {
            details.push((
                "stem",
                if self.stemming {
                    "porter".to_owned()
                } else {
                    yes_no(false)
                },
            ));
        }
        if matches!(self.kind, Kind::Sentences) {
            details.push(("sent", "newline".to_owned()));
        }
        details.extend([("multi", "max-f".to_owned()), ("agg", "mean-f".to_owned())]);
        details
    }

    fn cut(&self, text: &str) -> Vec<String> {
        match self.tokeniser {
            RougeTokeniser::UnicodeWords => unicode_words(text),
            _ => latin_words(text, self.stemming),
        }
    }

    /// `[precision, recall, F, 1]` with the reference that gives the best F, the first of equals.
    pub fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let mut best = [0.0; 3];
        for (index, reference) in segment.references.iter().enumerate() {
            let found = self.compare(segment.hypothesis, reference);
            if index == 0 || found[2] > best[2] {
                best = found;
            }
        }
        vec![best[0], best[1], best[2], 1.0]
    }

    fn compare(&self, hypothesis: &str, reference: &str) -> [f64; 3] {
        if let Kind::Sentences = self.kind {
            let cut = |text: &str| -> Vec<Vec<String>> {
                text.split('\n')
                    .filter(|line| !line.is_empty())
                    .map(|line| self.cut(line))
                    .collect()
            };
            let (hypothesis, reference) = (cut(hypothesis), cut(reference));
            let hits = subsequence::union_hits(&reference, &hypothesis);
            let tokens = |lines: &[Vec<String>]| lines.iter().map(Vec::len).sum();
            return f_score(hits, tokens(&hypothesis), tokens(&reference));
        }
        let (hypothesis, reference) = (self.cut(hypothesis), self.cut(reference));
        match self.kind {
            Kind::Runs(order) => {
                let hits = ngrams::matches(&ngrams::count(&reference, order), &ngrams::count(&hypothesis, order));
                let total = |tokens: &[String]| ngrams::total(tokens.len(), order);
                f_score(hits as usize, total(&hypothesis), total(&reference))
            }
            _ => f_score(
                subsequence::longest(&reference, &hypothesis).len(),
                hypothesis.len(),
                reference.len(),
            ),
        }
    }
}

/// Precision, recall and their harmonic mean.
fn f_score(hits: usize, found: usize, expected: usize) -> [f64; 3] {
    let precision = hits as f64 / found.max(1) as f64;
    let recall = hits as f64 / expected.max(1) as f64;
    let mean = if hits > 0 {
        2.0 * precision * recall / (precision + recall)
    } else {
        0.0
    };
    [precision, recall, mean]
}

/// rouge-score's tokens; stemmed are those of more than three letters.
fn latin_words(text: &str, stemming: bool) -> Vec<String> {
    text.to_lowercase()
        .split(|letter: char| !letter.is_ascii_lowercase() && !letter.is_ascii_digit())
        .filter(|word| !word.is_empty())
        .map(|word| {
            if stemming && word.len() > 3 {
                stemmer::stem(word)
            } else {
                word.to_owned()
            }
        })
        .collect()
}

fn unicode_words(text: &str) -> Vec<String> {
    let folded: String = text
        .nfkc()
        .filter(|letter| !matches!(letter, '\u{640}' | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}'))
        .flat_map(char::to_lowercase)
        .collect();
    folded.unicode_words().map(str::to_owned).collect()
}

/// The mean F over texts, in per cent.
pub fn value(totals: &[f64]) -> f64 {
    mean(totals, 2)
}

fn mean(totals: &[f64], part: usize) -> f64 {
    match (totals.get(part), totals.get(3)) {
        (Some(sum), Some(texts)) if *texts > 0.0 => 100.0 * sum / texts,
        _ => 0.0,
    }
}

/// Mean precision and recall, in per cent.
pub fn parts(totals: &[f64]) -> Map<String, Value> {
    let mut parts = Map::new();
    parts.insert("precision".to_owned(), json!(mean(totals, 0)));
    parts.insert("recall".to_owned(), json!(mean(totals, 1)));
    parts
}
