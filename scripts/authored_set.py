"""Writes the held-out articles of the authored corpus as inputs and references for `khulosa compare`.

FOLDER/articles.jsonl has the articles, FOLDER/references.jsonl the translation of every title and sentence into the other
languages and the summaries written by hand. With several languages the versions of an article have one id, for
`khulosa compare --pivot`, and there are no summaries among the references: a summary in another language than the
article's counts as a translation.

usage: authored_set.py FOLDER [LANGUAGE…]    (of en, ru, ar and tg; en by default)
"""

import json
import pathlib
import sys

CORPUS = pathlib.Path(__file__).resolve().parent.parent / "training" / "corpus"


def main(folder, *languages):
    languages = languages or ("en",)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    held_out = set(json.loads((CORPUS / "split.json").read_text(encoding="utf-8"))["held_out"])
    articles, references = [], []
    for path in sorted((CORPUS / "authored").glob("articles_*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            if article["id"] not in held_out:
                continue
            for language in languages:
                text = " ".join(sentence[language] for sentence in article["sentences"])
                articles.append({"id": article["id"], "language": language, "title": article["title"][language], "text": text})
                if len(languages) == 1:
                    summary = [sentence[language] for sentence in article["summary"]]
                    references.append({"id": article["id"], "language": language, "reference": summary})
                for parts in [article["title"], *article["sentences"]]:
                    for other, reference in parts.items():
                        if other != language:
                            references.append({"id": article["id"], "language": other, "source": parts[language], "reference": reference})
    for name, lines in [("articles.jsonl", articles), ("references.jsonl", references)]:
        content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / name).write_text(content, encoding="utf-8")
    print(f"{len(articles)} articles, {len(references)} references in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:])
