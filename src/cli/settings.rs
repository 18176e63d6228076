//! Flags shared by every command that loads a model, and how they become part of a job.

use std::path::PathBuf;

use clap::Args;
use khulosa::job::{Bytes, DecodingRequest, Request};
use khulosa::model::LicenceRule;

/// Flags about models and machines. Each can also stand in a job file or in a `KHULOSA_*` variable.
#[derive(Args, Clone)]
pub struct Settings {
    /// Where the models run: auto, cpu, cuda or cuda:N.
    #[arg(long, value_name = "DEVICE", help_heading = "Models")]
    device: Option<String>,
    /// Threads of the engine [default: all cores].
    #[arg(long, value_name = "N", help_heading = "Models")]
    threads: Option<usize>,
    /// Tokens in one batch: longest source × sources [default: 2048].
    #[arg(long, value_name = "N", help_heading = "Models")]
    batch_tokens: Option<usize>,
    /// Which implementation runs the models: fast or reference [default: fast].
    #[arg(long, value_name = "ENGINE", value_parser = khulosa::engine::Kind::parse, help_heading = "Models")]
    engine: Option<khulosa::engine::Kind>,
    /// Number format of the weights: int8, f32, f16 or bf16 [default: int8].
    #[arg(long, value_name = "FORMAT", value_parser = khulosa::engine::Precision::parse, help_heading = "Models")]
    precision: Option<khulosa::engine::Precision>,
    /// Beams of beam search [default: the model's own].
    #[arg(long, value_name = "N", help_heading = "Models")]
    beams: Option<usize>,
    /// Score = log-probability / length ^ X [default: the model's own].
    #[arg(long, value_name = "X", help_heading = "Models")]
    length_penalty: Option<f64>,
    /// No n-gram of N tokens twice [default: the model's own].
    #[arg(long, value_name = "N", help_heading = "Models")]
    no_repeat_ngram: Option<usize>,
    /// Folder with further model cards.
    #[arg(long, value_name = "DIR", help_heading = "Models")]
    models: Option<PathBuf>,
    /// Never open a network connection.
    #[arg(long, help_heading = "Models")]
    offline: bool,
    /// Which licences may be used: any, non-commercial or open [default: any].
    #[arg(long, value_name = "RULE", value_parser = licence, help_heading = "Models")]
    licence: Option<LicenceRule>,
    /// Memory that the models together may take, such as 12GB [default: all that the machine has].
    #[arg(long, value_name = "SIZE", help_heading = "Models")]
    memory: Option<Bytes>,
    /// Read pickled weights even where no card says so; no code in them is run.
    #[arg(long, help_heading = "Models")]
    allow_pickle: bool,
}

pub fn licence(text: &str) -> Result<LicenceRule, String> {
    let rules = [LicenceRule::Any, LicenceRule::NonCommercial, LicenceRule::Open];
    let known = || format!("expected any, non-commercial or open, found {text}");
    rules.into_iter().find(|rule| rule.name() == text).ok_or_else(known)
}

impl Settings {
    /// As a request, to be laid over a job file.
    pub fn request(self) -> Request {
        Request {
            device: self.device,
            threads: self.threads,
            batch_tokens: self.batch_tokens,
            engine: self.engine,
            precision: self.precision,
            models: self.models,
            offline: self.offline.then_some(true),
            licence: self.licence,
            allow_pickle: self.allow_pickle.then_some(true),
            memory: self.memory,
            decoding: DecodingRequest {
                beams: self.beams,
                length_penalty: self.length_penalty,
                no_repeat_ngram: self.no_repeat_ngram,
            },
            ..Request::default()
        }
    }
}

/// The `KHULOSA_*` variables of this process.
pub fn environment() -> Result<Request, khulosa::job::JobError> {
    let text = |value: std::ffi::OsString| value.into_string().ok();
    Request::from_environment(std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))))
}
