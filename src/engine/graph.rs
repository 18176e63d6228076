//! The graph of all architectures: its weights, by the names that checkpoints give them, and one forward pass.

use super::EngineError;
use super::attention::{Group, Memory, attend};
use super::kernel;
use super::linear::Matrix;
use super::positions::{self, Distances};
use super::spec::{Family, Positions, Spec, Stack};
use super::team::{Shared, Team};

/// Where weights come from: a checkpoint, or weights converted before.
pub(super) trait Loader {
    /// The weight `name.weight` of shape `[outputs, inner]`, with `name.bias` where `biased`.
    fn matrix(&mut self, name: &str, shape: [usize; 2], biased: bool) -> Result<Matrix, EngineError>;
    /// A tensor without its packing, row-major.
    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError>;
    /// Whether there is a tensor of this name.
    fn has(&self, name: &str) -> bool;
    /// Marks a tensor as known that need not be read: another name of one that is.
    fn skip(&mut self, name: &str);
}

/// A normalisation.
pub(super) struct Norm {
    weight: Vec<f32>,
    bias: Option<Vec<f32>>,
    epsilon: f32,
}

/// The four products of an attention block.
pub(super) struct Attention {
    pub(super) query: Matrix,
    pub(super) key: Matrix,
    pub(super) value: Matrix,
    pub(super) output: Matrix,
    pub(super) norm: Norm,
}

/// A feed-forward block.
pub(super) struct FeedForward {
    input: Matrix,
    gate: Option<Matrix>,
    output: Matrix,
    norm: Norm,
}

pub(super) struct EncoderLayer {
    attention: Attention,
    feed_forward: FeedForward,
}

pub(super) struct DecoderLayer {
    pub(super) attention: Attention,
    pub(super) cross: Attention,
    pub(super) feed_forward: FeedForward,
}

/// What encoder and decoder have besides their layers.
pub(super) struct Ends {
    pub(super) embedding: Matrix,
    /// `[positions, width]`, where positions are added to embeddings.
    positions: Option<Vec<f32>>,
    /// `[buckets, heads]`, where positions are biases on attention scores.
    pub(super) relative: Option<Vec<f32>>,
    embedding_norm: Option<Norm>,
    final_norm: Option<Norm>,
}

/// A model's graph and weights.
pub(super) struct Graph {
    pub(super) spec: Spec,
    source: Ends,
    pub(super) target: Ends,
    encoder: Vec<EncoderLayer>,
    pub(super) decoder: Vec<DecoderLayer>,
    pub(super) output: Matrix,
}

/// Checkpoints' names of the parts of a layer.
struct Names {
    layer: &'static str,
    own: &'static str,
    own_norm: &'static str,
    cross: &'static str,
    cross_norm: &'static str,
    parts: [&'static str; 4],
    feed: [&'static str; 3],
    feed_norm: &'static str,
}

const BART: Names = Names {
    layer: "layers",
    own: "self_attn",
    own_norm: "self_attn_layer_norm",
    cross: "encoder_attn",
    cross_norm: "encoder_attn_layer_norm",
    parts: ["q_proj", "k_proj", "v_proj", "out_proj"],
    feed: ["fc1", "", "fc2"],
    feed_norm: "final_layer_norm",
};

fn t5(decoder: bool, gated: bool) -> Names {
    Names {
        layer: "block",
        own: "layer.0.SelfAttention",
        own_norm: "layer.0.layer_norm",
        cross: "layer.1.EncDecAttention",
        cross_norm: "layer.1.layer_norm",
        parts: ["q", "k", "v", "o"],
        feed: match (decoder, gated) {
            (false, false) => ["layer.1.DenseReluDense.wi", "", "layer.1.DenseReluDense.wo"],
            (false, true) => [
                "layer.1.DenseReluDense.wi_0",
                "layer.1.DenseReluDense.wi_1",
                "layer.1.DenseReluDense.wo",
            ],
            (true, false) => ["layer.2.DenseReluDense.wi", "", "layer.2.DenseReluDense.wo"],
            (true, true) => [
                "layer.2.DenseReluDense.wi_0",
                "layer.2.DenseReluDense.wi_1",
                "layer.2.DenseReluDense.wo",
            ],
        },
        feed_norm: if decoder {
            "layer.2.layer_norm"
        } else {
            "layer.1.layer_norm"
        },
    }
}

/// Reads weights by the spec.
struct Builder<'a> {
    spec: &'a Spec,
    loader: &'a mut dyn Loader,
}

impl Builder<'_> {
    fn norm(&mut self, name: &str) -> Result<Norm, EngineError> {
        let shape = [self.spec.width];
        let weight = self.loader.tensor(&format!("{name}.weight"), &shape)?;
        let bias = if self.spec.rms {
            None
        } else {
            Some(self.loader.tensor(&format!("{name}.bias"), &shape)?)
        };
        Ok(Norm {
            weight,
            bias,
            epsilon: self.spec.epsilon,
        })
    }

    fn attention(&mut self, name: &str, norm: &str, shape: Stack, names: &Names) -> Result<Attention, EngineError> {
        let (width, inner, biased) = (self.spec.width, shape.width(), self.spec.biased);
        let mut matrix = |part: usize, shape| {
            self.loader
                .matrix(&format!("{name}.{}", names.parts[part]), shape, biased)
        };
        Ok(Attention {
            query: matrix(0, [inner, width])?,
            key: matrix(1, [inner, width])?,
            value: matrix(2, [inner, width])?,
            output: matrix(3, [width, inner])?,
            norm: self.norm(norm)?,
        })
    }

    fn feed_forward(&mut self, layer: &str, shape: Stack, names: &Names) -> Result<FeedForward, EngineError> {
        let (width, inner, biased) = (self.spec.width, shape.inner, self.spec.biased);
        let mut matrix = |part: usize, shape| {
            self.loader
                .matrix(&format!("{layer}.{}", names.feed[part]), shape, biased)
        };
        Ok(FeedForward {
            input: matrix(0, [inner, width])?,
            gate: if self.spec.gated {
                Some(matrix(1, [inner, width])?)
            } else {
                None
            },
            output: matrix(2, [width, inner])?,
            norm: self.norm(&format!("{layer}.{}", names.feed_norm))?,
        })
    }

    fn ends(&mut self, root: &str, embedding: Matrix, shape: Stack) -> Result<Ends, EngineError> {
        let (width, longest) = (self.spec.width, self.spec.longest);
        let learned = format!("{root}.embed_positions.weight");
        let positions = match self.spec.positions {
            Positions::Learned => Some(self.loader.tensor(&learned, &[longest + 2, width])?),
            Positions::Sinusoidal if self.loader.has(&learned) => {
                Some(self.loader.tensor(&learned, &[longest, width])?)
            }
            Positions::Sinusoidal => Some(positions::sinusoidal(longest, width)),
            Positions::SinusoidalAfterPad => {
                self.loader.skip(&format!("{root}.embed_positions.weights"));
                Some(positions::sinusoidal_after_pad(
                    longest + self.spec.pad as usize + 1,
                    width,
                    self.spec.pad as usize,
                ))
            }
            Positions::Relative { .. } => None,
        };
        let relative = match self.spec.positions {
            Positions::Relative { buckets, .. } => {
                let name = format!("{root}.block.0.layer.0.SelfAttention.relative_attention_bias.weight");
                Some(self.loader.tensor(&name, &[buckets, shape.heads])?)
            }
            _ => None,
        };
        let final_norm = if self.spec.family == Family::T5 {
            "final_layer_norm"
        } else {
            "layer_norm"
        };
        Ok(Ends {
            embedding,
            positions,
            relative,
            embedding_norm: if self.spec.embedding_norm {
                Some(self.norm(&format!("{root}.layernorm_embedding"))?)
            } else {
                None
            },
            final_norm: if self.spec.final_norm {
                Some(self.norm(&format!("{root}.{final_norm}"))?)
            } else {
                None
            },
        })
    }

    /// The first of several names that the weights know; the first of all where they know none.
    fn first(&mut self, names: &[String]) -> String {
        let found = names
            .iter()
            .find(|name| self.loader.has(&format!("{name}.weight")))
            .or(names.first());
        let found = found.cloned().unwrap_or_default();
        for other in names.iter().filter(|name| **name != found) {
            self.loader.skip(&format!("{other}.weight"));
        }
        found
    }
}

impl Graph {
    /// Reads every weight of the graph.
    pub(super) fn new(spec: Spec, loader: &mut dyn Loader) -> Result<Self, EngineError> {
        // BART's base checkpoints name their parts without `model.`.
        let plain = spec.family == Family::T5
            || loader.has("encoder.layers.0.self_attn.q_proj.weight") && !loader.has("model.shared.weight");
        let root = if plain { "" } else { "model." };
        let [encoder_root, decoder_root] = [format!("{root}encoder"), format!("{root}decoder")];
        let [shared, source, target] = [
            format!("{root}shared"),
            format!("{encoder_root}.embed_tokens"),
            format!("{decoder_root}.embed_tokens"),
        ];
        let head = "lm_head".to_owned();
        let mut builder = Builder { spec: &spec, loader };
        let (source_shape, shape) = ([spec.source_vocabulary, spec.width], [spec.vocabulary, spec.width]);
        let (source_name, target_name) = if spec.shared {
            let mut names = vec![shared, source, target];
            if spec.tied {
                names.push(head.clone());
            }
            let name = builder.first(&names);
            (name.clone(), name)
        } else {
            let names = if spec.tied {
                vec![target, head.clone()]
            } else {
                vec![target]
            };
            (builder.first(&[source, shared]), builder.first(&names))
        };
        let source_embedding = builder.loader.matrix(&source_name, source_shape, false)?;
        let again = |matrix: &Matrix| Matrix {
            weights: matrix.weights.clone(),
            bias: None,
            ..*matrix
        };
        let target_embedding = if spec.shared {
            again(&source_embedding)
        } else {
            builder.loader.matrix(&target_name, shape, false)?
        };
        let mut output = if spec.tied {
            again(&target_embedding)
        } else {
            builder.loader.matrix(&head, shape, false)?
        };
        if spec.output_bias {
            let name = "final_logits_bias";
            let bias = if builder.loader.has(name) {
                builder.loader.tensor(name, &[1, spec.vocabulary])?
            } else {
                vec![0.0; spec.vocabulary]
            };
            output.bias = Some(bias);
        }
        let names = if spec.family == Family::T5 {
            &t5(false, spec.gated)
        } else {
            &BART
        };
        let source = builder.ends(&encoder_root, source_embedding, spec.encoder)?;
        let mut encoder = Vec::with_capacity(spec.encoder.layers);
        for number in 0..spec.encoder.layers {
            let layer = format!("{encoder_root}.{}.{number}", names.layer);
            let [own, norm] = [names.own, names.own_norm].map(|part| format!("{layer}.{part}"));
            encoder.push(EncoderLayer {
                attention: builder.attention(&own, &norm, spec.encoder, names)?,
                feed_forward: builder.feed_forward(&layer, spec.encoder, names)?,
            });
        }
        let names = if spec.family == Family::T5 {
            &t5(true, spec.gated)
        } else {
            &BART
        };
        let target = builder.ends(&decoder_root, target_embedding, spec.decoder)?;
        // Old T5 checkpoints carry a table for cross-attention, which nothing reads.
        builder
            .loader
            .skip("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight");
        let mut decoder = Vec::with_capacity(spec.decoder.layers);
        for number in 0..spec.decoder.layers {
            let layer = format!("{decoder_root}.{}.{number}", names.layer);
            let [own, norm, cross, cross_norm] =
                [names.own, names.own_norm, names.cross, names.cross_norm].map(|part| format!("{layer}.{part}"));
            decoder.push(DecoderLayer {
                attention: builder.attention(&own, &norm, spec.decoder, names)?,
                cross: builder.attention(&cross, &cross_norm, spec.decoder, names)?,
                feed_forward: builder.feed_forward(&layer, spec.decoder, names)?,
            });
        }
        Ok(Self {
            spec,
            source,
            target,
            encoder,
            decoder,
            output,
        })
    }

    /// Last hidden states of `sources`, one after another: `[tokens of all sources, width]`.
    pub(super) fn encode(&self, sources: &[&[u32]], team: &Team) -> Vec<f32> {
        let (spec, shape) = (&self.spec, self.spec.encoder);
        let tokens: Vec<(u32, usize)> = sources.iter().flat_map(|source| self.placed(source)).collect();
        let mut states = self.embed(&self.source, &tokens, team);
        let scale = if spec.scaled_attention {
            (shape.head as f32).powf(-0.5)
        } else {
            1.0
        };
        let longest = sources.iter().map(|source| source.len()).max().unwrap_or(0);
        let distances = Distances::new(
            self.source.relative.as_deref(),
            spec.positions,
            shape.heads,
            longest,
            true,
        );
        let lookup = distances
            .as_ref()
            .map(|distances| |head, row, key| distances.bias(head, row, key));
        let bias = lookup
            .as_ref()
            .map(|lookup| lookup as &(dyn Fn(usize, usize, usize) -> f32 + Sync));
        for layer in &self.encoder {
            let attention = &layer.attention;
            self.block(&mut states, &attention.norm, team, |input| {
                let operand = attention.query.prepare(input, team);
                let mut queries = vec![0.0; tokens.len() * shape.width()];
                let (mut keys, mut values) = (queries.clone(), queries.clone());
                attention.query.apply(&operand, team, &mut queries);
                attention.key.apply(&operand, team, &mut keys);
                attention.value.apply(&operand, team, &mut values);
                scale_by(&mut queries, scale);
                let (mut first, mut memories) = (0, Vec::with_capacity(sources.len()));
                for source in sources {
                    let range = first * shape.width()..(first + source.len()) * shape.width();
                    memories.push((
                        first,
                        source.len(),
                        Memory::new(&keys[range.clone()], &values[range], shape),
                    ));
                    first += source.len();
                }
                let groups: Vec<Group<'_>> = memories
                    .iter()
                    .map(|(first, count, memory)| Group {
                        first: *first,
                        count: *count,
                        memory,
                    })
                    .collect();
                let mixed = attend(&groups, shape, &queries, bias, team);
                product(&attention.output, &mixed, team)
            });
            self.feed_forward(&layer.feed_forward, &mut states, team);
        }
        self.normalise(self.source.final_norm.as_ref(), &mut states, team);
        states
    }

    /// The tokens of a source with their positions. M2M100 does not count padding.
    fn placed<'a>(&self, source: &'a [u32]) -> impl Iterator<Item = (u32, usize)> + use<'a> {
        let uncounted = (self.spec.positions == Positions::SinusoidalAfterPad).then_some(self.spec.pad);
        source.iter().scan(0, move |next, token| {
            let at = *next;
            *next += usize::from(uncounted != Some(*token));
            Some((*token, at))
        })
    }

    /// Keys and values of every decoder layer's cross-attention for the states of one source.
    pub(super) fn memories(&self, states: &[f32], team: &Team) -> Vec<Memory> {
        let shape = self.spec.decoder;
        let rows = states.len() / self.spec.width;
        let Some(first) = self.decoder.first() else {
            return Vec::new();
        };
        let operand = first.cross.key.prepare(states, team);
        let (mut keys, mut values) = (vec![0.0; rows * shape.width()], vec![0.0; rows * shape.width()]);
        let mut memories = Vec::with_capacity(self.decoder.len());
        for layer in &self.decoder {
            layer.cross.key.apply(&operand, team, &mut keys);
            layer.cross.value.apply(&operand, team, &mut values);
            memories.push(Memory::new(&keys, &values, shape));
        }
        memories
    }

    /// Embeddings of tokens with their positions: `[tokens, width]`.
    pub(super) fn embed(&self, ends: &Ends, tokens: &[(u32, usize)], team: &Team) -> Vec<f32> {
        let (spec, width) = (&self.spec, self.spec.width);
        let mut states = vec![0.0; tokens.len() * width];
        for (state, (token, at)) in states.chunks_exact_mut(width).zip(tokens) {
            ends.embedding.row(*token as usize, spec.embedding_scale, state);
            if let Some(table) = &ends.positions {
                let row = match spec.positions {
                    Positions::SinusoidalAfterPad if *token == spec.pad => spec.pad as usize,
                    Positions::SinusoidalAfterPad => at + spec.pad as usize + 1,
                    Positions::Learned => at + 2,
                    _ => *at,
                };
                kernel::add(state, &table[row * width..(row + 1) * width]);
            }
        }
        self.normalise(ends.embedding_norm.as_ref(), &mut states, team);
        states
    }

    fn normalise(&self, norm: Option<&Norm>, states: &mut [f32], team: &Team) {
        let Some(norm) = norm else { return };
        let (width, shared) = (self.spec.width, Shared::new(states));
        team.ranges(shared.len() / width, 8, |rows| {
            for row in rows {
                // SAFETY: rows do not overlap.
                #[allow(unsafe_code)]
                let row = unsafe { shared.slice(row * width..(row + 1) * width) };
                match &norm.bias {
                    Some(bias) => kernel::layer_norm(row, &norm.weight, bias, norm.epsilon),
                    None => kernel::rms_norm(row, &norm.weight, norm.epsilon),
                }
            }
        });
    }

    pub(super) fn finish(&self, states: &mut [f32], team: &Team) {
        self.normalise(self.target.final_norm.as_ref(), states, team);
        scale_by(states, self.spec.output_scale);
    }

    /// `states += inner(states)`, normalised before or after.
    pub(super) fn block(&self, states: &mut [f32], norm: &Norm, team: &Team, inner: impl FnOnce(&[f32]) -> Vec<f32>) {
        if self.spec.norm_first {
            let mut input = states.to_vec();
            self.normalise(Some(norm), &mut input, team);
            kernel::add(states, &inner(&input));
        } else {
            let output = inner(states);
            kernel::add(states, &output);
            self.normalise(Some(norm), states, team);
        }
    }

    pub(super) fn feed_forward(&self, part: &FeedForward, states: &mut [f32], team: &Team) {
        self.block(states, &part.norm, team, |input| {
            let operand = part.input.prepare(input, team);
            let mut inner = vec![0.0; operand.rows() * part.input.outputs];
            part.input.apply(&operand, team, &mut inner);
            let size = part.input.outputs;
            let shared = Shared::new(&mut inner);
            team.ranges(operand.rows(), 8, |rows| {
                // SAFETY: ranges of rows do not overlap.
                #[allow(unsafe_code)]
                let values = unsafe { shared.slice(rows.start * size..rows.end * size) };
                kernel::activate(values, self.spec.activation);
            });
            if let Some(gate) = &part.gate {
                let mut factors = vec![0.0; inner.len()];
                gate.apply(&operand, team, &mut factors);
                kernel::gate(&mut inner, &factors);
            }
            product(&part.output, &inner, team)
        });
    }
}

/// `values · weightᵀ + bias`.
pub(super) fn product(matrix: &Matrix, values: &[f32], team: &Team) -> Vec<f32> {
    let operand = matrix.prepare(values, team);
    let mut out = vec![0.0; operand.rows() * matrix.outputs];
    matrix.apply(&operand, team, &mut out);
    out
}

/// `values *= factor`.
pub(super) fn scale_by(values: &mut [f32], factor: f32) {
    for value in values {
        *value *= factor;
    }
}
