//! Measures one engine on one model and a file of sources, with forced lengths, and prints one JSON object:
//! `{"load_s", "first_token_s", "seconds", "tokens", "tokens_per_s", "peak_mb"}`.
//!
//! `cargo bench --bench speed -- --model DIR --sources FILE --beams 4 --new 40 --precision int8 --threads 2`

use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use khulosa::engine::{Decoding, EngineOptions, Kind, Precision, load};
use serde_json::{Value, json};

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    model: PathBuf,
    #[arg(long)]
    sources: PathBuf,
    #[arg(long, default_value_t = 4)]
    beams: usize,
    /// Tokens to generate for every source.
    #[arg(long, default_value_t = 40)]
    new: usize,
    #[arg(long, default_value = "fast", value_parser = Kind::parse)]
    engine: Kind,
    #[arg(long, default_value = "int8", value_parser = Precision::parse)]
    precision: Precision,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Tokens of a shortlist; 0 is the whole vocabulary.
    #[arg(long, default_value_t = 0)]
    shortlist: u32,
    /// Only the first sources.
    #[arg(long, default_value_t = usize::MAX)]
    limit: usize,
    /// Sources given to the engine at a time.
    #[arg(long, default_value_t = usize::MAX)]
    batch: usize,
    /// Where converted weights are kept.
    #[arg(long)]
    cache: Option<PathBuf>,
    /// Passed by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut sources: Vec<Vec<u32>> = Vec::new();
    for line in std::fs::read_to_string(&arguments.sources)?
        .lines()
        .take(arguments.limit)
    {
        let value: Value = serde_json::from_str(line)?;
        sources.push(serde_json::from_value(value.get("ids").cloned().unwrap_or_default())?);
    }
    let options = EngineOptions {
        kind: arguments.engine,
        precision: arguments.precision,
        threads: arguments.threads,
        cache: arguments.cache,
        ..EngineOptions::default()
    };
    let start = Instant::now();
    let engine = load(&arguments.model, &options)?;
    let loaded = start.elapsed();
    let how = Decoding {
        beams: arguments.beams,
        max_new_tokens: arguments.new,
        min_new_tokens: arguments.new,
        no_repeat_ngram: 0,
        shortlist: (arguments.shortlist > 0).then(|| (0..arguments.shortlist).collect()),
        ..Decoding::from_folder(&arguments.model)?
    };
    let first = Decoding {
        max_new_tokens: 1,
        min_new_tokens: 0,
        ..how.clone()
    };
    engine.generate(sources.get(..1).unwrap_or_default(), &first)?;
    let ready = start.elapsed();
    let start = Instant::now();
    let mut tokens = 0;
    for batch in sources.chunks(arguments.batch.min(sources.len()).max(1)) {
        for generated in engine.generate(batch, &how)? {
            tokens += generated.hypotheses.first().map_or(0, |best| best.ids.len());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let result = json!({
        "load_s": loaded.as_secs_f64(), "first_token_s": ready.as_secs_f64(), "seconds": seconds, "tokens": tokens,
        "tokens_per_s": tokens as f64 / seconds, "peak_mb": peak(),
    });
    println!("{result}");
    Ok(())
}

/// Most memory that this process has had, in MB (10^6 bytes); 0 where the system does not tell.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|number| number.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0 / 1e6
}
