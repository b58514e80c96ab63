"""Architecture is a test: imports point strictly down, without a circle, whenever they are made.

Every arrow counts: at the top of a file, inside a function, for types alone; between rooms and between siblings.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "harness"

# Every module or folder of harness/, lowest first: each may import those before it, and nothing imports one after it.
# docs/architecture.md says why the order is this one.
ORDER = (
    "types", "errors", "characters", "marks", "notices", "files", "language",
    "process", "hub", "stats", "scenario", "record", "weights_file", "prompts", "refusals", "references", "structured",
    "advice", "documents", "evidence", "golden", "retrieval", "generation", "metrics", "tuning",
    "paired_items", "forgetting", "safety", "arms", "judges", "ratings",
    "drills", "drafts", "engine", "stages", "from_documents", "results",
    "verdict", "diagnosis", "history", "report", "extensions", "runs",
    "formats", "new_scenario", "doctor", "exports", "api", "__init__", "testing", "cli", "__main__",
)  # fmt: skip

HEAVY = ("torch", "transformers", "chromadb", "ragas", "deepeval", "lm_eval", "trl", "peft", "pandas", "scipy")


@cache
def _modules() -> dict[str, Path]:
    """Dotted name of every module of the package -> its file."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {".".join(("harness", *file.relative_to(PACKAGE).with_suffix("").parts)): file for file in files}


def _imports(path: Path) -> list[tuple[str, int]]:
    """(module of the package, line) of every import in a file.

    `from folder import module` is an arrow to both, for the folder's `__init__.py` runs and may name what stands above.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    arrows: list[tuple[str, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path}:{node.lineno}: relative import; write the full name so that layers can be read")
        if isinstance(node, ast.Import):
            arrows += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            arrows += [(name, node.lineno) for name in sorted(names) if _file_of(name) in _modules()]
    return [(_file_of(name), line) for name, line in arrows if name == "harness" or name.startswith("harness.")]


def _file_of(module: str) -> str:
    return module if module in _modules() else f"{module}.__init__"


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _room_of(module: str) -> str:
    return module.split(".")[1]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_strictly_down(path: Path) -> None:
    own = _room(path)
    assert own in ORDER, f"{own} has no place: give it one in ORDER"
    for module, line in _imports(path):
        other = _room_of(module)
        if other != own:
            assert ORDER.index(other) < ORDER.index(own), f"{path}:{line}: {own} imports {module}, which is above it"


def test_no_module_is_in_a_circle_with_another() -> None:
    arrows = {name: {module for module, _ in _imports(path)} - {name} for name, path in _modules().items()}
    open_ones = dict(arrows)
    while free := [name for name, others in open_ones.items() if not others & open_ones.keys()]:
        for name in free:
            del open_ones[name]
    assert not open_ones, f"these modules import each other in a circle: {', '.join(sorted(open_ones))}"


def test_importing_the_command_line_loads_no_heavy_library() -> None:
    code = f"import sys, harness.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
