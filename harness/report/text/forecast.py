"""The forecast of a run as lines: a stage a line, the whole, and what the golden set can prove."""

from __future__ import annotations

from harness.engine.estimate import Forecast


def forecast_text(forecast: Forecast) -> str:
    """The text that `harness run --dry-run` prints."""
    lines = []
    for row in forecast.stages:
        state = "in the cache" if row.cached else f"about {row.seconds:.0f} s"
        lines.append(f"{row.label:<22} {row.size:<44} {state}")
    lines.append(f"about {forecast.seconds:.0f} s with {forecast.workers} workers; nothing was done")
    return "\n".join([*lines, forecast.power, *forecast.languages])
