//! `khulosa generate`: the researchers' door to a model, without a tokenizer.

use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use khulosa::engine::{self, Decoding, EngineOptions};
use khulosa::job::{Job, Request};
use khulosa::shelf::Shelf;

use super::filter;
use super::settings::{Settings, environment};

/// Generate from token ids: reads {"ids":[…]} a line, writes {"ids":[…],"score":…} a line.
#[derive(Args)]
pub struct Generate {
    /// What to read; - is standard input.
    #[arg(default_value = "-")]
    file: PathBuf,
    /// A card's name, a folder as the hub has it (a tokenizer is not needed), or hf:org/name.
    #[arg(long, value_name = "MODEL")]
    model: String,
    /// Most tokens to generate.
    #[arg(long, value_name = "N")]
    max_new: Option<usize>,
    /// Fewest tokens to generate.
    #[arg(long, value_name = "N")]
    min_new: Option<usize>,
    /// Token forced as the first one.
    #[arg(long, value_name = "ID")]
    forced_bos: Option<u32>,
    /// Hypotheses per line, best first.
    #[arg(long, value_name = "N")]
    n_best: Option<usize>,
    #[command(flatten)]
    settings: Settings,
}

impl Generate {
    /// Generates until the input ends.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let request = Request {
            inputs: Some(vec!["-".to_owned()]),
            out: Some(PathBuf::from(".")),
            ..self.settings.request()
        };
        let job = Job::from_requests([request, environment()?])?;
        let mut folder = PathBuf::from(&self.model);
        if !folder.is_dir() {
            folder = Shelf::new(&job)?.folder(&self.model)?;
        }
        let engine = engine::load(&folder, &EngineOptions::from(&job))?;
        let mut how = job.decoding.over(&Decoding::from_folder(&folder)?);
        how.max_new_tokens = self.max_new.unwrap_or(how.max_new_tokens);
        how.min_new_tokens = self.min_new.unwrap_or(how.min_new_tokens);
        how.forced_bos = self.forced_bos.or(how.forced_bos);
        how.n_best = self.n_best.unwrap_or(how.n_best);
        let input = BufReader::new(filter::open(&self.file)?);
        let mut out = BufWriter::new(std::io::stdout().lock());
        engine::jsonl::generate(engine.as_ref(), &how, job.batch_tokens, input, &mut out)?;
        out.flush()?;
        Ok(ExitCode::SUCCESS)
    }
}
