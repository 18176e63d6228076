#!/usr/bin/env python3
"""Checks authored corpus files: `check.py [FILE…]`, by default every file of authored/. Exit code 1 if anything is wrong.

Looked for: broken JSON, a missing language, text in a wrong script, Tajik letters in Russian and Russian-only letters in
Tajik, numbers that differ between English and Tajik, English texts given twice in one file, articles too short.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

LANGUAGES = ("en", "ru", "ar", "tg")
ARTICLE_SENTENCES = 6
CYRILLIC, ARABIC = re.compile(r"[\u0400-\u04ff]"), re.compile(r"[\u0600-\u06ff]")
TAJIK_ONLY, RUSSIAN_ONLY = re.compile("[ғӣқӯҳҷҒӢҚӮҲҶ]"), re.compile("[ыщЫЩ]|ць")
TO_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def numbers(text):
    return Counter(re.findall(r"\d+", text.translate(TO_WESTERN)))


def faults_of_text(text):
    """What is wrong with one four-way text, as a list of sentences."""
    if not isinstance(text, dict):
        return ["not an object"]
    missing = [l for l in LANGUAGES if not isinstance(text.get(l), str) or not text[l].strip()]
    if missing:
        return [f"no text in {', '.join(missing)}"]
    rules = (
        ("English holds another script", CYRILLIC.search(text["en"]) or ARABIC.search(text["en"])),
        ("Russian is not Cyrillic", not CYRILLIC.search(text["ru"])),
        ("Russian holds Tajik letters", TAJIK_ONLY.search(text["ru"])),
        ("Arabic is not in Arabic script", not ARABIC.search(text["ar"]) or CYRILLIC.search(text["ar"])),
        ("Tajik is not Cyrillic", not CYRILLIC.search(text["tg"])),
        ("Tajik holds Russian-only letters", RUSSIAN_ONLY.search(text["tg"])),
        ("numbers differ between English and Tajik", numbers(text["en"]) != numbers(text["tg"])),
    )
    return [what for what, wrong in rules if wrong]


def texts_of_line(entry, faults):
    if "sentences" not in entry:
        return [entry]
    if len(entry["sentences"]) < ARTICLE_SENTENCES:
        faults.append(f"fewer than {ARTICLE_SENTENCES} sentences")
    if not 1 <= len(entry.get("summary", [])) <= 3:
        faults.append("a summary has one to three sentences")
    return [entry.get("title"), *entry["sentences"], *entry.get("summary", [])]


def check(path):
    """Prints the faults of one file and a line of totals; returns the number of faults."""
    seen, totals, wrong = set(), Counter(), 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        faults = []
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            faults, entry = [f"broken JSON: {error}"], None
        texts = texts_of_line(entry, faults) if entry is not None else []
        totals["articles"] += entry is not None and "sentences" in entry
        for text in texts:
            found = faults_of_text(text)
            english = text.get("en", "") if isinstance(text, dict) else ""
            if english.lower() in seen:
                found.append("English text given twice")
            seen.add(english.lower())
            totals["texts"] += 1
            totals["English words"] += len(english.split())
            faults += [f"{fault}: {english[:60]}" for fault in found]
        for fault in faults:
            print(f"{path}:{number}: {fault}")
        wrong += len(faults)
    print(f"{path.name}: " + ", ".join(f"{count} {name}" for name, count in totals.items()) + f", {wrong} faults")
    return wrong


if __name__ == "__main__":
    files = [Path(a) for a in sys.argv[1:]] or sorted((Path(__file__).parent / "authored").glob("*.jsonl"))
    sys.exit(any([check(path) for path in files]))
