//! Word, PDF, XLIFF and Atom: what does not show in a snapshot.

use super::{changed, files, one, part, written};
use crate::digest::corrections::{self, CorrectionError};
use crate::digest::{Digest, DigestError, Docx, Exporter, Pdf, Xliff2};
use crate::prompts::Prompts;
use crate::text::language::Language;

use super::made_up::{digest, for_recipient};

fn document(digest: &Digest) -> Vec<u8> {
    let mut out = Vec::new();
    Docx::new(&Prompts::load(None).unwrap())
        .export(digest, &mut out)
        .unwrap();
    out
}

/// Whether every element is closed where it should be, and the text is XML at all.
fn is_well_formed(text: &str) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut depth = 0;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(_)) => depth += 1,
            Ok(quick_xml::events::Event::End(_)) => depth -= 1,
            Ok(quick_xml::events::Event::Eof) => return depth == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[test]
fn every_part_of_a_word_file_is_xml_and_the_same_every_time() {
    for language in super::LANGUAGES {
        let written = document(&for_recipient(language));
        assert_eq!(written, document(&for_recipient(language)));
        for name in [
            "[Content_Types].xml",
            "_rels/.rels",
            "docProps/core.xml",
            "word/document.xml",
            "word/_rels/document.xml.rels",
            "word/styles.xml",
            "word/settings.xml",
            "word/footer.xml",
        ] {
            let text = part(&written, name);
            assert!(text.starts_with("<?xml") && is_well_formed(&text), "{name}: {text}");
        }
    }
}

#[test]
fn every_style_that_a_word_file_uses_is_defined() {
    let written = document(&for_recipient(Language::ARABIC));
    let styles = part(&written, "word/styles.xml");
    let text = part(&written, "word/document.xml") + &part(&written, "word/footer.xml");
    for kind in ["w:pStyle", "w:rStyle", "w:tblStyle"] {
        for style in text
            .split(&format!("<{kind} w:val=\""))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
        }
    }
}

#[test]
fn arabic_paragraphs_run_from_the_right_and_russian_ones_from_the_left() {
    let arabic = part(&document(&digest(Language::ARABIC)), "word/document.xml");
    assert!(arabic.contains("<w:pStyle w:val=\"Summary\"/><w:bidi/>"));
    assert!(arabic.contains("<w:rtl/><w:lang w:bidi=\"ar\"/>"));
    assert!(arabic.contains("<w:lang w:val=\"ar\"/></w:rPr><w:t xml:space=\"preserve\">KUNA</w:t>"));
    assert!(arabic.contains("<w:pStyle w:val=\"Original\"/></w:pPr>"));
    let russian = part(&document(&digest(Language::RUSSIAN)), "word/document.xml");
    assert!(arabic.contains("<w:bidi/></w:sectPr>") && !russian.contains("<w:bidi/></w:sectPr>"));
    // The headline and the summary that were left in Persian.
    assert_eq!(russian.matches("<w:bidi/>").count(), 2);
}

#[test]
fn hostile_text_is_only_text_in_every_document() {
    let attack = "</w:t></title>]]><script>alert(1)</script> \u{202E}\u{0007}\u{FFFE}&amp;";
    let hostile = one(|item| {
        item.source_language = Language::RUSSIAN;
        attack.clone_into(&mut item.title);
        attack.clone_into(&mut item.source_title);
        item.summary = vec![attack.to_owned()];
        item.source_summary = vec![attack.to_owned()];
        item.agency = Some(attack.to_owned());
        item.placing.full_text = vec![attack.to_owned()];
        item.url = Some("https://example.org/\" HYPERLINK \"x".to_owned());
    });
    let prompts = Prompts::load(None).unwrap();
    for format in ["docx", "xliff2", "atom", "xliff", "tmx"] {
        for (name, text) in files(super::exporter(format, &prompts).unwrap().as_ref(), &hostile) {
            assert!(is_well_formed(&text), "{name}");
            for forbidden in ["<script", "\u{202E}", "\u{0007}", "\u{FFFE}"] {
                assert!(!text.contains(forbidden), "{forbidden:?} stands in {name}");
            }
            assert!(format != "docx" || !text.contains("HYPERLINK"), "no address, no link");
        }
    }
}

#[test]
fn a_title_of_300_words_is_whole_in_a_word_file_and_short_in_its_contents() {
    let long: Vec<String> = (0..300).map(|number| format!("word{number}")).collect();
    let digest = changed(&digest(Language::RUSSIAN), |items| items[0].title = long.join(" "));
    let text = part(&document(&digest), "word/document.xml");
    assert_eq!(text.matches("word299").count(), 1);
    assert_eq!(text.matches("word5 ").count(), 2);
}

#[test]
fn a_pdf_without_a_browser_is_refused_with_what_to_do() {
    let prompts = Prompts::load(None).unwrap();
    let error = Pdf::with(&prompts, None)
        .export(&digest(Language::RUSSIAN), &mut Vec::new())
        .unwrap_err();
    assert!(matches!(error, DigestError::NoBrowser(_)));
    assert!(error.to_string().contains("KHULOSA_BROWSER"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pdf_is_what_the_browser_prints_and_its_failure_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let prompts = Prompts::load(None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let browser = folder.path().join("browser");
    let print = |script: &str| {
        std::fs::write(&browser, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut out = Vec::new();
        let result = Pdf::with(&prompts, Some(browser.clone())).export(&digest(Language::ARABIC), &mut out);
        (result, out)
    };
    let copy = "for a in \"$@\"; do case $a in --print-to-pdf=*) to=${a#--print-to-pdf=};; file://*) page=${a#file://};; esac; done; cp \"$page\" \"$to\"";
    let (result, out) = print(copy);
    result.unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        written("html", &digest(Language::ARABIC))
    );
    let (result, _) = print("echo no display >&2; exit 3");
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("did not print") && error.contains('3') && error.contains("no display"),
        "{error}"
    );
}

#[test]
fn xliff_2_has_one_source_language_a_file() {
    let digest = digest(Language::TAJIK);
    let error = Xliff2.export(&digest, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, DigestError::MixedSources(_)), "{error}");
    let files = files(&Xliff2, &digest);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "digest.en-tg.xliff2.xlf",
            "digest.fa-tg.xliff2.xlf",
            "digest.ru-tg.xliff2.xlf"
        ]
    );
}

#[test]
fn a_feed_reader_understands_the_feed() {
    let text = written("atom", &for_recipient(Language::ARABIC));
    let feed = feed_rs::parser::parse(text.as_bytes()).unwrap();
    assert_eq!(feed.entries.len(), 4);
    assert_eq!(feed.updated.unwrap().to_rfc3339(), "2024-11-06T00:00:00+00:00");
    let first = &feed.entries[0];
    assert_eq!(first.links[0].href, "https://www.example.org/news/4711?lang=en&page=2");
    assert_eq!(first.categories[0].label.as_deref(), Some("الأمن"));
}

#[test]
fn only_what_was_approved_comes_back_from_either_xliff() {
    for format in ["xliff", "xliff2"] {
        let (mut open, mut approved) = (0, Vec::new());
        let prompts = Prompts::load(None).unwrap();
        for (_, text) in files(
            super::exporter(format, &prompts).unwrap().as_ref(),
            &for_recipient(Language::TAJIK),
        ) {
            let found = corrections::read(&text).unwrap();
            open += found.open;
            approved.extend(found.approved);
        }
        // The second article was reviewed: a title and two sentences. Two more wait, and one was never translated.
        assert_eq!(approved.len(), 3, "{format}");
        assert_eq!(open, 3 + 3 + 2, "{format}");
        assert_eq!((approved[0].from, approved[0].to), (Language::RUSSIAN, Language::TAJIK));
        assert_eq!(
            approved[0].target,
            "Сатҳи оби обанбори Норак ба ҳолати муқаррарӣ баргашт"
        );
    }
}

#[test]
fn inline_markup_entities_and_alternatives_are_read_as_tools_write_them() {
    let text = "<?xml version=\"1.0\"?><xliff version=\"1.2\"><file source-language=\"en-GB\" target-language=\"ru-RU\"><body>\
        <trans-unit id=\"1\" approved=\"yes\"><source>A &amp; <g id=\"1\">B</g> &#67;</source><target>А и Б</target>\
        <alt-trans><source>no</source><target state=\"final\">нет</target></alt-trans></trans-unit>\
        <trans-unit id=\"2\"><source>open</source><target state=\"new\">x</target></trans-unit></body></file></xliff>";
    let found = corrections::read(text).unwrap();
    assert_eq!(found.open, 1);
    assert_eq!(
        (found.approved[0].source.as_str(), found.approved[0].target.as_str()),
        ("A & B C", "А и Б")
    );
}

#[test]
fn what_is_not_xliff_is_refused_with_what_was_found() {
    for (text, reason) in [
        ("<html/>", "found <html>"),
        ("", "no <xliff> element"),
        ("<xliff version=\"3.0\"/>", "version `3.0`"),
        ("<xliff version=\"1.2\"><file></xliff>", "an error at byte"),
        ("<xliff version=\"1.2\"><file>", "a file that is cut off"),
    ] {
        let error = corrections::read(text).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    let unknown = "<xliff version=\"2.1\" srcLang=\"qq\" trgLang=\"ru\"><segment state=\"final\"><source>a</source><target>b</target></segment></xliff>";
    assert!(matches!(corrections::read(unknown), Err(CorrectionError::Language(_))));
}

#[test]
fn a_spreadsheet_does_not_run_a_title_that_looks_like_a_formula() {
    let sheet = written(
        "csv",
        &one(|item| "=HYPERLINK(\"http://a\";\"b\")".clone_into(&mut item.title)),
    );
    assert!(sheet.starts_with("\u{FEFF}id,language,title,"));
    assert!(sheet.contains("\"'=HYPERLINK(\"\"http://a\"\";\"\"b\"\")\""));
}

#[test]
fn translators_get_each_sentence_with_its_translation_as_unreviewed() {
    let spoilt = changed(&digest(Language::ARABIC), |items| {
        items[1].summary.pop();
        items[2].source_title = "a < b & \"c\" \u{0001}\u{202E}".to_owned();
    });
    let text = written("xliff", &spoilt);
    assert_eq!(
        text.matches("<target state=\"needs-review-translation\"").count(),
        3 + 2 + 3
    );
    // Sentences that cannot be paired are one segment; the article left in Persian has no translation to review.
    assert!(text.contains("<trans-unit id=\"summary\">"));
    assert!(text.contains("source-language=\"fa\" target-language=\"ar\""));
    assert!(text.contains("<source>a &lt; b &amp; &quot;c&quot;</source>"));
    assert!(text.contains("<note priority=\"1\">number: number missing or added [1,200,000 | 120,000]</note>"));
    let memory = written("tmx", &spoilt);
    assert_eq!(memory.matches("<tu ").count(), 8);
    assert_eq!(memory.matches("<tuv xml:lang=\"ar\">").count(), 8);
    assert!(!memory.contains("xml:lang=\"fa\""));
}
