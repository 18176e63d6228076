#![allow(clippy::unwrap_used)]

mod documents;
mod made_up;
mod recipients;

use std::fmt::Write as _;

use made_up::{digest, for_recipient, mark};

use super::{Digest, DigestError, Exporter, all_exporters, exporter, rehearse};
use crate::prompts::Prompts;
use crate::text::language::Language;

const LANGUAGES: [Language; 4] = [Language::ENGLISH, Language::RUSSIAN, Language::ARABIC, Language::TAJIK];

fn written(format: &str, digest: &Digest) -> String {
    let prompts = Prompts::load(None).unwrap();
    let mut out = Vec::new();
    exporter(format, &prompts).unwrap().export(digest, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A digest of one article, changed by `change`.
fn one(change: impl Fn(&mut super::Item)) -> Digest {
    changed(&digest(Language::ENGLISH), |items| {
        items.truncate(1);
        change(&mut items[0]);
    })
}

fn changed(digest: &Digest, change: impl FnOnce(&mut Vec<super::Item>)) -> Digest {
    let mut items = digest.items.iter().collect::<Result<Vec<_>, _>>().unwrap();
    change(&mut items);
    Digest {
        items: items.into(),
        ..digest.clone()
    }
}

#[test]
fn a_digest_from_a_file_is_the_same_to_the_byte_as_one_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let held = digest(Language::ARABIC);
    let mut spool = super::Spool::new_in(folder.path()).unwrap();
    for item in &held.items {
        spool.push(&item.unwrap()).unwrap();
    }
    let read = Digest {
        items: spool.finish().unwrap(),
        ..held.clone()
    };
    for format in ["html", "markdown", "jsonl", "csv", "xliff", "tmx"] {
        assert_eq!(written(format, &held), written(format, &read), "{format}");
    }
    drop(read);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "it leaves no file behind"
    );
}

/// What is inside a Word file.
fn part(document: &[u8], name: &str) -> String {
    let mut package = zip::ZipArchive::new(std::io::Cursor::new(document)).unwrap();
    std::io::read_to_string(package.by_name(name).unwrap()).unwrap()
}

/// Every file of a format as text; of a Word file, its document.
fn files(exporter: &dyn Exporter, digest: &Digest) -> Vec<(String, String)> {
    let file = |(name, digest): (String, Digest)| {
        let mut out = Vec::new();
        exporter.export(&digest, &mut out).unwrap();
        let text = match exporter.name() {
            "docx" => part(&out, "word/document.xml"),
            _ => String::from_utf8(out).unwrap(),
        };
        (name, text)
    };
    exporter.files(digest).unwrap().into_iter().map(file).collect()
}

#[test]
fn every_format_in_every_language_is_as_it_was() {
    let prompts = Prompts::load(None).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("(?s)<style>.*</style>", "<style>…</style>");
    let _filtered = settings.bind_to_scope();
    for language in LANGUAGES {
        // A PDF is the HTML, printed.
        for exporter in all_exporters(&prompts)
            .iter()
            .filter(|exporter| exporter.name() != "pdf")
        {
            for (name, text) in files(exporter.as_ref(), &digest(language)) {
                insta::assert_snapshot!(name, text);
            }
        }
    }
}

#[test]
fn a_recipients_digest_says_whom_it_is_for_why_and_who_else_has_the_story() {
    let prompts = Prompts::load(None).unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.add_filter("(?s)<style>.*</style>", "<style>…</style>");
    let _filtered = settings.bind_to_scope();
    for (language, formats) in [
        (Language::ARABIC, &["html", "docx"][..]),
        (Language::TAJIK, &["markdown", "atom"]),
    ] {
        for format in formats {
            let exporter = exporter(format, &prompts).unwrap();
            for (name, text) in files(exporter.as_ref(), &for_recipient(language)) {
                insta::assert_snapshot!(format!("recipient.{name}"), text);
            }
        }
    }
}

#[test]
fn the_dress_rehearsal_passes_in_every_language() {
    rehearse(&Prompts::load(None).unwrap(), &LANGUAGES).unwrap();
}

#[test]
fn a_digest_written_twice_is_the_same_to_the_byte() {
    for format in ["html", "markdown", "jsonl", "csv", "xliff", "tmx"] {
        assert_eq!(
            written(format, &digest(Language::ARABIC)),
            written(format, &digest(Language::ARABIC))
        );
    }
}

#[test]
fn an_empty_digest_says_so() {
    for (language, phrase) in [
        (Language::RUSSIAN, "нет статей"),
        (Language::ARABIC, "لا توجد مقالات"),
        (Language::TAJIK, "мақола нест"),
    ] {
        let empty = Digest {
            language,
            recipient: None,
            items: Vec::new().into(),
            rejected: 0,
        };
        assert!(written("html", &empty).contains(phrase));
        assert!(written("markdown", &empty).contains(phrase));
        assert_eq!(written("jsonl", &empty), "");
    }
}

#[test]
fn markup_in_an_article_is_shown_and_not_obeyed() {
    let attack = "</title></p><script>alert(1)</script><img src=x onerror=\"alert('2')\">";
    let page = written(
        "html",
        &one(|item| {
            for text in [
                &mut item.title,
                &mut item.source_title,
                &mut item.input,
                &mut item.translator,
            ] {
                attack.clone_into(text);
            }
            item.summary = vec![attack.to_owned()];
            item.source_summary = vec![attack.to_owned()];
            for text in [
                &mut item.agency,
                &mut item.place,
                &mut item.source,
                &mut item.date,
                &mut item.url,
            ] {
                *text = Some(attack.to_owned());
            }
            item.marks = vec![mark(attack, attack, &[attack, "script"])];
        }),
    );
    assert!(page.contains("&lt;script&gt;alert(1)") || page.contains("&lt;<mark>script</mark>&gt;alert(1)"));
    for forbidden in ["<script", "<img", "onerror=\"", "</title></p>"] {
        assert!(!page.contains(forbidden), "{forbidden} stands in the page");
    }
}

#[test]
fn template_and_markdown_syntax_in_an_article_is_shown_and_not_obeyed() {
    let attack = "# {{ phrases.title }} {% raw %} [a](javascript:alert(1)) *b* <b>c</b> `d` __e__";
    let text = written(
        "markdown",
        &one(|item| {
            item.source_language = Language::RUSSIAN;
            item.summary = vec![attack.to_owned(), "4. five".to_owned()];
            item.source_summary = vec![attack.to_owned()];
        }),
    );
    assert_eq!(
        2,
        text.matches(r"\# {{ phrases.title }} {% raw %} \[a\](javascript:alert(1)) \*b\* \<b>c\</b> \`d\` \_\_e\_\_")
            .count()
    );
}

#[test]
fn controls_of_direction_are_dropped_so_that_nothing_can_turn_around_the_page() {
    let turned = "pay \u{202E}0001\u{202C} dollars\u{2067}\u{0000}\u{200F}";
    for format in ["html", "markdown", "csv"] {
        let text = written(
            format,
            &one(|item| {
                turned.clone_into(&mut item.title);
                item.agency = Some(turned.to_owned());
            }),
        );
        assert!(text.contains("pay 0001 dollars\u{200F}"), "{format}");
        assert!(!text.contains(['\u{202E}', '\u{202C}', '\u{2067}', '\0']), "{format}");
    }
}

#[test]
fn only_web_addresses_become_links() {
    for (url, linked) in [
        ("https://example.org/a?b=c&d=e", true),
        ("HTTP://example.org/", true),
        ("javascript:alert(1)", false),
        (" java\nscript:alert(1)", false),
        ("data:text/html,<script>", false),
        ("file:///etc/passwd", false),
        ("//example.org/", false),
        ("https://", false),
        ("https://example.org/\" onclick=\"alert(1)", false),
        ("https://ministry.example@elsewhere.example/", false),
        ("", false),
    ] {
        let page = written("html", &one(|item| item.url = Some(url.to_owned())));
        assert_eq!(page.contains("rel=\"noopener noreferrer external\""), linked, "{url}");
        let text = written("markdown", &one(|item| item.url = Some(url.to_owned())));
        assert_eq!(text.contains("](<"), linked, "{url}");
    }
}

#[test]
fn language_and_direction_stand_on_every_text_of_another_language() {
    let page = written("html", &digest(Language::ARABIC));
    assert!(page.contains("<html lang=\"ar\" dir=\"rtl\">"));
    assert!(page.contains("<p class=\"summary\" lang=\"ar\" dir=\"rtl\">"));
    assert!(page.contains("<p class=\"summary\" lang=\"fa\" dir=\"rtl\">"));
    assert!(page.contains("<div class=\"text\" lang=\"en\" dir=\"ltr\">"));
    assert!(page.contains("<div class=\"text\" lang=\"tg\" dir=\"ltr\">"));
    assert!(page.contains("<bdi lang=\"en\">Kuwait News Agency (KUNA)</bdi>"));
    let text = written("markdown", &digest(Language::ARABIC));
    assert!(text.starts_with("<div lang=\"ar\" dir=\"rtl\">\n\n# "));
    assert!(text.contains("\u{2068}Kuwait News Agency (KUNA)\u{2069}"));
}

#[test]
fn the_page_needs_nothing_from_outside_and_runs_nothing() {
    for language in LANGUAGES {
        let page = written("html", &digest(language));
        for forbidden in [
            "<script", "<link", "<img", "<iframe", "@import", "url(", " src=", " onclick", "<object",
        ] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}

#[test]
fn tags_of_the_page_are_balanced_and_ids_are_unique() {
    for language in LANGUAGES {
        let page = written("html", &digest(language));
        for tag in [
            "html", "head", "body", "main", "nav", "ol", "ul", "li", "article", "p", "h2", "bdi", "span", "mark",
            "details", "div", "dl", "dt", "dd", "a", "section",
        ] {
            let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
            assert_eq!(
                opened,
                page.matches(&format!("</{tag}>")).count(),
                "{tag} in {language:?}"
            );
        }
        let mut ids: Vec<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}

#[test]
fn a_title_of_300_words_is_whole_in_the_article_and_short_in_the_contents() {
    let mut long = String::new();
    for number in 0..300 {
        write!(long, "word{number} ").unwrap();
    }
    let digest = changed(&digest(Language::ENGLISH), |items| items[1].title.clone_from(&long));
    let page = written("html", &digest);
    assert_eq!(page.matches("word299").count(), 1);
    assert!(page.matches("word5 ").count() == 2 && page.contains("…</span></a>"));
}

#[test]
fn an_article_without_title_or_summary_is_still_there() {
    let bare = one(|item| {
        item.title.clear();
        item.source_title.clear();
        item.summary.clear();
        item.source_summary.clear();
        item.agency = Some(" ".to_owned());
    });
    for format in ["html", "markdown"] {
        assert!(written(format, &bare).contains("Untitled"), "{format}");
    }
}

#[test]
fn an_article_in_the_digests_own_language_is_not_called_untranslated() {
    let own = one(|item| item.untranslated = true);
    assert!(!written("html", &own).contains("ot translated"));
    assert!(!written("csv", &own).contains("true"));
}

#[test]
fn marks_that_say_the_same_are_told_once_with_all_their_words() {
    let page = written(
        "html",
        &one(|item| {
            item.marks = vec![
                mark("number", "a", &["12"]),
                mark("number", "b", &["13", "12"]),
                mark("name", "c", &[]),
            ];
        }),
    );
    assert_eq!(page.matches("A number differs").count(), 1);
    assert!(page.contains("Concerns: “<bdi>12</bdi>”, “<bdi>13</bdi>”</span>"));
}

#[test]
fn words_of_a_mark_are_highlighted_as_whole_words_only() {
    let runs = super::highlight::highlighted("12 of 120, and 12", &["12".to_owned(), String::new()]);
    let marked: Vec<_> = runs.iter().map(|run| (run.text.as_str(), run.marked)).collect();
    assert_eq!(marked, [("12", true), (" of 120, and ", false), ("12", true)]);
}

#[test]
fn a_finding_is_explained_in_the_readers_language_or_in_the_checks_own_words() {
    let page = written("html", &digest(Language::TAJIK));
    assert!(page.contains("Рақам аз матни аслӣ фарқ мекунад"));
    assert!(page.contains("<bdi lang=\"en\">The check has found something"));
    assert!(page.contains("<mark>120 000</mark>"));
}

#[test]
fn an_unknown_format_is_refused_with_the_names_of_all() {
    let prompts = Prompts::load(None).unwrap();
    let error = exporter("odt", &prompts).err().unwrap();
    assert_eq!(
        error.to_string(),
        "unknown digest format `odt`; there are markdown, html, jsonl, csv, xliff, tmx, docx, pdf, xliff2, atom"
    );
}

#[test]
fn a_language_without_phrases_is_refused_with_what_to_do() {
    let prompts = Prompts::load(None).unwrap();
    let uzbek = Language::parse("uz").unwrap();
    let error = rehearse(&prompts, &[uzbek]).unwrap_err();
    assert!(matches!(error, DigestError::Prompts(_)));
    assert!(error.to_string().contains("add digest/uz.toml"), "{error}");
}

#[test]
fn a_slip_in_a_template_is_found_by_the_rehearsal_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("digest")).unwrap();
    std::fs::write(
        folder.path().join("digest/digest.md.j2"),
        "# {{ title }}\n{{ phrases.titel }}\n",
    )
    .unwrap();
    let prompts = Prompts::load(Some(folder.path())).unwrap();
    let error = rehearse(&prompts, &[Language::RUSSIAN]).unwrap_err();
    assert!(error.to_string().contains("digest/digest.md.j2:2"), "{error}");
}
