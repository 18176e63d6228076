//! Damaged, foreign and hostile input to the engines: a typed error, never a panic, never a wrong answer in silence.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

mod common;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

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

fn flip(path: &Path, byte: usize, bit: u8) {
    let time = path.metadata().unwrap().modified().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[byte] ^= 1 << bit;
    std::fs::write(path, bytes).unwrap();
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
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
fn a_weight_that_is_no_number_is_named() {
    for bad in [f32::NAN, f32::INFINITY] {
        let folder = copy("bart-a");
        change(folder.path(), |tensors| {
            let tensor = tensors
                .iter_mut()
                .find(|(name, ..)| name.ends_with("decoder.layers.1.fc2.bias"));
            tensor.unwrap().2[3] = bad;
        });
        for kind in KINDS {
            match weights_refusal(folder.path(), kind) {
                WeightsError::NotFinite { name, element: 3, .. } => {
                    assert_eq!(name, "model.decoder.layers.1.fc2.bias");
                }
                other => panic!("{kind:?}: {other}"),
            }
        }
    }
}

#[test]
fn scores_that_are_no_numbers_are_an_error_and_not_an_answer() {
    let folder = copy("bart-a");
    change(folder.path(), |tensors| {
        // Finite weights whose products are not.
        for (_, _, values) in tensors
            .iter_mut()
            .filter(|(name, ..)| name.contains("decoder.layers.1.fc"))
        {
            values.iter_mut().for_each(|value| *value *= 1e30);
        }
    });
    for kind in KINDS {
        let engine = open(folder.path(), kind).unwrap();
        for beams in [1, 3] {
            let how = Decoding {
                beams,
                ..how(folder.path())
            };
            let error = engine.generate(&sources(), &how).unwrap_err();
            assert!(
                matches!(error, EngineError::NotFinite { step: 0, .. }),
                "{kind:?}: {error}"
            );
        }
    }
}

#[test]
fn a_truncated_file_is_an_error_in_every_format() {
    for (name, file) in [
        ("bart-a", "model.safetensors"),
        ("bart-b", "pytorch_model.bin"),
        ("t5-b", "pytorch_model.bin"),
    ] {
        let folder = copy(name);
        let whole = std::fs::read(folder.path().join(file)).unwrap();
        for part in [
            0,
            1,
            9,
            100,
            whole.len() / 3,
            whole.len() / 2,
            whole.len() - 4096,
            whole.len() - 1,
        ] {
            std::fs::write(folder.path().join(file), &whole[..part]).unwrap();
            for kind in KINDS {
                let error = weights_refusal(folder.path(), kind);
                let cut = matches!(error, WeightsError::Malformed { .. } | WeightsError::Unreadable { .. });
                assert!(cut, "{name} {part}: {error}");
                assert!(error.to_string().contains(file), "{error}");
            }
        }
    }
}

#[test]
fn a_tensor_of_another_shape_missing_or_without_a_place_is_named() {
    for kind in KINDS {
        let folder = copy("mbart-a");
        change(folder.path(), |tensors| {
            let place = tensors
                .iter_mut()
                .find(|(name, ..)| name.ends_with("encoder.layers.0.fc1.weight"))
                .unwrap();
            place.1.reverse();
        });
        match weights_refusal(folder.path(), kind) {
            WeightsError::Shape {
                name, expected, found, ..
            } => {
                assert_eq!(name, "model.encoder.layers.0.fc1.weight");
                assert_eq!((expected, found), (vec![32, 16], vec![16, 32]));
            }
            other => panic!("{kind:?}: {other}"),
        }
        let folder = copy("mbart-a");
        change(folder.path(), |tensors| {
            tensors.retain(|(name, ..)| !name.ends_with("decoder.layers.1.fc2.weight"))
        });
        match weights_refusal(folder.path(), kind) {
            WeightsError::Missing { name, .. } => assert_eq!(name, "model.decoder.layers.1.fc2.weight"),
            other => panic!("{kind:?}: {other}"),
        }
        let folder = copy("mbart-a");
        change(folder.path(), |tensors| {
            tensors.push(("model.encoder.adapter".to_owned(), vec![2], vec![1.0, 2.0]))
        });
        match weights_refusal(folder.path(), kind) {
            WeightsError::Extra { name, shape, .. } => {
                assert_eq!((name.as_str(), shape), ("model.encoder.adapter", vec![2]));
            }
            other => panic!("{kind:?}: {other}"),
        }
    }
}

#[test]
fn shards_give_what_one_file_gives_and_a_lost_shard_is_named() {
    let whole = fixture("bart-a");
    let folder = copy("bart-a");
    let tensors = read(folder.path());
    let shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
    let (first, second) = tensors.split_at(tensors.len() / 2);
    let mut map = serde_json::Map::new();
    for (shard, part) in shards.iter().zip([first, second]) {
        write(&folder.path().join(shard), part);
        map.extend(part.iter().map(|(name, ..)| (name.clone(), (*shard).into())));
    }
    std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
    let index = folder.path().join("model.safetensors.index.json");
    let write_index = |map: &serde_json::Map<String, serde_json::Value>| {
        let text = serde_json::json!({"metadata": {"total_size": 1}, "weight_map": map});
        std::fs::write(&index, text.to_string()).unwrap();
    };
    write_index(&map);
    for kind in KINDS {
        let expected = generate(open(&whole, kind).unwrap().as_ref(), &whole);
        assert_eq!(
            generate(open(folder.path(), kind).unwrap().as_ref(), folder.path()),
            expected
        );
    }
    let (name, _) = map
        .iter()
        .next()
        .map(|(name, value)| (name.clone(), value.clone()))
        .unwrap();
    map.insert(name, "../elsewhere.safetensors".into());
    write_index(&map);
    assert!(matches!(
        weights_refusal(folder.path(), KINDS[0]),
        WeightsError::Malformed { .. }
    ));
    std::fs::write(&index, "{\"weight_map\": 3}").unwrap();
    assert!(matches!(
        weights_refusal(folder.path(), KINDS[0]),
        WeightsError::Malformed { .. }
    ));
    map.iter_mut().for_each(|(_, shard)| *shard = shards[0].into());
    write_index(&map);
    assert!(matches!(
        weights_refusal(folder.path(), KINDS[0]),
        WeightsError::Missing { .. }
    ));
    map.iter_mut()
        .for_each(|(_, shard)| *shard = "model-00003-of-00003.safetensors".into());
    write_index(&map);
    let error = weights_refusal(folder.path(), KINDS[0]);
    assert!(matches!(error, WeightsError::Unreadable { .. }), "{error}");
    assert!(error.to_string().contains("model-00003-of-00003"), "{error}");
}

#[test]
fn what_libtorch_writes_from_rust_is_read() {
    let whole = fixture("marian-a");
    // As rust-bert's own converter writes it, and as a variable store does.
    for by_store in [false, true] {
        let folder = copy("marian-a");
        let file = folder.path().join("rust_model.ot");
        let tensor = |(name, shape, values): &Loose| {
            let shape: Vec<i64> = shape.iter().map(|size| *size as i64).collect();
            (name.clone(), tch::Tensor::from_slice(values).reshape(shape.as_slice()))
        };
        let tensors: Vec<(String, tch::Tensor)> = read(folder.path()).iter().map(tensor).collect();
        if by_store {
            let store = tch::nn::VarStore::new(tch::Device::Cpu);
            for (name, tensor) in &tensors {
                let mut path = store.root();
                let parts: Vec<&str> = name.split('.').collect();
                for part in &parts[..parts.len() - 1] {
                    path = path / *part;
                }
                let _ = path.var_copy(parts[parts.len() - 1], tensor);
            }
            store.save(&file).unwrap();
        } else {
            tch::Tensor::save_multi(&tensors, &file).unwrap();
        }
        std::fs::remove_file(folder.path().join("model.safetensors")).unwrap();
        for kind in KINDS {
            let expected = generate(open(&whole, kind).unwrap().as_ref(), &whole);
            assert_eq!(
                generate(open(folder.path(), kind).unwrap().as_ref(), folder.path()),
                expected
            );
        }
        let length = std::fs::metadata(&file).unwrap().len();
        std::fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_len(length / 2)
            .unwrap();
        assert!(matches!(
            weights_refusal(folder.path(), KINDS[0]),
            WeightsError::Malformed { .. }
        ));
    }
}

#[test]
fn a_flipped_bit_in_a_zipped_checkpoint_never_changes_an_answer() {
    let folder = copy("marian-b");
    let file = folder.path().join("pytorch_model.bin");
    let expected = generate(open(folder.path(), KINDS[0]).unwrap().as_ref(), folder.path());
    let length = std::fs::metadata(&file).unwrap().len() as usize;
    let (mut noticed, mut tried) = (0, 0);
    for byte in (0..length).step_by(1499) {
        flip(&file, byte, (byte % 8) as u8);
        // Otherwise the remembered hash would notice: here the file's own must.
        let time = SystemTime::now() + Duration::from_secs(byte as u64);
        std::fs::File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(time)
            .unwrap();
        tried += 1;
        match open(folder.path(), KINDS[0]) {
            // Padding between members, and times of day, mean nothing.
            Ok(engine) => assert_eq!(generate(engine.as_ref(), folder.path()), expected, "byte {byte}"),
            Err(_) => noticed += 1,
        }
        flip(&file, byte, (byte % 8) as u8);
    }
    assert!(noticed * 2 > tried, "{noticed} of {tried}");
}

#[test]
fn a_flipped_bit_in_converted_weights_never_changes_an_answer() {
    let (folder, cache) = (copy("m2m100-a"), tempfile::tempdir().unwrap());
    let options = options(Kind::Fast, Precision::Int8, Some(cache.path()));
    let expected = generate(load(folder.path(), &options).unwrap().as_ref(), folder.path());
    let converted = || {
        let places = std::fs::read_dir(cache.path())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut files = places
            .filter(|place| place.is_dir())
            .flat_map(|place| std::fs::read_dir(place).unwrap());
        files
            .find_map(|entry| Some(entry.unwrap().path()).filter(|path| path.extension().is_some()))
            .unwrap()
    };
    let whole = std::fs::read(converted()).unwrap();
    // Everywhere in the file, and densely in its head and in the index at its end.
    let places = (0..whole.len())
        .step_by(977)
        .chain(0..60)
        .chain((whole.len() - 4000..whole.len()).step_by(23));
    for byte in places {
        flip(&converted(), byte, (byte % 8) as u8);
        let engine = load(folder.path(), &options).unwrap();
        assert_eq!(generate(engine.as_ref(), folder.path()), expected, "byte {byte}");
        drop(engine);
        std::fs::write(converted(), &whole).unwrap();
    }
    for length in [0, 1, 23, 60, whole.len() / 2, whole.len() - 1] {
        std::fs::write(converted(), &whole[..length]).unwrap();
        let engine = load(folder.path(), &options).unwrap();
        assert_eq!(generate(engine.as_ref(), folder.path()), expected, "{length} bytes");
        assert_eq!(std::fs::read(converted()).unwrap(), whole, "made anew");
    }
}

#[test]
#[cfg(unix)]
fn a_flipped_bit_in_a_blob_of_a_hub_is_noticed_by_its_name() {
    use sha2::{Digest, Sha256};
    let folder = copy("bart-a");
    let (file, blobs) = (folder.path().join("model.safetensors"), folder.path().join("blobs"));
    let name: String = Sha256::digest(std::fs::read(&file).unwrap())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    std::fs::create_dir(&blobs).unwrap();
    std::fs::rename(&file, blobs.join(&name)).unwrap();
    std::os::unix::fs::symlink(blobs.join(&name), &file).unwrap();
    for kind in KINDS {
        open(folder.path(), kind).unwrap();
        flip(&blobs.join(&name), 40_000, 2);
        let error = weights_refusal(folder.path(), kind);
        assert!(matches!(error, WeightsError::Damaged { .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("expected SHA-256 {name}")),
            "{error}"
        );
        flip(&blobs.join(&name), 40_000, 2);
    }
}

#[test]
fn a_flipped_bit_in_weights_that_were_read_before_ends_the_command() {
    let (folder, home) = (copy("bart-a"), tempfile::tempdir().unwrap());
    let generate = |more: &str| {
        let arguments = format!("generate --model {} {more}", folder.path().display());
        let output = command(home.path())
            .args(arguments.split_whitespace())
            .write_stdin("{\"ids\":[5,9,40,2]}\n")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, before, errors) = generate("--precision int8");
    assert_eq!(code, Some(0), "{errors}");
    flip(&folder.path().join("model.safetensors"), 40_000, 2);
    for more in ["--precision f32", "--engine reference"] {
        let (code, out, errors) = generate(more);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains("the file is damaged: expected BLAKE3"), "{errors}");
    }
    // The weights converted before are under a hash of their own and still good.
    let (code, after, errors) = generate("--precision int8");
    assert_eq!((code, after), (Some(0), before), "{errors}");
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
