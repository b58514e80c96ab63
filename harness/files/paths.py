"""Places on disk: the package's own data, scenarios by id, run folders. Paths from a scenario never leave it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import fault_of, is_file, legible, real

PACKAGE = Path(__file__).resolve().parent.parent
EXTENSIONS = "harness.extensions"  # entry point group of installed packages that add rows of their own


def cache_dir() -> Path:
    """Content-addressed caches (embeddings, indexes, stages, adapters): `HARNESS_CACHE`, else `.cache/harness` here."""
    return Path(os.environ.get("HARNESS_CACHE", ".cache/harness"))


def models_dir() -> Path:
    """Built-in models brought to this machine, for all projects: `HARNESS_MODELS`, else the user's cache."""
    if (folder := os.environ.get("HARNESS_MODELS")) is not None:
        return Path(folder)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rag-or-tune-harness" / "models"


def index_home(corpus: Path, cache: Path | None = None) -> Path:
    """The home of a corpus's index: one place a corpus, so that a changed document updates it."""
    place = hashlib.sha256(str(real(corpus)).encode()).hexdigest()[:12]
    return (cache_dir() if cache is None else cache) / "index" / f"{corpus.stem}-{place}"


def reports_dir() -> Path:
    """Run folders: `HARNESS_REPORTS`, else `reports` in the working folder."""
    return Path(os.environ.get("HARNESS_REPORTS", "reports"))


def adapters_dir() -> Path:
    """Versions of adapters that are brought up to date: `HARNESS_ADAPTERS`, else `adapters` in the working folder."""
    return Path(os.environ.get("HARNESS_ADAPTERS", "adapters"))


def find_scenario(argument: str) -> Path:
    """The folder that a scenario argument means: a folder with a scenario.yaml, or its id under `scenarios/`."""
    path = Path(argument)
    for folder in (path.parent if path.name == "scenario.yaml" else path, Path("scenarios") / argument):
        if is_file(folder / "scenario.yaml"):
            return folder
    fault = fault_of(path, "file or folder")
    if fault is not None and not fault.startswith("no such"):
        raise InputError(f"{legible(argument)}: {fault}")
    names = sorted(file.parent.name for file in Path("scenarios").glob("*/scenario.yaml"))
    hint = f"known under scenarios/: {', '.join(names)}" if names else "write one with: harness init DIR"
    raise InputError(f"{legible(argument)}: no scenario.yaml there and no scenario of that id; {hint}")


def inside_fault(base: Path, relative: str, roots: tuple[Path, ...] = ()) -> str | None:
    """Why `relative` is no path inside `base` or one of `roots`, in words; None where it is one.

    Golden sets may lie beside the scenarios (`../../golden_sets/x.jsonl`), so callers name such roots.
    """
    try:
        path = real(base / relative)
        circle = path.is_symlink()  # what links lead to is no link, unless they lead in a circle
    except (OSError, ValueError):
        return f"'{legible(relative)}' {fault_of(base / relative, 'file or folder') or 'is no path'}"
    if circle:
        return f"'{legible(relative)}' is a link that leads in a circle"
    if any(path.is_relative_to(real(root)) for root in (base, *roots)):
        return None
    return f"'{legible(relative)}' leads out of {base}; keep a scenario's files inside its folder"
