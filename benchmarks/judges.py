"""What a small judge makes of the questions of ragas and deepeval, end to end over a real server on this machine.

    python -m benchmarks.judges [MODEL] [ROWS] [TOKENS]    # default: smollm2, 6 rows of each kind, 256 a reply

Rows are statements about pages of the shipped wiki: one that its page supports, and the same with a number exchanged.
Each is judged by ragas' and deepeval's faithfulness; printed are the share of judgements that could not be had, by
kind, and what the values are worth where they could (a judge that tells right from wrong gives the first 1, the second
less). Needs the extras ragas and deepeval.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.serve import served
from harness.documents.corpus import load_documents
from harness.golden.load import load_examples
from harness.judges.judge import Judge, JudgedAnswer
from harness.judges.samples import JudgeSample
from harness.scenario.settings import JudgeSettings

ROOT = Path(__file__).resolve().parent.parent
METRICS = ("ragas_faithfulness", "deepeval_faithfulness")
NUMBER = re.compile(r"\b\d+\b")


def rows(count: int) -> list[tuple[bool, JudgeSample]]:
    """(whether its page supports it, sample): so many right ones, and each with a number exchanged."""
    folder = ROOT / "scenarios" / "wiki"
    pages = {document.id: document for document in load_documents(folder / "corpus").documents}
    found: list[tuple[bool, JudgeSample]] = []
    for i, example in enumerate(load_examples(folder / "train.jsonl")):
        text = example.output if isinstance(example.output, str) else str(example.output["answer"])
        page = pages.get(example.evidence[0].doc or "") if example.evidence else None
        own = [value for value in NUMBER.findall(text) if value not in example.user]
        if page is None or not own or len(found) >= 2 * count:
            continue
        wrong = text.replace(own[0], str(int(own[0]) + 7), 1)
        for right, answer in ((True, text), (False, wrong)):
            found.append((right, JudgeSample(f"{i} {right}", example.user, answer, (page.text[:600],), None, ())))
    return found


def main() -> None:
    model = sys.argv[1] if len(sys.argv) > 1 else "smollm2"
    limit = int(sys.argv[3]) if len(sys.argv) > 3 else 256
    samples = rows(int(sys.argv[2]) if len(sys.argv) > 2 else 6)
    with tempfile.TemporaryDirectory() as cache, served(model) as url:
        os.environ["HARNESS_CACHE"] = cache  # nothing from before, and nothing stays
        settings = JudgeSettings(
            model, url, metrics=METRICS, timeout=3600, retries=0, concurrency=1, max_tokens=limit
        )  # fmt: skip
        start, spent = time.perf_counter(), time.process_time()
        with Judge(settings, "benchmark", "minilm") as judge:
            judged = judge.judge([(name, sample) for name in METRICS for _, sample in samples], _progress)
        seconds, spent = time.perf_counter() - start, time.process_time() - spent
    print(f"{model}: {len(judged)} judgements in {seconds:.0f} s ({spent:.0f} s of processor time)")
    for name in METRICS:
        _print(
            [row for row in judged if row.metric == name], {sample.case: (right, sample) for right, sample in samples}
        )


def _progress(count: int) -> None:
    print(f"{count} judged", file=sys.stderr, flush=True)


def _print(judged: Sequence[JudgedAnswer], samples: dict[str, tuple[bool, JudgeSample]]) -> None:
    failures = Counter(failure for row in judged for failure in row.failures)
    failed = sum(failures.values())
    words = ", ".join(f"{kind} {count}" for kind, count in failures.most_common()) or "none"
    asked = sum(row.asked for row in judged)
    print(f"{judged[0].metric}: {failed} of {len(judged)} could not be had ({words}); {asked} questions asked")
    for right in (True, False):
        values = [row.values[0] for row in judged if row.values and samples[row.case][0] == right]
        mean = f"{sum(values) / len(values):.2f}" if values else "-"
        print(f"    {'supported' if right else 'one number exchanged'}: mean {mean} over {len(values)}")
    detail = next((row.detail for row in judged if row.detail), None)
    if detail:
        print(f"    the first that could not be read: {detail[:120]!r}")


if __name__ == "__main__":
    main()
