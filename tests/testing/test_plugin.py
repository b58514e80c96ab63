"""The pytest plugin in a project of somebody else's: nothing where it is not used, a whole suite where it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.make.suite import ROOT, outcomes, properties, pytest_in, write_project

WATCH = """\
import json, socket, sys

def refuse(*_, **__):
    raise AssertionError("a socket was opened")

import pytest
socket.socket.connect = refuse
before = set(sys.modules)
code = pytest.main(["-q", "-p", "pytest_harness", "-p", "no:cacheprovider", *sys.argv[1:]])
new = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
print("WATCH" + json.dumps([int(code), sorted(new), "pytest_harness" in sys.modules]))
"""
TIME = "import pytest, time; s = time.process_time(); import pytest_harness; print(time.process_time() - s)"


def watch(folder: Path) -> tuple[int, list[str], str]:
    """(exit code of pytest, modules that it loaded and that are no part of Python, what was said)."""
    done = python(folder, WATCH)
    said, _, facts = done.stdout.partition("WATCH")
    code, new, active = json.loads(facts)
    assert active
    return code, new, said + done.stderr


def python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    words = [sys.executable, "-c", code]
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)


def test_a_project_that_does_not_use_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text("def test_one():\n    assert True\n")
    (tmp_path / "scenario.yaml").write_text("title: not asked for\n")
    code, new, said = watch(tmp_path)
    assert code == 0
    assert set(new) <= {"_pytest", "pytest", "pytest_harness", "test_plain", "pygments", "iniconfig", "pluggy"}
    assert "harness" not in said
    assert said.startswith(".")
    files = {path.name for path in tmp_path.iterdir()} - {"__pycache__"}
    assert files == {"scenario.yaml", "test_plain.py"}


def test_its_import_takes_at_most_twenty_milliseconds(tmp_path: Path) -> None:
    """Processor time, the least of three, so that a busy machine does not decide."""
    assert min(float(python(tmp_path, TIME).stdout) for _ in range(3)) <= 0.02


def test_fixtures_and_parameters_of_the_same_name_are_the_projects_own(tmp_path: Path) -> None:
    (tmp_path / "test_own.py").write_text(
        "import pytest\n"
        "@pytest.fixture\ndef answer():\n    return 42\n"
        "@pytest.mark.parametrize('case', [1, 2])\ndef test_case(case, answer):\n    assert answer == 42\n"
        "@pytest.fixture\ndef verdict():\n    return 'mine'\n"
        "def test_verdict(verdict):\n    assert verdict == 'mine'\n"
    )
    code, new, said = watch(tmp_path)
    assert code == 0, said
    assert "harness" not in new


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose suite was run once, as a whole."""
    folder = write_project(tmp_path_factory.mktemp("project"))
    done = pytest_in(folder, "--junitxml=whole.xml", "--harness-summary=summary.md")
    (folder / "said.txt").write_text(done.stdout + done.stderr)
    return folder


def test_a_data_set_and_a_callable_are_a_suite(project: Path) -> None:
    assert outcomes(project / "whole.xml") == {
        "gate[task_success]": "passed",
        "gate[gain_over_constant]": "failure",  # not proven by four questions
        "test_answer[hours]": "passed",
        "test_answer[price]": "passed",
        "test_answer[tea]": "failure",
        "test_answer[broken]": "error",  # no answer: that is no wrong answer
        "test_plain": "passed",
    }
    said = (project / "said.txt").read_text()
    assert "has no answer: ValueError: kaputt (bot.py:8)" in said
    assert "system: NOT PROVEN" in said
    assert len((project / "asked.txt").read_text().splitlines()) == 4  # each question once
    assert (project / "summary.md").read_text().startswith("# ")


def test_the_figures_of_a_gate_travel_in_the_junit_file(project: Path) -> None:
    figures = properties(project / "whole.xml", "gate[task_success]")
    assert float(figures["estimate"]) == pytest.approx(2 / 3)
    assert 0 < float(figures["low"]) < float(figures["high"]) <= 1
    assert (figures["n"], figures["unscored"], figures["threshold"]) == ("3", "1", ">= 5 %")
    assert properties(project / "whole.xml", "test_answer[tea]") == {"task_success": "0.0"}


def test_workers_of_xdist_share_one_run(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    done = pytest_in(folder, "-n", "2", "--junitxml=two.xml")
    assert outcomes(folder / "two.xml")["test_answer[price]"] == "passed", done.stdout
    assert len((folder / "asked.txt").read_text().splitlines()) == 4
    assert len(list((folder / "reports").iterdir())) == 1
    assert done.stdout.count("NOT PROVEN: ") == 1


def test_a_selected_question_is_asked_alone_and_is_no_verdict(tmp_path: Path) -> None:
    folder = write_project(tmp_path)
    done = pytest_in(folder, "-k", "test_answer and price", "--junitxml=one.xml", "--harness-summary=summary.md")
    assert outcomes(folder / "one.xml") == {"test_answer[price]": "passed"}, done.stdout
    assert (folder / "asked.txt").read_text() == "What is the price?\n"
    assert "a part of the suite (run: only 1 named cases; 1 of 4 questions): no verdict, and no GO" in done.stdout
    assert "no GO" in (folder / "summary.md").read_text().splitlines()[0]


BAD_USE = (
    (("--harness-run", "nothing"), "nothing: no finished run there"),
    (("--harness-scenario", "nowhere"), "nowhere: no scenario.yaml there"),
    (("--harness-data", "questions.csv", "--harness-run", "x"), "run and data are both given"),
    (("-o", "harness_not_proven=perhaps"), "harness_not_proven: found 'perhaps', expected fail or warn"),
    (("-o", "harness_answer="), "has nothing that answers it; give answer=module:function"),
)


def test_bad_use_is_one_message_of_pytest(project: Path) -> None:
    for arguments, said in BAD_USE:
        done = pytest_in(project, *arguments)
        assert done.returncode == 4, done.stdout
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    done = pytest_in(project, "-o", "harness_gates=tasks_success: 5")
    assert done.returncode == 2
    assert "harness: harness_gates.tasks_success: no such gate; did you mean" in done.stdout


MARKED = """\
import pytest
import bot

pytestmark = pytest.mark.harness(data="questions.csv", answer=lambda question: "We are open from 9 to 17.")


def test_marked(case, answer):
    assert answer.text.startswith("We")


@pytest.mark.harness(data="questions.csv", answer="bot:answer", gates={"task_success": "5 %"}, baseline=None)
def test_nearest(harness_run, verdict):
    from harness.testing import assert_gate
    assert len(harness_run.cases()) == 4
    assert verdict.candidate == "system"
    gate = assert_gate("task_success")
    assert gate.estimate.n == 3


def test_regression(case, paired):
    assert not paired("task_success").lost
"""


def test_a_marker_names_another_suite_and_a_callable_of_its_own(tmp_path: Path) -> None:
    folder = write_project(tmp_path, tests=MARKED, ini="[pytest]\n")
    done = pytest_in(folder, "--junitxml=marked.xml")
    found = outcomes(folder / "marked.xml")
    assert {name: kind for name, kind in found.items() if "regression" not in name} == {
        **{f"test_marked[{id}]": "passed" for id in ("hours", "price", "tea", "broken")},
        "test_nearest": "passed",
    }, done.stdout
    assert found["test_regression[tea]"] == "error"  # nothing to compare with
    assert "name a run or an arm of this run with --harness-baseline" in done.stdout
    assert properties(folder / "marked.xml", "test_nearest")["task_success.n"] == "3"
