"""Word links from eflomal, the phrase table they allow, and embeddings in which translations start out as neighbours."""

import tempfile
from collections import Counter
from pathlib import Path

import eflomal
import torch

from data import LANGUAGES, Item


def link(items, tokenizer):
    """Fills `links[x]` of every item with (English index, x index) pairs: both directions of eflomal, joined by growing."""
    for language in LANGUAGES[1:]:
        pairs = [i for i in items if language in i.ids]
        with tempfile.TemporaryDirectory() as folder:
            names = {n: str(Path(folder, n)) for n in ("source", "target", "forward", "reverse")}
            for name, side in (("source", "en"), ("target", language)):
                lines = [" ".join(map(str, i.ids[side])) for i in pairs]
                Path(names[name]).write_text("\n".join(lines) + "\n")
            with open(names["source"]) as source, open(names["target"]) as target:
                eflomal.Aligner().align(source, target, links_filename_fwd=names["forward"],
                                        links_filename_rev=names["reverse"], quiet=True)
            with open(names["forward"]) as forward, open(names["reverse"]) as reverse:
                for item, one, two in zip(pairs, forward, reverse):
                    item.links[language] = grow(parse(one), parse(two))


def parse(line):
    return {tuple(map(int, pair.split("-"))) for pair in line.split()}


def grow(one, two):
    """Links both directions agree on, then neighbours of these from either direction, then links of words left alone."""
    links, rest = one & two, sorted(one ^ two)
    rows, columns = {i for i, _ in links}, {j for _, j in links}

    def take(i, j):
        links.add((i, j))
        rows.add(i)
        columns.add(j)

    changed = True
    while changed:
        changed = False
        for i, j in rest:
            if (i, j) not in links and not (i in rows and j in columns):
                if any((i + a, j + b) in links for a in (-1, 0, 1) for b in (-1, 0, 1)):
                    take(i, j)
                    changed = True
    for i, j in rest:
        if i not in rows or j not in columns:
            take(i, j)
    return sorted(links)


def links_between(item, source, target):
    """(source index, target index) pairs; between two languages other than English they go through English."""
    if source == "en":
        return item.links.get(target, [])
    if target == "en":
        return [(j, i) for i, j in item.links.get(source, [])]
    through = {}
    for i, j in item.links.get(source, []):
        through.setdefault(i, []).append(j)
    return [(s, t) for i, t in item.links.get(target, []) for s in through.get(i, [])]


def words(ids, starts):
    """The word number of each piece, and the first piece of each word followed by the end."""
    first = [k for k, piece in enumerate(ids) if k == 0 or piece in starts]
    number, marks = -1, set(first)
    numbers = []
    for k in range(len(ids)):
        number += k in marks
        numbers.append(number)
    return numbers, [*first, len(ids)]


def phrase_table(items, tokenizer, longest=5, at_least=2):
    """Consistent phrase pairs of up to `longest` words seen `at_least` times, as two-language items."""
    starts = {i for piece, i in tokenizer.get_vocab().items() if piece.startswith("▁")}
    counts = Counter()
    for item in items:
        english = item.ids["en"]
        e_word, e_marks = words(english, starts)
        for language, links in item.links.items():
            other = item.ids[language]
            o_word, o_marks = words(other, starts)
            across = [set() for _ in e_marks]
            back = [set() for _ in o_marks]
            for i, j in links:
                across[e_word[i]].add(o_word[j])
                back[o_word[j]].add(e_word[i])
            for a in range(len(e_marks) - 1):
                for b in range(a, min(a + longest, len(e_marks) - 1)):
                    reached = set().union(*across[a:b + 1])
                    if not reached or max(reached) - min(reached) >= longest:
                        continue
                    c, d = min(reached), max(reached)
                    if all(a <= k <= b for k in set().union(*back[c:d + 1])):
                        pair = tuple(english[e_marks[a]:e_marks[b + 1]]), tuple(other[o_marks[c]:o_marks[d + 1]])
                        counts[(language, *pair)] += 1
    return [Item({}, "table", weight=min(n, 50) ** 0.5, ids={"en": list(e), language: list(o)})
            for (language, e, o), n in counts.items() if n >= at_least]


def starting_embeddings(items, size, width, seed=1):
    """[size, width], rows of norm 1: a random projection of the link graph (a piece is itself plus what it is linked
    to), plus latent semantic dimensions of whole items, plus a direction for the languages a piece occurs in."""
    torch.manual_seed(seed)
    links, documents, tongue = Counter(), Counter(), torch.zeros(size, len(LANGUAGES))
    for n, item in enumerate(items):
        for l, ids in item.ids.items():
            for piece in ids:
                documents[piece, n] += 1
                tongue[piece, LANGUAGES.index(l)] += 1
        for l, pairs in item.links.items():
            for i, j in pairs:
                a, b = item.ids["en"][i], item.ids[l][j]
                if a != b:
                    links[a, b] += 1
                    links[b, a] += 1
    graph = sparse(links, (size, size))
    degree = torch.sparse.sum(graph, 1).to_dense().clamp(min=1.0)
    step = lambda x: (graph @ (x / degree.sqrt()[:, None])) / degree.sqrt()[:, None]
    noise = torch.randn(size, width)
    one = step(noise)
    lexical = 0.6 * noise + one + 0.6 * step(one)
    docs = sparse({k: 1.0 for k in documents}, (size, len(items))).to_dense()
    docs *= torch.log(len(items) / docs.sum(1).clamp(min=1.0))[:, None]
    u, s, _ = torch.svd_lowrank(docs, q=128, niter=2)
    semantic = (u * s.sqrt()) @ torch.randn(128, width)
    share = tongue / tongue.sum(1, keepdim=True).clamp(min=1.0)
    language = share @ torch.nn.functional.normalize(torch.randn(len(LANGUAGES), width))
    unit = torch.nn.functional.normalize
    return unit(0.8 * unit(lexical) + 0.35 * unit(semantic) + 0.45 * language)


def sparse(entries, shape):
    keys = torch.tensor(list(entries.keys())).t()
    return torch.sparse_coo_tensor(keys, torch.tensor(list(entries.values()), dtype=torch.float32), shape).coalesce()
