"""A scenario made ready and run: what `harness run` and the Python API share.

ready = make_ready("helpdesk")       # everything that can be wrong is found here, before anything is computed
run = perform(ready, progress)       # a StoredRun; at once where nothing has changed
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from harness.engine.estimate import Forecast, forecast
from harness.engine.inputs import Inputs, Part, load_inputs
from harness.engine.planned import Planned
from harness.engine.preflight import preflight
from harness.engine.progress import Progress
from harness.engine.store import Store, default_store
from harness.engine.workers import Preload, worker_count
from harness.errors import InputError
from harness.extensions import Tables, load_file, tables_of
from harness.hashing import content_hash
from harness.notices import tell
from harness.paths import find_scenario, reports_dir
from harness.read_files import note, refuse_changed
from harness.record.files import RECORD, StoredRun, held_run, load_run, whole_record
from harness.record.sections import FixSection, Record
from harness.references import references
from harness.results.measure import Measure, measure_run, measure_step, run_key
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.plan import make_plan
from harness.verdict.reach import Sizes, out_of_reach
from harness.verdict.thresholds import read_thresholds

WHOLE = Part()


@dataclass(frozen=True, slots=True)
class Ready:
    """A scenario with its files, its tables and its plan."""

    inputs: Inputs
    planned: Planned
    measure: Measure  # the last step, behind those of the plan
    store: Store
    tables: Tables
    folder: Path  # of the run: one a content, so that an unchanged run is found again
    settings: str  # hash of the scenario as it was loaded
    fix: str | None = None  # the failure mode whose fix is run as one more arm

    @property
    def scenario(self) -> Scenario:
        return self.inputs.scenario

    @property
    def command(self) -> str:
        """The line that makes the run again from the checkout."""
        inputs = self.inputs
        options = (
            ("--drills", inputs.drills),
            ("--allow-code", bool(self.tables.files)),
            (f" # in part: {inputs.partial}", inputs.partial is not None),
            (f"--try-fix {self.fix}", self.fix is not None),
        )
        return " ".join(["harness run", inputs.scenario.dir.as_posix(), *(text for text, holds in options if holds)])

    def forecast(self) -> Forecast:
        """What the run would do, how large and how long, and what its golden set can prove at all."""
        from harness.engine.power import power

        stages = (*self.planned, self.measure)
        thresholds = read_thresholds(self.scenario.gates, table=self.tables.gates)
        provable = power(self.inputs, {row.name: threshold for row, threshold in thresholds.rows})
        beyond = out_of_reach(self.scenario, thresholds, self._sizes())
        provable = "\n".join([provable, *(f"gate {name}: {why}" for name, why in beyond)])
        return forecast(stages, self.store, worker_count(self.inputs.model_bytes), provable)

    def _sizes(self) -> Sizes:
        tested = self.inputs.test_cases
        groups = len({self.inputs.clusters[case.id] for case in tested})
        return Sizes(len(tested), groups, len(tested) + len(self.inputs.probes), len(references(tested).undecided))

    def finished(self) -> Record | None:
        """What the same run concluded, where it was finished before."""
        try:
            return whole_record(self.folder)
        except InputError:  # cut or edited: the run is written again
            return None

    def stored(self) -> StoredRun | None:
        """The same run as it was written before; None, and a line, where it is not whole any more."""
        if not (self.folder / RECORD).is_file():
            return None
        try:
            return load_run(self.folder)
        except InputError as error:
            tell(f"{error}; it is written again")
            return None


def make_ready(
    scenario: str, part: Part = WHOLE, *, drills: bool = False, allow_code: bool = False, fix: str | None = None
) -> Ready:
    """Read and check everything that a run reads.

    Raises:
        InputError: a file, a setting, a gate or the name of a fix is wrong, or something could only fail later.
    """
    settings = load_scenario(find_scenario(scenario))
    code = [note(file) for file in settings.extensions]
    tables = tables_of(settings, allow_code)
    read_thresholds(settings.gates, f"{settings.dir / 'scenario.yaml'}: gates", tables.gates)
    inputs = load_inputs(settings, part, tables.arms, tables.metrics)
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
    return Ready(inputs, planned, measure, default_store(), tables, folder, settings.hash, fix)


def _run_folder(measure: Measure, tables: Tables, fix: str | None) -> Path:
    key = run_key(measure)
    more = [fix, [measure.inputs.scenario.hash_of(file) for file in tables.files]]
    key = content_hash([key, more]) if any(more) else key
    return reports_dir() / f"{measure.inputs.scenario.id}-{key[:8]}"


def perform(ready: Ready, progress: Progress, workers: int | None = None) -> StoredRun:
    """The finished run: measured, decided and written, or found as it was written before."""
    if (stored := ready.stored()) is not None:
        return stored
    with held_run(ready.folder, f"runs {ready.scenario.id}"):
        stored = ready.stored() or _performed(ready, progress, workers)
    for file in _edited(ready):
        tell(f"{file}: changed since this run read it; the run is of the text before")
    return stored


def _edited(ready: Ready) -> list[Path]:
    """Files of a scenario that read otherwise now than when it was loaded."""
    edited = [file.edited for file in ready.scenario.files if file.changed]
    try:
        same = load_scenario(ready.scenario.dir).hash == ready.settings
    except InputError:
        same = False
    return edited if same else [*edited, ready.scenario.dir / "scenario.yaml"]


def _performed(ready: Ready, progress: Progress, workers: int | None) -> StoredRun:
    # here, so that an unchanged run is shown without loading what draws a page
    from harness.diagnosis.try_fix import try_fix
    from harness.write_run import conclude

    work = ready.measure, ready.store, progress, workers
    fixes: tuple[FixSection, ...] = ()
    if ready.fix is None:
        measured = measure_run(*work)
    else:
        measured, fixes = try_fix(ready.fix, *work, modes=ready.tables.modes)
    return conclude(
        ready.folder,
        measured,
        ready.inputs.cases,
        ready.scenario,
        ready.command,
        fixes=fixes,
        tables=ready.tables,
        copies=ready.store.folder(ready.measure) if ready.fix is None else None,
    )
