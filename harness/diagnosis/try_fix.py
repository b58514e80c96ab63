"""`harness run --try-fix NAME`: the setting that a failure mode's fix proposes, run as one more arm beside the old one.

measured, fixes = try_fix("retrieval_misses", measure_step(inputs, planned), store, progress)
fixes[0].says    # 'rag+fix against rag: task success 4.2 points on dev (...); the symptom is gone: ...'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import harness.stats as stats
from harness.diagnosis.beside import SUFFIX, beside, in_place, variant
from harness.diagnosis.diagnose import Diagnosis, diagnose
from harness.diagnosis.modes import MODES, FailureMode, Fix, fix_of
from harness.engine.inputs import Inputs
from harness.engine.progress import Progress
from harness.engine.store import Store
from harness.record.score_table import ScoreTable, tabulate
from harness.record.sections import FixSection, SymptomSection, SymptomStatus
from harness.results.measure import Measure, RunResult, measure_run, measure_step
from harness.stages.plan import make_plan
from harness.stats.numbers import interval, number
from harness.types import Difference, Split

SHOWN: tuple[Split, ...] = ("dev", "test")  # settings are chosen on dev; test is shown beside it
Differences = Mapping[str, tuple[Difference, ...]]  # split ->


def try_fix(
    name: str,
    stage: Measure,
    store: Store,
    progress: Progress,
    workers: int | None = None,
    modes: tuple[FailureMode, ...] = MODES,
) -> tuple[RunResult, tuple[FixSection, ...]]:
    """The run with the diagnosed arm under the changed setting beside it, and what that changed.

    Where this run does not show the failure mode, its fix is tried on the candidate, and the section says so.
    """
    inputs = stage.inputs
    fix = fix_of(name, inputs.scenario, modes)
    base = measure_run(stage, store, progress, workers)
    before = _diagnosis(fix.mode, base, inputs)
    old = before.section.arm or inputs.scenario.candidate
    new = str(fix.change.get("candidate", old))
    fix_inputs = variant(inputs, fix.change, new)
    fix_run = measure_run(measure_step(fix_inputs, make_plan(fix_inputs)), store, progress, workers)
    after = _diagnosis(fix.mode, in_place(base, fix_run, old), inputs) if new == old else None
    called = f"{new}{SUFFIX}"
    title = f"{new} with {before.section.setting}"
    both = beside(base, fix_run, new, called, title, name)
    return both, (_section(fix, before, after, old, called, _differences(both, old, called, inputs)),)


def _diagnosis(mode: FailureMode, run: RunResult, inputs: Inputs) -> Diagnosis:
    return diagnose(run.figures, run.traces, run.scores, inputs.cases, inputs.scenario, (mode,))[0]


def _differences(both: RunResult, old: str, new: str, inputs: Inputs) -> Differences:
    """split -> paired differences new minus old of every rate that both arms have.

    Holm within the split over the metrics that arms are compared on; the others come after them with their interval
    alone, for information.
    """
    table = tabulate(score for score in both.scores if score.arm in (old, new))
    rates = [row for row in both.figures.metric_rows if row.unit == "fraction"]
    compared, informative = ([row.name for row in rates if row.compared is which] for which in (True, False))
    by_split: dict[str, tuple[Difference, ...]] = {}
    for split in SHOWN:
        tested = stats.with_holm(_pair_by_case(compared, split, table, old, new, inputs))
        others = _pair_by_case(informative, split, table, old, new, inputs)
        by_split[split] = (*tested, *(replace(row, p=None) for row in others))
    return by_split


def _pair_by_case(
    metrics: Iterable[str], split: Split, table: ScoreTable, old: str, new: str, inputs: Inputs
) -> Iterator[Difference]:
    cases = [case.id for case in inputs.cases if case.split == split]
    for metric in metrics:
        before, after = (table.get((arm, metric), {}) for arm in (old, new))
        column = {case: after[case] for case in cases if case in after}
        row = stats.difference_by_case((metric, new, old), column, before, inputs.clusters, inputs.scenario.seed)
        if row is not None:
            yield row


def _section(
    fix: Fix, before: Diagnosis, after: Diagnosis | None, old: str, new: str, differences: Differences
) -> FixSection:
    return FixSection(
        mode=fix.mode.name,
        title=fix.mode.title,
        arm=old,
        name=new,
        change=fix.change,
        setting=before.section.setting,
        before=_symptom(before),
        after=None if after is None else _symptom(after),
        differences=differences,
        says=f"{new} against {old}: {_success(differences)}; {_symptoms(before, after)}.",
    )


def _symptom(diagnosis: Diagnosis) -> SymptomSection:
    return SymptomSection(diagnosis.status, diagnosis.section.symptom)


def _success(differences: Differences) -> str:
    """Its effect on task success: dev first, because settings are chosen there."""
    texts = []
    for split in SHOWN:
        gain = next((row.estimate for row in differences[split] if row.metric == "task_success"), None)
        if gain is not None:
            texts.append(f"{number(gain.mean, gain.unit)} on {split} ({interval(gain)})")
    return f"task success {', '.join(texts)}" if texts else "no case has a task success in both"


WORDS: Mapping[tuple[SymptomStatus, SymptomStatus], str] = {
    ("present", "present"): "still there",
    ("present", "absent"): "gone",
    ("absent", "present"): "appeared",
}


def _symptoms(before: Diagnosis, after: Diagnosis | None) -> str:
    if after is None:
        return f"the symptom was: {before.section.symptom}"
    word = WORDS.get((before.status, after.status), f"{before.status} before, {after.status} after")
    return f"the symptom is {word}: {before.section.symptom} before, {after.section.symptom} after"
