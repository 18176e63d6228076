//! What results are held to, reviews and glossaries: a change makes anew what depends on it and asks no model.

use super::*;
use crate::check::glossary::suggest::Reviewed;
use crate::run::store::{FILE_NAME, Store};
use crate::text::language::Language;

/// Units in a run folder's store: summaries, sentences and results.
fn units(desk: &Desk) -> i64 {
    let store = rusqlite::Connection::open(desk.path("out").join(FILE_NAME)).unwrap();
    let count = store.query_row("SELECT count(*) FROM unit", [], |row| row.get(0));
    count.unwrap()
}

fn review_of(number: usize, target: &str) -> Reviewed {
    Reviewed {
        from: Language::ENGLISH,
        to: Language::RUSSIAN,
        source: format!("Station {number} was opened"),
        machine: None,
        target: target.to_owned(),
    }
}

#[test]
fn a_review_makes_only_the_results_anew_that_it_stands_in_and_survives_a_fresh_start() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 20);
    finished(desk.run("batch.jsonl", "out", Manner::Well));
    let (before, units_before) = (desk.outputs("out"), units(&desk));
    let store = Store::open(&desk.path("out"), false).unwrap();
    store.review(&[review_of(3, "Открыта станция № 3")]).unwrap();
    drop(store);
    // A broken model shows that it is not asked.
    finished(desk.run("batch.jsonl", "out", Manner::Broken));
    let after = desk.outputs("out");
    let changed: Vec<(&str, &str)> = before["records.jsonl"]
        .lines()
        .zip(after["records.jsonl"].lines())
        .filter(|(before, after)| before != after)
        .collect();
    assert_eq!(changed.len(), 1);
    assert!(
        changed[0].1.contains("\"title\":\"Открыта станция № 3\""),
        "{}",
        changed[0].1
    );
    assert!(changed[0].1.contains("\"reviewed\":1"), "{}", changed[0].1);
    assert_eq!(units(&desk), units_before + 1, "one result more");
    let start = Start {
        fresh: true,
        ..Start::default()
    };
    let job = desk.job("batch.jsonl", "out");
    let progress = Progress::new(job.progress);
    let fresh = run_with(&job, start, &progress, &Shutdown::default(), || {
        fake::models(&job, Manner::Well)
    });
    assert_eq!(finished(fresh).counts.records, 20);
    assert_eq!(desk.outputs("out"), after);
    assert!(
        units(&desk) < units_before,
        "what models made was forgotten, and the reviewed title is not translated again"
    );
}

#[test]
fn another_glossary_makes_results_anew_and_only_the_translations_that_its_terms_stand_in() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 10);
    finished(desk.run("batch.jsonl", "out", Manner::Well));
    let (before, records) = (units(&desk), desk.outputs("out")["records.jsonl"].clone());
    let with = |terms: &str, manner: Manner| {
        desk.write("terms.csv", terms);
        let job = Job {
            glossary: Some(desk.path("terms.csv")),
            ..desk.job("batch.jsonl", "out")
        };
        let progress = Progress::new(job.progress);
        let outcome = run_with(&job, Start::default(), &progress, &Shutdown::default(), || {
            fake::models(&job, manner)
        });
        finished(outcome);
        desk.outputs("out")["records.jsonl"].clone()
    };
    // Terms that stand nowhere change no translation: a broken model shows that it is not asked.
    assert_eq!(with("en,ru\nglacier,ледник\n", Manner::Broken), records);
    assert_eq!(units(&desk), before + 10);
    let found = with("en,ru\nwater station,станция водоснабжения\n", Manner::Well);
    let sentences = found.matches("\"source\":\"Water station\"").count();
    assert!(sentences > 0 && found.contains("\"code\":\"terminology\""), "{found}");
    assert_eq!(
        units(&desk),
        before + 20 + sentences as i64,
        "results, and sentences in Russian"
    );
    assert_eq!(
        with("en,ru\nwater station,станция водоснабжения\n", Manner::Broken),
        found
    );
    assert_eq!(
        units(&desk),
        before + 20 + sentences as i64,
        "the same terms are the same units"
    );
}

#[test]
fn what_the_model_is_unsure_of_is_marked() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 3);
    let marked = |out: &str, manner: Manner| {
        finished(desk.run("batch.jsonl", out, manner));
        let records = desk.outputs(out)["records.jsonl"].clone();
        records.matches("\"low-confidence\"").count()
    };
    assert_eq!(marked("sure", Manner::Well), 0);
    assert!(marked("unsure", Manner::Unsure) >= 3);
}
