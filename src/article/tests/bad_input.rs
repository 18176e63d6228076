//! What cannot be taken as an article, each with its code, reason and advice.

use super::*;

#[test]
fn an_empty_file_is_rejected() {
    assert_eq!(rejection("a.txt", "").code, "empty");
    assert_eq!(rejection("a.jsonl", "").code, "empty");
    assert_eq!(rejection("a.txt", "\u{feff}").code, "empty");
}

#[test]
fn only_white_space_is_rejected() {
    assert_eq!(rejection("a.txt", " \n\t\r\n ").code, "empty");
    assert_eq!(rejection("a.txt", "\u{a0}\u{2003}\u{200b}\n").code, "empty");
    assert_eq!(rejection("a.txt", " \n".repeat(100_000)).code, "empty");
    assert_eq!(rejection("a.jsonl", r#"{"text": "  \n "}"#).code, "empty");
    assert_eq!(rejection("a.txt", "--- … ---").code, "empty");
}

#[test]
fn binary_files_are_rejected_with_what_they_are() {
    for (bytes, found) in [
        (&b"%PDF-1.7\n1 0 obj"[..], "PDF"),
        (b"PK\x03\x04\x14\x00\x06\x00", "ZIP"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"GIF89a\x01\x00\x01\x00", "GIF"),
        (b"\x1f\x8b\x08\x00\x00\x00", "zcat"),
        (b"{\\rtf1\\ansi Text}", "Rich Text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
        (b"\x7fELF\x02\x01\x01\x00", "program"),
        (b"Words and then\x00\x01\x02 no words", "zero byte at 14"),
    ] {
        let rejection = rejection("article.txt", bytes);
        assert_eq!(rejection.code, "binary", "{rejection:?}");
        assert!(
            format!("{} {}", rejection.reason, rejection.advice).contains(found),
            "{rejection:?}"
        );
    }
}

#[test]
fn text_that_begins_like_a_binary_format_is_read() {
    assert_eq!(
        article("a.txt", "RIFFs and solos filled the hall on Monday.").body,
        "RIFFs and solos filled the hall on Monday."
    );
    assert_eq!(
        article("a.txt", "ID3 is a standard for tags.").body,
        "ID3 is a standard for tags."
    );
}

#[test]
fn random_bytes_are_rejected() {
    let mut state = 0x2545_f491_u32;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        // Without zero bytes, which would give it away at once.
        u8::try_from(state % 255 + 1).unwrap_or(1)
    })
    .take(5000)
    .collect();
    assert_eq!(rejection("noise.txt", bytes).code, "invalid-encoding");
}

#[test]
fn broken_lines_of_jsonl_are_rejected_by_number_and_the_rest_is_read() {
    let lines = concat!(
        "{\"text\": \"The first article.\"}\n",
        "{\"text\": \"The second\n",
        "[1, 2]\n",
        "\n",
        "\"words\"\n",
        "null\n",
        "{\"title\": \"No words here\"}\n",
        "{\"text\": 5}\n",
        "{\"text\": null, \"title\": \"x\"}\n",
        "{}\n",
        "{\"text\": \"The last article.\"}",
    );
    let outcomes = read_bytes("a.jsonl", lines);
    assert_eq!(
        codes(&outcomes),
        [
            "ok",
            "not-json",
            "not-an-object",
            "not-an-object",
            "not-an-object",
            "no-text",
            "no-text",
            "no-text",
            "no-text",
            "ok"
        ]
    );
    let inputs: Vec<&str> = outcomes
        .iter()
        .map(|outcome| {
            outcome
                .as_ref()
                .map_or_else(|rejection| &*rejection.input, |article| &*article.input)
        })
        .collect();
    assert_eq!(inputs[..4], ["a.jsonl:1", "a.jsonl:2", "a.jsonl:3", "a.jsonl:5"]);
    assert_eq!(inputs[9], "a.jsonl:11");
    let reason = |index: usize| outcomes[index].as_ref().expect_err("a rejection").reason.clone();
    assert!(reason(2).contains("an array"), "{}", reason(2));
    assert!(reason(5).contains("only \"title\""), "{}", reason(5));
    assert!(reason(6).contains("a number in \"text\""), "{}", reason(6));
}

#[test]
fn a_first_line_that_is_broken_does_not_hide_the_rest() {
    let lines = "{\"text\": \"Cut off\n{\"text\": \"The second article.\"}\n";
    assert_eq!(codes(&read_bytes("a.jsonl", lines)), ["not-json", "ok"]);
    assert_eq!(codes(&read_bytes("-", lines)), ["not-json", "ok"]);
    assert_eq!(
        codes(&read_bytes("a.jsonl", "words\n{\"text\": \"The second article.\"}\n")),
        ["not-json", "ok"]
    );
}

#[test]
fn broken_json_documents_are_rejected() {
    assert_eq!(codes(&read_bytes("a.json", "{\"text\": \"Cut off")), ["not-json"]);
    assert_eq!(
        codes(&read_bytes("a.json", "[{\"text\": \"One article.\"}, {\"text\": \"Cut")),
        ["ok", "not-json"]
    );
    assert_eq!(
        codes(&read_bytes(
            "a.json",
            "[{\"text\": \"One article.\"} {\"text\": \"Two.\"}]"
        )),
        ["ok", "not-json"]
    );
    assert_eq!(codes(&read_bytes("a.json", "[]")), ["not-json"]);
    assert_eq!(codes(&read_bytes("a.json", "words")), ["not-json"]);
    assert_eq!(codes(&read_bytes("a.json", "5")), ["not-an-object"]);
}

#[test]
fn articles_of_three_words_and_of_two_hundred_thousand_are_read() {
    assert_eq!(article("a.txt", "Rain in Khujand").body, "Rain in Khujand");
    let long = "Слово и дело. ".repeat(70_000);
    assert_eq!(article("a.txt", long).body.split_whitespace().count(), 210_000);
}

#[test]
fn an_article_over_the_limit_of_words_is_rejected() {
    let options = ReadOptions {
        max_words: Some(5),
        ..ReadOptions::default()
    };
    let lines = "{\"text\": \"one two three four five\"}\n{\"text\": \"one two three four five six\"}\n";
    let outcomes: Vec<Outcome> = crate::article::read_stream("-", Box::new(Cursor::new(lines)), &options).collect();
    assert_eq!(codes(&outcomes), ["ok", "too-long"]);
}

#[test]
fn other_xml_is_rejected_with_its_root() {
    let rejection = rejection("a.xml", "<?xml version=\"1.0\"?><invoice><line>5</line></invoice>");
    assert_eq!(rejection.code, "unsupported");
    assert!(rejection.reason.contains("<invoice>"), "{}", rejection.reason);
}

#[test]
fn a_page_without_words_is_rejected() {
    assert_eq!(
        rejection(
            "a.html",
            "<!doctype html><html><body><script>run()</script></body></html>"
        )
        .code,
        "no-text"
    );
    assert_eq!(rejection("a.html", "<html></html>").code, "no-text");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_rejected_and_the_next_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let locked = write(folder.path(), "a.txt", "The first article.");
    write(folder.path(), "b.txt", "The second article.");
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    // The superuser reads it all the same.
    let expected = if std::fs::read(&locked).is_ok() {
        "ok"
    } else {
        "unreadable"
    };
    assert_eq!(codes(&read(&folder.path().display().to_string())), [expected, "ok"]);
}

#[test]
fn a_read_error_is_a_rejection() {
    struct Failing;
    impl std::io::Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let lines = Cursor::new("{\"text\": \"The first article.\"}\n");
    let stream = std::io::Read::chain(lines, Failing);
    let outcomes: Vec<Outcome> =
        crate::article::read_stream("a.jsonl", Box::new(stream), &ReadOptions::default()).collect();
    assert_eq!(codes(&outcomes), ["ok", "unreadable"]);
    assert!(
        outcomes[1]
            .as_ref()
            .is_err_and(|rejection| rejection.reason.contains("the disk is gone"))
    );
}

#[test]
fn text_with_odd_characters_is_cleaned_and_kept() {
    let text = "The minister\u{1b}[31m said\u{7} yes 😀 to the plan\u{200d}, and сказал да. الـــسلامُ عليكم\u{202e}.";
    let article = article("a.txt", text);
    assert!(
        !article.body.contains(|letter: char| letter.is_control()),
        "{:?}",
        article.body
    );
    assert!(
        article.body.contains('😀') && article.body.contains("сказал да"),
        "{:?}",
        article.body
    );
    assert!(!article.body.contains('\u{202e}'));
}

#[test]
fn text_without_a_sentence_end_is_read() {
    let text = "words that go on and on ".repeat(500);
    assert_eq!(article("a.txt", text.as_str()).body, text.trim());
}
