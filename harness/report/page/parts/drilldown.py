"""Every answer: how many questions the drill-down lists; the script draws it from the page's data."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class DrilldownPart:
    questions: int


def drilldown(run: RunView) -> DrilldownPart:
    return DrilldownPart(len(run.questions))
