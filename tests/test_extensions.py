"""Code of a scenario runs only where it was allowed, and what is wrong with it is one message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import extensions
from harness.errors import InputError
from harness.extensions import BUILT_IN, load_file, tables_of
from harness.metrics.table import METRICS
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from tests.make.faq import write_faq

ROW = "from harness.metrics.table import Metric\nMETRICS = [Metric({name!r}, 'Mine', 'Tone', lambda reading: 1.0)]\n"


def _scenario(folder: Path, code: str) -> Scenario:
    folder.mkdir()
    (folder / "checks.py").write_text(code)
    return load_scenario(write_faq(folder, ("checks.py",)))


def test_without_leave_nothing_of_it_runs(tmp_path: Path) -> None:
    scenario = _scenario(tmp_path / "s", f"open({str(tmp_path / 'ran')!r}, 'w')\nMETRICS = []\n")
    with pytest.raises(InputError, match=r"scenario.yaml: extensions: checks.py: this is code .* add --allow-code"):
        tables_of(scenario)
    assert not (tmp_path / "ran").exists()


def test_rows_are_added_behind_the_built_in_ones(tmp_path: Path) -> None:
    tables = tables_of(_scenario(tmp_path / "s", ROW.format(name="mine")), allow_code=True)
    assert list(tables.metrics) == [*METRICS, "mine"]
    assert (tables.arms, tables.gates) == (BUILT_IN.arms, BUILT_IN.gates)
    assert "mine" not in METRICS


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (ROW.format(name="correct"), r"checks.py: METRICS: the name 'correct' is taken"),
        ("METRICS = ['polite']", r"checks.py: METRICS holds a str, expected Metric"),
        ("import no_such_module", r"checks.py: does not load: ModuleNotFoundError"),
        ("def broken(:", r"checks.py: does not load: SyntaxError"),
        ("x = 1", r"checks.py: nothing to add in it; expected any of the lists METRICS"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_message(tmp_path: Path, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tables_of(_scenario(tmp_path / "s", code), allow_code=True)


def test_a_file_is_loaded_once_and_again_when_it_was_edited(tmp_path: Path) -> None:
    file = tmp_path / "checks.py"
    file.write_text(ROW.format(name="first"))
    module = load_file(file)
    assert load_file(file) is module
    file.write_text(ROW.format(name="second"))
    assert load_file(file).METRICS[0].name == "second"


def test_an_installed_package_needs_no_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = replace(METRICS["correct"], name="packaged")
    entry = SimpleNamespace(name="mine", value="mine:tables", load=lambda: SimpleNamespace(METRICS=[mine]))
    monkeypatch.setattr(extensions.metadata, "entry_points", lambda group: [entry])
    scenario = replace(_scenario(tmp_path / "s", ROW.format(name="unused")), extensions=())
    assert "packaged" in tables_of(scenario).metrics
