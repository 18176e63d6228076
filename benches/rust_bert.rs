//! Measures stock rust-bert, its own generator over its own graph, on a model and a file of sources, with forced
//! lengths, and prints the object that `speed.rs` prints.
//!
//! `cargo bench --bench rust_bert -- --model DIR --sources FILE --beams 4 --new 40 --threads 2`

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Parser;
use rust_bert::bart::BartGenerator;
use rust_bert::m2m_100::M2M100Generator;
use rust_bert::pipelines::common::{ModelResource, ModelType, TokenizerOption};
use rust_bert::pipelines::generation_utils::{GenerateConfig, GenerateOptions, LanguageGenerator};
use rust_bert::resources::LocalResource;
use serde_json::{Value, json};
use tch::{Device, Tensor};

type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    model: PathBuf,
    #[arg(long)]
    sources: PathBuf,
    #[arg(long, default_value_t = 4)]
    beams: i64,
    /// Tokens to generate for every source.
    #[arg(long, default_value_t = 40)]
    new: i64,
    #[arg(long, default_value_t = 2)]
    threads: i32,
    /// Only the first sources.
    #[arg(long, default_value_t = usize::MAX)]
    limit: usize,
    /// Sources given to the generator at a time, those of like length together.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    tch::set_num_threads(arguments.threads);
    let mut sources: Vec<Vec<i64>> = Vec::new();
    for line in std::fs::read_to_string(&arguments.sources)?
        .lines()
        .take(arguments.limit)
    {
        let value: Value = serde_json::from_str(line)?;
        sources.push(serde_json::from_value(value.get("ids").cloned().unwrap_or_default())?);
    }
    sources.sort_by_key(Vec::len);
    let start = Instant::now();
    let config = std::fs::read_to_string(arguments.model.join("config.json"))?;
    let config: Value = serde_json::from_str(&config)?;
    let (settings, tokenizer) = generator(&arguments.model, arguments.beams)?;
    match config["model_type"].as_str() {
        Some("bart") => measure(
            &BartGenerator::new_with_tokenizer(settings, tokenizer)?,
            &sources,
            &arguments,
            start,
        ),
        _ => measure(
            &M2M100Generator::new_with_tokenizer(settings, tokenizer)?,
            &sources,
            &arguments,
            start,
        ),
    }
}

/// Settings of a generator whose tokenizer, which ids do not need, knows nothing but its special tokens.
fn generator(model: &Path, beams: i64) -> Result<(GenerateConfig, TokenizerOption), Failure> {
    let mut words = tempfile::NamedTempFile::new()?;
    words.write_all(b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n")?;
    let tokenizer = TokenizerOption::from_file(
        ModelType::Bert,
        &words.path().to_string_lossy(),
        None,
        false,
        None,
        None,
    )?;
    let local = |name: &str| Box::new(LocalResource::from(model.join(name)));
    let settings = GenerateConfig {
        model_type: ModelType::M2M100,
        model_resource: ModelResource::Torch(local("model.safetensors")),
        config_resource: local("config.json"),
        vocab_resource: local("config.json"),
        merges_resource: None,
        min_length: 0,
        max_length: None,
        do_sample: false,
        early_stopping: false,
        num_beams: beams,
        temperature: 1.0,
        top_k: 0,
        top_p: 1.0,
        repetition_penalty: 1.0,
        length_penalty: 1.0,
        no_repeat_ngram_size: 0,
        num_return_sequences: 1,
        num_beam_groups: None,
        diversity_penalty: None,
        device: Device::Cpu,
        kind: None,
    };
    Ok((settings, tokenizer))
}

fn measure(
    generator: &impl LanguageGenerator,
    sources: &[Vec<i64>],
    arguments: &Arguments,
    start: Instant,
) -> Result<(), Failure> {
    let loaded = start.elapsed();
    let start = Instant::now();
    let mut tokens = 0;
    for batch in sources.chunks(arguments.batch.max(1)) {
        let longest = batch.iter().map(Vec::len).max().unwrap_or_default();
        // 1 pads in every model measured here.
        let padded: Vec<i64> = batch
            .iter()
            .flat_map(|ids| ids.iter().copied().chain(std::iter::repeat_n(1, longest - ids.len())))
            .collect();
        let ids = Tensor::from_slice(&padded).view([batch.len() as i64, longest as i64]);
        let mask = ids.ne(1).to_kind(tch::Kind::Int64);
        // Lengths count the token that the decoder starts from.
        let options = GenerateOptions {
            min_length: Some(arguments.new + 1),
            max_length: Some(arguments.new + 1),
            ..GenerateOptions::default()
        };
        for output in generator.generate_from_ids_and_past(ids, Some(mask), Some(options))? {
            tokens += output.indices.len() - 1;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let peak = std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| {
            line.strip_prefix("VmHWM:")?
                .split_whitespace()
                .next()?
                .parse::<f64>()
                .ok()
        })
        .unwrap_or_default()
        * 1024.0
        / 1e6;
    let result = json!({
        "load_s": loaded.as_secs_f64(), "seconds": seconds, "tokens": tokens, "tokens_per_s": tokens as f64 / seconds,
        "peak_mb": peak,
    });
    println!("{result}");
    Ok(())
}
