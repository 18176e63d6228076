//! Whether a difference is real: confidence intervals by bootstrap, and two paired tests, as sacreBLEU 2.6 does them and
//! with the random numbers that it draws.
//!
//! All of it works on the counts of each text, so that no text is scored twice.

use serde::Serialize;

use super::error::{CompareError, unknown};
use super::metrics::{Confidence, Score, Statistics};
use super::random::Random;

/// A paired test of a system against a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Test {
    /// Paired bootstrap resampling (Koehn 2004).
    Bootstrap,
    /// Approximate randomisation (Riezler and Maxwell 2005).
    Randomisation,
}

impl Test {
    /// Reads `bootstrap` (or `bs`), `randomisation` (or `ar`).
    ///
    /// # Errors
    /// [`CompareError::Unknown`].
    pub fn parse(given: &str) -> Result<Self, CompareError> {
        match given.trim() {
            "bootstrap" | "bs" => Ok(Self::Bootstrap),
            "randomisation" | "randomization" | "ar" => Ok(Self::Randomisation),
            _ => Err(unknown("test of significance", given, &["bootstrap", "randomisation"])),
        }
    }

    /// sacreBLEU's number of trials.
    pub fn default_trials(self) -> usize {
        match self {
            Self::Bootstrap => 1000,
            Self::Randomisation => 10_000,
        }
    }

    /// The key of the signature.
    pub fn key(self) -> &'static str {
        match self {
            Self::Bootstrap => "bs",
            Self::Randomisation => "ar",
        }
    }
}

/// What a paired test found for one metric.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Outcome {
    /// Score of the baseline and of the system.
    pub baseline: f64,
    pub system: f64,
    /// The chance of a difference at least as large if the systems were equally good.
    pub p_value: f64,
    /// Of the system, from the bootstrap.
    pub confidence: Option<Confidence>,
}

/// Mean and half the 95 % interval of a score over resamples of its texts.
pub fn confidence(statistics: &Statistics, trials: usize, seed: u64) -> Confidence {
    let mut random = Random::new(seed);
    let texts = statistics.len();
    let scores = (0..trials)
        .map(|_| statistics.value_of((0..texts).map(|_| random.below(texts))))
        .collect();
    interval(scores)
}

/// Tests whether `system` differs from `baseline`, both scored by the same metric on the same texts. The p-value is
/// sacreBLEU's, except for two systems with equal counts in every text: 1 here, while the formula gives the smallest
/// value there is.
///
/// # Errors
/// Unequal counts of texts, or fewer than two trials.
pub fn paired(test: Test, baseline: &Score, system: &Score, trials: usize, seed: u64) -> Result<Outcome, CompareError> {
    let (left, right) = (&baseline.statistics, &system.statistics);
    if left.len() != right.len() || left.is_empty() {
        return Err(CompareError::Unpaired {
            left: "the baseline".to_owned(),
            left_texts: left.len(),
            right: "the system".to_owned(),
            right_texts: right.len(),
        });
    }
    if trials < 2 {
        return Err(CompareError::TooFewTrials { trials });
    }
    let difference = (baseline.value - system.value).abs();
    let (mut p_value, confidence) = match test {
        Test::Bootstrap => bootstrap(left, right, difference, trials, seed),
        Test::Randomisation => (randomise(left, right, difference, trials, seed), None),
    };
    if left.rows() == right.rows() {
        p_value = 1.0;
    }
    Ok(Outcome {
        baseline: baseline.value,
        system: system.value,
        p_value,
        confidence,
    })
}

/// As [`confidence`], of the mean of one number a text.
pub fn confidence_of_mean(values: &[f64], trials: usize, seed: u64) -> Confidence {
    let mut random = Random::new(seed);
    interval((0..trials).map(|_| resampled_mean(values, &mut random)).collect())
}

/// As the p-value of [`paired`], for measures that are the mean of one number a text: `differences` are those of each
/// text. 1 where no text differs.
pub fn paired_means(test: Test, differences: &[f64], trials: usize, seed: u64) -> f64 {
    if differences.iter().all(|difference| *difference == 0.0) {
        return 1.0;
    }
    let difference = mean(differences).abs();
    let beyond = match test {
        Test::Bootstrap => {
            let mut random = Random::new(seed);
            let found: Vec<f64> = (0..trials)
                .map(|_| resampled_mean(differences, &mut random).abs())
                .collect();
            let centre = mean(&found);
            found.iter().filter(|found| **found - centre > difference).count()
        }
        Test::Randomisation => {
            let mut toss = Random::new(seed).coins();
            let mut turned = || {
                differences
                    .iter()
                    .map(|value| if toss() { *value } else { -value })
                    .sum::<f64>()
            };
            let count = differences.len() as f64;
            (0..trials)
                .filter(|_| (turned() / count).abs() >= difference - 1e-9)
                .count()
        }
    };
    p_value(beyond, trials)
}

fn resampled_mean(values: &[f64], random: &mut Random) -> f64 {
    let draws = (0..values.len()).filter_map(|_| values.get(random.below(values.len())));
    draws.sum::<f64>() / values.len().max(1) as f64
}

fn bootstrap(
    left: &Statistics,
    right: &Statistics,
    difference: f64,
    trials: usize,
    seed: u64,
) -> (f64, Option<Confidence>) {
    let mut random = Random::new(seed);
    let texts = left.len();
    let mut differences = Vec::with_capacity(trials);
    let mut scores = Vec::with_capacity(trials);
    for _ in 0..trials {
        let sample: Vec<usize> = (0..texts).map(|_| random.below(texts)).collect();
        let score = right.value_of(sample.iter().copied());
        differences.push((score - left.value_of(sample)).abs());
        scores.push(score);
    }
    let mean = mean(&differences);
    let beyond = differences.iter().filter(|found| **found - mean > difference).count();
    (p_value(beyond, trials), Some(interval(scores)))
}

fn randomise(left: &Statistics, right: &Statistics, difference: f64, trials: usize, seed: u64) -> f64 {
    let mut toss = Random::new(seed).coins();
    let mut beyond = 0;
    for _ in 0..trials {
        let (mut one, mut other) = (left.zero(), left.zero());
        for (ours, theirs) in left.rows().iter().zip(right.rows()) {
            let (to_one, to_other) = if toss() { (ours, theirs) } else { (theirs, ours) };
            super::metrics::add(&mut one, to_one);
            super::metrics::add(&mut other, to_other);
        }
        // The margin keeps sums in another order, which may differ in their last bits, from counting as larger.
        if (left.value(&one) - left.value(&other)).abs() > difference + 1e-9 {
            beyond += 1;
        }
    }
    p_value(beyond, trials)
}

/// One is added on both sides so that chance alone never rejects more often than the level of the test.
fn p_value(beyond: usize, trials: usize) -> f64 {
    (beyond + 1) as f64 / (trials + 1) as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// Mean and half the distance between the scores at 2.5 % and 97.5 %.
fn interval(mut scores: Vec<f64>) -> Confidence {
    scores.sort_by(f64::total_cmp);
    let skipped = scores.len() / 40;
    let low = scores.get(skipped).copied().unwrap_or_default();
    let high = scores.iter().rev().nth(skipped).copied().unwrap_or_default();
    Confidence {
        mean: mean(&scores),
        half_width: (high - low) / 2.0,
    }
}
