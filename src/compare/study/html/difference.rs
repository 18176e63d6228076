//! Which words of one text another one lacks.

use serde::Serialize;

use crate::compare::metrics::longest_common_subsequence;

/// A run of words that stand in the other text as well, or do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Piece {
    pub text: String,
    pub differs: bool,
}

/// Words at which texts are compared; longer texts are compared as far as this, which bounds the time.
const MOST_WORDS: usize = 1000;

/// The lines of `text` with the words marked that are in none of `others` at a like place. Without others, nothing is
/// marked.
pub fn lines(text: &str, others: &[&str]) -> Vec<Vec<Piece>> {
    let words: Vec<String> = text.split_whitespace().take(MOST_WORDS).map(plain).collect();
    let mut shared = vec![others.is_empty(); words.len()];
    for other in others {
        let other: Vec<String> = other.split_whitespace().take(MOST_WORDS).map(plain).collect();
        for place in longest_common_subsequence(&words, &other) {
            if let Some(word) = shared.get_mut(place) {
                *word = true;
            }
        }
    }
    let mut shared = shared.into_iter();
    text.lines()
        .map(|line| {
            let mut pieces: Vec<Piece> = Vec::new();
            for word in line.split_whitespace() {
                let differs = !shared.next().unwrap_or(true);
                match pieces.last_mut() {
                    Some(last) if last.differs == differs => {
                        last.text.push(' ');
                        last.text.push_str(word);
                    }
                    _ => pieces.push(Piece {
                        text: word.to_owned(),
                        differs,
                    }),
                }
            }
            pieces
        })
        .collect()
}

/// A word without the punctuation around it; punctuation alone stays as it is.
fn plain(word: &str) -> String {
    let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    if bare.is_empty() { word } else { bare }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, others: &[&str]) -> Vec<String> {
        let lines = lines(text, others);
        let differing = lines.into_iter().flatten().filter(|piece| piece.differs);
        differing.map(|piece| piece.text).collect()
    }

    #[test]
    fn only_words_that_no_other_text_has_are_marked() {
        assert_eq!(
            marked("Вазирон дар Душанбе вохӯрданд.", &["Вазирон дар Хуҷанд вохӯрданд"]),
            ["Душанбе"]
        );
        assert_eq!(marked("a b c", &["a x x", "y b y"]), ["c"]);
        assert_eq!(marked("b a", &["a b"]).len(), 1, "order counts");
        assert!(marked("a b c", &[]).is_empty());
    }

    #[test]
    fn lines_and_words_stay_as_they_are() {
        let found = lines("Title, here\nbody  text", &["Title there body text"]);
        let text: Vec<String> = found
            .iter()
            .map(|line| {
                line.iter()
                    .map(|piece| piece.text.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        assert_eq!(text, ["Title, here", "body text"]);
    }
}
