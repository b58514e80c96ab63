"""Situations that people reported, one folder each, run by the product's own commands: right or wrong, one line a case.

python -m benchmarks.cases [FOLDER] [--only SLUG ...]    (default: ../shared/cases beside the checkout; skipped without)

A case is a folder with a scenario, or with a file to import; what is right stands in its README and, for scored
answers, in `expected.json`. Answers come from the folder's own `stub.py`, a loopback server. Exit 1 where one is wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT.parent / "shared" / "cases"
SECONDS = 900
OWN_URL = "http://127.0.0.1:9911/v1"  # the address that the scenarios name

Row = dict[str, Any]
Check = Callable[["Desk"], "str | None"]  # None where everything is right, else what came out


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The last line of the error, or of the output."""
        lines = [line for line in (self.err.strip() or self.out.strip()).splitlines() if line.strip()]
        return f"exit {self.code}: {lines[-1] if lines else 'nothing said'}"

    @property
    def is_refusal(self) -> bool:
        """Whether the input was refused in one line, without a traceback."""
        return self.code == 2 and "Traceback" not in self.err


@dataclass(frozen=True, slots=True)
class Desk:
    """A copy of one case's folder, where commands are tried."""

    folder: Path
    stub: Path

    def harness(self, *arguments: str) -> Ran:
        """One command of the product, in the folder above the copy."""
        home = self.folder.parent
        env = {**os.environ, "PYTHONPATH": str(ROOT), "HARNESS_CACHE": str(home / "cache"), "OMP_NUM_THREADS": "1",
               "HARNESS_REPORTS": str(home / "reports")}  # fmt: skip
        command = [sys.executable, "-m", "harness", *arguments]
        done = subprocess.run(command, cwd=home, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def checked(self) -> Ran:
        return self.harness("golden", "check", str(self.folder), "--no-pii")

    def imported(self, format: str, file: str) -> tuple[Ran, list[Row]]:
        """The rows of an imported golden set, and what was said; no rows where it was refused."""
        out = self.folder.parent / "imported"
        ran = self.harness("golden", "import", format, str(self.folder / file), str(out))
        golden = out / "golden.jsonl"
        lines = golden.read_text(encoding="utf-8").splitlines() if golden.is_file() else []
        return ran, [json.loads(line) for line in lines]

    @contextmanager
    def answering(self, answers: str) -> Iterator[None]:
        """A server that gives the canned answers, at an address of its own that the scenario then names."""
        port = _free_port()
        file = self.folder / "scenario.yaml"
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(OWN_URL, f"http://127.0.0.1:{port}/v1"), encoding="utf-8")
        server = subprocess.Popen([sys.executable, str(self.stub), str(port), str(self.folder / answers)])
        try:
            _await(port)
            yield
        finally:
            server.terminate()
            server.wait()
            file.write_text(text, encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"the stub does not answer on port {port}")


# --- scored answers --------------------------------------------------------------------------------------------


def scores_match(desk: Desk, *more: str) -> str | None:
    """A run against the canned answers: every value of expected.json, or unscored where a sentence was named before."""
    with desk.answering("answers.json"):
        ran = desk.harness("run", str(desk.folder), "--json", *more)
    return _compared(desk, ran)


def _compared(desk: Desk, ran: Ran) -> str | None:
    expected = json.loads((desk.folder / "expected.json").read_text(encoding="utf-8"))
    if "Traceback" in ran.err or not ran.out.lstrip().startswith("{"):
        return ran.said
    run = desk.folder.parent / json.loads(ran.out)["run"]
    lines = (run / "scores.jsonl").read_text(encoding="utf-8").splitlines()
    values = {(row["case_id"], f"{row['arm']}.{row['metric']}"): row.get("value") for row in map(json.loads, lines)}
    wrong = [
        f"{case} {name}: {values.get((case, name))}, right {right}"
        for case, rows in expected.items()
        for name, right in rows.items()
        if values.get((case, name)) != right
    ]
    return "; ".join(wrong) or None


def sentences_match(desk: Desk) -> str | None:
    """Right, or unscored and named beforehand."""
    named = "sentence" in desk.checked().out
    wrong = scores_match(desk)
    left = [part for part in (wrong or "").split("; ") if part and not (named and ": None, right 1" in part)]
    return "; ".join(left) or (None if named else "golden check does not say that references are sentences")


def model_replaced(desk: Desk) -> str | None:
    """Another model behind the same address: asked again on request, and the age of stored answers is said."""
    with desk.answering("answers.json"):
        desk.harness("run", str(desk.folder), "--json")
    shutil.copy(desk.folder / "answers-after.json", desk.folder / "answers.json")
    return scores_match(desk, "--fresh")


def schema_refused(desk: Desk) -> str | None:
    ran = desk.harness("run", str(desk.folder))
    return None if ran.is_refusal and "$ref" in ran.err else ran.said


# --- corpora and retrieval -------------------------------------------------------------------------------------


def recall(desk: Desk, k: int) -> float | str:
    """Recall at k, or what was said in its place."""
    ran = desk.harness("retrieval", str(desk.folder), "--k", str(k), "--json")
    if ran.code != 0:
        return ran.said
    mean: float = json.loads(ran.out)["k"][str(k)]["recall"]["mean"]
    return mean


def evidence_lost(ran: Ran) -> bool:
    """Whether `golden check` found evidence that stands nowhere."""
    return any(": evidence: " in line and ": note: " not in line for line in ran.out.splitlines())


def whole_recall(k: int) -> Check:
    """A check that no evidence is a finding (the language of a model may be one), and that everything is retrieved."""

    def check(desk: Desk) -> str | None:
        ran, value = desk.checked(), recall(desk, k)
        if ran.code not in (0, 2) or evidence_lost(ran):
            return ran.said
        return None if value == 1.0 else f"recall at {k}: {value}"

    return check


def sentences_whole(desk: Desk) -> str | None:
    """Every sentence of the long page stands whole in a passage."""
    ran = desk.harness("retrieval", str(desk.folder), "--k", "40", "--json", "--per-query")
    if ran.code != 0:
        return ran.said
    texts = [passage["text"] for passage in json.loads(ran.out)["per_query"][0]["retrieved"]]
    page = (desk.folder / "corpus" / "long.md").read_text(encoding="utf-8")
    sentences = [f"{part.strip()}。" for line in page.splitlines() if "。" in line for part in line.split("。")[:-1]]
    cut = [sentence for sentence in sentences if not any(sentence in text for text in texts)]
    return f"{len(cut)} of {len(sentences)} sentences cut in two" if cut else None


def form_is_read(desk: Desk) -> str | None:
    indexed, ran = desk.harness("index", str(desk.folder)), desk.checked()
    if "skipped fees.html" in indexed.out + indexed.err:
        return "skipped fees.html"
    return None if ran.code == 0 else ran.said


def encoding_is_named(desk: Desk) -> str | None:
    """The page is read and its evidence found, whatever else is a finding, or the check says why it is not read."""
    ran = desk.checked()
    said = ran.out + ran.err
    is_read = "ueberholung.txt: read as" in said and not evidence_lost(ran)
    return None if "Traceback" not in said and (is_read or "skipped ueberholung.txt" in said) else ran.said


# --- imports ---------------------------------------------------------------------------------------------------


def imports(format: str, file: str, right: Callable[[Sequence[Row]], bool], or_says: str | None = None) -> Check:
    """A check that the rows are right, or that the file is refused with a word of what is wrong."""

    def check(desk: Desk) -> str | None:
        ran, rows = desk.imported(format, file)
        if rows and right(rows):
            return None
        if or_says is not None and ran.is_refusal and or_says in ran.err:
            return None
        return ran.said if not rows else "; ".join(_shown(row) for row in rows)

    return check


def _shown(row: Row) -> str:
    return f"{row.get('kind', 'lookup')} {row.get('accept')} evidence {len(row.get('evidence', ()))}"


def accepts(*answers: str) -> Callable[[Sequence[Row]], bool]:
    """That each row accepts this one answer."""
    return lambda rows: [row.get("accept") for row in rows] == [[answer] for answer in answers]


def _unlabelled(row: Row) -> bool:
    return not row.get("accept") and row.get("kind") != "unanswerable"


def workbook_refused(desk: Desk) -> str | None:
    subprocess.run([sys.executable, str(desk.folder / "make.py"), str(desk.folder / "golden.csv")], check=True)
    ran, rows = desk.imported("csv", "golden.csv")
    return None if not rows and ran.is_refusal and "workbook" in ran.err else ran.said


def ids_usable(desk: Desk) -> str | None:
    ran, rows = desk.imported("jsonl", "golden.jsonl")
    if not rows:
        return None if ran.is_refusal else ran.said
    ids = {row["id"] for row in rows}
    checked = desk.harness("golden", "check", str(desk.folder.parent / "imported"), "--no-pii")
    return None if len(ids) == len(rows) and checked.code in (0, 2) else checked.said


# --- tuning data -----------------------------------------------------------------------------------------------


def examples_import(format: str) -> Check:
    """A check that the command names the importer, and that what it writes is read."""

    def check(desk: Desk) -> str | None:
        told = desk.checked()
        if not (told.is_refusal and f"examples import {format}" in told.err):
            return told.said
        out = desk.folder / "imported.jsonl"
        ran = desk.harness("examples", "import", format, str(desk.folder / "train.jsonl"), str(out))
        if ran.code != 0:
            return ran.said
        out.replace(desk.folder / "train.jsonl")
        again = desk.checked()
        return None if again.code == 0 else again.said

    return check


def window_is_named(desk: Desk) -> str | None:
    """The examples that do not fit are counted by the check and by the training."""
    checked, tuned = desk.checked(), desk.harness("tune", str(desk.folder))
    if "24 of 30" not in checked.out:
        return checked.said
    said = tuned.out + tuned.err
    return None if tuned.code == 0 and "24" in said else tuned.said


CHECKS: Mapping[str, Check] = {
    "autorag-qa": imports("jsonl", "qa.jsonl", lambda rows: accepts("3 days")(rows) and bool(rows[0].get("evidence")),
                          or_says="doc-1"),
    "chunk-zh-long": sentences_whole,
    "corpus-cp1252": encoding_is_named,
    "corpus-html-form": form_is_read,
    "csv-header-caps": imports("csv", "golden.csv", accepts("3 days")),
    "csv-is-xlsx": workbook_refused,
    "csv-list-cells": imports("csv", "golden.csv", lambda rows: [len(r["evidence"]) for r in rows] == [2, 1]),
    "csv-pipe-in-answer": imports("csv", "golden.csv", accepts("grep FAIL auth.log | wc -l", "-a")),
    "csv-promptfoo-expected": imports("csv", "tests.csv", accepts("3 days", "8 euros"), or_says="no answer"),
    "csv-semicolon": imports("csv", "golden.csv", accepts("3 Tage", "7,50 Euro"), or_says=";"),
    "deepeval-no-expected": imports("deepeval", "goldens.json",
                                    lambda rows: _unlabelled(rows[0]) and rows[1].get("accept") == ["8 euros"]),
    "form-bad-ref": schema_refused,
    "form-format-a": scores_match,
    "form-openai-wrapper": scores_match,
    "form-wrapped-a": scores_match,
    "ground-de": scores_match,
    "json-duplicate-ids": ids_usable,
    "json-nan-label": imports("jsonl", "rows.jsonl",
                              lambda rows: rows[0].get("accept") == ["3 days"] and _unlabelled(rows[1])),
    "quote-across-chunks": whole_recall(3),
    "quote-case-md-marks": whole_recall(2),
    "quote-smart-quotes": whole_recall(2),
    "ragas01-eval-rows": imports("ragas", "rows.jsonl", lambda rows: accepts("3 days", "8 euros")(rows)
                                 and not any(row.get("evidence") for row in rows)),
    "score-dates-a": scores_match,
    "score-lang-de": scores_match,
    "score-lang-hi": scores_match,
    "score-lang-ko": scores_match,
    "score-lang-zh": scores_match,
    "score-long-reference-a": sentences_match,
    "score-negation-a": scores_match,
    "score-numbers-a": scores_match,
    "score-refusals-a": scores_match,
    "score-short-a": scores_match,
    "score-think-a": scores_match,
    "server-content-filter": scores_match,
    "server-model-replaced": model_replaced,
    "sparse-zh": whole_recall(1),
    "squad-flat-hf": imports("jsonl", "train.jsonl", accepts("3 days")),
    "squad-no-title": imports("squad", "dev.json", accepts("3 days")),
    "tune-alpaca": examples_import("alpaca"),
    "tune-chatml": examples_import("chat"),
    "tune-longer-than-window": window_is_named,
    "tune-prompt-completion": examples_import("completion"),
}  # fmt: skip


def outcome(folder: Path, check: Check) -> str | None:
    """What came out of one case where it is wrong, else None; nothing is left behind."""
    with tempfile.TemporaryDirectory() as home:
        copy = Path(shutil.copytree(folder, Path(home) / folder.name))
        try:
            return check(Desk(copy, folder.parent / "stub.py"))
        except (subprocess.TimeoutExpired, TimeoutError, KeyError, ValueError) as error:
            return f"{type(error).__name__}: {error}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=CASES)
    parser.add_argument("--only", nargs="*", default=())
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"skipped: the reported situations are not here ({options.folder})")
        return 0
    wrong, folders = 0, sorted(path.parent for path in options.folder.glob("*/*") if path.is_file())
    for folder in dict.fromkeys(folders):
        if options.only and folder.name not in options.only:
            continue
        check = CHECKS.get(folder.name)
        came_out = "no check for it here" if check is None else outcome(folder, check)
        wrong += came_out is not None
        print(f"{'right' if came_out is None else 'WRONG'}  {folder.name:<26} {came_out or ''}".rstrip(), flush=True)
    print(f"{wrong} wrong" if wrong else "all right")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
