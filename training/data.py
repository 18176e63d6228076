"""The authored corpus as training items: one item is one text in up to four languages."""

import json

from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
LANGUAGES = ("en", "ru", "ar", "tg")
FLORES = {"en": "eng_Latn", "ru": "rus_Cyrl", "ar": "arb_Arab", "tg": "tgk_Cyrl"}
MAX_PIECES = 110


@dataclass
class Item:
    """A text in several languages; `ids` holds its pieces, `links` the word links (English index, other index)."""

    text: dict
    kind: str
    weight: float = 1.0
    ids: dict = field(default_factory=dict)
    links: dict = field(default_factory=dict)

    def length(self):
        return max(len(v) for v in self.ids.values())


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def articles():
    return [a for path in sorted((CORPUS / "authored").glob("articles_*.jsonl")) for a in read_jsonl(path)]


def held_out_ids():
    return set(json.loads((CORPUS / "split.json").read_text())["held_out"])


def held_out_articles():
    held = held_out_ids()
    return [a for a in articles() if a["id"] in held]


def texts_of(article):
    return [article["title"], *article["sentences"], *article["summary"]]


def training_items(public=None):
    """Items of the training articles and phrases; `public` names a folder of `en-XX.tsv` files to add."""
    held = held_out_ids()
    unseen = {t["en"].strip().lower() for a in held_out_articles() for t in texts_of(a)}
    items = [Item(t, "article") for a in articles() if a["id"] not in held for t in texts_of(a)]
    for path in sorted((CORPUS / "authored").glob("phrases_*.jsonl")):
        items += [Item(t, "phrase") for t in read_jsonl(path)]
    items = [i for i in items if i.text["en"].strip().lower() not in unseen]
    if public:
        items += public_items(Path(public), unseen)
    return items


def public_items(folder, unseen):
    """Two-language items from `source<TAB>English<TAB>other` files; noisy technical text is left out."""
    found = []
    for language in LANGUAGES[1:]:
        path = folder / f"en-{language}.tsv"
        if not path.exists():
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            source, english, other = line.split("\t")
            if source != "ms-docs" and english.strip().lower() not in unseen:
                found.append(Item({"en": english, language: other}, "public"))
    return found


class Batches:
    """Endless batches of one kind of item, of similar length, at most `budget` padded target pieces each."""

    def __init__(self, items, budget, targets, rng):
        self.items, self.budget, self.targets, self.rng = items, budget, targets, rng
        self.queue = []

    def refill(self):
        picked = self.items
        if any(i.weight != 1.0 for i in picked):
            picked = self.rng.choices(picked, weights=[i.weight for i in picked], k=min(len(picked), 20000))
        order = sorted(picked, key=lambda i: i.length() + 2 * self.rng.random())
        batch, longest = [], 0
        for item in order:
            size = item.length() + 2
            if batch and max(longest, size) * (len(batch) + 1) * self.targets > self.budget:
                self.queue.append(batch)
                batch, longest = [], 0
            batch.append(item)
            longest = max(longest, size)
        if batch:
            self.queue.append(batch)
        self.rng.shuffle(self.queue)

    def next(self):
        if not self.queue:
            self.refill()
        return self.queue.pop()


def write_split(every=18):
    """Holds out every n-th article of each file and writes corpus/split.json."""
    held = []
    for path in sorted((CORPUS / "authored").glob("articles_*.jsonl")):
        held += [a["id"] for i, a in enumerate(read_jsonl(path)) if i % every == every - 1]
    split = json.loads((CORPUS / "split.json").read_text())
    split.update(rule=f"every {every}th article of each file, by article, never by sentence", held_out=held)
    (CORPUS / "split.json").write_text(json.dumps(split, indent=1) + "\n")
    return held


if __name__ == "__main__":
    print(len(write_split()), "articles held out;", len(training_items()), "training items")
