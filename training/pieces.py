"""The shared vocabulary: BPE pieces over four languages, digits one by one, every letter of the scripts kept."""

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from data import FLORES, MAX_PIECES

SPECIALS = ["<s>", "<pad>", "</s>", "<unk>"]
BOS, PAD, EOS, UNK = range(4)


def alphabet():
    """Letters, digits and punctuation that must be spelt even when no text holds them (unseen names)."""
    spans = [(0x21, 0x7E), (0xBF, 0xD6), (0xD8, 0xF6), (0xF8, 0xFF), (0x410, 0x44F), (0x621, 0x63A), (0x641, 0x64A)]
    letters = [chr(c) for low, high in spans for c in range(low, high + 1)]
    letters += list("ЁёҒғӢӣҚқӮӯҲҳҶҷЎўІіҢңҮүҰұӨөӘәҺһЄєЇї" "ĀāĆćČčĎďĒēĘęĚěĞğĪīİıŁłŃńŇňŌōŐőŘřŚśŞşŠšŢţŤťŪūŮůŰűŹźŻżŽž")
    letters += list("پچژکگیۀەٱ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹" "«»–—“”‘’„…№،؛؟°€£§±×%٪•−" "▁")
    return sorted(set(letters))


def train(items, size):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(),
        normalizers.Replace(Regex("[\u0640\u064b-\u0652\u0670\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation(),
    ])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(FLORES), special_tokens=SPECIALS, max_token_length=16, min_frequency=3,
        initial_alphabet=alphabet(), show_progress=False,
    )
    tokenizer.train_from_iterator((t for i in items for t in i.text.values()), trainer)
    tokenizer.add_special_tokens(list(FLORES.values()))
    return tokenizer


def encode_items(tokenizer, items):
    """Fills `ids` and drops what is empty or too long."""
    for item in items:
        item.ids = {l: tokenizer.encode(t, add_special_tokens=False).ids for l, t in item.text.items()}
    return [i for i in items if all(0 < len(v) <= MAX_PIECES for v in i.ids.values())]


def language_ids(tokenizer):
    return {language: tokenizer.token_to_id(code) for language, code in FLORES.items()}


def load(path):
    return Tokenizer.from_file(str(path))
