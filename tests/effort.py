"""What it takes to add each of the usual things: the table in docs/contributing.md, with the lines of today.

python -m tests.effort     # writes it anew (`make docs`); test_architecture.py compares
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.generated import Block

ROOT = Path(__file__).resolve().parent.parent
EFFORT = Block(ROOT / "docs" / "contributing.md", "effort")


@dataclass(frozen=True, slots=True)
class Addition:
    """One usual thing to add."""

    title: str
    read: tuple[str, ...]  # what has to be understood: a file, or `file: name name` for some of its definitions
    edit: tuple[str, ...]  # files of the package, new ones included
    shown: str  # the test that adds one and sees it where its like are seen

    @property
    def lines(self) -> int:
        return sum(_lines(piece) for piece in self.read)


STEP = ("harness/engine/stage.py", "harness/stages/plan.py", "harness/engine/planned.py", "harness/stages/retrieve.py")
ADDITIONS = (
    Addition(
        "a metric",
        ("harness/metrics/table.py", "harness/metrics/reading.py", "harness/metrics/correctness.py"),
        ("harness/metrics/table.py", "harness/metrics/SUBJECT.py"),
        "tests/test_examples.py",
    ),
    Addition(
        "an arm of known parts", ("harness/arms.py: Arm ARMS",), ("harness/arms.py",), "tests/test_house.py",
    ),
    Addition(
        "an arm with a new ability",
        ("harness/arms.py", "harness/prompts.py", "harness/stages/models.py"),
        ("harness/arms.py", "harness/stages/models.py"),
        "tests/test_house.py",
    ),
    Addition(
        "a gate",
        (
            "harness/verdict/gates.py: GateRow ByAnswer ByCount GATES",
            "harness/verdict/measures.py: Measurement Unmeasured rate_of gain_of",
            "harness/verdict/score_sheet.py: ScoreSheet",
        ),
        ("harness/verdict/gates.py", "harness/verdict/measures.py"),
        "tests/test_examples.py",
    ),
    Addition("a step", STEP, ("harness/stages/NAME.py", "harness/stages/plan.py"), "tests/test_house.py"),
    Addition(
        "a command",
        ("harness/cli/main.py", "harness/cli/schema.py", "harness/cli/options.py"),
        ("harness/cli/NAME.py", "harness/cli/main.py"),
        "tests/test_house.py",
    ),
)  # fmt: skip


def table() -> str:
    """The additions as a table of Markdown."""
    rows = [_row(addition) for addition in ADDITIONS]
    head = ["| to add | read | lines | files to edit | test |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def _row(addition: Addition) -> str:
    read = ", ".join(f"`{piece.partition(':')[0]}`{_some_of(piece)}" for piece in addition.read)
    edit = f"{len(addition.edit)}: " + ", ".join(f"`{Path(file).name}`" for file in addition.edit)
    return f"| {addition.title} | {read} | {addition.lines} | {edit} | `{addition.shown}` |"


def _some_of(piece: str) -> str:
    names = piece.partition(":")[2].split()
    return f" ({', '.join(names)})" if names else ""


def _lines(piece: str) -> int:
    """Lines of a file, or of some of its definitions. ValueError for a definition that there is not."""
    file, _, names = piece.partition(":")
    text = (ROOT / file).read_text(encoding="utf-8")
    if not names:
        return len(text.splitlines())
    spans = dict(_spans(ast.parse(text)))
    missing = [name for name in names.split() if name not in spans]
    if missing:
        raise ValueError(f"tests/effort.py: {file} defines no {', '.join(missing)}")
    return sum(spans[name] for name in names.split())


def _spans(module: ast.Module) -> Iterator[tuple[str, int]]:
    """(name, lines) of everything a module defines at its top."""
    for node in module.body:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            yield node.name, lines + len(node.decorator_list)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, lines


if __name__ == "__main__":
    EFFORT.write(table())
