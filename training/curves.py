"""Draws the training log as a picture: `python curves.py --run DIR` writes DIR/curves.png."""

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402  the backend must be chosen first


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    log = [json.loads(line) for line in (options.run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4))
    steps = [e for e in log if "loss" in e]
    left.plot([e["step"] for e in steps], [e["loss"] for e in steps], label="translation, smoothed labels")
    left.plot([e["step"] for e in steps], [e["guide"] for e in steps], label="guided alignment")
    left.set(title="training loss", xlabel="step", ylabel="nats")
    left.legend()
    held = [e for e in log if "held_out" in e]
    for direction in held[0]["held_out"] if held else []:
        right.plot([e["step"] for e in held], [e["held_out"][direction] for e in held], marker="o", label=direction)
    right.set(title="held-out articles", xlabel="step", ylabel="nats a piece")
    right.legend()
    figure.tight_layout()
    figure.savefig(options.run / "curves.png", dpi=120)


if __name__ == "__main__":
    main()
