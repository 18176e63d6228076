"""Scores a model on the held-out articles: `python score.py --model models/pocket [--card models/pocket/README.md]`.

Per direction: chrF++ and BLEU (sacreBLEU), and the shares of numbers kept, of outputs in the right script, of outputs
that repeat themselves. With --card, the tables between the `scores` marks of the model card are replaced.
"""

import argparse
import json
import re
import time
import unicodedata
from collections import Counter
from pathlib import Path

import sacrebleu
import torch
from transformers import M2M100ForConditionalGeneration

import data
import pieces
from pieces import BOS, EOS, PAD, UNK

TO_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
SCRIPTS = {"en": "LATIN", "ru": "CYRILLIC", "ar": "ARABIC", "tg": "CYRILLIC"}
FOREIGN = {"en": re.compile(r"[^\W\d_a-zA-Z\u00c0-\u017f]"), "ru": re.compile("[^\\W\\d_а-яА-ЯёЁ]"),
           "ar": re.compile(r"[^\W\d_\u0600-\u06ff]"), "tg": re.compile("[^\\W\\d_а-яА-ЯёЁғӣқӯҳҷҒӢҚӮҲҶ]|[ыщЫЩ]")}
DIRECTIONS = [f"{s}-{t}" for s in data.LANGUAGES for t in data.LANGUAGES if s != t]


def numbers(text):
    return Counter(re.findall(r"\d+", text.translate(TO_WESTERN)))


def in_script(output, source, language):
    """Every letter is of the language's script, words copied from the source aside."""
    given = set(re.findall(r"\w+", source))
    letters = [c for w in re.findall(r"\w+", output) if w not in given for c in w if c.isalpha()]
    return bool(output.strip()) and all(unicodedata.name(c, "").startswith(SCRIPTS[language]) for c in letters)


def repeats(output):
    """A block of one to four words three times in a row, or three words in the same order three times anywhere."""
    words = re.findall(r"\w+", output.lower())
    for n in range(1, 5):
        for k in range(len(words) - 3 * n + 1):
            if words[k:k + n] == words[k + n:k + 2 * n] == words[k + 2 * n:k + 3 * n]:
                return True
    triples = Counter(zip(words, words[1:], words[2:]))
    return any(count >= 3 for count in triples.values())


class Translator:
    def __init__(self, folder, beams, overrides, own_script):
        self.model = M2M100ForConditionalGeneration.from_pretrained(folder, torch_dtype=torch.float32).eval()
        self.tokenizer = pieces.load(Path(folder) / "tokenizer.json")
        self.tongue = pieces.language_ids(self.tokenizer)
        self.never, self.own_script = [BOS, PAD, UNK], own_script
        self.how = {"num_beams": beams, **overrides}

    def foreign_pieces(self, language):
        """Pieces with a letter the language does not use, and the pieces that are never text."""
        vocabulary = self.tokenizer.get_vocab()
        return self.never + [i for piece, i in vocabulary.items() if FOREIGN[language].search(piece.strip("▁")) and i > UNK]

    @torch.no_grad()
    def translate(self, texts, source, target, batch=24):
        encoded = [[self.tongue[source], *self.tokenizer.encode(t, add_special_tokens=False).ids, EOS] for t in texts]
        order = sorted(range(len(texts)), key=lambda i: len(encoded[i]))
        outputs = [""] * len(texts)
        banned = self.foreign_pieces(target) if self.own_script else self.never
        banned = [i for i in banned if i not in self.tongue.values()]
        for k in range(0, len(order), batch):
            part = order[k:k + batch]
            longest = len(encoded[part[-1]])
            ids = torch.tensor([encoded[i] + [PAD] * (longest - len(encoded[i])) for i in part])
            made = self.model.generate(
                input_ids=ids, attention_mask=(ids != PAD).long(), forced_bos_token_id=self.tongue[target],
                max_length=min(200, 2 * longest + 20), suppress_tokens=banned, **self.how,
            )
            for i, row in zip(part, made.tolist()):
                outputs[i] = self.tokenizer.decode(row, skip_special_tokens=True).strip()
        return outputs


def measure(outputs, sources, references, language):
    chrf, bleu = sacrebleu.CHRF(word_order=2), sacrebleu.BLEU()
    asked = kept = 0
    for source, output in zip(sources, outputs):
        wanted, found = numbers(source), numbers(output)
        asked += sum(wanted.values())
        kept += sum((wanted & found).values())
    count = len(outputs)
    return {
        "chrf++": round(chrf.corpus_score(outputs, [references]).score, 1),
        "bleu": round(bleu.corpus_score(outputs, [references]).score, 1),
        "numbers": round(100 * kept / max(1, asked), 1),
        "script": round(100 * sum(in_script(o, s, language) for o, s in zip(outputs, sources)) / count, 1),
        "repetition": round(100 * sum(map(repeats, outputs)) / count, 1),
        "signatures": [str(chrf.get_signature()), str(bleu.get_signature())],
    }


def table(scores, examples, header):
    lines = [header, "", "| direction | chrF++ | BLEU | numbers kept, % | right script, % | repeating, % |",
             "|---|---|---|---|---|---|"]
    for direction, s in scores.items():
        lines.append(f"| {direction.replace('-', ' → ')} | {s['chrf++']} | {s['bleu']} | {s['numbers']} | {s['script']} | {s['repetition']} |")
    signatures = next(iter(scores.values()))["signatures"]
    lines += ["", f"chrF++ `{signatures[0]}`, BLEU `{signatures[1]}`."]
    if examples:
        lines += ["", "Outputs, taken at even steps through the held-out sentences, not chosen:", ""]
        for source, rows in examples:
            lines += [f"- {source}"] + [f"  - {language}: {output}" for language, output in rows]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--directions", default=",".join(DIRECTIONS))
    parser.add_argument("--limit", type=int, help="only so many texts, at even steps")
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--no-repeat", type=int, help="no n pieces twice; by default what generation_config.json says")
    parser.add_argument("--penalty", type=float, help="repetition penalty; by default what generation_config.json says")
    parser.add_argument("--own-script", action="store_true", help="only pieces in the letters of the target language")
    parser.add_argument("--examples", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--card", type=Path, help="model card whose scores are to be replaced")
    parser.add_argument("--json", type=Path, help="file for scores and every output")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    texts = [t for a in data.held_out_articles() for t in data.texts_of(a)]
    if options.limit:
        texts = texts[::max(1, len(texts) // options.limit)][:options.limit]
    asked = {"no_repeat_ngram_size": options.no_repeat, "repetition_penalty": options.penalty}
    overrides = {name: value for name, value in asked.items() if value is not None}
    translator, scores, made = Translator(options.model, options.beams, overrides, options.own_script), {}, {}
    for direction in options.directions.split(","):
        source, target = direction.split("-")
        sources, references = [t[source] for t in texts], [t[target] for t in texts]
        began = time.monotonic()
        made[direction] = translator.translate(sources, source, target)
        scores[direction] = measure(made[direction], sources, references, target)
        shown = {k: v for k, v in scores[direction].items() if k != "signatures"}
        print(direction, shown, f"{time.monotonic() - began:.0f} s", flush=True)
    step = max(1, len(texts) // max(1, options.examples))
    examples = []
    for k in range(step // 2, len(texts), step) if options.examples else []:
        rows = [(d.split("-")[1], made[d][k]) for d in made if d.startswith("en-")]
        examples.append((texts[k]["en"], rows))
    header = f"{len(texts)} texts of {len(data.held_out_ids())} held-out articles, beam {options.beams}, {time.strftime('%Y-%m-%d')}."
    text = table(scores, examples, header)
    if options.json:
        options.json.write_text(json.dumps({"scores": scores, "outputs": made}, ensure_ascii=False, indent=1))
    if options.card:
        card = options.card.read_text(encoding="utf-8")
        start, end = "<!-- scores -->\n", "<!-- /scores -->"
        before, rest = card.split(start)
        options.card.write_text(before + start + text + "\n" + end + rest.split(end)[1], encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
