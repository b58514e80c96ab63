"""`harness run --try-fix NAME`: the setting that a failure mode's fix proposes, run as one more arm beside the old one.

figures, traces, scores = try_fix("retrieval_misses", inputs, plan, store, progress)
figures["fixes"][0]["says"]    # 'rag+fix against rag on dev: task success +4.2 points (...); symptom gone: ...'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from harness import stats
from harness.diagnosis.beside import SUFFIX, Measured, beside, in_place, variant
from harness.diagnosis.diagnose import Diagnosis, diagnose
from harness.diagnosis.modes import BY_NAME, FailureMode
from harness.errors import InputError
from harness.record.files import plain
from harness.results.measure import measure_run
from harness.run.inputs import Inputs
from harness.run.store import Store
from harness.run.workers import Progress
from harness.scenario.settings import Scenario
from harness.stages.plan import Plan, make_plan
from harness.stats.numbers import interval, number
from harness.types import Case, Difference, Score
from harness.verdict.evidence import NOT_APPLICABLE

COMPARED = ("task_success", "correct", "groundedness", "hallucination", "schema", "recall@k", "citation_precision")
SPLITS = ("dev", "test")  # settings are chosen on dev; test is shown beside it


@dataclass(frozen=True, slots=True)
class Fix:
    """A failure mode's change of settings on this scenario."""

    mode: FailureMode
    change: Mapping[str, Any]


def fix_of(name: str, scenario: Scenario) -> Fix:
    """The fix of that name. InputError names the nearest mode, or says that no setting does it."""
    mode = BY_NAME.get(name)
    if mode is None:
        near = get_close_matches(name, BY_NAME, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(BY_NAME)}"
        raise InputError(f"--try-fix {name}: no failure mode of that name; {hint}")
    change = mode.change(scenario)
    if not change:
        raise InputError(f"--try-fix {name}: no setting does this; {mode.fix}")
    return Fix(mode, change)


def try_fix(
    name: str, inputs: Inputs, plan: Plan, store: Store, progress: Progress, workers: int | None = None
) -> Measured:
    """The run, and beside it the diagnosed arm with the changed setting; compared in `figures["fixes"]`.

    Where this run does not show the failure mode, its fix is tried on the candidate, and the record says so.
    """
    fix = fix_of(name, inputs.scenario)
    base = measure_run(inputs, plan, store, progress, workers)
    seen = _diagnosed(base, inputs, name)
    old = seen.arm or inputs.scenario.candidate
    new = str(fix.change.get("candidate", old))
    changed = variant(inputs, fix.change, new)
    tried = measure_run(changed, make_plan(changed), store, progress, workers)
    after = _diagnosed(in_place(base, tried, old), inputs, name) if new == old else None
    called = f"{new}{SUFFIX}"
    told = _told(fix, seen, after, inputs, (old, called), _differences((old, new), base[2], tried[2], inputs))
    figures, traces, scores = beside(base, tried, new, called, f"{new} with {seen.setting}", name)
    return {**figures, "fixes": [plain(told)]}, traces, scores


def _diagnosed(run: Measured, inputs: Inputs, name: str) -> Diagnosis:
    found = diagnose(*run, inputs.cases, inputs.scenario)
    return next(d for d in found if d.mode == name)


def _differences(
    arms: tuple[str, str], old: Sequence[Score], new: Sequence[Score], inputs: Inputs
) -> dict[str, list[Difference]]:
    """split -> paired differences new minus old, Holm within the split."""
    was, now = _column(old, arms[0]), _column(new, arms[1])
    found = {}
    for split in SPLITS:
        cases = [case for case in inputs.cases if case.split == split]
        made = [d for metric in COMPARED if (d := _difference(metric, arms, was, now, cases, inputs)) is not None]
        adjusted = stats.holm([d.p for d in made])
        found[split] = [
            Difference(d.metric, d.arm, d.against, d.estimate, d.p, p) for d, p in zip(made, adjusted, strict=True)
        ]
    return found


Column = Mapping[str, Mapping[str, float | None]]  # metric -> case id -> value


def _column(scores: Sequence[Score], arm: str) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for score in scores:
        if score.arm == arm and not (score.value is None and (score.reason or "").startswith(NOT_APPLICABLE)):
            found.setdefault(score.metric, {})[score.case_id] = score.value
    return found


def _difference(
    metric: str, arms: tuple[str, str], was: Column, now: Column, cases: Sequence[Case], inputs: Inputs
) -> Difference | None:
    a, b = now.get(metric, {}), was.get(metric, {})
    ids = [case.id for case in cases if case.id in a and case.id in b]
    if not ids:
        return None
    labels = [inputs.clusters[i] for i in ids]
    name = (metric, f"{arms[1]}{SUFFIX}", arms[0])
    return stats.difference(name, [a[i] for i in ids], [b[i] for i in ids], labels, inputs.scenario.seed)


def _told(
    fix: Fix,
    seen: Diagnosis,
    after: Diagnosis | None,
    inputs: Inputs,
    arms: tuple[str, str],
    found: Mapping[str, Sequence[Difference]],
) -> dict[str, Any]:
    return {
        "mode": fix.mode.name,
        "title": fix.mode.title,
        "arm": arms[0],
        "name": arms[1],
        "change": fix.change,
        "setting": seen.setting,
        "before": {"status": seen.status, "symptom": seen.symptom},
        "after": None if after is None else {"status": after.status, "symptom": after.symptom},
        "differences": found,
        "says": _says(seen, after, arms, found),
    }


def _says(
    seen: Diagnosis, after: Diagnosis | None, arms: tuple[str, str], found: Mapping[str, Sequence[Difference]]
) -> str:
    """What it did, in a sentence: dev first, because settings are chosen there."""
    shown = []
    for split in SPLITS:
        gain = next((d.estimate for d in found[split] if d.metric == "task_success"), None)
        if gain is not None:
            shown.append(f"{number(gain.mean, gain.unit)} on {split} ({interval(gain)})")
    success = f"task success {', '.join(shown)}" if shown else "no case has a task success in both"
    return f"{arms[1]} against {arms[0]}: {success}; {_symptoms(seen, after)}."


def _symptoms(seen: Diagnosis, after: Diagnosis | None) -> str:
    if after is None:
        return f"the symptom was: {seen.symptom}"
    word = {("present", "present"): "still there", ("present", "absent"): "gone", ("absent", "present"): "appeared"}
    said = word.get((seen.status, after.status), f"{seen.status} before, {after.status} after")
    return f"the symptom is {said}: {seen.symptom} before, {after.symptom} after"
