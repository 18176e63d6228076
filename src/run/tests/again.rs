//! Runs over what an earlier run has read and written: what is known is not looked at again, and nothing else is kept.

use std::fs::File;
use std::time::{Duration, SystemTime};

use super::*;

impl Desk {
    /// Writes a file that looks as if it had been there for a while; only its change time tells, which is waited for.
    fn old(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        let before = SystemTime::now() - Duration::from_mins(1);
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(before)
            .unwrap();
    }

    /// When the run's records were written.
    fn written(&self, out: &str) -> SystemTime {
        self.path(out)
            .join("records.jsonl")
            .metadata()
            .unwrap()
            .modified()
            .unwrap()
    }
}

/// Until a file written now counts as settled.
fn settle() {
    std::thread::sleep(Duration::from_millis(3100));
}

#[test]
fn a_file_that_did_not_change_is_not_read_again_and_one_that_did_is() {
    let desk = Desk::new();
    desk.old("in/a.jsonl", &batch(0..30));
    desk.old("in/b.jsonl", &batch(30..60));
    settle();
    finished(desk.run("in", "out", Manner::Well));
    let (first, written) = (desk.outputs("out"), desk.written("out"));
    // Articles that are read from the store need no file.
    let report = finished(desk.run("in", "out", Manner::Broken));
    assert_eq!(report.counts.articles, 60);
    assert_eq!(desk.outputs("out"), first);
    assert_eq!(desk.written("out"), written, "nothing was written again");

    desk.old("in/b.jsonl", &batch(30..50));
    desk.old("in/c.jsonl", &batch(60..70));
    let report = finished(desk.run("in", "out", Manner::Well));
    assert_eq!(report.counts.articles, 60);
    finished(desk.run("in", "anew", Manner::Well));
    assert_eq!(desk.outputs("out"), desk.outputs("anew"));

    std::fs::remove_file(desk.path("in/a.jsonl")).unwrap();
    finished(desk.run("in", "out", Manner::Well));
    finished(desk.run("in", "less", Manner::Well));
    assert_eq!(desk.outputs("out"), desk.outputs("less"));
}

#[test]
fn an_output_that_was_spoilt_or_removed_is_written_again() {
    let desk = Desk::new();
    desk.old("in/a.jsonl", &batch(0..20));
    settle();
    finished(desk.run("in", "out", Manner::Well));
    let first = desk.outputs("out");
    std::fs::write(desk.path("out/digests/digest.ru.md"), "spoilt").unwrap();
    std::fs::remove_file(desk.path("out/rejected.jsonl")).unwrap();
    finished(desk.run("in", "out", Manner::Well));
    assert_eq!(desk.outputs("out"), first);
}

#[test]
fn a_file_whose_reading_was_cut_short_is_read_to_its_end_the_next_time() {
    let desk = Desk::new();
    desk.old("in/a.jsonl", &batch(0..400));
    settle();
    let limited = Job {
        limit: Some(5),
        ..desk.job("in", "out")
    };
    assert_eq!(
        finished(run(&limited, Manner::Well)).counts.articles,
        4,
        "one of five is a copy"
    );
    assert_eq!(finished(desk.run("in", "out", Manner::Well)).counts.articles, 400);
    assert_eq!(
        finished(run(&limited, Manner::Well)).counts.articles,
        4,
        "one of five is a copy"
    );
}
