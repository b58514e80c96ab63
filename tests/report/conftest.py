"""The made-up run and its page, made once for all tests of the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fixture import build

from harness.report.html import render_html

Run = tuple[dict[str, Any], Any, Any, Any]


@pytest.fixture(scope="session")
def run() -> Run:
    return build()


@pytest.fixture(scope="session")
def page(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(folder / "cache"))
        path = folder / "report.html"
        path.write_text(render_html(*run), encoding="utf-8")
    return path
