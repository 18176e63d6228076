#!/usr/bin/env python3
"""Measures a peer on the same model, sources, lengths and threads as benches/speed.rs; prints the same JSON object.

    peer.py ctranslate2-int8|ctranslate2-float32|transformers FOLDER NAME --beams 4 --new 40 --threads 2
"""

import argparse
import json
import os
import resource
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer")
    parser.add_argument("folder")
    parser.add_argument("name")
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--new", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--batch", type=int, default=16)
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(given.threads)
    path = os.path.join(given.folder, given.name)
    with open(f"{path}.jsonl") as lines:
        sources = [json.loads(line)["ids"] for line in lines][: given.limit]
    sources.sort(key=len)
    start = time.perf_counter()
    run = ctranslate2(given, path) if given.peer.startswith("ctranslate2") else transformers(given, path)
    loaded = time.perf_counter()
    tokens = 0
    for at in range(0, len(sources), given.batch):
        tokens += run(sources[at : at + given.batch])
    seconds = time.perf_counter() - loaded
    print(json.dumps({
        "load_s": loaded - start, "seconds": seconds, "tokens": tokens, "tokens_per_s": tokens / seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    }))


def ctranslate2(given, path):
    import ctranslate2 as library

    kind = given.peer.removeprefix("ctranslate2-")
    model = library.Translator(f"{path}.ct2-{kind}", device="cpu", compute_type=kind, inter_threads=1, intra_threads=given.threads)

    def run(batch):
        results = model.translate_batch(
            [[f"t{token}" for token in source] for source in batch], beam_size=given.beams, max_batch_size=0,
            min_decoding_length=given.new, max_decoding_length=given.new,
        )
        return sum(len(result.hypotheses[0]) for result in results)

    return run


def transformers(given, path):
    import torch
    from transformers import AutoModelForSeq2SeqLM

    torch.set_num_threads(given.threads)
    model = AutoModelForSeq2SeqLM.from_pretrained(path).eval()

    def run(batch):
        longest = max(map(len, batch))
        ids = torch.tensor([source + [1] * (longest - len(source)) for source in batch])
        with torch.inference_mode():
            out = model.generate(
                ids, attention_mask=(ids != 1).long(), num_beams=given.beams, max_new_tokens=given.new,
                min_new_tokens=given.new, do_sample=False,
            )
        return out.shape[0] * (out.shape[1] - 1)

    return run


if __name__ == "__main__":
    main()
