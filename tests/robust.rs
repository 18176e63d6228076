//! Damaged, foreign and hostile input to the engines: a typed error, never a panic, never a wrong answer in silence.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod common;
#[path = "robust/flips.rs"]
mod flips;
#[path = "robust/weights.rs"]
mod weights;

use std::path::{Path, PathBuf};

use common::command;
use khulosa::engine::{Decoding, Device, Engine, EngineError, EngineOptions, Generated, Kind, Precision, load};
use khulosa::model::weights::WeightsError;
use safetensors::tensor::{Dtype, TensorView};

const KINDS: [(Kind, Precision); 3] = [
    (Kind::Fast, Precision::F32),
    (Kind::Fast, Precision::Int8),
    (Kind::Reference, Precision::F32),
];

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/parity")
        .join(name)
}

/// A copy of a fixture that may be spoilt.
fn copy(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(fixture(name)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
    }
    folder
}

fn options(kind: Kind, precision: Precision, cache: Option<&Path>) -> EngineOptions {
    EngineOptions {
        kind,
        precision,
        threads: 1,
        cache: cache.map(Path::to_owned),
        ..EngineOptions::default()
    }
}

fn open(folder: &Path, (kind, precision): (Kind, Precision)) -> Result<Box<dyn Engine>, EngineError> {
    load(folder, &options(kind, precision, None))
}

fn refusal(folder: &Path, kind: (Kind, Precision)) -> EngineError {
    match open(folder, kind) {
        Ok(_) => panic!("{kind:?}: expected an error"),
        Err(error) => error,
    }
}

fn weights_refusal(folder: &Path, kind: (Kind, Precision)) -> WeightsError {
    match refusal(folder, kind) {
        EngineError::Weights(error) => error,
        other => panic!("{kind:?}: expected an error of weights, found {other}"),
    }
}

fn sources() -> Vec<Vec<u32>> {
    vec![vec![5, 9, 40, 2], vec![12, 33, 7, 50, 8, 2], vec![21, 2]]
}

fn how(folder: &Path) -> Decoding {
    Decoding {
        beams: 3,
        max_new_tokens: 10,
        ..Decoding::from_folder(folder).unwrap()
    }
}

fn generate(engine: &dyn Engine, folder: &Path) -> Vec<Generated> {
    engine.generate(&sources(), &how(folder)).unwrap()
}

/// A tensor taken out of its file: name, shape, values.
type Loose = (String, Vec<usize>, Vec<f32>);

fn read(folder: &Path) -> Vec<Loose> {
    let bytes = std::fs::read(folder.join("model.safetensors")).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let values = |view: &TensorView<'_>| -> Vec<f32> {
        let words = view.data().chunks_exact(4);
        words.map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    };
    file.iter()
        .map(|(name, view)| (name.to_owned(), view.shape().to_vec(), values(&view)))
        .collect()
}

fn write(path: &Path, tensors: &[Loose]) {
    let bytes: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        (
            name.as_str(),
            TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap(),
        )
    });
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// Changes the tensors of a folder.
fn change(folder: &Path, change: impl FnOnce(&mut Vec<Loose>)) {
    let mut tensors = read(folder);
    change(&mut tensors);
    write(&folder.join("model.safetensors"), &tensors);
}

#[test]
fn a_batch_of_nothing_gives_nothing() {
    let folder = fixture("bart-a");
    for kind in KINDS {
        let engine = open(&folder, kind).unwrap();
        assert!(engine.generate(&[], &how(&folder)).unwrap().is_empty());
        assert!(engine.embed(&[]).unwrap().is_empty());
    }
}

#[test]
fn a_source_that_cannot_be_encoded_is_named_and_the_engine_stays_usable() {
    let folder = fixture("bart-a");
    for kind in KINDS {
        let engine = open(&folder, kind).unwrap();
        let expected = generate(engine.as_ref(), &folder);
        let longest = engine.limits().max_source;
        let vocabulary = engine.limits().vocabulary as u32;
        let bad = [
            (vec![], "expected at least one token, found none"),
            (vec![5; longest + 1], "expected at most 64 tokens, found 65"),
            (vec![5, vocabulary, 2], "expected token ids below 75, found 75"),
            (vec![u32::MAX], "expected token ids below 75, found 4294967295"),
        ];
        for (source, message) in bad {
            let batch = [vec![5, 2], source];
            for error in [
                engine.generate(&batch, &how(&folder)).unwrap_err(),
                engine.embed(&batch).unwrap_err(),
            ] {
                assert_eq!(error.to_string(), format!("source 1: {message}"));
                assert!(matches!(error, EngineError::Source { index: 1, .. }));
            }
        }
        assert_eq!(generate(engine.as_ref(), &folder), expected);
        engine.generate(&[vec![5; longest]], &how(&folder)).unwrap();
    }
}

#[test]
fn settings_that_no_model_can_follow_are_named() {
    let folder = fixture("bart-a");
    let base = how(&folder);
    let cases = [
        (
            "beams",
            Decoding {
                beams: 0,
                ..base.clone()
            },
        ),
        (
            "n_best",
            Decoding {
                n_best: 4,
                ..base.clone()
            },
        ),
        (
            "max_new_tokens",
            Decoding {
                max_new_tokens: 65,
                ..base.clone()
            },
        ),
        (
            "min_new_tokens",
            Decoding {
                min_new_tokens: 11,
                ..base.clone()
            },
        ),
        (
            "length_penalty",
            Decoding {
                length_penalty: f64::NAN,
                ..base.clone()
            },
        ),
        (
            "repetition_penalty",
            Decoding {
                repetition_penalty: 1e-300,
                ..base.clone()
            },
        ),
        (
            "forced_bos",
            Decoding {
                forced_bos: Some(75),
                ..base.clone()
            },
        ),
        (
            "decoder_start",
            Decoding {
                decoder_start: 75,
                ..base.clone()
            },
        ),
        (
            "shortlist",
            Decoding {
                shortlist: Some([3, 3].into()),
                ..base.clone()
            },
        ),
        (
            "shortlist",
            Decoding {
                shortlist: Some([3, 75].into()),
                ..base.clone()
            },
        ),
    ];
    for kind in KINDS {
        let engine = open(&folder, kind).unwrap();
        for (name, how) in &cases {
            let error = engine.generate(&sources(), how).unwrap_err();
            assert!(matches!(error, EngineError::Decoding(_)), "{error}");
            assert!(
                error.to_string().starts_with(&format!("decoding: {name}: expected")),
                "{error}"
            );
        }
        let nothing = Decoding {
            shortlist: Some([3].into()),
            suppress: vec![3],
            ..base.clone()
        };
        let error = engine.generate(&sources(), &nothing).unwrap_err();
        assert!(matches!(error, EngineError::NoCandidate { step: 0, .. }), "{error}");
    }
}

#[test]
fn sixteen_bit_floats_on_the_processor_are_refused_with_what_to_use() {
    let folder = fixture("bart-a");
    for precision in [Precision::F16, Precision::Bf16] {
        for kind in [Kind::Fast, Kind::Reference] {
            let error = refusal(&folder, (kind, precision));
            let expected = format!("{precision} weights on cpu: ");
            match &error {
                EngineError::Unsupported {
                    precision: found,
                    device: Device::Cpu,
                    advice,
                } => {
                    assert_eq!(*found, precision);
                    assert!(advice.contains("f32"), "{advice}");
                }
                other => panic!("{kind:?}: {other}"),
            }
            assert!(error.to_string().starts_with(&expected), "{error}");
        }
        for engine in ["fast", "reference"] {
            let arguments = format!(
                "generate --model {} --precision {precision} --engine {engine}",
                folder.display()
            );
            let home = tempfile::tempdir().unwrap();
            let output = command(home.path())
                .args(arguments.split_whitespace())
                .output()
                .unwrap();
            assert_eq!(output.status.code(), Some(2));
            let errors = String::from_utf8(output.stderr).unwrap();
            assert!(errors.contains("f32"), "{errors}");
        }
    }
}

#[test]
fn a_configuration_that_describes_no_model_is_an_error_that_names_the_setting() {
    let cases = [
        ("d_model", "0"),
        ("d_model", "\"wide\""),
        ("encoder_attention_heads", "3"),
        ("decoder_layers", "99999999999"),
        ("vocab_size", "-1"),
        ("activation_function", "\"none\""),
        ("model_type", "\"gpt2\""),
        ("max_position_embeddings", "null"),
    ];
    for (key, value) in cases {
        let folder = copy("bart-a");
        let path = folder.path().join("config.json");
        let mut config: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        config[key] = serde_json::from_str(value).unwrap();
        std::fs::write(&path, config.to_string()).unwrap();
        for kind in KINDS {
            let error = refusal(folder.path(), kind);
            assert!(matches!(error, EngineError::Config { .. }), "{key} {value}: {error}");
            assert!(error.to_string().contains(key), "{error}");
        }
    }
    // Sizes that the weights do not have.
    for (key, value) in [("vocab_size", 76), ("encoder_layers", 3), ("encoder_ffn_dim", 33)] {
        let folder = copy("bart-a");
        let path = folder.path().join("config.json");
        let mut config: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        config[key] = value.into();
        std::fs::write(&path, config.to_string()).unwrap();
        for kind in KINDS {
            let error = weights_refusal(folder.path(), kind);
            assert!(
                matches!(error, WeightsError::Shape { .. } | WeightsError::Missing { .. }),
                "{key}: {error}"
            );
        }
    }
    for text in ["", "[]", "{", "null"] {
        let folder = copy("bart-a");
        std::fs::write(folder.path().join("config.json"), text).unwrap();
        assert!(matches!(refusal(folder.path(), KINDS[0]), EngineError::Config { .. }));
    }
}
