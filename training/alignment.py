"""How well the encoder finds sentences of one article in another language: `python alignment.py --model ../models/pocket`.

Of every held-out article, a random third of the sentences is left out on either side. A sentence counts as found when
it and one of the other side are each other's nearest, with a cosine of at least the threshold. Printed per threshold: of
the sentences not found, the share that was left out; of those found, the share whose partner is the right one.
"""

import argparse
import random

import torch

import data
from pieces import EOS
from score import Translator


@torch.no_grad()
def vectors(translator, articles):
    encoder = translator.model.get_encoder()
    found = {}
    for number, article in enumerate(articles):
        for place, sentence in enumerate(article["sentences"]):
            for language in data.LANGUAGES:
                pieces = translator.tokenizer.encode(sentence[language], add_special_tokens=False).ids
                ids = torch.tensor([[translator.tongue[language], *pieces, EOS]])
                vector = encoder(input_ids=ids).last_hidden_state[0].mean(0)
                found[language, number, place] = vector / vector.norm()
    return found


def counts(known, articles, source, target, threshold, chance):
    left_out = missed = right = wrong = 0
    for number, article in enumerate(articles):
        size = len(article["sentences"])
        rows = sorted(chance.sample(range(size), size * 2 // 3))
        columns = sorted(chance.sample(range(size), size * 2 // 3))
        cosines = torch.stack([known[source, number, k] for k in rows]) @ torch.stack([known[target, number, k] for k in columns]).T
        for row, place in enumerate(rows):
            column = cosines[row].argmax().item()
            if cosines[row, column] >= threshold and cosines[:, column].argmax().item() == row:
                right, wrong = right + (columns[column] == place), wrong + (columns[column] != place)
            else:
                left_out, missed = left_out + (place not in columns), missed + (place in columns)
    return left_out, missed, right, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--repeats", type=int, default=4)
    options = parser.parse_args()
    torch.set_num_threads(1)
    articles = data.held_out_articles()
    known = vectors(Translator(options.model, 1, {}, False), articles)
    for threshold in (0.4, 0.45, 0.5, 0.55, 0.6, 0.65):
        chance, total = random.Random(1), [0, 0, 0, 0]
        for source in data.LANGUAGES:
            for target in data.LANGUAGES:
                for _ in range(options.repeats if source != target else 0):
                    total = [a + b for a, b in zip(total, counts(known, articles, source, target, threshold, chance))]
        left_out, missed, right, wrong = total
        print(f"{threshold:.2f}  not found and left out {100 * left_out / (left_out + missed):.1f} %  right partner {100 * right / (right + wrong):.1f} %")


if __name__ == "__main__":
    main()
