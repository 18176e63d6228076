//! Scores, significance and their files: equal to sacreBLEU's and rouge-score's, and refused where they would mislead.
//!
//! `metrics/expected.json` is written by `scripts/metric_fixtures.py`.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use khulosa::compare::authored::{self, Part};
use khulosa::compare::metrics::bleu::Smoothing;
use khulosa::compare::metrics::rouge::RougeTokeniser;
use khulosa::compare::metrics::tokenise::Tokeniser;
use khulosa::compare::metrics::{Metric, Options, Pieces, Score, TerOptions, evaluate, stemmer};
use khulosa::compare::significance::{self, Test};
use khulosa::compare::{CompareError, Form, Report, Request, agreement, evaluate_files};
use khulosa::text::language::Language;
use serde_json::Value;

/// What “equal” means for scores, which go from 0 to 100; p-values are equal to the last trial.
const TOLERANCE: f64 = 0.01;

fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metrics/expected.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn references(case: &Value, count: usize) -> Vec<Vec<String>> {
    case["references"]
        .as_array()
        .unwrap()
        .iter()
        .take(count)
        .map(texts)
        .collect()
}

fn options(expected: &Value) -> Options {
    let given = &expected["options"];
    let is = |name: &str| given[name].as_bool().unwrap_or(false);
    let metric = Metric::parse(expected["metric"].as_str().unwrap()).unwrap();
    Options {
        metrics: vec![metric],
        tokeniser: Tokeniser::parse(given["tokeniser"].as_str().unwrap_or("13a")).unwrap(),
        smoothing: Smoothing::parse(given["smoothing"].as_str().unwrap_or("exp")).unwrap(),
        lowercase: is("lowercase"),
        rouge_tokeniser: RougeTokeniser::RougeScore,
        stemming: is("stemming"),
        ter: TerOptions {
            normalised: is("normalised"),
            no_punctuation: is("no_punctuation"),
            case_sensitive: is("case_sensitive"),
        },
        sentences: true,
        ..Options::default()
    }
}

fn one_score(hypotheses: &[String], references: &[Vec<String>], options: &Options) -> Score {
    evaluate(hypotheses, references, options).unwrap().remove(0)
}

/// Compares all scores of the metrics whose names start with `family`.
fn check_family(family: &str) {
    let mut checked = 0;
    for case in expected()["cases"].as_array().unwrap() {
        let hypotheses = texts(&case["hypotheses"]);
        for wanted in case["expected"].as_array().unwrap() {
            let metric = wanted["metric"].as_str().unwrap();
            if !metric.starts_with(family) {
                continue;
            }
            let what = format!("{} {metric} {}", case["name"], wanted["options"]);
            let references = references(case, wanted["references"].as_u64().unwrap() as usize);
            let found = one_score(&hypotheses, &references, &options(wanted));
            let close = |name: &str, found: f64, wanted: &Value| {
                let wanted = wanted.as_f64().unwrap();
                assert!(
                    (found - wanted).abs() < TOLERANCE,
                    "{what}, {name}: expected {wanted}, found {found}"
                );
            };
            close("corpus", found.value, &wanted["score"]);
            for part in ["precision", "recall"] {
                if !wanted[part].is_null() {
                    close(part, found.details[part].as_f64().unwrap(), &wanted[part]);
                }
            }
            let sentences = found.sentence.unwrap();
            for (line, wanted) in wanted["sentence"].as_array().unwrap().iter().enumerate() {
                close(&format!("text {line} “{}”", hypotheses[line]), sentences[line], wanted);
            }
            if let Some(signature) = wanted["signature"].as_str() {
                let (wanted, _) = signature.rsplit_once("|version:").unwrap();
                assert_eq!(
                    found.signature,
                    format!("{wanted}|version:khulosa-{}", env!("CARGO_PKG_VERSION"))
                );
            }
            checked += 1;
        }
    }
    assert!(checked >= 16, "only {checked} scores of {family} were compared");
}

#[test]
fn bleu_equals_sacrebleu_with_every_tokeniser_and_smoothing() {
    check_family("bleu");
}

#[test]
fn chrf_and_its_word_variants_equal_sacrebleu() {
    check_family("chrf");
}

#[test]
fn ter_equals_sacrebleu_with_every_option() {
    check_family("ter");
}

#[test]
fn rouge_equals_rouge_score_with_and_without_stemming() {
    check_family("rouge");
}

#[test]
fn stems_equal_those_of_nltk() {
    let expected = expected();
    let stems = expected["stems"].as_object().unwrap();
    assert!(stems.len() > 1000);
    for (word, stem) in stems {
        assert_eq!(stemmer::stem(word), stem.as_str().unwrap(), "{word}");
    }
}

#[test]
fn paired_tests_give_the_p_values_of_sacrebleu_with_the_same_seed() {
    let mut checked = 0;
    for case in expected()["cases"].as_array().unwrap() {
        for wanted in case["paired"].as_array().into_iter().flatten() {
            let options = Options {
                metrics: vec![Metric::parse(wanted["metric"].as_str().unwrap()).unwrap()],
                ..Options::default()
            };
            let references = vec![texts(&case["references"][1])];
            let [baseline, system] =
                ["hypotheses", "other"].map(|name| one_score(&texts(&case[name]), &references, &options));
            let test = Test::parse(wanted["test"].as_str().unwrap()).unwrap();
            let trials = wanted["trials"].as_u64().unwrap() as usize;
            let found = significance::paired(test, &baseline, &system, trials, 12345).unwrap();
            let what = format!("{} {} {}", case["name"], wanted["metric"], wanted["test"]);
            let wanted_p = wanted["p_value"].as_f64().unwrap();
            assert!(
                (found.p_value - wanted_p).abs() < 1e-9,
                "{what}: expected p {wanted_p}, found {}",
                found.p_value
            );
            if let Some(mean) = wanted["mean"].as_f64() {
                let confidence = found.confidence.unwrap();
                assert!((confidence.mean - mean).abs() < TOLERANCE, "{what}");
                assert!(
                    (confidence.half_width - wanted["half_width"].as_f64().unwrap()).abs() < TOLERANCE,
                    "{what}"
                );
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 24);
}

#[test]
fn a_test_repeats_with_its_seed_and_differs_with_another() {
    let case = &expected()["cases"][0];
    let references = references(case, 1);
    let options = Options {
        metrics: vec![Metric::ChrfPlusPlus],
        bootstrap: Some(300),
        ..Options::default()
    };
    let hypotheses = texts(&case["hypotheses"]);
    let first = one_score(&hypotheses, &references, &options);
    assert_eq!(
        first.confidence,
        one_score(&hypotheses, &references, &options).confidence
    );
    assert!(
        first.signature.starts_with("nrefs:1|bs:300|seed:12345|case:mixed|"),
        "{}",
        first.signature
    );
    let other = one_score(&hypotheses, &references, &Options { seed: 7, ..options });
    assert_ne!(first.confidence, other.confidence);
}

#[test]
fn a_system_tested_against_itself_is_never_different() {
    let case = &expected()["cases"][1];
    let score = one_score(&texts(&case["hypotheses"]), &references(case, 1), &Options::default());
    for test in [Test::Bootstrap, Test::Randomisation] {
        let found = significance::paired(test, &score, &score, 200, 1).unwrap();
        assert!(
            (found.p_value - 1.0).abs() < f64::EPSILON,
            "{test:?}: {}",
            found.p_value
        );
    }
}

#[test]
fn rouge_for_russian_arabic_and_tajik_counts_words_and_says_how() {
    for (reference, hypothesis, wanted) in [
        ("Министр открыл мост.", "Мост открыл министр!", 100.0),
        ("افتتح الوزيرُ الجســر.", "الوزير افتتح السد", 200.0 / 3.0),
        ("Вазир пулро ифтитоҳ кард.", "Вазир сарбандро ифтитоҳ намуд", 50.0),
    ] {
        let options = Options {
            metrics: vec![Metric::Rouge1],
            ..Options::default()
        };
        let found = one_score(&[hypothesis.to_owned()], &[vec![reference.to_owned()]], &options);
        assert!(
            (found.value - wanted).abs() < TOLERANCE,
            "{hypothesis}: {}",
            found.value
        );
        assert!(found.signature.contains("|tok:unicode-words|"), "{}", found.signature);
    }
}

#[test]
fn stemming_of_languages_other_than_english_is_refused() {
    let options = Options {
        metrics: vec![Metric::Rouge1],
        stemming: true,
        ..Options::default()
    };
    let error = evaluate(&["мост".to_owned()], &[vec!["мост".to_owned()]], &options).unwrap_err();
    assert!(matches!(error, CompareError::StemmingNeedsEnglish { .. }), "{error}");
}

#[test]
fn spbleu_counts_the_pieces_of_the_model_that_it_names() {
    let (hypotheses, references) = (["ab cd ef".to_owned()], [vec!["ab cd ef gh".to_owned()]]);
    let metrics = vec![Metric::SpBleu];
    let error = evaluate(
        &hypotheses,
        &references,
        &Options {
            metrics: metrics.clone(),
            ..Options::default()
        },
    )
    .unwrap_err();
    assert!(matches!(error, CompareError::PiecesNeeded), "{error}");
    let cut = |text: &str| text.chars().map(String::from).collect();
    let pieces = Some(Pieces {
        name: "letters".to_owned(),
        cut: Arc::new(cut),
    });
    let found = one_score(
        &hypotheses,
        &references,
        &Options {
            metrics,
            pieces,
            ..Options::default()
        },
    );
    assert!(found.signature.contains("|tok:letters|"), "{}", found.signature);
    assert_eq!(found.details["hypothesis_tokens"], 8);
    assert!((found.value - 100.0 * (1.0_f64 - 11.0 / 8.0).exp()).abs() < TOLERANCE);
}

#[test]
fn spbleu_equals_sacrebleu_over_unigram_and_bpe_models() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let wanted: Value = serde_json::from_slice(&std::fs::read(root.join("metrics/spbleu.json")).unwrap()).unwrap();
    let expected = expected();
    let cases = expected["cases"].as_array().unwrap();
    for wanted in wanted.as_array().unwrap() {
        let case = cases.iter().find(|case| case["name"] == wanted["case"]).unwrap();
        let model = root.join("tokenizers").join(wanted["model"].as_str().unwrap());
        let options = Options {
            metrics: vec![Metric::SpBleu],
            pieces: Some(Pieces::open(&model).unwrap()),
            sentences: true,
            ..Options::default()
        };
        let hypotheses = texts(&case["hypotheses"]);
        let found = one_score(&hypotheses, &references(case, 1), &options);
        let what = format!("{} {}", wanted["model"], wanted["case"]);
        let score = wanted["score"].as_f64().unwrap();
        assert!(
            (found.value - score).abs() < TOLERANCE,
            "{what}: expected {score}, found {}",
            found.value
        );
        let sentences = found.sentence.unwrap();
        for (line, wanted) in wanted["sentence"].as_array().unwrap().iter().enumerate() {
            let (wanted, found) = (wanted.as_f64().unwrap(), sentences[line]);
            assert!(
                (found - wanted).abs() < TOLERANCE,
                "{what}, text {line}: expected {wanted}, found {found}"
            );
        }
        assert!(found.signature.contains("|tok:spm-"), "{}", found.signature);
    }
}

#[test]
fn an_unknown_metric_is_answered_with_the_nearest() {
    let error = Metric::parse_list("bleu,crhf++").unwrap_err().to_string();
    assert!(
        error.contains("“crhf++”") && error.contains("did you mean chrf++?"),
        "{error}"
    );
}

/// A folder with files of texts.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn run(hypotheses: &[PathBuf], references: &[PathBuf]) -> Result<Report, CompareError> {
    evaluate_files(&Request {
        hypotheses: hypotheses.to_vec(),
        references: references.to_vec(),
        ..Request::default()
    })
}

fn refusal(hypotheses: &Path, reference: &Path) -> String {
    run(&[hypotheses.to_owned()], &[reference.to_owned()])
        .unwrap_err()
        .to_string()
}

#[test]
fn unequal_line_counts_are_refused_with_both_files_and_counts() {
    let desk = Desk::new();
    let message = refusal(&desk.file("out.txt", "a\nb\n"), &desk.file("ref.txt", "a\nb\nc\n"));
    assert!(
        message.contains("out.txt has 2 lines") && message.contains("ref.txt has 3"),
        "{message}"
    );
}

#[test]
fn an_empty_or_blank_file_of_hypotheses_is_refused_by_name() {
    let desk = Desk::new();
    let reference = desk.file("ref.txt", "a\nb\n");
    for (content, lines) in [("", "0 lines"), ("\n \n", "2 lines")] {
        let message = refusal(&desk.file("out.txt", content), &reference);
        assert!(
            message.contains("out.txt") && message.contains("empty") && message.contains(lines),
            "{message}"
        );
    }
}

#[test]
fn a_file_in_another_encoding_is_refused_with_line_byte_and_a_guess() {
    let desk = Desk::new();
    let reference = desk.file("ref.txt", "Мост открыт.\nМинистр прибыл.\n");
    let windows_1251 = b"ok\n\xcc\xee\xf1\xf2 \xee\xf2\xea\xf0\xfb\xf2 \xe4\xeb\xff \xe4\xe2\xe8\xe6\xe5\xed\xe8\xff\n";
    let message = refusal(&desk.file("out.txt", windows_1251), &reference);
    assert!(
        message.contains("out.txt, line 2") && message.contains("byte 3") && message.contains("windows-1251"),
        "{message}"
    );
    let message = refusal(&desk.file("wide.txt", b"\xff\xfea\0\n\0"), &reference);
    assert!(
        message.contains("wide.txt, line 1") && message.contains("UTF-16"),
        "{message}"
    );
}

#[test]
fn articles_in_another_order_are_refused_with_line_and_ids() {
    let desk = Desk::new();
    let hypotheses = desk.file(
        "out.jsonl",
        "{\"id\":\"a\",\"translation\":\"x\"}\n{\"id\":\"b\",\"translation\":\"y\"}\n",
    );
    let reference = desk.file(
        "ref.jsonl",
        "{\"id\":\"b\",\"reference\":\"x\"}\n{\"id\":\"a\",\"reference\":\"y\"}\n",
    );
    let message = refusal(&hypotheses, &reference);
    assert!(
        message.contains("line 1") && message.contains("“a”") && message.contains("“b”"),
        "{message}"
    );
}

#[test]
fn a_missing_field_is_refused_with_line_and_the_fields_that_are_there() {
    let desk = Desk::new();
    let reference = desk.file("ref.txt", "x\n");
    let message = refusal(&desk.file("out.jsonl", "{\"id\":1,\"headline\":\"x\"}\n"), &reference);
    assert!(
        message.contains("out.jsonl, line 1") && message.contains("id, headline"),
        "{message}"
    );
    let message = refusal(&desk.file("bad.jsonl", "{\"text\":\n"), &reference);
    assert!(message.contains("bad.jsonl, line 1: not JSON"), "{message}");
}

#[test]
fn text_and_jsonl_with_fields_and_several_references_give_one_score() {
    let desk = Desk::new();
    let plain = run(
        &[desk.file("out.txt", "\u{feff}the dam holds\r\nprices rose\r\n")],
        &[
            desk.file("a.txt", "the dam holds firm\nprices rose\n"),
            desk.file("b.txt", "the dam is safe\nprices went up"),
        ],
    )
    .unwrap();
    let records = "{\"id\":\"1\",\"translations\":{\"en\":{\"sentences\":[\"the dam\",\"holds\"]}}}\n\
        {\"id\":\"2\",\"translations\":{\"en\":{\"sentences\":[\"prices rose\"]}}}\n";
    let both = "{\"id\":\"1\",\"references\":[\"the dam holds firm\",\"the dam is safe\"]}\n\
        {\"id\":\"2\",\"references\":[\"prices rose\",\"prices went up\"]}\n";
    let json = evaluate_files(&Request {
        hypotheses: vec![desk.file("records.jsonl", records)],
        references: vec![desk.file("both.jsonl", both)],
        field: Some("translations.en.sentences".to_owned()),
        ..Request::default()
    })
    .unwrap();
    for (left, right) in plain.systems[0].scores.iter().zip(&json.systems[0].scores) {
        assert_eq!((left.value, &left.signature), (right.value, &right.signature));
        assert!(left.signature.starts_with("nrefs:2|"), "{}", left.signature);
    }
}

#[test]
fn a_report_has_every_form_with_signatures_and_p_values() {
    let desk = Desk::new();
    let case = &expected()["cases"][3];
    let join = |value: &Value| texts(value).join("\n") + "\n";
    let request = Request {
        hypotheses: vec![
            desk.file("one.txt", join(&case["hypotheses"])),
            desk.file("two.txt", join(&case["other"])),
        ],
        references: vec![desk.file("ref.txt", join(&case["references"][1]))],
        options: Options {
            sentences: true,
            bootstrap: Some(50),
            ..Options::default()
        },
        test: Some(Test::Randomisation),
        trials: Some(100),
        ..Request::default()
    };
    let report = evaluate_files(&request).unwrap();
    assert_eq!(report.comparisons.len(), 3);
    let plain = report.render(Form::Plain);
    for wanted in ["BLEU|nrefs:1|bs:50|seed:12345|", "±", "(p = 0.", "ar:100|seed:12345"] {
        assert!(plain.contains(wanted), "{wanted} is not in\n{plain}");
    }
    assert!(report.render(Form::Markdown).contains("| ---"));
    assert!(report.render(Form::Latex).contains("\\toprule"));
    let rows = report.render(Form::Csv);
    assert_eq!(
        rows.lines().count(),
        1 + 2 * 3 * (1 + report.texts),
        "one row a system, metric and text"
    );
    let json: Value = serde_json::from_str(&report.render(Form::Json)).unwrap();
    assert_eq!(
        json["systems"][1]["scores"][0]["sentence"].as_array().unwrap().len(),
        report.texts
    );
    assert_eq!(json["comparisons"][0]["test"], "randomisation");
}

#[test]
fn systems_agree_with_themselves_and_the_text_they_dispute_comes_first() {
    let outputs = |texts: [&str; 3]| texts.map(str::to_owned).to_vec();
    let systems = [
        (
            "one".to_owned(),
            outputs(["the dam holds", "prices rose sharply", "the minister left"]),
        ),
        (
            "two".to_owned(),
            outputs(["the dam holds", "a storm is coming", "the minister left"]),
        ),
        (
            "three".to_owned(),
            outputs(["the dam holds", "prices rose", "the ministers left"]),
        ),
    ];
    let found = agreement::pairwise(&systems).unwrap();
    assert_eq!(found.len(), 3);
    assert!((found[0].sentence[0] - 100.0).abs() < TOLERANCE);
    assert_eq!(agreement::most_disputed(&found), [1, 2, 0]);
    let names = systems.map(|(name, _)| name);
    assert_eq!(agreement::table(&names, &found).markdown().lines().count(), 5);
}

#[test]
fn the_authored_articles_load_in_twelve_directions_without_any_that_was_trained_on() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/corpus");
    let [held_out, training, all] =
        [Part::HeldOut, Part::Training, Part::All].map(|part| authored::load(&folder, part).unwrap());
    assert_eq!(held_out.len() + training.len(), all.len());
    assert!(held_out.len() >= 10 && held_out.iter().all(|article| !training.contains(article)));
    assert_eq!(authored::directions(&held_out).len(), 12);
    let pairs = authored::pairs(&held_out, Language::ENGLISH, Language::TAJIK);
    let sentences: usize = held_out
        .iter()
        .map(|article| article.versions[&Language::TAJIK].sentences.len() + 1)
        .sum();
    assert_eq!(pairs.len(), sentences);
    assert!(
        held_out
            .iter()
            .all(|article| article.versions.values().all(|version| !version.summary.is_empty()))
    );
}

#[test]
fn summaries_are_scored_on_their_own_articles_or_on_those_held_out_where_the_corpus_names_none() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("training/corpus");
    let ids = |folder: &Path, part| -> Vec<String> {
        let articles = authored::load(folder, part).unwrap();
        articles.into_iter().map(|article| article.id).collect()
    };
    let (own, held_out) = (ids(&folder, Part::Summaries), ids(&folder, Part::HeldOut));
    assert!(own.len() >= 40 && own.iter().all(|id| !held_out.contains(id)));
    let other = tempfile::tempdir().unwrap();
    let article = |id: &str| {
        let text = serde_json::json!({"en": "The dam holds.", "tg": "Сарбанд устувор аст."});
        let article =
            serde_json::json!({"id": id, "topic": "water", "title": text, "sentences": [text], "summary": [text]});
        format!("{article}\n")
    };
    std::fs::write(other.path().join("articles_a.jsonl"), article("a") + &article("b")).unwrap();
    std::fs::write(other.path().join("split.json"), "{\"held_out\": [\"b\"]}").unwrap();
    assert_eq!(ids(other.path(), Part::Summaries), ["b"]);
}
