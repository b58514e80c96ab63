"""`harness tune` and `harness adapters` on a small scenario with a random model: every step real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    assert "wrote merged" in out_of(capsys, "adapters", "merge", one[:8], "merged")
    assert (home / "merged" / "model.safetensors").is_file()


def test_mistakes_are_one_message(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, message in (
        (["tune", "plans", "--arm", "rag"], "its tuned arms: tune, hybrid"),
        (["tune", "nowhere"], "no scenario.yaml there"),
        (["adapters", "show", "zzz"], "no adapter has an id that begins so"),
    ):
        capsys.readouterr()
        assert command(*arguments) == 2
        assert message in capsys.readouterr().err
