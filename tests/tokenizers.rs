//! Token ids in every tokenizer format equal those of transformers, for texts chosen to be difficult.
//!
//! `scripts/tokenizer_fixtures.py` writes the tokenizers and what transformers makes of the texts.

#![allow(clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use khulosa::model::{Languages, ModelTokenizer};
use khulosa::prompts::Prompts;
use khulosa::text::language::Language;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    family: String,
    source: Option<Language>,
    target: Option<Language>,
    /// Files that several formats share: name in the model's folder, name in the fixtures.
    files: BTreeMap<String, String>,
    /// Id of the target's tag.
    first: Option<u32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    ids: Vec<u32>,
    decoded: Option<String>,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tokenizers")
}

/// A model folder as a repository would have it.
fn assemble(kind: &str, files: &BTreeMap<String, String>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in fixtures().join(kind).read_dir().expect("fixtures") {
        let path = entry.expect("a file").path();
        std::fs::copy(&path, folder.path().join(path.file_name().expect("a name"))).expect("a copy");
    }
    for (name, shared) in files {
        std::fs::copy(fixtures().join(shared), folder.path().join(name)).expect("a copy");
    }
    folder
}

fn check(kind: &str) {
    let content = std::fs::read_to_string(fixtures().join(kind).join("expected.json")).expect("fixtures");
    let expected: Expected = serde_json::from_str(&content).expect("fixtures as written");
    let folder = assemble(kind, &expected.files);
    let prompts = Prompts::load(None).expect("the built-in prompts");
    let family = prompts.family(&expected.family).expect("a family");
    let languages = Languages::default();
    let tokenizer =
        ModelTokenizer::open(folder.path(), family, &languages).unwrap_or_else(|error| panic!("{kind}: {error}"));
    let mut wrong = Vec::new();
    for case in &expected.cases {
        let ids = tokenizer
            .encode_source(&case.text, expected.source, expected.target)
            .expect("ids");
        if ids != case.ids {
            wrong.push(format!("{:?}: expected {:?}, found {ids:?}", case.text, case.ids));
        }
        if let Some(decoded) = &case.decoded {
            assert_eq!(&tokenizer.decode(&case.ids).expect("text"), decoded, "{kind}");
        }
    }
    assert!(
        wrong.is_empty(),
        "{kind}: {} of {} texts\n{}",
        wrong.len(),
        expected.cases.len(),
        wrong.join("\n")
    );
    if let Some(target) = expected.target {
        assert_eq!(tokenizer.forced_bos(target).expect("a tag"), expected.first, "{kind}");
    }
}

#[test]
fn sentencepiece_unigram_as_t5_and_mt5_number_it() {
    check("t5");
}

#[test]
fn sentencepiece_with_bytes_for_unknown_letters_and_pieces_of_its_users() {
    check("t5-bytes");
}

#[test]
fn madlad_puts_the_target_tag_first() {
    check("madlad");
}

#[test]
fn pegasus_shifts_all_pieces() {
    check("pegasus");
}

#[test]
fn mbart_puts_the_source_tag_first_and_forces_the_target_tag() {
    check("mbart50");
}

#[test]
fn nllb_from_its_sentencepiece_model() {
    check("nllb");
}

#[test]
fn nllb_from_its_tokenizer_json() {
    check("nllb-json");
}

#[test]
fn m2m100_takes_ids_from_its_vocabulary() {
    check("m2m100");
}

#[test]
fn marian_with_one_target_language_has_no_tags() {
    check("marian");
}

#[test]
fn marian_with_several_target_languages_puts_the_tag_first() {
    check("marian-multi");
}

#[test]
fn bart_cuts_bytes() {
    check("bart");
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_text_is_tokenised_in_every_format(text in proptest::prelude::any::<String>()) {
        for tokenizer in ANY.iter() {
            let ids = tokenizer.encode_plain(&text).expect("ids");
            let size = u32::try_from(tokenizer.size()).expect("a small vocabulary");
            proptest::prop_assert!(ids.iter().all(|id| *id < size), "{text:?}");
            tokenizer.decode(&ids).expect("text");
        }
    }
}

/// One tokenizer of each way to cut a text.
static ANY: std::sync::LazyLock<Vec<ModelTokenizer>> = std::sync::LazyLock::new(|| {
    let prompts = Prompts::load(None).expect("the built-in prompts");
    let open = |kind: &str| {
        let content = std::fs::read_to_string(fixtures().join(kind).join("expected.json")).expect("fixtures");
        let expected: Expected = serde_json::from_str(&content).expect("fixtures as written");
        let folder = assemble(kind, &expected.files);
        let family = prompts.family(&expected.family).expect("a family");
        ModelTokenizer::open(folder.path(), family, &Languages::default()).expect("a tokenizer")
    };
    ["t5", "t5-bytes", "nllb", "nllb-json", "marian", "bart"]
        .map(open)
        .into()
});

#[test]
fn a_damaged_sentencepiece_model_is_refused_at_every_length() {
    let prompts = Prompts::load(None).expect("the built-in prompts");
    let whole = std::fs::read(fixtures().join("target.spm")).expect("fixtures");
    for length in (0..whole.len()).step_by(97) {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("spiece.model"), &whole[..length]).expect("a file");
        let family = prompts.family("mt5").expect("a family");
        if let Err(error) = ModelTokenizer::open(folder.path(), family, &Languages::default()) {
            assert!(
                error.to_string().contains("spiece.model: expected"),
                "{length}: {error}"
            );
        }
    }
}

#[test]
fn a_vocabulary_without_the_familys_tags_is_that_of_another_model() {
    let content = std::fs::read_to_string(fixtures().join("t5/expected.json")).expect("fixtures");
    let expected: Expected = serde_json::from_str(&content).expect("fixtures as written");
    let folder = assemble("t5", &expected.files);
    let prompts = Prompts::load(None).expect("the built-in prompts");
    let languages = Languages::new(
        BTreeMap::from([(Language::RUSSIAN, "rus_Cyrl".to_owned())]),
        Vec::new(),
        Vec::new(),
    );
    let error = ModelTokenizer::open(folder.path(), prompts.family("nllb").expect("a family"), &languages).err();
    let error = error.expect("a refusal").to_string();
    assert!(
        error.contains("has no token `rus_Cyrl`; is it that of another model?"),
        "{error}"
    );
}
