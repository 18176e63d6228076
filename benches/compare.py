#!/usr/bin/env python3
"""Runs benches/speed.rs in several settings, interleaved, and prints a table of medians and ratios.

    compare.py PROGRAM [--rounds 3] [--threads 2] [--limit 40]

The sources are English sentences of the held-out articles as token ids of the built-in model
(benches/pocket.jsonl); every output is forced to 40 tokens. The reference engine, rust-bert's own graphs driven by this
project's decoding loop one sentence at a time, is the measure.
"""

import argparse
import json
import pathlib
import platform
import statistics
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SETTINGS = {
    "reference f32, beam 4": ["--engine", "reference", "--precision", "f32", "--beams", "4"],
    "fast f32, beam 4": ["--precision", "f32", "--beams", "4"],
    "fast int8, beam 4": ["--precision", "int8", "--beams", "4"],
    "fast int8, beam 4, 8 at a time": ["--precision", "int8", "--beams", "4", "--batch", "8"],
    "reference f32, greedy": ["--engine", "reference", "--precision", "f32", "--beams", "1"],
    "fast int8, greedy": ["--precision", "int8", "--beams", "1"],
}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if pathlib.Path("/proc/cpuinfo").exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, default=40, help="sentences")
    given = parser.parse_args()
    common = ["--model", HERE.parent / "models/pocket", "--sources", HERE / "pocket.jsonl", "--new", "40", "--limit", str(given.limit),
              "--threads", str(given.threads)]
    results = {name: [] for name in SETTINGS}
    for _ in range(given.rounds):
        for name, setting in SETTINGS.items():
            done = subprocess.run([given.program, *common, *setting], check=True, stdout=subprocess.PIPE, text=True)
            results[name].append(json.loads(done.stdout))
    print(f"{processor()}, {given.threads} threads, median of {given.rounds}\n")
    print(f"{'setting':<32} {'tokens/s':>9} {'ratio':>6} {'load s':>7} {'peak MB':>8}")
    base = 1.0
    for name, runs in results.items():
        middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        base = middle["tokens_per_s"] if name.startswith("reference") else base
        print(f"{name:<32} {middle['tokens_per_s']:>9.0f} {middle['tokens_per_s'] / base:>6.1f} "
              f"{middle['load_s']:>7.2f} {middle['peak_mb']:>8.0f}")


if __name__ == "__main__":
    main()
