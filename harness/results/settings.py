"""The settings that a run's figures depend on, flat: dotted name -> value, so that two runs can be compared in each.

    measured_settings(scenario)["retrieval.top_k"]    # 4

Every field of a scenario is there but those that a record keeps elsewhere (`KEPT`): a new setting needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import cast

from harness.files.input_file import is_there
from harness.record.sections import Setting
from harness.scenario.settings import Scenario

KEPT = frozenset(  # in the record's own sections: as text, as a content hash, or as what the run is judged by
    {
        "id",
        "dir",
        "title",
        "advice",
        "gates",
        "corpus",
        "golden",
        "examples",
        "probes",
        "files",
        "entries",
        "answer.schema",
        "answer.system",
    }
)


def measured_settings(scenario: Scenario) -> dict[str, Setting]:
    """Dotted name -> value of every setting that figures depend on; a file is its name and content hash."""
    return {name: _plain(value, scenario.hash_of) for name, value in _leaves(scenario)}


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if name in KEPT:
        return
    if is_dataclass(value):
        for field in fields(value):
            yield from _leaves(getattr(value, field.name), f"{name}.{field.name}" if name else field.name)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}")
    else:
        yield name, value


def _plain(value: object, hash_of: Callable[[Path], str]) -> Setting:
    if isinstance(value, Path):
        return f"{value.name} ({hash_of(value)})" if is_there(value) else value.name
    if isinstance(value, tuple | list):
        return tuple(str(_plain(item, hash_of)) if isinstance(item, Path) else item for item in value)
    return cast(Setting, value)
