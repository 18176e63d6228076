"""Trains the pocket model: `python train.py --run DIR --minutes 90`. Started again, it goes on where it stopped."""

import argparse
import json
import math
import os
import pickle
import random
import time
from pathlib import Path

import torch
from tqdm import tqdm

import align
import data
import pieces
from model import SHAPE, Pocket, sampled_loss
from pieces import EOS, PAD


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="work folder: tokenizer, prepared data, checkpoint, log")
    parser.add_argument("--minutes", type=float, default=80, help="length of the whole schedule in minutes of training")
    parser.add_argument("--start", type=Path, help="run folder to go on from: its weights and tokenizer, with the corpus as it is now")
    parser.add_argument("--public", type=Path, help="folder of en-ru.tsv, en-ar.tsv, en-tg.tsv to train on as well")
    parser.add_argument("--vocabulary", type=int, default=10000)
    parser.add_argument("--budget", type=int, default=1200, help="padded target pieces a step")
    parser.add_argument("--rate", type=float, default=1.5e-3, help="peak learning rate")
    parser.add_argument("--warmup", type=int, default=200, help="steps")
    parser.add_argument("--sample", type=int, default=1500, help="random pieces in the softmax besides the batch's own")
    parser.add_argument("--smoothing", type=float, default=0.05)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--bf16", action="store_true", help="matrix products in bfloat16, for CUDA")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save-every", type=float, default=420, help="seconds between checkpoints")
    return parser.parse_args()


def prepare(options):
    """Tokenizer, items with pieces and links, phrase table and starting embeddings; kept in the run folder."""
    store = options.run / "prepared.pickle"
    if store.exists():
        return pickle.loads(store.read_bytes())
    items = data.training_items(options.public)
    tokenizer = pieces.load(options.start / "tokenizer.json") if options.start else pieces.train(items, options.vocabulary)
    tokenizer.save(str(options.run / "tokenizer.json"))
    items = pieces.encode_items(tokenizer, items)
    say(options, event="tokenised", items=len(items), vocabulary=tokenizer.get_vocab_size())
    align.link(items, tokenizer)
    table, embeddings = [], None
    if not options.start:
        table = align.phrase_table(items, tokenizer)
        embeddings = align.starting_embeddings(items, tokenizer.get_vocab_size(), SHAPE["d_model"])
    say(options, event="aligned", phrase_pairs=len(table))
    held = [data.Item(t, "held") for a in data.held_out_articles() for t in data.texts_of(a)]
    held = pieces.encode_items(tokenizer, held)
    prepared = {"items": items, "table": table, "embeddings": embeddings, "held": held}
    store.write_bytes(pickle.dumps(prepared))
    return prepared


def say(options, **what):
    line = json.dumps({"at": time.strftime("%H:%M:%S"), **what}, ensure_ascii=False)
    tqdm.write(line)
    with open(options.run / "log.jsonl", "a", encoding="utf-8") as log:
        log.write(line + "\n")


def padded(rows, device):
    longest = max(map(len, rows))
    return torch.tensor([r + [PAD] * (longest - len(r)) for r in rows], device=device)


def chosen_languages(batch, rng):
    """A source language and its targets: English mostly, else any other into English and one more."""
    known = [l for l in data.LANGUAGES if l in batch[0].ids]
    if len(known) == 2:
        source = known[0] if rng.random() < 0.65 else known[1]
        return source, [l for l in known if l != source]
    if rng.random() < 0.65:
        return "en", ["ru", "ar", "tg"]
    source = rng.choice(("ru", "ar", "tg"))
    return source, ["en", rng.choice([l for l in ("ru", "ar", "tg") if l != source])]


def digits_shuffled(ids, swap):
    return [swap.get(i, i) for i in ids] if swap else ids


def guide_loss(weights, where, shift):
    """Minus the log of the attention that falls on linked source pieces. Target piece t is read at step t + 2 and
    predicted at step t + 1: the first cross-attention is to find what was just written, the last what comes next."""
    linked = torch.zeros(weights.shape[0], weights.shape[2], weights.shape[3], device=weights.device)
    linked[where[0], where[1] + shift, where[2]] = 1.0
    attended = (weights.mean(1) * linked).sum(-1)
    return -(attended[linked.sum(-1) > 0] + 1e-6).log().mean()


class Trainer:
    def __init__(self, options):
        self.options, self.rng = options, random.Random(options.seed)
        self.prepared = prepare(options)
        self.tokenizer = pieces.load(options.run / "tokenizer.json")
        self.tongue = pieces.language_ids(self.tokenizer)
        self.digits = [self.tokenizer.token_to_id(d) for d in "0123456789"]
        torch.manual_seed(options.seed)
        self.model = Pocket(self.tokenizer.get_vocab_size(), dropout=options.dropout)
        if options.start:
            earlier = torch.load(options.start / "checkpoint.pt", map_location="cpu", weights_only=False)
            self.model.load_state_dict(earlier["average"])
        else:
            self.model.start_from(self.prepared["embeddings"])
        self.model.to(options.device)
        self.average = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        self.step, self.seconds, self.pairs = 0, 0.0, 0
        items = self.prepared["items"]
        self.kinds = {kind: self.batches([i for i in items if i.kind == kind], 3) for kind in ("article", "phrase")}
        groups = {}
        for item in self.prepared["table"] + [i for i in items if i.kind == "public"]:
            groups.setdefault((item.kind, tuple(item.ids)), []).append(item)
        self.groups = {key: self.batches(group, 1) for key, group in groups.items()}
        self.checkpoint = options.run / "checkpoint.pt"
        if self.checkpoint.exists():
            self.resume()

    def batches(self, items, targets):
        return data.Batches(items, self.options.budget, targets, self.rng)

    def progress(self):
        return min(1.0, self.seconds / (60 * self.options.minutes))

    def next_batch(self):
        """Short phrases first, then mostly articles. Weights of an earlier run know the phrases."""
        early = self.progress() < 0.1 and not self.options.start
        kinds = {"table": 0.3, "phrase": 0.45, "article": 0.25} if early else {"table": 0.07, "phrase": 0.23, "article": 0.7}
        if any(kind == "public" for kind, _ in self.groups):
            kinds["public"] = 0.15
        if not self.prepared["table"]:
            del kinds["table"]
        kind = self.rng.choices(list(kinds), weights=list(kinds.values()))[0]
        if kind in self.kinds:
            return self.kinds[kind].next()
        return self.groups[self.rng.choice(sorted(key for key in self.groups if key[0] == kind))].next()

    def tensors(self, batch, source, targets, augment=True):
        device = self.options.device
        swaps = []
        for _ in batch:
            shuffled = self.rng.sample(self.digits, 10) if augment and self.rng.random() < 0.35 else None
            swaps.append(dict(zip(self.digits, shuffled)) if shuffled else None)
        rows = [[self.tongue[source], *digits_shuffled(i.ids[source], s), EOS] for i, s in zip(batch, swaps)]
        outputs, owner, links = [], [], []
        for target in targets:
            for n, (item, swap) in enumerate(zip(batch, swaps)):
                outputs.append([EOS, self.tongue[target], *digits_shuffled(item.ids[target], swap), EOS])
                owner.append(n)
                links.append(align.links_between(item, source, target) if item.links else [])
        return padded(rows, device), padded(outputs, device), torch.tensor(owner, device=device), links

    def losses(self, batch, source, targets, sample, smoothing, augment=True):
        """Translation loss and guided-alignment loss of one batch."""
        x, y, owner, links = self.tensors(batch, source, targets, augment)
        memory, mask = self.model.encode(x)
        states, first, last = self.model.decode(y[:, :-1], memory[owner], mask[owner])
        wanted = y[:, 1:]
        real = wanted != PAD
        real[:, 0] = False  # the language code is forced, never predicted
        loss = sampled_loss(states[real], wanted[real], self.model.model.shared.weight, sample, smoothing)
        where = torch.tensor([(n, t, s + 1) for n, pairs in enumerate(links) for s, t in pairs]).t().to(x.device)
        if where.numel() == 0:
            return loss, None
        return loss, guide_loss(first, where, 2) + guide_loss(last, where, 1)

    def train_step(self):
        options, progress = self.options, self.progress()
        batch = self.next_batch()
        source, targets = chosen_languages(batch, self.rng)
        with torch.autocast(torch.device(options.device).type, torch.bfloat16, enabled=options.bf16):
            loss, guide = self.losses(batch, source, targets, options.sample, options.smoothing)
        total = loss if guide is None else loss + (0.8 * (1 - progress) ** 2 + 0.1) * guide
        rate = options.rate * min(1.0, (self.step + 1) / options.warmup) * (1 - progress)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self.pairs += len(batch) * len(targets)
        if self.step % 4 == 0:
            keep = min(0.99, (1 + self.step / 4) / (10 + self.step / 4))
            with torch.no_grad():
                for name, value in self.model.state_dict().items():
                    self.average[name].lerp_(value, 1 - keep)
        return loss.item(), None if guide is None else guide.item()

    @torch.no_grad()
    def held_out_loss(self):
        """Nats a piece of the averaged weights on held-out text, full softmax, no smoothing."""
        own = {k: v.clone() for k, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        held, result = sorted(self.prepared["held"][::6], key=lambda i: i.length()), {}
        for source, target in (("en", "ru"), ("en", "ar"), ("en", "tg"), ("ru", "en"), ("tg", "en")):
            total = count = 0
            for k in range(0, len(held), 16):
                batch = held[k:k + 16]
                n = sum(len(i.ids[target]) + 1 for i in batch)
                total += self.losses(batch, source, [target], 1 << 30, 0.0, augment=False)[0].item() * n
                count += n
            result[f"{source}-{target}"] = round(total / count, 3)
        self.model.load_state_dict(own)
        self.model.train()
        return result

    def save(self):
        state = {"model": self.model.state_dict(), "average": self.average, "optimiser": self.optimiser.state_dict(),
                 "step": self.step, "seconds": self.seconds, "pairs": self.pairs, "rng": self.rng.getstate(),
                 "torch_rng": torch.get_rng_state()}
        torch.save(state, self.checkpoint.with_suffix(".new"))
        os.replace(self.checkpoint.with_suffix(".new"), self.checkpoint)

    def resume(self):
        state = torch.load(self.checkpoint, map_location=self.options.device, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.average, self.step, self.seconds = state["average"], state["step"], state["seconds"]
        self.pairs = state["pairs"]
        self.rng.setstate(state["rng"])
        torch.set_rng_state(state["torch_rng"].cpu())
        say(self.options, event="resumed", step=self.step)

    def run(self):
        self.model.train()
        mean, guided, saved = None, None, self.seconds
        bar = tqdm(total=self.options.minutes, initial=self.seconds / 60, unit="min", disable=None,
                   bar_format="{l_bar}{bar}| {n:.1f}/{total:.0f} min {postfix}")
        while self.progress() < 1:
            began = time.monotonic()
            loss, guide = self.train_step()
            spent = time.monotonic() - began
            self.seconds += spent
            bar.update(min(spent / 60, self.options.minutes - bar.n))
            mean = loss if mean is None else 0.98 * mean + 0.02 * loss
            if guide is not None:
                guided = guide if guided is None else 0.98 * guided + 0.02 * guide
            bar.set_postfix_str(f"step {self.step}, loss {mean:.2f}", refresh=False)
            if not math.isfinite(loss):
                raise SystemExit("the loss is no longer a number; start again from the last checkpoint with a lower --rate")
            if self.step % 50 == 0:
                say(self.options, step=self.step, loss=round(mean, 3), guide=guided and round(guided, 3), pairs=self.pairs,
                    minutes=round(self.seconds / 60, 1), progress=round(self.progress(), 3))
            if self.seconds - saved > self.options.save_every or self.progress() >= 1:
                self.save()
                saved = self.seconds
                say(self.options, step=self.step, held_out=self.held_out_loss())
        bar.close()


if __name__ == "__main__":
    chosen = arguments()
    torch.set_num_threads(chosen.threads)
    chosen.run.mkdir(parents=True, exist_ok=True)
    Trainer(chosen).run()
