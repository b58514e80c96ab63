"""A run under test: its cases, the answers and scores of one arm, its verdict, and what it is compared with.

trial.gate("schema").status                        # 'not proven'
trial.regression("task_success", 5).reason         # '−2.5 points (95 % interval −6.1 to 0.9, n = 120) ...'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import harness.stats as stats
from harness.api import Run
from harness.errors import InputError
from harness.extensions import tables_of
from harness.files.paths import reports_dir
from harness.record.files import StoredRun, find_run, load_run
from harness.record.score_table import ByTrace, by_trace
from harness.record.sections import MetricSection
from harness.runs.blessed import FOLDER as BLESSED
from harness.runs.blessed import blessed
from harness.runs.stored import BEARS, OpenRun, open_stored
from harness.types import Answer, Case, Gate, Score, Trace, Verdict
from harness.verdict.decide import decide
from harness.verdict.gates import GATES, GateRow, judge
from harness.verdict.measures import Measurement, Unmeasured
from harness.verdict.thresholds import read_thresholds

Note = Callable[[tuple[str, object]], object]  # keeps a property of the test, as --junitxml shows it


@dataclass(frozen=True, slots=True)
class Side:
    """One arm of one run, looked up by case."""

    run: StoredRun
    arm: str
    traces: Mapping[str, Trace]  # case id ->
    scores: ByTrace

    @property
    def title(self) -> str:
        return f"{self.arm} of {self.run.folder.name}"

    def score(self, case: str, metric: str) -> Score | None:
        """The score of a case; None where the arm left it without an answer, or was not asked it."""
        return self.scores.get((case, self.arm), {}).get(metric)


@dataclass(frozen=True, slots=True)
class Pair:
    """One metric on one case, in the baseline and in the run under test."""

    before: float | None  # None: unscored
    after: float | None
    change: float | None  # after minus before
    lost: bool  # right before, wrong now
    gained: bool  # wrong before, right now


def pair_of(before: float | None, after: float | None) -> Pair:
    """The two values as a Pair."""
    change = None if before is None or after is None else after - before
    return Pair(before, after, change, lost=(before, after) == (1, 0), gained=(before, after) == (0, 1))


@dataclass(frozen=True, slots=True, repr=False)
class CaseScores:
    """The scores of one case, by metric."""

    side: Side
    case: Case
    note: Note

    def __repr__(self) -> str:
        return f"<scores of {self.case.id}, {self.side.title}>"

    def __call__(self, metric: str) -> float:
        """The value. Skips the test where the metric has no meaning for this case, fails it where it is unscored."""
        import pytest

        check_metric(self.side.run, metric)
        score = self.side.score(self.case.id, metric)
        if score is None:
            raise AssertionError(f"{metric} of {self.case.id}: unscored: {self.side.arm} has no answer to it")
        if score.value is None:
            words = f"{metric} of {self.case.id}: {score.reason}"
            if not score.applicable:
                pytest.skip(words)
            raise AssertionError(f"unscored: {words}")
        self.note((metric, score.value))
        return score.value


@dataclass(frozen=True, slots=True, repr=False)
class PairedScores:
    """The scores of one case in the baseline and in the run under test, by metric."""

    before: Side
    after: Side
    case: Case
    note: Note

    def __repr__(self) -> str:
        return f"<scores of {self.case.id}, {self.after.title} beside {self.before.title}>"

    def __call__(self, metric: str) -> Pair:
        check_metric(self.after.run, metric)
        pair = pair_of(*(_value(side, self.case.id, metric) for side in (self.before, self.after)))
        self.note((f"{metric}.change", pair.change))
        return pair


@dataclass(frozen=True, slots=True)
class Trial:
    """A run under test."""

    archive: OpenRun
    side: Side
    against: Side | None  # the baseline
    verdict: Verdict
    table: tuple[GateRow, ...]

    @property
    def api(self) -> Run:
        return Run(self.side.run)

    @property
    def cases(self) -> tuple[Case, ...]:
        return tuple(case for case in self.archive.cases if case.split == "test")

    def answer(self, case: Case) -> Answer:
        """The answer to a case. InputError where the arm gave none, or was not asked."""
        trace = self.side.traces.get(case.id)
        if trace is None:
            raise InputError(f"{case.id}: {self.side.title} was not asked this question")
        if trace.answer is None:
            raise InputError(f"{case.id}: {self.side.title} has no answer: {trace.error}")
        return trace.answer

    def scores_of(self, case: Case, note: Note) -> CaseScores:
        self.answer(case)
        return CaseScores(self.side, case, note)

    def pairs_of(self, case: Case, note: Note) -> PairedScores:
        return PairedScores(self.needed_baseline(), self.side, case, note)

    def needed_baseline(self) -> Side:
        """The baseline. InputError where none was named."""
        if self.against is None:
            raise InputError("nothing to compare with: name a run or an arm of this run with --harness-baseline")
        return self.against

    def gate(self, name: str, threshold: float | str | None = None) -> Gate:
        """One gate, judged: as the scenario sets it, or with another threshold in the scenario's unit.

        Raises:
            InputError: no such gate, or one that the scenario does not set.
        """
        verdict = self.verdict
        if threshold is not None:
            verdict = verdict_on(self.archive, self.side.arm, self.table, {name: threshold})
        elif name not in {row.name for row in self.table}:
            read_thresholds({name: None}, table=self.table)  # names the nearest one
        gate = next((gate for gate in verdict.gates if gate.name == name), None)
        if gate is None:
            raise InputError(f"gate {name}: the scenario does not set it; give a threshold: assert_gate('{name}', 70)")
        return gate

    def regression(self, metric: str, margin: float) -> Gate:
        """The paired difference to the baseline as a gate: whether it is proven to be no worse than `-margin`.

        Args:
            metric: any metric of the run.
            margin: in points for a rate, else in the metric's own unit.
        """
        row, against = check_metric(self.side.run, metric), self.needed_baseline()
        unit = "points" if row.unit == "fraction" else row.unit
        gate = GateRow(
            f"no_regression[{metric}]", f"{row.title}, beside {against.title}", lambda *_: Unmeasured(""), ">=", None,
            unit, absolute=False,
        )  # fmt: skip
        return judge(gate, -margin, _difference(self.side, against, row, unit))


def check_metric(run: StoredRun, metric: str) -> MetricSection:
    """The row of a metric. InputError names the known ones."""
    row = next((row for row in run.record.metric_rows if row.name == metric), None)
    if row is None:
        names = ", ".join(row.name for row in run.record.metric_rows)
        raise InputError(f"metric '{metric}': {run.folder.name} has none of that name; known: {names}")
    return row


def _difference(now: Side, before: Side, row: MetricSection, unit: str) -> Measurement | Unmeasured:
    """Now minus before, or the other way round where less is better; what is unscored at its worst beside it."""
    clusters = now.run.record.golden.cluster_of
    shared = [case for case in clusters if case in before.traces and case in now.traces]
    both = [case for case in shared if not _inapplicable(now, before, case, row.name)]
    new, old = ([_value(side, case, row.name) for case in both] for side in (now, before))
    if not any(x is not None and y is not None for x, y in zip(new, old, strict=True)):
        return Unmeasured(f"no question has a score for {row.name} in both {now.title} and {before.title}")
    first, second = (new, old) if row.better != "lower" else (old, new)
    labels, seed = [clusters[case] for case in both], now.run.record.seed
    estimate = stats.paired(first, second, labels, seed, unit)
    same = now.run.record.golden.hash == before.run.record.golden.hash
    note = "" if same else "; the golden sets differ: paired by id"
    if not estimate.unscored:
        return Measurement(estimate, estimate, note=note)
    if row.unit != "fraction":
        return Measurement(estimate, None, note=note)
    worst = stats.paired([x or 0.0 for x in first], [1.0 if y is None else y for y in second], labels, seed)
    best = stats.paired([1.0 if x is None else x for x in first], [y or 0.0 for y in second], labels, seed)
    return Measurement(estimate, worst, best, note=note)


def _value(side: Side, case: str, metric: str) -> float | None:
    score = side.score(case, metric)
    return None if score is None else score.value


def _inapplicable(now: Side, before: Side, case: str, metric: str) -> bool:
    return any((score := side.score(case, metric)) is not None and not score.applicable for side in (now, before))


# --- opening --------------------------------------------------------------------------------------------------------


def open_trial(folder: Path, arm: str | None, baseline: str | None) -> Trial:
    """A stored run as a run under test.

    Raises:
        InputError: the golden set was edited since, the scenario is gone, no such arm or baseline.
    """
    archive = open_stored(str(folder), BEARS["gate"])
    run, scenario = archive.run, archive.needed_scenario()
    if not archive.cases:
        raise InputError(f"{run.folder}: its questions are needed: {archive.without_questions}")
    table = tables_of(scenario, allow_code=True).gates  # pytest runs the project's code anyway
    name = arm or scenario.candidate
    name = name if arm or name in run.record.arm_names else run.record.candidate
    if name not in run.record.arm_names:
        raise InputError(f"arm '{name}': not in {run.folder.name}; arms in it: {', '.join(run.record.arm_names)}")
    side = _side(run, name)
    against = None if baseline is None else _baseline(side, baseline, scenario.dir)
    return Trial(archive, side, against, verdict_on(archive, name, table), table)


def verdict_on(
    archive: OpenRun, arm: str, table: tuple[GateRow, ...] = GATES, more: Mapping[str, float | str] | None = None
) -> Verdict:
    """The verdict on an arm by the scenario's gates as they stand now, with `more` in their place."""
    record, scenario = archive.run.record, archive.needed_scenario()
    advised = None if record.advice is None else record.advice.recommendation
    gates = {**scenario.gates, **(more or {})}
    return decide(record, archive.run.scores, archive.cases, gates, arm, advised, table)


def _side(run: StoredRun, arm: str) -> Side:
    traces = {trace.case_id: trace for trace in run.traces if trace.arm == arm and not trace.probe}
    return Side(run, arm, traces, by_trace(score for score in run.scores if score.arm == arm))


def _baseline(side: Side, name: str, home: Path | None = None) -> Side:
    """An arm of the same run, what was blessed for the scenario in `home`, or the same arm of another run."""
    if name == BLESSED and home is not None:
        pinned = blessed(home)
        return _side(pinned.run, pinned.pin.arm)
    if name in side.run.record.arm_names:
        if name == side.arm:
            raise InputError(f"baseline '{name}': it is the arm under test; name another arm, or a run")
        return _side(side.run, name)
    other = load_run(find_run(name, reports_dir()))
    arms = other.record.arm_names
    return _side(other, side.arm if side.arm in arms else other.record.candidate)


def in_part(verdict: Verdict) -> Verdict:
    """A verdict that a part of a session must not take for a release."""
    return replace(verdict, word="NOT PROVEN") if verdict.word == "GO" else verdict
