//! Small runs written by hand, so that every number can be checked in the head.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::{Value, json};

use super::encoded::Encoded;
use super::groups::{Material, Task, align};
use super::outputs::{Run, read_runs};
use super::references::References;
use super::scores::Value as Score;
use super::writers::{Contents, writers};
use super::{Against, Back, Options, Study, compare, frontier, versions};
use crate::compare::CompareError;
use crate::text::language::Language;

const EN: [&str; 2] = ["The bridge was opened on Monday.", "It cost 12 million dollars."];

/// A record of an English article with these Tajik sentences, the second of which may have lost its number.
fn record(id: &str, tajik: [&str; 2], number_lost: bool) -> Value {
    let finding =
        json!({"code": "number-missing", "severity": "warning", "message": "12 is missing.", "words": ["12"]});
    json!({
        "schema": "khulosa.record/1", "id": id, "given_id": format!("given-{id}"), "inputs": ["a.jsonl"],
        "title": "A <bridge>", "language": "en", "size": {"words": 40, "sentences": 4},
        "summary": {"sentences": EN, "method": "extractive", "model": "pocket", "findings": []},
        "translations": {"tg": {
            "title": "Пул", "sentences": tajik, "model": "pocket@abc fast int8", "score": -0.5,
            "findings": if number_lost { vec![finding] } else { vec![] },
        }},
    })
}

fn folder(place: &Path, name: &str, records: &[Value]) -> PathBuf {
    let folder = place.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let lines: Vec<String> = records.iter().map(ToString::to_string).collect();
    std::fs::write(folder.join("records.jsonl"), lines.join("\n") + "\n").unwrap();
    folder
}

const GOOD: [&str; 2] = ["Пул рӯзи душанбе кушода шуд.", "Он 12 миллион доллар арзиш дошт."];
const WORSE: [&str; 2] = ["Пул рӯзи душанбе баста шуд.", "Он миллион доллар."];

/// Two systems over two articles: they agree on the first and differ on the second.
fn two() -> (tempfile::TempDir, Vec<Run>) {
    let place = tempfile::tempdir().unwrap();
    let good = folder(
        place.path(),
        "good",
        &[record("a1", GOOD, false), record("b2", GOOD, false)],
    );
    let worse = folder(
        place.path(),
        "worse",
        &[
            record("a1", GOOD, false),
            record("b2", WORSE, true),
            record("c3", GOOD, false),
        ],
    );
    let runs = read_runs(&[good, worse]).unwrap();
    (place, runs)
}

fn measured(runs: &[Run], references: Option<&References>, back: Option<&Back>) -> (Material, Study) {
    let against = Against {
        references,
        back,
        encoded: None,
    };
    measured_against(runs, against)
}

fn measured_against(runs: &[Run], against: Against) -> (Material, Study) {
    let material = align(runs, against.references).unwrap();
    let options = Options {
        bootstrap: 100,
        trials: 100,
        ..Options::default()
    };
    let study = compare(runs, &material, against, &options).unwrap();
    (material, study)
}

fn value<'a>(study: &'a Study, task: Task, system: usize, measure: &str) -> &'a Score {
    let group = study.groups.iter().find(|group| group.task == task).unwrap();
    let values = &group.systems[system].values;
    values
        .iter()
        .find(|value| value.measure == measure)
        .unwrap_or_else(|| panic!("no {measure}"))
}

fn references(place: &Path, lines: &[Value]) -> References {
    let path = place.join("references.jsonl");
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    std::fs::write(&path, lines.join("\n")).unwrap();
    References::read(&path).unwrap()
}

#[test]
fn only_articles_of_all_systems_are_compared_and_the_others_are_counted() {
    let (_place, runs) = two();
    let (material, study) = measured(&runs, None, None);
    assert_eq!(material.common, ["a1", "b2"]);
    assert_eq!((study.articles, study.left_out), (2, 1));
    let groups: Vec<_> = study
        .groups
        .iter()
        .map(|group| (group.task, group.language.code()))
        .collect();
    assert_eq!(groups, [(Task::Translation, "tg"), (Task::Summary, "en")]);
}

#[test]
fn rates_lengths_and_agreement_are_those_of_the_texts() {
    let (_place, runs) = two();
    let (_, study) = measured(&runs, None, None);
    let rate = |system, measure| value(&study, Task::Translation, system, measure).value;
    assert_eq!((rate(0, "check:number"), rate(1, "check:number")), (0.0, 50.0));
    assert_eq!((rate(0, "flagged"), rate(1, "flagged")), (0.0, 50.0));
    assert_eq!((rate(1, "check:name"), rate(0, "model-score")), (0.0, -0.5));
    let letters = |text: &str| text.chars().count() as f64;
    let source = letters(&format!("A <bridge>\n{} {}", EN[0], EN[1]));
    let ratio = letters(&format!("Пул\n{} {}", GOOD[0], GOOD[1])) / source;
    assert!((rate(0, "length-ratio") - ratio).abs() < 1e-12);
    let summary = value(&study, Task::Summary, 0, "length-ratio").value;
    assert!((summary - 11.0 / 40.0).abs() < 1e-12, "11 of 40 words, found {summary}");
    let agreement = value(&study, Task::Translation, 0, "agreement");
    assert!((agreement.sentence[0].unwrap() - 100.0).abs() < 1e-9);
    assert!(agreement.sentence[1].unwrap() < 90.0);
    let disagreement = study.groups[0].disagreement();
    assert!(disagreement[0].abs() < 1e-9 && disagreement[1] > 10.0);
}

#[test]
fn every_measure_has_a_signature_an_interval_and_against_the_first_system_a_p_value() {
    let (_place, runs) = two();
    let (_, study) = measured(&runs, None, None);
    for group in &study.groups {
        for (index, system) in group.systems.iter().enumerate() {
            for value in &system.values {
                assert!(
                    !value.signature.is_empty() && value.confidence.is_some(),
                    "{}",
                    value.measure
                );
                assert_eq!(
                    value.p_value.is_some(),
                    index > 0 && !["agreement", "model-score"].contains(&&*value.measure),
                    "{}",
                    value.measure
                );
            }
        }
    }
    assert_eq!(
        value(&study, Task::Summary, 1, "length-ratio").p_value,
        Some(1.0),
        "equal texts"
    );
}

#[test]
fn references_fit_by_either_id_whole_or_put_together_from_sentences() {
    let (place, runs) = two();
    let whole = [
        json!({"id": "a1", "language": "tg", "title": "Пул", "reference": GOOD}),
        json!({"id": "given-b2", "language": "tg", "title": "Пул", "reference": GOOD.join(" ")}),
    ];
    let parts = |id: &str| {
        vec![
            json!({"id": id, "language": "tg", "source": "A <bridge>", "reference": "Пул"}),
            json!({"id": id, "language": "tg", "source": EN[0], "reference": GOOD[0]}),
            json!({"id": id, "language": "tg", "source": EN[1], "reference": GOOD[1]}),
        ]
    };
    let parts = [parts("given-a1"), parts("b2")].concat();
    for lines in [whole.to_vec(), parts] {
        let references = references(place.path(), &lines);
        let (_, study) = measured(&runs, Some(&references), None);
        assert_eq!(study.referenced, 2);
        for metric in ["chrF2++", "BLEU"] {
            assert!((value(&study, Task::Translation, 0, metric).value - 100.0).abs() < 1e-9);
            assert!(value(&study, Task::Translation, 1, metric).value < 90.0);
        }
    }
}

#[test]
fn a_reference_without_title_is_compared_without_one_and_a_summary_has_rouge() {
    let (place, runs) = two();
    let lines = [
        json!({"id": "a1", "language": "tg", "reference": GOOD}),
        json!({"id": "a1", "language": "en", "reference": EN}),
    ];
    let (_, study) = measured(&runs, Some(&references(place.path(), &lines)), None);
    let found = value(&study, Task::Translation, 0, "chrF2++");
    assert_eq!((found.texts, found.sentence[1]), (1, None));
    assert!((found.value - 100.0).abs() < 1e-9);
    assert!((value(&study, Task::Summary, 0, "rouge2").value - 100.0).abs() < 1e-9);
}

#[test]
fn references_for_other_articles_are_refused_with_an_id_of_both_sides() {
    let (place, runs) = two();
    let references = references(
        place.path(),
        &[json!({"id": "z9", "language": "tg", "reference": "Пул"})],
    );
    let material = align(&runs, Some(&references)).unwrap();
    let against = Against {
        references: Some(&references),
        ..Against::default()
    };
    let error = compare(&runs, &material, against, &Options::default()).unwrap_err();
    assert!(matches!(error, CompareError::NoReferenceFits { .. }), "{error}");
    assert!(
        error.to_string().contains("z9") && error.to_string().contains("a1"),
        "{error}"
    );
}

#[test]
fn a_round_trip_is_scored_against_the_source() {
    let (_place, runs) = two();
    let source = format!("A <bridge>\n{} {}", EN[0], EN[1]);
    let back = Back {
        translator: "model@1".to_owned(),
        texts: vec![
            vec![
                vec![source.clone(), source.clone()],
                vec![source, "Something else".to_owned()],
            ],
            Vec::new(),
        ],
    };
    let (_, study) = measured(&runs, None, Some(&back));
    let first = value(&study, Task::Translation, 0, "round-trip:chrF2++");
    assert!((first.value - 100.0).abs() < 1e-9 && first.signature.ends_with("|back:model@1"));
    assert!(value(&study, Task::Translation, 1, "round-trip:chrF2++").value < 90.0);
}

#[test]
fn a_cell_that_is_slower_and_no_better_is_not_on_the_frontier() {
    let (_place, mut runs) = two();
    let speed = |sentences| {
        Some(super::outputs::Speed {
            sentences,
            seconds: 2.0,
        })
    };
    (runs[0].speed, runs[1].speed) = (speed(30), speed(10));
    let (_, study) = measured(&runs, None, None);
    let settings = vec![
        vec![("beams".to_owned(), "1".to_owned())],
        vec![("beams".to_owned(), "4".to_owned())],
    ];
    let cells = frontier::cells(&study, &settings);
    assert_eq!(cells.iter().map(|cell| cell.best).collect::<Vec<_>>(), [true, false]);
    assert_eq!(cells[0].sentences_per_second, Some(15.0));
    assert_eq!(
        (cells[0].quality, cells[0].measure.as_str()),
        (100.0, "nothing to review %")
    );
}

#[test]
fn every_format_is_written_and_the_page_escapes_and_marks() {
    let (_place, runs) = two();
    let (material, study) = measured(&runs, None, None);
    let files: BTreeMap<&str, String> = written(&study, &material, &runs)
        .into_iter()
        .filter_map(|(name, content)| Some((name, String::from_utf8(content).ok()?)))
        .collect();
    let page = &files["report.html"];
    assert!(page.contains("A &lt;bridge&gt;") && !page.contains("<bridge>"));
    assert!(
        page.contains("<mark>баста</mark>") && page.contains("<mark>кушода</mark>"),
        "the words that differ"
    );
    assert!(
        page.contains("data-id=\"b2\"") && !page.contains("data-id=\"a1\""),
        "the most disputed article alone"
    );
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing from outside"
    );
    let json: Value = serde_json::from_str(&files["compare.json"]).unwrap();
    assert_eq!(json["schema"], "khulosa.compare/1");
    assert!(files["scores.csv"].contains("\ntranslation,tg,worse,check:number,2,50,"));
    assert!(files["items.csv"].contains("\ntranslation,tg,b2,worse,check:number,100\n"));
    assert!(files["compare.tex"].contains("\\toprule") && files["compare.md"].contains("| worse "));
}

/// Every file of a comparison; the page shows one article.
fn written(study: &Study, material: &Material, runs: &[Run]) -> BTreeMap<&'static str, Vec<u8>> {
    let contents = Contents {
        study,
        material,
        runs,
        shown: 1,
    };
    writers()
        .iter()
        .map(|writer| (writer.file_name(), writer.write(&contents).unwrap()))
        .collect()
}

#[test]
fn parquet_files_hold_what_the_csv_files_hold_and_are_the_same_bytes_each_time() {
    let (_place, runs) = two();
    let (material, study) = measured(&runs, None, None);
    let files = written(&study, &material, &runs);
    for name in ["scores", "items"] {
        let mut csv = csv::Reader::from_reader(&*files[&*format!("{name}.csv")]);
        let head: Vec<String> = csv.headers().unwrap().iter().map(str::to_owned).collect();
        let expected: Vec<Vec<(String, String)>> = csv
            .records()
            .map(|record| {
                head.iter()
                    .cloned()
                    .zip(record.unwrap().iter().map(str::to_owned))
                    .collect()
            })
            .collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, &files[&*format!("{name}.parquet")]).unwrap();
        let reader = SerializedFileReader::new(file.reopen().unwrap()).unwrap();
        let cell = |field: Field| match field {
            Field::Str(text) => text,
            Field::Double(number) => number.to_string(),
            Field::Null => String::new(),
            other => panic!("{other} is neither text nor number"),
        };
        let found: Vec<Vec<(String, String)>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let columns = row.unwrap().into_columns().into_iter();
                columns.map(|(name, field)| (name, cell(field))).collect()
            })
            .collect();
        assert!(!expected.is_empty());
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(written(&study, &material, &runs), files);
}

#[test]
fn folders_that_hold_no_run_are_twice_there_or_share_no_article_are_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let a = folder(place.path(), "a", &[record("a1", GOOD, false)]);
    let b = folder(place.path(), "b", &[record("b2", GOOD, false)]);
    let missing = read_runs(&[place.path().join("nowhere")]).unwrap_err().to_string();
    assert!(
        missing.contains("nowhere") && missing.contains("records.jsonl"),
        "{missing}"
    );
    assert!(
        read_runs(&[a.clone(), a.clone()])
            .unwrap_err()
            .to_string()
            .contains("twice")
    );
    let error = align(&read_runs(&[a, b]).unwrap(), None).unwrap_err().to_string();
    assert!(error.contains("a, b"), "{error}");
    let broken = folder(place.path(), "broken", &[json!({"schema": "khulosa.record/1"})]);
    let error = read_runs(&[broken]).unwrap_err().to_string();
    assert!(error.contains("broken") && error.contains("line 1"), "{error}");
}

#[test]
fn an_article_in_the_target_language_itself_counts_as_no_translation() {
    let place = tempfile::tempdir().unwrap();
    let mut own = record("a1", GOOD, false);
    own["translations"]["en"] = json!({"title": "A <bridge>", "sentences": EN, "findings": []});
    let runs = read_runs(&[folder(place.path(), "a", &[own])]).unwrap();
    let (_, study) = measured(&runs, None, None);
    assert!(
        study
            .groups
            .iter()
            .all(|group| (group.task, group.language) != (Task::Translation, Language::ENGLISH))
    );
}

/// Vectors in which `near` texts point the same way as their source and others at a right angle to it.
fn encoded(near: &[(Language, &str)], far: &[(Language, &str)]) -> Encoded {
    let mut encoded = Encoded::new("tiny@1 fast int8");
    for (language, text) in near {
        encoded.insert(*language, (*text).to_owned(), vec![2.0, 0.0, 0.0]);
    }
    for (language, text) in far {
        encoded.insert(*language, (*text).to_owned(), vec![0.0, 1.0, 0.0]);
    }
    encoded
}

#[test]
fn similarity_is_the_mean_cosine_of_title_and_sentences_with_their_sources() {
    let (_place, runs) = two();
    let (en, tg) = (Language::parse("en").unwrap(), Language::parse("tg").unwrap());
    let near = [
        (en, "A <bridge>"),
        (en, EN[0]),
        (en, EN[1]),
        (tg, "Пул"),
        (tg, GOOD[0]),
        (tg, GOOD[1]),
    ];
    let encoded = encoded(&near, &[(tg, WORSE[0])]);
    let against = Against {
        encoded: Some(&encoded),
        ..Against::default()
    };
    let (_, study) = measured_against(&runs, against);
    let good = value(&study, Task::Translation, 0, "similarity");
    assert_eq!(good.sentence, [Some(100.0), Some(100.0)]);
    // Of three parts one is as it should be, one is off, and one is a text that has no vector, which counts as nothing.
    let worse = value(&study, Task::Translation, 1, "similarity");
    assert!(
        (worse.sentence[1].unwrap() - 100.0 / 3.0).abs() < 1e-9,
        "{:?}",
        worse.sentence
    );
    assert!(good.signature.contains("encoder:tiny@1"), "{}", good.signature);
    let summaries = study.groups.iter().find(|group| group.task == Task::Summary).unwrap();
    assert!(
        summaries.systems[0]
            .values
            .iter()
            .all(|value| value.measure != "similarity")
    );
}

#[test]
fn languages_that_the_encoder_does_not_know_have_no_similarity() {
    let (_place, runs) = two();
    let en = Language::parse("en").unwrap();
    let encoded = encoded(&[(en, EN[0])], &[]);
    let against = Against {
        encoded: Some(&encoded),
        ..Against::default()
    };
    let (_, study) = measured_against(&runs, against);
    let group = study
        .groups
        .iter()
        .find(|group| group.task == Task::Translation)
        .unwrap();
    assert!(
        group.systems[0]
            .values
            .iter()
            .all(|value| value.measure != "similarity")
    );
}

const RU: [&str; 2] = ["Мост открыли в понедельник.", "Его строили три года."];

/// One story in English and Russian; the summaries share their first sentence.
fn versions_of_one(russian_has_english: bool) -> (tempfile::TempDir, Vec<Run>) {
    let place = tempfile::tempdir().unwrap();
    let mut english = record("a1", GOOD, false);
    english["given_id"] = json!("bridge");
    let mut russian = record("b2", GOOD, false);
    russian["given_id"] = json!("bridge");
    russian["language"] = json!("ru");
    russian["title"] = json!("Мост");
    russian["summary"]["sentences"] = json!(RU);
    if russian_has_english {
        russian["translations"]["en"] = json!({
            "title": "A bridge", "sentences": ["The bridge was opened on Monday.", "It took three years to build."],
            "model": "pocket@abc fast int8", "score": -0.4, "findings": [],
        });
    }
    let runs = read_runs(&[folder(place.path(), "one", &[english, russian])]).unwrap();
    (place, runs)
}

#[test]
fn versions_are_compared_in_the_pivot_and_say_what_each_left_out() {
    let (_place, runs) = versions_of_one(true);
    let (en, ru) = (Language::parse("en").unwrap(), Language::parse("ru").unwrap());
    let mut encoded = encoded(&[(en, EN[0]), (ru, RU[0])], &[(en, EN[1])]);
    encoded.insert(ru, RU[1].to_owned(), vec![0.0, 0.0, 1.0]);
    let (material, mut study) = measured(&runs, None, None);
    let found = versions::compare(&runs, &material.common, en, &encoded).unwrap();
    let pair = &found.systems[0].pairs[0];
    assert_eq!((pair.left, pair.right, pair.stories), (en, ru, 1));
    assert!((pair.shared - 50.0).abs() < 1e-9, "{}", pair.shared);
    assert!(
        pair.scores.iter().all(|score| score.value > 20.0 && score.value < 95.0),
        "{pair:?}"
    );
    let story = &found.systems[0].stories[0];
    let left_out = |version: usize| -> Vec<&[Language]> {
        let sentences = story.versions[version].sentences.iter();
        sentences.map(|sentence| sentence.left_out_by.as_slice()).collect()
    };
    assert_eq!(story.name, "bridge");
    assert_eq!(left_out(0), [&[][..], &[ru]]);
    assert_eq!(left_out(1), [&[][..], &[en]]);

    study.versions = Some(found);
    let files = written(&study, &material, &runs);
    let text = |name: &str| String::from_utf8_lossy(&files[name]).into_owned();
    let page = text("report.html");
    assert!(page.contains("<mark>It cost 12 million dollars.</mark>"), "{page}");
    assert!(page.contains("(not in English)") && page.contains("(not in Russian)"));
    let markdown = text("compare.md");
    assert!(markdown.contains("from two of its versions, in English"), "{markdown}");
    assert!(
        markdown.contains("en–ru") && markdown.contains("`versions:shared|"),
        "{markdown}"
    );
}

#[test]
fn a_version_without_the_pivot_is_named() {
    let (_place, runs) = versions_of_one(false);
    let en = Language::parse("en").unwrap();
    let error = versions::compare(&runs, &["a1".to_owned(), "b2".to_owned()], en, &Encoded::new("tiny")).unwrap_err();
    insta::assert_snapshot!(error, @"--pivot en: article “bridge” in Russian has no translation into English; run it with --to en");
}

#[test]
fn articles_that_have_no_versions_are_no_comparison_of_versions() {
    let (_place, runs) = two();
    let en = Language::parse("en").unwrap();
    let error = versions::compare(&runs, &["a1".to_owned()], en, &Encoded::new("tiny")).unwrap_err();
    assert!(matches!(error, CompareError::NoVersions), "{error}");
}

#[test]
fn files_that_differ_in_their_language_alone_are_versions() {
    let (_place, mut runs) = versions_of_one(true);
    for (id, input) in [("a1", "news/flood.en.txt"), ("b2", "other/flood.ru.txt")] {
        let article = runs[0].articles.get_mut(id).unwrap();
        article.given_id = None;
        article.inputs = vec![input.to_owned()];
    }
    let common = ["a1".to_owned(), "b2".to_owned()];
    let stories = versions::stories(&runs, &common);
    assert_eq!(stories.len(), 1);
    assert_eq!((stories[0].0.as_str(), stories[0].1.len()), ("flood", 2));
    runs[0].articles.get_mut("b2").unwrap().inputs = vec!["ru.txt".to_owned()];
    assert!(versions::stories(&runs, &common).is_empty());
}
