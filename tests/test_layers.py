"""Architecture is a test: imports point strictly down, also inside functions, and importing the package is free."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "harness"

# Layer of each module or folder of DESIGN; within one folder imports are free, between names of one layer they are not.
LAYERS: dict[str, float] = {
    "telemetry": 0, "__init__": 0.1, "errors": 0, "memory": 0, "noise": 0, "types": 0, "hashing": 0.2, "paths": 0.4,
    "settings": 0.4,
    "faults": 0.6,
    "scenario": 1, "starters": 1, "stats": 1, "prompts": 1, "structured": 1,
    "advice": 2, "golden": 2, "retrieval": 2, "generation": 2, "metrics": 2.5,
    "record": 3, "tuning": 3, "forgetting": 3, "safety": 3, "retrieval_study": 3.5,
    "arms": 4,
    "run": 5,
    "verdict": 6,
    "report": 7, "testing": 7, "pytest_plugin": 7.5, "serve": 7, "rollout": 7,
    "conclude": 7.5, "tried": 7.5,
    "cli": 8, "__main__": 9,
}  # fmt: skip

HEAVY = ("torch", "transformers", "chromadb", "ragas", "deepeval", "lm_eval", "trl", "peft", "pandas", "scipy")


def _name(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def _imports(path: Path) -> list[tuple[str, int]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            whole = node.module == "harness"
            full = [f"{node.module}.{alias.name}" for alias in node.names] if whole else [node.module]
            found += [(name, node.lineno) for name in full]
        elif isinstance(node, ast.ImportFrom) and node.level:
            pytest.fail(f"{path}:{node.lineno}: relative import; write the full name so that layers can be read")
    return [(name, line) for name, line in found if name == "harness" or name.startswith("harness.")]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_strictly_down(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    assert own in LAYERS, f"{own} has no layer: give it one in this table"
    for module, line in _imports(path):
        other = _name(module)
        if other in (own, "__init__") or module == "harness.__version__":
            continue
        upward = f"{path}:{line}: {own} (layer {LAYERS[own]}) imports {module} ({LAYERS[other]})"
        assert LAYERS[other] < LAYERS[own], upward


def test_importing_the_command_line_loads_no_heavy_library() -> None:
    code = f"import sys, harness.cli; print([m for m in {HEAVY!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
