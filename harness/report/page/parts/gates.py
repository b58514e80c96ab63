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


def gates(run: RunView) -> GatesPart:
    return GatesPart(forest(run.record.verdict.gates), run.record.flips)
