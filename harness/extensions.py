"""A user's own metrics, arms, gates and failure modes: rows of the same tables, from a file or an installed package.

`extensions: [checks.py]` in scenario.yaml names a Python file; it is code, so it is run only where that was allowed
(`--allow-code`, `allow_code=True`). A package that is installed offers the same names under the entry point group
`harness.extensions`. Either has any of the lists METRICS, ARMS, GATES and MODES:

    METRICS = [Metric("polite", "Polite", "Tone", "fraction", "higher", score=lambda reading: ...)]
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from harness.arms import ARMS, Arm, arm_of
from harness.diagnosis.modes import MODES, FailureMode
from harness.errors import InputError
from harness.files.hashing import file_hash
from harness.files.paths import EXTENSIONS
from harness.metrics.table import METRICS, Metric
from harness.scenario.settings import Scenario
from harness.verdict.gates import GATES, GateRow

LISTS: Mapping[str, type] = {"METRICS": Metric, "ARMS": Arm, "GATES": GateRow, "MODES": FailureMode}

Row = TypeVar("Row", Metric, Arm, GateRow, FailureMode)


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows that a run is made of."""

    metrics: Mapping[str, Metric]
    arms: Mapping[str, Arm]
    gates: tuple[GateRow, ...]
    modes: tuple[FailureMode, ...]
    files: tuple[Path, ...] = ()  # what workers must load before they can be handed such rows


BUILT_IN = Tables(METRICS, ARMS, GATES, MODES)


def tables_of(scenario: Scenario, allow_code: bool = False) -> Tables:
    """The built-in rows, those of installed packages, and those of the scenario's own files.

    Raises:
        InputError: the scenario names files and code is not allowed, a file does not load, a name is taken.
    """
    files = scenario.extensions
    for key, code in (("extensions", [file.name for file in files]), ("arms", scenario.calls)):
        if code and not allow_code:
            where = f"{scenario.dir / 'scenario.yaml'}: {key}: {', '.join(code)}"
            raise InputError(f"{where}: this is code that would run here; if you trust it, add --allow-code")
    modules = [*_installed(), *((str(file), load_file(file)) for file in files)]
    return Tables(
        metrics=_join("METRICS", METRICS.values(), modules, Metric),
        arms=_with_entries(scenario, _join("ARMS", ARMS.values(), modules, Arm)),
        gates=tuple(_join("GATES", GATES, modules, GateRow).values()),
        modes=tuple(_join("MODES", MODES, modules, FailureMode).values()),
        files=files,
    )


def _with_entries(scenario: Scenario, table: dict[str, Arm]) -> dict[str, Arm]:
    """The table of arms with those from elsewhere."""
    rows = dict(table)
    for entry in scenario.entries:
        where = f"{scenario.dir / 'scenario.yaml'}"
        if entry.name in rows:
            raise InputError(f"{where}: arms: the name '{entry.name}' is taken; give it another")
        try:
            rows[entry.name] = arm_of(entry, table)
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
    return rows


def load_file(file: Path) -> ModuleType:
    """A Python file as a module under a name of its own, the same in every process; loaded once.

    Raises:
        InputError: it cannot be run, or has none of the lists.
    """
    name = f"harness_extension_{file.stem}_{file_hash(file)}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"{file}: not a Python file; expected NAME.py with any of {', '.join(LISTS)}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise InputError(f"{file}: does not load: {type(error).__name__}: {error}") from error
    if not any(hasattr(module, attribute) for attribute in LISTS):
        raise InputError(f"{file}: nothing to add in it; expected any of the lists {', '.join(LISTS)}")
    return module


def _installed() -> Iterator[tuple[str, object]]:
    for entry in metadata.entry_points(group=EXTENSIONS):
        try:
            yield f"package entry point '{entry.name}'", entry.load()
        except (Exception, SystemExit) as error:
            raise InputError(f"{EXTENSIONS} '{entry.name}' ({entry.value}) does not load: {error}") from error


def _join(
    name: str, built_in: Sequence[Row] | object, modules: Sequence[tuple[str, object]], kind: type[Row]
) -> dict[str, Row]:
    """Rows by name: the built-in ones, then each module's in order."""
    rows: dict[str, Row] = {row.name: row for row in built_in}  # type: ignore[attr-defined]
    for where, module in modules:
        for row in getattr(module, name, ()):
            if not isinstance(row, kind):
                raise InputError(f"{where}: {name} holds a {type(row).__name__}, expected {kind.__name__}")
            if row.name in rows:
                raise InputError(f"{where}: {name}: the name '{row.name}' is taken; give it another")
            rows[row.name] = row
    return rows
