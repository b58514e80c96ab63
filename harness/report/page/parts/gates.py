"""Gates: each one's interval against its threshold, and what would flip it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.report.charts.forest import Forest, forest
from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class GatesPart:
    forest: Forest
    flips: Mapping[str, str]  # gate -> what would flip it
    notes: tuple[str, ...]  # limits of the verdict


def gates(run: RunView) -> GatesPart:
    verdict = run.record.verdict
    return GatesPart(forest(verdict.gates), run.record.flips, verdict.notes)
