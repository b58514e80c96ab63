"""Golden passages in place of retrieved ones, for the arm `oracle`: what a generator reaches if retrieval never fails.

A case without evidence (an unanswerable one, a probe) has no golden passage and keeps what was retrieved for it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.drills.perturb import MOST_GOLD, gold_hits
from harness.retrieval.stored import load_retrieval, store_retrieval
from harness.run.inputs import Inputs
from harness.run.store import Stage, Store
from harness.types import Passage, Retrieval


@dataclass(frozen=True, slots=True)
class _Given:
    """Answers each question with what was laid down for it."""

    found: Mapping[str, Retrieval]

    def retrieve(self, questions: Sequence[str]) -> list[Retrieval]:
        return [self.found[question] for question in questions]


def store_gold(
    inputs: Inputs, store: Store, stage: Stage, passages: Sequence[Passage], retrieved: Path
) -> Mapping[str, Any]:
    """Write the golden passages of every question, in the retrieve stage's own format."""
    start = time.perf_counter()
    found = dict(load_retrieval(retrieved).retrievals)
    gold = {case.question: gold_hits(case, passages)[:MOST_GOLD] for case in inputs.cases}
    given = found | {question: Retrieval(hits, {}) for question, hits in gold.items() if hits}
    count = store_retrieval(store.folder(stage), _Given(given), inputs.questions)
    told = {"questions": count, "with_gold": sum(bool(hits) for hits in gold.values())}
    return store.finish(stage, time.perf_counter() - start, **told)
