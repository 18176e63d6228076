"""Writes tests/metrics/spbleu.json: what sacreBLEU says of texts cut by the SentencePiece models in tests/tokenizers.

sacreBLEU's own SentencePiece models are downloads; its tokeniser for them is the one line that stands here.

usage: spbleu_fixtures.py    (needs sacrebleu 2.6, sentencepiece 0.2)
"""

import json
import pathlib

import sentencepiece
from sacrebleu.metrics import BLEU

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = json.loads((ROOT / "tests" / "metrics" / "expected.json").read_text(encoding="utf-8"))["cases"]


def bleu(model, **arguments):
    metric = BLEU(tokenize="none", force=True, **arguments)
    metric.tokenizer = lambda text: " ".join(model.encode(text, out_type=str))
    return metric


def main():
    found = []
    for name in ["unigram.model", "bpe.model"]:
        model = sentencepiece.SentencePieceProcessor(model_file=str(ROOT / "tests" / "tokenizers" / name))
        for case in CASES:
            hypotheses, references = case["hypotheses"], case["references"][:1]
            sentence = bleu(model, effective_order=True)
            found.append({
                "model": name,
                "case": case["name"],
                "score": bleu(model).corpus_score(hypotheses, references).score,
                "sentence": [round(sentence.sentence_score(text, [one]).score, 4) for text, one in zip(hypotheses, references[0])],
            })
    (ROOT / "tests" / "metrics" / "spbleu.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
