"""Writes the averaged weights of a run as a Hugging Face M2M100 model: `python export.py --run DIR --out models/pocket`."""

import argparse
import shutil
from pathlib import Path

import torch
from transformers import GenerationConfig, M2M100Config, M2M100ForConditionalGeneration

import pieces
from model import SHAPE, Pocket
from pieces import BOS, EOS, PAD, UNK


def configuration(size):
    return M2M100Config(
        vocab_size=size, **SHAPE, activation_function="relu", scale_embedding=True, tie_word_embeddings=True,
        dropout=0.1, attention_dropout=0.0, activation_dropout=0.0, encoder_layerdrop=0.0, decoder_layerdrop=0.0,
        decoder_start_token_id=EOS, bos_token_id=BOS, pad_token_id=PAD, eos_token_id=EOS,
    )


def hugging_face_model(state, size):
    """The same weights under transformers; raises if a name or shape differs."""
    model = M2M100ForConditionalGeneration(configuration(size))
    missing, unexpected = model.load_state_dict(state, strict=False)
    tied = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
    if set(missing) - tied or unexpected:
        raise ValueError(f"names differ: missing {sorted(set(missing) - tied)}, unexpected {unexpected}")
    model.tie_weights()
    return model.eval()


@torch.no_grad()
def largest_difference(state, model, tokenizer):
    """Largest difference of logits between the training network and transformers on one sentence."""
    own = Pocket(tokenizer.get_vocab_size())
    own.load_state_dict(state)
    own.eval()
    tongue = pieces.language_ids(tokenizer)
    text = tokenizer.encode("The minister arrived on 3 May.", add_special_tokens=False).ids
    source, target = torch.tensor([[tongue["en"], *text, EOS]]), torch.tensor([[EOS, tongue["ru"], *text]])
    memory, mask = own.encode(source)
    logits = own.decode(target, memory, mask)[0] @ own.model.shared.weight.t()
    return (logits - model(input_ids=source, decoder_input_ids=target).logits).abs().max().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    checkpoint = torch.load(options.run / "checkpoint.pt", map_location="cpu", weights_only=False)
    tokenizer = pieces.load(options.run / "tokenizer.json")
    size = tokenizer.get_vocab_size()
    model = hugging_face_model(checkpoint["average"], size)
    difference = largest_difference(checkpoint["average"], model, tokenizer)
    if difference > 1e-3:
        raise ValueError(f"the exported model differs from the trained one by {difference}")
    model.generation_config = GenerationConfig(
        num_beams=4, max_length=200, decoder_start_token_id=EOS, bos_token_id=BOS, pad_token_id=PAD, eos_token_id=EOS,
        suppress_tokens=[BOS, PAD, UNK], length_penalty=1.0, early_stopping=False, no_repeat_ngram_size=3,
    )
    options.out.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(options.out, safe_serialization=True)
    (options.out / "model.safetensors").chmod(0o644)
    shutil.copyfile(options.run / "tokenizer.json", options.out / "tokenizer.json")
    print(f"step {checkpoint['step']}, logits differ by at most {difference:.1e}, written to {options.out}")


if __name__ == "__main__":
    main()
