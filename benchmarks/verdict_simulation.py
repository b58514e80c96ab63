"""Does the verdict hold? Gates at their threshold, equal arms, coverage of the intervals, and a true gain.

    python -m benchmarks.verdict_simulation [--draws 2000] [--seed 20] [--only GATE ...]

The golden set of every draw: 120 cases about 40 documents, three each. A document makes its cases alike (intracluster
correlation 0.2, half of it common to all arms, half an arm's own), a case makes the arms alike (correlation 0.5 more).
Where the gain over a constant answer (here: refusing) is looked at, a case of 55 % of the documents is unanswerable:
18 % of all cases, as in the wiki. Which documents is drawn as well, because the interval speaks about golden sets of
this kind, not about one.
Exits with 1 if a gate at its threshold passes more often than 2.5 % and Monte Carlo error allow.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

import harness.stats as stats
from benchmarks.verdict_draws import (
    DOCUMENTS,
    ICC,
    P95,
    PER_DOCUMENT,
    Rng,
    clustered_rate,
    latency_p95,
    latency_ratio,
    paired_items,
    successes,
    supported,
)
from benchmarks.verdict_figures import CLEAR
from harness.stats.intervals import bootstrap_t
from harness.stats.sample import sample
from harness.types import Case, Estimate, Evidence, Score
from harness.verdict.gates import GATES, GateRow, judge
from harness.verdict.measures import Measurement
from harness.verdict.score_sheet import gather

NOMINAL = 0.025  # how often a gate at its threshold may pass
LATENCY_QUESTIONS = (30, 120)
EXACT = "rate, independent (summed)"
CASES = tuple(
    Case(id=f"q{i}", question="?", evidence=(Evidence(doc=f"d{i // PER_DOCUMENT}"),))
    for i in range(DOCUMENTS * PER_DOCUMENT)
)
UNANSWERABLE = 0.55  # share of documents about which one case is unanswerable
Row = dict[str, Any]
Columns = Mapping[tuple[str, str], np.ndarray]  # (arm, metric) -> value by case


# --- one gate at its threshold, everything else clearly passing --------------------------------------------------


@dataclass(frozen=True)
class DrawnRun:
    """Scores, and the golden set that was drawn with them."""

    columns: Columns
    cases: Sequence[Case] = CASES

    @property
    def scores(self) -> list[Score]:
        return [
            Score(case.id, arm, metric, float(value))
            for (arm, metric), values in self.columns.items()
            for case, value in zip(self.cases, values, strict=True)
        ]


def measured_by_scores(row: GateRow, run: DrawnRun) -> Measurement:
    """The gate's own measurement of scores that a draw made."""
    measurement = row.measure(gather(CLEAR, run.scores, run.cases), "hybrid")
    assert isinstance(measurement, Measurement), measurement
    return measurement


def success_pair(rng: Rng, mine: float, other: str, theirs: float) -> Columns:
    hits = successes(rng, (mine, theirs))
    return {("hybrid", "task_success"): hits[0], (other, "task_success"): hits[1]}


def no_better_than_refusing(rng: Rng, refused: float) -> DrawnRun:
    """An arm that refuses this share of what is unanswerable, and answers as much rightly as it loses by that.

    The other arms succeed on nothing, so that the gains over them are clear.
    """
    share = UNANSWERABLE / PER_DOCUMENT
    unanswerable = np.zeros((DOCUMENTS, PER_DOCUMENT), dtype=bool)
    unanswerable[:, -1] = rng.random(DOCUMENTS) < UNANSWERABLE
    rates = np.where(unanswerable.ravel(), refused, share * (1 - refused) / (1 - share))
    columns = {(arm, "task_success"): np.zeros(len(CASES)) for arm in ("baseline", "rag", "tune")}
    columns["hybrid", "task_success"] = successes(rng, rates[None, :])[0]
    return DrawnRun(columns, [_refusable(c) if u else c for c, u in zip(CASES, unanswerable.ravel(), strict=True)])


def _refusable(case: Case) -> Case:
    return Case(id=case.id, question="?", kind="unanswerable", source=case.evidence[0].doc)


def tokens(rng: Rng, ratio: float) -> Columns:
    of_document = np.repeat(rng.lognormal(6, 0.3, DOCUMENTS), PER_DOCUMENT)
    read = of_document * rng.lognormal(0, 0.3, (2, of_document.size))
    written = rng.lognormal(3, 0.4, (2, of_document.size))
    columns = {}
    for arm, factor, row in (("hybrid", ratio, 0), ("rag", 1.0, 1)):
        columns |= {(arm, "prompt_tokens"): factor * read[row], (arm, "completion_tokens"): factor * written[row]}
    return columns


@dataclass(frozen=True)
class Edge:
    """A gate whose truth stands exactly on its threshold: what is drawn, as scores or as the record's Estimate."""

    gate: str
    drawn: str
    draw: Callable[[Rng], DrawnRun | Columns | Estimate]
    threshold: float | None = None  # in the Estimate's unit, where not the default


def edges() -> Iterator[Edge]:
    """All of them. Their draws are seeded by their place, so a new one goes to the end."""
    for rag in (0.5, 0.7, 0.9):
        drawn = f"rag {rag:.0%}, hybrid 5 points more"
        yield Edge("task_success_gain", drawn, partial(success_pair, mine=rag + 0.05, other="rag", theirs=rag))
    for other in ("tune", "baseline"):
        yield Edge(f"gain_over_{other}", "both 75 %", partial(success_pair, mine=0.75, other=other, theirs=0.75))
    yield Edge("groundedness", "90 % of 1-3 claims an answer", lambda r: _hybrid("groundedness", supported(r, 0.90)))
    yield Edge("groundedness", "90 %, one claim an answer", lambda r: _hybrid("groundedness", clustered_rate(r, 0.90)))
    yield Edge("hallucination", "5 %", lambda r: _hybrid("hallucination", clustered_rate(r, 0.05)))
    yield Edge("schema", "99 % of 1,120 answers", partial(binomial_rate, p=0.99, n=1120))
    yield Edge("repair", "3 % of 1,120 answers", partial(binomial_rate, p=0.03, n=1120))
    for n in LATENCY_QUESTIONS:
        yield Edge("p95_ratio", f"1.10 on {n} questions", partial(latency_ratio, n=n, ratio=1.10))
    yield Edge("p95_ms", "at the limit, 120 questions", partial(latency_p95, n=120), P95)
    yield Edge("cost_ratio", "1.10", partial(tokens, ratio=1.10), 1.10)
    for base in (0.45, 0.85):
        drawn = f"5 of {base:.0%} lost, 400 items"
        yield Edge("forgetting", drawn, partial(paired_items, base=base, drop=5, n=400))
    yield Edge("safety", "2 of 97 % lost, 150 prompts", partial(paired_items, base=0.97, drop=2, n=150))
    for refused in (0.0, 0.5, 0.9):
        drawn = f"18 % unanswerable, {refused:.0%} refused"
        yield Edge("gain_over_constant", drawn, partial(no_better_than_refusing, refused=refused))
    yield Edge("task_success", "50 %", lambda r: _hybrid("task_success", clustered_rate(r, 0.5)), 0.5)


def numbered_edges(only: Sequence[str] = ()) -> list[tuple[int, Edge]]:
    """(place, edge) of these gates, or of all."""
    return [(number, edge) for number, edge in enumerate(edges()) if not only or edge.gate in only]


def _hybrid(metric: str, values: np.ndarray) -> Columns:
    return {("hybrid", metric): values}


def binomial_rate(rng: Rng, p: float, n: int) -> Estimate:
    hits = int(rng.binomial(n, p))
    return stats.rate([1.0] * hits + [0.0] * (n - hits))


def false_passes(draws: int, seed: int, only: Sequence[str] = ()) -> list[Row]:
    """How often each gate passes when its truth stands exactly on the threshold: every pass would be a false GO."""
    rows = {row.name: row for row in GATES}
    table = []
    for number, edge in numbered_edges(only):
        rng, row = np.random.default_rng([seed, number]), rows[edge.gate]
        threshold = threshold_of(edge, row)
        passed = sum(judge(row, threshold, measured(row, edge.draw(rng))).status == "pass" for _ in range(draws))
        table.append({"gate": edge.gate, "drawn": edge.drawn, "passed": passed / draws, "allowed": allowed(draws)})
    return table


def threshold_of(edge: Edge, row: GateRow) -> float:
    """The edge's own threshold, or the gate's default, in the Estimate's unit."""
    if edge.threshold is not None:
        return edge.threshold
    assert row.default is not None, f"{row.name} has no default: its edge needs a threshold"
    return row.default * row.scale


def measured(row: GateRow, drawn: DrawnRun | Columns | Estimate) -> Measurement:
    if isinstance(drawn, Estimate):
        return Measurement(drawn, drawn)
    return measured_by_scores(row, drawn if isinstance(drawn, DrawnRun) else DrawnRun(drawn))


def allowed(draws: int) -> float:
    """2.5 % plus two and a half Monte Carlo standard errors: 21 edges are looked at."""
    return NOMINAL + 2.5 * math.sqrt(NOMINAL * (1 - NOMINAL) / draws)


# --- equal arms and a true gain ----------------------------------------------------------------------------------


def outcomes(draws: int, seed: int, rag: float, hybrid: float, documents: int = DOCUMENTS) -> Row:
    """Shares of pass, not proven and fail of 'at least 5 points over RAG-only', and the predicted numbers of cases."""
    row, rng = GATES[0], np.random.default_rng([seed, 99, documents])
    labels = np.repeat(np.arange(documents), PER_DOCUMENT).tolist()
    statuses, predicted = [], []
    for _ in range(draws):
        hits = successes(rng, (hybrid, rag), documents)
        estimate = stats.paired(hits[0].tolist(), hits[1].tolist(), labels)
        gate = judge(row, 5.0, Measurement(estimate, estimate))
        statuses.append(gate.status)
        predicted.append(gate.n_needed or math.inf)
    shares = {status: statuses.count(status) / draws for status in ("pass", "not proven", "fail")}
    open_ones = [n for n, status in zip(predicted, statuses, strict=True) if status == "not proven"]
    return {"rag": rag, "hybrid": hybrid, "cases": documents * PER_DOCUMENT, **shares, "predicted": open_ones}


def true_gain(draws: int, seed: int) -> Row:
    """A true gain of 10 points: what 120 cases say, and whether the predicted number of cases is the right one."""
    start = outcomes(draws, seed, 0.70, 0.80)
    needed = _n_for_power(max(draws // 4, 50), seed)
    quartiles = [float(q) for q in np.quantile([min(n, 1e6) for n in start.pop("predicted")], [0.25, 0.5, 0.75])]
    return {**start, "n_for_80_percent": needed, "predicted_quartiles": quartiles,
            "predicted_from_truth": _predicted_from_truth(seed)}  # fmt: skip


def _predicted_from_truth(seed: int) -> int | None:
    """The same prediction from an estimate that is as good as the truth (20,000 documents), scaled to 120 cases."""
    rng, documents = np.random.default_rng([seed, 5]), 20_000
    hits = successes(rng, (0.80, 0.70), documents)
    labels = np.repeat(np.arange(documents), PER_DOCUMENT).tolist()
    return stats.n_to_settle(stats.paired(hits[0].tolist(), hits[1].tolist(), labels), 5.0)


def _n_for_power(draws: int, seed: int) -> int:
    """The smallest number of cases (in steps of a tenth) at which the gate passes in 80 % of draws."""
    documents = 150
    while outcomes(draws, seed, 0.70, 0.80, documents)["pass"] < 0.8:
        documents = math.ceil(documents * 1.1)
    return documents * PER_DOCUMENT


# --- coverage ----------------------------------------------------------------------------------------------------


def coverage(draws: int, seed: int) -> list[Row]:
    """Share of 95 % intervals that hold the truth, for each kind of interval over n and p."""
    table = []
    for n in (51, 120, 501):  # multiples of three: whole documents
        labels = np.repeat(np.arange(n // PER_DOCUMENT), PER_DOCUMENT).tolist()
        for p in (0.5, 0.9, 0.99):
            rng = np.random.default_rng([seed, n, int(100 * p)])
            for kind, floor, hit in _intervals(rng, n, p, labels):
                share = sum(hit() for _ in range(draws)) / draws
                table.append({"interval": kind, "n": n, "p": p, "coverage": share, "floor": floor})
            table.append({"interval": EXACT, "n": n, "p": p, "coverage": exact_coverage(n, p), "floor": 0.95})
    return table


def exact_coverage(n: int, p: float) -> float:
    """Coverage of a rate's interval for independent cases: a sum over the binomial, nothing drawn."""
    from scipy.stats import binom

    held = [hits for hits in range(n + 1) if _holds(stats.rate([1.0] * hits + [0.0] * (n - hits)), p)]
    return float(binom.pmf(held, n, p).sum())


def _intervals(rng: Rng, n: int, p: float, labels: list[int]) -> Iterator[tuple[str, float, Callable[[], bool]]]:
    """(interval, the coverage asked of it, a draw: whether it held the truth)."""
    documents, other = n // PER_DOCUMENT, p - min(0.1, (1 - p) / 2)

    def pair() -> tuple[list[float], list[float]]:
        hits = successes(rng, (p, other), documents)
        return hits[0].tolist(), hits[1].tolist()

    def skewed() -> list[float]:
        of_document = np.repeat(rng.standard_normal(documents), PER_DOCUMENT)
        return np.exp(0.4 * (math.sqrt(ICC) * of_document + math.sqrt(1 - ICC) * rng.standard_normal(n))).tolist()

    yield "rate, clustered", 0.93, lambda: _holds(stats.rate(clustered_rate(rng, p, documents).tolist(), labels), p)
    yield "paired difference, clustered", 0.93, lambda: _holds(stats.paired(*pair(), labels), 100 * (p - other))
    yield "percentile bootstrap of it", 0.93, lambda: _percentile_holds(rng, *pair(), p - other)
    if p == 0.5:
        yield "mean, bootstrap-t, skewed", 0.93, lambda: _limits_hold(skewed(), labels, math.exp(0.08))
        yield "p95, order statistics", 0.95, lambda: _holds(latency_p95(rng, n), P95)
        yield "ratio of p95s, bootstrap", 0.93, lambda: _holds(latency_ratio(rng, n, 1.1, draws=500), 1.1)


def _holds(estimate: Estimate, truth: float) -> bool:
    low = -math.inf if estimate.low is None else estimate.low
    high = math.inf if estimate.high is None else estimate.high
    return low - 1e-12 <= truth <= high + 1e-12


def _limits_hold(values: list[float], labels: list[int], truth: float) -> bool:
    low, high = bootstrap_t(sample(values, labels), seed=1, draws=1000)
    return low is not None and high is not None and low <= truth <= high


def _percentile_holds(rng: Rng, a: list[float], b: list[float], truth: float) -> bool:
    """What the verdict does not use, for comparison: whole documents redrawn, plain percentiles."""
    sums = (np.asarray(a) - np.asarray(b)).reshape(-1, PER_DOCUMENT).sum(axis=1)
    means = sums[rng.integers(0, sums.size, (1000, sums.size))].sum(axis=1) / len(a)
    low, high = np.quantile(means, [0.025, 0.975])
    return bool(low <= truth <= high)


# --- report ------------------------------------------------------------------------------------------------------


def show_gates(result: Row) -> None:
    print(f"{result['draws']} draws, 120 cases about 40 documents, seed {result['seed']}\n")
    print(f"gate exactly at its threshold: share that passes (at most {result['gates'][0]['allowed']:.2%})")
    for row in result["gates"]:
        mark = "" if row["passed"] <= row["allowed"] else "  <-- too often"
        print(f"  {row['gate']:<20} {row['drawn']:<32} {row['passed']:6.2%}{mark}")


def show_rest(result: Row) -> None:
    equal, gain = result["equal_arms"], result["true_gain"]
    print(f"\narms truly equal (75 %): false GO {equal['pass']:.2%}, not proven {equal['not proven']:.1%}, "
          f"NO-GO {equal['fail']:.1%}")  # fmt: skip
    print(
        f"true gain of 10 points: GO {gain['pass']:.1%}, not proven {gain['not proven']:.1%}, NO-GO {gain['fail']:.1%}"
    )
    low, middle, high = gain["predicted_quartiles"]
    print(f"  cases that settle it in 80 % of draws: {gain['n_for_80_percent']}; predicted from the truth "
          f"{gain['predicted_from_truth']}; predicted by an open gate: median {middle:.0f}, "
          f"quartiles {low:.0f} to {high:.0f}")  # fmt: skip
    print("\ncoverage of 95 % intervals (documents of three cases; the floor it is held to)")
    for row in result["coverage"]:
        mark = "" if row["coverage"] >= row["floor"] else f"  <-- below {row['floor']:.0%}"
        print(f"  {row['interval']:<30} n {row['n']:<4} p {row['p']:<5} {row['coverage']:6.1%}{mark}")


def add_options(parser: argparse.ArgumentParser) -> None:
    names = list(dict.fromkeys(edge.gate for edge in edges()))
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--only", nargs="+", default=(), choices=names, metavar="GATE", help=", ".join(names))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    options = parser.parse_args()
    draws, seed, start = options.draws, options.seed, time.perf_counter()
    result: Row = {"draws": draws, "seed": seed, "gates": false_passes(draws, seed, options.only)}
    show_gates(result)
    if not options.only:
        equal, gain = outcomes(draws, seed, 0.75, 0.75), true_gain(draws, seed)
        show_rest({"equal_arms": equal, "true_gain": gain, "coverage": coverage(draws, seed)})
    print(f"\n{time.perf_counter() - start:.0f} s")
    return int(any(row["passed"] > row["allowed"] for row in result["gates"]))


if __name__ == "__main__":
    sys.exit(main())
