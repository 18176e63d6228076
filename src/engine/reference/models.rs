//! rust-bert's models behind one type: they differ in their classes, not in what is asked of them.

use std::path::Path;

use rust_bert::bart::{self, BartForConditionalGeneration};
use rust_bert::longt5::{self, LongT5ForConditionalGeneration};
use rust_bert::m2m_100::{self, M2M100ForConditionalGeneration};
use rust_bert::marian::MarianForConditionalGeneration;
use rust_bert::mbart::{self, MBartForConditionalGeneration};
use rust_bert::pegasus::{self, PegasusForConditionalGeneration};
use rust_bert::t5::{self, T5ForConditionalGeneration};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::engine::EngineError;
use crate::engine::positions;
use crate::engine::spec::{Activation, Config, Family, Positions, Spec};
use crate::model::weights::{Checkpoint, WeightsError};

/// Keys and values of the decoder: of its own past, and of the encoder's states.
type Layers<State> = Option<Vec<(Option<State>, Option<State>)>>;

/// rust-bert has one class for the same two tensors per architecture.
pub(super) enum Cache {
    Bart(Layers<bart::LayerState>),
    M2m100(Layers<m2m_100::LayerState>),
    Mbart(Layers<mbart::LayerState>),
    Pegasus(Layers<pegasus::LayerState>),
    T5(Layers<t5::LayerState>),
    LongT5(Layers<longt5::LayerState>),
}

/// One of rust-bert's encoder-decoder models.
pub(super) enum Model {
    /// With the bias on logits, which rust-bert's BART leaves out; it is 0 in the published models.
    Bart(BartForConditionalGeneration, Option<Tensor>),
    Marian(MarianForConditionalGeneration),
    M2m100(M2M100ForConditionalGeneration),
    Mbart(MBartForConditionalGeneration),
    Pegasus(PegasusForConditionalGeneration),
    T5(T5ForConditionalGeneration),
    LongT5(LongT5ForConditionalGeneration),
}

macro_rules! reorder {
    ($layers:expr, $parents:expr) => {
        for (own, cross) in $layers.iter_mut().flatten() {
            for state in [own, cross].into_iter().flatten() {
                state.prev_key = state.prev_key.f_index_select(0, $parents)?;
                state.prev_value = state.prev_value.f_index_select(0, $parents)?;
            }
        }
    };
}

impl Cache {
    /// Row i becomes what row `parents[i]` was.
    pub(super) fn reorder(&mut self, parents: &Tensor) -> Result<(), EngineError> {
        match self {
            Self::Bart(layers) => reorder!(layers, parents),
            Self::M2m100(layers) => reorder!(layers, parents),
            Self::Mbart(layers) => reorder!(layers, parents),
            Self::Pegasus(layers) => reorder!(layers, parents),
            Self::T5(layers) => reorder!(layers, parents),
            Self::LongT5(layers) => reorder!(layers, parents),
        }
        Ok(())
    }
}

impl Model {
    /// Builds the model and fills each of its variables from the checkpoint.
    pub(super) fn load(
        folder: &Path,
        config: &Config,
        spec: &Spec,
        device: tch::Device,
        kind: Kind,
    ) -> Result<Self, EngineError> {
        let checkpoint = Checkpoint::open(folder)?;
        let mut store = VarStore::new(device);
        let root = store.root();
        let model = match spec.family {
            Family::Bart => {
                let bias = logits_bias(&checkpoint, spec, device, kind)?;
                Self::Bart(BartForConditionalGeneration::new(&root, &parse(config, spec)?), bias)
            }
            Family::Marian => Self::Marian(MarianForConditionalGeneration::new(&root, &parse(config, spec)?)),
            Family::M2m100 => Self::M2m100(M2M100ForConditionalGeneration::new(&root, &parse(config, spec)?)),
            Family::Mbart => Self::Mbart(MBartForConditionalGeneration::new(&root, &parse(config, spec)?)),
            Family::Pegasus => Self::Pegasus(PegasusForConditionalGeneration::new(&root, &parse(config, spec)?)),
            Family::T5 => Self::T5(T5ForConditionalGeneration::new(&root, &parse(config, spec)?)),
            Family::LongT5 => Self::LongT5(LongT5ForConditionalGeneration::new(&root, &parse(config, spec)?)),
        };
        fill(&store, &checkpoint, spec)?;
        if kind != Kind::Float {
            store.set_kind(kind);
        }
        store.freeze();
        Ok(model)
    }

    /// A cache before the first step.
    pub(super) fn empty(&self) -> Cache {
        match self {
            Self::Bart(..) | Self::Marian(_) => Cache::Bart(None),
            Self::M2m100(_) => Cache::M2m100(None),
            Self::Mbart(_) => Cache::Mbart(None),
            Self::Pegasus(_) => Cache::Pegasus(None),
            Self::T5(_) => Cache::T5(None),
            Self::LongT5(_) => Cache::LongT5(None),
        }
    }

    /// The encoder's last states, `[1, tokens, width]`, of `tokens` (`[1, tokens]`).
    pub(super) fn encode(&self, tokens: &Tensor) -> Result<Tensor, EngineError> {
        let mask = tokens.f_ones_like()?;
        Ok(match self {
            Self::Bart(model, _) => model.encode(tokens, Some(&mask)),
            Self::Marian(model) => model.encode(tokens, Some(&mask)),
            Self::M2m100(model) => model.encode(tokens, Some(&mask)),
            Self::Mbart(model) => model.encode(tokens, Some(&mask)),
            Self::Pegasus(model) => model.encode(tokens, Some(&mask)),
            Self::T5(model) => model.encode(tokens, Some(&mask)),
            Self::LongT5(model) => model.encode(tokens, Some(&mask)),
        })
    }

    /// Logits `[rows, 1, vocabulary]` after each row's last token (`[rows, 1]`).
    pub(super) fn step(&self, states: &Tensor, tokens: &Tensor, cache: &mut Cache) -> Result<Tensor, EngineError> {
        let size = states.size();
        let mask = Tensor::f_ones([size[0], size[1]], (Kind::Int64, states.device()))?;
        let (mask, states, tokens) = (Some(&mask), Some(states), Some(tokens));
        macro_rules! run {
            ($model:expr, $layers:expr) => {{
                let output = $model.forward_t(None, mask, states, tokens, None, $layers.take(), false);
                *$layers = output.cache;
                output.decoder_output
            }};
        }
        macro_rules! keep {
            ($output:expr, $layers:expr) => {{
                let output = $output;
                *$layers = output.next_cache;
                output.decoder_output
            }};
        }
        Ok(match (self, cache) {
            (Self::Bart(model, bias), Cache::Bart(layers)) => {
                let logits = run!(model, layers);
                match bias {
                    Some(bias) => logits.f_add(bias)?,
                    None => logits,
                }
            }
            (Self::Marian(model), Cache::Bart(layers)) => run!(model, layers),
            (Self::M2m100(model), Cache::M2m100(layers)) => run!(model, layers),
            (Self::Mbart(model), Cache::Mbart(layers)) => run!(model, layers),
            (Self::Pegasus(model), Cache::Pegasus(layers)) => run!(model, layers),
            (Self::T5(model), Cache::T5(layers)) => {
                keep!(
                    model.forward_t(None, mask, states, tokens, None, None, None, layers.take(), false),
                    layers
                )
            }
            (Self::LongT5(model), Cache::LongT5(layers)) => {
                keep!(
                    model.forward_t(None, mask, states, tokens, None, None, None, layers.take(), false)?,
                    layers
                )
            }
            _ => unreachable!("caches come from `empty` of the same model"),
        })
    }
}

/// rust-bert's configuration: config.json, completed by what rust-bert insists on and inference does not need, and
/// corrected where rust-bert reads a switch that transformers decides by architecture.
fn parse<T: DeserializeOwned>(config: &Config, spec: &Spec) -> Result<T, EngineError> {
    let unsupported = |key, expected| Err(config.wrong(key, expected));
    if matches!(spec.positions, Positions::Relative { .. })
        && spec.family == Family::T5
        && spec.encoder.layers != spec.decoder.layers
    {
        return unsupported(
            "num_decoder_layers",
            "num_layers, the only case that the reference engine knows",
        );
    }
    if !spec.shared {
        return unsupported(
            "share_encoder_decoder_embeddings",
            "true, the only case that the reference engine knows",
        );
    }
    if !spec.tied && spec.family != Family::T5 && spec.family != Family::LongT5 {
        return unsupported(
            "tie_word_embeddings",
            "true, the only case that the reference engine knows",
        );
    }
    let mut values: Map<String, Value> = config.values().clone();
    let zero = [
        "dropout",
        "activation_dropout",
        "attention_dropout",
        "encoder_layerdrop",
        "decoder_layerdrop",
    ];
    for key in zero.into_iter().chain(["dropout_rate"]) {
        values.insert(key.to_owned(), json!(0.0));
    }
    for key in ["init_std", "initializer_factor"] {
        values.insert(key.to_owned(), json!(1.0));
    }
    let missing = [
        ("num_hidden_layers", json!(spec.encoder.layers)),
        ("layer_norm_epsilon", json!(spec.epsilon)),
        ("relative_attention_num_buckets", json!(32)),
        ("tie_word_embeddings", json!(spec.tied)),
    ];
    for (key, value) in missing {
        values.entry(key).or_insert(value);
    }
    values.insert("output_past".to_owned(), json!(true));
    values.insert("output_attentions".to_owned(), json!(false));
    values.insert("output_hidden_states".to_owned(), json!(false));
    values.insert("scale_embedding".to_owned(), json!(spec.embedding_scale > 1.0));
    values.insert("normalize_embedding".to_owned(), json!(spec.embedding_norm));
    values.insert(
        "static_position_embeddings".to_owned(),
        json!(spec.positions == Positions::Sinusoidal),
    );
    values.insert("pad_token_id".to_owned(), json!(spec.pad));
    // Lists and words that rust-bert's types have no room for, and that only its own generator reads.
    for key in [
        "id2label",
        "label2id",
        "task_specific_params",
        "forced_bos_token_id",
        "forced_eos_token_id",
    ] {
        values.remove(key);
    }
    let activation = match spec.activation {
        Activation::Relu => "relu",
        Activation::Gelu => "gelu",
        Activation::GeluTanh => "gelu_new",
        Activation::Silu => "swish",
    };
    values.insert("activation_function".to_owned(), json!(activation));
    if spec.rms {
        let projection = match (spec.gated, spec.activation) {
            (false, Activation::Relu) => "relu",
            (true, Activation::GeluTanh) => "gated-gelu",
            _ => {
                return unsupported(
                    "feed_forward_proj",
                    "relu or gated-gelu, the only cases that the reference engine knows",
                );
            }
        };
        values.insert("feed_forward_proj".to_owned(), json!(projection));
    }
    serde_json::from_value(Value::Object(values)).map_err(|error| EngineError::Config {
        path: config.path().to_owned(),
        message: format!("the reference engine cannot read it: {error}"),
    })
}

/// `[1, vocabulary]`, where the checkpoint has it.
fn logits_bias(
    checkpoint: &Checkpoint,
    spec: &Spec,
    device: tch::Device,
    kind: Kind,
) -> Result<Option<Tensor>, EngineError> {
    let name = "final_logits_bias";
    if checkpoint.shape(name).is_none() {
        return Ok(None);
    }
    let values = checkpoint.read(name, &[1, spec.vocabulary])?;
    Ok(Some(Tensor::from_slice(&values).to_device(device).to_kind(kind)))
}

/// Tensors that a checkpoint may hold and rust-bert's variables may lack: other names of the embeddings, tables that are
/// computed, what nothing reads any more.
fn is_spare(name: &str, spec: &Spec) -> bool {
    let last = name.rsplit_once('.').map_or(name, |(rest, _)| rest);
    let part = last.rsplit_once('.').map_or(last, |(_, part)| part);
    matches!(part, "shared" | "embed_tokens" | "embed_positions")
        || part == "lm_head" && spec.tied
        || name == "final_logits_bias"
        || name == "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
        || name.ends_with("position_ids")
        || name.ends_with("num_batches_tracked")
}

/// Fills every variable from the tensor of its name, or of another name for the same; every tensor must have its place.
fn fill(store: &VarStore, checkpoint: &Checkpoint, spec: &Spec) -> Result<(), EngineError> {
    let variables = store.variables();
    let extra = |name: &&str| !variables.contains_key(*name) && !is_spare(name, spec);
    if let Some(name) = checkpoint.names().find(extra) {
        return Err(WeightsError::Extra {
            path: checkpoint.path(name),
            name: name.to_owned(),
            shape: checkpoint.shape(name).unwrap_or_default().to_vec(),
        }
        .into());
    }
    for (name, mut variable) in variables {
        let others: &[&str] = match name.as_str() {
            "model.shared.weight" => &[
                "model.encoder.embed_tokens.weight",
                "model.decoder.embed_tokens.weight",
                "lm_head.weight",
            ],
            "shared.weight" => &["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"],
            _ => &[],
        };
        let found = std::iter::once(name.as_str())
            .chain(others.iter().copied())
            .find(|name| checkpoint.shape(name).is_some());
        let shape: Vec<usize> = variable.size().iter().map(|size| *size as usize).collect();
        match found {
            Some(tensor) => {
                let values =
                    Tensor::from_slice(&checkpoint.read(tensor, &shape)?).f_view(variable.size().as_slice())?;
                tch::no_grad(|| variable.f_copy_(&values))?;
            }
            // Starts as zeros in rust-bert.
            None if name == "final_logits_bias" => {}
            None if spec.positions == Positions::Sinusoidal && name.ends_with("embed_positions.weight") => {
                let table = Tensor::from_slice(&positions::sinusoidal(spec.longest, spec.width));
                tch::no_grad(|| variable.f_copy_(&table.f_view(variable.size().as_slice())?))?;
            }
            None => {
                let path = checkpoint.path(&name);
                return Err(WeightsError::Missing {
                    path,
                    name,
                    expected: shape,
                }
                .into());
            }
        }
    }
    Ok(())
}
