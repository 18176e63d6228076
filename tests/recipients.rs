//! Recipients, corrections and glossaries, end to end on the built-in model.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Desk, ENGLISH};

const JOB: &str = r#"
inputs = ["a.txt"]
out = "a"
to = ["ru", "ar"]
"#;

fn desk(recipients: &str) -> Desk {
    let desk = Desk::new();
    desk.write("a.txt", ENGLISH);
    desk.write("job.toml", format!("{JOB}{recipients}"));
    desk
}

#[test]
fn a_recipient_gets_what_fits_and_one_without_matches_is_told_so() {
    let desk = desk(
        "[[recipients]]\nname = \"Water Desk\"\ntopics = [\"Water\"]\nformats = [\"html\", \"docx\", \"xliff2\", \"atom\"]\n\
         [[recipients]]\nname = \"Мактаб\"\nlanguages = [\"ru\"]\ntopics = [\"education\"]\nformats = [\"html\", \"jsonl\", \"docx\", \"xliff2\"]\n",
    );
    desk.run("--job job.toml", 0);
    let page = desk.read("a/digests/water-desk/digest.ar.html");
    assert!(page.contains("المياه في العنوان"), "{page}");
    assert!(
        page.contains("A second round of talks is planned for March."),
        "the full text is folded below"
    );
    assert!(page.contains("<svg"));
    assert!(desk.path("a/digests/water-desk/digest.ru.docx").exists());
    assert!(
        desk.read("a/digests/water-desk/digest.en-ru.xliff2.xlf")
            .contains("srcLang=\"en\"")
    );
    assert!(desk.read("a/digests/мактаб/digest.ru.html").contains("нет статей"));
    assert_eq!(desk.read("a/digests/мактаб/digest.ru.jsonl"), "");
}

#[test]
fn a_digest_that_cannot_be_printed_is_told_and_the_others_are_written() {
    let desk = desk("[[recipients]]\nname = \"Desk\"\nlanguages = [\"ru\"]\nformats = [\"pdf\", \"markdown\"]\n");
    let output = common::command(&desk.path(""))
        .args(["run", "--job", "job.toml", "--progress", "none"])
        .env("KHULOSA_BROWSER", "/nowhere/chromium")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(
        said.contains("missing   a/digests/desk/digest.ru.pdf: /nowhere/chromium did not print"),
        "{said}"
    );
    assert!(desk.path("a/digests/desk/digest.ru.md").exists());
    assert!(!desk.path("a/digests/desk/digest.ru.pdf").exists());
}

#[test]
fn what_a_recipient_cannot_have_is_refused_before_any_work() {
    for (recipient, reason) in [
        (
            "name = \"a\"\ntopics = [\"chess\"]",
            "recipients.topics of a: expected one of climate",
        ),
        ("name = \"a\"\nformats = [\"odt\"]", "found `odt`"),
        ("name = \"a\"\ncountries = [\"XX\"]", "found `XX`"),
        (
            "name = \"a\"\nlanguages = [\"tg\"]",
            "languages that the job translates into (ru, ar)",
        ),
        ("name = \"…\"", "a name with letters or digits"),
        ("name = \"a\"\nmax_items = 0", "a number from 1 up"),
        ("name = \"a\"\ntopic = [\"water\"]", "did you mean `recipients.topics`?"),
        (
            "name = \"a b\"\n[[recipients]]\nname = \"A-B\"",
            "would share the folder a-b",
        ),
    ] {
        let desk = desk(&format!("[[recipients]]\n{recipient}\n"));
        let ended = desk.run("--job job.toml", 2);
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
        assert!(!desk.path("a/records.jsonl").exists());
    }
}

#[test]
fn a_reviewed_translation_outranks_the_models_and_outlives_a_fresh_start() {
    let desk = desk("");
    desk.run("--job job.toml", 0);
    let before = desk.lines("a/records.jsonl");
    assert!(before[0]["translations"]["ru"].get("reviewed").is_none());
    let exported = desk.read("a/digests/digest.ru.xliff");
    // A post-editor approves the first segment, the title, with words of their own.
    let target = exported
        .split("<target")
        .nth(1)
        .unwrap()
        .split("</target>")
        .next()
        .unwrap();
    let edited = exported
        .replacen(
            &format!("<target{target}</target>"),
            "<target>Министры &amp; вода</target>",
            1,
        )
        .replacen(
            "<trans-unit id=\"title\">",
            "<trans-unit id=\"title\" approved=\"yes\">",
            1,
        );
    desk.write("edited.xliff", &edited);
    let ended = desk.khulosa("import edited.xliff --out a");
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.starts_with("1 reviewed translations stored in a; "),
        "{}",
        ended.stdout
    );
    for arguments in ["--job job.toml", "--job job.toml --fresh"] {
        desk.run(arguments, 0);
        let after = desk.lines("a/records.jsonl");
        assert_eq!(after[0]["translations"]["ru"]["title"], "Министры & вода");
        assert_eq!(after[0]["translations"]["ru"]["reviewed"], 1);
        assert_eq!(after[0]["translations"]["ar"], before[0]["translations"]["ar"]);
    }
    desk.write("page.xliff", "<html></html>");
    let ended = desk.khulosa("import page.xliff --out a");
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("page.xliff: expected an XLIFF file"),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_glossary_is_reported_term_by_term_and_a_faulty_one_is_refused() {
    let desk = desk("");
    desk.write(
        "terms.csv",
        "en,ru\nDushanbe,Душанбе\nwater minister,министр водных ресурсов в сапогах\n",
    );
    desk.run("--job job.toml --glossary terms.csv", 0);
    let record = &desk.lines("a/records.jsonl")[0];
    let terms = record["translations"]["ru"]["terms"].as_array().unwrap();
    let kept = |name: &str| terms.iter().find(|term| term["source"] == name).unwrap()["kept"].clone();
    // No model would say this of itself: it is said because the glossary wants it.
    assert_eq!(kept("water ministers"), true);
    assert!(record["translations"]["ru"].to_string().contains("ресурсов в сапогах"));
    assert!(terms.iter().any(|term| term["source"] == "Dushanbe"));
    assert!(
        record["translations"]["ar"].get("terms").is_none(),
        "the glossary has no Arabic"
    );
    desk.write("terms.csv", "en,ru\nDushanbe,Душанбе\ndushanbe,Душанба\n");
    let ended = desk.run("--job job.toml --glossary terms.csv", 2);
    assert!(
        ended
            .stderr
            .contains("terms.csv: term 2: en: `dushanbe` is term 1 already"),
        "{}",
        ended.stderr
    );
    let checked = desk.khulosa("glossary check terms.csv");
    assert_eq!(checked.code, 1);
    assert!(
        checked.stdout.contains("2 terms (en 2, ru 2): 1 errors"),
        "{}",
        checked.stdout
    );
}

#[test]
fn what_reviewers_corrected_is_suggested_for_a_glossary() {
    let desk = Desk::new();
    let titles = [
        ("Sarez Centre opens in spring", "Институт Сареза открывается весной"),
        ("Ministers visit the Sarez Centre", "Министры посетили Институт Сареза"),
        ("A new head of the Sarez Centre", "Новый глава Института Сареза"),
    ];
    for (number, (title, _)) in titles.iter().enumerate() {
        let body = ENGLISH.split_once("\n\n").unwrap().1;
        desk.write(
            &format!("in/{number}.txt"),
            format!("{title}\n\n{body} It was day {number}.\n"),
        );
    }
    desk.run("in --out a --to ru", 0);
    let none = desk.khulosa("glossary suggest a");
    assert_eq!((none.code, none.stdout.as_str()), (0, "ar,en,ru,tg,note\n"));
    assert!(
        none.stderr
            .starts_with("no terms suggested: no reviewed translations in a;"),
        "{}",
        none.stderr
    );
    let mut edited = String::new();
    for unit in desk.read("a/digests/digest.ru.xliff").split_inclusive("</trans-unit>") {
        let title = titles
            .iter()
            .find(|(title, _)| unit.contains(&format!("<source>{title}</source>")));
        match title {
            Some((_, approved)) => {
                let (before, rest) = unit.split_once("<target").unwrap();
                let after = rest.split_once("</target>").unwrap().1;
                let before = before.replace("<trans-unit ", "<trans-unit approved=\"yes\" ");
                edited += &[&before, "<target>", approved, "</target>", after].concat();
            }
            None => edited.push_str(unit),
        }
    }
    desk.write("edited.xliff", edited);
    let imported = desk.khulosa("import edited.xliff --out a");
    assert!(
        imported.stdout.starts_with("3 reviewed"),
        "{}{}",
        imported.stdout,
        imported.stderr
    );
    let told = desk.khulosa("glossary suggest a");
    assert_eq!(told.code, 0, "{}", told.stderr);
    let (header, rows) = told.stdout.split_once('\n').unwrap();
    assert_eq!(header, "en,ru,note");
    assert!(
        rows.starts_with("Sarez Centre,Институт Сареза,\"en-ru: corrected in 3 of 3 segments"),
        "{rows}"
    );
    assert_eq!(rows.lines().count(), 1, "{rows}");
    assert_eq!(
        told.stderr,
        "1 terms suggested from 3 reviewed segments, of 3 of which it is known what the model had made\n"
    );
    desk.write("terms.csv", &told.stdout);
    let checked = desk.khulosa("glossary check terms.csv");
    assert_eq!(checked.stdout, "1 terms (en 1, ru 1): 0 errors, 0 to look at\n");
    assert_eq!(
        desk.khulosa("glossary suggest a --glossary terms.csv").stdout,
        "en,ru,note\n"
    );
    assert_eq!(desk.khulosa("glossary suggest a --min 4").stdout, "en,ru,note\n");
    // Once the reviews stand in the records, it is still known what they replaced.
    desk.run("in --out a --to ru", 0);
    desk.khulosa("import edited.xliff --out a");
    assert_eq!(desk.khulosa("glossary suggest a").stdout, told.stdout);
    desk.write("empty/a.txt", "");
    let missing = desk.khulosa("glossary suggest empty");
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
    assert!(
        missing
            .stderr
            .contains("empty/khulosa.db: expected the database of a run folder, found none"),
        "{}",
        missing.stderr
    );
    assert!(!desk.path("empty/khulosa.db").exists());
}
