"""What is wrong with a run and what to change: every known failure mode looked for in its own figures.

[d.title for d in diagnose(record, traces, scores, cases, scenario) if d.status == "present"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from harness.diagnosis.detectors import DETECTORS, Evidence, Symptom
from harness.diagnosis.modes import FAILURES, FailureMode
from harness.scenario.settings import Scenario
from harness.types import Case, Score, Trace
from harness.verdict.evidence import gather


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One failure mode in one run."""

    mode: str
    title: str
    status: Literal["present", "absent", "not measured"]
    arm: str | None
    symptom: str  # the figure, or why there is none
    evidence: tuple[str, ...]  # ids of cases that show it
    cause: str
    fix: str
    change: Mapping[str, Any]  # dotted setting -> value to try
    setting: str  # the same for people: `tuning.rank: 16 -> 8`


def diagnose(
    record: Mapping[str, Any],
    traces: Iterable[Trace],
    scores: Iterable[Score],
    cases: Sequence[Case],
    scenario: Scenario,
) -> tuple[Diagnosis, ...]:
    """Every failure mode, present ones first, in the order of the table."""
    facts = gather(record, scores, cases)
    wanted = set(facts.cases)
    answers = {(t.arm, t.case_id): t.answer for t in traces if t.answer and not t.probe and t.case_id in wanted}
    run = Evidence(facts, answers)
    found = [_diagnosis(mode, run, scenario) for mode in FAILURES]
    return tuple(sorted(found, key=lambda d: ("present", "absent", "not measured").index(d.status)))


def rows(diagnoses: Iterable[Diagnosis]) -> list[Mapping[str, Any]]:
    """The present ones as the record keeps them."""
    keys = ("mode", "title", "arm", "symptom", "evidence", "cause", "fix", "change", "setting")
    return [{key: getattr(d, key) for key in keys} for d in diagnoses if d.status == "present"]


def _diagnosis(mode: FailureMode, run: Evidence, scenario: Scenario) -> Diagnosis:
    found = DETECTORS[mode.name](run)
    change = mode.change(scenario)
    return Diagnosis(
        mode=mode.name,
        title=mode.title,
        status=("present" if found.seen else "absent") if isinstance(found, Symptom) else "not measured",
        arm=found.arm if isinstance(found, Symptom) else None,
        symptom=f"{found.arm}: {found.figure}" if isinstance(found, Symptom) else found.reason,
        evidence=found.cases if isinstance(found, Symptom) else (),
        cause=mode.cause,
        fix=mode.fix,
        change=change,
        setting=_setting(change, scenario),
    )


def _setting(change: Mapping[str, Any], scenario: Scenario) -> str:
    if not change:
        return "no setting does this: change the training examples"
    return "; ".join(f"{name}: {_now(name, scenario)} → {_text(value)}" for name, value in change.items())


def _now(name: str, scenario: Scenario) -> str:
    value: Any = scenario
    for part in name.split("."):
        value = getattr(value, part)
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items()) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
