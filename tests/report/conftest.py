"""The made-up run and its page, made once for all tests of the report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.report.runs import Reported, reported

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = os.environ.get("CHROMIUM") or next((path for name in BROWSERS if (path := shutil.which(name))), None)
PATIENCE = 120_000  # ms; a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def run() -> Reported:
    return reported()


@pytest.fixture(scope="session")
def page(run: Reported, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_CACHE", str(folder / "cache"))
        path = folder / "report.html"
        path.write_text(run.html(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if PROGRAM is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium, or set CHROMIUM)")
    with api.sync_playwright() as play:
        opened = play.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE)
        yield opened
        opened.close()
