//! Weights that are not what the configuration says, in every format.

use super::*;

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
            for value in values {
                *value *= 1e30;
            }
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
            tensors.retain(|(name, ..)| !name.ends_with("decoder.layers.1.fc2.weight"));
        });
        match weights_refusal(folder.path(), kind) {
            WeightsError::Missing { name, .. } => assert_eq!(name, "model.decoder.layers.1.fc2.weight"),
            other => panic!("{kind:?}: {other}"),
        }
        let folder = copy("mbart-a");
        change(folder.path(), |tensors| {
            tensors.push(("model.encoder.adapter".to_owned(), vec![2], vec![1.0, 2.0]));
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
