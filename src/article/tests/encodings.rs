//! Every encoding that news comes in.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1251, WINDOWS_1256};

use super::*;

const RUSSIAN: &str =
    "Министерство сообщило, что новый мост через реку откроют весной. Движение начнётся в понедельник.";
const TAJIK_PLAIN: &str = "Вазорати наклиёт хабар дод, ки пули нав аз болои дарё дар бахор кушода мешавад.";
const TAJIK: &str = "Вазорати нақлиёт хабар дод, ки пули нав аз болои дарё дар баҳор кушода мешавад.";
const ARABIC: &str = "أعلنت وزارة النقل أن الجسر الجديد على النهر سيفتتح في الربيع، وأن الحركة ستبدأ يوم الاثنين.";

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, lossy) = encoding.encode(text);
    assert!(!lossy, "{} cannot write {text}", encoding.name());
    bytes.into_owned()
}

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        })
        .collect()
}

#[test]
fn utf8_is_read_with_and_without_a_mark() {
    assert_eq!(article("a.txt", RUSSIAN).body, RUSSIAN);
    let mut marked = b"\xef\xbb\xbf".to_vec();
    marked.extend(encoded(UTF_8, TAJIK));
    assert_eq!(article("a.txt", marked).body, TAJIK);
}

#[test]
fn utf16_is_read_in_both_orders_with_and_without_a_mark() {
    for text in [
        RUSSIAN,
        TAJIK,
        ARABIC,
        "The bridge across the river will be opened in spring.",
    ] {
        for (big_endian, mark) in [(false, true), (true, true), (false, false), (true, false)] {
            assert_eq!(
                article("a.txt", utf16(text, big_endian, mark)).body,
                text,
                "{big_endian} {mark}"
            );
        }
    }
}

#[test]
fn jsonl_in_utf16_is_read_line_by_line() {
    let lines = format!("{{\"text\": \"{RUSSIAN}\"}}\r\n{{\"text\": \"{ARABIC}\"}}\r\n");
    let outcomes = read_bytes("a.jsonl", utf16(&lines, false, true));
    let bodies: Vec<_> = outcomes
        .into_iter()
        .map(|outcome| outcome.expect("an article").body)
        .collect();
    assert_eq!(bodies, [RUSSIAN, ARABIC]);
}

#[test]
fn windows_1251_and_1256_are_told_apart_from_each_other_and_from_utf8() {
    assert_eq!(article("a.txt", encoded(WINDOWS_1251, RUSSIAN)).body, RUSSIAN);
    assert_eq!(article("a.txt", encoded(WINDOWS_1251, TAJIK_PLAIN)).body, TAJIK_PLAIN);
    assert_eq!(article("a.txt", encoded(WINDOWS_1256, ARABIC)).body, ARABIC);
}

#[test]
fn a_line_of_jsonl_in_windows_1251_is_read() {
    let line = format!("{{\"title\": \"Мост\", \"text\": \"{RUSSIAN}\"}}\n");
    assert_eq!(article("a.jsonl", encoded(WINDOWS_1251, &line)).body, RUSSIAN);
}

#[test]
fn fixtures_in_older_encodings_are_read() {
    let russian = read(&fixture("russian-1251.txt")).remove(0).expect("an article");
    assert_eq!(
        (russian.title.as_str(), russian.place.as_deref()),
        ("Новый мост открыт", Some("МОСКВА"))
    );
    assert!(russian.body.starts_with("Новый мост через реку"), "{}", russian.body);
    let arabic = read(&fixture("arabic-1256.txt")).remove(0).expect("an article");
    assert_eq!(
        (arabic.title.as_str(), arabic.agency.as_deref()),
        ("افتتاح جسر جديد", Some("كونا"))
    );
    assert!(arabic.body.ends_with("مليون دولار."), "{}", arabic.body);
}

#[test]
fn a_truncated_utf8_file_is_rejected_with_its_name() {
    let bytes = RUSSIAN.as_bytes();
    let rejection = rejection("news/cut.txt", &bytes[..bytes.len() - 2]);
    assert_eq!(
        (rejection.code.as_str(), rejection.input.as_str()),
        ("invalid-encoding", "news/cut.txt")
    );
    assert!(rejection.reason.contains("cut short"), "{}", rejection.reason);
}

#[test]
fn a_long_text_that_lost_only_its_last_byte_is_read() {
    let text = format!("{} конец", [RUSSIAN; 20].join(" "));
    let bytes = text.as_bytes();
    let article = article("a.txt", &bytes[..bytes.len() - 1]);
    assert!(article.body.ends_with("коне"), "{}", article.body);
}

#[test]
fn damaged_utf8_is_not_taken_for_another_encoding() {
    let mut bytes = [RUSSIAN; 3].join(" ").into_bytes();
    bytes[20] = 0xff;
    bytes[60] = 0xff;
    assert_eq!(rejection("a.txt", bytes).code, "invalid-encoding");
}

#[test]
fn a_page_in_windows_1251_is_read() {
    let page = read(&fixture("page-1251.html")).remove(0).expect("an article");
    assert_eq!(page.title, "Новый мост открыт");
    assert!(page.body.contains("первые грузовики"), "{}", page.body);
    assert!(!page.body.contains("Главная"), "{}", page.body);
}

#[test]
fn a_feed_in_windows_1251_is_read() {
    let feed = format!(
        "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\"><channel><title>Вестник</title><item>\
         <title>Мост</title><description>{RUSSIAN}</description></item></channel></rss>"
    );
    assert_eq!(article("feed.xml", encoded(WINDOWS_1251, &feed)).body, RUSSIAN);
}
