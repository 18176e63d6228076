use super::*;
use crate::engine::{Engine, EngineOptions};
use crate::model::prune::{Limits, prune};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity").join(name)
}

fn engine(folder: &Path, cache: &Path) -> Result<Box<dyn Engine>, EngineError> {
    let options = EngineOptions {
        cache: Some(cache.to_owned()),
        threads: 1,
        ..EngineOptions::default()
    };
    crate::engine::load(folder, &options)
}

fn copy(from: &Path, to: &Path, files: &[&str]) {
    std::fs::create_dir_all(to).unwrap();
    for file in files {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
}

const FILES: [&str; 3] = ["config.json", "generation_config.json", "model.safetensors"];

#[test]
fn a_model_is_converted_once_wherever_its_folder_lies() {
    let place = tempfile::tempdir().unwrap();
    let cache = place.path().join("cache");
    let (here, there) = (fixture("m2m100-a"), place.path().join("moved"));
    copy(&here, &there, &FILES);
    assert_eq!(check(&here, &cache).unwrap(), None);
    engine(&here, &cache).unwrap();
    let (file, whole) = check(&here, &cache).unwrap().unwrap();
    assert!(whole);
    let written = file.metadata().unwrap().modified().unwrap();
    for folder in [&here, &there] {
        engine(folder, &cache).unwrap();
        assert_eq!(check(folder, &cache).unwrap(), Some((file.clone(), true)));
    }
    assert_eq!(file.metadata().unwrap().modified().unwrap(), written);
    assert_eq!(std::fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn damage_anywhere_in_converted_weights_is_noticed_and_mended() {
    let cache = tempfile::tempdir().unwrap();
    let folder = fixture("m2m100-a");
    engine(&folder, cache.path()).unwrap();
    let (file, _) = check(&folder, cache.path()).unwrap().unwrap();
    let good = std::fs::read(&file).unwrap();
    for at in [0, 100, good.len() / 2, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        std::fs::write(&file, &bad).unwrap();
        assert_eq!(
            check(&folder, cache.path()).unwrap(),
            Some((file.clone(), false)),
            "byte {at}"
        );
        engine(&folder, cache.path()).unwrap();
        assert_eq!(
            check(&folder, cache.path()).unwrap(),
            Some((file.clone(), true)),
            "byte {at}"
        );
    }
    std::fs::write(&file, &good[..good.len() / 3]).unwrap();
    engine(&folder, cache.path()).unwrap();
    assert!(std::fs::read(&file).unwrap() == good);
}

#[test]
fn weights_that_an_engine_maps_are_in_use_until_it_is_dropped() {
    let cache = tempfile::tempdir().unwrap();
    let folder = fixture("m2m100-a");
    engine(&folder, cache.path()).unwrap();
    let mapped = engine(&folder, cache.path()).unwrap();
    let nothing_may_stay = Limits {
        age: None,
        size: Some(0),
    };
    let pruned = prune(cache.path(), nothing_may_stay, false).unwrap();
    assert!(pruned.len() == 1 && pruned[0].in_use && pruned[0].path.exists());
    drop(mapped);
    let pruned = prune(cache.path(), nothing_may_stay, false).unwrap();
    assert!(pruned.len() == 1 && !pruned[0].in_use && !pruned[0].path.exists());
}

#[test]
fn weights_of_another_model_are_refused_by_the_name_of_what_does_not_fit() {
    let place = tempfile::tempdir().unwrap();
    copy(&fixture("m2m100-a"), place.path(), &FILES);
    let refusal = |model: &str| {
        let weights = place.path().join("model.safetensors");
        std::fs::copy(fixture(model).join("model.safetensors"), weights).unwrap();
        let opened = engine(place.path(), &place.path().join("cache"));
        opened.err().unwrap().to_string()
    };
    let error = refusal("m2m100-c");
    assert!(
        error.contains("model.safetensors: tensor ") && error.contains("expected shape"),
        "{error}"
    );
    let error = refusal("bart-a");
    assert!(error.contains("tensor "), "{error}");
}

#[test]
fn a_cache_that_cannot_be_written_costs_the_warm_start_and_not_the_run() {
    let place = tempfile::tempdir().unwrap();
    let cache = place.path().join("a-file");
    std::fs::write(&cache, "").unwrap();
    engine(&fixture("m2m100-a"), &cache).unwrap();
}
