#![allow(clippy::unwrap_used)]

use std::fmt::Write;

use super::{Reviewed, rows, suggest};
use crate::check::glossary::Glossary;
use crate::check::glossary::tests::glossary;
use crate::text::language::Language;

/// A direction and its reviews: source, the model's output, correction.
type Reviews<'a> = (Language, Language, &'a [(&'a str, &'a str, &'a str)]);

fn reviews((from, to, reviews): Reviews) -> Vec<Reviewed> {
    let review = |(source, machine, target): &(&str, &str, &str)| Reviewed {
        from,
        to,
        source: (*source).to_owned(),
        machine: Some((*machine).to_owned()),
        target: (*target).to_owned(),
    };
    reviews.iter().map(review).collect()
}

/// What is suggested, a line a term.
fn suggested(reviews: &[Reviewed], glossary: &Glossary, least: usize) -> String {
    let mut lines = String::new();
    for found in suggest(reviews, glossary, least) {
        writeln!(
            lines,
            "{} = {} ({} of {}, not {})",
            found.source,
            found.target,
            found.corrected,
            found.reviewed,
            found.replaced.as_deref().unwrap_or("-")
        )
        .unwrap();
    }
    lines
}

const RUSSIAN: Reviews = (
    Language::ENGLISH,
    Language::RUSSIAN,
    &[
        (
            "The Ministry of Health opened a clinic in Khujand.",
            "Служба медицины открыла клинику в Хужанде.",
            "Министерство здравоохранения открыло клинику в Худжанде.",
        ),
        (
            "Doctors met at the Ministry of Health on Monday.",
            "Врачи встретились в службе медицины в понедельник.",
            "Врачи встретились в Министерстве здравоохранения в понедельник.",
        ),
        (
            "Schools in Khujand will close early.",
            "Школы Хужанда закроются рано.",
            "Школы Худжанда закроются раньше.",
        ),
        (
            "Clinics will get new equipment, the Ministry of Health said.",
            "Клиники получат новую технику, сообщила служба медицины.",
            "Клиники получат новое оборудование, сообщило Министерство здравоохранения.",
        ),
        (
            "The WHO sent vaccines to Dushanbe.",
            "КТО отправил вакцины в Душанбе.",
            "Всемирная организация здравоохранения отправила вакцины в Душанбе.",
        ),
        (
            "Experts of the WHO will arrive in spring.",
            "Эксперты КТО приедут весной.",
            "Эксперты Всемирной организации здравоохранения приедут весной.",
        ),
        (
            "Rain fell in Kulob.",
            "В Кулябе прошёл дождь.",
            "В Кулябе прошёл дождь.",
        ),
    ],
);

const ARABIC: Reviews = (
    Language::ENGLISH,
    Language::ARABIC,
    &[
        (
            "The Border Service detained two smugglers.",
            "احتجزت خدمة الحد مهربين اثنين.",
            "احتجز جهاز الحدود مهربين اثنين.",
        ),
        (
            "A new post was built by the Border Service.",
            "وبنت خدمة الحد مركزا جديدا.",
            "وبنى جهاز الحدود مركزا جديدا.",
        ),
        (
            "Officers of the Border Service came to Khorog.",
            "وصل ضباط خدمة الحد إلى خروغ.",
            "وصل ضباط لجهاز الحدود إلى خاروغ.",
        ),
        (
            "Khorog gets a new school.",
            "خروغ تحصل على مدرسة جديدة.",
            "خاروغ تحصل على مدرسة جديدة.",
        ),
    ],
);

#[test]
fn what_reviewers_put_for_a_term_is_suggested_from_english_into_russian() {
    insta::assert_snapshot!(suggested(&reviews(RUSSIAN), &Glossary::default(), 2), @r"
    Ministry of Health = Министерство здравоохранения (3 of 3, not Служба медицины)
    WHO = Всемирной организации здравоохранения (2 of 2, not КТО)
    Khujand = Худжанда (2 of 2, not Хужанда)
    ");
}

#[test]
fn what_reviewers_put_for_a_term_is_suggested_from_english_into_arabic() {
    insta::assert_snapshot!(suggested(&reviews(ARABIC), &Glossary::default(), 2), @r"
    Border Service = جهاز الحدود (3 of 3, not خدمة الحد)
    Khorog = خاروغ (2 of 2, not خروغ)
    ");
}

#[test]
fn more_evidence_may_be_asked_for_and_order_does_not_matter() {
    let mut all = reviews(RUSSIAN);
    all.extend(reviews(ARABIC));
    let told = suggested(&all, &Glossary::default(), 3);
    insta::assert_snapshot!(told, @r"
    Border Service = جهاز الحدود (3 of 3, not خدمة الحد)
    Ministry of Health = Министерство здравоохранения (3 of 3, not Служба медицины)
    ");
    all.reverse();
    assert_eq!(suggested(&all, &Glossary::default(), 3), told);
}

#[test]
fn terms_of_the_glossary_are_left_out_in_the_languages_that_it_has() {
    let mut all = reviews(RUSSIAN);
    all.extend(reviews(ARABIC));
    let known = glossary(
        "a.csv",
        "en,ru\nMinistry of Health,Министерство здравоохранения\nKhujand,Худжанд\nBorder Service,Пограничная служба\n",
    );
    let told = suggested(&all, &known.unwrap(), 2);
    assert!(!told.contains("Ministry") && !told.contains("Khujand"), "{told}");
    assert!(told.contains("Border Service = جهاز الحدود"), "{told}");
}

#[test]
fn where_two_phrases_explain_a_change_equally_well_neither_is_suggested() {
    let both = reviews((
        Language::ENGLISH,
        Language::RUSSIAN,
        &[
            (
                "Kind Hearts helped Good Hands.",
                "А помогли Б.",
                "Синица помогла Ласточке.",
            ),
            (
                "Good Hands thanked Kind Hearts.",
                "Б благодарит А.",
                "Ласточка благодарит Синицу.",
            ),
        ],
    ));
    assert_eq!(suggested(&both, &Glossary::default(), 1), "");
}

#[test]
fn what_was_not_changed_or_only_inflected_is_no_suggestion() {
    let same = reviews((
        Language::ENGLISH,
        Language::RUSSIAN,
        &[
            (
                "They met in Dushanbe.",
                "Встретились Душанбе.",
                "Встретились в Душанбе.",
            ),
            ("The station was opened.", "Станцию открыта.", "Станция открыта."),
            (
                "A station for Dushanbe.",
                "Станцией для Душанбе.",
                "Станция для Душанбе.",
            ),
        ],
    ));
    assert_eq!(suggested(&same, &Glossary::default(), 1), "");
    let mut unknown = reviews(RUSSIAN);
    for review in &mut unknown {
        review.machine = None;
    }
    assert_eq!(suggested(&unknown, &Glossary::default(), 1), "");
    assert_eq!(suggested(&[], &Glossary::default(), 1), "");
}

#[test]
fn rows_hold_a_term_in_all_its_languages_and_make_a_glossary_without_fault() {
    let mut all = reviews(RUSSIAN);
    all.extend(reviews(ARABIC));
    all.extend(reviews((
        Language::ENGLISH,
        Language::ARABIC,
        &[
            ("The mayor of Khujand spoke.", "تحدث عمدة خوجنت.", "تحدث عمدة خوجند."),
            ("Snow in Khujand.", "ثلوج في خوجنت.", "ثلوج في خوجند."),
        ],
    )));
    let rows = rows(&suggest(&all, &Glossary::default(), 2));
    let khujand = rows
        .iter()
        .find(|row| row.forms[&Language::ENGLISH] == ["Khujand"])
        .unwrap();
    assert_eq!(khujand.forms[&Language::ARABIC], ["خوجند"]);
    assert!(khujand.forms[&Language::RUSSIAN][0].starts_with("Худжанд"));
    assert_eq!(
        khujand.note,
        "en-ar: corrected in 2 of 2 segments, from “خوجنت”; en-ru: corrected in 2 of 2 segments, from “Хужанда”"
    );
    let mut text = "en,ru,ar,note\n".to_owned();
    for row in &rows {
        let cell = |language| {
            row.forms
                .get(&language)
                .map(|forms| forms.join("|"))
                .unwrap_or_default()
        };
        let cells = [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC].map(cell);
        writeln!(text, "{},\"{}\"", cells.join(","), row.note).unwrap();
    }
    let read = glossary("a.csv", &text).unwrap();
    assert_eq!((read.len(), read.faults()), (rows.len(), Vec::new()));
}
