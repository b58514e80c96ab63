"""Reading the sources of importers: JSON, and the one file of a folder that fits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.errors import InputError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, its byte order mark left out. InputError: no such file, not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None


def read_json(path: Path) -> Any:
    """The JSON value of a file. InputError: no such file, not UTF-8, not JSON."""
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}") from None
    except RecursionError:
        raise InputError(f"{path}: JSON nested too deeply") from None


def one_file(path: Path, pattern: str) -> Path:
    """`path` itself if it is a file, else the one file in the folder that the pattern fits."""
    if path.is_file():
        return path
    matches = sorted(path.glob(pattern)) if path.is_dir() else []
    if len(matches) == 1:
        return matches[0]
    what = (
        f"{len(matches)} files {pattern} ({', '.join(f.name for f in matches[:4])})"
        if matches
        else f"no file {pattern}"
    )
    raise InputError(f"{path}: {what} in it; name the file itself")
