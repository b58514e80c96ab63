"""The scenarios that `harness init` copies: package data in a wheel, the checkout's own folders in a checkout."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.errors import InputError
from harness.files.input_file import is_dir, is_there, legible
from harness.files.output_path import new_folder
from harness.files.paths import PACKAGE
from harness.scenario.yaml_file import read_yaml

PACKAGED = PACKAGE / "starters"
CHECKOUT = PACKAGE.parent


SCHEMA = "scenario.schema.json"
FIRST_LINE = f"# yaml-language-server: $schema={SCHEMA}\n"  # editors complete and check the settings by it


def copy_starter(name: str, folder: Path, schema: str) -> None:
    """Write the starter `name` into a new folder, its golden set inside it, and the schema of its settings for editors.

    Raises:
        InputError: no such starter, or the folder is not empty.
    """
    source, golden = _source(name)
    new_folder(folder)
    for file in ("scenario.yaml", *_files_in(read_yaml(source / "scenario.yaml"), source)):
        if is_dir(source / file):
            shutil.copytree(source / file, folder / file, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source / file, folder / file)
    shutil.copy(golden, folder / "golden.jsonl")
    settings = folder / "scenario.yaml"
    text = settings.read_text(encoding="utf-8")
    text = FIRST_LINE + text.replace(f"../../golden_sets/{name}.jsonl", "golden.jsonl")
    settings.write_text(text, encoding="utf-8")
    (folder / SCHEMA).write_text(schema, encoding="utf-8")


def _files_in(value: object, source: Path) -> Iterator[str]:
    """The files and folders of the starter that its settings name: what nothing reads stays where it is."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _files_in(item, source)
    elif isinstance(value, str) and "/" not in value.rstrip("/") and is_there(source / value):
        yield value


def _source(name: str) -> tuple[Path, Path]:
    for scenario, golden in (
        (PACKAGED / name, PACKAGED / name / "golden.jsonl"),
        (CHECKOUT / "scenarios" / name, CHECKOUT / "golden_sets" / f"{name}.jsonl"),
    ):
        if name in known_starters() and scenario.is_dir() and golden.is_file():
            return scenario, golden
    raise InputError(f"starter '{legible(name)}': no such starter; known: {', '.join(known_starters())}")


def known_starters() -> list[str]:
    """Names that `copy_starter` takes."""
    packaged = [path.name for path in PACKAGED.iterdir() if path.is_dir()] if PACKAGED.is_dir() else []
    return sorted(packaged) or sorted(path.stem for path in (CHECKOUT / "golden_sets").glob("*.jsonl"))
