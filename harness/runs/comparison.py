"""A comparison from the names that somebody gives: adapters, arms, runs, files of answers, the pinned baseline.

    compare_names(["adapters/june", "adapters/july"], Terms(scenario="helpdesk"))

Adapters and arms are measured in one run of the scenario beside the base that they have in common: its index, the
base's answers, items and prompts are in the cache already, so that only what is missing is computed. Two adapters never
cost two scenarios.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.arms import Arm
from harness.engine.part import RunPart
from harness.engine.progress import Progress, silent
from harness.errors import InputError
from harness.extensions import tables_of
from harness.files.input_file import is_file, real
from harness.files.paths import cache_dir, find_scenario, reports_dir
from harness.generation.adapter_folder import CONFIG
from harness.history.compare import Comparison, compare
from harness.history.contestants import Contestant, contestant
from harness.record.files import RECORD, StoredRun, find_run, load_run
from harness.runs.blessed import blessed
from harness.runs.start import command_line, make_ready, perform
from harness.runs.unchanged import find_unchanged
from harness.scenario.arm_entries import AdapterFolder, AnswersFile, ArmEntry
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.tuning.adapters import find_adapter

BLESSED = "blessed"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a comparison."""

    scenario: str | None = None  # for adapters, arms, files and the pinned baseline
    base: str | None = None  # the arm whose prompts adapters get; None: rag where the scenario runs it, else baseline
    against: str | None = None  # what candidates may replace; None: the base of all, or else what is named first
    allow_code: bool = False
    workers: int | None = None
    progress: Progress = field(default=silent)


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and what it means."""

    name: str  # in the comparison
    arm: str | None = None  # of the scenario, or of `run`; None: the run's candidate
    run: Path | None = None
    entry: ArmEntry | None = None  # an arm that the scenario does not have


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison, and the runs behind it."""

    comparison: Comparison
    runs: tuple[StoredRun, ...]


def compare_names(names: Sequence[str], terms: Terms) -> Compared:
    """Measure what is missing, and compare.

    Raises:
        InputError: a name that means nothing here, an adapter of another base, other questions.
        EnvironmentFailure: disk, memory or a server failed; finished work is kept.
    """
    if (twice := next((name for name in names if list(names).count(name) > 1), None)) is not None:
        raise InputError(f"'{twice}' stands twice in this comparison; name each once")
    scenario = None if terms.scenario is None else load_scenario(find_scenario(terms.scenario))
    table = {} if scenario is None else dict(tables_of(scenario, terms.allow_code).arms)
    every = [meaning(name, scenario, table, terms) for name in names]
    against = None if terms.against in (None, *names) else meaning(str(terms.against), scenario, table, terms)
    if terms.base is not None and not any(row.entry and row.entry.base for row in every):
        raise InputError(f"--base {terms.base}: it is about adapters, and none is named here; leave it out")
    base = _common_base(every, table) if terms.against is None else None
    here = [row for row in (*every, *([against] if against else [])) if row.run is None]
    run = None if scenario is None or not here else _run_with(scenario, here, base, terms, _command(names, terms))
    notes = [*_what_was_done(run)] if run is not None else []
    people = {row.name: _enter(row, run) for row in every}
    reference = _reference(names, every, people, (against, base), run, terms)
    if terms.against == BLESSED and scenario is not None:
        notes += blessed(scenario.dir).staleness(next(iter(people.values())).record)
    candidates = [one for one in people.values() if one is not reference]
    comparison = compare(candidates, reference, notes)
    folders = {one.run.folder: one.run for one in (reference, *candidates)}
    return Compared(comparison, tuple(folders.values()))


def _reference(
    names: Sequence[str],
    every: Sequence[Named],
    people: dict[str, Contestant],
    others: tuple[Named | None, str | None],
    run: StoredRun | None,
    terms: Terms,
) -> Contestant:
    against, base = others
    if against is not None:
        return _enter(against, run)
    if terms.against is not None:
        return people[every[list(names).index(terms.against)].name]
    if base is not None and run is not None and base not in people:
        return contestant(base, run, base)
    own = {(one.section.base, one.run.folder) for one in people.values()}
    shared = next(iter(own))[0] if len(own) == 1 else None
    first = next(iter(people.values()))
    if shared is not None and shared not in people and first.record.arm(shared) is not None:
        return contestant(shared, first.run, shared)
    return first


# --- names --------------------------------------------------------------------------------------------------------


def meaning(name: str, scenario: Scenario | None, table: dict[str, Arm], terms: Terms) -> Named:
    """What a name means: the pinned baseline, a run, an arm of the scenario, an adapter, a file of answers."""
    if name == BLESSED:
        if scenario is None:
            raise InputError("blessed: the baseline of which scenario? name it with --scenario")
        pin = blessed(scenario.dir).pin
        return Named(BLESSED, pin.arm, scenario.dir / BLESSED)
    if (match := _run_of(name)) is not None:
        return match
    if scenario is None:
        raise InputError(
            f"'{name}' is no finished run; adapters, arms and files of answers are compared on a scenario: add "
            "--scenario FOLDER"
        )
    if name in table and table[name].source is None:
        return Named(name, name)
    if name in scenario.arms:
        return Named(name, name)
    return _from_elsewhere(name, scenario, table, terms)


def _run_of(name: str) -> Named | None:
    """A finished run (its candidate), or RUN:ARM; None where it is none."""
    run, _, arm = name.rpartition(":") if ":" in name else (name, "", "")
    for folder in (Path(run), reports_dir() / run):
        if run and is_file(folder / RECORD):
            return Named(name, arm or None, folder)
    return Named(name, arm or None, find_run(run, reports_dir())) if run == "latest" else None


def _from_elsewhere(name: str, scenario: Scenario, table: dict[str, Arm], terms: Terms) -> Named:
    path, base = Path(name).expanduser(), terms.base or ("rag" if "rag" in scenario.arms else "baseline")
    if is_file(path / CONFIG):
        label = _free(real(path).name, path, table)
        return Named(label, label, entry=ArmEntry(label, AdapterFolder(real(path)), base))
    if path.suffix == ".jsonl" and is_file(path):
        label = _free(path.stem, path, table)
        return Named(label, label, entry=ArmEntry(label, AnswersFile(real(path))))
    try:
        folder, record = find_adapter(name, (cache_dir() / "tune",))
    except InputError:
        arms = ", ".join(scenario.arms)
        raise InputError(
            f"'{name}' is no arm of {scenario.id} ({arms}), no adapter's folder ({CONFIG} in it) or id, no file of "
            "answers (*.jsonl) and no finished run"
        ) from None
    label = record.id[:8]
    return Named(label, label, entry=ArmEntry(label, AdapterFolder(real(folder)), base))


def _free(label: str, path: Path, table: dict[str, Arm]) -> str:
    """A name for an arm that no row has."""
    return f"{real(path).parent.name}/{label}" if label in table else label


def _common_base(every: Sequence[Named], table: dict[str, Arm]) -> str | None:
    """The arm that all of them are compared with; None where they have none in common, or come from runs."""
    bases = {row.entry.base if row.entry else table[row.arm].base if row.arm in table and row.run is None else None
             for row in every}  # fmt: skip
    return next(iter(bases)) if len(bases) == 1 else None


# --- runs ---------------------------------------------------------------------------------------------------------


def _run_with(scenario: Scenario, here: Sequence[Named], base: str | None, terms: Terms, command: str) -> StoredRun:
    """One run of the scenario with all of them: the whole one where that is finished and has them, else a part."""
    arms = tuple(dict.fromkeys([*([base] if base else []), *(row.arm or "" for row in here)]))
    entries = tuple(row.entry for row in here if row.entry is not None)
    names = [entry.name for entry in entries]
    if (twice := next((name for name in names if names.count(name) > 1), None)) is not None:
        raise InputError(f"two of them are called '{twice}'; rename one of the folders")
    whole = None if entries else find_unchanged(str(scenario.dir))
    if whole is not None and set(arms) <= set(whole.record.arm_names):
        return load_run(whole.folder)
    part = RunPart(arms=arms, entries=entries)
    before = find_unchanged(str(scenario.dir), part)
    if before is not None:
        return load_run(before.folder)
    ready = make_ready(str(scenario.dir), part, allow_code=terms.allow_code, asked_by=command)
    return perform(ready, terms.progress, terms.workers)


def _command(names: Sequence[str], terms: Terms) -> str:
    """The line that makes a run again whose adapters and files are arms of this comparison alone."""
    options = (
        ("--scenario", terms.scenario),
        ("--against", terms.against),
        ("--base", terms.base),
        ("--allow-code", terms.allow_code),
    )
    return command_line(["compare", *names], options)


def _enter(row: Named, run: StoredRun | None) -> Contestant:
    if row.run is None:
        assert run is not None
        return contestant(row.name, run, row.arm or run.record.candidate)
    archive = load_run(row.run)
    return contestant(row.name, archive, row.arm or archive.record.candidate)


def _what_was_done(run: StoredRun) -> list[str]:
    """The steps that this comparison had to compute, and the number of those that were there."""
    rows = [f"{row.name} {row.arm or ''}".strip() for row in run.record.stages if not row.cached]
    cached = sum(row.cached for row in run.record.stages)
    steps = ", ".join(rows) or "nothing"
    return [f"run {run.folder.name}: computed {steps}; {cached} steps were in the cache"]
