"""Writes tests/tokenizers/: small tokenizers in every format that models come in, and what transformers makes of a set
of difficult texts with each.

The tokenizers are trained on the project's own articles. SentencePiece models are stored once and shared by the formats
built on them; `files` in each expected.json says which one goes under which name.

usage: tokenizer_fixtures.py    (needs transformers 4.46, sentencepiece 0.2, tokenizers 0.20)
"""

import json
import pathlib
import shutil
import tempfile

import sentencepiece
import tokenizers
import transformers

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "tests" / "tokenizers"
CORPUS = ROOT / "training" / "corpus" / "authored"
LANGUAGES = {"en": "English", "ru": "Russian", "ar": "Arabic", "tg": "Tajik"}

PLAIN = [
    "The minister met the delegation in Dushanbe on Monday.",
    "Министр встретился с делегацией в Душанбе в понедельник.",
    "التقى الوزير بالوفد في دوشنبه يوم الاثنين.",
    "Вазир рӯзи душанбе дар шаҳри Душанбе бо ҳайат мулоқот кард.",
    "Prices rose by 12.5% to $1,234,567.89 in 2024.",
]
DIFFICULT = PLAIN + [
    "", " ", "   ", "a", "А", "ا", "1", ".", "▁", "▁▁ a", "\n", "\t", "\u00a0", "\u200b", "\ufeff",
    "  leading and trailing   spaces  ", "two\nlines\r\nand\ttabs", "a\u00a0b\u2003c\u3000d",
    "ғ қ ӣ ӯ ҳ ҷ Ғ Қ Ӣ Ӯ Ҳ Ҷ", "тоҷикӣ → тоҷикӣ", "й и\u0306 ё е\u0308 \u0439", "и\u0304 у\u0304 \u04e3",
    "وَزِيرُ الخَارِجِيَّةِ", "وزير الخارجية", "الله ﷲ ﷺ لا ﻻ", "ـــ كـتـاب", "٠١٢٣٤٥٦٧٨٩ ۰۱۲۳", "پچژگ ی ك ي", "آ أ إ ئ ؤ ة ى",
    "é e\u0301 ñ n\u0303 ﬁ ﬂ ½ ² ™ № Ⅷ ｆｕｌｌ ａ１", "Å Å \u212b", "ﷺ\u0301", "e\u0301\u0302\u0303",
    "😀 👍🏽 👨‍👩‍👧 🇹🇯 ☺️", "漢字 かな 한국어 한", "ไทย हिन्दी ქართული", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈",
    "a\u0000b", "a\u0001b\u007fc\u0085d", "a\u200bb\u200cc\u200dd\u200ee\u200ff", "\u202bعربي\u202c", "soft\u00adhyphen", "bom\ufeffinside",
    "don't can't it's we're I'll I'd", "“quotes” ‘single’ «ёлочки» „unten“", "a-b a–b a—b a…b a...b", "http://example.org/a?b=c&d=e#f",
    "a" * 300, "ы" * 120, "word " * 60, "?!?!?! ---- ==== ____", "CamelCaseWord ALLCAPS mixedЛатиницаКириллица",
    "x\ufffdy", "\u0301start", "🏽", "٪ ، ؛ ؟ ۔", "100 000 100\u00a0000 100\u202f000", "1.000,50 1,000.50 ١٬٠٠٠٫٥",
    "(KUNA) -- KUWAIT, Nov 4 (KUNA) -- The", "Ҷумҳурии Тоҷикистон ва Федератсияи Россия", "дар\u0301", "қ\u0323",
]


def articles():
    texts = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            texts += strings(json.loads(line))
    return [t.replace("\n", " ").strip() for t in texts if len(t) > 20]


def strings(value):
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [s for item in items for s in strings(item)]


def spm(work, name, texts, **options):
    options = {"vocab_size": 900, "hard_vocab_limit": False, "minloglevel": 2, "num_threads": 1, "character_coverage": 0.999, **options}
    source = work / "corpus.txt"
    source.write_text("\n".join(texts), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(input=str(source), model_prefix=str(work / "spm"), **options)
    shutil.copy(work / "spm.model", OUT / name)
    return OUT / name


def pieces(path):
    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [model.id_to_piece(i) for i in range(model.get_piece_size())]


def write(kind, tokenizer, files, source=None, target=None, family=None, before="", keep=()):
    """Saves the small files of a tokenizer and what it makes of the texts. `before` is put before each text."""
    folder = OUT / kind
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as saved:
        tokenizer.save_pretrained(saved)
        folder.mkdir(parents=True)
        for name in ["tokenizer_config.json", "special_tokens_map.json", *keep]:
            if (pathlib.Path(saved) / name).exists():
                shutil.copy(pathlib.Path(saved) / name, folder / name)
    encode = lambda text: tokenizer(before + text, truncation=False).input_ids
    cases = [{"text": text, "ids": encode(text)} for text in DIFFICULT]
    for case in cases[: len(PLAIN)]:
        # Tags of M2M100 and Marian are no special tokens to transformers.
        ids = case["ids"][1:] if kind in ("m2m100", "marian-multi") else case["ids"]
        case["decoded"] = tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
    expected = {"family": family or kind, "source": source, "target": target, "files": files, "cases": cases}
    if target and hasattr(tokenizer, "lang_code_to_id") or kind.startswith("nllb"):
        tag = {"m2m100": f"__{target}__"}.get(kind, {"mbart50": "ru_RU"}.get(kind, "rus_Cyrl"))
        expected["first"] = tokenizer.convert_tokens_to_ids(tag)
    if "tokenizer.json" in keep:
        small = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        (folder / "tokenizer.json").write_text(json.dumps(small, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        (folder / "tokenizer_config.json").unlink()
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=True, indent=0) + "\n")
    print(kind, len(cases))


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    texts = articles()[:6000]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        unigram = spm(work, "unigram.model", texts, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
        spm(work, "bytes.model", texts, model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1, byte_fallback=True,
            vocab_size=1200, normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["--", "KUNA", "▁▁"])
        bpe = spm(work, "bpe.model", texts, model_type="bpe", vocab_size=1000)
        source = spm(work, "source.spm", texts[::2], model_type="unigram", vocab_size=700, normalization_rule_name="nfkc")
        spm(work, "target.spm", texts[1::2], model_type="unigram", vocab_size=700, normalization_rule_name="identity")

        T5 = transformers.T5Tokenizer
        write("t5", T5(str(unigram), extra_ids=0, legacy=True), {"spiece.model": "unigram.model"}, family="mt5")
        write("t5-bytes", T5(str(OUT / "bytes.model"), extra_ids=0, legacy=True), {"spiece.model": "bytes.model"}, family="mt5")
        madlad = T5(str(unigram), extra_ids=0, legacy=True, additional_special_tokens=["<2en>", "<2ru>", "<2ar>", "<2tg>"])
        write("madlad", madlad, {"spiece.model": "unigram.model"}, "en", "ru", before="<2ru> ")
        write("pegasus", transformers.PegasusTokenizer(str(unigram)), {"spiece.model": "unigram.model"})
        mbart = transformers.MBart50Tokenizer(str(bpe), src_lang="en_XX", tgt_lang="ru_RU")
        write("mbart50", mbart, {"sentencepiece.bpe.model": "bpe.model"}, "en", "ru", family="mbart")
        nllb = transformers.NllbTokenizer(str(bpe), src_lang="eng_Latn", tgt_lang="rus_Cyrl")
        write("nllb", nllb, {"sentencepiece.bpe.model": "bpe.model"}, "en", "ru")
        fast = transformers.NllbTokenizerFast(str(bpe), src_lang="eng_Latn", tgt_lang="rus_Cyrl")
        write("nllb-json", fast, {}, "en", "ru", family="nllb", keep=["tokenizer.json"])

        vocabulary = work / "vocab.json"
        tokens = ["<s>", "<pad>", "</s>", "<unk>"] + pieces(bpe)[3:]
        vocabulary.write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
        m2m = transformers.M2M100Tokenizer(str(vocabulary), str(bpe), src_lang="en", tgt_lang="ru")
        write("m2m100", m2m, {"sentencepiece.bpe.model": "bpe.model"}, "en", "ru", keep=["vocab.json"])

        both = dict.fromkeys(pieces(source)[3:] + pieces(OUT / "target.spm")[3:])
        for kind, tags in [("marian", []), ("marian-multi", [">>rus<<", ">>ara<<"])]:
            tokens = ["</s>", "<unk>", *tags, *both, "<pad>"]
            vocabulary.write_text(json.dumps({t: i for i, t in enumerate(tokens)}))
            marian = transformers.MarianTokenizer(str(source), str(OUT / "target.spm"), str(vocabulary), source_lang="eng", target_lang="rus")
            write(kind, marian, {"source.spm": "source.spm", "target.spm": "target.spm"}, "en", "ru",
                  before=">>rus<< " if tags else "", keep=["vocab.json"])

        byte_level = tokenizers.ByteLevelBPETokenizer()
        byte_level.train_from_iterator(texts, vocab_size=900, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], show_progress=False)
        byte_level.save_model(str(work))
        bart = transformers.BartTokenizer(str(work / "vocab.json"), str(work / "merges.txt"))
        write("bart", bart, {}, keep=["vocab.json", "merges.txt"])


main()
