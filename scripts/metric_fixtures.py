"""Writes tests/metrics/expected.json: texts in four languages and what sacreBLEU and rouge-score say of them.

The texts are difficult ones written here, and sentences of the project's own articles, spoilt in a reproducible way to
serve as hypotheses.

usage: metric_fixtures.py    (needs sacrebleu 2.6, rouge-score 0.1.2 with nltk 3.9 or later, numpy)
"""

import json
import pathlib
import random
import re

import nltk
import rouge_score
import sacrebleu
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF, TER
from sacrebleu.significance import PairedTest

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "tests" / "metrics" / "expected.json"
CORPUS = ROOT / "training" / "corpus" / "authored"

# Hypothesis, first reference, second reference.
DIFFICULT = {
    "en": [
        ("", "The dam holds.", "The reservoir is safe."),
        ("The bridge is open.", "", "The bridge has been opened."),
        ("", "", ""),
        ("yes", "Yes.", "Indeed"),
        ("It's 1,234.5 tonnes, no more; 3.5% less than in 2,019.", "It is 1,234.50 tonnes - no more: 3,5 % less than 2019.", "No more than 1234.5 tonnes, down 3.5%."),
        ("\"Wait,\" she said--\"we can't!\" (again) [sic] {x} <y> a/b c\\d e_f", "“Wait”, she said – “we cannot” (again)... [sic] {x} <y> a/b", "'Wait', she said: we can't (again)!"),
        ("AT&amp;T &quot;grew&quot; 5&lt;6 &gt; 4 &amp;lt; <skipped> end-", "AT&T \"grew\" 5<6 > 4 &lt; end", "AT&T grew."),
        ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"),
        ("on Monday the council of ministers in the capital approved the plan for the canal", "the council of ministers approved the plan for the canal in the capital on Monday", "the plan for the canal was approved on Monday by the council of ministers in the capital"),
        ("A\tB\u00a0C\u2003D\u200bE  F \u001cG\u0085H \u2028I", "A B C D E F G H I", "ABC DEF GHI"),
        ("10-12 5-year 2024-11-04 10:30-11:45 -5 −5 1/2 ½ ² №7 §3 €5 $5 50° ±2", "10–12 five-year 4.11.2024 10.30–11.45 -5 1/2 No.7 §3 €5 US$5 50 °C ± 2", "10 12 5 year"),
        ("http://example.org/a?b=c&d=e#f mail@example.org @name #tag 😀👍🏽", "https://example.org/a?b=c mail@example.org name tag 😀 👍🏽", "example.org"),
        ("…... !? ?! ... ,,, ;;; --- ''' \"\"\" (( )) .5 5. ,5 5,", ". . . ! ? , ; - ' \" ( ) 0.5 5.0", "... !? , ; --"),
        ("The ministers' meetings, skies and dying cities were relationally organized; digitizers agreed happily.", "A minister's meeting: the sky, a dead city, relations and organisation. The digitizer agrees, happy.", "Meetings of ministers were organised."),
        ("café naïve Müller Straße İstanbul ΣΑΣ ﬁnal", "Cafe naive Mueller STRASSE istanbul σας final", "café NAÏVE müller strasse"),
    ],
    "ru": [
        ("", "Плотина держится.", "Водохранилище в безопасности."),
        ("Мост открыт.", "", "Мост открыли для движения."),
        ("«Подождите», – сказала она: «мы не можем!» (снова) [так]", "— Подождите, — сказала она, — мы не можем… (снова)", "\"Подождите\", сказала она."),
        ("Рост составил 3,5% — до 1 234,5 тыс. т; № 7, 10–12 ноября 2024 г.", "Рост составил 3,5 %, до 1234,5 тысячи тонн; №7, 10-12 ноября 2024 года.", "Прирост: 3.5%."),
        ("в понедельник совет министров в столице утвердил план канала", "совет министров утвердил план канала в столице в понедельник", "план канала утверждён советом министров в понедельник"),
        ("Ёлка, еще ежи; й и\u0306 ЩУКА", "Елка, ещё ежи; й й щука", "ёлка"),
        ("да", "Да.", "да!"),
    ],
    "ar": [
        ("", "السد صامد.", "الخزان آمن."),
        ("الجسر مفتوح.", "", "فُتح الجسر أمام الحركة."),
        ("قالت: «انتظروا، لا نستطيع!» (مرة أخرى)؛ هل هذا صحيح؟", "\"انتظروا\"، قالت، \"لا نستطيع\"... أهذا صحيح؟", "قالت انتظروا."),
        ("بلغ النمو ٣٫٥٪ أي ١٬٢٣٤٫٥ طن، و3.5% في 2024-11-04", "بلغ النمو 3.5% أي 1,234.5 طن، و٣٫٥٪ في ٤ نوفمبر ٢٠٢٤", "النمو 3.5 في المئة"),
        ("وَافَقَ مجلسُ الوزراءِ علـــى خطة القناة يوم الاثنين في العاصمة", "وافق مجلس الوزراء في العاصمة يوم الاثنين على خطة القناة", "أُقرت خطة القناة يوم الاثنين"),
        ("نعم", "نعم.", "أجل"),
        ("ﷲ ﻻ لا ي ى ی ك ک", "الله لا لا ي ي ي ك ك", "الله"),
    ],
    "tg": [
        ("", "Сарбанд устувор аст.", "Обанбор бехатар аст."),
        ("Пул кушода аст.", "", "Пул барои ҳаракат кушода шуд."),
        ("«Истед, — гуфт ӯ, — мо наметавонем!» (боз)", "Вай гуфт: «Истед, мо наметавонем»… (боз)", "\"Истед\" гуфт ӯ."),
        ("Афзоиш 3,5 фоиз – то 1 234,5 тонна; №7, 10–12 ноябри соли 2024", "Афзоиш 3,5%, то 1234,5 тонна; № 7, 10-12 ноябри 2024", "Рушд: 3.5%."),
        ("рӯзи душанбе дар пойтахт шӯрои вазирон нақшаи каналро тасдиқ кард", "шӯрои вазирон рӯзи душанбе нақшаи каналро дар пойтахт тасдиқ намуд", "нақшаи канал рӯзи душанбе тасдиқ шуд"),
        ("ғ қ ӣ ӯ ҳ ҷ Ғ Қ Ӣ Ӯ Ҳ Ҷ тоҷикӣ и\u0304", "Ғ Қ Ӣ Ӯ Ҳ Ҷ ғ қ ӣ ӯ ҳ ҷ тоҷики ӣ", "ҷ"),
        ("ҳа", "Ҳа.", "бале"),
    ],
}


def spoil(text, rng, strength):
    """Drops, doubles, replaces and moves words."""
    words = text.split()
    out = []
    for word in words:
        chance = rng.random()
        if chance < strength * 0.4:
            continue
        if chance < strength * 0.6:
            out.append(rng.choice(words))
        elif chance < strength * 0.8:
            out.append(word[: max(1, len(word) - 2)])
        elif chance < strength:
            out.extend([word, word])
        else:
            out.append(word)
    if len(out) > 4 and rng.random() < 0.7:
        start = rng.randrange(len(out) - 2)
        length = rng.randint(1, 4)
        phrase, rest = out[start : start + length], out[:start] + out[start + length :]
        place = rng.randrange(len(rest) + 1)
        out = rest[:place] + phrase + rest[place:]
    return " ".join(out)


def articles():
    for path in sorted(CORPUS.glob("articles_*.jsonl")):
        yield json.loads(path.read_text(encoding="utf-8").splitlines()[6])


def cases():
    """Texts of each language; `other` is a second system, for paired tests."""
    sample = list(articles())
    for language, difficult in DIFFICULT.items():
        rng = random.Random(f"khulosa {language}")
        rows = [(hypothesis, first, second, first) for hypothesis, first, second in difficult]
        for article in sample:
            for sentence in article["sentences"][:2]:
                text = sentence[language]
                rows.append((spoil(text, rng, 0.3), text, spoil(text, rng, 0.15), spoil(text, rng, 0.4)))
        yield language, [list(column) for column in zip(*rows)]
    # Summaries, one sentence a line, for ROUGE-Lsum; and long texts for TER's limits.
    for language in DIFFICULT:
        rng = random.Random(f"summary {language}")
        rows = []
        for article in sample[:10]:
            first = "\n".join(sentence[language] for sentence in article["summary"])
            second = "\n".join(sentence[language] for sentence in article["sentences"][:3])
            lines = [spoil(line, rng, 0.3) for line in first.split("\n")]
            rng.shuffle(lines)
            rows.append(("\n".join(lines), first, second, spoil(second, rng, 0.3)))
        rows.append(("one\n\ntwo", "\n", "two\none", "two"))
        everything = " ".join(sentence[language] for sentence in sample[0]["sentences"])
        rows.append((spoil(everything, rng, 0.5), everything, everything[:200], everything[:400]))
        yield f"summary-{language}", [list(column) for column in zip(*rows)]


def scored(metric, name, options, hypotheses, references, effective=None):
    per_sentence = effective or metric
    return {
        "metric": name,
        "options": options,
        "references": len(references),
        "score": metric.corpus_score(hypotheses, references).score,
        "signature": metric.get_signature().format(),
        "sentence": [
            round(per_sentence.sentence_score(hypothesis, list(texts)).score, 4)
            for hypothesis, *texts in zip(hypotheses, *references)
        ],
    }


def sacrebleu_scores(hypotheses, references):
    for tokeniser in ["13a", "intl", "char", "none"]:
        for lowercase in [False, True]:
            options = {"tokeniser": tokeniser, "lowercase": lowercase}
            arguments = {"tokenize": tokeniser, "lowercase": lowercase}
            yield scored(BLEU(**arguments), "bleu", options, hypotheses, references, BLEU(**arguments, effective_order=True))
    for smoothing, method, value in [
        ("none", "none", None), ("floor", "floor", None), ("floor=0.01", "floor", 0.01), ("add-k", "add-k", None), ("add-k=0.5", "add-k", 0.5),
    ]:
        arguments = {"smooth_method": method, "smooth_value": value}
        yield scored(BLEU(**arguments), "bleu", {"smoothing": smoothing}, hypotheses, references, BLEU(**arguments, effective_order=True))
    for order, name in enumerate(["chrf", "chrf+", "chrf++"]):
        for lowercase in [False, True]:
            yield scored(CHRF(word_order=order, lowercase=lowercase), name, {"lowercase": lowercase}, hypotheses, references)
    for options in [{}, {"normalised": True}, {"no_punctuation": True, "case_sensitive": True}, {"normalised": True, "no_punctuation": True}]:
        metric = TER(
            normalized=options.get("normalised", False),
            no_punct=options.get("no_punctuation", False),
            case_sensitive=options.get("case_sensitive", False),
        )
        yield scored(metric, "ter", options, hypotheses, references)


def rouge_scores(hypotheses, references):
    names = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
    for stemming in [False, True]:
        scorer = rouge_scorer.RougeScorer(names, use_stemmer=stemming)
        found = [scorer.score_multi(list(texts), hypothesis) for hypothesis, *texts in zip(hypotheses, *references)]
        for name in names:
            parts = {
                part: 100 * sum(getattr(one[name], part) for one in found) / len(found) for part in ["precision", "recall", "fmeasure"]
            }
            yield {
                "metric": name,
                "options": {"stemming": stemming},
                "references": len(references),
                "score": parts["fmeasure"],
                "precision": parts["precision"],
                "recall": parts["recall"],
                "sentence": [round(100 * one[name].fmeasure, 4) for one in found],
            }


def paired(hypotheses, other, references):
    """sacreBLEU's tests with its own seed, 12345."""
    for test, trials in [("bs", 1000), ("ar", 2000)]:
        metrics = {"bleu": BLEU(references=references), "chrf++": CHRF(word_order=2, references=references), "ter": TER(references=references)}
        _, found = PairedTest(
            [("baseline", hypotheses), ("system", other)], metrics, references=None, test_type=test, n_samples=trials
        )()
        for name, results in found.items():
            if name != "System":
                baseline, system = results
                yield {
                    "metric": next(key for key in metrics if name.lower().startswith(key[:3])),
                    "test": test,
                    "trials": trials,
                    "baseline": baseline.score,
                    "system": system.score,
                    "p_value": system.p_value,
                    "mean": system.mean,
                    "half_width": system.ci,
                }


def stems():
    words = set()
    for path in sorted(CORPUS.glob("*.jsonl")):
        for text in re.findall(r'"en":"([^"]*)"', path.read_text(encoding="utf-8")):
            words.update(re.findall(r"[a-z0-9]{4,}", text.lower()))
    chosen = sorted(words)[::6] + (
        "skies dying lying tying news innings outings cannings howe proceed exceed succeed dies died spied cries feed agreed bled sing "
        "sized hopping falling hissing fizzed failing filing happy enjoy spying yyyy syzygy relational conditional valenci hesitanci "
        "digitizer conformably radically differently vilely analogously vietnamization predication operator feudalism decisiveness "
        "hopefulness callousness formality sensitivity sensibility geology theology archaeology hopefully triplicate formative formalize "
        "electricity electrical goodness revival allowance inference airliner gyroscopic adjustable defensible irritant replacement "
        "adjustment dependent adoption homologou communism activate angularity homologous effective bowdlerize probate rate cease "
        "controll roll eeed inging used owed ally alli generally abed axed boxing oxen eyed 2000s 1st 3500"
    ).split()
    stemmer = PorterStemmer()
    return {word: stemmer.stem(word) for word in chosen}


def main():
    made = []
    for name, (hypotheses, first, second, other) in cases():
        expected = list(sacrebleu_scores(hypotheses, [first, second])) + list(rouge_scores(hypotheses, [first, second]))
        expected += [one for one in sacrebleu_scores(hypotheses, [first]) if one["options"] in ({}, {"lowercase": False})]
        case = {"name": name, "hypotheses": hypotheses, "references": [first, second], "other": other, "expected": expected}
        if not name.startswith("summary"):
            case["paired"] = list(paired(hypotheses, other, [second]))
        made.append(case)
    made = {
        "made_with": {"sacrebleu": sacrebleu.__version__, "rouge_score": "0.1.2", "nltk": nltk.__version__},
        "cases": made,
        "stems": stems(),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(made, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
