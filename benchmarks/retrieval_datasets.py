"""Published retrieval sets -> scenario folders that `harness retrieval` measures.

python -m benchmarks.retrieval_datasets anthropic DATA/anthropic_docs_rag OUT
python -m benchmarks.retrieval_datasets cranfield DATA/cranfield OUT
python -m benchmarks.retrieval_datasets squad2 DATA/squad2 OUT
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def write_scenario(out: Path, title: str, passages: Iterable[Row], cases: Iterable[Row]) -> Path:
    """A scenario of a corpus of ready passages and a golden set, with every setting at its default."""
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "corpus.jsonl", passages)
    _write(out / "golden.jsonl", cases)
    (out / "scenario.yaml").write_text(
        f"title: {title}\ncorpus: corpus.jsonl\ngolden: golden.jsonl\n", encoding="utf-8"
    )
    return out


def _write(file: Path, rows: Iterable[Row]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def anthropic(data: Path, out: Path) -> Path:
    """Documentation sections with a link each; 100 questions with the links of the right sections.

    A link that stands twice in the corpus is one passage to whoever scores by link: its texts are joined.
    """
    sections: dict[str, dict[str, str]] = {}
    for row in json.loads((data / "anthropic_docs.json").read_text(encoding="utf-8")):
        known = sections.setdefault(row["chunk_link"], {"heading": row["chunk_heading"], "text": ""})
        if row["text"] not in known["text"]:
            known["text"] = f"{known['text']}\n\n{row['text']}".strip()
    questions = json.loads((data / "docs_evaluation_dataset.json").read_text(encoding="utf-8"))
    cases = [
        {
            "id": row["id"],
            "question": row["question"],
            "accept": [row["correct_answer"]],
            "evidence": list(dict.fromkeys(row["correct_chunks"])),
        }
        for row in questions
    ]
    return write_scenario(
        out, "Anthropic documentation questions", (_section(*item) for item in sections.items()), cases
    )


def _section(link: str, section: Mapping[str, str]) -> Row:
    page = link.split("#")[0]
    name = page.rsplit("/", 1)[-1].replace("-", " ")
    return {
        "id": link,
        "title": name,
        "source": page,
        "text": section["text"],
        "metadata": {"heading": section["heading"]},
    }


def cranfield(data: Path, out: Path) -> Path:
    """1,400 aerodynamics abstracts and 225 questions; a judgement above 0 is relevant (binary, as trec_eval counts)."""
    abstracts = (data / "cran.all.1400.xml").read_text(encoding="utf-8")
    passages = [
        {"id": number, "title": _line(title), "source": number, "text": _line(text) or _line(title) or "(no abstract)"}
        for number, title, text in re.findall(
            r"<doc>\s*<docno>(.*?)</docno>.*?<title>(.*?)</title>.*?<text>(.*?)</text>", abstracts, re.S
        )
    ]
    known = {row["id"] for row in passages}
    relevant: dict[str, list[str]] = {}
    for line in (data / "cranqrel.trec.txt").read_text(encoding="utf-8").splitlines():
        question, _, document, grade = line.split()
        if int(grade) > 0 and document in known:
            relevant.setdefault(question, []).append(document)
    asked = re.findall(r"<title>(.*?)</title>", (data / "cran.qry.xml").read_text(encoding="utf-8"), re.S)
    # the judgements count the questions from 1 in file order; the numbers written in the file have gaps
    cases = [
        {"id": f"q{number}", "question": _line(text), "evidence": relevant.get(str(number), [])}
        for number, text in enumerate(asked, start=1)
        if relevant.get(str(number))
    ]
    return write_scenario(out, "Cranfield", passages, cases)


def _line(text: str) -> str:
    return " ".join(text.split())


def squad2(data: Path, out: Path) -> Path:
    """Wikipedia paragraphs as passages; the answerable questions of the development set."""
    passages, cases = [], []
    for article in json.loads((data / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]:
        title = article["title"].replace("_", " ")
        for number, paragraph in enumerate(article["paragraphs"]):
            name = f"{article['title']}-{number}"
            passages.append({"id": name, "title": title, "source": article["title"], "text": paragraph["context"]})
            cases += [
                {
                    "id": row["id"],
                    "question": row["question"],
                    "accept": list(dict.fromkeys(a["text"] for a in row["answers"])),
                    "evidence": [name],
                }
                for row in paragraph["qas"]
                if not row["is_impossible"]
            ]
    return write_scenario(out, "SQuAD 2.0 development paragraphs", passages, cases)


DATASETS: Mapping[str, Callable[[Path, Path], Path]] = {
    "anthropic": anthropic,
    "cranfield": cranfield,
    "squad2": squad2,
}

if __name__ == "__main__":
    print(DATASETS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3])))
