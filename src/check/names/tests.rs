use super::*;

const EN: Language = Language::ENGLISH;
const RU: Language = Language::RUSSIAN;
const AR: Language = Language::ARABIC;
const TG: Language = Language::TAJIK;

fn codes(source: &str, from: Language, output: &str, to: Language) -> Vec<String> {
    let mut findings = Vec::new();
    check(
        Pair {
            source,
            from,
            output,
            to,
        },
        &mut findings,
    );
    let warnings = findings
        .into_iter()
        .filter(|finding| finding.severity >= Severity::Warning);
    warnings
        .map(|finding| format!("{} {}", finding.code, finding.words.join(" ")))
        .collect()
}

#[test]
fn names_are_known_again_across_scripts_and_inflections() {
    for (source, from, output, to) in [
        (
            "He flew from Dushanbe to Washington.",
            EN,
            "Он вылетел из Душанбе в Вашингтон.",
            RU,
        ),
        (
            "He flew from Dushanbe to New York.",
            EN,
            "سافر من دوشنبه إلى نيويورك.",
            AR,
        ),
        (
            "Envoys of Egypt and Germany met in Cairo.",
            EN,
            "Фиристодагони Миср ва Олмон дар Қоҳира мулоқот карданд.",
            TG,
        ),
        (
            "На встрече в Худжанде выступил Назаров.",
            RU,
            "وتحدث نزاروف في اجتماع خوجند.",
            AR,
        ),
        (
            "A report by UNICEF and the UN was read in Abu Dhabi.",
            EN,
            "В Абу-Даби зачитали доклад ЮНИСЕФ и ООН.",
            RU,
        ),
    ] {
        assert_eq!(
            codes(source, from, output, to),
            Vec::<String>::new(),
            "{source} | {output}"
        );
    }
}

#[test]
fn a_name_in_the_place_of_another_is_found() {
    assert_eq!(
        codes(
            "The talks were held in Tashkent.",
            EN,
            "Переговоры прошли в Самарканде.",
            RU
        ),
        ["name-missing Tashkent", "name-added Самарканде"]
    );
    assert_eq!(
        codes("The talks were held in Tashkent.", EN, "عقدت المحادثات في بغداد.", AR),
        ["name-missing Tashkent", "name-added بغداد"]
    );
}

#[test]
fn titles_and_offices_are_no_names() {
    let output = "Вазорати корҳои хориҷӣ рӯзи душанбе баёнот дод.";
    assert_eq!(
        codes(
            "On Monday the Ministry of Foreign Affairs made a statement.",
            EN,
            output,
            TG
        ),
        Vec::<String>::new()
    );
}

#[test]
fn every_row_of_the_table_has_all_four_languages() {
    for row in table() {
        assert!(
            row.iter()
                .all(|cell| cell.iter().all(|stem| !stem.trim_start_matches('~').is_empty())),
            "{row:?}"
        );
    }
    assert!(table().len() > 100);
}
