//! TextRank (Mihalcea and Tarau 2004, "TextRank: Bringing Order into Texts"): the extractive summariser that others are
//! measured by. Khulosa's own is in [`super::extract`]; this one is for comparison alone.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

/// Chance of following a link and not starting anew.
const DAMPING: f64 = 0.85;
/// Rounds of the power iteration; the ranks of an article's few sentences stand long before.
const ROUNDS: usize = 50;

/// Indices of the `count` sentences that the others are most like, in the article's order.
pub fn textrank(sentences: &[&str], count: usize) -> Vec<usize> {
    let bags: Vec<BTreeSet<String>> = sentences
        .iter()
        .map(|sentence| sentence.unicode_words().map(str::to_lowercase).collect())
        .collect();
    let weights: Vec<Vec<f64>> = (0..bags.len())
        .map(|row| (0..bags.len()).map(|column| likeness(&bags, row, column)).collect())
        .collect();
    let totals: Vec<f64> = weights.iter().map(|row| row.iter().sum()).collect();
    let mut ranks = vec![1.0; bags.len()];
    for _ in 0..ROUNDS {
        let received = |to: usize| -> f64 {
            let links = (0..bags.len()).filter(|from| totals[*from] > 0.0);
            links.map(|from| ranks[from] * weights[from][to] / totals[from]).sum()
        };
        ranks = (0..bags.len())
            .map(|to| 1.0 - DAMPING + DAMPING * received(to))
            .collect();
    }
    let mut order: Vec<usize> = (0..bags.len()).collect();
    // On equal rank the earlier sentence wins.
    order.sort_by(|left, right| ranks[*right].total_cmp(&ranks[*left]).then(left.cmp(right)));
    order.truncate(count);
    order.sort_unstable();
    order
}

/// Words in common over the logarithms of both lengths.
fn likeness(bags: &[BTreeSet<String>], row: usize, column: usize) -> f64 {
    let (left, right) = (&bags[row], &bags[column]);
    let length = (left.len() as f64).ln() + (right.len() as f64).ln();
    if row == column || left.is_empty() || right.is_empty() || length <= 0.0 {
        return 0.0;
    }
    left.intersection(right).count() as f64 / length
}

#[cfg(test)]
mod tests {
    use super::textrank;

    #[test]
    fn the_sentences_that_others_are_like_are_taken_in_their_order() {
        let sentences = [
            "The lake is quiet in winter.",
            "The dam on the river was opened by ministers of water.",
            "Ministers of water will meet again.",
            "The river feeds the dam.",
            "Nobody came!",
        ];
        assert_eq!(textrank(&sentences, 2), [1, 3]);
        assert_eq!(textrank(&sentences, 9), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn sentences_without_words_or_company_are_no_trouble() {
        assert_eq!(textrank(&[], 2), Vec::<usize>::new());
        assert_eq!(textrank(&["…", "one"], 1), [0]);
    }
}
