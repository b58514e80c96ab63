"""The tree of harness/ in docs/architecture.md: one line a file, from the first sentence of its docstring.

python -m tests.tree     # writes it anew (`make docs`); test_architecture.py compares
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_layers import ORDER

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, DOCUMENT = ROOT / "harness", ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- tree: made by `make docs`, checked by tests/test_architecture.py -->\n", "<!-- end of tree -->\n"
COLUMN = 27  # where the sentences begin


def tree() -> str:
    """The whole tree, rooms in the order of their layers."""
    lines = [f"harness/{' ' * (COLUMN - len('harness/'))}{_purpose(PACKAGE / '__init__.py')}"]
    places = sorted(_places(PACKAGE), key=lambda path: ORDER.index(path.stem))
    lines += [line for place in places for line in _lines(place, 1)]
    return "```\n" + "\n".join(lines) + "\n```\n"


def _lines(place: Path, depth: int) -> Iterator[str]:
    folder = place.is_dir()
    name = f"{'  ' * depth}{place.name}{'/' if folder else ''}"
    yield f"{name:<{COLUMN - 1}} {_purpose(place / '__init__.py' if folder else place)}"
    if folder:
        for inner in sorted(_places(place), key=lambda path: (path.is_dir(), path.name)):
            yield from _lines(inner, depth + 1)


def _places(folder: Path) -> list[Path]:
    """Modules of a folder and folders with modules; `__init__.py` is told of in the folder's own line."""
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    return modules + [path.parent for path in folder.glob("*/__init__.py")]


def _purpose(file: Path) -> str:
    """The first sentence of a module's docstring."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.split("\n\n")[0].split())
    first = paragraph.split(". ")[0].rstrip(".:")
    assert first, f"{file.relative_to(ROOT)}: no docstring; its first sentence is its line in docs/architecture.md"
    return first


def documented() -> str:
    """The tree as docs/architecture.md has it."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def write() -> None:
    """Put the tree into docs/architecture.md."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    DOCUMENT.write_text(before + BEGIN + tree() + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    write()
