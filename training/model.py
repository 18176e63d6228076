"""The M2M100 network, written lean for training: parameter names and arithmetic are those of Hugging Face transformers.

Against `M2M100ForConditionalGeneration` it saves time in three ways: one encoded source serves several target
languages, the logits are taken over a sample of the vocabulary, and attention weights are at hand for guided alignment.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

from pieces import PAD

SHAPE = {"d_model": 256, "encoder_layers": 4, "decoder_layers": 2, "encoder_ffn_dim": 768, "decoder_ffn_dim": 768,
         "encoder_attention_heads": 4, "decoder_attention_heads": 4, "max_position_embeddings": 512}


def positions(count, width):
    """[count, width] sinusoids, sines first; row k is position k, and M2M100 starts at position PAD + 1."""
    half = width // 2
    step = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    angle = torch.arange(count)[:, None] * step[None, :]
    table = torch.cat([angle.sin(), angle.cos()], 1)
    table[PAD] = 0
    return table


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.k_proj, self.v_proj, self.q_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, memory, mask):
        """x [batch, steps, width], memory [batch, length, width], mask added to the scores; also the weights."""
        split = lambda y: y.view(y.shape[0], y.shape[1], self.heads, -1).transpose(1, 2)
        q, k, v = split(self.q_proj(x)), split(self.k_proj(memory)), split(self.v_proj(memory))
        weights = (q @ k.transpose(2, 3) / math.sqrt(q.shape[-1]) + mask).softmax(-1)
        return self.out_proj((weights @ v).transpose(1, 2).flatten(2)), weights


class Layer(nn.Module):
    def __init__(self, width, heads, inner, cross):
        super().__init__()
        self.self_attn, self.self_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        if cross:
            self.encoder_attn, self.encoder_attn_layer_norm = Attention(width, heads), nn.LayerNorm(width)
        self.fc1, self.fc2, self.final_layer_norm = nn.Linear(width, inner), nn.Linear(inner, width), nn.LayerNorm(width)

    def forward(self, x, mask, drop, memory=None, memory_mask=None):
        h = self.self_attn_layer_norm(x)
        x = x + drop(self.self_attn(h, h, mask)[0])
        weights = None
        if memory is not None:
            h, weights = self.encoder_attn(self.encoder_attn_layer_norm(x), memory, memory_mask)
            x = x + drop(h)
        return x + drop(self.fc2(F.relu(self.fc1(self.final_layer_norm(x))))), weights


class Stack(nn.Module):
    def __init__(self, width, heads, inner, layers, cross):
        super().__init__()
        self.layers = nn.ModuleList(Layer(width, heads, inner, cross) for _ in range(layers))
        self.layer_norm = nn.LayerNorm(width)


class Core(nn.Module):
    def __init__(self, size, shape):
        super().__init__()
        width = shape["d_model"]
        self.shared = nn.Embedding(size, width, padding_idx=PAD)
        self.encoder = Stack(width, shape["encoder_attention_heads"], shape["encoder_ffn_dim"], shape["encoder_layers"], False)
        self.decoder = Stack(width, shape["decoder_attention_heads"], shape["decoder_ffn_dim"], shape["decoder_layers"], True)


class Pocket(nn.Module):
    def __init__(self, size, shape=SHAPE, dropout=0.1):
        super().__init__()
        self.model, self.dropout, self.width = Core(size, shape), dropout, shape["d_model"]
        self.register_buffer("places", positions(shape["max_position_embeddings"], self.width), persistent=False)

    def drop(self, x):
        return F.dropout(x, self.dropout, self.training)

    def embed(self, ids):
        places = self.places[PAD + 1:PAD + 1 + ids.shape[1]]
        return self.drop(self.model.shared(ids) * math.sqrt(self.width) + places)

    def encode(self, ids):
        """ids [batch, length] → states [batch, length, width] and the mask that hides padding."""
        mask = torch.zeros(ids.shape, device=ids.device).masked_fill(ids == PAD, -1e9)[:, None, None, :]
        x = self.embed(ids)
        for layer in self.model.encoder.layers:
            x, _ = layer(x, mask, self.drop)
        return self.model.encoder.layer_norm(x), mask

    def decode(self, ids, memory, memory_mask):
        """ids [batch, steps] → states [batch, steps, width], first and last cross-attention [batch, heads, steps, length]."""
        steps = ids.shape[1]
        mask = torch.full((steps, steps), -1e9, device=ids.device).triu(1)
        x, attended = self.embed(ids), []
        for layer in self.model.decoder.layers:
            x, weights = layer(x, mask, self.drop, memory, memory_mask)
            attended.append(weights)
        return self.model.decoder.layer_norm(x), attended[0], attended[-1]

    def start_from(self, embeddings):
        """Sets the network up as a word-for-word translator: embeddings in which translations are neighbours, and a last
        cross-attention whose values pass the attended source piece through to the tied output layer."""
        width = self.width
        with torch.no_grad():
            for name, p in self.named_parameters():
                if p.dim() == 2 and "shared" not in name:
                    nn.init.xavier_uniform_(p, gain=0.5 if name.endswith(("out_proj.weight", "fc2.weight")) else 1.0)
                elif name.endswith("bias"):
                    p.zero_()
            self.model.shared.weight.copy_(embeddings)
            self.model.shared.weight[PAD] = 0
            last = self.model.decoder.layers[-1].encoder_attn
            turn = torch.linalg.qr(torch.randn(width, width))[0]
            last.v_proj.weight.copy_(turn)
            last.out_proj.weight.copy_(1.5 * turn.t())
            near = torch.linalg.qr(torch.randn(width, width))[0]
            last.q_proj.weight.copy_(near)
            last.k_proj.weight.copy_(near)


def sampled_loss(states, wanted, embedding, sample, smoothing):
    """Cross-entropy of `wanted` [n] for `states` [n, width] over the pieces of the batch and `sample` random others,
    whose logits are raised by log(1 / share sampled) so that the normaliser is unbiased."""
    size = embedding.shape[0]
    if sample >= size:
        return F.cross_entropy(states @ embedding.t(), wanted, label_smoothing=smoothing)
    certain = wanted.unique()
    others = torch.ones(size, dtype=torch.bool, device=states.device)
    others[certain] = False
    others[PAD] = False
    rest = others.nonzero().flatten()
    drawn = rest[torch.randperm(len(rest), device=states.device)[:sample]]
    place = torch.zeros(size, dtype=torch.long, device=states.device)
    place[certain] = torch.arange(len(certain), device=states.device)
    bias = torch.zeros(len(certain) + len(drawn), device=states.device)
    bias[len(certain):] = math.log(len(rest) / max(1, len(drawn)))
    logits = states @ embedding[torch.cat([certain, drawn])].t() + bias
    return F.cross_entropy(logits, place[wanted], label_smoothing=smoothing)
