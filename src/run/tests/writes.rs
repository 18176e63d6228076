//! A run may die at any write: what the next one makes of it is what an undisturbed one makes.

use super::*;
use crate::run::store::{FILE_NAME, Store};

/// Deaths in all; each batch takes a few.
const DEATHS: usize = 200;

#[test]
fn a_run_that_dies_two_hundred_times_at_any_write_loses_and_repeats_nothing() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 30);
    finished(desk.run("batch.jsonl", "whole", Manner::Well));
    let expected = desk.outputs("whole");
    let (mut deaths, mut runs, mut state) = (0, 0, 88_172_645_463_325_252_u64);
    while deaths < DEATHS {
        runs += 1;
        let out = format!("run-{runs}");
        loop {
            // Marsaglia's xorshift: any sequence will do, so long as it is the same every time.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            fuse::set(&desk.path(&out), Some((state % 24) as usize));
            let outcome = desk.run("batch.jsonl", &out, Manner::Well);
            fuse::set(&desk.path(&out), None);
            if outcome.is_ok() {
                break;
            }
            deaths += 1;
            for name in ["records.jsonl", "digests/digest.ru.html"] {
                let shown = std::fs::read_to_string(desk.path(&out).join(name)).unwrap_or_default();
                let whole = &expected[name.rsplit('/').next().unwrap()];
                assert!(shown.is_empty() || shown == *whole, "{name} is shown half-done");
            }
        }
        assert_eq!(desk.outputs(&out), expected);
    }
    assert!(deaths > runs, "{deaths} deaths in {runs} runs");
}

#[test]
fn units_made_for_one_run_folder_serve_another_through_the_cache() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 12);
    let job = |out: &str| Job {
        cache: Some(desk.path("cache.db")),
        ..desk.job("batch.jsonl", out)
    };
    finished(run(&job("a"), Manner::Well));
    // A broken model shows that it is not asked.
    let report = finished(run(&job("b"), Manner::Broken));
    assert_eq!(report.counts.records, 12);
    assert!(report.cache_hits > 0);
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
}

#[test]
fn two_runs_at_the_same_time_share_one_cache() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 80);
    let job = |out: &str| Job {
        cache: Some(desk.path("cache.db")),
        ..desk.job("batch.jsonl", out)
    };
    std::thread::scope(|scope| {
        for out in ["a", "b"] {
            scope.spawn(move || finished(run(&job(out), Manner::Well)));
        }
    });
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
    let cache = rusqlite::Connection::open(desk.path("cache.db")).unwrap();
    let sound: String = cache.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[test]
fn a_damaged_store_is_refused_and_fresh_starts_over() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 12);
    finished(desk.run("batch.jsonl", "a", Manner::Well));
    let path = desk.path("a").join(FILE_NAME);
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in bytes.iter_mut().skip(100).take(3000) {
        *byte = 0xA5;
    }
    std::fs::write(&path, bytes).unwrap();
    let error = desk.run("batch.jsonl", "a", Manner::Well).unwrap_err().to_string();
    assert!(error.contains("damaged") && error.contains("--fresh"), "{error}");
    drop(Store::open(&desk.path("a"), true).unwrap());
    finished(desk.run("batch.jsonl", "a", Manner::Well));
}

#[test]
fn an_input_that_has_vanished_is_a_rejection_and_when_it_is_back_all_is_as_it_was() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 12);
    finished(desk.run("batch.jsonl", "a", Manner::Well));
    let before = desk.outputs("a");
    std::fs::rename(desk.path("batch.jsonl"), desk.path("elsewhere")).unwrap();
    let report = finished(desk.run("batch.jsonl", "a", Manner::Well));
    assert_eq!((report.counts.records, report.counts.rejected), (0, 1));
    assert!(desk.outputs("a")["rejected.jsonl"].contains("not-found"));
    std::fs::rename(desk.path("elsewhere"), desk.path("batch.jsonl")).unwrap();
    finished(desk.run("batch.jsonl", "a", Manner::Broken));
    assert_eq!(desk.outputs("a"), before);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 2);
    // A file where the folder should be: refused for every user, root too.
    std::fs::write(desk.path("a"), "").unwrap();
    let error = desk.run("batch.jsonl", "a", Manner::Well).unwrap_err().to_string();
    assert!(error.contains("cannot write") && error.contains("/a"), "{error}");
}

#[test]
fn the_order_of_the_inputs_leaves_no_trace_in_the_outputs() {
    let desk = Desk::new();
    let (first, second) = (batch(0..30), batch(30..55));
    std::fs::write(desk.path("1.jsonl"), &first).unwrap();
    std::fs::write(desk.path("2.jsonl"), &second).unwrap();
    let job = |out: &str, names: [&str; 2]| Job {
        inputs: names.map(|name| desk.path(name).display().to_string()).to_vec(),
        ..desk.job("1.jsonl", out)
    };
    finished(run(&job("a", ["1.jsonl", "2.jsonl"]), Manner::Well));
    finished(run(&job("b", ["2.jsonl", "1.jsonl"]), Manner::Well));
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
}
