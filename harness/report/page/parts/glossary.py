"""The glossary: each term of the page in a sentence, and each metric of this run by what it counts."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page.view import RunView


@dataclass(frozen=True, slots=True)
class GlossaryPart:
    metrics: tuple[tuple[str, str], ...]  # title, what it counts


def glossary(run: RunView) -> GlossaryPart:
    record = run.record
    names = {name for by_metric in record.metrics.values() for name in by_metric}
    metrics = tuple((row.title, row.says) for row in record.metric_rows if row.name in names and row.says)
    return GlossaryPart(metrics)
