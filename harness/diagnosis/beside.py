"""One more arm with another setting, beside the arms of a run: the scenario with the change, and the two runs as one.

The arms that were there keep every figure they had. The new one is shown beside them and never shipped: a setting that
was tried on the test split has to be set in the scenario and run again before it may be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from harness.engine.inputs import Inputs, corpus_key_of
from harness.record.measurements import AbilitySection, DrillSection, FreshnessSection, LatencySection
from harness.record.sections import CountSection, Figures, Setting
from harness.results.measure import RunResult
from harness.scenario.settings import Scenario
from harness.types import Estimate

SUFFIX = "+fix"

Row = TypeVar("Row")
Section = TypeVar("Section", LatencySection, AbilitySection, DrillSection, "FreshnessSection | None")
Drills = tuple[DrillSection, ...] | None
Slices = Mapping[str, Mapping[str, Mapping[str, Estimate]]]


def overlay(scenario: Scenario, change: Mapping[str, Setting]) -> Scenario:
    """The scenario with dotted settings replaced: `{"tuning.rank": 8}`. KeyError for a setting that there is not."""
    for name, value in change.items():
        scenario = _replace_at(scenario, name.split("."), value)
    return scenario


def _replace_at(settings: Any, path: list[str], value: Any) -> Any:
    if not is_dataclass(settings) or path[0] not in {field.name for field in fields(settings)}:
        raise KeyError(path[0])
    inner = value if len(path) == 1 else _replace_at(getattr(settings, path[0]), path[1:], value)
    return replace(settings, **{path[0]: inner})  # type: ignore[type-var]


def variant(inputs: Inputs, change: Mapping[str, Setting], arm: str) -> Inputs:
    """The same cases, probes and examples for one arm under changed settings."""
    scenario = replace(overlay(inputs.scenario, change), arms=(arm,), candidate=arm)
    return replace(inputs, scenario=scenario, corpus_key=corpus_key_of(scenario))


def beside(base: RunResult, other: RunResult, arm: str, name: str, title: str, mode: str) -> RunResult:
    """The figures, traces and scores of a run with the tried arm added under a name of its own.

    Args:
        arm: what the arm is called in `tried`.
        name: what it is called from here on.
        mode: the failure mode whose fix it is.
    """
    old, new = base.figures, other.figures
    row = next(row for row in new.arms if row.name == arm)
    stages = (replace(stage, arm=f"{stage.arm or ''}{SUFFIX}") for stage in new.stages)
    figures = replace(
        _with_arm(old, new, arm, name),
        arms=(*old.arms, replace(row, name=name, title=title, tried=mode)),
        metrics=_added(old.metrics, new.metrics, arm, name),
        slices=_sliced(old.slices, new.slices, arm, name),
        forms=_added(old.forms, new.forms, arm, name),
        cost=_added(old.cost, new.cost, arm, name),
        identical_outputs=_added(old.identical_outputs, new.identical_outputs, arm, name),
        stages=(*old.stages, *stages),
        counts=CountSection(
            old.counts.traces + new.counts.traces,
            old.counts.errors + new.counts.errors,
            old.counts.again + new.counts.again,
        ),
    )
    return RunResult(
        figures,
        (*base.traces, *(replace(trace, arm=name) for trace in other.traces)),
        (*base.scores, *(replace(score, arm=name) for score in other.scores)),
    )


def in_place(base: RunResult, other: RunResult, arm: str) -> RunResult:
    """The same run as if the tried arm had been the one of that name: what a detector is asked again on."""
    return RunResult(
        _with_arm(base.figures, other.figures, arm, arm),
        (*(trace for trace in base.traces if trace.arm != arm), *other.traces),
        (*(score for score in base.scores if score.arm != arm), *other.scores),
    )


def _with_arm(old: Figures, new: Figures, arm: str, name: str) -> Figures:
    """The figures of an arm apart from its answers: speed, training, ability, drills."""
    return replace(
        old,
        latency=_with_rows(old.latency, new.latency, arm, name),
        tuning=_added(old.tuning, new.tuning, arm, name),
        forgetting=_with_rows(old.forgetting, new.forgetting, arm, name),
        safety=_with_rows(old.safety, new.safety, arm, name),
        over_refusal=_with_rows(old.over_refusal, new.over_refusal, arm, name),
        freshness=_with_rows(old.freshness, new.freshness, arm, name),
        drills=_with_drills(old.drills, new.drills, arm, name),
    )


def _added(rows: Mapping[str, Row], others: Mapping[str, Row], arm: str, name: str) -> Mapping[str, Row]:
    return {**rows, name: others[arm]} if arm in others else rows


def _with_rows(section: Section, other: Section, arm: str, name: str) -> Section:
    """A section that keeps its figures under `arms`; None stays None."""
    if section is None or other is None:
        return section
    return replace(section, arms=_added(section.arms, other.arms, arm, name))


def _with_drills(drills: Drills, others: Drills, arm: str, name: str) -> Drills:
    by_name = {drill.name: drill for drill in others or ()}
    if drills is None:
        return None
    return tuple(_with_rows(drill, by_name.get(drill.name, drill), arm, name) for drill in drills)


def _sliced(slices: Slices, others: Slices, arm: str, name: str) -> Slices:
    return {
        which: {value: _added(rows, others.get(which, {}).get(value, {}), arm, name) for value, rows in values.items()}
        for which, values in slices.items()
    }
