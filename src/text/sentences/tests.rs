use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn cases() -> impl Iterator<Item = (Language, String, Vec<&'static str>)> {
    include_str!("cases.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (code, text) = line.split_once('\t').expect("a language and a text");
            (
                Language::parse(code).expect(code),
                text.replace(" ‖ ", " ").replace('‖', ""),
                text.split('‖').map(str::trim).collect(),
            )
        })
}

#[test]
fn sentences_end_where_a_reader_ends_them() {
    let mut wrong = Vec::new();
    for (language, text, expected) in cases() {
        let found = split(&text, language);
        if found != expected {
            wrong.push(format!("{language}: expected {expected:#?}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_blank_line_always_separates() {
    let found = split("Background\n\nthe dam of Mr.\n\nSmith\r\n \r\nend", Language::ENGLISH);
    assert_eq!(found, ["Background", "the dam of Mr.", "Smith", "end"]);
}

#[test]
fn a_wrapped_line_goes_on_and_a_list_does_not() {
    let wrapped = "The dam was built\nin 1961 by Mr.\nSmith. It holds.";
    assert_eq!(
        split(wrapped, Language::ENGLISH),
        ["The dam was built\nin 1961 by Mr.\nSmith.", "It holds."]
    );
    assert_eq!(split("Бояд:\n- об\n- нон", Language::TAJIK), ["Бояд:", "- об", "- нон"]);
    let long = "word ".repeat(40);
    assert_eq!(
        split(&format!("{long}\nnext"), Language::ENGLISH),
        [long.trim(), "next"]
    );
}

#[test]
fn a_text_without_an_end_is_one_sentence() {
    assert_eq!(split("no end here", Language::ENGLISH), ["no end here"]);
    assert!(split(" \n\n ", Language::ENGLISH).is_empty());
    assert_eq!(split("...", Language::ENGLISH), ["..."]);
}

#[test]
fn two_hundred_thousand_words_and_a_megabyte_without_spaces_take_linear_time() {
    let start = Instant::now();
    let words = "Дар шаҳр 3.5 нафар омад. ".repeat(40_000);
    assert_eq!(split(&words, Language::TAJIK).len(), 40_000);
    for line in [
        "x".repeat(1 << 20),
        "a.b".repeat(350_000),
        ". ".repeat(500_000),
        "?!".repeat(500_000),
        "\n \n".repeat(300_000),
    ] {
        let kept: usize = split(&line, Language::ENGLISH)
            .iter()
            .map(|sentence| sentence.len())
            .sum();
        assert!(kept <= line.len());
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_long_sentence_is_cut_at_its_strongest_clause_mark() {
    let text = "The minister arrived on Monday, met the mayor; the talks, which lasted two hours, ended without result";
    assert_eq!(
        split_long(text, 12),
        [
            "The minister arrived on Monday, met the mayor;",
            "the talks, which lasted two hours, ended without result"
        ]
    );
    assert_eq!(split_long(text, 100), [text]);
    assert_eq!(split_long("", 5), Vec::<&str>::new());
}

#[test]
fn a_long_sentence_without_marks_is_cut_evenly_between_words() {
    let text = "one two three four five six seven eight nine ten";
    assert_eq!(
        split_long(text, 8),
        ["one two three four five", "six seven eight nine ten"]
    );
    assert_eq!(split_long("a b c", 0), ["a", "b", "c"]);
}

#[test]
fn no_piece_is_longer_than_asked() {
    let text = "сухан, ".repeat(5_000);
    for piece in split_long(&text, 30) {
        assert!(piece.split_whitespace().count() <= 30);
    }
}

fn without_space(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_but_white_space_is_lost(text in "[ \\n.!?…»\"'a-cА-В0-9ا-ت؟,;—-]{0,60}|\\PC{0,40}", most in 1_usize..9) {
        for language in [Language::ENGLISH, Language::TAJIK, Language::ARABIC] {
            prop_assert_eq!(without_space(&split(&text, language).concat()), without_space(&text));
        }
        prop_assert_eq!(without_space(&split_long(&text, most).concat()), without_space(&text));
    }
}
