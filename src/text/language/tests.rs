use std::collections::BTreeSet;

use super::*;

#[test]
fn every_code_system_names_the_same_language() {
    for given in [
        "tg",
        "TG",
        "tgk",
        "tg-Cyrl",
        "tg-TJ",
        "tgk_Cyrl",
        "TGK_CYRL",
        " tg ",
        "tg_Cyrl_TJ",
    ] {
        assert_eq!(Language::parse(given), Ok(Language::TAJIK), "{given}");
    }
    for language in Language::all() {
        for given in [language.code(), language.flores()] {
            assert_eq!(Language::parse(given), Ok(language), "{given}");
        }
    }
}

#[test]
fn the_codes_of_a_macrolanguage_and_of_its_main_member_both_do() {
    for (given, language) in [
        ("ara", Language::ARABIC),
        ("arb", Language::ARABIC),
        ("fas", Language::PERSIAN),
        ("pes", Language::PERSIAN),
        ("per", Language::PERSIAN),
        ("uzb", Language::UZBEK),
        ("uzn_Latn", Language::UZBEK),
        ("uz-Cyrl", Language::UZBEK),
    ] {
        assert_eq!(Language::parse(given), Ok(language), "{given}");
    }
}

#[test]
fn chinese_is_two_languages_told_apart_by_script_or_region() {
    assert_eq!(Language::parse("zh").map(Language::flores), Ok("zho_Hans"));
    assert_eq!(Language::parse("zh-Hant").map(Language::flores), Ok("zho_Hant"));
    assert_eq!(Language::parse("zh-TW").map(Language::flores), Ok("zho_Hant"));
}

#[test]
fn the_table_is_sorted_without_duplicates_and_fits_a_byte() {
    let codes: Vec<&str> = Language::all().map(Language::code).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    assert!(codes.len() > 60 && codes.len() < 256);
    let distinct: BTreeSet<&str> = Language::all().map(Language::flores).collect();
    assert_eq!(distinct.len(), codes.len());
    for language in Language::all() {
        assert!(
            !language.scripts().is_empty() && language.iso639_3().len() == 3,
            "{language:?}"
        );
    }
}

#[test]
fn an_unknown_code_is_answered_with_the_nearest_one() {
    for (given, nearest) in [
        ("tgx", "tg (Tajik)"),
        ("tajik", "tg (Tajik)"),
        ("Russain", "ru (Russian)"),
        ("eng_Latin", "en (English)"),
    ] {
        let error = Language::parse(given).expect_err(given).to_string();
        assert!(error.contains(&format!("did you mean {nearest}?")), "{error}");
    }
    let error = Language::parse("§§§").expect_err("no such code").to_string();
    assert_eq!(
        error,
        "unknown language “§§§”: expected a code such as tg, tgk or tgk_Cyrl"
    );
    assert!(Language::parse("").is_err());
}

#[test]
fn a_script_the_language_is_not_written_in_is_refused() {
    let error = Language::parse("ru-Arab")
        .expect_err("Russian is not written so")
        .to_string();
    assert_eq!(error, "unknown language “ru-Arab”: Russian is written in Cyrillic here");
}

#[test]
fn arabic_persian_and_hebrew_run_from_right_to_left() {
    for code in ["ar", "fa", "ur", "ps", "ckb", "ug", "he"] {
        assert_eq!(
            Language::parse(code).map(|language| language.direction().html()),
            Ok("rtl"),
            "{code}"
        );
    }
    for language in [Language::TAJIK, Language::RUSSIAN, Language::ENGLISH, Language::UZBEK] {
        assert_eq!(language.direction(), Direction::LeftToRight);
    }
}

#[test]
fn serde_writes_bcp_47_and_reads_any_code() {
    assert_eq!(serde_json::to_string(&Language::TAJIK).expect("a string"), "\"tg\"");
    let read: Vec<Language> = serde_json::from_str(r#"["tgk_Cyrl", "rus"]"#).expect("codes");
    assert_eq!(read, [Language::TAJIK, Language::RUSSIAN]);
    let error = serde_json::from_str::<Language>("\"xx\"")
        .expect_err("no such code")
        .to_string();
    assert!(error.contains("unknown language “xx”"), "{error}");
}
