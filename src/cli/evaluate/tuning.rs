//! Flags of single metrics, called as sacreBLEU and rouge-score call them where they have a name.

use std::path::PathBuf;

use clap::Args;
use khulosa::compare::CompareError;
use khulosa::compare::metrics::bleu::Smoothing;
use khulosa::compare::metrics::rouge::RougeTokeniser;
use khulosa::compare::metrics::tokenise::Tokeniser;
use khulosa::compare::metrics::{Options, Pieces, TerOptions};

/// See the module.
#[derive(Args)]
#[command(next_help_heading = "Metrics")]
pub struct Tuning {
    /// BLEU's tokeniser: 13a, intl, char or none.
    #[arg(long, value_name = "NAME", default_value = "13a", value_parser = Tokeniser::parse)]
    tokenise: Tokeniser,
    /// SentencePiece model for spBLEU, such as FLORES-200's.
    #[arg(long, value_name = "FILE")]
    spm: Option<PathBuf>,
    /// BLEU's smoothing: exp, none, floor[=VALUE] or add-k[=VALUE].
    #[arg(long, value_name = "METHOD", default_value = "exp", value_parser = Smoothing::parse)]
    smooth: Smoothing,
    /// Ignore case in BLEU and chrF.
    #[arg(long)]
    lowercase: bool,
    /// ROUGE's tokeniser: rouge-score, unicode-words, or auto (by the script of the references).
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = RougeTokeniser::parse)]
    rouge_tokeniser: RougeTokeniser,
    /// Porter stemming in ROUGE; English only.
    #[arg(long)]
    stem: bool,
    /// TER: separate punctuation from words.
    #[arg(long)]
    ter_normalised: bool,
    /// TER: drop punctuation.
    #[arg(long)]
    ter_no_punctuation: bool,
    /// TER: keep case.
    #[arg(long)]
    ter_case_sensitive: bool,
}

impl Tuning {
    /// Options with these settings, the rest as usual.
    pub fn options(&self) -> Result<Options, CompareError> {
        Ok(Options {
            tokeniser: self.tokenise,
            smoothing: self.smooth,
            lowercase: self.lowercase,
            rouge_tokeniser: self.rouge_tokeniser,
            stemming: self.stem,
            ter: TerOptions {
                normalised: self.ter_normalised,
                no_punctuation: self.ter_no_punctuation,
                case_sensitive: self.ter_case_sensitive,
            },
            pieces: self.spm.as_deref().map(Pieces::open).transpose()?,
            ..Options::default()
        })
    }
}
