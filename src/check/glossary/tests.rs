#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Glossary, TermUse, findings};
use crate::text::language::Language;

fn glossary(name: &str, text: &str) -> Result<Glossary, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let message = |error: super::GlossaryError| error.to_string().replace(&format!("{}/", folder.path().display()), "");
    Glossary::load(&path).map_err(message)
}

fn sample() -> Glossary {
    Glossary::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/glossary.csv")).unwrap()
}

fn kept(source: &str, from: Language, output: &str, to: Language) -> Vec<(String, bool)> {
    let uses = sample().uses(source, from, output, to);
    uses.into_iter().map(|used| (used.source, used.kept)).collect()
}

#[test]
fn the_sample_glossary_has_150_terms_in_four_languages_and_no_fault() {
    let sample = sample();
    assert!(
        sample.languages().values().all(|number| *number >= 150),
        "{:?}",
        sample.languages()
    );
    assert_eq!(sample.languages().len(), 4);
    assert_eq!(sample.faults(), []);
}

#[test]
fn inflected_terms_are_accepted_in_russian_and_tajik() {
    let source = "The Ministry of Foreign Affairs said so.";
    let one = |kept| vec![("Ministry of Foreign Affairs".to_owned(), kept)];
    for (output, to, expected) in [
        (
            "Об этом сообщили в Министерстве иностранных дел.",
            Language::RUSSIAN,
            true,
        ),
        ("Министерством иностранных дел подтверждено.", Language::RUSSIAN, true),
        ("Об этом сообщил министр иностранных дел.", Language::RUSSIAN, false),
        ("Вазорати корҳои хориҷии Тоҷикистон хабар дод.", Language::TAJIK, true),
        ("Вазорати хориҷа хабар дод.", Language::TAJIK, false),
    ] {
        assert_eq!(kept(source, Language::ENGLISH, output, to), one(expected), "{output}");
    }
}

#[test]
fn arabic_clitics_do_not_hide_a_term() {
    let source = "He spoke with the Ministry of Health.";
    for (output, expected) in [
        ("وتحدث مع وزارة الصحة.", true),
        ("وقال لوزارة الصحة ذلك", true),
        ("ووزارة الصحة", true),
        ("وتحدث مع وزير الصحة", false),
    ] {
        let found = kept(source, Language::ENGLISH, output, Language::ARABIC);
        assert_eq!(found, [("Ministry of Health".to_owned(), expected)], "{output}");
    }
    let found = kept(
        "بوزارة الدفاع",
        Language::ARABIC,
        "the ministry of defence",
        Language::ENGLISH,
    );
    assert_eq!(found, [("بوزارة الدفاع".to_owned(), true)]);
}

#[test]
fn the_longer_of_two_terms_counts_and_acronyms_keep_their_capitals() {
    let text = "en,ru\nMinistry of Health,Минздрав\nMinistry of Health and Sport,Минздравспорт\nWHO,ВОЗ\n";
    let glossary = glossary("a.csv", text).unwrap();
    let used = glossary.uses(
        "Ministry of Health and Sport, who",
        Language::ENGLISH,
        "Минздравспорт",
        Language::RUSSIAN,
    );
    let expected = TermUse {
        source: "Ministry of Health and Sport".to_owned(),
        expected: "Минздравспорт".to_owned(),
        kept: true,
    };
    assert_eq!(used, [expected]);
    assert!(findings(&used).is_empty());
    let lost = glossary.uses("WHO", Language::ENGLISH, "воз", Language::RUSSIAN);
    assert_eq!(findings(&lost)[0].code, "terminology");
    assert_eq!(findings(&lost)[0].words, ["WHO", "ВОЗ"]);
}

#[test]
fn all_three_kinds_of_file_say_the_same() {
    let csv = "en,ru,exact\nBank & Fund,Банк|Фонд,yes\n";
    let toml = "[[terms]]\nen = \"Bank & Fund\"\nru = [\"Банк\", \"Фонд\"]\nexact = true\n";
    let tbx = "<tbx><text><body><conceptEntry id=\"1\"><langSec xml:lang=\"en\"><termSec><term>Bank &amp; Fund</term></termSec></langSec>\
               <langSec xml:lang=\"ru\"><termSec><term>Банк</term></termSec><termSec><term>Фонд</term></termSec></langSec></conceptEntry></body></text></tbx>";
    let from_csv = glossary("a.csv", csv).unwrap();
    assert_eq!(from_csv, glossary("a.toml", toml).unwrap());
    let from_tbx = glossary("a.tbx", tbx).unwrap();
    assert_eq!(from_tbx.terms[0].written.forms, from_csv.terms[0].written.forms);
}

#[test]
fn empty_and_repeated_terms_are_refused_with_their_place() {
    for (name, text, message) in [
        (
            "a.csv",
            "en,ru\nBank,Банк\nbank,Банка\n",
            "a.csv: term 2: en: `bank` is term 1 already",
        ),
        (
            "a.csv",
            "en,ru\nBank,\n",
            "a.csv: term 1: expected the term in at least two languages",
        ),
        (
            "a.csv",
            "en,ru\nBank,Банк|\n",
            "a.csv: term 1: ru: expected a term, found ``",
        ),
        ("a.csv", "en,zz\nBank,Банк\n", "a.csv: header: unknown language"),
        ("a.csv", "en,ru\nBank\n", "a.csv: CSV error"),
        ("a.toml", "[[terms]]\nqq = \"a\"\n", "a.toml: term 1: unknown language"),
        ("a.tbx", "<tbx></tbx>", "a.tbx: expected TBX with"),
        ("a.tbx", "<tbx><a></tbx>", "a.tbx: expected XML, found an error at byte"),
        ("a.txt", "", "a.txt: expected a name that ends in .csv, .tbx or .toml"),
    ] {
        let error = glossary(name, text).unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn what_an_output_lacks_is_told_by_the_forms_that_would_do() {
    let terms = glossary(
        "terms.csv",
        "en,ru\nMinistry of Health,Минздрав|Министерство здравоохранения\nDushanbe,Душанбе\n",
    )
    .unwrap();
    let source = "The Ministry of Health moved to Dushanbe, the Ministry of Health said.";
    let of = |output: &str| terms.lacking(source, Language::ENGLISH, output, Language::RUSSIAN);
    let health = vec!["Минздрав".to_owned(), "Министерство здравоохранения".to_owned()];
    assert_eq!(of("Министерством здравоохранения в Душанбе"), Vec::<Vec<String>>::new());
    assert_eq!(of("Ведомство переехало в Душанбе"), std::slice::from_ref(&health));
    let dushanbe = vec!["Душанбе".to_owned()];
    assert_eq!(of("Ведомство переехало"), [dushanbe.clone(), health.clone()]);
    let required = terms.required(source, Language::ENGLISH, Language::RUSSIAN);
    assert_eq!(required, [dushanbe, health]);
    assert!(terms.required(source, Language::ENGLISH, Language::ARABIC).is_empty());
    assert!(terms.required(source, Language::ENGLISH, Language::ENGLISH).is_empty());
}

#[test]
fn glossaries_are_told_apart_by_what_they_hold() {
    let signature = |text: &str| glossary("terms.csv", text).unwrap().signature();
    let one = signature("en,ru\nwater,вода\n");
    assert_eq!(one, signature("ru,en\nвода,water\n"));
    assert_ne!(one, signature("en,ru\nwater,вода|воды\n"));
    assert_ne!(one, signature("en,ru,exact\nwater,вода,yes\n"));
    assert_eq!(Glossary::default().signature(), "");
}
