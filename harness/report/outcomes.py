"""The outcome of each question in each arm, as one word: a cell of the question strip, a filter of the drill-down.

Example: a right answer with a claim that no passage supports is `unsupported`; `refused rightly` counts as a success.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.record.score_table import ByTrace
from harness.types import Case, Score, Trace


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """One outcome: its words and the box it fills in a cell, so that shape tells it apart without colour."""

    key: str
    label: str
    good: bool
    box: tuple[float, float, float, float]  # x, y, width, height as shares of the cell
    says: str


OUTCOMES: tuple[OutcomeRow, ...] = (
    OutcomeRow("right", "right", True, (0.08, 0.04, 0.84, 0.92), "correct, in form, nothing unsupported"),
    OutcomeRow(
        "refused-rightly", "refused rightly", True, (0.08, 0.04, 0.84, 0.42), "no answer exists and the arm said so"
    ),
    OutcomeRow("unsupported", "unsupported", False, (0.08, 0.54, 0.84, 0.42), "a claim that no shown passage supports"),
    OutcomeRow("wrong", "wrong", False, (0.08, 0.72, 0.84, 0.24), "not an accepted answer, or answered what has none"),
    OutcomeRow(
        "refused-needlessly",
        "refused needlessly",
        False,
        (0.35, 0.5, 0.3, 0.46),
        "an answer exists and the arm refused",
    ),
    OutcomeRow(
        "broken-form", "broken form", False, (0.35, 0.04, 0.3, 0.92), "not in the demanded form, even after repair"
    ),
    OutcomeRow("failed", "no answer", False, (0.3, 0.4, 0.4, 0.2), "the arm failed, or the answer could not be scored"),
)
BY_KEY = {outcome.key: outcome for outcome in OUTCOMES}
INDEX = {outcome.key: i for i, outcome in enumerate(OUTCOMES)}


def classify(case: Case | None, trace: Trace, scores: Mapping[str, Score]) -> str:
    """The outcome key of one trace. A case that is not at hand is read as one that has an answer."""
    answer = trace.answer
    if answer is None:
        return "failed"
    if answer.form.demanded and not answer.form.valid:
        return "broken-form"
    if case is not None and case.kind == "unanswerable":
        return "refused-rightly" if answer.refused else "wrong"
    if answer.refused:
        return "refused-needlessly"
    correct = _value(scores, "correct")
    if correct is None:
        return "failed"
    if correct < 0.5:
        return "wrong"
    return "unsupported" if (_value(scores, "hallucination") or 0) > 0 else "right"


def _value(scores: Mapping[str, Score], metric: str) -> float | None:
    return scores[metric].value if metric in scores else None


@dataclass(frozen=True, slots=True)
class Grid:
    """Outcomes of every golden question (rows of `cells`: arms; columns: questions)."""

    arms: tuple[str, ...]
    case_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    cells: tuple[tuple[str | None, ...], ...]  # None: this arm was not asked

    @property
    def differing(self) -> int:
        """Questions on which the arms do not all succeed or all miss."""
        return sum(len({good(key) for key in column if key}) > 1 for column in zip(*self.cells, strict=True))

    def counts(self) -> list[Counter[str]]:
        """For each arm, how often each outcome came."""
        return [Counter(key for key in row if key) for row in self.cells]

    def missed_by_all(self) -> list[str]:
        """Ids of the questions that no arm got: suspects for a wrong golden label."""
        columns = zip(self.case_ids, zip(*self.cells, strict=True), strict=True)
        return [name for name, column in columns if any(column) and not any(good(key) for key in column if key)]


def good(key: str) -> bool:
    """Whether an outcome counts as a success."""
    return BY_KEY[key].good


def outcome_map(traces: Sequence[Trace], scores: ByTrace, cases: Mapping[str, Case]) -> dict[tuple[str, str], str]:
    """(case id, arm) -> outcome key, probes left out."""
    return {
        (t.case_id, t.arm): classify(cases.get(t.case_id), t, scores.get((t.case_id, t.arm), {}))
        for t in traces
        if not t.probe
    }


def grid(outcomes: Mapping[tuple[str, str], str], arms: Sequence[str], cases: Sequence[Case]) -> Grid:
    """The strip's grid: questions grouped by kind, those that most arms get first."""

    def order(case: Case) -> tuple[str, int, tuple[int, ...], str]:
        column = [outcomes.get((case.id, arm)) for arm in arms]
        wins = sum(good(key) for key in column if key)
        return case.kind, -wins, tuple(INDEX[key] if key else 99 for key in column), case.id

    ordered = sorted(cases, key=order)
    cells = tuple(tuple(outcomes.get((case.id, arm)) for case in ordered) for arm in arms)
    return Grid(tuple(arms), tuple(c.id for c in ordered), tuple(c.kind for c in ordered), cells)
