//! Grids of settings, and manifests that notice what has changed.

use std::path::Path;

use super::ExperimentError;
use super::cells::{Axis, grid, of_models};
use super::manifest::{Manifest, Measuring};
use super::reproduce;
use crate::compare::study::Options;
use crate::engine::Precision;
use crate::job::Request;
use crate::model::Catalogue;

fn base() -> Request {
    Request {
        inputs: Some(vec!["a.jsonl".to_owned()]),
        ..Request::default()
    }
}

fn axes(given: &[&str]) -> Vec<Axis> {
    given.iter().map(|axis| Axis::parse(axis).unwrap()).collect()
}

#[test]
fn a_grid_is_every_combination_each_in_a_folder_of_its_own_with_one_cache() {
    let cells = grid(&base(), &axes(&["beams=1,4", "precision=f32,int8"]), Path::new("out")).unwrap();
    let names: Vec<&str> = cells.iter().map(|cell| cell.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "beams=1 precision=f32",
            "beams=1 precision=int8",
            "beams=4 precision=f32",
            "beams=4 precision=int8"
        ]
    );
    assert_eq!(cells[0].job.decoding.beams, Some(1));
    assert_eq!(cells[3].job.precision, Precision::Int8);
    assert_eq!(cells[0].job.out, Path::new("out/runs/01-beams=1-precision=f32"));
    assert!(
        cells
            .iter()
            .all(|cell| cell.job.cache.as_deref() == Some(Path::new("out/units.db")))
    );
}

#[test]
fn whole_numbers_do_for_fractions_and_values_of_the_wrong_kind_are_refused() {
    let cells = grid(&base(), &axes(&["length_penalty=1,0.8"]), Path::new("out")).unwrap();
    assert_eq!(cells[0].job.decoding.length_penalty, Some(1.0));
    assert_eq!(cells[1].job.decoding.length_penalty, Some(0.8));
    let error = grid(&base(), &axes(&["beams=many"]), Path::new("out"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("--sweep beams=many"), "{error}");
}

#[test]
fn what_is_no_axis_is_refused_with_the_keys_that_are() {
    let error = Axis::parse("articles.jsonl").unwrap_err().to_string();
    assert!(error.contains("inputs named before --sweep"), "{error}");
    let error = Axis::parse("threads=1,2").unwrap_err().to_string();
    assert!(error.contains("length_penalty"), "{error}");
    assert!(matches!(Axis::parse("beams=1,,4"), Err(ExperimentError::Axis { .. })));
    let twice = grid(&base(), &axes(&["beams=1", "beams=4"]), Path::new("out"));
    assert!(matches!(twice, Err(ExperimentError::KeyTwice { .. })));
}

#[test]
fn models_for_summaries_are_tried_as_summarisers() {
    let catalogue = Catalogue::load(&[]).unwrap();
    let names = ["nllb-600m", "mt5-xlsum", "pocket"].map(str::to_owned);
    let axes = of_models(&names, &catalogue);
    let found: Vec<_> = axes
        .iter()
        .map(|axis| (axis.key.as_str(), axis.values.join(",")))
        .collect();
    assert_eq!(
        found,
        [
            ("translator", "nllb-600m,pocket".to_owned()),
            ("summariser", "mt5-xlsum".to_owned())
        ]
    );
}

/// A manifest of one cell whose records were written by hand.
fn made(place: &Path) -> Manifest {
    let input = place.join("a.jsonl");
    std::fs::write(&input, "{\"text\": \"A text.\"}\n").unwrap();
    let base = Request {
        inputs: Some(vec![input.display().to_string()]),
        ..Request::default()
    };
    let cells = grid(&base, &axes(&["beams=1"]), place).unwrap();
    std::fs::create_dir_all(&cells[0].job.out).unwrap();
    std::fs::write(cells[0].job.out.join("records.jsonl"), "first\nsecond\n").unwrap();
    Manifest::of(&cells, None, Measuring::new(&Options::default())).unwrap()
}

#[test]
fn a_manifest_survives_its_file_and_asks_for_the_same_job() {
    let place = tempfile::tempdir().unwrap();
    let manifest = made(place.path());
    let path = place.path().join("manifest.json");
    std::fs::write(&path, manifest.to_json()).unwrap();
    assert_eq!(Manifest::read(&path).unwrap(), manifest);
    let cells = reproduce::cells(&manifest, &path, &place.path().join("again")).unwrap();
    assert_eq!(cells[0].job.decoding.beams, Some(1));
    assert_eq!(cells[0].job.cache, None, "nothing is taken from a cache");
    assert!(cells[0].job.out.ends_with("again/runs/01-beams=1"));
    reproduce::check(&manifest, &cells).unwrap();
    assert!(
        manifest.models[0]
            .files
            .iter()
            .any(|file| file.file == "model.safetensors" && file.sha256.len() == 64)
    );
}

#[test]
fn a_changed_model_input_or_prompt_is_named() {
    let place = tempfile::tempdir().unwrap();
    let manifest = made(place.path());
    let cells = reproduce::cells(&manifest, Path::new("m"), &place.path().join("again")).unwrap();
    let refused = |manifest: &Manifest| reproduce::check(manifest, &cells).unwrap_err().to_string();

    let mut other = manifest.clone();
    other.models[0].files[0].sha256 = "0".repeat(64);
    let (error, file) = (refused(&other), &other.models[0].files[0].file);
    assert!(
        error.contains("model pocket has changed") && error.contains(file.as_str()),
        "{error}"
    );

    let mut other = manifest.clone();
    other.prompts = "0".repeat(64);
    assert!(refused(&other).contains("a prompt has changed"));

    std::fs::write(place.path().join("a.jsonl"), "{\"text\": \"Another text.\"}\n").unwrap();
    let error = refused(&manifest);
    assert!(error.contains("a.jsonl has changed"), "{error}");
}

#[test]
fn records_that_are_not_the_same_are_told_with_their_first_line() {
    let place = tempfile::tempdir().unwrap();
    let manifest = made(place.path());
    let cells = reproduce::cells(&manifest, Path::new("m"), &place.path().join("again")).unwrap();
    std::fs::create_dir_all(&cells[0].job.out).unwrap();
    let records = cells[0].job.out.join("records.jsonl");
    std::fs::write(&records, "first\nsecond\n").unwrap();
    assert_eq!(
        reproduce::verdicts(&manifest, &cells).unwrap(),
        [reproduce::Verdict::Identical]
    );
    std::fs::write(&records, "first\nother\n").unwrap();
    let verdicts = reproduce::verdicts(&manifest, &cells).unwrap();
    assert_eq!(verdicts, [reproduce::Verdict::Different { line: Some(2) }]);
}

#[test]
fn another_file_is_no_manifest() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("manifest.json");
    std::fs::write(&path, "{\"schema\": \"khulosa.report/1\"}").unwrap();
    assert!(matches!(Manifest::read(&path), Err(ExperimentError::Malformed { .. })));
}
