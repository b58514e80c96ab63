"""The diagnosis of a run: every known failure mode looked for in its own figures, and what to change.

[d.section.title for d in diagnose(figures, traces, scores, cases, scenario) if d.status == "present"]
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.diagnosis.fixes import SettingChange
from harness.diagnosis.modes import MODES, FailureMode
from harness.diagnosis.symptoms import DiagnosedRun, Symptom
from harness.record.sections import DiagnosisSection, Figures, SymptomStatus
from harness.scenario.settings import Scenario
from harness.types import Case, Score, Trace
from harness.verdict.score_sheet import gather

ORDER: tuple[SymptomStatus, ...] = ("present", "absent", "not measured")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One failure mode, looked for in one run."""

    status: SymptomStatus
    section: DiagnosisSection  # its symptom is the figure, or why there is none


def diagnose(
    figures: Figures,
    traces: Iterable[Trace],
    scores: Iterable[Score],
    cases: Sequence[Case],
    scenario: Scenario,
    modes: tuple[FailureMode, ...] = MODES,
) -> tuple[Diagnosis, ...]:
    """Every failure mode, present ones first, in the order of the table."""
    sheet = gather(figures, scores, cases)
    tested = set(sheet.cases)
    answers = {(t.arm, t.case_id): t.answer for t in traces if t.answer and not t.probe and t.case_id in tested}
    run = DiagnosedRun(sheet, answers)
    return tuple(sorted((_diagnosis(mode, run, scenario) for mode in modes), key=lambda d: ORDER.index(d.status)))


def present(diagnoses: Iterable[Diagnosis]) -> tuple[DiagnosisSection, ...]:
    """The failure modes that the run shows, as the record keeps them."""
    return tuple(diagnosis.section for diagnosis in diagnoses if diagnosis.status == "present")


def _diagnosis(mode: FailureMode, run: DiagnosedRun, scenario: Scenario) -> Diagnosis:
    result = mode.detector(run)
    symptom = result if isinstance(result, Symptom) else None
    change = mode.change(scenario)
    section = DiagnosisSection(
        mode=mode.name,
        title=mode.title,
        arm=symptom.arm if symptom else None,
        symptom=f"{result.arm}: {result.figure}" if isinstance(result, Symptom) else result.reason,
        evidence=symptom.cases if symptom else (),
        cause=mode.cause,
        fix=mode.fix,
        change=change,
        setting=_setting(change, scenario),
    )
    return Diagnosis("not measured" if symptom is None else "present" if symptom.seen else "absent", section)


def _setting(change: SettingChange, scenario: Scenario) -> str:
    if not change:
        return "no setting does this: change the training examples"
    return "; ".join(f"{name}: {_now(name, scenario)} → {_text(value)}" for name, value in change.items())


def _now(name: str, scenario: Scenario) -> str:
    value: object = scenario
    for part in name.split("."):
        value = getattr(value, part)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items()) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
