#![allow(clippy::unwrap_used)]

use std::path::Path;

use super::{Glossary, TermUse, findings};
use crate::text::language::Language;

pub(super) fn glossary(name: &str, text: &str) -> Result<Glossary, String> {
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

const PEOPLE_CSV: &str = "en,ru,ru:forms,case,note\nperson,человек,людей|людям,,irregular\nTurkey,Турция,,yes,\n";
const PEOPLE_TOML: &str = "[[terms]]\nen = \"person\"\nru = \"человек\"\nru_forms = [\"людей\", \"людям\"]\nnote = \"irregular\"\n\
    [[terms]]\nen = \"Turkey\"\nru = \"Турция\"\ncase = true\n";
const PEOPLE_TBX: &str = "<martif><text><body>\
    <termEntry><langSet xml:lang=\"en\"><tig><term>person</term></tig></langSet><langSet xml:lang=\"ru\">\
    <tig><term>человек</term><termNote type=\"grammaticalNumber\">singular</termNote></tig>\
    <tig><term>людей</term><termNote type=\"grammaticalNumber\">plural</termNote></tig>\
    <ntig><termGrp><term>людям</term><termNote type=\"termType\">variant</termNote></termGrp></ntig></langSet></termEntry>\
    <termEntry><langSet xml:lang=\"en\"><tig><term>Turkey</term><termNote type=\"caseSensitive\">yes</termNote></tig></langSet>\
    <langSet xml:lang=\"ru\"><tig><term>Турция</term></tig></langSet></termEntry></body></text></martif>";
const PEOPLE_TBX_3: &str = "<tbx><text><body>\
    <conceptEntry><langSec xml:lang=\"en\"><termSec><term>person</term></termSec></langSec><langSec xml:lang=\"ru\">\
    <termSec><term>человек</term></termSec>\
    <termSec><term>людей</term><basic:grammaticalNumber>plural</basic:grammaticalNumber></termSec>\
    <termSec><term>людям</term><basic:termType>variant</basic:termType></termSec></langSec></conceptEntry>\
    <conceptEntry><langSec xml:lang=\"en\"><termSec><term>Turkey</term><caseSensitive>yes</caseSensitive></termSec></langSec>\
    <langSec xml:lang=\"ru\"><termSec><term>Турция</term></termSec></langSec></conceptEntry></body></text></tbx>";

#[test]
fn hints_say_the_same_in_all_kinds_of_file() {
    let from_csv = glossary("a.csv", PEOPLE_CSV).unwrap();
    for (name, text) in [("a.toml", PEOPLE_TOML), ("a.tbx", PEOPLE_TBX), ("a.tbx", PEOPLE_TBX_3)] {
        assert_eq!(from_csv, glossary(name, text).unwrap(), "{text}");
    }
    assert!(from_csv.terms[1].written.cased);
    // What stands first in a language is the term, in whatever number.
    let goals = PEOPLE_TBX.replace("singular", "plural");
    assert_eq!(from_csv, glossary("a.tbx", &goals).unwrap());
}

#[test]
fn forms_count_as_the_term_and_are_not_decoded_towards() {
    let terms = glossary("a.csv", PEOPLE_CSV).unwrap();
    let (source, english, russian) = ("Every person came", Language::ENGLISH, Language::RUSSIAN);
    let uses = |output: &str| terms.uses(source, english, output, russian);
    for output in ["Пришло много людей", "Сказали людям", "Пришёл каждый человек"]
    {
        assert!(uses(output)[0].kept, "{output}");
        assert_eq!(uses(output)[0].expected, "человек");
        assert!(terms.lacking(source, english, output, russian).is_empty());
    }
    assert!(!uses("Пришли все")[0].kept);
    assert_eq!(terms.required(source, english, russian), [["человек"]]);
    assert_eq!(terms.lacking(source, english, "Пришли все", russian), [["человек"]]);
    assert_eq!(terms.accepted(source, english, russian), ["людей", "людям"]);
    assert!(terms.accepted("Turkey", english, russian).is_empty());
    let back = terms.uses("Сказали людям", russian, "They told a person", english);
    assert_eq!((back[0].source.as_str(), back[0].kept), ("людям", true));
}

#[test]
fn where_case_matters_a_term_is_found_as_it_is_written() {
    let terms = glossary(
        "a.csv",
        "en,ru,case\nTurkey,Турция,yes\nturkey,индейка,\nEcho,«Эхо»,yes\n",
    )
    .unwrap();
    let expected = |source: &str| -> Vec<String> {
        let uses = terms.uses(source, Language::ENGLISH, "", Language::RUSSIAN);
        uses.into_iter().map(|used| used.expected).collect()
    };
    assert_eq!(expected("Turkey's exports"), ["Турция"]);
    assert_eq!(expected("They eat turkey"), ["индейка"]);
    assert_eq!(expected("the echo of ECHO"), Vec::<String>::new());
    assert_eq!(expected("heard on Echo"), ["«Эхо»"]);
    // Only the source is held to letter case: a sentence may begin with the term.
    let kept = terms.uses("the Turkey talks", Language::ENGLISH, "ТУРЦИЯ", Language::RUSSIAN);
    assert!(kept[0].kept);
    let twice = glossary("a.csv", "en,ru,case\nTurkey,Турция,yes\nTurkey,Турцией,yes\n").unwrap_err();
    assert_eq!(
        twice,
        "a.csv: term 2: en: `Turkey` is term 1 already; see `khulosa glossary check a.csv`"
    );
}

#[test]
fn hints_that_cannot_be_meant_are_refused_with_their_place() {
    for (name, text, message) in [
        (
            "a.csv",
            "en,ru,tg,tg:forms\nBank,Банк,,Бонкҳо\n",
            "a.csv: term 1: tg: expected a term beside its forms, found the forms alone",
        ),
        (
            "a.csv",
            "en,ru,ru:forms\nBank,Банк,Банка|\n",
            "a.csv: term 1: ru: expected a form, found ``",
        ),
        (
            "a.csv",
            "en,ru,en:forms\nBank,Банк,\nFund,Фонд,bank\n",
            "a.csv: term 2: en: `bank` is term 1 already",
        ),
        (
            "a.csv",
            "en,ru,case\nBank,Банк,perhaps\n",
            "a.csv: term 1: case: expected yes or no, found `perhaps`",
        ),
        (
            "a.csv",
            "en,ru,ru:form\nBank,Банк,Банка\n",
            "a.csv: header: unknown language “ru:form”",
        ),
        (
            "a.toml",
            "[[terms]]\nen = \"a\"\nru = \"б\"\nru_form = \"в\"\n",
            "a.toml: term 1: unknown language “ru_form”",
        ),
        (
            "a.toml",
            "[[terms]]\nen = \"Bank\"\nru = \"Банк\"\nru_forms = []\nar_forms = [\"بنوك\"]\n",
            "a.toml: term 1: ar: expected a term beside its forms",
        ),
        (
            "a.toml",
            "[[terms]]\nen = \"Bank\"\nru = \"Банк\"\nru_forms = [\" \"]\n",
            "a.toml: term 1: ru: expected a form, found ` `",
        ),
        (
            "a.tbx",
            &PEOPLE_TBX.replace(
                "<tig><term>Турция</term></tig>",
                "<tig><term>Турция</term><termNote type=\"termType\">variant</termNote></tig>",
            ),
            "a.tbx: term 2: expected the term in at least two languages",
        ),
        (
            "a.tbx",
            &PEOPLE_TBX.replace(">yes<", ">sometimes<"),
            "a.tbx: term 2: caseSensitive: expected yes or no, found `sometimes`",
        ),
    ] {
        let error = glossary(name, text).unwrap_err();
        assert!(error.starts_with(message), "{error}");
    }
}

#[test]
fn the_samples_hints_find_what_no_ending_would() {
    for (source, output, to) in [
        (
            "the British Foreign Office",
            "заявили в МИДе Великобритании",
            Language::RUSSIAN,
        ),
        (
            "the Supreme Court ruled",
            "Суди Олии Тоҷикистон қарор кард",
            Language::TAJIK,
        ),
    ] {
        let found = kept(source, Language::ENGLISH, output, to);
        assert!(found.len() == 1 && found[0].1, "{found:?}");
    }
    assert!(kept("a group of seven people", Language::ENGLISH, "", Language::RUSSIAN).is_empty());
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
    assert_ne!(one, signature("en,ru,case\nwater,вода,yes\n"));
    assert_ne!(one, signature("en,ru,ru:forms\nwater,вода,водица\n"));
    assert_eq!(one, signature("en,ru,ru:forms,case,note\nwater,вода,,no,see the act\n"));
    assert_eq!(Glossary::default().signature(), "");
}
