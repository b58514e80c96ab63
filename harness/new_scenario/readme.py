"""The README of a scenario: what each of its files is, from the keys of its scenario.yaml; and what next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.files.input_file import is_dir
from harness.scenario.yaml_file import Located, read_yaml

README = "README.md"
# a key of scenario.yaml, or a file that no key names -> what it is
FILES: Mapping[str, str] = {
    "scenario.yaml": "every setting: arms, model, gates; what it does not name has its default",
    "corpus": "the documents that are searched",
    "golden": "the questions with their accepted answers, one JSON object a line (`harness schema golden`)",
    "examples": "training examples of the tuned arms (`harness schema example`)",
    "probes": "questions asked only for the form of the answer",
    "answer.system": "what every arm is told before the question",
    "answer.schema": "the JSON Schema that answers must meet",
    "answer.few_shot": "worked examples, shown by arms that have them",
    "style": "the house style: words, names, codes",
    "drills.paraphrases": "questions in other words, for `harness run --drills`",
    "drills.changes": "facts that change, for `harness run --drills`",
    "scenario.schema.json": "by which editors complete and check scenario.yaml",
}


def paths_in(folder: Path) -> dict[str, str]:
    """Every file or folder that a scenario's settings name: dotted key -> name, in the order of FILES."""
    raw = read_yaml(folder / "scenario.yaml")
    names = {key: name for key in FILES if isinstance(name := _value(raw, key), str)}
    return {**names, **{name: name for name in ("scenario.yaml", "scenario.schema.json")}}


def _value(raw: Located, key: str) -> object:
    value: object = raw
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def readme(folder: Path, title: str, came_from: Mapping[str, str] = {}, notes: Iterable[str] = ()) -> str:
    """The text of a README.

    Args:
        folder: a scenario, its files written.
        came_from: dotted key -> what a file was made of.
        notes: paragraphs between the files and the commands.
    """
    paths = paths_in(folder)
    rows = [_row(folder, paths[key], what, came_from.get(key)) for key, what in FILES.items() if key in paths]
    name = folder.as_posix()
    lines = [
        f"# {title}", "",
        "A scenario of `harness`: one question, RAG, tuning or both, settled by measuring.", "",
        "| file | what it is |", "| --- | --- |", *rows, "", *(line for note in notes for line in (note, "")),
        "```sh",
        f"harness run {name} --dry-run    # what would be done, how long it takes, what these questions can prove",
        f"harness run {name}              # the verdict, and a page to forward",
        f"harness golden check {name}     # duplicates, leaks, evidence that stands nowhere",
        "```", "",
    ]  # fmt: skip
    return "\n".join(lines)


def write_readme(folder: Path) -> None:
    """Write the README of a scenario that has none."""
    title = str(read_yaml(folder / "scenario.yaml").get("title", folder.name))
    (folder / README).write_text(readme(folder, title), encoding="utf-8")


def _row(folder: Path, name: str, what: str, origin: str | None) -> str:
    path = f"{name.rstrip('/')}/" if is_dir(folder / name) else name
    return f"| `{path}` | {what}{f'; {origin}' if origin else ''} |"
