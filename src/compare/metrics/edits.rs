//! TER's search for the fewest edits: greedy shifts of phrases, each the one that lowers the edit distance most, under
//! Tercom's limits and sacreBLEU's order of preference, since the score depends on both.

/// Longest phrase that shifts.
const LONGEST_MOVE: usize = 10;
/// Farthest that a phrase shifts.
const FARTHEST_MOVE: usize = 50;
/// Half the width of the band around the diagonal in which edit distances are computed.
const BAND: f64 = 25.0;
/// Moves tried before the search gives up.
const MOST_TRIED: usize = 1000;
/// Larger than any distance; cells outside the band hold it.
const FAR: usize = usize::MAX / 4;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edit {
    Keep,
    Substitute,
    Delete,
    Insert,
    Unknown,
}

/// A cell of the table of distances: the cost so far and the last edit on the way there.
type Cell = (usize, Edit);

/// How good a move is: gain, length, and the negated start and target.
type Rank = (isize, usize, isize, isize);

/// Fewest edits found that turn `hypothesis` into `reference`, shifts included.
pub fn count(hypothesis: &[u32], reference: &[u32]) -> usize {
    if reference.is_empty() {
        return hypothesis.len();
    }
    let mut words = hypothesis.to_vec();
    let mut shifts = 0;
    let mut tried = 0;
    loop {
        let table = Table::new(&words, reference);
        match best_move(&words, reference, &table, &mut tried) {
            Some((moved, gain)) if gain > 0 && tried < MOST_TRIED => {
                words = moved;
                shifts += 1;
            }
            _ => return shifts + table.distance(),
        }
    }
}

/// The move that lowers the distance most, and by how much; then the longest, the leftmost, the one least far right.
fn best_move(words: &[u32], reference: &[u32], table: &Table, tried: &mut usize) -> Option<(Vec<u32>, isize)> {
    let before = table.distance() as isize;
    let alignment = Alignment::of(&table.edits());
    let mut best: Option<(Rank, Vec<u32>)> = None;
    for (start, at, length) in common_phrases(words, reference) {
        // Only a phrase that is wrong where it is, to a place that is wrong as it is, and not onto itself.
        let misplaced = any(&alignment.hypothesis_wrong, start, length);
        let place_is_wrong = any(&alignment.reference_wrong, at, length);
        let target = alignment.position.get(at).copied().unwrap_or_default();
        let onto_itself = (start as isize..(start + length) as isize).contains(&target);
        if !misplaced || !place_is_wrong || onto_itself {
            continue;
        }
        let mut previous = None;
        for offset in 0..=length {
            // Before the phrase's own place in the reference, then after each of its words.
            let index = match (at + offset).checked_sub(1) {
                None => 0,
                Some(word) => match alignment.position.get(word) {
                    Some(position) => (position + 1) as usize,
                    None => break,
                },
            };
            if previous == Some(index) {
                continue;
            }
            previous = Some(index);
            let moved = move_phrase(words, start, length, index);
            let unchanged = start.min(index);
            let gain = before - table.distance_after(&moved, reference, unchanged) as isize;
            let rank = (gain, length, -(start as isize), -(index as isize));
            *tried += 1;
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, moved));
            }
        }
        if *tried >= MOST_TRIED {
            break;
        }
    }
    best.map(|((gain, ..), moved)| (moved, gain))
}

fn any(wrong: &[bool], start: usize, length: usize) -> bool {
    wrong.iter().skip(start).take(length).any(|wrong| *wrong)
}

/// Phrases that both sides have: `(start in words, start in reference, length)`.
fn common_phrases<'a>(words: &'a [u32], reference: &'a [u32]) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    (0..words.len()).flat_map(move |start| {
        (0..reference.len())
            .filter(move |at| at.abs_diff(start) <= FARTHEST_MOVE)
            .flat_map(move |at| {
                let pairs = words
                    .iter()
                    .skip(start)
                    .zip(reference.iter().skip(at))
                    .take(LONGEST_MOVE);
                let longest = pairs.take_while(|(word, other)| word == other).count();
                (1..=longest).map(move |length| (start, at, length))
            })
    })
}

/// Takes out `length` words from `start` and puts them before what was word `target`; a target inside the phrase counts
/// from the phrase's start in what is left.
fn move_phrase(words: &[u32], start: usize, length: usize, target: usize) -> Vec<u32> {
    let phrase = words.iter().skip(start).take(length);
    let mut rest: Vec<u32> = words
        .iter()
        .take(start)
        .chain(words.iter().skip(start + length))
        .copied()
        .collect();
    let place = if target > start + length {
        target - length
    } else {
        target
    };
    let place = place.min(rest.len());
    rest.splice(place..place, phrase.copied());
    rest
}

/// Which word of the hypothesis stands at each word of the reference, and which words are wrong.
struct Alignment {
    /// For each word of the reference: the word of the hypothesis, or -1 before the first.
    position: Vec<isize>,
    reference_wrong: Vec<bool>,
    hypothesis_wrong: Vec<bool>,
}

impl Alignment {
    fn of(edits: &[Edit]) -> Self {
        let mut found = Self {
            position: Vec::new(),
            reference_wrong: Vec::new(),
            hypothesis_wrong: Vec::new(),
        };
        for edit in edits {
            let wrong = *edit != Edit::Keep;
            if *edit != Edit::Insert {
                found.hypothesis_wrong.push(wrong);
            }
            if *edit != Edit::Delete {
                found.position.push(found.hypothesis_wrong.len() as isize - 1);
                found.reference_wrong.push(wrong);
            }
        }
        found
    }
}

/// The table of edit distances between the starts of both sides, one row a word of the hypothesis.
struct Table {
    rows: Vec<Vec<Cell>>,
}

impl Table {
    fn new(words: &[u32], reference: &[u32]) -> Self {
        let first = (0..=reference.len()).map(|cost| (cost, Edit::Insert)).collect();
        let mut rows: Vec<Vec<Cell>> = vec![first];
        extend(&mut rows, words, reference);
        Self { rows }
    }

    fn distance(&self) -> usize {
        self.rows.last().and_then(|row| row.last()).map_or(FAR, |cell| cell.0)
    }

    /// The distance of a rearranged hypothesis whose first `unchanged` words are as before.
    fn distance_after(&self, words: &[u32], reference: &[u32], unchanged: usize) -> usize {
        let start = unchanged.min(words.len().saturating_sub(1));
        let mut last = self.rows.get(start).cloned().unwrap_or_default();
        for (number, word) in words.iter().enumerate().skip(start) {
            last = next_row(&last, number + 1, *word, words.len(), reference);
        }
        last.last().map_or(FAR, |cell| cell.0)
    }

    /// The edits that turn the hypothesis into the reference, from left to right.
    fn edits(&self) -> Vec<Edit> {
        let mut row = self.rows.len().saturating_sub(1);
        let mut column = self.rows.first().map_or(0, |row| row.len().saturating_sub(1));
        let mut edits = Vec::new();
        while row > 0 || column > 0 {
            let edit = self
                .rows
                .get(row)
                .and_then(|cells| cells.get(column))
                .map_or(Edit::Unknown, |cell| cell.1);
            match edit {
                Edit::Keep | Edit::Substitute => {
                    row = row.saturating_sub(1);
                    column = column.saturating_sub(1);
                }
                Edit::Insert => column = column.saturating_sub(1),
                Edit::Delete => row = row.saturating_sub(1),
                Edit::Unknown => break,
            }
            edits.push(edit);
        }
        edits.reverse();
        edits
    }
}

fn extend(rows: &mut Vec<Vec<Cell>>, words: &[u32], reference: &[u32]) {
    for (number, word) in words.iter().enumerate() {
        if let Some(last) = rows.last() {
            let row = next_row(last, number + 1, *word, words.len(), reference);
            rows.push(row);
        }
    }
}

/// Row `number` of the table from the row above. On equal cost a substitution comes before a deletion before an insertion.
fn next_row(above: &[Cell], number: usize, word: u32, length: usize, reference: &[u32]) -> Vec<Cell> {
    let ratio = reference.len() as f64 / length as f64;
    let band = if BAND < ratio / 2.0 {
        (ratio / 2.0 + BAND).ceil()
    } else {
        BAND
    };
    let diagonal = (number as f64 * ratio).floor();
    let from = (diagonal - band).max(0.0) as usize;
    let to = if number == length {
        reference.len() + 1
    } else {
        ((diagonal + band) as usize).min(reference.len() + 1)
    };
    let mut row: Vec<Cell> = vec![(FAR, Edit::Unknown); reference.len() + 1];
    let cost = |cells: &[Cell], column: usize| cells.get(column).map_or(FAR, |cell| cell.0);
    for column in from..to {
        let mut best = (FAR, Edit::Unknown);
        let delete = (cost(above, column) + 1, Edit::Delete);
        if let Some(left) = column.checked_sub(1) {
            let same = reference.get(left) == Some(&word);
            let stay = if same { (0, Edit::Keep) } else { (1, Edit::Substitute) };
            for offer in [
                (cost(above, left) + stay.0, stay.1),
                delete,
                (cost(&row, left) + 1, Edit::Insert),
            ] {
                if offer.0 < best.0 {
                    best = offer;
                }
            }
        } else {
            best = delete;
        }
        if let Some(cell) = row.get_mut(column) {
            *cell = best;
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_phrase_is_one_edit() {
        assert_eq!(count(&[4, 5, 6, 1, 2, 3], &[1, 2, 3, 4, 5, 6]), 1);
    }

    #[test]
    fn an_empty_hypothesis_needs_every_word_and_an_empty_reference_none() {
        assert_eq!(count(&[], &[1, 2, 3]), 3);
        assert_eq!(count(&[1, 2], &[]), 2);
    }

    #[test]
    fn a_phrase_moved_into_itself_is_placed_in_what_is_left() {
        assert_eq!(move_phrase(&[0, 1, 2, 3, 4], 1, 2, 2), [0, 3, 1, 2, 4]);
        assert_eq!(move_phrase(&[0, 1, 2, 3, 4], 1, 2, 5), [0, 3, 4, 1, 2]);
        assert_eq!(move_phrase(&[0, 1, 2, 3, 4], 3, 2, 0), [3, 4, 0, 1, 2]);
    }
}
