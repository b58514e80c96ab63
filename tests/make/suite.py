"""A project of somebody else's that tests its bot with the pytest plugin: its files, and pytest run in its folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
BOT = """\
FAQ = {"opening hours": "We are open from 9 to 17.", "price": "It costs 12 euros."}


def answer(question: str) -> str:
    with open("asked.txt", "a") as file:
        file.write(question + "\\n")
    if "boom" in question:
        raise ValueError("kaputt")
    return next((text for key, text in FAQ.items() if key in question.lower()), "I do not know.")
"""
QUESTIONS = """\
id,question,answer
hours,What are your opening hours?,from 9 to 17
price,What is the price?,12 euros
tea,Which tea is there?,green
broken,What goes boom?,nothing
"""
TESTS = """\
def test_answer(case, answer, score):
    assert score("task_success") == 1, answer.text


def test_plain():
    assert True
"""
INI = """\
[pytest]
harness_data = questions.csv
harness_answer = bot:answer
harness_gates =
    task_success: 5 %
"""


def write_project(folder: Path, tests: str = TESTS, ini: str = INI) -> Path:
    """A bot, its questions, its tests; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("bot.py", BOT), ("questions.csv", QUESTIONS), ("test_bot.py", tests), ("pytest.ini", ini)):
        (folder / name).write_text(text)
    return folder


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """pytest in a process of its own, with the plugin and nothing else that is installed here."""
    asked = [f"-n{arguments[arguments.index('-n') + 1]}"] if "-n" in arguments else []
    plugins = ["-p", "pytest_harness", *(["-p", "xdist"] if asked else [])]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-rA", "--tb=short", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200",
             "HARNESS_CACHE": str(folder / ".cache"), "HARNESS_REPORTS": str(folder / "reports")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def outcomes(junit: Path) -> dict[str, str]:
    """Name of a test -> passed, failure, error or skipped."""
    rows = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        kinds = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
        rows[str(case.get("name"))] = kinds[0] if kinds else "passed"
    return rows


def properties(junit: Path, name: str) -> dict[str, str]:
    """The properties of one test."""
    case = next(case for case in ElementTree.parse(junit).iter("testcase") if case.get("name") == name)
    return {str(row.get("name")): str(row.get("value")) for row in case.iter("property")}
