"""A run on disk: `reports/<run-id>/{record.json, traces.jsonl, scores.jsonl}`, read back as the same values.

Scoring, deciding and rendering start from here, without a model. `record.json` is written last and in one move, so a
folder that has one is whole; a folder without one is a run that was interrupted.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import is_file, legible, read_bytes
from harness.files.locks import hold
from harness.record.codec import decode, read_rows, to_json, write_atomic, write_rows
from harness.record.sections import SCHEMA_VERSION, Figures, Record
from harness.types import Score, Trace

TRACES, SCORES, RECORD = "traces.jsonl", "scores.jsonl", "record.json"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One finished run."""

    folder: Path
    record: Record
    traces: tuple[Trace, ...]
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class _Version:
    schema_version: int | None = None


@dataclass(frozen=True, slots=True)
class HeadScenario:
    """The scenario of a run, by its id alone."""

    id: str


@dataclass(frozen=True, slots=True)
class HeadGolden:
    """The golden set of a run, by its hash alone."""

    hash: str


@dataclass(frozen=True, slots=True)
class RunHead:
    """What tells a run from the others beside it, read from its record without the rest."""

    run_id: str
    scenario: HeadScenario
    golden: HeadGolden


def save_run(run: StoredRun, copies: Path | None = None) -> None:
    """Write a run's folder; record.json last. `copies`: a folder that has the same traces and scores already."""
    for name, rows in ((TRACES, run.traces), (SCORES, run.scores)):
        if copies is None:
            write_rows(run.folder / name, rows)
        else:
            write_atomic(run.folder / name, (copies / name).read_text(encoding="utf-8"))
    save_record(run.folder, run.record)


def save_record(folder: Path, record: Figures) -> None:
    """Replace only record.json (a new verdict on the same answers)."""
    write_atomic(folder / RECORD, to_json(record, indent=1) + "\n")


def whole_record(folder: Path) -> Record | None:
    """record.json of a finished run; None for a folder without one. InputError where the run is not whole any more."""
    if not (folder / RECORD).is_file():
        return None
    record = load_record(folder)
    for name, rows in ((TRACES, record.counts.traces), (SCORES, None)):
        data = read_bytes(folder / name, missing="run the scenario again")
        if (data and not data.endswith(b"\n")) or (rows is not None and data.count(b"\n") != rows):
            raise InputError(f"{folder / name}: the file was cut: run the scenario again")
    return record


def hold_run(folder: Path, work: str) -> AbstractContextManager[None]:
    """A run folder for this process alone, as soon as no other writes it."""
    return hold(folder.with_name(f".{folder.name}.lock"), work)


def finished_runs(reports: Path) -> list[Path]:
    """The records of finished runs, the newest last; one that another process removes meanwhile is passed over."""
    ages: list[tuple[float, Path]] = []
    for path in reports.glob(f"*/{RECORD}"):
        with suppress(OSError):
            ages.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(ages)]


def find_run(argument: str, reports: Path) -> Path:
    """The folder that a run argument means: a folder, a run id under `reports`, or `latest`."""
    finished = finished_runs(reports)
    if argument == "latest" and finished:
        return finished[-1].parent
    for folder in (Path(argument), reports / argument):
        if is_file(folder / RECORD):
            return folder
    names = ", ".join(path.parent.name for path in finished[-5:]) or "none yet; make one with: harness run SCENARIO"
    raise InputError(f"{legible(argument)}: no finished run there (no {RECORD}); finished runs: {names}")


def load_run(folder: Path) -> StoredRun:
    """Read a run back.

    Raises:
        InputError: no record, an older or newer schema, broken or missing traces or scores.
    """
    record = load_record(folder)
    traces = load_traces(folder)
    if record.counts.traces != len(traces):
        difference = f"found {len(traces)} traces, the record says {record.counts.traces}"
        raise InputError(f"{folder / TRACES}: {difference}; the file was cut: run the scenario again")
    scores = load_scores(folder)
    cases = {score.case_id for score in scores} - {trace.case_id for trace in traces}
    arms = {score.arm for score in scores} - {arm.name for arm in record.arms} - {trace.arm for trace in traces}
    if cases or arms or (traces and not scores):
        what = f"scores of '{min(cases or arms)}', which this run has not" if cases or arms else "no scores"
        raise InputError(f"{folder / SCORES}: {legible(what)}; the file was cut or edited: run the scenario again")
    return StoredRun(folder, record, traces, scores)


def load_traces(folder: Path) -> tuple[Trace, ...]:
    """The traces of a run alone. Raises InputError where they are broken or missing."""
    return tuple(read_rows(folder / TRACES, Trace))


def load_scores(folder: Path) -> tuple[Score, ...]:
    """The scores of a run alone. Raises InputError where they are broken or missing."""
    return tuple(read_rows(folder / SCORES, Score))


def load_head(folder: Path) -> RunHead:
    """The head of record.json. Raises InputError where it is missing, cut or of another schema version."""
    return decode(_of_this_version(folder), RunHead, str(folder / RECORD))


def load_record(folder: Path) -> Record:
    """record.json alone. Raises InputError where it is missing, broken or of another schema version."""
    path = folder / RECORD
    record = decode(_of_this_version(folder), Record, str(path))
    depths = record.retrieval.k if record.retrieval is not None else ()
    if (odd := next((depth for depth in depths if not depth.isdecimal()), None)) is not None:
        what = f"retrieval.k has the key '{legible(odd)}', expected a number of passages"
        raise InputError(f"{path}: {what}; the file was edited: run the scenario again")
    return record


def _of_this_version(folder: Path) -> bytes:
    path = folder / RECORD
    data = read_bytes(path, missing="the run was interrupted: harness run SCENARIO --resume")
    version = decode(data, _Version, str(path)).schema_version
    if version != SCHEMA_VERSION:
        versions = f"schema version {version}, this version reads {SCHEMA_VERSION}"
        raise InputError(f"{path}: {versions}; run the scenario again")
    return data
