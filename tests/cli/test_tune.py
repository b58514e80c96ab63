"""`harness tune` and `harness adapters` on a small scenario with a random model: every step real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tuning.adapters import content_id
from tests.make.command import command
from tests.make.small import write_small


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder with the scenario, its adapters trained."""
    folder = tmp_path_factory.mktemp("home")
    write_small(folder / "scenarios" / "plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("HARNESS_CACHE", raising=False)
        assert command("tune", "plans", "--workers", "1") == 0
        yield folder


def out_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    assert command(*arguments) == 0
    return capsys.readouterr().out


def test_trained_adapters_are_kept_listed_shown_and_merged(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = out_of(capsys, "tune", "plans", "--workers", "1")
    assert "weights (" in again
    assert "held-out loss" in again
    said = json.loads(out_of(capsys, "tune", "plans", "--json"))
    trained = said["adapters"]
    assert said["skipped"] == said["remarks"] == []
    assert set(trained) == {"tune", "hybrid"}
    assert trained["tune"]["id"] != trained["hybrid"]["id"]
    listed = json.loads(out_of(capsys, "adapters", "list", "--json"))
    assert {row["id"] for row in listed} == {record["id"] for record in trained.values()}
    one = trained["hybrid"]["id"]
    assert one in out_of(capsys, "adapters", "list")
    assert f"# Adapter {one}" in out_of(capsys, "adapters", "show", one[:8])
    merging = out_of(capsys, "adapters", "merge", one[:8], "merged")
    assert "wrote merged" in merging
    assert "8 of 8 answers equal, logits differ by at most" in merging
    assert (home / "merged" / "model.safetensors").is_file()


def test_an_adapter_is_exported_as_a_folder_of_the_hub(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = json.loads(out_of(capsys, "tune", "plans", "--json"))["adapters"]
    one = records["tune"]["id"]
    assert "adapter_model.safetensors" in out_of(capsys, "adapters", "export", one[:8], "exported")
    files = {path.name for path in (home / "exported").iterdir()}
    assert {"README.md", "adapter_config.json", "training.json", "tokenizer.json"} <= files
    card = (home / "exported" / "README.md").read_text()
    assert f"# Adapter {one}" in card
    assert "held-out loss" in card
    assert "No finished run here has asked it." in card
    assert content_id(home / "exported") == one


def test_a_learning_curve_is_drawn_without_a_run(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = out_of(capsys, "tune", "plans", "--arm", "hybrid", "--curve", "2,4", "--workers", "1")
    lines = text.splitlines()
    assert "hybrid, tuned on growing parts" in lines[0]
    assert [line.split()[0] for line in lines[2:5]] == ["2", "4", "6"]
    learning = json.loads(out_of(capsys, "tune", "plans", "--arm", "hybrid", "--curve", "2,4", "--json"))
    assert [point["examples"] for point in learning["points"]] == [2, 4, 6]
    assert not (home / "reports").exists()


def test_mistakes_are_one_message(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["tune", "plans", "--arm", "rag"], "its tuned arms: tune, hybrid"),
        (["tune", "nowhere"], "no scenario.yaml there"),
        (["tune", "plans", "--curve", "50,no"], "--curve '50,no': expected numbers of examples"),
        (["adapters", "show", "zzz"], "no adapter has an id that begins so"),
    ):
        capsys.readouterr()
        assert command(*arguments) == 2
        assert message in capsys.readouterr().err
