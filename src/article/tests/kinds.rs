//! Kinds told by content, and what each reader makes of them.

use super::*;
use crate::text::language::Language;

#[test]
fn jsonl_fields_are_used_and_unknown_ones_carried() {
    let outcomes = read(&fixture("news.jsonl"));
    let articles: Vec<Article> = outcomes
        .into_iter()
        .map(|outcome| outcome.expect("an article"))
        .collect();
    let [russian, arabic, tajik] = articles.as_slice() else {
        panic!("{articles:?}")
    };
    assert_eq!(russian.given_id.as_deref(), Some("n-1"));
    assert_eq!(
        russian.body,
        "В районе открыта школа на 600 мест. Занятия начнутся в понедельник."
    );
    assert_eq!(
        (russian.agency.as_deref(), russian.place.as_deref()),
        (Some("АМИТ «Ховар»"), Some("ДУШАНБЕ"))
    );
    assert_eq!(
        (russian.date.as_deref(), russian.source.as_deref()),
        (Some("2024-11-04"), Some("Вестник долины"))
    );
    assert_eq!(russian.url.as_deref(), Some("https://vestnik.example/school"));
    assert_eq!(
        serde_json::Value::Object(russian.extra.clone()),
        serde_json::json!({"topic": "education"})
    );
    assert!(russian.input.ends_with("news.jsonl:1") && arabic.input.ends_with("news.jsonl:3"));
    assert_eq!(
        (arabic.given_id.as_deref(), arabic.language.map(Language::code)),
        (Some("2"), Some("ar"))
    );
    assert_eq!(arabic.body, "افتتحت مدرسة جديدة تتسع لستمئة تلميذ.");
    assert_eq!(tajik.language.map(Language::code), Some("tg"));
    assert_eq!(tajik.extra["tags"], serde_json::json!(["маориф"]));
}

#[test]
fn json_documents_of_every_shape_are_read() {
    for document in [
        "{\n  \"text\": \"The bridge is open.\"\n}\n",
        "[{\"text\": \"The bridge is open.\"}]",
        "\u{feff}[\n  {\n    \"text\": \"The bridge is open.\"\n  }\n]",
        "{\"body\": \"The bridge is open.\"}",
        "{\"content\": \"The bridge is open.\"}",
        "{\"text\": \"The bridge is open.\"}",
    ] {
        for name in ["a.json", "a.jsonl", "a.txt", "-"] {
            assert_eq!(
                article(name, document).body,
                "The bridge is open.",
                "{name} {document:?}"
            );
        }
    }
    let many = read_bytes(
        "a.json",
        "[{\"text\": \"One [\\\"}] article.\"},\n{\"text\": \"Two articles.\"}]",
    );
    let inputs: Vec<String> = many
        .into_iter()
        .map(|outcome| outcome.expect("an article").input)
        .collect();
    assert_eq!(inputs, ["a.json#1", "a.json#2"]);
    let pretty = read_bytes(
        "-",
        "{\n\"text\": \"One article.\"\n}\n{\n\"text\": \"Two articles.\"\n}\n",
    );
    assert_eq!(codes(&pretty), ["ok", "ok"]);
}

#[test]
fn a_page_gives_its_article_without_the_rest() {
    let page = read(&fixture("page.html")).remove(0).expect("an article");
    assert_eq!(page.title, "New bridge opens over the Panj");
    assert!(page.body.starts_with("A road bridge of 216 metres"), "{}", page.body);
    assert!(page.body.ends_with("publish what they find."), "{}", page.body);
    assert!(
        page.body.contains("18 million dollars") && page.body.contains("“Last year half"),
        "{}",
        page.body
    );
    assert_eq!(page.body.split("\n\n").count(), 4);
    for boilerplate in [
        "cookies",
        "Politics",
        "Most read",
        "All rights",
        "not an article",
        "New bridge opens over",
    ] {
        assert!(!page.body.contains(boilerplate), "{boilerplate} in {}", page.body);
    }
    assert_eq!(
        (page.place.as_deref(), page.agency.as_deref()),
        (Some("DUSHANBE"), Some("Khovar"))
    );
    assert_eq!(
        (page.date.as_deref(), page.source.as_deref()),
        (Some("2024-11-04"), Some("Valley Courier"))
    );
    assert_eq!(page.url.as_deref(), Some("https://courier.example/news/bridge"));
    assert_eq!(page.language.map(Language::code), Some("en"));
}

#[test]
fn a_short_page_is_read_as_well() {
    let page = article(
        "a.txt",
        "<html lang=ru><body><h1>Мост открыт</h1><p>Мост открыли утром.</p></body></html>",
    );
    assert_eq!(
        (page.title.as_str(), page.body.as_str()),
        ("Мост открыт", "Мост открыли утром.")
    );
}

#[test]
fn feeds_give_an_article_an_entry() {
    let outcomes = read(&fixture("rss.xml"));
    assert_eq!(codes(&outcomes), ["ok", "ok", "no-text"]);
    let wheat = outcomes[0].as_ref().expect("an article");
    assert_eq!(wheat.title, "Wheat harvest & prices");
    assert_eq!(
        wheat.body,
        "The wheat harvest reached 1.2 million tonnes.\n\nPrices fell by 3 percent, traders said."
    );
    assert_eq!(
        (wheat.date.as_deref(), wheat.source.as_deref()),
        (Some("2024-11-04"), Some("Valley Courier"))
    );
    assert_eq!(wheat.url.as_deref(), Some("https://courier.example/news/wheat"));
    assert_eq!(wheat.given_id.as_deref(), Some("courier-wheat"));
    assert!(wheat.input.ends_with("rss.xml#1"));
    assert_eq!(
        outcomes[1].as_ref().expect("an article").body,
        "Snow closed the pass on Tuesday; buses wait below."
    );

    let atom = read(&fixture("atom.xml")).remove(0).expect("an article");
    assert_eq!(
        atom.body,
        "Мост длиной 216 метров открыт в понедельник.\n\nПервые грузовики прошли через час."
    );
    assert_eq!(
        (atom.date.as_deref(), atom.title.as_str()),
        (Some("2024-11-04"), "Открыт новый мост")
    );
    assert_eq!(atom.url.as_deref(), Some("https://vestnik.example/1"));
}

#[test]
fn a_json_feed_is_a_feed() {
    let feed = r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Courier", "items": [{"id": "1", "title": "Bridge", "content_text": "The bridge is open."}]}"#;
    assert_eq!(article("feed.json", feed).body, "The bridge is open.");
}

#[test]
fn kinds_are_told_whatever_the_name() {
    let page = std::fs::read(fixture("page.html")).expect("a fixture");
    let feed = std::fs::read(fixture("rss.xml")).expect("a fixture");
    for name in ["-", "a.txt", "a.jsonl", "a"] {
        assert_eq!(article(name, page.clone()).title, "New bridge opens over the Panj");
        assert_eq!(read_bytes(name, feed.clone()).len(), 3);
    }
    assert_eq!(
        article("a.html", "No markup here at all.").body,
        "No markup here at all."
    );
    assert_eq!(
        article("a.txt", "[Dushanbe] The bridge is open.").body,
        "[Dushanbe] The bridge is open."
    );
    assert_eq!(
        article("a.txt", "{Note} The bridge is open.").body,
        "{Note} The bridge is open."
    );
    assert_eq!(
        article("a.txt", "<3 The town loves its bridge.").body,
        "<3 The town loves its bridge."
    );
}

#[test]
fn the_same_words_are_the_same_article_however_spaced() {
    let id = |text: &str| article("a.txt", text).id;
    let first = id("Bridge opens\n\nThe bridge is open. Lorries crossed it.");
    assert_eq!(
        first,
        id("Bridge opens\r\n\r\n\r\nThe bridge   is open.\r\nLorries crossed\u{a0}it.\r\n")
    );
    assert_eq!(
        first,
        id("Bridge opens\n\nKUWAIT, Nov 4 (KUNA) -- The bridge is open. Lorries crossed it. (end) ab.cd")
    );
    assert_ne!(first, id("Bridge opens\n\nThe bridge is open. Lorries crossed it!"));
    assert_ne!(first, id("The bridge is open. Lorries crossed it."));
    assert_eq!(
        (first.len(), first.chars().all(|letter| letter.is_ascii_hexdigit())),
        (64, true)
    );
}

#[test]
fn a_language_or_date_that_is_not_understood_is_kept_as_given() {
    let article = article(
        "-",
        r#"{"text": "The bridge across the river is open.", "language": "klingon", "date": "yesterday"}"#,
    );
    assert_eq!(
        (article.language.map(Language::code), article.date.as_deref()),
        (Some("en"), None)
    );
    assert_eq!(
        (&article.extra["language"], &article.extra["date"]),
        (&"klingon".into(), &"yesterday".into())
    );
}

#[test]
fn only_web_addresses_are_taken_as_links() {
    let article = article(
        "-",
        r#"{"text": "The bridge across the river is open.", "url": "javascript:alert(1)"}"#,
    );
    assert_eq!(
        (article.url.as_deref(), &article.extra["url"]),
        (None, &"javascript:alert(1)".into())
    );
}

#[test]
fn a_year_in_the_date_field_completes_the_dateline() {
    let article = article(
        "-",
        r#"{"text": "KUWAIT, Nov 4 (KUNA) -- The bridge is open.", "date": "2024"}"#,
    );
    assert_eq!(article.date.as_deref(), Some("2024-11-04"));
}
