//! What to compute and how, as plain data.

use super::bleu::Smoothing;
use super::pieces::Pieces;
use super::rouge::RougeTokeniser;
use super::tokenise::Tokeniser;
use crate::compare::error::{CompareError, unknown};

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Papineni et al. 2002.
    Bleu,
    /// BLEU over SentencePiece pieces (Goyal et al. 2022).
    SpBleu,
    /// Popović 2015.
    Chrf,
    /// chrF with word unigrams.
    ChrfPlus,
    /// chrF with word unigrams and bigrams (Popović 2017).
    ChrfPlusPlus,
    /// Snover et al. 2006; lower is better.
    Ter,
    /// Lin 2004: unigrams.
    Rouge1,
    /// Bigrams.
    Rouge2,
    /// Longest common subsequence of the whole text.
    RougeL,
    /// Union of longest common subsequences over sentences, which stand one a line.
    RougeLsum,
}

impl Metric {
    /// All metrics, in the order in which help texts list them.
    pub const ALL: [Self; 10] = [
        Self::Bleu,
        Self::SpBleu,
        Self::Chrf,
        Self::ChrfPlus,
        Self::ChrfPlusPlus,
        Self::Ter,
        Self::Rouge1,
        Self::Rouge2,
        Self::RougeL,
        Self::RougeLsum,
    ];

    /// The name that [`Metric::parse`] reads.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bleu => "bleu",
            Self::SpBleu => "spbleu",
            Self::Chrf => "chrf",
            Self::ChrfPlus => "chrf+",
            Self::ChrfPlusPlus => "chrf++",
            Self::Ter => "ter",
            Self::Rouge1 => "rouge1",
            Self::Rouge2 => "rouge2",
            Self::RougeL => "rougeL",
            Self::RougeLsum => "rougeLsum",
        }
    }

    /// Reads a name in any case, such as `chrf++`.
    ///
    /// # Errors
    /// [`CompareError::Unknown`], with the nearest name.
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        Self::ALL
            .into_iter()
            .find(|metric| metric.name().eq_ignore_ascii_case(given.trim()))
            .ok_or_else(|| unknown("metric", given, &Self::ALL.map(Self::name)))
    }

    /// Reads names separated by commas.
    ///
    /// # Errors
    /// As [`Metric::parse`].
    pub fn parse_list(given: &str) -> Result<Vec<Self>, CompareError> {
        given.split(',').map(Self::parse).collect()
    }
}

/// How TER prepares text; sacreBLEU's defaults are all `false`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TerOptions {
    /// Separate punctuation from words.
    pub normalised: bool,
    /// Drop punctuation.
    pub no_punctuation: bool,
    /// Keep case.
    pub case_sensitive: bool,
}

/// What to compute and how. The defaults are those of sacreBLEU and rouge-score.
#[derive(Debug, Clone)]
pub struct Options {
    pub metrics: Vec<Metric>,
    /// BLEU's tokeniser.
    pub tokeniser: Tokeniser,
    /// BLEU's smoothing.
    pub smoothing: Smoothing,
    /// Ignore case in BLEU and chrF. TER has a setting of its own, and ROUGE always ignores case.
    pub lowercase: bool,
    pub rouge_tokeniser: RougeTokeniser,
    /// Porter stemming in ROUGE, English only.
    pub stemming: bool,
    pub ter: TerOptions,
    /// Score each text as well; BLEU then stops at the highest order that the text has (`eff:yes`).
    pub sentences: bool,
    /// Number of resamples for a 95 % confidence interval.
    pub bootstrap: Option<usize>,
    /// Seed of the resampling; sacreBLEU's is 12345.
    pub seed: u64,
    /// Needed for spBLEU only.
    pub pieces: Option<Pieces>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            metrics: vec![Metric::Bleu, Metric::ChrfPlusPlus, Metric::Ter],
            tokeniser: Tokeniser::Mteval13a,
            smoothing: Smoothing::Exponential,
            lowercase: false,
            rouge_tokeniser: RougeTokeniser::Auto,
            stemming: false,
            ter: TerOptions::default(),
            sentences: false,
            bootstrap: None,
            seed: 12345,
            pieces: None,
        }
    }
}
