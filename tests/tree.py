"""The tree of harness/ in docs/architecture.md: one line a file, from the first sentence of its docstring.

python -m tests.tree     # writes it anew (`make docs`); test_architecture.py compares
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.generated import Block
from tests.test_layers import ORDER

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "harness"
TREE = Block(ROOT / "docs" / "architecture.md", "tree")
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


if __name__ == "__main__":
    TREE.write(tree())
