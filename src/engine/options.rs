//! What can be asked of [`super::load`].

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which implementation runs a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Own graph and kernels.
    #[default]
    Fast,
    /// rust-bert's own graphs, f32 only: what everything else is proven against.
    Reference,
}

impl Kind {
    /// Reads `fast` or `reference`.
    ///
    /// # Errors
    /// On anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "fast" => Ok(Self::Fast),
            "reference" => Ok(Self::Reference),
            other => Err(format!("expected fast or reference, found {other}")),
        }
    }
}

/// Number format of the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats: equal to transformers token for token.
    F32,
    /// 8-bit integers with one scale per row: a quarter of the memory.
    #[default]
    Int8,
    /// 16-bit IEEE floats, on CUDA.
    F16,
    /// bfloat16, on CUDA.
    Bf16,
}

impl Precision {
    /// Reads `f32`, `int8`, `f16` or `bf16`.
    ///
    /// # Errors
    /// On anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "f32" => Ok(Self::F32),
            "int8" => Ok(Self::Int8),
            "f16" => Ok(Self::F16),
            "bf16" => Ok(Self::Bf16),
            other => Err(format!("expected f32, int8, f16 or bf16, found {other}")),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::F32 => "f32",
            Self::Int8 => "int8",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        })
    }
}

/// Where a model runs; written `cpu`, `cuda` or `cuda:1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The graphics card of this number.
    Cuda(usize),
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let card = match text {
            "cpu" => return Ok(Self::Cpu),
            "cuda" => Some(0),
            other => other.strip_prefix("cuda:").and_then(|number| number.parse().ok()),
        };
        card.map(Self::Cuda)
            .ok_or_else(|| format!("expected cpu, cuda or cuda:N, found {text}"))
    }
}

impl TryFrom<String> for Device {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

impl fmt::Display for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(card) => write!(formatter, "cuda:{card}"),
        }
    }
}

/// How a model is loaded and run.
#[derive(Clone, Debug, PartialEq)]
pub struct EngineOptions {
    /// Which implementation.
    pub kind: Kind,
    /// Number format of the weights.
    pub precision: Precision,
    /// Where.
    pub device: Device,
    /// Threads to use, and no more; 0 counts as 1.
    pub threads: usize,
    /// Folder for converted weights; `None` converts anew at every start.
    pub cache: Option<PathBuf>,
    /// Source tokens whose keys and values are kept at once, and half as many as are kept of generated tokens a beam:
    /// memory follows it, results do not. A source longer than this is decoded alone.
    pub batch_tokens: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            kind: Kind::default(),
            precision: Precision::default(),
            device: Device::default(),
            threads,
            cache: None,
            batch_tokens: 8_192,
        }
    }
}
