"""Scores looked up: by arm and metric, or by trace. What was scored is in `harness.types.Score`.

tabulate(scores)["hybrid", "task_success"]    # {"q001": 1.0, "q002": None}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.types import Score

Row = Mapping[str, float | None]  # case id -> value, None where unscored
ScoreTable = Mapping[tuple[str, str], Row]  # (arm, metric) ->
ByTrace = Mapping[tuple[str, str], Mapping[str, Score]]  # (case id, arm) -> metric ->


def tabulate(scores: Iterable[Score]) -> dict[tuple[str, str], dict[str, float | None]]:
    """Scores by arm and metric. Structurally inapplicable cases are left out: they are not unknown."""
    table: dict[tuple[str, str], dict[str, float | None]] = {}
    for score in scores:
        row = table.setdefault((score.arm, score.metric), {})
        if score.applicable:
            row[score.case_id] = score.value
    return table


def by_trace(scores: Iterable[Score]) -> dict[tuple[str, str], dict[str, Score]]:
    """Scores with their reasons: (case id, arm) -> metric -> Score."""
    rows: dict[tuple[str, str], dict[str, Score]] = {}
    for score in scores:
        rows.setdefault((score.case_id, score.arm), {})[score.metric] = score
    return rows
