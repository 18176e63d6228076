#!/usr/bin/env python3
"""Makes what the speed benchmarks run on: random-weight models of known shapes, and sources of token ids.

    models.py FOLDER [nllb-600m] [bart-large]

Writes FOLDER/NAME (as the Hub has it), FOLDER/NAME.ct2-int8 and NAME.ct2-float32 (CTranslate2), and NAME.jsonl.
"""

import json
import random
import sys
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from transformers import BartConfig, BartForConditionalGeneration, M2M100Config, M2M100ForConditionalGeneration
from transformers.modeling_utils import no_init_weights

SHAPES = {
    "nllb-600m": (M2M100ForConditionalGeneration, M2M100Config(
        vocab_size=256206, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_ffn_dim=4096,
        decoder_ffn_dim=4096, encoder_attention_heads=16, decoder_attention_heads=16, max_position_embeddings=1024,
        scale_embedding=True, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )),
    "bart-large": (BartForConditionalGeneration, BartConfig(
        vocab_size=50264, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_ffn_dim=4096,
        decoder_ffn_dim=4096, encoder_attention_heads=16, decoder_attention_heads=16, max_position_embeddings=1024,
        forced_eos_token_id=None,
    )),
}


def lengths(name, drawn):
    return [drawn.randint(10, 60) for _ in range(64)] if name == "nllb-600m" else [900] * 8


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        model_class, config = SHAPES[name]
        if not (folder / name / "config.json").exists():
            make(folder / name, model_class, config)
        drawn = random.Random(11)
        with open(folder / f"{name}.jsonl", "w") as out:
            for length in lengths(name, drawn):
                ids = [drawn.randrange(4, 50000) for _ in range(length - 1)] + [2]
                out.write(json.dumps({"ids": ids}) + "\n")
        # The converter wants a tokenizer's vocabulary; the tokens' names do not matter.
        for quantization in ("int8", "float32"):
            converter = TransformersConverter(str(folder / name))
            converter.load_tokenizer = lambda *_: Words(config.vocab_size)
            # CTranslate2 4.8 passes an argument that transformers 4.46 does not know.
            converter.load_model = lambda made, path, **_: made.from_pretrained(path)
            converter.convert(str(folder / f"{name}.ct2-{quantization}"), quantization=quantization, force=True)


def make(path, model_class, config):
    torch.manual_seed(7)
    with no_init_weights():
        model = model_class(config).eval()
    with torch.no_grad():
        for key, tensor in model.named_parameters():
            if "norm" in key:
                tensor.fill_(1.0 if key.endswith("weight") else 0.0)
            else:
                tensor.normal_(0.0, 0.02)
    model.tie_weights()
    model.save_pretrained(path)


class Words:
    """A tokenizer of which only the vocabulary is asked for."""

    unk_token, bos_token, eos_token, pad_token = "t3", "t0", "t2", "t1"
    additional_special_tokens = ()
    special_tokens_map = {}

    def __init__(self, count):
        self.words = {f"t{index}": index for index in range(count)}

    def get_vocab(self):
        return self.words

    def convert_ids_to_tokens(self, ids):
        return [f"t{index}" for index in ids] if isinstance(ids, list) else f"t{ids}"


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or list(SHAPES))
