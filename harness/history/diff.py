"""Runs beside runs: what changed between two of them.

changes = diff_runs(before, after)
changes.flips["hybrid"].lost    # cases that the hybrid no longer gets right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness import stats
from harness.errors import InputError
from harness.record.files import Run
from harness.types import Difference, Score
from harness.verdict.evidence import NOT_APPLICABLE

SETTINGS = ("scenario", "models", "candidate", "gates", "prices", "seeds", "hashes", "corpus", "golden", "versions")
NOISE = ("golden.runs_on_this_set", "golden.cluster_of", "corpus.embedded")  # differ without a setting being changed
COMPARED = ("task_success", "correct", "groundedness", "hallucination", "schema", "citation_recall")


@dataclass(frozen=True, slots=True)
class Flips:
    """Cases of one arm whose task success changed, and those whose answer reads otherwise."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    reworded: tuple[str, ...]  # another text, the same success


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed from one run to another."""

    shared_cases: int
    flips: Mapping[str, Flips]  # by arm that is in both runs
    differences: tuple[Difference, ...]  # after minus before, paired by case; `arm` is the arm, `against` the older run
    settings: Mapping[str, tuple[Any, Any]]  # dotted name -> (before, after)


def diff_runs(before: Run, after: Run) -> Changes:
    """Answers that flipped, paired differences of metrics (Holm over them all), settings that changed.

    Raises:
        InputError: the runs share no arm, or no case.
    """
    old, new = _table(before.scores), _table(after.scores)
    arms = [arm["name"] for arm in after.record["arms"] if any(arm["name"] == b["name"] for b in before.record["arms"])]
    cases = sorted({c for row in old.values() for c in row} & {c for row in new.values() for c in row})
    if not arms or not cases:
        what = "arm" if not arms else "case"
        raise InputError(f"{before.folder.name} and {after.folder.name} share no {what}; compare runs of one scenario")
    return Changes(
        shared_cases=len(cases),
        flips={arm: _flips(arm, before, after, old, new) for arm in arms},
        differences=_differences(arms, before, after, old, new),
        settings=dict(_changed(before.record, after.record)),
    )


def flipped_cases(before: Iterable[Score], after: Iterable[Score]) -> list[str]:
    """Cases whose task success changed in some arm that both runs have, sorted."""
    old, new = (_table(score for score in scores if score.metric == "task_success") for scores in (before, after))
    return sorted(
        {case for arm in old.keys() & new.keys() for way in _changed_success(old[arm], new[arm]) for case in way}
    )


Successes = Mapping[str, float | None]  # case id -> value
Table = Mapping[tuple[str, str], Successes]  # (arm, metric) -> values


def _table(scores: Iterable[Score]) -> dict[tuple[str, str], dict[str, float | None]]:
    found: dict[tuple[str, str], dict[str, float | None]] = {}
    for score in scores:
        if not (score.value is None and (score.reason or "").startswith(NOT_APPLICABLE)):
            found.setdefault((score.arm, score.metric), {})[score.case_id] = score.value
    return found


def _flips(arm: str, before: Run, after: Run, old: Table, new: Table) -> Flips:
    was, now = (table.get((arm, "task_success"), {}) for table in (old, new))
    texts_was, texts_now = _texts(before, arm), _texts(after, arm)
    same = (c for c in was if was[c] is not None and was[c] == now.get(c))
    gained, lost = _changed_success(was, now)
    return Flips(gained, lost, reworded=tuple(c for c in same if texts_was.get(c) != texts_now.get(c)))


def _changed_success(was: Successes, now: Successes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(cases gained, cases lost) among those scored in both."""
    both = [(case, was[case], now.get(case)) for case in was]
    return tuple(c for c, *pair in both if pair == [0.0, 1.0]), tuple(c for c, *pair in both if pair == [1.0, 0.0])


def _texts(run: Run, arm: str) -> dict[str, str]:
    return {t.case_id: t.answer.raw for t in run.traces if t.arm == arm and t.answer and not t.probe}


def _differences(arms: Sequence[str], before: Run, after: Run, old: Table, new: Table) -> tuple[Difference, ...]:
    clusters = (after.record.get("golden") or {}).get("cluster_of") or {}
    made = []
    for arm in arms:
        for metric in COMPARED:
            was, now = old.get((arm, metric), {}), new.get((arm, metric), {})
            ids = [c for c in now if c in was]
            if ids:
                labels = [clusters.get(c, c) for c in ids]
                columns = [now[c] for c in ids], [was[c] for c in ids]
                made.append(stats.difference((metric, arm, before.folder.name), *columns, labels))
    adjusted = stats.holm([d.p for d in made])
    return tuple(_with_holm(d, p) for d, p in zip(made, adjusted, strict=True))


def _with_holm(difference: Difference, p: float | None) -> Difference:
    return Difference(difference.metric, difference.arm, difference.against, difference.estimate, difference.p, p)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, Any]]]:
    old, new = (dict(_leaves({key: record.get(key) for key in SETTINGS})) for record in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name) and not name.startswith(NOISE):
            yield name, (old.get(name), new.get(name))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
