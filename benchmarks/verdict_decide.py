"""The verdict as a whole, not gate by gate: how often is a run GO that should not be?

    python -m benchmarks.verdict_decide [--draws 2000] [--seed 20] [--only GATE ...]

Every draw is a record with scores that goes through `decide`, as a run does. One gate's truth stands exactly on its
threshold, every other gate passes clearly; then four arms that are truly equal; then a hybrid that is truly 10 points
better than RAG-only. A run can be GO only where the gate in question passes, so `decide` is asked on those draws alone
where gates are taken one by one; where arms are equal or a gain is true it is asked on every draw.
Exits with 1 if GO comes more often than 2.5 % and Monte Carlo error allow.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.verdict_draws import P95, successes
from benchmarks.verdict_figures import CANDIDATE, CLEAR, with_estimate
from benchmarks.verdict_simulation import (
    CASES,
    Columns,
    DrawnRun,
    Edge,
    add_options,
    allowed,
    measured,
    numbered_edges,
    threshold_of,
)
from harness.record.sections import Figures
from harness.types import Estimate, Verdict
from harness.verdict.decide import decide
from harness.verdict.gates import GATES, judge

N = len(CASES)
HITS = {"baseline": 24, "rag": 36, "tune": 30, "hybrid": 118}  # of 120: every gain is clear
EXTRA = {"p95_ms": P95, "cost_ratio": 1.10, "task_success": 50}  # gates that are judged only where a scenario sets them


def clear_columns() -> dict[tuple[str, str], np.ndarray]:
    """Scores under which every gate that reads scores passes clearly."""
    columns = {(arm, "task_success"): (np.arange(N) < hits).astype(float) for arm, hits in HITS.items()}
    columns |= {(arm, "groundedness"): np.ones(N) for arm in ("rag", "hybrid")}
    columns |= {(arm, "hallucination"): np.zeros(N) for arm in ("rag", "hybrid")}
    return columns | {(arm, f"{kind}_tokens"): np.full(N, 100.0) for arm in HITS for kind in ("prompt", "completion")}


def judged(run: DrawnRun, figures: Figures, gates: Mapping[str, float]) -> Verdict:
    return decide(figures, run.scores, run.cases, gates, CANDIDATE, advised="both")


def with_edge(edge: Edge, drawn: DrawnRun | Columns | Estimate) -> Verdict:
    """The verdict of a run in which one gate is as drawn and the others pass clearly."""
    gates = {name: value for name, value in EXTRA.items() if name == edge.gate}
    clear = clear_columns()
    if isinstance(drawn, Estimate):
        return judged(DrawnRun(clear), with_estimate(edge.gate, drawn), gates)
    if isinstance(drawn, DrawnRun):
        return judged(DrawnRun({**clear, **drawn.columns}, drawn.cases), CLEAR, gates)
    return judged(DrawnRun({**clear, **drawn}), CLEAR, gates)


def false_go(draws: int, seed: int, only: Sequence[str] = ()) -> list[dict[str, Any]]:
    rows = {row.name: row for row in GATES}
    table = []
    for number, edge in numbered_edges(only):
        rng, row = np.random.default_rng([seed, number]), rows[edge.gate]
        threshold = threshold_of(edge, row)
        words: Counter[str] = Counter()
        for _ in range(draws):
            drawn = edge.draw(rng)
            passes = judge(row, threshold, measured(row, drawn)).status == "pass"
            words[with_edge(edge, drawn).word if passes else "not GO"] += 1
        table.append({"gate": edge.gate, "drawn": edge.drawn, "go": words["GO"] / draws})
        print(f"  {edge.gate:<20} {edge.drawn:<32} {words['GO'] / draws:6.2%}", flush=True)
    return table


def whole(draws: int, seed: int, rates: tuple[float, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """(share of each word, share of each arm to ship) where baseline, rag, tune and hybrid have these true rates."""
    rng = np.random.default_rng([seed, 98, *(int(100 * rate) for rate in rates)])
    words: Counter[str] = Counter()
    ships: Counter[str] = Counter()
    for _ in range(draws):
        hits = successes(rng, rates)
        columns = clear_columns() | {(arm, "task_success"): hits[i] for i, arm in enumerate(HITS)}
        verdict = judged(DrawnRun(columns), CLEAR, {})
        words[verdict.word] += 1
        ships[verdict.ship or "none"] += 1
    return tuple({key: n / draws for key, n in sorted(count.items())} for count in (words, ships))  # type: ignore[return-value]


def show_whole(draws: int, seed: int) -> None:
    for title, rates in (
        ("four arms truly equal (75 %)", (0.75, 0.75, 0.75, 0.75)),
        ("hybrid truly 10 points over RAG-only (baseline 20, rag 70, tune 30, hybrid 80 %)", (0.2, 0.7, 0.3, 0.8)),
        ("hybrid truly 25 points over RAG-only (baseline 20, rag 65, tune 30, hybrid 90 %)", (0.2, 0.65, 0.3, 0.9)),
    ):
        words, ships = whole(draws, seed, rates)
        print(f"\n{title}: {_shares(words)}\n  to ship: {_shares(ships)}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    start = time.perf_counter()
    most = allowed(options.draws)
    clear = judged(DrawnRun(clear_columns()), CLEAR, {}).word
    print(f"{options.draws} draws, {N} cases about 40 documents, seed {options.seed}; everything clear: {clear}\n")
    print(f"one gate exactly at its threshold, the others clearly passing: share GO (at most {most:.2%})")
    rows = false_go(options.draws, options.seed, options.only)
    if not options.only:
        show_whole(options.draws, options.seed)
    print(f"\n{time.perf_counter() - start:.0f} s")
    return int(clear != "GO" or any(row["go"] > most for row in rows))


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.2%}" for name, share in shares.items())


if __name__ == "__main__":
    sys.exit(main())
