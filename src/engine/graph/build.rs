//! Reads a graph's weights, by the names that checkpoints give them.

use super::{Attention, DecoderLayer, EncoderLayer, Ends, FeedForward, Graph, Norm};
use crate::engine::EngineError;
use crate::engine::linear::Matrix;
use crate::engine::positions;
use crate::engine::spec::{Family, Positions, Spec, Stack};

/// Where weights come from: a checkpoint, or weights converted before.
pub(in crate::engine) trait Loader {
    /// The weight `name.weight` of shape `[outputs, inner]`, with `name.bias` where `biased`.
    fn matrix(&mut self, name: &str, shape: [usize; 2], biased: bool) -> Result<Matrix, EngineError>;
    /// A tensor without its packing, row-major.
    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, EngineError>;
    /// Whether there is a tensor of this name.
    fn has(&self, name: &str) -> bool;
    /// Marks a tensor as known that need not be read: another name of one that is.
    fn skip(&mut self, name: &str);
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
    pub(in crate::engine) fn new(spec: Spec, loader: &mut dyn Loader) -> Result<Self, EngineError> {
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
}
