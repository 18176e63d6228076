//! Several machines: shards of a batch, merged, are exactly what one run writes.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::Desk;
use serde_json::{Value, json};

/// Articles with two copies of one text, a language that the model does not know, and lines that are no article.
fn batch(desk: &Desk) {
    let mut lines = String::new();
    for number in 0..30 {
        let text = format!(
            "The water ministers of three countries met in Dushanbe on day {number} to discuss the sharing of rivers. \
             They agreed to open {number} monitoring stations by the end of 2025."
        );
        let date = format!("2024-11-{:02}", number % 5 + 1);
        let line = json!({"title": format!("Talks number {number}"), "text": text, "date": date, "rank": 0.1 + f64::from(number)});
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    let first = lines.lines().next().unwrap().to_owned();
    desk.write("in/a.jsonl", format!("{lines}not json\n{{\"title\": \"no text\"}}\n"));
    desk.write("in/b.jsonl", format!("{first}\n"));
    desk.write(
        "in/persian.txt",
        "کارشناسان پنج کشور درباره کم‌آبی گفت‌وگو کردند و قرار شد که این گفت‌وگوها ادامه یابد.",
    );
    desk.write("in/empty.txt", "");
}

/// Every file of a run folder that a reader gets, but for the report, which tells of the run.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for part in [folder.to_owned(), folder.join("digests")] {
        for entry in std::fs::read_dir(&part).into_iter().flatten().flatten() {
            let name = entry.file_name().into_string().unwrap();
            let ours = name != "report.json" && !name.starts_with("khulosa.") && entry.path().is_file();
            if ours {
                files.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

fn report(desk: &Desk, run: &str) -> Value {
    serde_json::from_str(&desk.read(&format!("{run}/report.json"))).unwrap()
}

#[test]
fn merged_shards_are_the_same_bytes_as_one_run() {
    let desk = Desk::new();
    batch(&desk);
    desk.run("in --out one --to ru,tg --max-rejected 9", 0);
    for shard in 1..=3 {
        desk.run(
            &format!("in --out s{shard} --shard {shard}/3 --to ru,tg --max-rejected 9"),
            0,
        );
    }
    // Some shard has several articles, and none has all.
    let sizes = [1, 2, 3].map(|shard| desk.lines(&format!("s{shard}/records.jsonl")).len());
    assert!(
        sizes.iter().sum::<usize>() == 30 && sizes.iter().all(|size| *size < 30),
        "{sizes:?}"
    );
    let merged = desk.khulosa("merge s3 s1 s2 --out all");
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let (one, all) = (files(&desk.path("one")), files(&desk.path("all")));
    assert_eq!(one.keys().collect::<Vec<_>>(), all.keys().collect::<Vec<_>>());
    assert!(one.len() > 8, "records, rejections and digests in two languages");
    for (name, bytes) in &one {
        assert!(all[name] == *bytes, "{name} differs");
    }
    assert_eq!(desk.rejected("all").len(), 4);
    let (one, all) = (report(&desk, "one"), report(&desk, "all"));
    for key in ["schema", "version", "counts", "findings", "languages", "models"] {
        assert_eq!(one[key], all[key], "{key}");
    }
    assert_eq!(all["counts"]["duplicates"], 1);
    assert_eq!(all["shards"], 3);
    assert_eq!(one["stages"]["summarise"]["made"], all["stages"]["summarise"]["made"]);
    let strict = desk.khulosa("run in --out x --shard 1/1 --to ru --progress none");
    assert_eq!(strict.code, 1);
    assert_eq!(
        desk.khulosa("merge x --out y").code,
        1,
        "the exit code is that of the one run"
    );
}

#[test]
fn recipients_get_the_same_bytes_from_merged_shards_as_from_one_run() {
    let desk = Desk::new();
    batch(&desk);
    desk.write(
        "job.toml",
        "to = [\"ru\", \"tg\"]\nmax_rejected = 9\nprogress = \"none\"\n\
         [[recipients]]\nname = \"Water Desk\"\ntopics = [\"water\"]\nmax_items = 7\n\
         formats = [\"html\", \"docx\", \"jsonl\", \"xliff2\", \"atom\"]\n",
    );
    for arguments in [
        "--out one",
        "--out s1 --shard 1/2",
        "--out s2 --shard 2/2",
        // What an earlier run has left is not to be taken for today's.
        "--out all --to ru",
    ] {
        desk.run(&format!("in --job job.toml {arguments}"), 0);
    }
    desk.write("all/digests/water-desk/digest.fa-ru.xliff2.xlf", "old");
    let merged = desk.khulosa("merge s1 s2 --out all");
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    let [one, all] = ["one", "all"].map(|run| files(&desk.path(&format!("{run}/digests/water-desk"))));
    assert_eq!(one.len(), 5 * 2, "{:?}", one.keys());
    assert!(one == all, "{:?} or other bytes than {:?}", all.keys(), one.keys());
    let page = desk.read("all/digests/water-desk/digest.tg.html");
    assert!(page.contains("They agreed to open"), "the full text is folded below");
    std::fs::remove_file(desk.path("s2/khulosa.db")).unwrap();
    let torn = desk.khulosa("merge s1 s2 --out all");
    assert_eq!(torn.code, 2);
    assert!(torn.stderr.contains("s2/khulosa.db: cannot read"), "{}", torn.stderr);
}

#[test]
fn folders_that_do_not_belong_together_are_refused_with_what_is_wrong() {
    let desk = Desk::new();
    batch(&desk);
    let run = |arguments: &str| desk.run(&format!("in --to ru --max-rejected 9 --limit 3 {arguments}"), 0);
    run("--out s1 --shard 1/2");
    run("--out s2 --shard 2/2");
    run("--out whole");
    run("--out other --shard 2/2 --summary-words 20");
    run("--out third --shard 1/3");
    let refused = |arguments: &str, words: &[&str]| {
        let ended = desk.khulosa(&format!("merge {arguments} --out all"));
        assert_eq!(ended.code, 2, "{arguments}");
        for word in words {
            assert!(ended.stderr.contains(word), "{arguments}: {}", ended.stderr);
        }
        assert!(!desk.path("all/records.jsonl").exists(), "{arguments}");
    };
    refused("s1", &["all 2 shards", "none for 2/2"]);
    refused("s1 s2 s1", &["s1: is named twice"]);
    refused("s1 whole", &["whole", "--shard"]);
    refused("s1 other", &["other", "summary_words: 20, not 60"]);
    refused("s1 third", &["third", "number of shards: 3, not 2"]);
    refused("s1 nowhere", &["nowhere/report.json", "finished runs"]);
    refused("s1 s2 all", &["is one of the shards"]);
    // A report that is older than the records beside it.
    let records = desk.read("s1/records.jsonl") + &desk.read("s2/records.jsonl");
    desk.write("s1/records.jsonl", records);
    refused("s1 s2", &["s1/records.jsonl", "run that shard again"]);
}
