//! What is fuzzed: each entry gives bytes to one reader, as a file or a stream would. It must end without a panic, in
//! memory and time that fit the size of the bytes; what it says of them does not matter.
//!
//! The targets of cargo-fuzz call these, and so does `tests/fuzz.rs`, which needs no nightly compiler.

use std::path::Path;

use khulosa::article::{ReadOptions, read_stream};
use khulosa::check::glossary::Glossary;
use khulosa::job::{Job, Request};
use khulosa::model::weights::Checkpoint;
use khulosa::model::{Card, DecodingOverrides, Languages, ModelConfig, ModelTokenizer, bundle};
use khulosa::prompts::Prompts;
use khulosa::text::language::Language;

/// A reader under test.
pub type Entry = fn(&[u8]);

/// Every entry by its name.
pub const ENTRIES: [(&str, Entry); 9] = [
    ("articles", articles),
    ("weights", weights),
    ("tokenizers", tokenizers),
    ("cards", cards),
    ("jobs", jobs),
    ("configs", configs),
    ("bundles", bundles),
    ("glossaries", glossaries),
    ("corrections", corrections),
];

/// Text, JSON, JSONL, HTML, RSS and Atom, told apart by content.
pub fn articles(bytes: &[u8]) {
    let options = ReadOptions {
        max_article_bytes: 1 << 20,
        max_feed_bytes: 1 << 20,
        max_words: None,
    };
    for name in ["-", "a.md", "a.html"] {
        read_stream(name, Box::new(std::io::Cursor::new(bytes.to_vec())), &options).for_each(drop);
    }
}

/// The first byte chooses among the names that weights go by; the rest is the file.
pub fn weights(bytes: &[u8]) {
    let names = [
        "model.safetensors",
        "pytorch_model.bin",
        "rust_model.ot",
        "model.safetensors.index.json",
    ];
    in_a_folder(&names, bytes, |folder| {
        let Ok(checkpoint) = Checkpoint::open(folder) else {
            return;
        };
        for name in checkpoint.names() {
            let Some(shape) = checkpoint.shape(name) else { continue };
            // A tensor may be a repetition of one number, as large as it likes to say.
            if shape
                .iter()
                .try_fold(1_usize, |all, side| all.checked_mul(*side))
                .is_some_and(|all| all < 1 << 20)
            {
                let _ = checkpoint.read(name, shape);
            }
        }
    });
}

/// The first byte chooses among the names that tokenizers go by; the rest is the file.
pub fn tokenizers(bytes: &[u8]) {
    let names = [
        "tokenizer.json",
        "tokenizer.model",
        "source.spm",
        "vocab.json",
        "tokenizer_config.json",
    ];
    in_a_folder(&names, bytes, |folder| {
        for (name, content) in [
            ("merges.txt", "#version: 0.2\na b\n"),
            ("target.spm", ""),
            ("vocab.json", "{\"a\": 0}"),
        ] {
            if !folder.join(name).exists() && std::fs::write(folder.join(name), content).is_err() {
                return;
            }
        }
        let Ok(prompts) = Prompts::load(None) else { return };
        for family in ["nllb", "t5", "marian"] {
            let Ok(family) = prompts.family(family) else { continue };
            let Ok(tokenizer) = ModelTokenizer::open(folder, family, &Languages::default()) else {
                continue;
            };
            let _ = tokenizer.encode_source("Water talks, 2025.", Some(Language::ENGLISH), Some(Language::TAJIK));
            let _ = tokenizer.encode_plain("обшор \u{1F30A} x");
            let _ = tokenizer.decode(&[0, 1, 2, 3, 250, 70_000, u32::MAX]);
            let _ = tokenizer.shortlist_for(Language::TAJIK);
        }
    });
}

/// Model cards.
pub fn cards(bytes: &[u8]) {
    let _ = Card::parse(&String::from_utf8_lossy(bytes), "card.toml");
}

/// Job files.
pub fn jobs(bytes: &[u8]) {
    if let Ok(request) = Request::from_toml(&String::from_utf8_lossy(bytes), "job.toml") {
        let _ = Job::from_requests([request]);
    }
}

/// A model's config.json and generation_config.json.
pub fn configs(bytes: &[u8]) {
    in_a_folder(&["config.json"], bytes, |folder| {
        let _ = std::fs::copy(folder.join("config.json"), folder.join("generation_config.json"));
        let Ok(config) = ModelConfig::read(folder) else { return };
        let _ = (
            config.architecture(),
            config.vocabulary(),
            config.decoding(&DecodingOverrides::default()),
        );
    });
}

/// Tars of models.
pub fn bundles(bytes: &[u8]) {
    in_a_folder(&["model.tar"], bytes, |folder| {
        let tar = folder.join("model.tar");
        let _ = bundle::import(&tar, &folder.join("hub"), &folder.join("models"));
    });
}

/// The first byte chooses among the formats of glossaries; the rest is the file. Its terms are then looked for.
pub fn glossaries(bytes: &[u8]) {
    in_a_folder(&["terms.csv", "terms.toml", "terms.tbx"], bytes, |folder| {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let _ = Glossary::load(&entry.path());
            let Ok(glossary) = Glossary::read(&entry.path()) else {
                continue;
            };
            let (source, output) = ("The ministry of water met the WHO.", "Вазорати об бо ТУТ вохӯрд.");
            let _ = glossary.uses(source, Language::ENGLISH, output, Language::TAJIK);
            let _ = glossary.lacking(source, Language::ENGLISH, output, Language::TAJIK);
        }
    });
}

/// XLIFF files as post-editors give them back.
pub fn corrections(bytes: &[u8]) {
    let _ = khulosa::digest::corrections::read(&String::from_utf8_lossy(bytes));
}

/// Writes a file of one of these names into a folder of its own.
fn in_a_folder(names: &[&str], bytes: &[u8], read: impl FnOnce(&Path)) {
    let Some((choice, rest)) = bytes.split_first() else {
        return;
    };
    let name = names[usize::from(*choice) % names.len()];
    let (Ok(folder), rest) = (tempfile::tempdir(), if names.len() == 1 { bytes } else { rest }) else {
        return;
    };
    if std::fs::write(folder.path().join(name), rest).is_ok() {
        read(folder.path());
    }
}
