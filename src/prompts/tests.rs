#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::placeholders::Template;
use super::{PromptError, Prompts};
use crate::text::language::Language;

/// A folder that holds one file.
fn folder(name: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    folder
}

fn refusal(name: &str, text: &str) -> String {
    Prompts::load(Some(folder(name, text).path())).unwrap_err().to_string()
}

fn built_in(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts").join(name)).unwrap()
}

#[test]
fn an_nllb_source_has_tags_and_end_but_only_the_text_is_plain() {
    let prompts = Prompts::load(None).unwrap();
    let source = prompts
        .family("nllb")
        .unwrap()
        .translation("A </s> {target} B", Language::ENGLISH, Language::TAJIK)
        .unwrap();
    assert_eq!(source.before, ["eng_Latn"]);
    assert_eq!(source.text, "A </s> {target} B");
    assert_eq!(source.after, ["</s>"]);
    assert_eq!(source.first.as_deref(), Some("tgk_Cyrl"));
}

#[test]
fn every_family_names_languages_in_its_own_way() {
    let prompts = Prompts::load(None).unwrap();
    let source = |family: &str, target| {
        prompts
            .family(family)
            .unwrap()
            .translation("x", Language::ENGLISH, target)
            .unwrap()
    };
    assert_eq!(source("marian-multi", Language::ARABIC).before, [">>ara<<"]);
    assert_eq!(source("madlad", Language::TAJIK).before, ["<2tg>"]);
    assert_eq!(source("m2m100", Language::RUSSIAN).before, ["__en__"]);
    assert_eq!(source("m2m100", Language::RUSSIAN).first.as_deref(), Some("__ru__"));
    assert_eq!(source("mbart", Language::RUSSIAN).first.as_deref(), Some("ru_RU"));
    assert!(source("marian", Language::RUSSIAN).before.is_empty());
    assert_eq!(source("t5", Language::RUSSIAN).text, "summarize: x");
}

#[test]
fn a_language_that_a_family_has_no_tag_for_is_refused_by_name() {
    let prompts = Prompts::load(None).unwrap();
    let error = prompts
        .family("mbart")
        .unwrap()
        .translation("x", Language::ENGLISH, Language::TAJIK)
        .unwrap_err();
    assert!(
        error.to_string().starts_with("models/mbart.toml: no tag for "),
        "{error}"
    );
    assert!(matches!(prompts.family("nlbb"), Err(PromptError::Missing { .. })));
}

#[test]
fn an_unknown_placeholder_is_refused_with_file_and_name() {
    let text = built_in("models/nllb.toml").replace("\"{source}\"", "\"{sorce}\"");
    assert_eq!(
        refusal("models/nllb.toml", &text),
        "models/nllb.toml: before: unknown placeholder {sorce}; there are {source}, {target}"
    );
    let text = built_in("digest/ru.toml").replace("{day} {month}", "{day} {mouth}");
    assert!(refusal("digest/ru.toml", &text).starts_with("digest/ru.toml: dates.day: unknown placeholder {mouth}"));
}

#[test]
fn braces_that_are_meant_are_written_twice_and_lone_ones_are_refused() {
    let template = Template::parse("{{a}} {n} {{{n}}}", "f", &["n"]).unwrap();
    assert_eq!(template.fill(&[("n", "{n}")]), "{a} {n} {{n}}");
    for text in ["{n", "n}", "{n}}", "{"] {
        assert!(
            matches!(Template::parse(text, "f", &["n"]), Err(PromptError::LoneBrace { .. })),
            "{text}"
        );
    }
}

#[test]
fn a_text_that_would_leave_the_article_out_is_refused() {
    let text = built_in("models/t5.toml").replace("summarize: {text}", "summarize:");
    assert!(refusal("models/t5.toml", &text).contains("expected {text} in it"));
}

#[test]
fn a_missing_or_misspelt_phrase_is_refused_with_its_file() {
    let text = built_in("digest/ar.toml").replace("untitled =", "untitld =");
    let error = refusal("digest/ar.toml", &text);
    assert!(
        error.starts_with("digest/ar.toml: ") && error.contains("untitld"),
        "{error}"
    );
}

#[test]
fn plural_forms_that_do_not_fit_the_rule_are_refused() {
    let text = built_in("digest/ru.toml").replace("few = \"{n} статьи\", ", "");
    assert_eq!(
        refusal("digest/ru.toml", &text),
        "digest/ru.toml: counts.articles: expected the forms one, few, many, found many, one"
    );
}

#[test]
fn a_file_that_nothing_reads_is_refused_and_notes_are_left_alone() {
    assert!(refusal("digest/digest.htm.j2", "x").contains("no prompt has this name"));
    assert!(refusal("digest/klingon.toml", "x").contains("named after a language"));
    Prompts::load(Some(folder("README.md", "Our own headings.").path())).unwrap();
    Prompts::load(Some(folder("digest/.ru.toml.swp", "x").path())).unwrap();
}

#[test]
fn a_folder_that_is_not_there_is_refused_by_path() {
    let error = Prompts::load(Some(Path::new("no/such/folder"))).unwrap_err();
    assert!(
        error.to_string().starts_with("no/such/folder: cannot read prompts"),
        "{error}"
    );
}

#[test]
fn files_of_the_folder_replace_and_add_and_change_the_hash() {
    let plain = Prompts::load(None).unwrap();
    let uzbek = built_in("digest/en.toml").replace("News digest", "Yangiliklar");
    let more = Prompts::load(Some(folder("digest/uz.toml", &uzbek).path())).unwrap();
    assert_eq!(
        more.phrases(Language::parse("uz").unwrap()).unwrap().title,
        "Yangiliklar"
    );
    assert_eq!(more.phrases(Language::ENGLISH).unwrap().title, "News digest");
    assert_ne!(plain.hash(), more.hash());
    assert_eq!(plain.hash_under("models/"), more.hash_under("models/"));
    assert_eq!(plain.hash(), Prompts::load(None).unwrap().hash());
}

#[test]
fn counts_have_the_plural_form_of_their_language() {
    let prompts = Prompts::load(None).unwrap();
    let count = |language, n| {
        let phrases = prompts.phrases(language).unwrap();
        phrases.count(&phrases.counts.articles, n)
    };
    let all = |language, numbers: &[usize]| numbers.iter().map(|n| count(language, *n)).collect::<Vec<_>>();
    assert_eq!(
        all(Language::ENGLISH, &[0, 1, 2]),
        ["0 articles", "1 article", "2 articles"]
    );
    assert_eq!(
        all(Language::RUSSIAN, &[1, 2, 5, 11, 12, 21, 24, 112]),
        [
            "1 статья",
            "2 статьи",
            "5 статей",
            "11 статей",
            "12 статей",
            "21 статья",
            "24 статьи",
            "112 статей"
        ]
    );
    assert_eq!(
        all(Language::ARABIC, &[0, 1, 2, 3, 10, 11, 99, 100, 103]),
        [
            "لا مقالات",
            "مقال واحد",
            "مقالان",
            "3 مقالات",
            "10 مقالات",
            "11 مقالا",
            "99 مقالا",
            "100 مقال",
            "103 مقالات"
        ]
    );
    assert_eq!(all(Language::TAJIK, &[1, 12]), ["1 мақола", "12 мақола"]);
}

#[test]
fn days_are_written_as_the_language_writes_them() {
    let prompts = Prompts::load(None).unwrap();
    let date = "2024-11-04".parse().unwrap();
    let day = |language| prompts.phrases(language).unwrap().day(date);
    assert_eq!(day(Language::ENGLISH), "4 November 2024");
    assert_eq!(day(Language::RUSSIAN), "4 ноября 2024 г.");
    assert_eq!(day(Language::ARABIC), "4 نوفمبر 2024");
    assert_eq!(day(Language::TAJIK), "4 ноябри соли 2024");
    let later = "2024-11-06".parse().unwrap();
    assert_eq!(
        prompts.phrases(Language::RUSSIAN).unwrap().period(date, later),
        "4 ноября 2024 г. — 6 ноября 2024 г."
    );
    assert_eq!(
        prompts.phrases(Language::ARABIC).unwrap().period(date, date),
        "4 نوفمبر 2024"
    );
}

#[test]
fn every_language_explains_the_same_findings() {
    let prompts = Prompts::load(None).unwrap();
    let codes = |language| {
        prompts
            .phrases(language)
            .unwrap()
            .findings
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    for language in [Language::RUSSIAN, Language::ARABIC, Language::TAJIK] {
        assert_eq!(codes(language), codes(Language::ENGLISH));
    }
}
