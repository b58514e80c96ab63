"""An unchanged run, found again before anything that it reads is opened.

    run = find_unchanged("helpdesk", part, drills, fix)     # None: go the long way, which knows what may be kept

Every step has a key of its own, and to compute these all files are read and checked. That nothing at all has changed
since a run was finished is known from less: the settings, the content of the files that they name, and size and times
of the files of the models and of this package. A server and code of somebody else's can not be known so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from harness.engine.part import WHOLE, RunPart
from harness.errors import InputError
from harness.files.hashing import content_hash
from harness.files.input_file import is_dir, is_file
from harness.files.paths import EXTENSIONS, PACKAGE, cache_dir, find_scenario, reports_dir
from harness.files.read_files import hash_now, stamps
from harness.generation.load import model_here
from harness.ratings.labels import label_files
from harness.record.codec import decode, to_json, write_atomic
from harness.record.files import whole_record
from harness.record.sections import Record
from harness.retrieval.embed import embedder_here
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario

if TYPE_CHECKING:
    from harness.files.read_files import Stamps

NOT_READ = ("dir", "files")  # fields of a scenario that name no file to be read: where it lies, what was read of it


@dataclass(frozen=True, slots=True)
class RunRequest:
    """A run as it was asked for."""

    scenario: Scenario  # as it was loaded
    part: RunPart = WHOLE
    drills: bool = False  # whether the arms are asked again under drills
    fix: str | None = None  # the failure mode whose fix is run as one more arm


@dataclass(frozen=True, slots=True)
class Remembered:
    """A finished run as it is found again."""

    run: str  # name of its folder under the reports
    notices: tuple[str, ...]  # what was said before it, and is said again


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A finished run of which nothing has changed."""

    folder: Path
    record: Record
    notices: tuple[str, ...]


def fingerprint(request: RunRequest) -> str | None:
    """Hash of everything that the outcome of a run depends on; None where that can not be known from here."""
    scenario = request.scenario
    code = scenario.calls or scenario.extensions
    if scenario.asks_a_server or code or metadata.entry_points(group=EXTENSIONS):
        return None
    folders = [model_here(scenario.models.generator), embedder_here(scenario.models.embedder)]
    if scenario.models.reranker != "none":
        folders.append(embedder_here(scenario.models.reranker))
    if None in folders:
        return None
    files = [(str(path), hash_now(path)) for path in named_files(scenario)]
    models = [stamps(folder) for folder in folders if folder is not None]
    # the folder's own place: a run tells the command that makes it again
    parts = [str(scenario.dir), scenario.hash, request.part, request.drills, request.fix, files, models, _package()]
    return content_hash(parts)


def find_unchanged(
    scenario: str, part: RunPart = WHOLE, drills: bool = False, fix: str | None = None
) -> Unchanged | None:
    """The finished run of which nothing has changed, still whole and with no question left to be asked again.

    Raises:
        InputError: no such scenario, or its settings are wrong.
    """
    settings = part.onto(load_scenario(find_scenario(scenario), checked=True))
    mark = fingerprint(RunRequest(settings, part, drills, fix))
    if mark is None or not is_file(file := _file(mark)):
        return None
    try:
        remembered = decode(file.read_bytes(), Remembered, str(file))
        folder = reports_dir() / remembered.run
        record = whole_record(folder)
    except (InputError, OSError):  # cut, edited or removed: the long way says so
        return None
    return None if record is None or record.counts.again else Unchanged(folder, record, remembered.notices)


def remember(mark: str, remembered: Remembered) -> None:
    """Keep where the finished run of a fingerprint lies."""
    write_atomic(_file(mark), to_json(remembered) + "\n")


def _file(mark: str) -> Path:
    return cache_dir() / "unchanged" / f"{mark}.json"


def named_files(scenario: Scenario) -> list[Path]:
    """Every file and folder that the settings name, apart from models; and people's labels, which lie beside them."""
    settings = [getattr(scenario, field.name) for field in fields(scenario) if field.name not in NOT_READ]
    either = [Path(name) for name in (scenario.forgetting.tasks, scenario.safety.prompts)]  # a path, or a word
    labels = label_files(scenario.dir)
    return sorted({*_paths(settings), *labels, *(path for path in either if is_file(path) or is_dir(path))})


def _paths(value: object) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif is_dataclass(value):
        yield from _paths([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _paths(item)


def _package() -> Stamps:
    """Size and times of this package's own files, the compiled ones apart."""
    return tuple(row for row in stamps(PACKAGE) if f"{os.sep}__pycache__{os.sep}" not in row[0])
