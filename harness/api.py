"""The Python API: advice, runs and stored runs as values, tables as pandas data frames.

    import harness

    run = harness.run("my-project")
    run.verdict.word          # 'NOT PROVEN'
    run.estimates()           # arm, metric, mean, low, high, n, unscored, unit

Errors are the package's own (`harness.errors`): InputError for bad input, EnvironmentFailure for a full disk or a
server out of reach. Nothing here ends the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from harness.runs.start import make_ready, perform
from harness.runs.stored import BEARS, open_stored
from harness.runs.unchanged import find_unchanged
from harness.types import Verdict

if TYPE_CHECKING:
    from pandas import DataFrame

    from harness.history.compare import Comparison
    from harness.history.sameness import Sameness
    from harness.runs.blessed import Blessed


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


def compare(
    names: Sequence[str | Path],
    *,
    scenario: str | Path | None = None,
    against: str | None = None,
    base: str | None = None,
    allow_code: bool = False,
    workers: int | None = None,
    progress: Progress = silent,
) -> Comparison:
    """Adapters, arms, files of answers or runs before a release: a word on each, and which to release.

    Args:
        names: folders or ids of adapters, arms, JSONL files of answers, runs (RUN or RUN:ARM), or 'blessed'.
        scenario: on which adapters, arms and files are measured, beside their base in one run.
        against: what they may replace; None: the base of all of them, or else the first.
        base: the arm whose prompts adapters are asked with; None: rag where the scenario runs it, else baseline.

    Raises:
        InputError: a name that means nothing here, an adapter of another base, other questions.
        EnvironmentFailure: disk, memory or a server failed; finished work is kept.
    """
    from harness.runs.comparison import Terms, compare_names

    terms = Terms(None if scenario is None else str(scenario), base, against, allow_code, workers, progress)
    return compare_names([str(name) for name in names], terms).comparison


def bless(run: str | Path, arm: str | None = None) -> Blessed:
    """Pin a run as the baseline of its scenario; an earlier one is replaced. InputError where there is no such arm."""
    from harness.runs.blessed import bless as pin

    return pin(open_stored(str(run), BEARS["gate"]), arm)


def parity(
    adapter: str | Path,
    served: str | Path,
    *,
    scenario: str | Path | None = None,
    model: str | None = None,
    api_key_env: str | None = None,
    base: str | None = None,
    questions: int = 40,
    floor: float = 0.9,
    progress: Progress = silent,
) -> Sameness | str:
    """Whether what is served is what was measured; a text where an adapter could have no effect at all.

    Args:
        adapter: its folder, or RUN:ARM, whose stored answers count.
        served: an endpoint, `unmerged`, `nf4`, or a folder: of an adapter, of a merged model.
        scenario: whose golden questions are asked; None: the run's.
        model: the name under which the endpoint serves it.
        api_key_env: the environment variable that holds the endpoint's key.
        base: the arm whose prompts are asked; None: rag where the scenario runs it, else baseline.
        questions: as many, drawn by the scenario's seed.
        floor: share of identical answers that is enough.

    Raises:
        InputError: no such adapter, run, form or server. EnvironmentFailure: the server cannot be reached.
    """
    from harness.runs.as_served import ParityTerms
    from harness.runs.as_served import parity as compare_forms

    place = None if scenario is None else str(scenario)
    terms = ParityTerms(str(adapter), place, str(served), model, api_key_env, base, questions, floor, progress)
    return compare_forms(terms)


def open_run(run: str | Path, reports: Path | None = None) -> Run:
    """A finished run: its folder, its id under reports/, or 'latest'. InputError where there is none."""
    return Run(open_stored(str(run), BEARS["report"], reports).run)
