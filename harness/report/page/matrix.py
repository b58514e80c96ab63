"""Arms × metrics: each figure with its interval and its paired delta, and the best arm only where it really is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.stats.numbers import Figure, figure, show_interval, show_n, show_p

Better = Literal["higher", "lower", ""]
REFERENCE = "rag"
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """A metric that has a place in the matrix."""

    name: str
    title: str
    better: Better
    says: str = ""


GROUPS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    (
        "Quality",
        (
            Row("task_success", "Task success", "higher", "correct, in form, nothing unsupported"),
            Row("task_success_without_form", "Task success, form aside", "higher"),
            Row("correct", "Correct", "higher", "an accepted answer, or rightly refused"),
            Row("complete", "Complete", "higher", "key points that the answer mentions"),
        ),
    ),
    (
        "Grounding",
        (
            Row("groundedness", "Groundedness", "higher", "claims that a shown passage supports"),
            Row("hallucination", "Hallucination", "lower", "answers with an unsupported claim"),
            Row("citation_precision", "Citation precision", "higher", "cited passages that support the answer"),
            Row("citation_recall", "Citation recall", "higher", "evidence that is cited"),
        ),
    ),
    (
        "Form",
        (
            Row("schema", "Form valid after repair", "higher"),
            Row("schema_first_try", "Form valid at first", "higher"),
            Row("repair", "Repaired", "lower", "answers that needed a repair"),
        ),
    ),
    (
        "Refusals",
        (
            Row("refusal_right", "Refused rightly", "higher"),
            Row("refusal_missed", "Refusal missed", "lower", "answered what has no answer"),
            Row("refusal_needless", "Refused needlessly", "lower"),
        ),
    ),
    (
        "Retrieval",
        (
            Row("recall@k", "Recall of shown passages", "higher", "evidence that reached the prompt"),
            Row("precision@k", "Precision of shown passages", "higher"),
            Row("mrr", "MRR", "higher", "1 / rank of the first relevant passage"),
            Row("ndcg@k", "nDCG", "higher"),
        ),
    ),
    (
        "Size",
        (
            Row("prompt_tokens", "Prompt length", "lower"),
            Row("completion_tokens", "Answer length", "lower"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One arm on one metric."""

    arm: str
    value: Figure | None
    interval: str
    n: str
    delta: str  # paired difference to the reference arm, or ""
    delta_detail: str
    real: Literal["better", "worse", ""]  # whether that difference is real after Holm
    best: bool
    sort: float | None


@dataclass(frozen=True, slots=True)
class Line:
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Block:
    title: str
    lines: tuple[Line, ...]


def matrix(record: Mapping[str, Any]) -> list[Block]:
    """Every metric that an arm has, in groups; metrics that the table does not know come last."""
    metrics: Mapping[str, Mapping[str, Any]] = record.get("metrics") or {}
    arms = [arm["name"] for arm in record["arms"]]
    present = {name for arm in arms for name in metrics.get(arm, {})}
    pairs = pair_table(record.get("differences") or ())
    known = {row.name for _, rows in GROUPS for row in rows}
    others = tuple(Row(name, name.replace("_", " "), _guess(name)) for name in sorted(present - known))
    blocks = []
    for title, rows in (*GROUPS, ("Other", others)):
        lines = tuple(_line(row, arms, metrics, pairs) for row in rows if row.name in present)
        if lines:
            blocks.append(Block(title, lines))
    return blocks


def _guess(name: str) -> Better:
    return "higher" if name.split("@")[0] in ("recall", "precision", "mrr", "ndcg", "hit") else ""


Pairs = Mapping[tuple[str, str, str], Mapping[str, Any]]


def pair_table(differences: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """(metric, arm, against) -> Difference."""
    return {(d["metric"], d["arm"], d["against"]): d for d in differences}


def is_real(difference: Mapping[str, Any]) -> bool:
    """Whether a paired difference stands after Holm, or by its interval where it was not tested."""
    if difference.get("p_holm") is not None:
        return bool(difference["p_holm"] < ALPHA)
    low, high = difference["estimate"].get("low"), difference["estimate"].get("high")
    return low is not None and high is not None and (low > 0 or high < 0)


def _line(row: Row, arms: Sequence[str], metrics: Mapping[str, Mapping[str, Any]], pairs: Pairs) -> Line:
    values = {arm: metrics[arm][row.name] for arm in arms if row.name in metrics.get(arm, {})}
    best = best_arm(row, values, pairs)
    return Line(row, tuple(_cell(row, arm, values.get(arm), pairs, arm == best) for arm in arms))


def best_arm(row: Row, values: Mapping[str, Mapping[str, Any]], pairs: Pairs) -> str | None:
    """The arm that beats every other one for real, or None.

    A pair that was compared counts by its paired test; one that was not counts only if the intervals are apart.
    """
    means = {arm: e["mean"] for arm, e in values.items() if e.get("mean") is not None}
    if len(means) < 2 or not row.better:
        return None
    pick = max if row.better == "higher" else min
    top = pick(means, key=lambda arm: means[arm])
    beaten = (_beats(row.name, top, other, values, pairs) for other in means if other != top)
    return top if all(beaten) else None


def _beats(metric: str, top: str, other: str, values: Mapping[str, Mapping[str, Any]], pairs: Pairs) -> bool:
    if values[top]["mean"] == values[other]["mean"]:
        return False
    compared = pairs.get((metric, top, other)) or pairs.get((metric, other, top))
    if compared is not None:
        return is_real(compared)
    a, b = values[top], values[other]
    if None in (a.get("low"), a.get("high"), b.get("low"), b.get("high")):
        return False
    return bool(a["low"] > b["high"] or a["high"] < b["low"])


def _cell(row: Row, arm: str, estimate: Mapping[str, Any] | None, pairs: Pairs, best: bool) -> Cell:
    if not estimate or estimate.get("mean") is None:
        return Cell(arm, None, "", "", "", "", "", False, None)
    unit = estimate.get("unit") or ""
    delta, detail, real = _delta(row, pairs.get((row.name, arm, REFERENCE)))
    shown = figure(estimate["mean"], unit)
    return Cell(arm, shown, show_interval(estimate), show_n(estimate), delta, detail, real, best, estimate["mean"])


def _delta(row: Row, difference: Mapping[str, Any] | None) -> tuple[str, str, Literal["better", "worse", ""]]:
    if not difference or difference["estimate"].get("mean") is None:
        return "", "", ""
    found = difference["estimate"]
    unit = found.get("unit") or ""
    text = str(figure(found["mean"], unit, signed=True))
    detail = f"{show_interval(found, signed=True)}, {show_p(difference.get('p_holm'))} after Holm, {show_n(found)}"
    if not is_real(difference) or not row.better:
        return text, detail, ""
    return text, detail, "better" if (found["mean"] > 0) == (row.better == "higher") else "worse"
