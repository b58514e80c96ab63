"""What a run measured, in the words of the profile: a run's record -> text per row and approach.

Reads the record as plain JSON and shows only what is there: an arm, a metric or a stage that is missing leaves the
expectation standing. Seconds are this machine's compute, without the people's time that the expectation includes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.advice.questions import Outcome

ARM_OF: Mapping[Outcome, str] = {"rag": "rag", "fine_tune": "tune", "both": "hybrid"}


def measured_profile(record: Mapping[str, Any]) -> dict[str, dict[Outcome, str]]:
    """Rows of the profile (time to value, tone, hallucination, latency) that a run's record can fill."""
    rows: dict[str, dict[Outcome, str]] = {"time_to_value": {}, "tone": {}, "hallucination": {}, "latency": {}}
    for approach, arm in ARM_OF.items():
        found = {
            "time_to_value": _build_time(record, approach, arm),
            "tone": _rate(record, arm, "schema", "in form "),
            "hallucination": _rate(record, arm, "hallucination", ""),
            "latency": _retrieval_time(record, arm),
        }
        for key, text in found.items():
            if text is not None:
                rows[key][approach] = text
    return {key: cells for key, cells in rows.items() if cells}


def _build_time(record: Mapping[str, Any], approach: Outcome, arm: str) -> str | None:
    """Seconds to index and to train, of the stages this approach needs; None unless all of them are in the record."""
    needs: dict[Outcome, list[tuple[str, str | None]]] = {
        "rag": [("index", None)],
        "fine_tune": [("tune", arm)],
        "both": [("index", None), ("tune", arm)],
    }
    seconds = {(row.get("name"), row.get("arm")): row.get("seconds") for row in record.get("stages") or ()}
    parts = [(name, seconds.get((name, of))) for name, of in needs[approach]]
    if any(not isinstance(value, (int, float)) for _, value in parts):
        return None
    words = {"index": "to index", "tune": "to train"}
    return ", ".join(f"{_duration(float(value or 0))} {words[name]}" for name, value in parts)


def _rate(record: Mapping[str, Any], arm: str, metric: str, lead: str) -> str | None:
    """A share with its 95 % interval, in per cent; None where the metric has no mean for this arm."""
    estimate = ((record.get("metrics") or {}).get(arm) or {}).get(metric) or {}
    if estimate.get("mean") is None:
        return None
    text = f"{lead}{_percent(estimate['mean'])} %"
    if estimate.get("low") is None or estimate.get("high") is None:
        return text
    return f"{text} ({_percent(estimate['low'])} to {_percent(estimate['high'])} %)"


def _retrieval_time(record: Mapping[str, Any], arm: str) -> str | None:
    part = ((record.get("latency") or {}).get(arm) or {}).get("retrieval") or {}
    value = (part.get("p95") or {}).get("mean")
    return None if value is None else f"{value:.0f} ms (p95)"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _duration(seconds: float) -> str:
    """Seconds below two minutes, minutes below two hours, else hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
