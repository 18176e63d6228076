use super::*;

const EN: Language = Language::ENGLISH;
const RU: Language = Language::RUSSIAN;
const AR: Language = Language::ARABIC;
const TG: Language = Language::TAJIK;

/// Codes found, with a mark for errors.
fn codes(source: &str, from: Language, output: &str, to: Language) -> Vec<String> {
    let mark = |severity| if severity == Severity::Error { "!" } else { "" };
    translation(source, from, output, to)
        .iter()
        .map(|finding| format!("{}{}", finding.code, mark(finding.severity)))
        .collect()
}

const SOURCE: &str = "The ministry opened a new school in the mountain village on the first day of the year.";

#[test]
fn a_true_translation_has_no_findings() {
    assert!(
        codes(
            SOURCE,
            EN,
            "Министерство открыло новую школу в горном селе в первый день года.",
            RU
        )
        .is_empty()
    );
    assert!(
        codes(
            SOURCE,
            EN,
            "افتتحت الوزارة مدرسة جديدة في القرية الجبلية في اليوم الأول من العام.",
            AR
        )
        .is_empty()
    );
    assert!(
        codes(
            SOURCE,
            EN,
            "Вазорат дар деҳаи кӯҳӣ рӯзи аввали сол мактаби нав кушод.",
            TG
        )
        .is_empty()
    );
}

#[test]
fn an_empty_output_is_an_error_and_an_empty_source_is_not() {
    assert_eq!(codes(SOURCE, EN, "", RU), ["empty!"]);
    assert_eq!(codes(SOURCE, EN, " … ", RU), ["empty!"]);
    assert!(codes("", EN, "", RU).is_empty());
}

#[test]
fn the_wrong_script_is_an_error_but_an_acronym_carried_over_is_not() {
    assert!(
        codes(SOURCE, EN, "Ministerstvo otkrylo novuyu shkolu v gornom sele.", RU)
            .contains(&"wrong-script!".to_owned())
    );
    assert!(
        codes(SOURCE, EN, "Министерство открыло новую школу в горном селе.", AR).contains(&"wrong-script!".to_owned())
    );
    assert!(codes("BRICS", EN, "BRICS", AR).is_empty());
}

#[test]
fn uzbek_may_be_written_in_either_of_its_scripts() {
    for output in [
        "Vazirlik togʻ qishlogʻida yangi maktab ochdi.",
        "Вазирлик тоғ қишлоғида янги мактаб очди.",
    ] {
        let found = codes(
            "The ministry opened a new school in a mountain village.",
            EN,
            output,
            Language::UZBEK,
        );
        assert!(
            found
                .iter()
                .all(|code| !code.contains("script") && !code.contains("foreign")),
            "{found:?}"
        );
    }
}

#[test]
fn a_loop_is_an_error_and_a_chant_in_the_source_is_none() {
    let loops = [
        "школа в селе ".repeat(5),
        format!("Министерство {}", "а".repeat(60)),
        format!("Министерство открыло {}ие", "образован".repeat(4)),
    ];
    for output in loops {
        assert!(
            codes(SOURCE, EN, &output, RU).contains(&"repetition!".to_owned()),
            "{output}"
        );
    }
    let found = codes(
        "They shouted: freedom, freedom, freedom, freedom!",
        EN,
        "Они кричали: свобода, свобода, свобода, свобода!",
        RU,
    );
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_source_left_untranslated_is_an_error() {
    let russian = "Министерство открыло новую школу в горном селе в первый день года.";
    assert_eq!(codes(russian, RU, russian, TG), ["wrong-language!"]);
    let mixed = "Вазорат новую школу в горном селе кушод ва ба хонандагон китобҳои зиёде тақдим кард.";
    assert!(codes(russian, RU, mixed, TG).contains(&"untranslated".to_owned()));
}

#[test]
fn a_text_cut_short_or_drawn_out_is_flagged() {
    assert!(codes(SOURCE, EN, "Министерство открыло.", RU).contains(&"too-short".to_owned()));
    let long = "Министерство открыло новую школу в горном селе, и на праздник пришли родители, учителя, соседи, гости из города, \
                журналисты, музыканты и все, кто помогал строить здание долгие годы, несмотря на холод, ветер и дороги, \
                которые каждую весну размывает горная река, стекающая с ледников.";
    assert!(codes(SOURCE, EN, long, RU).contains(&"too-long".to_owned()));
}

#[test]
fn a_negation_lost_or_gained_is_flagged() {
    assert_eq!(
        codes(
            "The talks did not end on Monday.",
            EN,
            "Переговоры завершились в понедельник.",
            RU
        ),
        ["negation-lost"]
    );
    assert_eq!(
        codes(
            "The talks ended on Monday.",
            EN,
            "Гуфтушунид рӯзи душанбе поён нарасид.",
            TG
        ),
        ["negation-gained"]
    );
    assert!(
        codes(
            "The road is closed without notice.",
            EN,
            "Дорогу закрыли, не предупредив.",
            RU
        )
        .is_empty()
    );
}

#[test]
fn stock_phrases_that_models_make_up_are_flagged() {
    assert!(
        codes(
            "The meeting ended in the evening.",
            EN,
            "Встреча завершилась вечером. Спасибо за просмотр!",
            RU
        )
        .contains(&"filler".to_owned())
    );
}

#[test]
fn a_summary_may_leave_out_but_not_add() {
    let article = "The mayor of Khujand opened a bridge on Monday. It cost 4.5 million dollars and took three years.";
    assert!(summary(article, "The mayor of Khujand opened a bridge on Monday.", EN).is_empty());
    let found = summary(
        article,
        "The mayor of Bukhara opened a bridge for 6 million dollars.",
        EN,
    );
    let codes: Vec<&str> = found.iter().map(|finding| finding.code.as_ref()).collect();
    assert_eq!(codes, ["number-added", "name-added"]);
}

#[test]
fn findings_survive_json() {
    let found = translation("In 2024", EN, "В 2025 году", RU);
    let json = serde_json::to_string(&found).expect("JSON");
    assert!(
        json.contains(r#""code":"number-missing","severity":"warning""#),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<Vec<Finding>>(&json).expect("findings"), found);
}

#[test]
fn very_long_texts_are_checked_in_reasonable_time() {
    let start = std::time::Instant::now();
    let source = "The council of Khujand met in May 2024 and did not agree. ".repeat(300);
    let output = "Совет Худжанда собрался в мае 2024 года и не договорился. ".repeat(300);
    translation(&source, EN, &output, RU);
    translation(&"x".repeat(1 << 20), EN, &"я".repeat(1 << 20), RU);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
