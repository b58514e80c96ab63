"""`harness init`: a starter that editors check, and CI files for a repository in which nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from harness.scenario.ci_files import FILES
from tests.make.command import command


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_starter_names_the_schema_that_lies_beside_it(repository: Path) -> None:
    assert command("init", "mine", "--from", "wiki") == 0
    first, *_ = (repository / "mine" / "scenario.yaml").read_text().splitlines()
    name = first.removeprefix("# yaml-language-server: $schema=")
    schema = json.loads((repository / "mine" / name).read_text())
    settings = yaml.safe_load((repository / "mine" / "scenario.yaml").read_text())
    settings["advice"] = json.loads(json.dumps(settings.get("advice")))
    jsonschema.Draft202012Validator(schema).validate(settings)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**settings, "title": 7})


def test_ci_files_are_written_for_the_users_repository(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("init", "suites/faq", "--from", "wiki", *(word for name in FILES for word in ("--ci", name))) == 0
    places = [place for files in FILES.values() for place in files.values()]
    assert [line.removeprefix("wrote ") for line in capsys.readouterr().out.splitlines()[1:]] == places
    for place in places:
        text = (repository / place).read_text()
        assert "@SCENARIO@" not in text
        assert "make" not in text.split()
        assert yaml.safe_load(text)
    workflow = yaml.safe_load((repository / ".github/workflows/harness.yml").read_text())
    (step,) = [step for step in workflow["jobs"]["release-gate"]["steps"] if "harness" in step["uses"]]
    assert step["with"]["scenario"] == "suites/faq"
    assert (repository / step["uses"] / "action.yml").is_file()


def test_a_file_that_is_there_is_kept_and_a_scenario_too(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / ".pre-commit-config.yaml").write_text("repos: []\n")
    (repository / "mine").mkdir()
    (repository / "mine" / "scenario.yaml").write_text("title: mine\n")
    assert command("init", "mine", "--ci", "pre-commit") == 0
    assert (repository / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    assert (repository / "mine" / "scenario.yaml").read_text() == "title: mine\n"
    assert "kept as it is: .pre-commit-config.yaml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("folder", "system", "said"),
    [
        ("mine", "jenkins", "--ci jenkins: expected one of: github, gitlab, pre-commit"),
        ("my scenario", "github", "rename the folder"),
    ],
)
def test_what_cannot_be_put_into_ci_is_said(
    folder: str, system: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("init", folder, "--from", "wiki", "--ci", system) == 2
    assert said in capsys.readouterr().err
