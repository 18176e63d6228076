//! What both engines' own tests share: logits of forced targets, against those of transformers.

use std::path::PathBuf;

use serde::Deserialize;

use super::network::{Network, Step};
use super::{Decoding, EarlyStopping, EngineOptions, Kind, Precision};

#[derive(Deserialize)]
struct Fixture {
    logits: Vec<Forced>,
}

#[derive(Deserialize)]
pub(super) struct Forced {
    source: Vec<u32>,
    target: Vec<u32>,
    rows: Vec<Vec<f32>>,
}

/// Folder of a parity fixture.
pub(super) fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/parity")
        .join(name)
}

/// Options for a parity fixture.
pub(super) fn options(kind: Kind) -> EngineOptions {
    EngineOptions {
        kind,
        precision: Precision::F32,
        threads: 1,
        ..EngineOptions::default()
    }
}

/// Decoding with everything left out that can be.
pub(super) fn plain(eos: u32) -> Decoding {
    Decoding {
        beams: 1,
        length_penalty: 1.0,
        early_stopping: EarlyStopping::Heuristic,
        max_new_tokens: 20,
        min_new_tokens: 0,
        no_repeat_ngram: 0,
        repetition_penalty: 1.0,
        bad_words: Vec::new(),
        suppress: Vec::new(),
        forced_bos: None,
        forced_eos: None,
        decoder_start: 0,
        eos,
        pad: 0,
        n_best: 1,
        shortlist: None,
        copyable: None,
        required: Vec::new(),
        deadline: None,
    }
}

/// Largest difference of a network's logits from those that transformers has for the same source and target.
pub(super) fn apart(network: &mut dyn Network, name: &str) -> f32 {
    let text = std::fs::read(folder(name).join("cases.json")).unwrap();
    let fixture: Fixture = serde_json::from_slice(&text).unwrap();
    let how = Decoding::from_folder(&folder(name)).unwrap();
    let mut most = 0.0_f32;
    for Forced { source, target, rows } in fixture.logits {
        let slot = network.admit(&[&source], &how).unwrap()[0];
        for (position, (token, expected)) in target.iter().zip(&rows).enumerate() {
            let step = Step {
                slot,
                rows: vec![(0, *token)],
                position,
                scored: true,
                shortlist: None,
            };
            let scores = network.step(&[step]).unwrap();
            assert_eq!(scores.values.len(), expected.len(), "{name}");
            let differences = scores
                .values
                .iter()
                .zip(expected)
                .map(|(found, expected)| (found - expected).abs());
            most = differences.fold(most, f32::max);
        }
        network.release(slot);
    }
    most
}

/// Models of 12 + 12 layers.
pub(super) const DEEP: [&str; 2] = ["m2m100-deep", "t5v11-deep"];
