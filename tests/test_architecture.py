"""docs/architecture.md shows the house as it is: a line for every file of harness/, and no line without a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.scenario.arm_entries import ArmKeys
from harness.scenario.document import ScenarioFile
from tests.effort import ADDITIONS, EFFORT, table
from tests.settings import SETTINGS, blocks, settings_of, text
from tests.tree import PACKAGE, ROOT, TREE, tree


def test_tree_in_the_document_is_the_tree_on_disk() -> None:
    lines, documented_lines = tree().splitlines(), TREE.read().splitlines()
    missing = [line for line in lines if line not in documented_lines]
    surplus = [line for line in documented_lines if line not in lines]
    assert not missing, f"docs/architecture.md lacks these lines; run `make docs`: {missing}"
    assert not surplus, f"docs/architecture.md has lines without a file; run `make docs`: {surplus}"
    assert tree() == TREE.read()


def test_every_module_has_its_line() -> None:
    names = [path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]
    shown = re.findall(r"^ +([\w.]+\.py) ", TREE.read(), flags=re.MULTILINE)
    assert sorted(shown) == sorted(names)


def test_what_an_addition_takes_is_what_the_document_says() -> None:
    """The lines to read may drift by a quarter before `make docs` has to write them anew."""
    counts = re.compile(r"(?<=\| )\d+(?= \|)")
    assert counts.sub("N", EFFORT.read()) == counts.sub("N", table()), "run `make docs`"
    for addition, said in zip(ADDITIONS, counts.findall(EFFORT.read()), strict=True):
        assert addition.lines == pytest.approx(int(said), rel=0.25), f"{addition.title}: run `make docs`"
        assert (ROOT / addition.shown).is_file()


def test_every_setting_says_what_it_means() -> None:
    for name, kind in (("", ScenarioFile), *blocks(), ("arms", ArmKeys)):
        silent = [setting.name for setting in settings_of(kind) if not setting.meaning]
        assert not silent, f"{kind.__name__} ({name}): give these a comment with meaning and unit: {silent}"


def test_settings_in_the_document_are_those_of_the_code() -> None:
    assert SETTINGS.read() == text(), "docs/scenario.md is stale; run `make docs`"


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_documents_name_only_files_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(r"`((?:harness|tests|docs|benchmarks|recipes|examples|scenarios)/[\w./-]+)`", text)
    gone = [name for name in named if not (ROOT / name).exists()]
    assert not gone, f"{document.relative_to(ROOT)} names files that are not there: {gone}"
