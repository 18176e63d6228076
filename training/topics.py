"""How well articles' topics are found, by keywords and by the encoder: `python topics.py --model ../models/pocket`.

Read: `name`, keywords and `about` of ../prompts/topics.toml; corpus/topics.jsonl, a line an article, `{"id", "topics"}`,
labelled by reading. A text's vector is the mean of the encoder's last states, brought to length 1; an article's is the sum
of those of its title and summary, a topic's the sum of those of its `about` texts, both brought to length 1. From both the
mean of all topics is subtracted. An article is of the topic it has the greatest cosine with, if that is at least
that of a topic's texts with the others of them, on average (src/embed/topics.rs does the same). Articles are halved by
their ids: multiples of that are tried on one half, the table is of the other.
"""

import argparse
import hashlib
import re
import tomllib
from functools import cache

import torch

import data
from pieces import EOS
from score import Translator

ARABIC_BEFORE = ["", "ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال", "و", "ف", "ب", "ل", "ك", "وب", "ول"]
PLAIN = str.maketrans("ёأإآٱىة", "еاااايه", "ـ")
MARKS = re.compile("[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]")


@cache
def plain(word):
    """As in src/text/forms.rs."""
    return MARKS.sub("", word.lower().translate(PLAIN))


def fits(pattern, word, language):
    text = plain(pattern.rstrip("*"))
    ways = [word[len(b):] for b in ARABIC_BEFORE if word.startswith(b) and len(word) > len(b) + 1] if language == "ar" else []
    return any(way.startswith(text) if pattern.endswith("*") else way == text for way in [word, *ways])


def by_keywords(topics, text, language):
    """As in src/prompts/subjects.rs."""
    words, found = [plain(w) for w in re.findall(r"[^\W_]+(?:['’.][^\W_]+)*", text)], set()
    for topic, written in topics.items():
        for keyword in written[language]:
            keyword = keyword.replace("-", " ").split()
            windows = zip(*(words[k:] for k in range(len(keyword))))
            if any(all(fits(p, w, language) for p, w in zip(keyword, window)) for window in windows):
                found.add(topic)
    return found


def unit(vector):
    return vector / vector.norm(dim=-1, keepdim=True)


@torch.no_grad()
def vectors(translator, texts, language):
    """[texts, d_model], each of length 1."""
    encoder, found = translator.model.get_encoder(), []
    for text in texts:
        pieces = translator.tokenizer.encode(text, add_special_tokens=False).ids
        ids = torch.tensor([[translator.tongue[language], *pieces, EOS]])
        found.append(unit(encoder(input_ids=ids).last_hidden_state[0].mean(0)))
    return torch.stack(found)


def centres(translator, topics):
    """Per topic the direction of its `about` texts; their mean; and how near a text is to the others of its topic."""
    about = [torch.cat([vectors(translator, texts, language) for language, texts in written["about"].items()])
             for written in topics.values()]
    known = unit(torch.stack([texts.sum(0) for texts in about]))
    mean = known.mean(0)
    own = [unit(texts[k] - mean) @ unit(unit(texts.sum(0) - texts[k]) - mean) for texts in about for k in range(len(texts))]
    return known, mean, sum(own).item() / len(own)


def figures(found, wanted):
    """Precision and recall in percent."""
    right = sum(len(f & w) for f, w in zip(found, wanted))
    return 100 * right / max(1, sum(map(len, found))), 100 * right / max(1, sum(map(len, wanted)))


def line(name, items, threshold, only=None):
    """A row of the table, of all topics or of one."""
    kept = {only} if only else set().union(*(w | k | {topic} for _, w, k, topic, _ in items))
    wanted, keywords = [kept & w for _, w, _, _, _ in items], [kept & k for _, _, k, _, _ in items]
    encoder = [kept & {topic} if cosine >= threshold else set() for _, _, _, topic, cosine in items]
    cells = [figures(f, wanted) for f in (keywords, encoder, [k | e for k, e in zip(keywords, encoder)])]
    print(f"{name:<12}" + "".join(f"{p:12.1f}{r:8.1f}" for p, r in cells))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    topics = tomllib.loads((data.HERE.parent / "prompts" / "topics.toml").read_text(encoding="utf-8"))
    articles = {a["id"]: a for a in data.articles()}
    translator = Translator(options.model, 1, {}, False)
    known, mean, own = centres(translator, topics)
    halves = ([], [])
    for labelled in data.read_jsonl(data.CORPUS / "topics.jsonl"):
        article, half = articles[labelled["id"]], hashlib.sha256(labelled["id"].encode()).digest()[-1] % 2
        for language in data.LANGUAGES:
            texts = [t[language] for t in (article["title"], *article["summary"])]
            keywords = set().union(*(by_keywords(topics, text, language) for text in texts))
            cosine, best = (unit(known - mean) @ unit(unit(vectors(translator, texts, language).sum(0)) - mean)).max(0)
            halves[half].append((language, set(labelled["topics"]), keywords, list(topics)[best], cosine.item()))
    header = f"{'':<12}{'keywords':>20}{'encoder':>20}{'either':>20}\n{'':<12}" + 3 * f"{'precision':>12}{'recall':>8}"
    print(f"{len(halves[0]) // 4} articles, by multiple of the least cosine; a topic's texts have {own:.3f} among themselves\n{header}")
    for near in (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.5):
        line(f"{near:.2f}", halves[0], near * own)
    print(f"\n{len(halves[1]) // 4} other articles\n{header}")
    for language in data.LANGUAGES:
        line(language, [i for i in halves[1] if i[0] == language], own)
    line("all", halves[1], own)
    for topic in topics:
        line(topic, halves[1], own, topic)


if __name__ == "__main__":
    main()
