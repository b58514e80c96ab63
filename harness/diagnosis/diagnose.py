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
from harness.stats.numbers import interval, number
from harness.types import Case, Estimate, Score, Trace
from harness.verdict.score_sheet import gather

ORDER: tuple[SymptomStatus, ...] = ("present", "absent", "not measured")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One failure mode, looked for in one run."""

    status: SymptomStatus
    section: DiagnosisSection  # its symptom is the figure, or why there is none
    weight: float  # of its share, for the order


def diagnose(
    figures: Figures,
    traces: Iterable[Trace],
    scores: Iterable[Score],
    cases: Sequence[Case],
    scenario: Scenario,
    modes: tuple[FailureMode, ...] = MODES,
) -> tuple[Diagnosis, ...]:
    """Every failure mode: present ones first, and of these the one whose fix could win most questions first."""
    run = diagnosed_run(figures, traces, scores, cases)
    return tuple(sorted((_diagnosis(mode, run, scenario) for mode in modes), key=lambda d: _place(d, run)))


def diagnosed_run(
    figures: Figures, traces: Iterable[Trace], scores: Iterable[Score], cases: Sequence[Case]
) -> DiagnosedRun:
    """The run as detectors and the waterfall read it: its test split, probes left out."""
    sheet = gather(figures, scores, cases)
    tested = set(sheet.cases)
    answers = {(t.arm, t.case_id): t.answer for t in traces if t.answer and not t.probe and t.case_id in tested}
    return DiagnosedRun(sheet, answers, {case.id: case for case in cases if case.id in tested})


def _place(diagnosis: Diagnosis, run: DiagnosedRun) -> tuple[int, bool, float]:
    """By status; what another arm than the candidate suffers from comes last; by the share that the fix could win, a
    share that is spoilt otherwise at half of it.

    Shares that no reader can tell apart stand in the order of the table, causes before what they bring about.
    """
    section = diagnosis.section
    share = (section.share.mean or 0.0) if section.share is not None else 0.0
    elsewhere = section.arm not in run.candidate_arms
    return ORDER.index(diagnosis.status), elsewhere, -round(diagnosis.weight * share, 3)


def present(diagnoses: Iterable[Diagnosis]) -> tuple[DiagnosisSection, ...]:
    """The failure modes that the run shows, as the record keeps them."""
    return tuple(diagnosis.section for diagnosis in diagnoses if diagnosis.status == "present")


def _diagnosis(mode: FailureMode, run: DiagnosedRun, scenario: Scenario) -> Diagnosis:
    result = mode.detector(run)
    symptom = result if isinstance(result, Symptom) else None
    change = mode.change(scenario)
    wins, share = (None, None) if symptom is None else _stake(symptom, run)
    section = DiagnosisSection(
        mode=mode.name,
        title=mode.title,
        arm=symptom.arm if symptom else None,
        symptom=f"{result.arm}: {result.figure}" if isinstance(result, Symptom) else result.reason,
        evidence=symptom.cases if symptom else (),
        cause=mode.cause,
        fix=mode.fix,
        change=change,
        setting=_setting(mode, change, scenario),
        tried=_effects(symptom.arm, (change.get("candidate"),), run) if symptom else None,
        beside=_effects(symptom.arm, [arm for arm in mode.arms if arm != change.get("candidate")], run)
        if symptom
        else None,
        wins=wins,
        share=share,
    )
    status: SymptomStatus = "not measured" if symptom is None else "present" if symptom.seen else "absent"
    return Diagnosis(status, section, mode.weight)


def _stake(symptom: Symptom, run: DiagnosedRun) -> tuple[int | None, Estimate | None]:
    """(failed questions that show the mode, share of the questions that its fix could win or mend)."""
    failures = set(run.failures(symptom.arm))
    losses = [case for case in symptom.cases if case in failures]
    wins = len(losses) if symptom.cases else None
    if symptom.harm is not None:
        return wins, symptom.harm
    return wins, run.share(symptom.arm, losses) if symptom.cases else None


def _effects(arm: str, others: Sequence[object], run: DiagnosedRun) -> str | None:
    """What fixes did that are arms of this run themselves: their task success beside the arm's."""
    rows = [d for d in run.sheet.figures.differences if (d.metric, d.against) == ("task_success", arm)]
    gains = {d.arm: d.estimate for d in rows if d.arm in others and d.estimate.mean is not None}
    texts = (f"{name} {number(gain.mean, gain.unit, signed=True)} ({interval(gain)})" for name, gain in gains.items())
    return f"task success against {arm} in this run: {'; '.join(texts)}" if gains else None


def _setting(mode: FailureMode, change: SettingChange, scenario: Scenario) -> str:
    if not change:
        return f"no setting does this: {mode.by_hand}"
    pairs = ((name, _now(name, scenario), _text(value)) for name, value in change.items())
    return "; ".join(f"{name}: {now}, as it is" if now == new else f"{name}: {now} → {new}" for name, now, new in pairs)


def _now(name: str, scenario: Scenario) -> str:
    value: object = scenario
    for part in name.split("."):
        value = getattr(value, part)
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items()) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
