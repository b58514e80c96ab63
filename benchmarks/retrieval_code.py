"""Code cut along its symbols or like any text: which finds a function by what its docstring said of it?

    python -m benchmarks.retrieval_code [FOLDER]

The corpus is this repository's own package (or any folder of Python files). A question is the first line of a
docstring; every docstring of a function or class is taken out of the code, so that names, signatures and bodies must
answer. A passage counts as found where it holds the line that defines the function. Prints one JSON object.
"""

from __future__ import annotations

import ast
import json
import random
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from harness.metrics.retrieval import per_case
from harness.retrieval.pipeline import HybridRetriever, open_index
from harness.scenario.settings import RetrievalSettings
from harness.stats import mean, paired
from harness.types import Case, Evidence

BUILD = Path("build/benchmarks/retrieval")
QUESTIONS = 1000
LEAST_WORDS = 5  # of a docstring's first line that is a question
DEPTH = 10
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def documented(tree: ast.Module) -> Iterator[tuple[Documented, ast.Expr]]:
    """Functions and classes with the statement that is their docstring."""
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node) and isinstance(node.body[0], ast.Expr):
            yield node, node.body[0]


def stripped(source: str) -> tuple[str, list[tuple[str, str]]]:
    """(the code without those docstrings, (first line of a docstring, the line that defines what it is of))."""
    lines, asked = source.split("\n"), list[tuple[str, str]]()
    often = Counter(line.strip() for line in lines)
    gone: dict[int, str] = {}
    for node, docstring in documented(ast.parse(source)):
        first = (ast.get_docstring(node) or "").split("\n")[0]
        defined = lines[node.lineno - 1].strip()
        gone |= dict.fromkeys(range(docstring.lineno - 1, docstring.end_lineno or docstring.lineno), "")
        if len(node.body) == 1:
            gone[docstring.lineno - 1] = " " * docstring.col_offset + "..."
        if often[defined] == 1 and len(first.split()) >= LEAST_WORDS:
            asked.append((first, defined))
    kept = [gone.get(number, line) for number, line in enumerate(lines) if gone.get(number) != ""]
    return "\n".join(kept), asked


def prepared(package: Path, corpus: Path) -> list[Case]:
    """Write the stripped code to `corpus`; returns the questions, drawn by seed."""
    shutil.rmtree(corpus, ignore_errors=True)
    cases = []
    for file in sorted(package.rglob("*.py")):
        code, asked = stripped(file.read_text(encoding="utf-8"))
        name = file.relative_to(package.parent).as_posix()
        target = corpus / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(code, encoding="utf-8")
        for question, line in asked:
            cases.append(Case(f"{name}:{line}", question, evidence=(Evidence(doc=name, quote=line),)))
    cases = [case for case, times in ((c, Counter(x.question for x in cases)[c.question]) for c in cases) if times == 1]
    return random.Random(7).sample(cases, min(QUESTIONS, len(cases)))


def _told(done: int, total: int) -> None:
    print(f"embedded {done}/{total}", file=sys.stderr)


def measured(corpus: Path, cases: Sequence[Case]) -> dict[str, Any]:
    labels = [str(case.evidence[0].doc) for case in cases]
    values, rows = {}, {}
    for name in ("text", "symbols"):
        settings = replace(RetrievalSettings(), code=name)
        start = time.perf_counter()
        index = open_index(corpus, settings, "minilm", BUILD / f"code-{name}", _told)
        rows[name] = {"passages": len(index.entries), "seconds": round(time.perf_counter() - start, 1)}
        retriever = HybridRetriever(index, settings, depth=DEPTH, cache_seconds=0)
        ranked = [[h.passage for h in r.hits] for r in retriever.retrieve([case.question for case in cases])]
        values[name] = {
            "recall@1": per_case(cases, ranked, 1)["recall"],
            "recall@5": per_case(cases, ranked, 5)["recall"],
            "recall@10": per_case(cases, ranked, 10)["recall"],
            "mrr@10": per_case(cases, ranked, 10)["mrr"],
        }
        rows[name] |= {m: asdict(mean(v, labels, unit="fraction")) for m, v in values[name].items()}
    gain = {m: asdict(paired(values["symbols"][m], values["text"][m], labels, 7)) for m in values["text"]}
    return {"questions": len(cases), "files": len(set(labels)), **rows, "gain_points": gain}


if __name__ == "__main__":
    BUILD.mkdir(parents=True, exist_ok=True)
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("harness")
    corpus = BUILD / "code-corpus"
    print(json.dumps(measured(corpus, prepared(source, corpus)), indent=1))
