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
    apart: tuple[tuple[str, str], ...]  # title of a gate that does not apply, and why


def gates(run: RunView) -> GatesPart:
    verdict = run.record.verdict
    apart = tuple((gate.title, gate.reason) for gate in verdict.gates if gate.status == "not applicable")
    return GatesPart(forest(verdict.gates), run.record.flips, verdict.notes, apart)
