"""The suite in examples/: ten tests, run plainly, by two workers, by name, the failed ones again, into JUnit."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.make.suite import ROOT, outcomes, pytest_in

QUESTIONS, EACH = 30, 5  # test questions; tests that are run for each of them


def test_ten_tests_in_every_way_that_people_run_them(tmp_path: Path) -> None:
    folder = tmp_path / "suite"
    shutil.copytree(ROOT / "examples" / "suite", folder)
    assert (folder / "test_bot.py").read_text().count("\ndef test_") == 10
    plain = pytest_in(folder, "--junitxml=plain.xml")
    assert plain.returncode == 0, plain.stdout
    found = outcomes(folder / "plain.xml")
    assert len(found) == EACH * QUESTIONS + 2 + 4 + 2  # two of small talk, four plain tests, two gates
    assert set(found.values()) == {"passed"}
    assert "system: GO: " in plain.stdout

    assert pytest_in(folder, "-n", "2", "--junitxml=two.xml").returncode == 0
    assert outcomes(folder / "two.xml") == found

    named = pytest_in(folder, "-k", "puncture", "--junitxml=named.xml")
    assert set(outcomes(folder / "named.xml")) == {name for name in found if "puncture" in name}
    assert "3 of 30 questions): no verdict, and no GO" in named.stdout

    bot = folder / "bot.py"
    bot.write_text(bot.read_text().replace("15 euros", "16 euros"))
    assert pytest_in(folder).returncode == 1
    bot.write_text(bot.read_text().replace("16 euros", "15 euros"))
    again = pytest_in(folder, "--lf", "--junitxml=again.xml")
    wrong = {f"test_the_answer_is_right[rent-{i}]" for i in (1, 2, 3)}
    assert set(outcomes(folder / "again.xml")) == wrong | {"gate[task_success]", "test_most_answers_are_right"}
    assert again.returncode == 0
