//! Headlines, paragraphs and Markdown.

use super::*;

#[test]
fn markdown_loses_its_marks_and_keeps_its_words() {
    let note = read(&fixture("note.md")).remove(0).expect("an article");
    assert_eq!(note.title, "Rain fills the reservoir");
    assert_eq!(
        note.body,
        "Rain filled the Kayrakkum reservoir to 92 percent on Sunday, the water board said.\n\nWhat comes next\n\n\
         Gates stay closed until Friday.\n\nFields get water in turns."
    );
    assert_eq!(
        (note.date.as_deref(), note.source.as_deref()),
        (Some("2024-11-04"), Some("Valley Courier"))
    );
    assert_eq!(note.extra["section"], "weather");
}

#[test]
fn the_first_short_line_of_a_text_is_its_title() {
    let tajik = read(&fixture("tajik.txt")).remove(0).expect("an article");
    assert_eq!(
        (tajik.title.as_str(), tajik.date.as_deref()),
        ("Роҳи нав кушода шуд", Some("2024-11-04"))
    );
    assert!(tajik.body.starts_with("Роҳи нав байни ду деҳа"), "{}", tajik.body);
    for (text, title) in [
        ("Bridge opens\n\nThe bridge is open.", "Bridge opens"),
        ("# Bridge opens\nThe bridge is open.", "Bridge opens"),
        ("Bridge opens\n============\nThe bridge is open.", "Bridge opens"),
        (
            "Bridge opens\nDUSHANBE, Nov 4 (Khovar) -- The bridge is open.",
            "Bridge opens",
        ),
        ("Will the bridge open?\n\nThe bridge is open.", "Will the bridge open?"),
        ("The bridge is open.\n\nLorries crossed it.", ""),
        ("The bridge is open and the\nlorries crossed it.", ""),
        (
            "DUSHANBE, Nov 4 (Khovar) -- The bridge is open\n\nLorries crossed it.",
            "",
        ),
        ("The bridge is open", ""),
        ("- one thing\n\n- another thing", ""),
    ] {
        assert_eq!(article("a.txt", text).title, title, "{text:?}");
    }
}

#[test]
fn wrapped_lines_are_joined_and_paragraph_lines_are_not() {
    let wrapped = "The bridge across the river was opened on Monday, and the first\nlorries crossed it within the hour, the ministry said.\n\nIt cost 18 million dollars.";
    let body = article("a.txt", wrapped).body;
    assert!(
        body.starts_with("The bridge across the river was opened on Monday, and the first lorries crossed"),
        "{body}"
    );
    let lines = "The bridge is open.\nLorries crossed it.\nFarmers were glad.";
    assert_eq!(article("a.txt", lines).body.split("\n\n").count(), 3);
}
