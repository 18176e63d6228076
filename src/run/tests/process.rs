//! Runs in processes of their own, which can be killed, starved and measured. The process is this test program itself,
//! asked for one ignored test; only the model is a fake.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;
use crate::text::language::Language;

/// Kills in all; `make soak` asks for 200.
fn kills() -> u64 {
    number("KHULOSA_TEST_KILLS").unwrap_or(6) as u64
}

fn number(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

/// What a child does: `KHULOSA_TEST_CHILD` holds input, output, and milliseconds that every batch takes.
#[test]
#[ignore = "the work of child processes"]
fn child() {
    let Ok(what) = std::env::var("KHULOSA_TEST_CHILD") else {
        return;
    };
    let [input, out, pause] = what.split('\n').collect::<Vec<_>>().try_into().unwrap();
    let manner = match pause.parse().unwrap() {
        0 => Manner::Well,
        pause => Manner::Takes(Duration::from_millis(pause)),
    };
    let shutdown = Shutdown::install().unwrap();
    let mut job = job(Path::new(input), Path::new(out));
    if let Ok(to) = std::env::var("KHULOSA_TEST_TO") {
        job.to = vec![Language::parse(&to).unwrap()];
    }
    let models = fake::models(&job, manner).unwrap();
    eprintln!("begun");
    let outcome = run_with(&job, Start::default(), &Progress::new(job.progress), &shutdown, || {
        Ok(models)
    });
    let code = match outcome {
        Ok(Outcome::Finished(report)) => {
            eprintln!("peak {}", peak());
            eprintln!("report {}", serde_json::to_string(&report).unwrap());
            0
        }
        Ok(Outcome::Interrupted) => i32::from(shutdown.exit_code()),
        Err(error) => {
            eprintln!("{error}");
            2
        }
    };
    std::process::exit(code);
}

/// Most memory that this process has had, in MB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) / 1000
}

/// A child that has begun; `shell` is put before the program.
fn start(
    desk: &Desk,
    input: &str,
    out: &str,
    pause: usize,
    shell: &str,
) -> (Child, BufReader<std::process::ChildStderr>) {
    let mut child = Command::new("sh")
        .args([
            "-c",
            &format!("{shell} exec \"$0\" --exact run::tests::process::child --ignored --nocapture"),
        ])
        .arg(std::env::current_exe().unwrap())
        .env(
            "KHULOSA_TEST_CHILD",
            format!("{}\n{}\n{pause}", desk.path(input).display(), desk.path(out).display()),
        )
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while line != "begun\n" {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended before it began");
    }
    (child, said)
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

fn rest(mut said: BufReader<std::process::ChildStderr>) -> String {
    let mut text = String::new();
    said.read_to_string(&mut text).unwrap();
    text
}

#[cfg(unix)]
#[test]
fn a_process_killed_at_random_moments_leaves_nothing_lost_doubled_or_half_done() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 60 * kills() as usize);
    finished(desk.run("batch.jsonl", "whole", Manner::Well));
    let mut state = 2_463_534_242_u64;
    for _ in 0..kills() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (mut child, _said) = start(&desk, "batch.jsonl", "killed", 0, "");
        std::thread::sleep(Duration::from_millis(state % 300));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    finished(desk.run("batch.jsonl", "killed", Manner::Well));
    assert_eq!(desk.outputs("killed"), desk.outputs("whole"));
    let left = std::fs::read_dir(desk.path("killed")).unwrap().flatten();
    assert!(
        left.into_iter()
            .all(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
    );
}

#[cfg(unix)]
#[test]
fn the_first_signal_ends_the_run_after_the_batch_in_hand_and_the_second_at_once() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 40);
    let (mut child, said) = start(&desk, "batch.jsonl", "a", 400, "");
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, "-TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143), "{}", rest(said));
    let (mut child, _said) = start(&desk, "batch.jsonl", "b", 3_600_000, "");
    // A batch of an hour: only the second signal can end it.
    std::thread::sleep(Duration::from_millis(500));
    signal(&child, "-INT");
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        child.try_wait().unwrap().is_none(),
        "the batch in hand is not given up at once"
    );
    signal(&child, "-INT");
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_run_with_what_to_do_and_the_next_run_finishes() {
    let desk = Desk::new();
    desk.batch("batch.jsonl", 300);
    // No file may grow beyond 128 KiB (in blocks of 512 bytes): as good as a full disk, and needs no privileges.
    let (mut child, said) = start(&desk, "batch.jsonl", "a", 0, "trap '' XFSZ; ulimit -f 256;");
    let said = rest(said);
    assert_eq!(child.wait().unwrap().code(), Some(2), "{said}");
    assert!(
        said.contains("khulosa.db") && said.contains("free some space"),
        "{said}"
    );
    finished(desk.run("batch.jsonl", "a", Manner::Well));
    finished(desk.run("batch.jsonl", "b", Manner::Well));
    assert_eq!(desk.outputs("a"), desk.outputs("b"));
}

/// Writes a large batch, and waits until it counts as a file that will not change.
fn many(desk: &Desk, articles: usize) {
    let file = std::fs::File::create(desk.path("many.jsonl")).unwrap();
    let mut file = std::io::BufWriter::new(file);
    for first in (0..articles).step_by(1000) {
        std::io::Write::write_all(&mut file, batch(first..articles.min(first + 1000)).as_bytes()).unwrap();
    }
    drop(file);
    std::thread::sleep(Duration::from_secs(4));
}

/// Peak memory in MB and the report of a whole run over it.
fn measured(desk: &Desk, out: &str) -> (u64, serde_json::Value) {
    let (mut child, said) = start(desk, "many.jsonl", out, 0, "");
    let said = rest(said);
    assert!(child.wait().unwrap().success(), "{said}");
    let after = |name: &str| {
        said.lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap()
            .to_owned()
    };
    (
        after("peak ").parse().unwrap(),
        serde_json::from_str(&after("report ")).unwrap(),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_batch() {
    let desk = Desk::new();
    many(&desk, 200);
    let (few, _) = measured(&desk, "few");
    many(&desk, 4000);
    let (many, report) = measured(&desk, "many");
    assert_eq!(report["counts"]["records"], 4000);
    assert!(many < few + 100, "{few} MB for 200 articles, {many} MB for 4000");
}

/// `KHULOSA_TEST_TO=en` leaves translation out, so that what is measured is everything around it.
/// `KHULOSA_TEST_ARTICLES=1000000 cargo test --release --lib run::tests::process::measure -- --ignored --nocapture`
#[test]
#[ignore = "long: make soak runs it"]
fn measure_a_large_batch() {
    let desk = Desk::new();
    let articles = number("KHULOSA_TEST_ARTICLES").unwrap_or(100_000);
    many(&desk, 100);
    let (small, _) = measured(&desk, "small");
    many(&desk, articles);
    let started = Instant::now();
    let (peak, first) = measured(&desk, "large");
    let first_s = started.elapsed().as_secs_f64();
    let (again_peak, again) = measured(&desk, "large");
    println!(
        "{}",
        serde_json::json!({
            "articles": articles, "records": first["counts"]["records"], "seconds": first_s,
            "peak_mb": peak, "peak_mb_of_100_articles": small, "first": first["seconds"],
            "all_done": again["seconds"], "all_done_peak_mb": again_peak,
        })
    );
    assert!(peak < small + 300, "{peak} MB");
}
