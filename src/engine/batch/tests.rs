use super::*;
use crate::engine::EarlyStopping;
use crate::engine::network::Scores;
use crate::engine::tests::plain;

const VOCABULARY: usize = 11;

/// A model whose logits are drawn from a source and a hypothesis' past, and which counts what it keeps.
#[derive(Default)]
struct Counting {
    slots: Vec<Option<Kept>>,
    most_source: usize,
    most_generated: usize,
    most_slots: usize,
    admissions: usize,
}

struct Kept {
    source: u64,
    length: usize,
    /// A digest of each hypothesis' past.
    pasts: Vec<u64>,
    generated: usize,
}

fn mix(seed: u64, value: u64) -> u64 {
    (seed ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

impl Counting {
    fn count(&mut self) {
        let kept = || self.slots.iter().flatten();
        self.most_slots = self.most_slots.max(kept().count());
        self.most_source = self.most_source.max(kept().map(|kept| kept.length).sum());
        self.most_generated = self.most_generated.max(kept().map(|kept| kept.generated).sum());
    }
}

impl Network for Counting {
    fn admit(&mut self, sources: &[&[u32]], _how: &Decoding) -> Result<Vec<usize>, EngineError> {
        let mut places = Vec::new();
        for source in sources {
            self.admissions += 1;
            places.push(self.slots.len());
            self.slots.push(Some(Kept {
                source: source.iter().fold(7, |digest, token| mix(digest, u64::from(*token))),
                length: source.len(),
                pasts: vec![1],
                generated: 0,
            }));
        }
        self.count();
        Ok(places)
    }

    fn extras(&self, _slot: usize) -> &[u32] {
        &[]
    }

    fn step(&mut self, steps: &[Step<'_>]) -> Result<Scores, EngineError> {
        let mut values = Vec::new();
        for step in steps {
            let kept = self.slots[step.slot].as_mut().unwrap();
            let row = |(parent, token): &(usize, u32)| mix(kept.pasts[*parent], u64::from(*token));
            kept.pasts = step.rows.iter().map(row).collect();
            kept.generated = step.rows.len() * (step.position + 1);
            for past in kept.pasts.iter().filter(|_| step.scored) {
                let seed = mix(*past, kept.source);
                values.extend((0..VOCABULARY as u64).map(|token| (mix(seed, token) >> 40) as f32 / 4e6));
            }
        }
        self.count();
        Ok(Scores {
            width: VOCABULARY,
            values,
        })
    }

    fn release(&mut self, slot: usize) {
        self.slots[slot] = None;
    }
}

fn how() -> Decoding {
    Decoding {
        beams: 3,
        early_stopping: EarlyStopping::Never,
        max_new_tokens: 30,
        min_new_tokens: 10,
        decoder_start: 1,
        n_best: 3,
        ..plain(2)
    }
}

fn run(tokens: usize) -> (Counting, Vec<(usize, Generated)>) {
    let sources: Vec<Vec<u32>> = (1..=40_u32)
        .map(|length| (0..length).map(|token| token % 11).collect())
        .collect();
    let queue = Queue::new(&sources, 3, 1, tokens);
    let mut network = Counting::default();
    let mut results = work(&mut network, &queue, &how());
    assert!(queue.into_failure().is_none());
    results.sort_by_key(|(index, _)| *index);
    (network, results)
}

#[test]
fn what_is_kept_follows_the_token_budget_and_results_do_not() {
    let (free, expected) = run(usize::MAX);
    assert_eq!(expected.len(), 40);
    assert!(free.most_slots > 20, "{}", free.most_slots);
    for tokens in [1, 10, 45, 100, 250, 800] {
        let (network, results) = run(tokens);
        assert_eq!(results, expected, "{tokens}");
        assert!(network.slots.iter().all(Option::is_none), "{tokens}");
        // One source alone may go beyond: 40 tokens, 3 beams of 30 tokens.
        assert!(
            network.most_source <= tokens.max(40),
            "{tokens}: {}",
            network.most_source
        );
        let most = (tokens * GROWTH * 3).max(3 * 30);
        assert!(network.most_generated <= most, "{tokens}: {}", network.most_generated);
    }
}

#[test]
fn nothing_is_put_off_while_the_budget_lasts() {
    assert_eq!(run(usize::MAX).0.admissions, 40);
    let (network, _) = run(45);
    assert!(network.admissions > 40, "a budget this small must put sources off");
}
