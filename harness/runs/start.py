"""A scenario made ready and run: what `harness run` and the Python API share.

ready = make_ready("helpdesk")       # everything that can be wrong is found here, before anything is computed
run = perform(ready, progress)       # a StoredRun; at once where nothing has changed
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.arms import Arm
from harness.engine.estimate import Forecast, forecast
from harness.engine.inputs import Inputs, load_inputs
from harness.engine.known_servers import ask_again, changed_facts
from harness.engine.part import WHOLE, RunPart
from harness.engine.planned import Planned
from harness.engine.preflight import preflight
from harness.engine.progress import Progress
from harness.engine.stage import Stage
from harness.engine.store import Store, default_store
from harness.engine.workers import Preload
from harness.errors import InputError
from harness.extensions import Tables, load_file, tables_of
from harness.files.hashing import content_hash
from harness.files.paths import find_scenario, reports_dir
from harness.files.read_files import note, refuse_changed
from harness.notices import tell
from harness.process.clock import now
from harness.record.files import RECORD, StoredRun, hold_run, load_run, whole_record
from harness.record.sections import FixSection, Record
from harness.references import references
from harness.report.text.corpus import corpus_lines
from harness.results.measure import Measure, measure_run, measure_step, run_key
from harness.runs.unchanged import Remembered, RunRequest, fingerprint, remember
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.models import servers_of
from harness.stages.plan import make_plan
from harness.tuning.kinds import rate_remark
from harness.verdict.reach import Sizes
from harness.verdict.thresholds import read_thresholds

LEAST_WITH_THOUGHTS = 512  # tokens; shorter answers of a model that thinks are mostly cut off


@dataclass(frozen=True, slots=True)
class Ready:
    """A scenario with its files, its tables and its plan."""

    inputs: Inputs
    planned: Planned
    measure: Measure  # the last step, behind those of the plan
    store: Store
    tables: Tables
    folder: Path  # of the run: one a content, so that an unchanged run is found again
    request: RunRequest
    mark: str | None = None  # what the finished run is found again by, where nothing of it changes
    fresh: str | None = None  # ISO date and time since when a server's answers count, where they are asked for again
    asked_by: str | None = None  # the line of another command that asked for this run; None: `harness run`

    @property
    def scenario(self) -> Scenario:
        return self.inputs.scenario

    @property
    def command(self) -> str:
        """The line that makes the run again from the checkout."""
        if self.asked_by is not None:
            return self.asked_by
        part = self.request.part
        options = (
            ("--arms", None if part.arms is None else ",".join(part.arms)),
            ("--limit", part.limit),
            *(("--case", case) for case in part.cases),
            ("--drills", self.inputs.drills),
            ("--try-fix", self.request.fix),
            ("--allow-code", bool(self.tables.files or self.scenario.calls)),
        )
        return command_line(["run", self.scenario.dir.as_posix()], options)

    def forecast(self) -> Forecast:
        """The forecast of the run, how large and how long, and what its golden set can prove at all."""
        from harness.verdict.provable import provable_lines

        thresholds = read_thresholds(self.scenario.gates, table=self.tables.gates)
        provable = provable_lines(self.scenario, thresholds, self._sizes(), self.inputs.test_cases)
        return forecast(self._stages, self.store, self.inputs.workers(), "\n".join(provable), self.inputs.languages)

    def steps(self, workers: int | None = None) -> Forecast:
        """The steps of the run and their seconds, without what the golden set can prove."""
        return forecast(self._stages, self.store, self.inputs.workers(workers), "")

    @property
    def _stages(self) -> tuple[Stage[Any], ...]:
        return (*self.planned, self.measure)

    def _sizes(self) -> Sizes:
        tested = self.inputs.test_cases
        groups = len({self.inputs.clusters[case.id] for case in tested})
        return Sizes(len(tested), groups, len(tested) + len(self.inputs.probes), len(references(tested).undecided))

    def finished(self) -> Record | None:
        """The stored result of the same run, where it was finished before and no question is left to be asked again."""
        try:
            record = whole_record(self.folder)
        except InputError:  # cut or edited: the run is written again
            return None
        return record if record is not None and not record.counts.again else None

    def earlier(self) -> StoredRun | None:
        """The same run as it was written before; None where a question is left to be asked again, and, with a line,
        where it is not whole any more."""
        if not (self.folder / RECORD).is_file():
            return None
        try:
            run = load_run(self.folder)
        except InputError as error:
            tell(f"{error}; it is written again")
            return None
        return None if run.record.counts.again else run

    def notices(self) -> Iterator[str]:
        """Notices before the run: files left out, a fix, thoughts, languages, a server's new model."""
        yield from self.preliminaries()
        yield from self.remarks()
        yield from self.inputs.languages

    def preliminaries(self) -> Iterator[str]:
        """Notices before the plan: files left out or read otherwise than written, and what a fix sets."""
        yield from corpus_lines(self.inputs.corpus.skipped, self.inputs.corpus.remarks)
        if self.request.fix is not None:
            from harness.diagnosis.modes import fix_of

            change = fix_of(self.request.fix, self.scenario, self.tables.modes).change
            yield f"one more arm, with {', '.join(f'{key} = {value}' for key, value in change.items())}"

    def remarks(self) -> Iterator[str]:
        """Remarks on the models: thoughts, and a server whose model has changed."""
        models, limit = self.scenario.models, self.scenario.answer.max_new_tokens
        if any(arm.adapter is not None for arm in self.inputs.arms):
            yield from filter(None, [rate_remark(self.scenario.tuning)])
        if self.inputs.thinks and models.thinking is None:
            yield f"{models.generator} can think first; it is not let: models.thinking: true lets it"
        if models.thinking and limit < LEAST_WITH_THOUGHTS:
            yield f"models.thinking is on, and thoughts count: answer.max_new_tokens is {limit}, which cuts most off"
        for server in servers_of(self.inputs) if self.fresh is None else ():
            if (changed := changed_facts(server)) is not None:
                yield (
                    f"the server says that its model has changed ({changed}), and answers from before are reused: "
                    "ask again with --fresh"
                )


def make_ready(
    scenario: str,
    part: RunPart = WHOLE,
    *,
    drills: bool = False,
    allow_code: bool = False,
    fix: str | None = None,
    fresh: bool = False,
    arms: Sequence[Arm] = (),
    asked_by: str | None = None,
) -> Ready:
    """Read and check everything that a run reads.

    Args:
        fresh: ask a server again, whatever it answered before.
        arms: rows for the table of arms that only this process has: its run is done here, and is not found unchanged.
        asked_by: the line that makes the run again, where that is not `harness run`.

    Raises:
        InputError: a file, a setting, a gate or the name of a fix is wrong, or something could only fail later.
    """
    settings = part.onto(load_scenario(find_scenario(scenario)))
    request = RunRequest(settings, part, drills, fix)
    mark = None if fresh or arms else fingerprint(request)
    code = [note(file) for file in settings.extensions]
    tables = tables_of(settings, allow_code)
    tables = replace(tables, arms={**tables.arms, **{arm.name: arm for arm in arms}})
    read_thresholds(settings.gates, f"{settings.dir / 'scenario.yaml'}: gates", tables.gates)
    if fresh and not (settings.asks_a_server or settings.models.judge.is_set):
        where = f"{settings.dir / 'scenario.yaml'}: nothing to ask again"
        raise InputError(f"{where}: no server is asked (models.base_url), and a model here answers the same as before")
    since = now() if fresh else None
    inputs = load_inputs(settings, part, tables.arms, tables.metrics, asked_since=since)
    refuse_changed(code)
    inputs = replace(inputs, drills=drills, preload=Preload(load_file, tables.files) if tables.files else None)
    if fix is not None:
        from harness.diagnosis.modes import fix_of

        fix_of(fix, inputs.scenario, tables.modes)
    planned = make_plan(inputs)
    measure = measure_step(inputs, planned)
    folder = _run_folder(measure, tables, fix)
    if not (folder / RECORD).is_file():  # what was finished once fails no more
        preflight(inputs)
    return Ready(inputs, planned, measure, default_store(), tables, folder, request, mark, since, asked_by)


def command_line(words: Sequence[str], options: Iterable[tuple[str, object]]) -> str:
    """A line of the tool as a shell takes it; an option that is None or False is left out, one that is True alone."""
    rows = [(name, value) for name, value in options if value is not None and value is not False]
    texts = [text for name, value in rows for text in ((name,) if value is True else (name, str(value)))]
    return f"harness {shlex.join([*words, *texts])}"


def _run_folder(measure: Measure, tables: Tables, fix: str | None) -> Path:
    key = run_key(measure)
    more = [fix, [measure.inputs.scenario.hash_of(file) for file in tables.files]]
    key = content_hash([key, more]) if any(more) else key
    return reports_dir() / f"{measure.inputs.scenario.id}-{key[:8]}"


def perform(ready: Ready, progress: Progress, workers: int | None = None) -> StoredRun:
    """The finished run: measured, decided and written, or found as it was written before."""
    if (run := ready.earlier()) is None:
        with hold_run(ready.folder, f"runs {ready.scenario.id}"):
            run = ready.earlier() or _performed(ready, progress, workers)
    changes = _changes(ready)
    for file in changes:
        tell(f"{file}: changed since this run read it; the run is of the text before")
    if not changes:
        mark_finished(ready)
    return run


def mark_finished(ready: Ready) -> None:
    """Keep what a finished run is found by, unless something has changed since, models and code included."""
    if ready.mark is not None and ready.mark == fingerprint(ready.request):
        remember(ready.mark, Remembered(ready.folder.name, tuple(ready.notices())))


def _changes(ready: Ready) -> list[Path]:
    """Files of a scenario that read otherwise now than when it was loaded."""
    changes = [file.changed_file for file in ready.scenario.files if file.changed]
    try:
        same = ready.request.part.onto(load_scenario(ready.scenario.dir)).hash == ready.request.scenario.hash
    except InputError:
        same = False
    return changes if same else [*changes, ready.scenario.dir / "scenario.yaml"]


def _performed(ready: Ready, progress: Progress, workers: int | None) -> StoredRun:
    if ready.fresh is not None:
        for server in servers_of(ready.inputs):
            ask_again(server, ready.fresh)
    # here, so that an unchanged run is shown without loading what draws a page
    from harness.diagnosis.try_fix import try_fix
    from harness.runs.write import conclude

    work = ready.measure, ready.store, progress, workers
    fixes: tuple[FixSection, ...] = ()
    if ready.request.fix is None:
        result = measure_run(*work)
    else:
        result, fixes = try_fix(ready.request.fix, *work, modes=ready.tables.modes)
    return conclude(
        ready.folder,
        result,
        ready.inputs.cases,
        ready.scenario,
        ready.command,
        fixes=fixes,
        tables=ready.tables,
        copies=ready.store.folder(ready.measure) if ready.request.fix is None else None,
    )
