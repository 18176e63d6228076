//! An engine uses the threads that it was given, and no more. Threads are counted, so this file holds a single test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use khulosa::engine::{Decoding, Engine, EngineOptions, Generated, Kind, Precision, load};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity/m2m100-c")
}

/// Names of this process's threads, by number.
fn tasks() -> BTreeMap<u32, String> {
    let entries = std::fs::read_dir("/proc/self/task").unwrap();
    let name = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.ok()?;
        let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
        Some((entry.file_name().to_str()?.parse().ok()?, name.trim().to_owned()))
    };
    entries.filter_map(name).collect()
}

/// Threads that were there at any time during `work` and not before it, besides the one that counts.
fn started<R>(work: impl FnOnce() -> R) -> (R, BTreeMap<u32, String>) {
    let before = tasks();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let counter = std::thread::Builder::new().name("counter".to_owned());
        let counter = counter
            .spawn_scoped(scope, || {
                let mut seen = BTreeMap::new();
                while !done.load(Ordering::Relaxed) {
                    seen.extend(tasks());
                    std::thread::sleep(Duration::from_micros(200));
                }
                seen.extend(tasks());
                seen
            })
            .unwrap();
        let result = work();
        // Threads that outlive the work, such as a pool's, are seen at the latest now.
        done.store(true, Ordering::Relaxed);
        let mut seen = counter.join().unwrap();
        seen.retain(|number, name| !before.contains_key(number) && name != "counter");
        (result, seen)
    })
}

fn engine(kind: Kind, precision: Precision, threads: usize, cache: Option<PathBuf>) -> Box<dyn Engine> {
    let options = EngineOptions {
        kind,
        precision,
        threads,
        cache,
        ..EngineOptions::default()
    };
    load(&folder(), &options).unwrap()
}

fn generate(engine: &dyn Engine) -> Vec<Generated> {
    let sources: Vec<Vec<u32>> = (0..200_u32).map(|source| vec![3 + source % 50, 9, 12, 40, 2]).collect();
    let how = Decoding {
        beams: 4,
        max_new_tokens: 20,
        ..Decoding::from_folder(&folder()).unwrap()
    };
    engine.generate(&sources, &how).unwrap()
}

#[test]
fn threads_are_as_many_as_asked_for_and_two_engines_do_not_fight() {
    let cache = tempfile::tempdir().unwrap();
    // One thread is the caller's own, cold or from converted weights.
    for _ in 0..2 {
        let work = || generate(engine(Kind::Fast, Precision::Int8, 1, Some(cache.path().to_owned())).as_ref());
        let (_, seen) = started(work);
        assert!(seen.is_empty(), "{seen:?}");
    }
    // Three threads, whether sources are many or few, and from converted weights.
    let (three, seen) = started(|| {
        let engine = engine(Kind::Fast, Precision::Int8, 3, Some(cache.path().to_owned()));
        generate(engine.as_ref());
        engine.embed(&[vec![5, 6, 2]]).unwrap();
        engine
    });
    assert_eq!(seen.len(), 3, "{seen:?}");
    assert!(seen.values().all(|name| name.starts_with("engine-")), "{seen:?}");
    // Once loaded, nothing is started any more.
    let (expected, seen) = started(|| generate(three.as_ref()));
    assert!(seen.is_empty(), "{seen:?}");
    // Two engines at once: each has its own, and both give what each gives alone.
    let two = engine(Kind::Fast, Precision::Int8, 2, Some(cache.path().to_owned()));
    let ((left, right), seen) = started(|| {
        let left = std::thread::spawn(move || generate(three.as_ref()));
        let right = std::thread::spawn(move || generate(two.as_ref()));
        (left.join().unwrap(), right.join().unwrap())
    });
    assert_eq!(seen.len(), 2, "the two callers: {seen:?}");
    assert_eq!(left, expected);
    assert_eq!(right, expected);
    // libtorch starts threads by itself, and by the number set last in the process, unless told on every call.
    let one = engine(Kind::Reference, Precision::F32, 1, None);
    let many = engine(Kind::Reference, Precision::F32, 4, None);
    let ((), seen) = started(|| std::thread::spawn(move || drop(generate(one.as_ref()))).join().unwrap());
    assert_eq!(seen.len(), 1, "the caller: {seen:?}");
    let (_, seen) = started(|| generate(many.as_ref()));
    assert!(seen.len() <= 3, "the caller is the fourth: {seen:?}");
}
