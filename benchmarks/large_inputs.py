"""What 20,000 cases, 100,000 traces and 20,000 documents cost: seconds, peak memory and bytes, beside half of each.

    python -m benchmarks.large_inputs [--cases 20000] [--arms 5] [--documents 20000] [--only scores,page]

Every row is two processes of its own: one with half of the input, one with all of it. A ratio of 2.0 is linear; what
does not depend on the input (imports, the style of a page) pulls it towards 1. No model computes anything: runs are
made up (tests/make), embeddings are none.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from harness.process.cores import cores
from harness.process.processor import processor_name

WORDS = ("plan", "price", "storage", "limit", "refund", "invoice", "account", "device", "support", "region", "trial")
Measured = tuple[float, int]  # seconds of processor time, bytes that were made


def documents(count: int, folder: Path) -> Measured:
    """A corpus of small pages, read."""
    from harness.documents.corpus import load_documents

    write_pages(folder / "corpus", count)
    start = time.process_time()
    corpus = load_documents(folder / "corpus")
    assert len(corpus.documents) == count
    return time.process_time() - start, 0


def passages(count: int, folder: Path) -> Measured:
    """The same pages, cut into passages and indexed by words (BM25)."""
    from harness.documents.corpus import load_documents
    from harness.retrieval.chunk import chunk
    from harness.retrieval.sparse import SparseIndex
    from harness.scenario.settings import RetrievalSettings

    write_pages(folder / "corpus", count)
    corpus = load_documents(folder / "corpus")
    start = time.process_time()
    settings = RetrievalSettings()
    texts = [p.text for document in corpus.documents for p in chunk(document, settings, lambda text: len(text.split()))]
    SparseIndex.build(texts)
    return time.process_time() - start, 0


def cases(count: int, folder: Path) -> Measured:
    """A golden set, read and its evidence looked up in as many pages."""
    from harness.documents.corpus import load_documents
    from harness.golden.load import load_cases

    write_pages(folder / "corpus", count)
    corpus = load_documents(folder / "corpus")
    with (folder / "golden.jsonl").open("w", encoding="utf-8") as out:
        for i in range(count):
            evidence = [{"doc": f"page-{i:06d}.md", "quote": f"The limit of plan {i} is {i} GB."}]
            row = {"id": f"c{i}", "question": f"What is the limit of plan {i}?", "accept": [f"{i} GB"]}
            out.write(json.dumps({**row, "evidence": evidence}) + "\n")
    start = time.process_time()
    assert len(load_cases(folder / "golden.jsonl", corpus.documents)) == count
    return time.process_time() - start, 0


def write_pages(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        words = " ".join(WORDS[(i * 7 + j * (i % 13 + 1)) % len(WORDS)] for j in range(120))
        text = f"# Plan {i}\n\nThe limit of plan {i} is {i} GB.\n\n{words}.\n"
        (folder / f"page-{i:06d}.md").write_text(text, encoding="utf-8")


def scores(count: int, folder: Path) -> Measured:
    """The traces of a run, scored."""
    from tests import make

    script = make.drawn(replace(make.BUSY.world, n=count // ARMS))
    start = time.process_time()
    make.scores(script)
    return time.process_time() - start, 0


def figures(count: int, folder: Path) -> Measured:
    """Estimates, differences and gates of the scored traces."""
    from tests import make

    script = make.drawn(replace(make.BUSY.world, n=count // ARMS))
    start = time.process_time()
    make.figures(script)
    return time.process_time() - start, 0


def stored(count: int, folder: Path) -> Measured:
    """The run folder, written and read back."""
    from benchmarks.report_size import made_up
    from harness.record.files import StoredRun, load_run, save_run

    record, traces, rows, _ = made_up(count // ARMS, ARMS)
    record = replace(record, counts=replace(record.counts, traces=len(traces)))
    start = time.process_time()
    save_run(StoredRun(folder / "run", record, traces, rows))
    load_run(folder / "run")
    return time.process_time() - start, sum(file.stat().st_size for file in (folder / "run").iterdir())


def page(count: int, folder: Path) -> Measured:
    """The page of the run; seconds in a browser are printed by benchmarks.report_size."""
    from benchmarks.report_size import made_up
    from harness.report.page.render import render_html

    run = made_up(count // ARMS, ARMS)
    start = time.process_time()
    html = render_html(*run)
    return time.process_time() - start, len(html.encode())


ARMS = 5
ROWS: Mapping[str, tuple[str, Callable[[int, Path], Measured]]] = {
    "documents": ("documents", documents), "passages": ("documents", passages), "cases": ("cases", cases),
    "scores": ("traces", scores), "figures": ("traces", figures), "stored": ("traces", stored),
    "page": ("traces", page),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--arms", type=int, default=ARMS)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--only", default=",".join(ROWS), help="rows, separated by commas")
    parser.add_argument("--one", nargs=2, metavar=("ROW", "COUNT"), help="one measurement, as JSON")
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(one(options.one[0], int(options.one[1]))))
        return
    sizes = {"cases": options.cases, "documents": options.documents, "traces": options.cases * options.arms}
    print(f"{cores()} cores, {processor_name()}; CPU seconds, peak MiB, MB made\n")
    print("| what | input | half: s | all: s | ratio | half: MiB | all: MiB | ratio | all: MB | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in options.only.split(","):
        size = sizes[ROWS[name][0]]
        print(row(name, size, measured(name, size // 2), measured(name, size)), flush=True)


def row(name: str, size: int, half: Mapping[str, float], whole: Mapping[str, float]) -> str:
    ratios = {key: f"{whole[key] / half[key]:.1f}" if half[key] else "-" for key in half}
    made = f"{whole['bytes'] / 1e6:.1f} | {ratios['bytes']}" if whole["bytes"] else "- | -"
    return (
        f"| {name} | {size:,} {ROWS[name][0]} | {half['seconds']:.1f} | {whole['seconds']:.1f} | {ratios['seconds']} | "
        f"{half['peak']:.0f} | {whole['peak']:.0f} | {ratios['peak']} | {made} |"
    )


def measured(name: str, count: int) -> dict[str, float]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.large_inputs", "--one", name, str(count)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return result


def one(name: str, count: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        seconds, made = ROWS[name][1](count, Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "bytes": made}


if __name__ == "__main__":
    main()
