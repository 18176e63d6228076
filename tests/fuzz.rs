//! Every reader, given bytes that are almost right: the entries of fuzz/, on what once made them fail and on mutations of
//! good files.
//!
//! `FUZZ_SECONDS=600 FUZZ_SEED=7` goes on for that long with every entry from that seed (`make fuzz`); without, a few
//! hundred mutations are tried, the same each time. Bytes that make a reader panic, or keep it busy for many seconds,
//! are written to fuzz/crashes/ENTRY/, where every later run tries them first.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../fuzz/entries.rs"]
mod entries;

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use entries::Entry;

/// Mutations without `FUZZ_SECONDS`.
const FEW: usize = 300;
/// No honest work on a few hundred kilobytes takes this long.
const LONG: Duration = Duration::from_mins(1);
/// Seeds are cut to this, so that mutations hit what matters.
const MOST_BYTES: usize = 300_000;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every file under a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// Good files for an entry: those that other tests use. `choice` is the byte that tells the entry their name.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let under = |folder: &str, ending: &str, choice: Option<u8>| -> Vec<Vec<u8>> {
        let matching = files(&root(folder))
            .into_iter()
            .filter(|path| path.to_string_lossy().ends_with(ending));
        matching
            .map(|path| {
                let mut bytes: Vec<u8> = choice.into_iter().collect();
                bytes.extend(std::fs::read(path).unwrap());
                bytes.truncate(MOST_BYTES);
                bytes
            })
            .collect()
    };
    match name {
        "articles" => [
            under("tests/data/articles", "", None),
            under("samples/articles", "", None),
        ]
        .concat(),
        "weights" => {
            let index = r#"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "../b.safetensors"}}"#;
            let index = vec![[&[3], index.as_bytes()].concat()];
            let stream = vec![legacy()];
            [
                under("tests/parity", ".safetensors", Some(0)),
                under("tests/parity", ".bin", Some(1)),
                index,
                stream,
            ]
            .concat()
        }
        "tokenizers" => [
            under("tests/tokenizers", "tokenizer.json", Some(0)),
            under("tests/tokenizers", "bytes.model", Some(1)),
            under("tests/tokenizers", "target.spm", Some(1)),
            under("tests/tokenizers", "target.spm", Some(2)),
            under("tests/tokenizers/bart", "vocab.json", Some(3)),
            under("tests/tokenizers", "tokenizer_config.json", Some(4)),
        ]
        .concat(),
        "cards" => under("models", ".toml", None),
        "jobs" => under("samples", ".toml", None),
        "configs" => under("tests/parity", "config.json", None),
        "bundles" => vec![tar()],
        "glossaries" => {
            let toml = "[[terms]]\nen = \"water\"\nru = \"вода|воды\"\nru_forms = [\"водой\"]\ncase = true\n";
            let tbx = "<martif><text><body><termEntry><langSet xml:lang=\"en\"><tig><term>WHO</term><termNote \
                       type=\"termType\">acronym</termNote></tig></langSet><langSet xml:lang=\"ru\"><tig><term>ВОЗ</term>\
                       </tig></langSet></termEntry></body></text></martif>";
            let inline = [[&[1], toml.as_bytes()].concat(), [&[2], tbx.as_bytes()].concat()];
            [under("samples", "glossary.csv", Some(0)), inline.to_vec()].concat()
        }
        "corrections" => {
            let old = "<xliff version=\"1.2\"><file source-language=\"en\" target-language=\"ru\"><body><trans-unit id=\"1\" \
                       approved=\"yes\"><source>Water <g id=\"1\">talks</g></source><target state=\"final\">Вода</target>\
                       </trans-unit></body></file></xliff>";
            let new = "<xliff version=\"2.1\" srcLang=\"en\" trgLang=\"tg\"><file id=\"f\"><unit id=\"1\"><segment \
                       state=\"reviewed\"><source>Water</source><target>Об &amp; ҳаво</target></segment></unit></file></xliff>";
            vec![old.as_bytes().to_vec(), new.as_bytes().to_vec()]
        }
        _ => panic!("no seeds for {name}"),
    }
}

/// A stream of pickles as `torch.save` wrote it before 1.6: magic number, protocol, system, an empty object, no keys.
fn legacy() -> Vec<u8> {
    let mut bytes = vec![1];
    bytes.extend(
        b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.\x80\x02}q\x00.\x80\x02]q\x00.",
    );
    bytes
}

/// A model of one file in a tar.
fn tar() -> Vec<u8> {
    let content = b"weights";
    let manifest = format!(
        r#"{{"schema":"khulosa.model/1","name":"tiny","repository":null,"revision":null,"commit":null,"files":[{{"name":"model.safetensors","blob":null,"size":7,"blake3":"{}"}}]}}"#,
        blake3::hash(content)
    );
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in [
        ("khulosa-model.json", manifest.as_bytes()),
        ("model.safetensors", content),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append_data(&mut header, name, bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Bytes that mean something to one reader or another.
const WORDS: [&[u8]; 22] = [
    &[0xff; 8],
    &[0xff; 4],
    &[0; 8],
    &[0x7f, 0xff, 0xff, 0xff],
    &[0xff, 0xff, 0xff, 0x7f],
    b"PK\x05\x06",
    b"PK\x01\x02",
    b"<![CDATA[",
    b"<!DOCTYPE",
    b"&#x110000;",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"1e999",
    b"-9223372036854775808",
    b"[[[[[[[[",
    b"null",
    b"\"\"",
    b"</",
    b"\x00",
    b"99999999999999999999",
    b"../",
    b"\xf0\x9f\x8c\x8a",
];

/// One to eight changes; most of them near the ends, where headers and directories are.
fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(8) {
        let length = bytes.len();
        let at = match random.below(4) {
            0 => random.below(length),
            1 => length - random.below(length.min(2000)).min(length),
            _ => random.below(length.min(4000)),
        };
        match random.below(8) {
            0 | 1 if at < length => bytes[at] ^= 1 << random.below(8),
            2 if at < length => bytes[at] = random.next() as u8,
            3 => {
                let word = WORDS[random.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            4 => {
                let word = WORDS[random.below(WORDS.len())];
                let end = (at + word.len()).min(length);
                bytes.splice(at..end, word.iter().copied());
            }
            5 => bytes.truncate(at),
            6 => {
                let end = (at + random.below(64)).min(length);
                let piece = bytes[at..end].to_vec();
                for _ in 0..random.below(20) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            _ => {
                let other = &seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
        }
    }
    bytes.truncate(2 * MOST_BYTES);
    bytes
}

/// Gives bytes to an entry; what it fails on is kept.
fn attempt(name: &str, entry: Entry, bytes: &[u8]) -> Result<(), String> {
    let started = Instant::now();
    let ended = std::panic::catch_unwind(AssertUnwindSafe(|| entry(bytes)));
    let what = match ended {
        Err(_) => "panicked",
        Ok(()) if started.elapsed() > LONG => "took too long",
        Ok(()) => return Ok(()),
    };
    let folder = root("fuzz/crashes").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(&blake3::hash(bytes).to_hex()[..16]);
    std::fs::write(&path, bytes).unwrap();
    Err(format!("{name} {what} on {}", path.display()))
}

fn fuzz(name: &str) {
    let entry = entries::ENTRIES.iter().find(|(known, _)| *known == name).unwrap().1;
    let mut failures: Vec<String> = Vec::new();
    let good = seeds(name);
    assert!(!good.is_empty(), "{name} has no seeds");
    let known = files(&root("fuzz/crashes").join(name))
        .into_iter()
        .map(|path| std::fs::read(path).unwrap());
    failures.extend(
        known
            .chain(good.clone())
            .filter_map(|bytes| attempt(name, entry, &bytes).err()),
    );
    let number = |variable: &str| std::env::var(variable).ok().and_then(|value| value.parse::<u64>().ok());
    let mut random = Random(number("FUZZ_SEED").unwrap_or(1));
    let (started, time) = (Instant::now(), number("FUZZ_SECONDS").map(Duration::from_secs));
    let mut tried = 0;
    while time.map_or(tried < FEW, |time| started.elapsed() < time) && failures.len() < 10 {
        failures.extend(attempt(name, entry, &mutate(&mut random, &good)).err());
        tried += 1;
    }
    eprintln!("{name}: {tried} mutations in {:.0} s", started.elapsed().as_secs_f64());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn article_readers_survive_what_is_almost_an_article() {
    fuzz("articles");
}

#[test]
fn weights_readers_survive_what_is_almost_weights() {
    fuzz("weights");
}

#[test]
fn tokenizers_survive_what_is_almost_a_tokenizer() {
    fuzz("tokenizers");
}

#[test]
fn cards_survive_what_is_almost_a_card() {
    fuzz("cards");
}

#[test]
fn job_files_survive_what_is_almost_a_job() {
    fuzz("jobs");
}

#[test]
fn model_configs_survive_what_is_almost_a_config() {
    fuzz("configs");
}

#[test]
fn bundles_survive_what_is_almost_a_bundle() {
    fuzz("bundles");
}

#[test]
fn glossaries_survive_what_is_almost_a_glossary() {
    fuzz("glossaries");
}

#[test]
fn corrections_survive_what_is_almost_xliff() {
    fuzz("corrections");
}
