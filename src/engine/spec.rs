//! One encoder-decoder graph, described by data: what tells Marian, M2M100, mBART, BART, Pegasus and T5 apart.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{EngineError, Limits};

/// Architectures that differ in their tensors' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    Marian,
    M2m100,
    Mbart,
    Bart,
    Pegasus,
    T5,
    /// Known to the reference engine only.
    LongT5,
}

/// Nonlinearity of a feed-forward block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activation {
    Relu,
    /// x · Φ(x), by the error function.
    Gelu,
    /// GELU's approximation by tanh.
    GeluTanh,
    /// x · sigmoid(x), also called swish.
    Silu,
}

/// How token positions enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Positions {
    /// Sines in the first half, cosines in the second; frequencies 10000^(−2i/d); from position 0.
    Sinusoidal,
    /// Sines and cosines with frequencies 10000^(−i/(d/2−1)); from position pad + 1; pad itself has position pad, whose
    /// row is zero.
    SinusoidalAfterPad,
    /// A learned table, whose first two rows are not used.
    Learned,
    /// Learned biases on attention scores by distance.
    Relative {
        /// Rows of the table.
        buckets: usize,
        /// Distance beyond which all are alike.
        distance: usize,
    },
}

/// Sizes of the encoder or the decoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stack {
    pub(super) layers: usize,
    pub(super) heads: usize,
    /// Width of one attention head.
    pub(super) head: usize,
    /// Width of the feed-forward block.
    pub(super) inner: usize,
}

impl Stack {
    /// Width of all heads.
    pub(super) fn width(&self) -> usize {
        self.heads * self.head
    }
}

/// A model's graph.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spec {
    pub(super) family: Family,
    /// Width of the hidden states.
    pub(super) width: usize,
    /// Token ids of sources.
    pub(super) source_vocabulary: usize,
    /// Token ids of targets.
    pub(super) vocabulary: usize,
    pub(super) encoder: Stack,
    pub(super) decoder: Stack,
    pub(super) positions: Positions,
    /// Longest sequence that the positions allow.
    pub(super) longest: usize,
    pub(super) pad: u32,
    pub(super) activation: Activation,
    /// Whether the feed-forward block has a second, multiplicative input product.
    pub(super) gated: bool,
    /// RMS normalisation without bias, instead of layer normalisation.
    pub(super) rms: bool,
    pub(super) epsilon: f32,
    /// Normalise what enters a block, instead of the sum that leaves it.
    pub(super) norm_first: bool,
    /// Normalise embeddings.
    pub(super) embedding_norm: bool,
    /// Normalise what leaves the last layer.
    pub(super) final_norm: bool,
    /// Whether products have biases.
    pub(super) biased: bool,
    /// Factor on token embeddings.
    pub(super) embedding_scale: f32,
    /// Factor on attention scores, by width of a head.
    pub(super) scaled_attention: bool,
    /// Factor on what enters the output product.
    pub(super) output_scale: f32,
    /// Whether logits have a bias.
    pub(super) output_bias: bool,
    /// Whether the output product uses the token embeddings.
    pub(super) tied: bool,
    /// Whether encoder and decoder share their embeddings.
    pub(super) shared: bool,
}

/// config.json with its path, for error messages.
pub(super) struct Config {
    path: PathBuf,
    values: Map<String, Value>,
}

/// Longest sequence where the graph itself sets no limit: keeps attention scores within memory.
const NO_LIMIT: usize = 16_384;
/// Sizes above this are damage, not models.
const LARGEST: u64 = 1 << 22;

impl Config {
    pub(super) fn read(path: PathBuf) -> Result<Self, EngineError> {
        let wrong = |message: String| EngineError::Config {
            path: path.clone(),
            message,
        };
        let text = std::fs::read(&path).map_err(|error| wrong(format!("cannot read: {error}")))?;
        let value: Value = serde_json::from_slice(&text).map_err(|error| wrong(format!("not JSON: {error}")))?;
        match value {
            Value::Object(values) => Ok(Self { path, values }),
            _ => Err(wrong("expected a JSON object".to_owned())),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn wrong(&self, key: &str, expected: &str) -> EngineError {
        let found = self.get(key).map_or_else(|| "nothing".to_owned(), ToString::to_string);
        EngineError::Config {
            path: self.path.clone(),
            message: format!("{key}: expected {expected}, found {found}"),
        }
    }

    pub(super) fn size(&self, key: &str) -> Result<usize, EngineError> {
        let size = self
            .get(key)
            .and_then(Value::as_u64)
            .filter(|size| (1..=LARGEST).contains(size));
        size.map(|size| size as usize)
            .ok_or_else(|| self.wrong(key, "a whole number above 0"))
    }

    fn size_or(&self, key: &str, default: usize) -> Result<usize, EngineError> {
        if self.get(key).is_some() {
            self.size(key)
        } else {
            Ok(default)
        }
    }

    fn token(&self, key: &str, default: u32) -> Result<u32, EngineError> {
        let Some(value) = self.get(key) else { return Ok(default) };
        let token = value.as_u64().filter(|token| *token < LARGEST);
        token
            .map(|token| token as u32)
            .ok_or_else(|| self.wrong(key, "a token id"))
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool, EngineError> {
        match self.get(key) {
            None => Ok(default),
            Some(value) => value.as_bool().ok_or_else(|| self.wrong(key, "true or false")),
        }
    }

    fn text(&self, key: &str, default: &str) -> Result<String, EngineError> {
        match self.get(key) {
            None => Ok(default.to_owned()),
            Some(value) => value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, "text")),
        }
    }

    /// Lets the reference engine read the file itself.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn values(&self) -> &Map<String, Value> {
        &self.values
    }
}

impl Spec {
    /// Reads the graph from config.json.
    pub(super) fn new(config: &Config) -> Result<Self, EngineError> {
        let family = match config.get("model_type").and_then(Value::as_str) {
            Some("marian") => Family::Marian,
            Some("m2m_100" | "nllb") => Family::M2m100,
            Some("mbart") => Family::Mbart,
            Some("bart") => Family::Bart,
            Some("pegasus") => Family::Pegasus,
            Some("t5" | "mt5") => Family::T5,
            Some("longt5") => Family::LongT5,
            _ => return Err(config.wrong("model_type", "marian, m2m_100, mbart, bart, pegasus, t5, mt5 or longt5")),
        };
        match family {
            Family::T5 | Family::LongT5 => Self::t5(config, family),
            _ => Self::bart(config, family),
        }
    }

    /// Sizes that callers must respect.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            max_source: self.longest,
            max_target: self.longest,
            vocabulary: self.vocabulary,
        }
    }

    fn bart(config: &Config, family: Family) -> Result<Self, EngineError> {
        let width = config.size("d_model")?;
        let stack = |side: &str| -> Result<Stack, EngineError> {
            let heads = config.size(&format!("{side}_attention_heads"))?;
            if width % heads != 0 {
                return Err(config.wrong(&format!("{side}_attention_heads"), "a divisor of d_model"));
            }
            Ok(Stack {
                layers: config.size(&format!("{side}_layers"))?,
                heads,
                head: width / heads,
                inner: config.size(&format!("{side}_ffn_dim"))?,
            })
        };
        let vocabulary = config.size("vocab_size")?;
        let (name, default) = (
            "activation_function",
            if family == Family::M2m100 { "relu" } else { "gelu" },
        );
        let activation = match config.text(name, default)?.as_str() {
            "relu" => Activation::Relu,
            "gelu" => Activation::Gelu,
            "gelu_new" => Activation::GeluTanh,
            "silu" | "swish" => Activation::Silu,
            _ => return Err(config.wrong(name, "relu, gelu, gelu_new, silu or swish")),
        };
        let scaled = config.flag("scale_embedding", family == Family::M2m100)?;
        let pre = matches!(family, Family::M2m100 | Family::Mbart | Family::Pegasus);
        Ok(Self {
            family,
            width,
            source_vocabulary: vocabulary,
            vocabulary: config.size_or("decoder_vocab_size", vocabulary)?,
            encoder: stack("encoder")?,
            decoder: stack("decoder")?,
            positions: match family {
                Family::M2m100 => Positions::SinusoidalAfterPad,
                Family::Marian | Family::Pegasus => Positions::Sinusoidal,
                _ => Positions::Learned,
            },
            longest: config.size("max_position_embeddings")?,
            pad: config.token("pad_token_id", 1)?,
            activation,
            gated: false,
            rms: false,
            epsilon: 1e-5,
            norm_first: pre,
            embedding_norm: matches!(family, Family::Mbart | Family::Bart),
            final_norm: pre,
            biased: true,
            embedding_scale: if scaled { (width as f32).sqrt() } else { 1.0 },
            scaled_attention: true,
            output_scale: 1.0,
            output_bias: family != Family::M2m100,
            tied: config.flag("tie_word_embeddings", true)?,
            shared: config.flag("share_encoder_decoder_embeddings", true)?,
        })
    }

    fn t5(config: &Config, family: Family) -> Result<Self, EngineError> {
        let width = config.size("d_model")?;
        let later = config.get("model_type").is_some_and(|kind| kind == "mt5");
        let default = if later { "gated-gelu" } else { "relu" };
        let (activation, gated) = match config.text("feed_forward_proj", default)?.as_str() {
            "relu" => (Activation::Relu, false),
            "gelu" => (Activation::Gelu, false),
            "gelu_new" => (Activation::GeluTanh, false),
            "gated-relu" => (Activation::Relu, true),
            "gated-gelu" => (Activation::GeluTanh, true),
            "gated-silu" => (Activation::Silu, true),
            _ => return Err(config.wrong("feed_forward_proj", "relu, gelu, gated-gelu or gated-silu")),
        };
        let stack = Stack {
            layers: config.size("num_layers")?,
            heads: config.size("num_heads")?,
            head: config.size("d_kv")?,
            inner: config.size("d_ff")?,
        };
        let tied = config.flag("tie_word_embeddings", !later)?;
        let epsilon = config.get("layer_norm_epsilon").and_then(Value::as_f64).unwrap_or(1e-6);
        let vocabulary = config.size("vocab_size")?;
        let buckets = config.size_or("relative_attention_num_buckets", 32)?;
        if buckets < 4 || buckets % 2 == 1 {
            return Err(config.wrong("relative_attention_num_buckets", "an even number above 3"));
        }
        let distance = config.size_or("relative_attention_max_distance", 128)?;
        if distance <= buckets / 2 {
            return Err(config.wrong(
                "relative_attention_max_distance",
                "more than half the number of buckets",
            ));
        }
        Ok(Self {
            family,
            width,
            source_vocabulary: vocabulary,
            vocabulary,
            encoder: stack,
            decoder: Stack {
                layers: config.size_or("num_decoder_layers", stack.layers)?,
                ..stack
            },
            positions: Positions::Relative { buckets, distance },
            longest: NO_LIMIT,
            pad: config.token("pad_token_id", 0)?,
            activation,
            gated,
            rms: true,
            epsilon: epsilon as f32,
            norm_first: true,
            embedding_norm: false,
            final_norm: true,
            biased: false,
            embedding_scale: 1.0,
            scaled_attention: false,
            output_scale: if tied { (width as f32).powf(-0.5) } else { 1.0 },
            output_bias: false,
            tied,
            shared: true,
        })
    }
}
