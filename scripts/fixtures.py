#!/usr/bin/env python3
"""Makes the parity fixtures: small random models of every architecture, inputs, and what transformers generates.

Each folder under tests/parity/ is a model as the Hub has it, with cases.json beside the weights:
  {"cases": [{"name", "how": {generate's arguments}, "runs": [{"source": [ids], "outputs": [{"ids", "score"}]}]}],
   "embedding": {"source": [ids], "mean": [the encoder's last states, averaged over the source]},
   "logits": [{"source": [ids], "target": [ids], "rows": [a row of logits after each target token]}]  (deep models)}
With names as arguments, only those models are made. Needs torch 2.4 and transformers 4.46.3. Run from the repository's root; everything is seeded.
"""

import json
import math
import random
import shutil
import sys
from pathlib import Path

import torch
import transformers
from transformers import (
    BartConfig, BartForConditionalGeneration, M2M100Config, M2M100ForConditionalGeneration, MarianConfig,
    MarianMTModel, MBartConfig, MBartForConditionalGeneration, MT5Config, MT5ForConditionalGeneration, PegasusConfig,
    PegasusForConditionalGeneration, T5Config, T5ForConditionalGeneration,
)

OUT = Path("tests/parity")
# Wider than training starts from: with small weights every source would give the same output.
SPREAD = 3.0


def bart_like(vocabulary, width, layers, heads, inner, **more):
    encoder, decoder = layers
    return dict(
        vocab_size=vocabulary, d_model=width, encoder_layers=encoder, decoder_layers=decoder,
        encoder_attention_heads=heads, decoder_attention_heads=heads, encoder_ffn_dim=inner, decoder_ffn_dim=inner,
        max_position_embeddings=64, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
        forced_eos_token_id=None, forced_bos_token_id=None, **more,
    )


def t5_like(vocabulary, width, layers, heads, head, inner, **more):
    return dict(
        vocab_size=vocabulary, d_model=width, num_layers=layers, num_heads=heads, d_kv=head, d_ff=inner,
        pad_token_id=0, eos_token_id=1, decoder_start_token_id=0, **more,
    )


MODELS = {
    "marian-a": (MarianConfig, MarianMTModel, bart_like(61, 16, (2, 2), 2, 32, activation_function="swish", scale_embedding=True)),
    "marian-b": (MarianConfig, MarianMTModel, bart_like(97, 24, (1, 2), 4, 40, activation_function="relu", scale_embedding=False)),
    "marian-c": (MarianConfig, MarianMTModel, bart_like(70, 32, (3, 1), 4, 48, activation_function="gelu", scale_embedding=True)),
    "m2m100-a": (M2M100Config, M2M100ForConditionalGeneration, bart_like(83, 16, (2, 2), 2, 32, scale_embedding=True)),
    "m2m100-b": (M2M100Config, M2M100ForConditionalGeneration, bart_like(128, 32, (1, 3), 4, 56, scale_embedding=False)),
    "m2m100-c": (M2M100Config, M2M100ForConditionalGeneration, bart_like(59, 24, (3, 2), 3, 30, activation_function="gelu", scale_embedding=True)),
    "mbart-a": (MBartConfig, MBartForConditionalGeneration, bart_like(83, 16, (2, 2), 2, 32, scale_embedding=True)),
    "mbart-b": (MBartConfig, MBartForConditionalGeneration, bart_like(64, 32, (1, 2), 4, 48, scale_embedding=False)),
    "mbart-c": (MBartConfig, MBartForConditionalGeneration, bart_like(90, 24, (2, 1), 2, 40, activation_function="relu", scale_embedding=True)),
    "bart-a": (BartConfig, BartForConditionalGeneration, bart_like(75, 16, (2, 2), 2, 32)),
    "bart-b": (BartConfig, BartForConditionalGeneration, bart_like(110, 32, (1, 3), 4, 64, scale_embedding=True)),
    "bart-c": (BartConfig, BartForConditionalGeneration, bart_like(66, 24, (3, 1), 3, 36, activation_function="relu")),
    "pegasus-a": (PegasusConfig, PegasusForConditionalGeneration, bart_like(75, 16, (2, 2), 2, 32, activation_function="relu", scale_embedding=True)),
    "pegasus-b": (PegasusConfig, PegasusForConditionalGeneration, bart_like(99, 32, (1, 2), 4, 48, activation_function="gelu", scale_embedding=True)),
    "pegasus-c": (PegasusConfig, PegasusForConditionalGeneration, bart_like(68, 24, (2, 3), 2, 40, activation_function="relu", scale_embedding=False)),
    "t5-a": (T5Config, T5ForConditionalGeneration, t5_like(77, 16, 2, 2, 8, 32)),
    "t5-b": (T5Config, T5ForConditionalGeneration, t5_like(101, 24, 3, 4, 10, 48, relative_attention_num_buckets=16, relative_attention_max_distance=40)),
    "t5-c": (T5Config, T5ForConditionalGeneration, t5_like(64, 32, 1, 4, 8, 40, relative_attention_num_buckets=8, relative_attention_max_distance=20)),
    "mt5-a": (MT5Config, MT5ForConditionalGeneration, t5_like(77, 16, 2, 2, 8, 32, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    "mt5-b": (MT5Config, MT5ForConditionalGeneration, t5_like(120, 24, 2, 3, 12, 40, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    # T5 v1.1 and MADLAD: gated, untied, of type t5.
    "t5v11-c": (T5Config, T5ForConditionalGeneration, t5_like(88, 32, 3, 2, 16, 48, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
    # As deep as NLLB-600M and T5-base: rounding adds up over 12+12 layers.
    "m2m100-deep": (M2M100Config, M2M100ForConditionalGeneration, bart_like(64, 16, (12, 12), 2, 24, scale_embedding=True)),
    "t5v11-deep": (T5Config, T5ForConditionalGeneration, t5_like(64, 16, 12, 2, 8, 24, feed_forward_proj="gated-gelu", tie_word_embeddings=False)),
}

CASES = {
    "greedy": dict(num_beams=1, max_new_tokens=14),
    "greedy, repetition penalty and bigrams once": dict(num_beams=1, max_new_tokens=14, repetition_penalty=1.3, no_repeat_ngram_size=2),
    "4 beams": dict(num_beams=4, max_new_tokens=14, num_return_sequences=4),
    "4 beams, trigrams once, length penalty 2": dict(num_beams=4, max_new_tokens=16, no_repeat_ngram_size=3, length_penalty=2.0, num_return_sequences=2),
    "4 beams, at least 8, first ones end it": dict(num_beams=4, max_new_tokens=16, min_new_tokens=8, early_stopping=True, num_return_sequences=4),
    "3 beams, never early, length penalty 0.5": dict(num_beams=3, max_new_tokens=12, early_stopping="never", length_penalty=0.5, num_return_sequences=3),
    "5 beams, length penalty below 0": dict(num_beams=5, max_new_tokens=12, early_stopping="never", length_penalty=-0.2, num_return_sequences=2),
    "4 beams, forced ends, bad words, suppressed": dict(
        num_beams=4, max_new_tokens=12, forced_bos_token_id=7, forced_eos_token_id="eos", repetition_penalty=1.2,
        bad_words_ids=[[11], [12, 13], [9, 5, 4]], suppress_tokens=[20, 21, 22], num_return_sequences=1,
    ),
}


def build(number, name):
    config_class, model_class, settings = MODELS[name]
    torch.manual_seed(1000 + number)
    model = model_class(config_class(**settings)).eval()
    with torch.no_grad():
        for key, tensor in model.state_dict().items():
            if key == "final_logits_bias":
                tensor.normal_(0.0, 0.3)
            elif "norm" in key and key.endswith("weight"):
                tensor.normal_(1.0, 0.2)
            elif key.endswith("bias") and tensor.dim() == 1:
                tensor.normal_(0.0, 0.1)
            elif "relative_attention_bias" in key:
                tensor.normal_(0.0, 1.0)
            elif key.endswith("embed_positions.weight") and ("marian" in name or "pegasus" in name):
                continue
            elif any(part in key for part in ("shared", "embed_tokens", "lm_head")):
                tensor.normal_(0.0, 1.0 / math.sqrt(tensor.shape[-1]) * 2.0)
            elif "embed_positions" in key:
                tensor.normal_(0.0, 0.3)
            elif name.startswith(("t5", "mt5")) and key.endswith((".q.weight", ".k.weight")):
                # T5 does not divide scores by the root of the head's width: its weights are that much smaller.
                tensor.normal_(0.0, 0.5 / math.sqrt(tensor.shape[-1]))
            else:
                tensor.normal_(0.0, SPREAD / math.sqrt(tensor.shape[-1]) / 2.0)
    return model


def sources(number, vocabulary, eos):
    drawn = random.Random(number)
    lengths = [1, 2, 3, 5, 8, 13, 21, 40]
    drawn.shuffle(lengths)
    return [[drawn.randrange(3, vocabulary) for _ in range(length - 1)] + [eos] for length in lengths]


def runs(model, case, inputs):
    how = {key: model.config.eos_token_id if value == "eos" else value for key, value in case.items()}
    how = dict(do_sample=False, **how)
    result = []
    for source in inputs:
        out = model.generate(
            torch.tensor([source]), attention_mask=torch.ones(1, len(source), dtype=torch.long),
            return_dict_in_generate=True, output_scores=True, **how,
        )
        if how["num_beams"] > 1:
            scores = out.sequences_scores.tolist()
        else:
            scores = model.compute_transition_scores(out.sequences, out.scores, normalize_logits=True)
            scores = [float(scores[0].double().sum())]
        outputs = []
        for sequence, score in zip(out.sequences.tolist(), scores):
            ids = sequence[1:]
            # Shorter hypotheses are filled up after their end token.
            if model.config.eos_token_id in ids:
                ids = ids[: ids.index(model.config.eos_token_id) + 1]
            outputs.append({"ids": ids, "score": round(score, 6)})
        result.append({"source": source, "outputs": outputs})
    return how, result


def logits(model, inputs):
    """Logits of forced targets, without a search: a row after the decoder start and after each target token."""
    drawn = random.Random(len(inputs))
    start, result = model.config.decoder_start_token_id, []
    for source in inputs[:4]:
        target = [start] + [drawn.randrange(3, model.config.vocab_size) for _ in range(7)]
        with torch.no_grad():
            rows = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([target])).logits[0]
        result.append({"source": source, "target": target, "rows": [[round(x, 5) for x in row] for row in rows.tolist()]})
    return result


def main():
    if not transformers.__version__.startswith("4.46"):
        sys.exit(f"expected transformers 4.46, found {transformers.__version__}")
    torch.set_num_threads(1)
    for number, name in enumerate(MODELS):
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        folder = OUT / name
        shutil.rmtree(folder, ignore_errors=True)
        model = build(number, name)
        model.save_pretrained(folder, safe_serialization=True)
        if name.endswith("-b"):
            # One of each architecture in the older formats.
            torch.save(model.state_dict(), folder / "pytorch_model.bin", _use_new_zipfile_serialization=name[0] in "mbp")
            (folder / "model.safetensors").unlink()
        inputs = sources(number, model.config.vocab_size, model.config.eos_token_id)
        cases = []
        for title, case in CASES.items():
            how, result = runs(model, case, inputs)
            cases.append({"name": title, "how": {key: value for key, value in how.items() if key != "do_sample"}, "runs": result})
        with torch.no_grad():
            states = model.get_encoder()(torch.tensor([inputs[0]])).last_hidden_state[0].mean(0)
        text = {"cases": cases, "embedding": {"source": inputs[0], "mean": [round(x, 5) for x in states.tolist()]}}
        if name.endswith("-deep"):
            text["logits"] = logits(model, inputs)
        (folder / "cases.json").write_text(json.dumps(text, separators=(",", ":")) + "\n")
        distinct = len({json.dumps(run["outputs"][0]["ids"]) for run in cases[2]["runs"]})
        print(f"{name}: {sum(p.stat().st_size for p in folder.iterdir()) // 1024} KiB, {distinct} of {len(inputs)} outputs differ")


if __name__ == "__main__":
    main()
