#!/usr/bin/env python3
"""Makes what the speed benchmarks run on: random-weight models of known shapes, and sources of token ids.

    models.py FOLDER [nllb-600m] [bart-large] [pocket]

Writes FOLDER/NAME (as the Hub has it), FOLDER/NAME.ct2-int8 and NAME.ct2-float32 (CTranslate2), and NAME.jsonl.
`pocket` is the built-in model, its weights in 32 bits, with 1,000 English sentences of the authored corpus.
"""

import json
import random
import sys
from pathlib import Path

import torch
from ctranslate2.converters import TransformersConverter
from tokenizers import Tokenizer
from transformers import BartConfig, BartForConditionalGeneration, M2M100Config, M2M100ForConditionalGeneration
from transformers.modeling_utils import no_init_weights

ROOT = Path(__file__).resolve().parents[2]
SHAPES = {
    "nllb-600m": (M2M100ForConditionalGeneration, M2M100Config(
        vocab_size=256206, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_ffn_dim=4096,
        decoder_ffn_dim=4096, encoder_attention_heads=16, decoder_attention_heads=16, max_position_embeddings=1024,
        scale_embedding=True, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2,
    )),
    "bart-large": (BartForConditionalGeneration, BartConfig(
        vocab_size=50264, d_model=1024, encoder_layers=12, decoder_layers=12, encoder_ffn_dim=4096,
        decoder_ffn_dim=4096, encoder_attention_heads=16, decoder_attention_heads=16, max_position_embeddings=1024,
        forced_eos_token_id=None, normalize_before=False, normalize_embedding=True, add_final_layer_norm=False,
        static_position_embeddings=False, extra_pos_embeddings=2,
    )),
}


def sources(name):
    """Token ids of the sentences or articles that a model is measured on."""
    if name == "pocket":
        return pocket_sources()
    drawn = random.Random(11)
    lengths = [drawn.randint(10, 60) for _ in range(64)] if name == "nllb-600m" else [900] * 8
    return [[drawn.randrange(4, 50000) for _ in range(length - 1)] + [2] for length in lengths]


def pocket_sources():
    tokenizer = Tokenizer.from_file(str(ROOT / "models/pocket/tokenizer.json"))
    texts = []
    for path in sorted((ROOT / "training/corpus/authored").glob("articles_*.jsonl")):
        for line in open(path, encoding="utf-8"):
            texts += [sentence["en"] for sentence in json.loads(line)["sentences"]]
    chosen = texts[:: len(texts) // 1000][:1000]
    first = json.loads((ROOT / "benches/pocket.jsonl").read_text().splitlines()[0])["ids"]
    # As in benches/pocket.jsonl: the language, the pieces, the end.
    return [[first[0], *tokenizer.encode(text, add_special_tokens=False).ids, first[-1]] for text in chosen]


def main(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if not (folder / name / "config.json").exists():
            if name == "pocket":
                M2M100ForConditionalGeneration.from_pretrained(ROOT / "models/pocket").float().save_pretrained(folder / name)
            else:
                make(folder / name, *SHAPES[name])
        with open(folder / f"{name}.jsonl", "w") as out:
            for ids in sources(name):
                out.write(json.dumps({"ids": ids}) + "\n")
        size = json.loads((folder / name / "config.json").read_text())["vocab_size"]
        # The converter wants a tokenizer's vocabulary; the tokens' names do not matter.
        for quantization in ("int8", "float32"):
            if (folder / f"{name}.ct2-{quantization}/model.bin").exists():
                continue
            converter = TransformersConverter(str(folder / name))
            converter.load_tokenizer = lambda *_: Words(size)
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
    main(Path(sys.argv[1]), sys.argv[2:] or [*SHAPES, "pocket"])
