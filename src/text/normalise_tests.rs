use proptest::prelude::*;

use super::*;

#[test]
fn composed_and_decomposed_letters_become_the_same() {
    assert_eq!(normalise("и\u{306}од cafe\u{301}"), "йод café");
}

#[test]
fn terminal_escapes_are_gone_and_the_text_between_them_stays() {
    assert_eq!(normalise("\u{1B}[1;31mRed\u{1B}[0m alert"), "Red alert");
    assert_eq!(normalise("\u{1B}]0;owned\u{7}Title \u{9B}2Jtext\u{1B}(B"), "Title text");
    assert_eq!(normalise("\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\"), "link");
    assert_eq!(normalise("broken \u{1B}]0;no end\nnext line"), "broken\nnext line");
    assert_eq!(normalise("\u{1B}Дар охир\u{1B}"), "Дар охир");
}

#[test]
fn control_and_direction_characters_are_removed() {
    assert_eq!(
        normalise("\u{FEFF}a\u{0}b\u{202E}c\u{2066}d\u{200F}e\u{AD}f\u{200B}g\u{E0041}"),
        "abcdefg"
    );
}

#[test]
fn persian_keeps_its_zero_width_non_joiner_and_other_scripts_lose_it() {
    assert_eq!(normalise("می\u{200C}رود"), "می\u{200C}رود");
    assert_eq!(normalise("su\u{200C}mmit са\u{200C}ммит"), "summit саммит");
    assert_eq!(normalise("می\u{200C} رود\u{200C}"), "می رود");
}

#[test]
fn joined_emoji_stay_whole() {
    assert_eq!(
        normalise("👩\u{200D}🚒 ❤\u{FE0F}\u{200D}🔥"),
        "👩\u{200D}🚒 ❤\u{FE0F}\u{200D}🔥"
    );
    assert_eq!(normalise("a\u{200D}b 1\u{200D}2"), "ab 12");
}

#[test]
fn every_kind_of_space_and_line_end_is_folded() {
    assert_eq!(
        normalise("  a\u{A0}\u{2009} b\tc \r\nd\re\u{2028}f  "),
        "a b c\nd\ne\nf"
    );
}

#[test]
fn paragraphs_stay_apart_by_one_blank_line() {
    assert_eq!(normalise("\n\na\r\n \r\n\r\n\r\nb\u{2029}c\n"), "a\n\nb\n\nc");
}

#[test]
fn a_text_without_anything_visible_becomes_empty() {
    assert_eq!(normalise("\u{200B} \u{FEFF}\r\n\t\u{1B}[0m"), "");
}

#[test]
fn models_get_arabic_without_tatweel_and_vowel_marks() {
    assert_eq!(for_model("مُحَمَّد العــــربية"), "محمد العربية");
    assert_eq!(for_model("\u{FEFB}\u{FE91}"), "لاب");
}

#[test]
fn models_get_typewriter_quotes_few_dashes_and_no_line_breaks_inside_a_paragraph() {
    assert_eq!(
        for_model("“It’s ‘ours’”, 5\u{2011}6 − «да» — 2024–2025…"),
        "\"It's 'ours'\", 5-6 - «да» — 2024–2025..."
    );
    assert_eq!(for_model("one\ntwo\n\nthree"), "one two\n\nthree");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn normalising_twice_changes_nothing(text in "\\PC*|[ \\n\\ra-zа-яآ-ی\u{200C}\u{200D}\u{1B}\\[\\]m;👩🚒\u{301}\u{64E}]*") {
        let once = normalise(&text);
        prop_assert_eq!(&normalise(&once), &once);
        let model = for_model(&text);
        prop_assert_eq!(&for_model(&model), &model);
    }
}
