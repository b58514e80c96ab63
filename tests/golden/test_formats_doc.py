"""docs/formats.md names every format that can be imported or exported, with the columns that its reader knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from harness.documents.formats import EXPORT_AS
from harness.documents.formats import FORMATS as DOCUMENT_FORMATS
from harness.golden.exporters.formats import EXPORTS
from harness.golden.importers.columns import ALIASES
from harness.golden.importers.formats import FORMATS, SHAPES
from harness.tuning.importers import FORMATS as EXAMPLE_FORMATS

SECTIONS = {"Golden sets": FORMATS, "Golden sets for other tools": EXPORTS, "Tuning data": EXAMPLE_FORMATS}
# columns of the table of golden sets -> our fields that it is about
FIELDS = {
    "question": ("question",),
    "accepted answers": ("accept",),
    "evidence": ("evidence", "doc", "quote", "contexts", "context_ids"),
    "id": ("id",),
}


@pytest.fixture
def sections(root: Path) -> dict[str, str]:
    texts = (root / "docs" / "formats.md").read_text(encoding="utf-8").split("\n## ")
    return {text.partition("\n")[0]: text for text in texts}


def table(section: str) -> list[dict[str, str]]:
    """The rows of the first table of a section, by the heads of its columns."""
    lines = [*takewhile(is_row, dropwhile(lambda line: not is_row(line), section.splitlines()))]
    heads, _, *rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [dict(zip(heads, row, strict=True)) for row in rows if len(row) == len(heads)]


def is_row(line: str) -> bool:
    return line.startswith("|")


def names(cell: str) -> Iterator[str]:
    """The names in backticks, `answer(s)` as both."""
    for name in re.findall(r"`([^`]+)`", cell):
        yield from {name.replace("(s)", ""), name.replace("(s)", "s")}


def row_of(rows: Iterable[dict[str, str]], name: str) -> dict[str, str]:
    return next(row for row in rows if name in names(row["format"]))


def test_every_format_stands_in_its_table(sections: dict[str, str]) -> None:
    missing = [
        (title, name)
        for title, rows in SECTIONS.items()
        for name in rows
        if not any(name in names(row["format"]) for row in table(sections[title]))
    ]
    assert not missing, f"docs/formats.md lacks a row: {missing}"


def test_no_row_is_about_a_format_that_there_is_not(sections: dict[str, str]) -> None:
    for title, known in SECTIONS.items():
        strange = [row["format"] for row in table(sections[title]) if not set(names(row["format"])) & set(known)]
        assert not strange, f"{title}: {strange}"


@pytest.mark.parametrize("head", list(FIELDS))
def test_the_row_of_tables_names_every_column_that_is_read_and_no_other(sections: dict[str, str], head: str) -> None:
    aliases = {alias for field in FIELDS[head] for alias in ALIASES[field]}
    documented = set(names(row_of(table(sections["Golden sets"]), "csv")[head]))
    assert documented == aliases, f"missing: {aliases - documented}; not read: {documented - aliases}"


def test_the_shapes_are_listed_in_their_order(sections: dict[str, str]) -> None:
    section = sections["Golden sets"]
    listing = section[section.index("take the first of these that fits") :]
    words = {"promptfoo": "promptfoo", "autorag": "AutoRAG", "squad": "SQuAD", "hotpotqa": "HotpotQA", "dpr": "DPR",
             "trulens": "TruLens", "openai": "OpenAI evals", "langsmith": "LangSmith", "choice": "multiple choice",
             "classification": "classified texts"}  # fmt: skip
    assert set(words) == set(SHAPES)
    places = [listing.index(words[name]) for name in SHAPES]
    assert places == sorted(places)


def test_tuning_data_is_recognised_by_the_columns_of_its_row(sections: dict[str, str]) -> None:
    rows = table(sections["Tuning data"])
    for name, format in EXAMPLE_FORMATS.items():
        cells = set(names(" ".join(row_of(rows, name).values())))
        assert any(mark in " ".join(cells) for mark in format.marks), name


def test_every_suffix_of_a_document_stands_in_its_table(sections: dict[str, str]) -> None:
    rows = table(sections["Documents of a corpus"])
    read = {name for row in rows if row["format"] != "others" for name in names(row["files"])}
    strange = {name for name in read if name.startswith(".")} - set(DOCUMENT_FORMATS) - {".jsonl"}
    assert not strange, f"named as read and not read: {strange}"
    titles = {DOCUMENT_FORMATS[name].title for name in read if name in DOCUMENT_FORMATS}
    assert {format.title for format in DOCUMENT_FORMATS.values()} == titles
    others = {name for row in rows if row["format"] == "others" for name in names(row["files"])}
    assert others <= set(EXPORT_AS), f"named as not read: {others - set(EXPORT_AS)}"
