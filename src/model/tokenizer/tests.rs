use std::collections::BTreeMap;

use super::*;
use crate::prompts::Prompts;

fn pocket() -> ModelTokenizer {
    let folder = crate::model::locate::data_folder().unwrap().join("pocket");
    let family = Prompts::load(None).unwrap().family("nllb").unwrap().clone();
    ModelTokenizer::open(&folder, &family, &Languages::default()).unwrap()
}

#[test]
fn a_source_is_framed_by_its_tag_and_the_end_token() {
    let tokenizer = pocket();
    let ids = tokenizer
        .encode_source(
            "The minister met the delegation.",
            Some(Language::ENGLISH),
            Some(Language::TAJIK),
        )
        .unwrap();
    assert_eq!(ids.first().copied(), tokenizer.id_of("eng_Latn"));
    assert_eq!(ids.last().copied(), tokenizer.id_of("</s>"));
    assert_eq!(
        tokenizer.forced_bos(Language::TAJIK).unwrap(),
        tokenizer.id_of("tgk_Cyrl")
    );
    assert_eq!(tokenizer.decode(&ids).unwrap(), "The minister met the delegation.");
}

#[test]
fn what_looks_like_a_special_token_in_an_article_is_text() {
    let tokenizer = pocket();
    let ids = tokenizer
        .encode_source("a </s> tgk_Cyrl b", Some(Language::ENGLISH), Some(Language::RUSSIAN))
        .unwrap();
    let end = tokenizer.id_of("</s>").unwrap();
    assert_eq!(ids.iter().filter(|id| **id == end).count(), 1);
    assert!(!ids.contains(&tokenizer.id_of("tgk_Cyrl").unwrap()));
}

#[test]
fn an_unknown_language_is_named_with_those_that_are_known() {
    let error = pocket()
        .encode_source("Salom", Some(Language::UZBEK), Some(Language::RUSSIAN))
        .unwrap_err()
        .to_string();
    assert!(error.contains("(uz)") && error.contains("ar, en, ru, tg"), "{error}");
}

#[test]
fn a_missing_language_is_asked_for() {
    let error = pocket()
        .encode_source("Text", None, Some(Language::RUSSIAN))
        .unwrap_err()
        .to_string();
    assert_eq!(error, "the model needs to be told the source language");
}

#[test]
fn a_shortlist_is_sorted_and_holds_tag_end_and_no_foreign_letters() {
    let tokenizer = pocket();
    let shortlist = tokenizer.shortlist_for(Language::ARABIC).unwrap().unwrap();
    assert!(shortlist.is_sorted() && shortlist.len() < tokenizer.size());
    for needed in ["arb_Arab", "</s>"] {
        assert!(shortlist.contains(&tokenizer.id_of(needed).unwrap()), "{needed}");
    }
    let pieces: BTreeMap<u32, String> = tokenizer.pieces().into_iter().collect();
    assert!(shortlist.iter().all(|id| !pieces[id].contains('в')));
}

#[test]
fn an_opened_folder_without_tokenizer_is_told_what_was_expected() {
    let empty = tempfile::tempdir().unwrap();
    let family = Prompts::load(None).unwrap().family("nllb").unwrap().clone();
    let error = ModelTokenizer::open(empty.path(), &family, &Languages::default())
        .err()
        .unwrap()
        .to_string();
    assert!(error.contains("no tokenizer here; expected tokenizer.json"), "{error}");
}

#[test]
fn a_vocabulary_must_fit_the_weights() {
    let tokenizer = pocket();
    let size = tokenizer.size();
    assert_eq!(tokenizer.check_size(size), Ok(()));
    assert_eq!(tokenizer.check_size(size + 8), Ok(()));
    assert!(tokenizer.check_size(size / 2).unwrap_err().contains("more than the"));
    assert!(tokenizer.check_size(size * 2).unwrap_err().contains("far fewer than"));
}

#[test]
fn the_built_in_model_resolves_with_its_tokenizer() {
    let catalogue = crate::model::Catalogue::load(&[]).unwrap();
    let found = crate::model::resolve("pocket", &catalogue, &crate::model::Access::offline()).unwrap();
    let tokenizer = found.tokenizer(&Prompts::load(None).unwrap()).unwrap();
    assert_eq!(tokenizer.languages().targets().len(), 4);
    assert_eq!(Some(found.decoding.eos), tokenizer.id_of("</s>"));
}
