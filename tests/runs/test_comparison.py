"""`harness compare`, `bless`, `gate --against` and `parity` on files of answers, and on adapters of a random model."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

import harness
from harness.errors import InputError
from harness.record.files import load_run
from harness.runs.blessed import blessed
from tests.make.command import command

SETTINGS = """\
title: Colours
golden: golden.jsonl
arms: [{name: old, answers: old.jsonl}]
candidate: old
forgetting: {tasks: none}
latency: {questions: 0}
"""
N = 120


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario with files of answers that are right in 60, 110 and, five of them others, 60 of its questions."""
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "colours"
    folder.mkdir()
    (folder / "scenario.yaml").write_text(SETTINGS)
    cases = [{"id": f"q{i}", "question": f"Colour {i}?", "accept": ["red"], "source": f"s{i}"} for i in range(N)]
    write(folder / "golden.jsonl", [{**case, "split": "test"} for case in cases])
    for name, right in (("old", range(60)), ("new", range(110)), ("near", range(5, 65))):
        write(folder / f"{name}.jsonl", [{"id": f"q{i}", "text": "red" if i in right else "blue"} for i in range(N)])
    return folder


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Mapping[str, object]]:
    code = command(*arguments, "--json")
    return code, json.loads(capsys.readouterr().out)


def test_files_of_answers_are_compared_in_one_run_and_nothing_is_computed_twice(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("compare", "old", str(project / "new.jsonl"), "--scenario", str(project))
    code, outcome = told(capsys, *arguments)
    comparison = outcome["comparison"]
    assert isinstance(comparison, dict)
    assert (code, comparison["release"], comparison["judgements"][0]["word"]) == (0, "new", "better")
    assert len(list((project.parent / "reports").glob("*/record.json"))) == 1
    assert told(capsys, *arguments)[1] == outcome, "the second call finds the run, and says the same"
    code, _ = told(capsys, "compare", str(project / "new.jsonl"), "old", "--scenario", str(project))
    assert code == 1, "what is worse fails"
    near = ("compare", "old", str(project / "near.jsonl"), "--scenario", str(project))
    assert told(capsys, *near, "--fail-on", "not-proven")[0] == 3, "five won and five lost leave the margin open"
    assert told(capsys, *near)[0] == 0


def test_the_line_that_a_run_is_made_again_by_finds_it(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("compare", "old", "colours/new.jsonl", "--scenario", "colours") == 0
    (record,) = (project.parent / "reports").glob("*/record.json")
    line = load_run(record.parent).record.command
    assert line == "harness compare old colours/new.jsonl --scenario colours"
    capsys.readouterr()
    assert command(*shlex.split(line)[1:]) == 0
    assert len(list((project.parent / "reports").glob("*/record.json"))) == 1
    assert harness.run("colours", arms=["old"], limit=9).record.command == "harness run colours --arms old --limit 9"


def test_a_baseline_was_asked_every_test_question(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = harness.run(project, limit=9)
    assert command("bless", str(part.folder)) == 2
    assert "asked 9 of 120 test questions (not q1)" in capsys.readouterr().err
    assert not (project / "blessed").exists()


def test_a_blessed_run_is_the_baseline_until_something_changes(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = harness.run(project)
    assert command("bless", str(run.folder)) == 0
    assert "old of" in capsys.readouterr().out
    comparison = harness.compare([project / "new.jsonl"], scenario=project, against="blessed")
    assert (comparison.reference, comparison.release) == ("blessed", "new")
    assert any("blessed on" in note for note in comparison.notes)
    baseline = blessed(project)
    later = date.fromisoformat(baseline.pin.pinned).replace(year=date.today().year + 1)
    assert any("older than 90 days" in line for line in baseline.staleness(today=later))
    changed = run.record.__class__(**{name: getattr(run.record, name) for name in run.record.__dataclass_fields__})
    assert not any("has changed" in line for line in baseline.staleness(changed))
    capsys.readouterr()
    code, outcome = told(capsys, "gate", str(run.folder), "--against", "blessed")
    assert code in (1, 3)
    assert isinstance(outcome["comparison"], dict)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (("nobody", "old"), "'nobody' is no arm of colours"),
        (("old", "old"), "stands twice"),
        (("old",), "nothing to compare"),
        (("blessed", "old"), "no baseline is pinned"),
    ],
)
def test_names_that_mean_nothing_are_one_line(project: Path, names: tuple[str, ...], problem: str) -> None:
    with pytest.raises(InputError, match=problem) as error:
        harness.compare(names, scenario=project)
    assert "\n" not in str(error.value)


BAD_USE = (
    (("compare", "old", "colours/new.jsonl", "--html", "colours"), "colours: is a folder, expected a file name"),
    (("compare", "old", "colours/new.jsonl", "--base", "rag"), "--base rag: it is about adapters, and none is named"),
    (("compare", "old", "colours/new.jsonl", "--against", "june"), "'june' is no arm of colours"),
    (("compare", "old", "colours"), "'colours' is no arm of colours"),
    (("parity", "colours", "--served", "http://127.0.0.1:1/v1"), "give it with --model NAME"),
    (("parity", "colours", "--served", "http://127.0.0.1:1/v1?k=1", "--model", "m"), "has something after '?'"),
    (("parity", "colours", "--served", "int8"), "--served int8: no address"),
    (("parity", "colours", "--served", "nf4"), "nf4 is a form of an adapter's folder"),
    (("bless", "nothing"), "nothing: no finished run there"),
)


def test_bad_use_is_one_line_before_anything_is_asked(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, said in BAD_USE:
        options = () if words[0] == "bless" else ("--scenario", "colours")
        assert command(*words, *options) == 2, words
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1, error
    assert not list(project.parent.glob("reports/*/record.json"))


def test_names_without_a_scenario_are_runs(project: Path) -> None:
    with pytest.raises(InputError, match=r"'old' is no finished run; .* add --scenario"):
        harness.compare(["old", "new"])


@pytest.mark.slow
def test_adapters_trained_elsewhere_are_compared_and_a_wrong_prefix_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from examples.release import served_as_measured
    from tests.make.adapters import write_adapter, write_misprefixed
    from tests.make.small import write_small

    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.chdir(tmp_path)
    plans = write_small(tmp_path / "plans")
    june, copy, wrong = tmp_path / "june", tmp_path / "copy", tmp_path / "wrong"
    write_adapter(plans / "model", june, scale=0.2)  # gentle: nothing proven lost on eight sums
    shutil.copytree(june, copy)
    write_misprefixed(june, wrong)
    code, outcome = told(capsys, "compare", "june", "copy", "--scenario", "plans", "--workers", "1")
    comparison = outcome["comparison"]
    assert isinstance(comparison, dict)
    assert (code, comparison["reference"]) == (0, "rag")
    (pair,) = comparison["pairs"]
    assert (pair["word"], pair["same_adapter"]) == ("not worse", True)
    assert pair["identical"]["same"] == pair["identical"]["of"] == 6
    code = command("compare", "wrong", "june", "--scenario", "plans", "--workers", "1")
    assert code == 2
    assert "are none of the base's (first: model.language_model.layers.0" in capsys.readouterr().err
    assert served_as_measured("june", "unmerged", scenario="plans")
    assert "answers are those that were measured" in capsys.readouterr().out
    assert command("parity", "june", "--served", "wrong", "--scenario", "plans") == 1
    said = capsys.readouterr().out.strip()
    assert said.startswith("NOT what was measured")
    assert "\n" not in said
    served = command("parity", "june", "--served", str(plans / "model"), "--scenario", "plans")
    assert served == 1, "the base's folder, served as if it were the merged adapter"
    assert "the adapter is not applied" in capsys.readouterr().out
