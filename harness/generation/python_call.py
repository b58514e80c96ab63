"""A Python function that answers, by its name: `module:function`, from the scenario's folder or an installed package.

It is code of somebody else's, so that whoever calls this has been allowed to (`--allow-code`).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from harness.errors import InputError
from harness.files.hashing import file_hash
from harness.files.input_file import is_file
from harness.scenario.arm_entries import PythonCall

Respond = Callable[[Sequence[str]], Sequence[str]]  # questions in, as many texts out, in the same order


def load_call(call: PythonCall) -> Respond:
    """The function, loaded once a process. InputError where there is none, or its module does not load."""
    name, _, attribute = call.target.partition(":")
    file = file_of(call)
    try:
        module = importlib.import_module(name) if file is None else _module(file)
    except (Exception, SystemExit) as error:
        where = name if file is None else str(file)
        raise InputError(f"arms: call: {where} does not load: {type(error).__name__}: {error}") from error
    function = getattr(module, attribute, None)
    if not callable(function):
        raise InputError(f"arms: call: {file or name} has no function '{attribute}'")
    return function  # type: ignore[no-any-return]


def file_of(call: PythonCall) -> Path | None:
    """The module's file in the scenario's folder; None where it is not there."""
    file = call.folder.joinpath(*call.target.partition(":")[0].split(".")).with_suffix(".py")
    return file if is_file(file) else None


def _module(file: Path) -> ModuleType:
    """A file as a module under a name of its own, the same in every process."""
    name = f"harness_call_{file.stem}_{file_hash(file)}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"{file}: not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
