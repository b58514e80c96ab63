"""The Python API: advice, runs and stored runs as values, tables as pandas data frames.

    import harness

    run = harness.run("my-project")
    run.verdict.word          # 'NOT PROVEN'
    run.estimates()           # arm, metric, mean, low, high, n, unscored, unit

Errors are the package's own (`harness.errors`): InputError for bad input, EnvironmentFailure for a full disk or a
server out of reach. Nothing here ends the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from harness.advice.facts import Facts
from harness.advice.parse import parse_advice
from harness.advice.recommend import Advice
from harness.advice.recommend import advise as _advise
from harness.engine.part import RunPart
from harness.engine.progress import Progress, silent
from harness.exports import tables
from harness.record.files import StoredRun, load_run
from harness.record.sections import Record
from harness.start_run import make_ready, perform
from harness.stored import BEARS, open_stored
from harness.types import Verdict
from harness.unchanged import find_unchanged

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    stored: StoredRun

    @property
    def folder(self) -> Path:
        """The run folder, with record.json, traces.jsonl, scores.jsonl and report.html."""
        return self.stored.folder

    @property
    def record(self) -> Record:
        """Everything that was measured and concluded."""
        return self.stored.record

    @property
    def verdict(self) -> Verdict:
        return self.stored.record.verdict

    def estimates(self) -> DataFrame:
        """A row an arm and metric, test split: mean, low, high, n, unscored, unit."""
        return tables.estimates(self.stored)

    def cases(self) -> DataFrame:
        """A row an arm and golden question: the answer, or the error in its place; probes left out."""
        return tables.cases(self.stored)

    def metrics(self) -> DataFrame:
        """A row an arm, golden question and metric: the value, or why there is none; every split."""
        return tables.metrics(self.stored)

    def export(self, format: str, target: str | Path) -> list[str]:
        """Write it for another tool (csv, parquet, mlflow, inspect, ...: `harness export`); returns what was written.

        Raises:
            InputError: no such format, or a place that cannot be written; MissingExtra: its library is not installed.
        """
        from harness.exports.formats import export

        return export(format, self.stored, str(target))

    def _repr_html_(self) -> str:
        """The verdict and every arm's task success, for a notebook."""
        verdict = self.verdict
        table = self.estimates().query("metric == 'task_success'").drop(columns="metric").to_html(index=False)
        return f"<h3>{escape(verdict.word)}</h3><p>{escape(verdict.sentence)}</p>{table}"


def advise(answers: Mapping[int, object], facts: Facts | Mapping[str, object] | None = None) -> Advice:
    """The advice for up to nine answers: yes, no or unsure, as words or booleans; questions left out are unsure.

    Raises:
        InputError: an answer or a fact is not one.
    """
    if isinstance(facts, Facts):
        questionnaire = parse_advice({"answers": dict(answers)}, "advise")
        return _advise(questionnaire.answers, facts)
    questionnaire = parse_advice({"answers": dict(answers), "facts": dict(facts or {})}, "advise")
    return _advise(questionnaire.answers, questionnaire.facts)


def run(
    scenario: str | Path,
    *,
    arms: Iterable[str] | None = None,
    limit: int | None = None,
    cases: Iterable[str] = (),
    drills: bool = False,
    workers: int | None = None,
    allow_code: bool = False,
    fresh: bool = False,
    progress: Progress = silent,
) -> Run:
    """Build the arms of a scenario, ask them its golden set, measure and decide; what was done before is not redone.

    Args:
        scenario: a folder with a scenario.yaml, or its id under scenarios/.
        arms: only these; like `limit` and `cases` this makes a partial run, which is never GO.
        limit: at most this many cases a split.
        cases: only these, by id.
        drills: also ask under distractors, other order or words, hidden orders, changed facts.
        workers: processes side by side; None: one a core.
        allow_code: run the scenario's own `extensions`.
        fresh: ask a server again, whatever it answered before.
        progress: told (stage, done, total).

    Raises:
        InputError: something in the scenario is wrong; nothing was computed.
        EnvironmentFailure: disk, memory or a server failed; finished work is kept.
    """
    part = RunPart(None if arms is None else tuple(arms), limit, tuple(cases))
    if not fresh and (unchanged := find_unchanged(str(scenario), part, drills)) is not None:
        return Run(load_run(unchanged.folder))
    ready = make_ready(str(scenario), part, drills=drills, allow_code=allow_code, fresh=fresh)
    return Run(perform(ready, progress, workers))


def open_run(run: str | Path, reports: Path | None = None) -> Run:
    """A finished run: its folder, its id under reports/, or 'latest'. InputError where there is none."""
    return Run(open_stored(str(run), BEARS["report"], reports).run)
