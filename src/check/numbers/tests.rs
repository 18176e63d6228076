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
    findings
        .into_iter()
        .map(|finding| format!("{} {}", finding.code, finding.words.join(" ")))
        .collect()
}

#[test]
fn the_same_number_in_other_digits_marks_and_scale_words_is_the_same() {
    for (source, from, output, to) in [
        ("14.6 million dollars", EN, "14,6 млн долларов", RU),
        ("14.6 million dollars", EN, "14,6 миллион доллар", TG),
        ("14.6 million dollars", EN, "14600000 долларов", RU),
        ("400,000 citizens", EN, "لـ400000 مواطن", AR),
        ("400,000 citizens", EN, "400 ҳазор шаҳрванд", TG),
        ("1,234,567 people", EN, "1 234 567 человек", RU),
        ("5.9 and 2024", EN, "٥٫٩ و٢٠٢٤", AR),
        ("at 9.30", EN, "в 9:30", RU),
        ("on 12.05.2024", EN, "12/05/2024", RU),
        ("5 March 2024", EN, "05.03.2024", RU),
        ("the 1990s", EN, "في التسعينيات", AR),
        ("the 20th century", EN, "XX век", RU),
        ("0.50", EN, "0,5", RU),
    ] {
        assert_eq!(
            codes(source, from, output, to),
            Vec::<String>::new(),
            "{source} | {output}"
        );
    }
}

#[test]
fn a_number_may_be_spelled_out_on_the_other_side() {
    for (source, from, output, to) in [
        ("25 people", EN, "двадцать пять человек", RU),
        ("25 people", EN, "бисту панҷ нафар", TG),
        ("25 people", EN, "خمسة وعشرون شخصا", AR),
        ("two days", EN, "2 дня", RU),
        ("after 2 days", EN, "بعد يومين", AR),
        ("300 tonnes", EN, "триста тонн", RU),
        ("6 thousand", EN, "ستة آلاف", AR),
        ("13 guests", EN, "ثلاثة عشر نزيلا", AR),
    ] {
        assert_eq!(
            codes(source, from, output, to),
            Vec::<String>::new(),
            "{source} | {output}"
        );
    }
}

#[test]
fn a_changed_lost_or_added_number_is_found() {
    assert_eq!(
        codes("in 2024", EN, "в 2025 году", RU),
        ["number-missing 2024", "number-added 2025"]
    );
    assert_eq!(codes("14 people died", EN, "люди погибли", RU), ["number-missing 14"]);
    assert_eq!(codes("people died", EN, "14 нафар мурданд", TG), ["number-added 14"]);
    assert_eq!(
        codes("3.5 percent", EN, "35 %", RU),
        ["number-missing 3.5", "number-added 35"]
    );
}

#[test]
fn a_changed_scale_is_a_changed_number() {
    assert_eq!(
        codes("3 million", EN, "3 миллиарда", RU),
        ["number-missing 3", "number-added 3"]
    );
    assert_eq!(
        codes("14.6 million", EN, "14,6 доллара", RU),
        ["number-missing 14.6", "number-added 14,6"]
    );
}

#[test]
fn very_long_and_odd_digits_do_no_harm() {
    let long = "9".repeat(5_000);
    assert_eq!(codes(&long, EN, &long, RU), Vec::<String>::new());
    assert_eq!(
        codes("0 000 0,0 .5 5. 1,,2 1.2.3.4", EN, "0 000 0,0 .5 5. 1,,2 1.2.3.4", RU),
        Vec::<String>::new()
    );
}
