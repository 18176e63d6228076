use std::time::Instant;

use super::*;

fn sentences() -> impl Iterator<Item = (Language, &'static str)> {
    let lines = include_str!("sentences.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (code, sentence) = line.split_once('\t').expect("a language and a sentence");
        (Language::parse(code).expect(code), sentence)
    })
}

fn language_of(text: &str) -> Option<Language> {
    detect(text).map(|detected| detected.language)
}

#[test]
fn single_sentences_are_told_apart_at_least_ninety_nine_times_in_a_hundred() {
    let mut count: BTreeMap<Language, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (language, sentence) in sentences() {
        *count.entry(language).or_default() += 1;
        assert!(sentence.split_whitespace().count() >= 8, "{sentence}");
        if language_of(sentence) != Some(language) {
            wrong.push(format!("{language} taken for {:?}: {sentence}", detect(sentence)));
        }
    }
    assert!(
        count.len() == 8 && count.values().all(|sentences| *sentences == 50),
        "{count:?}"
    );
    println!("{} of 400 wrong", wrong.len());
    assert!(wrong.len() <= 4, "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_test_sentence_was_trained_on() {
    for (_, sentence) in sentences() {
        assert!(PROFILES.iter().all(|(_, text)| !text.contains(sentence)), "{sentence}");
    }
}

#[test]
fn tajik_typed_on_a_russian_keyboard_is_still_tajik() {
    for (language, sentence) in sentences().filter(|(language, _)| *language == Language::TAJIK) {
        let plain = plain_tajik(sentence);
        assert_eq!(language_of(&plain), Some(language), "{plain}");
    }
}

#[test]
fn persian_with_arabic_letters_and_arabic_with_vowel_marks_keep_their_language() {
    assert_eq!(
        language_of("وزير امور خارجه برای گفتگو دربارهٔ همكاری‌ها وارد كشور شد"),
        Some(Language::PERSIAN)
    );
    assert_eq!(
        language_of("وَصَلَ الوَزِيرُ إِلَى العَاصِمَةِ يَوْمَ الثُّلَاثَاءِ لِإِجْرَاءِ مُحَادَثَاتٍ"),
        Some(Language::ARABIC)
    );
}

#[test]
fn other_languages_are_nobodys() {
    for sentence in [
        "Президент України заявив, що переговори відбудуться наступного тижня у столиці.",
        "Президентът заяви, че преговорите ще се проведат следващата седмица в столицата.",
        "Le président a déclaré que les négociations auraient lieu la semaine prochaine à Genève.",
        "Der Präsident erklärte, dass die Verhandlungen nächste Woche in der Hauptstadt stattfinden werden.",
        "El presidente declaró que las negociaciones se celebrarán la próxima semana en la capital.",
        "Cumhurbaşkanı görüşmelerin gelecek hafta başkentte yapılacağını söyledi.",
        "صدر نے کہا کہ مذاکرات اگلے ہفتے دارالحکومت میں ہوں گے۔",
        "ولسمشر وويل چې خبرې به راتلونکې اوونۍ په پلازمېنه کې وشي.",
        "Ил башлыгы сөйләшүләрнең киләсе атнада башкалада булачагын әйтте.",
        "总统说谈判将于下周在首都举行。",
        "נשיא המדינה אמר כי השיחות יתקיימו בשבוע הבא בבירה.",
    ] {
        assert_eq!(detect(sentence), None, "{sentence}");
    }
}

#[test]
fn a_text_without_letters_has_no_language() {
    for text in ["", "  ", "2024 — 15:30 !!!", "😀😀"] {
        assert_eq!(detect(text), None);
    }
}

#[test]
fn a_few_foreign_names_do_not_change_the_language() {
    let text = "Ширкати Orient Steel International бо ҳамроҳии Bank of Asia дар Душанбе корхонаи нав месозад.";
    assert_eq!(language_of(text), Some(Language::TAJIK));
    assert_eq!(
        language_of("The café owner, Señor Núñez, told the council that he would not pay."),
        Some(Language::ENGLISH)
    );
}

#[test]
fn a_clear_sentence_is_surer_than_three_words() {
    let long = detect("Дар шаҳр мактаби нав кушода шуд ва дар он шашсад хонанда таҳсил мекунад.").expect("Tajik");
    let short = detect("Он пришёл").expect("a guess");
    assert!(
        long.confidence > 0.99 && long.confidence > short.confidence,
        "{long:?} {short:?}"
    );
}

#[test]
fn a_megabyte_takes_less_than_a_second() {
    detect("warm up the tables");
    let text = include_str!("profiles/tg.txt").repeat(1 + (1 << 20) / include_str!("profiles/tg.txt").len());
    let start = Instant::now();
    assert_eq!(language_of(&text), Some(Language::TAJIK));
    let seconds = start.elapsed().as_secs_f64();
    println!("{:.1} MB/s", text.len() as f64 / 1e6 / seconds);
    assert!(seconds < 1.0 || cfg!(debug_assertions), "{seconds}");
}
