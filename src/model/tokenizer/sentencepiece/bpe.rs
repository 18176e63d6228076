//! Byte-pair encoding over letters: of all neighbouring pieces whose union is a piece, those with the best score are
//! merged first, the leftmost among equals. Sennrich et al. 2016, «Neural Machine Translation of Rare Words with Subword
//! Units».

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::normaliser::Normaliser;
use super::proto::{Kind, Proto};

/// A stretch of the text, linked to its living neighbours.
struct Symbol {
    start: usize,
    end: usize,
    before: Option<usize>,
    after: Option<usize>,
    /// A user-defined piece, which is never merged.
    frozen: bool,
}

/// Two neighbours that could be merged.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    /// Bytes of both together: an older pair whose symbols have grown since is known by it.
    length: usize,
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

/// Ends, in bytes, of the pieces that a normalised text is cut into.
pub fn ends(text: &str, index: &HashMap<String, u32>, proto: &Proto, normaliser: &Normaliser) -> Vec<usize> {
    let mut symbols = letters(text, normaliser);
    let mut agenda = BinaryHeap::new();
    let mut halves: HashMap<(usize, usize), usize> = HashMap::new();
    let propose = |symbols: &[Symbol], left: Option<usize>, right: Option<usize>, agenda: &mut BinaryHeap<Pair>| {
        let (Some(left), Some(right)) = (left, right) else {
            return;
        };
        let (first, second) = (&symbols[left], &symbols[right]);
        if first.frozen || second.frozen {
            return;
        }
        let Some(piece) = index
            .get(&text[first.start..second.end])
            .and_then(|id| proto.pieces.get(*id as usize))
        else {
            return;
        };
        agenda.push(Pair {
            score: piece.score,
            left,
            right,
            length: second.end - first.start,
        });
    };
    for right in 1..symbols.len() {
        propose(&symbols, Some(right - 1), Some(right), &mut agenda);
    }
    while let Some(pair) = agenda.pop() {
        let (left, right) = (&symbols[pair.left], &symbols[pair.right]);
        let (size, other) = (left.end - left.start, right.end - right.start);
        if size == 0 || other == 0 || size + other != pair.length {
            continue;
        }
        let (end, after) = (right.end, right.after);
        let whole = (left.start, end);
        let middle = left.end;
        if index
            .get(&text[whole.0..whole.1])
            .is_some_and(|id| proto.pieces[*id as usize].kind == Kind::Unused)
        {
            halves.insert(whole, middle);
        }
        symbols[pair.right].start = end;
        symbols[pair.left].end = end;
        symbols[pair.left].after = after;
        if let Some(after) = after {
            symbols[after].before = Some(pair.left);
        }
        propose(&symbols, symbols[pair.left].before, Some(pair.left), &mut agenda);
        propose(&symbols, Some(pair.left), after, &mut agenda);
    }
    let mut ends = Vec::new();
    for symbol in symbols.iter().filter(|symbol| symbol.end > symbol.start) {
        spell((symbol.start, symbol.end), &halves, &mut ends);
    }
    ends
}

/// A piece that is kept for its number alone is taken apart again into what it was merged from.
fn spell(whole: (usize, usize), halves: &HashMap<(usize, usize), usize>, ends: &mut Vec<usize>) {
    match halves.get(&whole) {
        Some(middle) => {
            spell((whole.0, *middle), halves, ends);
            spell((*middle, whole.1), halves, ends);
        }
        None => ends.push(whole.1),
    }
}

/// One symbol a letter, or a user-defined piece.
fn letters(text: &str, normaliser: &Normaliser) -> Vec<Symbol> {
    let mut symbols: Vec<Symbol> = Vec::with_capacity(text.len());
    let mut start = 0;
    while let Some(letter) = text[start..].chars().next() {
        let own = normaliser.own_prefix(&text[start..]).map(str::len);
        let end = start + own.unwrap_or(letter.len_utf8());
        let before = symbols.len().checked_sub(1);
        if let Some(before) = before {
            symbols[before].after = Some(before + 1);
        }
        symbols.push(Symbol {
            start,
            end,
            before,
            after: None,
            frozen: own.is_some(),
        });
        start = end;
    }
    symbols
}
