"""A run on disk: `reports/<run-id>/{record.json, traces.jsonl, scores.jsonl}`, read back as the same values.

Scoring, deciding and rendering start from here, without a model. `record.json` is written last and in one move, so a
folder that has one is whole; a folder without one is a run that was interrupted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from harness.errors import InputError
from harness.types import Answer, Difference, Estimate, Form, Gate, Hit, Passage, Score, Trace, Verdict

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run."""

    folder: Path
    record: Mapping[str, Any]
    traces: tuple[Trace, ...]
    scores: tuple[Score, ...]


# --- values <-> plain JSON ----------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Dataclasses, tuples and NumPy scalars as what JSON knows. NaN and infinities are refused, never written."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    simpler = _simpler(value)
    return simpler if simpler is value else plain(simpler)


def _simpler(value: Any) -> Any:
    """What JSON does not know, one step nearer to what it does."""
    if is_dataclass(value) and not isinstance(value, type):  # `asdict` would copy deeply first
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return list(value)
    if isinstance(value, Path):
        return value.as_posix()
    return value.item() if hasattr(value, "item") else value


def to_json(value: Any, indent: int | None = None) -> str:
    """Canonical JSON text of a value; ValueError on NaN or infinity."""
    return _encoder(indent).encode(value)


@cache
def _encoder(indent: int | None) -> json.JSONEncoder:
    return json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent, default=_known)


def _known(value: Any) -> Any:
    """`_simpler` for the encoder, which must not be given back what it asked about."""
    simpler = _simpler(value)
    if simpler is value:
        raise TypeError(f"{type(value).__name__} is nothing that JSON knows")
    return simpler


def trace_from(row: Mapping[str, Any]) -> Trace:
    """A Trace from its JSON object (`plain`'s inverse)."""
    answer = row.get("answer")
    return Trace(row["case_id"], row["arm"], answer and _answer(answer), row.get("error"), row.get("probe", False))


def _answer(row: Mapping[str, Any]) -> Answer:
    simple = {k: v for k, v in row.items() if k not in ("form", "hits", "cited", "retrieved")}
    hits = tuple(Hit(Passage(**hit["passage"]), hit["score"]) for hit in row["hits"])
    return Answer(
        **simple, form=Form(**row["form"]), hits=hits, cited=tuple(row["cited"]), retrieved=tuple(row["retrieved"])
    )


def estimate_from(row: Mapping[str, Any] | None) -> Estimate | None:
    """An Estimate from its JSON object; None stays None."""
    return None if row is None else Estimate(**row)


def difference_from(row: Mapping[str, Any]) -> Difference:
    """A Difference from its JSON object."""
    return Difference(**{**row, "estimate": Estimate(**row["estimate"])})


def verdict_from(row: Mapping[str, Any]) -> Verdict:
    """A Verdict from its JSON object."""
    gates = tuple(Gate(**{**gate, "estimate": estimate_from(gate["estimate"])}) for gate in row["gates"])
    return Verdict(**{**row, "gates": gates, "notes": tuple(row.get("notes", ()))})


# --- files --------------------------------------------------------------------------------------------------------


def write_atomic(path: Path, text: str) -> None:
    """Write beside the target and move into place, so that a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """One JSON object a line, in one move."""
    write_atomic(path, "".join(f"{to_json(row)}\n" for row in rows))


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file. InputError names the line that is broken (a truncated file, say)."""
    rows = []
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                rows.append(orjson.loads(line))
            except orjson.JSONDecodeError as error:
                message = (
                    f"{path}:{number}: broken JSON ({error.msg}); the file was cut or edited: run the scenario again"
                )
                raise InputError(message) from None
    return rows


def save_run(run: Run, kept: Path | None = None) -> None:
    """Write a run's folder; record.json last. `kept`: a folder that has the same traces and scores already."""
    for name, rows in (("traces.jsonl", run.traces), ("scores.jsonl", run.scores)):
        if kept is None:
            write_jsonl(run.folder / name, rows)
        else:
            write_atomic(run.folder / name, (kept / name).read_text(encoding="utf-8"))
    save_record(run.folder, run.record)


def save_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Replace only record.json (a new verdict on the same answers)."""
    write_atomic(folder / "record.json", to_json(record, indent=1) + "\n")


def find_run(argument: str, reports: Path) -> Path:
    """The folder that a run argument means: a folder, a run id under `reports`, or `latest`."""
    finished = sorted(reports.glob("*/record.json"), key=lambda path: path.stat().st_mtime)
    if argument == "latest" and finished:
        return finished[-1].parent
    for folder in (Path(argument), reports / argument):
        if (folder / "record.json").is_file():
            return folder
    known = ", ".join(path.parent.name for path in finished[-5:]) or "none yet; make one with: harness run SCENARIO"
    raise InputError(f"{argument}: no finished run there (no record.json); finished runs: {known}")


def load_run(folder: Path) -> Run:
    """Read a run back.

    Raises:
        InputError: no record, an older or newer schema, broken or missing traces or scores.
    """
    record = load_record(folder)
    traces = tuple(_rows(folder / "traces.jsonl", trace_from))
    scores = load_scores(folder)
    expected = record.get("counts", {}).get("traces")
    if expected is not None and expected != len(traces):
        found = f"found {len(traces)} traces, the record says {expected}"
        raise InputError(f"{folder / 'traces.jsonl'}: {found}; the file was cut: run the scenario again")
    return Run(folder, record, traces, scores)


def load_scores(folder: Path) -> tuple[Score, ...]:
    """The scores of a run alone. Raises InputError where they are broken or missing."""
    return tuple(_rows(folder / "scores.jsonl", lambda row: Score(**row)))


def load_record(folder: Path) -> dict[str, Any]:
    """record.json alone, its schema version checked."""
    path = folder / "record.json"
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{folder}: no record.json; the run was interrupted: harness run SCENARIO --resume") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a run record ({error}); run the scenario again") from None
    version = record.get("schema_version") if isinstance(record, dict) else None
    if version != SCHEMA_VERSION:
        raise InputError(
            f"{path}: schema version {version}, this version reads {SCHEMA_VERSION}; run the scenario again"
        )
    return dict(record)


def _rows(path: Path, make: Any) -> Sequence[Any]:
    if not path.is_file():
        raise InputError(f"{path}: missing; the run folder is not whole: run the scenario again")
    values = []
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            values.append(make(row))
        except (TypeError, KeyError, ValueError) as error:
            raise InputError(f"{path}:{number}: not a row of this version ({error}); run the scenario again") from None
    return values
