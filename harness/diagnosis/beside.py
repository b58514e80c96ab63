"""One more arm with another setting, beside the arms of a run: the scenario with the change, and the two runs as one.

The arms that were there keep every figure they had. The new one is shown beside them and never shipped: a setting that
was tried on the test split has to be set in the scenario and run again before it may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from harness.run.inputs import Inputs, corpus_key_of
from harness.scenario.settings import Scenario
from harness.types import Score, Trace

SUFFIX = "+fix"
Measured = tuple[Mapping[str, Any], Sequence[Trace], Sequence[Score]]  # figures, traces, scores


def overlay(scenario: Scenario, change: Mapping[str, Any]) -> Scenario:
    """The scenario with dotted settings replaced: `{"tuning.rank": 8}`. KeyError for a setting that there is not."""
    for name, value in change.items():
        scenario = _put(scenario, name.split("."), value)
    return scenario


def _put(settings: Any, path: list[str], value: Any) -> Any:
    if not is_dataclass(settings) or path[0] not in {field.name for field in fields(settings)}:
        raise KeyError(path[0])
    inner = value if len(path) == 1 else _put(getattr(settings, path[0]), path[1:], value)
    return replace(settings, **{path[0]: inner})  # type: ignore[type-var]


def variant(inputs: Inputs, change: Mapping[str, Any], arm: str) -> Inputs:
    """The same cases, probes and examples for one arm under changed settings."""
    scenario = replace(overlay(inputs.scenario, change), arms=(arm,), candidate=arm)
    return replace(inputs, scenario=scenario, corpus_key=corpus_key_of(scenario))


def beside(base: Measured, tried: Measured, arm: str, name: str, title: str, mode: str) -> Measured:
    """The figures, traces and scores of a run with the tried arm added under a name of its own.

    Args:
        arm: what the arm is called in `tried`.
        name: what it is called from here on.
        mode: the failure mode whose fix it is.
    """
    figures, other = dict(base[0]), tried[0]
    row = next(row for row in other["arms"] if row["name"] == arm)
    figures["arms"] = [*figures["arms"], {**row, "name": name, "title": title, "tried": mode}]
    for key in ("metrics", "forms", "latency", "cost", "tuning", "identical_outputs"):
        figures[key] = _added(figures.get(key), other.get(key), arm, name)
    figures["slices"] = {
        which: {
            value: _added(by_arm, other["slices"].get(which, {}).get(value), arm, name) for value, by_arm in v.items()
        }
        for which, v in figures["slices"].items()
    }
    for key in ("forgetting", "freshness"):
        figures[key] = _with_arms(figures.get(key), other.get(key), arm, name)
    if "drills" in figures:
        theirs = {drill["name"]: drill for drill in other.get("drills") or ()}
        figures["drills"] = [_with_arms(drill, theirs.get(drill["name"]), arm, name) for drill in figures["drills"]]
    figures["stages"] = [*figures["stages"], *({**s, "arm": f"{s['arm'] or ''}{SUFFIX}"} for s in other["stages"])]
    figures["counts"] = {key: n + other["counts"][key] for key, n in figures["counts"].items()}
    return (
        {key: value for key, value in figures.items() if value is not None},
        (*base[1], *(replace(t, arm=name) for t in tried[1])),
        (*base[2], *(replace(s, arm=name) for s in tried[2])),
    )


def in_place(base: Measured, tried: Measured, arm: str) -> Measured:
    """The same run as if the tried arm had been the one of that name: what a detector is asked again on."""
    figures, other = dict(base[0]), tried[0]
    for key in ("latency", "tuning"):
        figures[key] = _added(figures.get(key), other.get(key), arm, arm)
    for key in ("forgetting", "freshness"):
        figures[key] = _with_arms(figures.get(key), other.get(key), arm, arm)
    theirs = {drill["name"]: drill for drill in other.get("drills") or ()}
    figures["drills"] = [_with_arms(d, theirs.get(d["name"]), arm, arm) for d in figures.get("drills") or ()]
    traces = [*(t for t in base[1] if t.arm != arm), *tried[1]]
    return figures, traces, [*(s for s in base[2] if s.arm != arm), *tried[2]]


def _added(rows: Mapping[str, Any] | None, others: Mapping[str, Any] | None, arm: str, name: str) -> Any:
    return rows if not others or arm not in others else {**(rows or {}), name: others[arm]}


def _with_arms(section: Any, other: Any, arm: str, name: str) -> Any:
    """A section that keeps its figures under `arms`."""
    if not section or not other or arm not in (other.get("arms") or {}):
        return section
    return {**section, "arms": {**section.get("arms", {}), name: other["arms"][arm]}}
