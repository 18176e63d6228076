#!/usr/bin/env python3
"""Measures Khulosa and its peers on the same models, token ids, lengths and threads, and prints a table of ratios.

    peers.py FOLDER --khulosa PROGRAM --rust-bert PROGRAM [--rounds 5] [--rows nllb-beam,…] [--table]

FOLDER is where peers/models.py puts models and sources. Peers take turns within a round. Every run is kept in
FOLDER/runs.jsonl, so that a measurement that was cut off goes on where it stopped, and rows may be measured apart;
--table prints what is there and measures nothing.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

# Row: model, beams, tokens out, sources (None: all), runs; a run: peer, its options.
SHORT = ["--shortlist", "60000"]
ROWS = {
    "nllb-beam": ("nllb-600m", 4, 20, None, {
        "Khulosa int8, shortlist": ("khulosa", SHORT),
        "Khulosa int8": ("khulosa", []),
        "CTranslate2 int8": ("ctranslate2-int8", []),
        "transformers f32": ("transformers", []),
        "stock rust-bert f32": ("rust-bert", []),
    }),
    "nllb-greedy": ("nllb-600m", 1, 20, None, {
        "Khulosa int8, shortlist": ("khulosa", SHORT),
        "Khulosa int8": ("khulosa", []),
        "CTranslate2 int8": ("ctranslate2-int8", []),
        "transformers f32": ("transformers", []),
        "stock rust-bert f32": ("rust-bert", []),
    }),
    "bart": ("bart-large", 4, 60, None, {
        "Khulosa int8": ("khulosa", []),
        "CTranslate2 int8": ("ctranslate2-int8", ["--batch", "8"]),
        "transformers f32": ("transformers", ["--batch", "8"]),
        "stock rust-bert f32": ("rust-bert", ["--batch", "8"]),
    }),
    "pocket": ("pocket", 4, 40, None, {
        "Khulosa int8, shortlist": ("khulosa", ["--shortlist", "3500"]),
        "Khulosa int8": ("khulosa", []),
        "CTranslate2 int8": ("ctranslate2-int8", []),
        "transformers f32": ("transformers", []),
        "stock rust-bert f32": ("rust-bert", []),
    }),
    "nllb-f32": ("nllb-600m", 4, 20, None, {
        "Khulosa f32, shortlist": ("khulosa", ["--precision", "f32", *SHORT]),
        "Khulosa f32": ("khulosa", ["--precision", "f32"]),
        "CTranslate2 f32": ("ctranslate2-float32", []),
        "transformers f32": ("transformers", []),
        "stock rust-bert f32": ("rust-bert", []),
    }),
    "nllb-batch": ("nllb-600m", 4, 20, None, {
        "Khulosa int8, shortlist, 64 at a time": ("khulosa", SHORT),
        "Khulosa int8, shortlist, 8 at a time": ("khulosa", [*SHORT, "--batch", "8"]),
    }),
}
TITLES = {
    "nllb-beam": "NLLB-600M, 64 sentences of 10–60 tokens, 20 tokens out, beam 4",
    "nllb-greedy": "NLLB-600M, the same, greedy",
    "bart": "BART-large, 8 articles of 900 tokens, 60 tokens out, beam 4",
    "pocket": "pocket, 1,000 sentences, 40 tokens out, beam 4",
    "nllb-f32": "NLLB-600M in f32, 64 sentences, 20 tokens out, beam 4",
    "nllb-batch": "NLLB-600M, sentences given to the engine at a time",
}


def command(given, row, peer, options):
    model, beams, new, limit, _ = ROWS[row]
    lengths = ["--beams", str(beams), "--new", str(new), "--threads", str(given.threads)]
    if limit:
        lengths += ["--limit", str(limit)]
    if peer in ("khulosa", "rust-bert"):
        files = ["--model", str(given.folder / model), "--sources", str(given.folder / f"{model}.jsonl")]
        cache = ["--cache", str(given.folder / "cache")] if peer == "khulosa" else []
        return [given.khulosa if peer == "khulosa" else given.rust_bert, *files, *lengths, *cache, *options]
    return [sys.executable, str(HERE / "peers/peer.py"), peer, str(given.folder), model, *lengths, *options]


def same_run(row, peer, options):
    """Transformers and rust-bert know one precision: their runs of one row serve the other."""
    model, beams, new, limit, _ = ROWS[row]
    return json.dumps([peer, model, beams, new, limit, options])


def measure(given, rows, runs):
    with open(given.folder / "runs.jsonl", "a") as log:
        for number in range(given.rounds):
            for row in rows:
                for name, (peer, options) in ROWS[row][4].items():
                    key = same_run(row, peer, options)
                    if len(runs.get(key, [])) > number:
                        continue
                    print(f"round {number + 1}: {row}: {name}", file=sys.stderr, flush=True)
                    environment = {**os.environ, "OMP_NUM_THREADS": str(given.threads), "MKL_NUM_THREADS": str(given.threads)}
                    done = subprocess.run(command(given, row, peer, options), check=True, stdout=subprocess.PIPE, text=True, env=environment)
                    result = json.loads(done.stdout.splitlines()[-1])
                    runs.setdefault(key, []).append(result)
                    log.write(json.dumps({"key": key, "processor": processor(), "threads": given.threads, **result}) + "\n")
                    log.flush()


def processor():
    path = Path("/proc/cpuinfo")
    for line in path.read_text().splitlines() if path.exists() else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def table(given, rows, runs):
    print(f"{processor()}, {given.threads} threads; medians; the ratio is Khulosa's speed (first line) over the line's\n")
    for row in rows:
        found = {name: runs.get(same_run(row, peer, options), []) for name, (peer, options) in ROWS[row][4].items()}
        if not all(found.values()):
            continue
        print(f"### {TITLES[row]}\n\n| | tokens/s | ratio | load, s | peak, MB | runs |\n|---|---|---|---|---|---|")
        first = None
        for name, results in found.items():
            speed, load, peak = (statistics.median(run[key] for run in results) for key in ("tokens_per_s", "load_s", "peak_mb"))
            first = first or speed
            print(f"| {name} | {speed:.1f} | {first / speed:.2f} | {load:.1f} | {peak:.0f} | {len(results)} |")
        print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--khulosa")
    parser.add_argument("--rust-bert")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--table", action="store_true", help="measure nothing")
    given = parser.parse_args()
    rows, runs = given.rows.split(","), {}
    if (given.folder / "runs.jsonl").exists():
        for line in (given.folder / "runs.jsonl").read_text().splitlines():
            run = json.loads(line)
            if run["processor"] == processor() and run["threads"] == given.threads:
                runs.setdefault(run["key"], []).append(run)
    if not given.table:
        measure(given, rows, runs)
    table(given, rows, runs)


if __name__ == "__main__":
    main()
