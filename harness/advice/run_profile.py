"""The cells of the profile that a run measured: a record -> text per row and approach.

Shows only what is there: an arm, a metric or a stage that is missing leaves the expectation standing. Seconds are this
machine's compute, without the people's time that the expectation includes.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.advice.profile import ProfileTexts
from harness.advice.recommendations import Outcome
from harness.record.sections import Figures
from harness.stats.numbers import duration, milliseconds, percent
from harness.types import Estimate

ARM_OF: Mapping[Outcome, str] = {"rag": "rag", "fine_tune": "tune", "both": "hybrid"}
STAGES_OF: Mapping[Outcome, tuple[str, ...]] = {"rag": ("index",), "fine_tune": ("tune",), "both": ("index", "tune")}
STAGE_WORDS: Mapping[str, str] = {"index": "to index", "tune": "to train"}


def profile_texts(figures: Figures) -> ProfileTexts:
    """Rows of the profile (time to value, tone, hallucination, latency) that a run can fill."""
    rows: dict[str, dict[Outcome, str | None]] = {
        "time_to_value": {approach: _build_time(figures, approach) for approach in ARM_OF},
        "tone": {approach: _rate(figures.estimate(arm, "schema"), "in form ") for approach, arm in ARM_OF.items()},
        "hallucination": {approach: _rate(figures.estimate(arm, "hallucination")) for approach, arm in ARM_OF.items()},
        "latency": {approach: _retrieval_time(figures, arm) for approach, arm in ARM_OF.items()},
    }
    cells = {key: {a: text for a, text in row.items() if text is not None} for key, row in rows.items()}
    return {key: row for key, row in cells.items() if row}


def _build_time(figures: Figures, approach: Outcome) -> str | None:
    """Time to index and to train, of the stages this approach needs; None unless all of them are in the record."""
    seconds = {(stage.name, stage.arm): stage.seconds for stage in figures.stages}
    names = STAGES_OF[approach]
    keys = [(name, ARM_OF[approach] if name == "tune" else None) for name in names]
    if not all(key in seconds for key in keys):
        return None
    return ", ".join(f"{duration(seconds[key])} {STAGE_WORDS[key[0]]}" for key in keys)


def _rate(estimate: Estimate | None, lead: str = "") -> str | None:
    """A share with its 95 % interval, in per cent; None where the metric has no mean for this arm."""
    if estimate is None or estimate.mean is None:
        return None
    text = f"{lead}{percent(estimate.mean)}"
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({percent(estimate.low).removesuffix(' %')} to {percent(estimate.high)})"


def _retrieval_time(figures: Figures, arm: str) -> str | None:
    latency = figures.latency.arms.get(arm)
    p95 = None if latency is None else latency.retrieval.p95.mean
    return None if p95 is None else f"{milliseconds(p95)} (p95)"
