//! What the model itself thought of its words. Text shows nothing of this: a guess can be a fluent sentence.

use super::{Finding, Severity};

/// Below this mean probability of its tokens an output is a guess: the model would have bet on something else four
/// times in five. Whether a model's probabilities go with quality, `items.csv` of `khulosa compare --ref` shows: it has
/// the model's score and chrF++ of every text.
const UNSURE: f64 = 0.2;

/// Checks the geometric mean of the probabilities that a model gave to the tokens of its output, 0 to 1.
pub fn confidence(probability: f64) -> Option<Finding> {
    (probability < UNSURE).then(|| {
        let message = format!(
            "The model was unsure: it gave its words a probability of {:.0} % on average.",
            100.0 * probability
        );
        Finding::new("low-confidence", Severity::Warning, message, Vec::new())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_marked_and_a_sure_output_is_not() {
        assert_eq!(confidence(0.2), None);
        let finding = confidence(0.1249).unwrap();
        assert_eq!(
            (&*finding.code, finding.severity),
            ("low-confidence", Severity::Warning)
        );
        assert!(finding.message.contains("12 %"), "{}", finding.message);
    }
}
