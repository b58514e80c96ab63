"""The changes between two runs.

changes = diff_runs(before, after)
changes.flips["hybrid"].lost    # cases that the hybrid no longer gets right
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import harness.stats as stats
from harness.errors import InputError
from harness.history.figures import Moved, moved_figures
from harness.record.codec import plain
from harness.record.files import StoredRun
from harness.record.score_table import Row, ScoreTable, tabulate
from harness.record.sections import MetricSection, Record, Setting
from harness.types import Difference, Score

SUCCESS = "task_success"


@dataclass(frozen=True, slots=True)
class Flips:
    """Cases of one arm whose task success changed, and those whose answer reads otherwise."""

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    reworded: tuple[str, ...]  # another text, the same success


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes from one run to another."""

    shared_cases: int  # of the test split; no other counts
    flips: Mapping[str, Flips]  # by arm that is in both runs
    differences: tuple[Difference, ...]  # after minus before, paired by case; `arm` is the arm, `against` the older run
    figures: tuple[Moved, ...]  # what cannot be paired by case and differs: form, latency, cost, ability, drills
    settings: Mapping[str, tuple[Setting, Setting]]  # dotted name -> (before, after); None where it was not there
    unknown: str | None = None  # why some settings could not be compared


def diff_runs(before: StoredRun, after: StoredRun) -> Changes:
    """Answers that flipped, every metric that moved, every setting that changed; cases of the test split only.

    Metrics that each case carries are paired by case, with Holm over those that the newer run compares arms on.

    Raises:
        InputError: the runs share no arm, or no case.
    """
    arms = [arm for arm in after.record.arm_names if arm in before.record.arm_names]
    tested = before.record.golden.cluster_of.keys() & after.record.golden.cluster_of.keys()
    old, new = (tabulate(score for score in run.scores if score.case_id in tested) for run in (before, after))
    cases = _cases(old) & _cases(new)
    if not arms or not cases:
        what = "arm" if not arms else "test case"
        raise InputError(f"{before.folder.name} and {after.folder.name} share no {what}; compare runs of one scenario")
    return Changes(
        shared_cases=len(cases),
        flips={arm: _flips(arm, before, after, old, new) for arm in arms},
        differences=_differences(arms, before, after, old, new),
        figures=moved_figures(before.record, after.record),
        settings=dict(_changed_settings(before.record, after.record)),
        unknown=_unknown(before, after),
    )


def flipped_cases(before: Iterable[Score], after: Iterable[Score]) -> list[str]:
    """Cases whose task success changed in some arm that both runs have, sorted."""
    old, new = (tabulate(score for score in scores if score.metric == SUCCESS) for scores in (before, after))
    return sorted(
        {case for arm in old.keys() & new.keys() for cases in _success_flips(old[arm], new[arm]) for case in cases}
    )


# --- answers ------------------------------------------------------------------------------------------------------


def _cases(table: ScoreTable) -> set[str]:
    return {case for row in table.values() for case in row}


def _flips(arm: str, before: StoredRun, after: StoredRun, old: ScoreTable, new: ScoreTable) -> Flips:
    was, now = (table.get((arm, SUCCESS), {}) for table in (old, new))
    texts_was, texts_now = _texts(before, arm), _texts(after, arm)
    same = (case for case in was if was[case] is not None and was[case] == now.get(case))
    gains, losses = _success_flips(was, now)
    return Flips(gains, losses, reworded=tuple(case for case in same if texts_was.get(case) != texts_now.get(case)))


def _success_flips(was: Row, now: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(cases gained, cases lost) among those scored in both."""
    pairs = {case: (was[case], now.get(case)) for case in was}
    gains = tuple(case for case, pair in pairs.items() if pair == (0.0, 1.0))
    return gains, tuple(case for case, pair in pairs.items() if pair == (1.0, 0.0))


def _texts(run: StoredRun, arm: str) -> dict[str, str]:
    return {t.case_id: t.answer.raw for t in run.traces if t.arm == arm and t.answer and not t.probe}


def _differences(
    arms: Sequence[str], before: StoredRun, after: StoredRun, old: ScoreTable, new: ScoreTable
) -> tuple[Difference, ...]:
    """Of every metric of the newer run: those that it compares arms on with Holm over them, then the others."""
    rows = {row.name: row for row in after.record.metric_rows}
    pairs = [(arm, row) for arm in arms for row in rows.values()]
    changes = [_difference(arm, row, before, after, old, new) for arm, row in pairs]
    compared = [row is not None and rows[row.metric].compared for row in changes]
    tested = stats.with_holm(row for row, is_compared in zip(changes, compared, strict=True) if is_compared)
    others = tuple(row for row, is_compared in zip(changes, compared, strict=True) if row and not is_compared)
    return (*tested, *others)


def _difference(
    arm: str, row: MetricSection, before: StoredRun, after: StoredRun, old: ScoreTable, new: ScoreTable
) -> Difference | None:
    was, now = (table.get((arm, row.name), {}) for table in (old, new))
    unit = "points" if row.unit == "fraction" else row.unit
    name, clusters = (row.name, arm, before.folder.name), after.record.golden.cluster_of
    return stats.difference_by_case(name, now, was, clusters, unit=unit)


# --- settings -----------------------------------------------------------------------------------------------------


def _settings(record: Record) -> Mapping[str, object]:
    """The settings of a run, without what differs though no setting was changed: run counts, cache hits, clusters."""
    return {
        **(record.settings or {}),
        "scenario": replace(record.scenario, hash="") if record.settings else record.scenario,
        "arms": record.arm_names,
        "advice": record.advice,
        "models": record.models,
        "candidate": record.candidate,
        "gates": record.gates,
        "prices": record.prices,
        "seed": record.seed,
        "hashes": record.hashes,
        "corpus": replace(record.corpus, embedded=0),
        "golden": replace(record.golden, cluster_of={}, runs_on_this_set=1),
        "versions": record.versions,
    }


def _unknown(before: StoredRun, after: StoredRun) -> str | None:
    older = [run.folder.name for run in (before, after) if run.record.settings is None]
    if not older:
        return None
    return f"{' and '.join(older)}: made by an earlier version, whose records keep no settings of retrieval and tuning"


def _changed_settings(before: Record, after: Record) -> Iterator[tuple[str, tuple[Setting, Setting]]]:
    both = None not in (before.settings, after.settings)
    old, new = (
        dict(_leaves(plain(_settings(record if both else replace(record, settings=None)))))
        for record in (before, after)
    )
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield name, (old.get(name), new.get(name))


def _leaves(value: Setting | Mapping[str, Setting], name: str = "") -> Iterator[tuple[str, Setting]]:
    """Dotted name and value of everything in nested mappings."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
