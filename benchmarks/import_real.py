"""Real public data sets imported without hand work, by the product's own commands: what went in, and what came out.

python -m benchmarks.import_real [FOLDER] [--only SET ...]    (default: ../shared/data beside the checkout)

Golden sets by `golden import`, then each way out and back (`golden export` to ragas, deepeval and promptfoo, `golden
import` again); instruction data by `examples import`; a manual by reading it as a corpus (`run --dry-run`). Rows are
counted here a second time, by other readers, so that none is lost in silence. Exit 1 where a row is lost, a set is not
taken, or something does not come back as it was.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
TOOLS: Mapping[str, str] = {"ragas": "jsonl", "deepeval": "json", "promptfoo": "yaml"}  # format -> suffix of its file
KEPT = ("id", "question", "accept", "key_points", "kind", "category", "split", "source", "timestamp", "verified_by")
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a data set."""

    set: str
    file: str  # in the set's folder; a folder is imported whole
    format: str
    rows: Callable[[Path], int]  # how many there are, counted without the product


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the product made of a file, as the columns of the table."""

    recognised: str
    rows: int
    cases: int
    answers: str
    evidence: str
    said: str  # refused, not read, left out: the product's own words
    back: str  # what comes back the same, by tool
    right: bool


def _lines(path: Path) -> int:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return sum(bool(line.strip()) for line in text.split(b"\n"))


def _table(path: Path) -> int:
    """Records below the header, by Python's own reader."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(bool(row) for row in csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",")) - 1


def _squad(path: Path) -> int:
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return sum(len(paragraph["qas"]) for article in articles for paragraph in article["paragraphs"])


def _sections(path: Path) -> int:
    return len(json.loads(path.read_text(encoding="utf-8")))


GOLDEN: Sequence[Item] = (
    Item("squad2", "dev-v2.0.json", "squad", _squad),
    Item("insurance_tickets", "train.tsv", "csv", _table),
    Item("insurance_tickets", "test.tsv", "csv", _table),
    Item("nq_oracle", "nq-open-oracle.jsonl.gz", "jsonl", _lines),
    Item("banking77", "train.csv", "csv", _table),
    Item("banking77", "test.csv", "csv", _table),
    *(
        Item("finetunebench_people", f"{name}.csv", "csv", _table)
        for name in ("memorization", "rephrased", "secondary", "comparison", "responses_rephrased")
    ),
    Item("emanual_s10", "s10_50_questions.csv", "csv", _table),
)
EXAMPLES: Sequence[Item] = (Item("json_mode", "json_mode_dataset.jsonl", "chat", _lines),)
CORPORA: Sequence[Item] = (Item("emanual_s10", "s10_manual_corpus.json", "corpus", _sections),)
REFUSED: Sequence[Item] = (Item("squad2", "test-v2.0.json", "squad", _squad),)  # the hidden test: no answer in it


def harness(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """One command of the product."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE": str(home / "cache"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "harness", *map(str, arguments)]
    return subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, check=False)


def golden(item: Item, file: Path, home: Path) -> Outcome:
    """A golden set in, and out and back by every tool."""
    folder = home / "set"
    ran = harness(home, "golden", "import", item.format, file, folder, "--json")
    if ran.returncode != 0:
        return _refused(item, file, ran)
    facts = json.loads(ran.stdout)
    cases, count = read_rows(folder / "golden.jsonl"), item.rows(file)
    unlabelled = sum(not case.get("accept") and case.get("kind") != "unanswerable" for case in cases)
    answered = sum(bool(case.get("accept")) for case in cases)
    unanswerable = sum(case.get("kind") == "unanswerable" for case in cases)
    left_out = facts["rows"].get("left out", 0)
    back = {tool: _back(tool, suffix, folder, home) for tool, suffix in TOOLS.items()}
    lost = [f"{tool}: {why}" for tool, why in back.items() if why]
    return Outcome(
        recognised=facts["recognised"],
        rows=count,
        cases=len(cases),
        answers=_counts(answered=answered, unanswerable=unanswerable, unlabelled=unlabelled),
        evidence=f"{sum(bool(case.get('evidence')) for case in cases)} cases, {facts['passages']:,} passages",
        said=_said(facts["remarks"]),
        back="; ".join(lost) or f"equal: {', '.join(back)}",
        right=not lost and len(cases) + left_out == count,
    )  # fmt: skip


def _counts(**counts: int) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _said(remarks: Sequence[Row]) -> str:
    """Remarks but those of what was read, equal ones counted together."""
    rows: dict[str, int] = {}
    for remark in remarks:
        if remark["rule"] != "read":
            text = f"{remark['rule']}: {remark['message']}" if not remark["where"] else str(remark["rule"])
            rows[text] = rows.get(text, 0) + 1
    return "; ".join(f"{count} x {text}" if count > 1 else text for text, count in rows.items())


def _back(tool: str, suffix: str, folder: Path, home: Path) -> str:
    """What does not come back as it went out through a tool's format; empty where everything does."""
    out, again = home / f"out.{suffix}", home / f"again-{tool}"
    for arguments in (("export", tool, folder, out), ("import", tool, out, again)):
        ran = harness(home, "golden", *arguments)
        if ran.returncode != 0:
            return ran.stderr.strip().splitlines()[-1]
    before, after = comparable(folder), comparable(again)
    if len(before) != len(after):
        return f"{len(after)} of {len(before)} cases"
    unequal = [(one, other) for one, other in zip(before, after, strict=True) if one != other]
    if not unequal:
        return ""
    one, other = unequal[0]
    fields = [name for name in one if one[name] != other[name]]
    return f"{len(unequal)} cases differ, first {one['id']} in {', '.join(fields)}"


def comparable(folder: Path) -> list[Row]:
    """The cases of a folder, their evidence as the texts that it stands for."""
    corpus = folder / "corpus.jsonl"
    texts = {row["id"]: row["text"] for row in read_rows(corpus)} if corpus.is_file() else {}
    return [
        {**{name: case.get(name) for name in KEPT}, "evidence": [texts.get(item) for item in case.get("evidence", [])]}
        for case in read_rows(folder / "golden.jsonl")
    ]


def examples(item: Item, file: Path, home: Path) -> Outcome:
    """Instruction data as tuning examples."""
    ran = harness(home, "examples", "import", item.format, file, home / "train.jsonl", "--json")
    if ran.returncode != 0:
        return _refused(item, file, ran)
    facts, rows = json.loads(ran.stdout), read_rows(home / "train.jsonl")
    answers, left_out = sum(bool(row["output"]) for row in rows), facts["counts"].get("left out", 0)
    return Outcome(
        recognised=facts["recognised"],
        rows=item.rows(file),
        cases=len(rows),
        answers=_counts(answered=answers),
        evidence="-",
        said=_said(facts["remarks"]),
        back="-",
        right=answers == len(rows) and len(rows) + left_out == item.rows(file),
    )


def corpus(item: Item, file: Path, home: Path) -> Outcome:
    """A file read as a corpus, by a plan of a run: nothing is embedded."""
    folder = home / "manual"
    (folder / "corpus").mkdir(parents=True)
    (folder / "corpus" / file.name).write_bytes(file.read_bytes())
    case = {"id": "a", "question": "What is it?", "accept": ["a manual"], "source": file.name}
    (folder / "golden.jsonl").write_text(json.dumps(case) + "\n", encoding="utf-8")
    settings = "title: A manual\ncorpus: corpus/\ngolden: golden.jsonl\narms: [rag]\ncandidate: rag\n"
    (folder / "scenario.yaml").write_text(settings, encoding="utf-8")
    ran = harness(home, "run", folder, "--dry-run", "--json")
    if ran.returncode != 0:
        return _refused(item, file, ran)
    facts = json.loads(ran.stdout)
    size = next(stage["size"] for stage in facts["stages"] if stage["name"] == "index")
    documents, skipped = int(size.split()[0]), facts["skipped"]
    said = [f"skipped {row['file']}: {row['reason']}" for row in skipped]
    said += [f"{row['file']}: {row['remark']}" for row in facts["remarks"]]
    whole = documents + len(skipped) >= item.rows(file)
    return Outcome("a corpus", item.rows(file), documents, "-", "-", "; ".join(said), "-", whole)


def refusal(item: Item, file: Path, home: Path) -> Outcome:
    """A file that must be refused in one line."""
    ran = harness(home, "golden", "import", item.format, file, home / "set", "--json")
    outcome = _refused(item, file, ran)
    one_line = ran.returncode == 2 and len(ran.stderr.strip().splitlines()) == 1
    return Outcome("refused, rightly", outcome.rows, 0, "-", "-", outcome.said, "-", one_line)


def _refused(item: Item, file: Path, ran: subprocess.CompletedProcess[str]) -> Outcome:
    lines = (ran.stderr.strip() or ran.stdout.strip()).splitlines() or ["nothing said"]
    said = lines[-1].replace(f"{file.parent}/", "")
    return Outcome("refused", item.rows(file), 0, "-", "-", f"exit {ran.returncode}: {said}", "-", right=False)


def read_rows(path: Path) -> list[Row]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


WORK: Sequence[tuple[Sequence[Item], Callable[[Item, Path, Path], Outcome]]] = (
    (GOLDEN, golden), (EXAMPLES, examples), (CORPORA, corpus), (REFUSED, refusal),
)  # fmt: skip


def imported(data: Path, only: Sequence[str] = ()) -> Iterator[tuple[Item, Outcome | None]]:
    """Every file with what the product made of it; None where it is not here."""
    for items, make in WORK:
        for item in items:
            file = data / item.set / item.file
            if only and item.set not in only:
                continue
            with tempfile.TemporaryDirectory(prefix="import-real-") as home:
                yield item, make(item, file, Path(home)) if file.exists() else None


COLUMNS = ("set", "recognised", "rows in", "cases out", "answers", "evidence", "round trip", "said", "")


def main() -> int:
    """Print the table as Markdown; 1 where a row is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DATA)
    parser.add_argument("--only", nargs="*", default=[])
    wanted = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}", flush=True)
    wrong = 0
    for item, row in imported(wanted.folder.resolve(), wanted.only):
        cells = ["not here", *[""] * 6]
        if row is not None:
            cells = [row.recognised, f"{row.rows:,}", f"{row.cases:,}", row.answers, row.evidence, row.back, row.said]
        verdict = "" if row is None else "right" if row.right else "WRONG"
        wrong += verdict == "WRONG"
        print("| " + " | ".join(c.replace("|", "\\|") for c in (f"{item.set}/{item.file}", *cells, verdict)) + " |")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
