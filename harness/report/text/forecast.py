"""The forecast of a run as lines: a step a line, the whole, and what the golden set can prove."""

from __future__ import annotations

from collections.abc import Iterator

from harness.engine.estimate import Forecast
from harness.marks import APART, GOOD
from harness.report.text.layout import WIDTH, paragraph
from harness.stats.numbers import duration, show_count


def forecast_text(forecast: Forecast, width: int = WIDTH) -> str:
    """The text that `harness run --dry-run` prints."""
    names = max((len(row.label) for row in forecast.stages), default=0)
    sizes = max((len(row.size) for row in forecast.stages), default=0)
    lines = []
    for row in forecast.stages:
        state = "done before" if row.cached else f"about {duration(max(1.0, row.seconds))}"
        line = f"{GOOD if row.cached else APART} {row.label:<{names}}  {row.size:<{sizes}}  {state}"
        lines += [line] if len(line) <= width else [
            f"{GOOD if row.cached else APART} {row.label}",
            *paragraph(f"{row.size}; {state}", width, "    ", "    "),
        ]  # fmt: skip
    lines += ["", *paragraph(f"{_plan(forecast)}; nothing was done", width), ""]
    for text in (*forecast.power.split("\n"), *forecast.languages):
        lines += paragraph(text, width, indent="  ")
    return "\n".join(lines)


def plan_lines(forecast: Forecast) -> Iterator[str]:
    """The plan before a run, in a line: `plan: 14 steps, about 7 min`, `plan: 9 steps, at most 6 min; 5 done before`.

    What was answered or trained alike in an earlier run is known only once its step begins.
    """
    yield f"plan: {_plan(forecast)}"


def _plan(forecast: Forecast) -> str:
    before = sum(row.cached for row in forecast.stages)
    many = show_count(len(forecast.stages) - before, "step")
    workers = f" with {forecast.workers} workers" if forecast.workers > 1 else ""
    done = f"; {before} done before" if before else ""
    most = "at most" if before else "about"
    return f"{many}, {most} {duration(forecast.seconds)}{workers}{done}"
