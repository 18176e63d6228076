//! Input made to do harm: expansion, nesting, noise.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

/// Reads with a time limit far above what honest work takes, even in a slow build.
fn soon(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<Outcome> {
    let start = Instant::now();
    let outcomes = read_bytes(name, bytes);
    assert!(
        start.elapsed() < Duration::from_secs(90),
        "{name} took {:?}",
        start.elapsed()
    );
    outcomes
}

#[test]
fn entities_of_a_feed_are_not_expanded() {
    let mut feed = String::from("<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY l0 \"laughs\">");
    for level in 1..10 {
        let inner = format!("&l{};", level - 1).repeat(10);
        let entity = format!("<!ENTITY l{level} \"{inner}\">");
        feed.push_str(&entity);
    }
    feed.push_str("<!ENTITY file SYSTEM \"file:///etc/passwd\">]><rss version=\"2.0\"><channel><title>t</title><item>");
    feed.push_str(
        "<title>Title</title><description>The bridge is open. &l9; &file;</description></item></channel></rss>",
    );
    for outcome in soon("feed.xml", feed) {
        let body = outcome.map_or_else(|rejection| rejection.reason, |article| article.body);
        assert!(
            body.len() < 200 && !body.contains("laughs") && !body.contains("root:"),
            "{body}"
        );
    }
}

#[test]
fn json_nested_without_end_is_rejected() {
    let nested = format!("{{\"text\": {}1{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(codes(&soon("a.jsonl", nested.clone())), ["too-deep"]);
    assert_eq!(codes(&soon("a.json", format!("[{nested}]"))), ["too-deep"]);
    assert_eq!(codes(&soon("a.json", "[".repeat(1_000_000))), ["too-deep"]);
    assert_eq!(codes(&soon("a.json", "[{\"a\":".repeat(100_000))).len(), 1);
}

#[test]
fn pages_nested_without_end_are_rejected() {
    for open in [
        "<div>",
        "<b>",
        "<span><div></span>",
        "<b><div></b>",
        "<p><b><i>",
        "<table><tr><td>",
        "<li><dd>",
        "<optgroup>",
        "<svg><g>",
        "<div =\"><b>",
        "<!--><div>",
        "<font size=1>",
        "<x-y>",
        "<table><template></table>",
        "<rt>",
    ] {
        let page = format!("<html><body>{}Words", open.repeat(100_000));
        assert_eq!(codes(&soon("a.html", page)), ["too-deep"], "{open}");
    }
}

#[test]
fn formatting_that_multiplies_is_rejected() {
    let open: Vec<String> = (0..500).map(|size| format!("<font size={size}>")).collect();
    let page = format!("<html><body>{}{}", open.concat(), "<p>Words.".repeat(100_000));
    assert_eq!(codes(&soon("a.html", page)), ["too-deep"]);
}

#[test]
fn a_page_as_deep_as_is_allowed_is_read() {
    let page = format!(
        "<html><body>{}<p>The bridge across the river is open, the ministry said on Monday.</p>{}</body></html>",
        "<div>".repeat(380),
        "</div>".repeat(380)
    );
    assert_eq!(codes(&soon("a.html", page)), ["ok"]);
}

#[test]
fn a_long_page_with_deep_parts_is_read_in_time() {
    let part = format!(
        "{}<p>The bridge is open, the ministry said, and so on.</p>{}",
        "<div>".repeat(200),
        "</div>".repeat(200)
    );
    let page = format!("<html><body>{}</body></html>", part.repeat(100));
    assert_eq!(codes(&soon("a.html", page)), ["ok"]);
    let page = format!(
        "<html><body><article>{}</article></body></html>",
        "<p>The bridge is open, they said, and so on.</p>".repeat(20_000)
    );
    assert_eq!(codes(&soon("a.html", page)), ["ok"]);
}

#[test]
fn a_careless_page_is_read() {
    let careless =
        "<li>An item<p>A paragraph with <b>bold and <i>italic words, said on Monday</p><td>cell<br>".repeat(150);
    assert_eq!(codes(&soon("a.html", format!("<html><body><ul>{careless}"))), ["ok"]);
}

#[test]
fn feeds_nested_without_end_do_no_harm() {
    let nested = "<item>".repeat(100_000);
    assert_eq!(
        soon("feed.xml", format!("<rss version=\"2.0\"><channel>{nested}")).len(),
        1
    );
    let entry = format!("&lt;div&gt;{}", "&lt;div&gt;".repeat(50_000));
    let feed = format!("<rss version=\"2.0\"><channel><item><description>{entry}</description></item></channel></rss>");
    assert_eq!(codes(&soon("feed.xml", feed)), ["too-deep"]);
}

#[test]
fn long_runs_of_anything_are_read_in_time() {
    for part in [
        "(",
        "/",
        "A ",
        "а",
        "(end) ab.cd ",
        "\n",
        "**",
        "[x](",
        "# ",
        "<",
        "&amp;",
        "- 4 ",
        "MENAFN",
    ] {
        for name in ["a.txt", "a.md", "a.html"] {
            assert!(!soon(name, part.repeat(100_000 / part.len())).is_empty());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for name in ["a.txt", "a.md", "a.jsonl", "a.json", "a.html", "a.xml"] {
            let _ = read_bytes(name, bytes.clone());
        }
    }

    #[test]
    fn random_text_after_every_opening_never_panics(text in "\\PC{0,80}") {
        for start in ["<rss version=\"2.0\"><channel><item>", "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>", "<html><body><", "{\"text\": \"",
            "[{\"text\":", "---\n", "KUWAIT, Nov 4 (KUNA) -- ", "date 2024-11-04 (MENAFN- ", "الكويت - 4 - 11 ("]
        {
            let _ = read_bytes("-", format!("{start}{text}"));
        }
    }

    #[test]
    fn cleaning_twice_changes_nothing(text in "(KUWAIT, Nov 4 \\(KUNA\\) -- )?[A-Za-zа-я .,()/«»-]{1,80}( \\(end\\) ab.cd)?") {
        if let [Ok(first)] = read_bytes("a.txt", text).as_slice() {
            let again = serde_json::json!({"title": first.title, "text": first.body}).to_string();
            if let [Ok(second)] = read_bytes("a.jsonl", again).as_slice() {
                prop_assert_eq!(&first.id, &second.id);
            }
        }
    }
}
