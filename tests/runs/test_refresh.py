"""The continual cycle on a random model: what is new is trained on, judged by the same gates, and nothing is lost."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.files.paths import cache_dir
from harness.record.files import finished_runs, load_record
from harness.runs.refresh import perform_refresh, plan_refresh
from harness.tuning.versions import AdapterVersion, in_use, publish, read_versions
from tests.make.command import command
from tests.make.small import write_small

PAGE = "# Dogwood plan\n\nThe Dogwood plan costs 44 euros. The Dogwood plan has 90 GB of storage.\n"
NEW = {
    "prompt": {"user": "Tell me the price of Dogwood."},
    "output": {"status": "ok", "answer": "44 euros", "citations": []},
    "evidence": [{"doc": "dogwood.md", "quote": "The Dogwood plan"}],
    "use": "open_book",
}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A working folder whose scenario was run once, and has a new page and a new example since."""
    folder = tmp_path_factory.mktemp("home")
    scenario = write_small(folder / "scenarios" / "plans")
    file = scenario / "scenario.yaml"
    text = file.read_text().replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[rag, hybrid]")
    file.write_text(text.replace("safety: {limit: 4}", "safety: {prompts: none}") + "latency: {questions: 0}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("HARNESS_CACHE", "HARNESS_REPORTS", "HARNESS_ADAPTERS"):
            patch.delenv(name, raising=False)
        assert command("run", "plans", "--workers", "1") == 0
        (scenario / "corpus" / "dogwood.md").write_text(PAGE)
        with (scenario / "train.jsonl").open("a") as out:
            out.write(json.dumps(NEW) + "\n")
        yield folder


@pytest.fixture
def home(origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it to change."""
    copy = tmp_path / "home"
    shutil.copytree(origin, copy)
    monkeypatch.chdir(copy)
    for name in ("HARNESS_CACHE", "HARNESS_REPORTS", "HARNESS_ADAPTERS"):
        monkeypatch.delenv(name, raising=False)
    return copy


@pytest.fixture
def in_place(origin: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder itself, where its index lies; afterwards it is as before."""
    shutil.copytree(origin, tmp_path / "kept")
    yield origin
    for path in origin.iterdir():
        shutil.rmtree(path)
    shutil.copytree(tmp_path / "kept", origin, dirs_exist_ok=True)


def test_a_cycle_trains_on_what_is_new_and_keeps_the_old_version(home, capsys):
    assert command("refresh", "plans", "--dry-run") == 0
    plan_text = capsys.readouterr().out
    assert "4 pages, each of them for want of an index of before" in plan_text, "a folder that moved has none yet"
    assert not Path("adapters").exists(), "it is said what would be done, and nothing is"
    assert "1 example," in plan_text
    assert command("refresh", "plans", "--workers", "1", "--json") == 0
    outcome = json.loads(capsys.readouterr().out)
    assert (outcome["before"], outcome["after"]) == ("hybrid-v1", "hybrid-v2")
    first, second = read_versions(Path("adapters/plans/hybrid"))
    assert second.parent == 1
    assert first.adapter != second.adapter
    assert "dogwood.md" in second.documents
    assert "dogwood.md" not in first.documents
    assert second.verdict == outcome["verdict"]
    record = load_record(Path("reports") / outcome["run"])
    assert [arm.name for arm in record.arms] == ["rag", "hybrid-v1", "hybrid-v2"]
    assert record.candidate == record.verdict.candidate == "hybrid-v2"
    assert record.partial is None, "the same gates judge it, as in any run"
    assert record.tuning["hybrid-v2"].adapter.start == first.adapter
    assert record.corpus.documents == 4
    candidates = [
        json.loads(line) for line in Path("adapters/plans/hybrid/v2/candidates.jsonl").read_text().splitlines()
    ]
    assert len(candidates) == outcome["candidates"] > 0
    assert all("never trained on" in row["note"] for row in candidates)
    assert outcome["in_use"] == ("hybrid-v2" if outcome["verdict"] == "GO" else "hybrid-v1")
    capsys.readouterr()
    assert command("adapters", "show", second.adapter[:10]) == 0
    assert f"adapter {first.adapter}" in capsys.readouterr().out


def test_a_cycle_killed_at_five_moments_ends_as_an_undisturbed_one(origin, home, tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    calls: list[str] = []
    whole = perform_refresh(plan_refresh("plans"), lambda label, *_: calls.append(label), 1)
    expected = read_versions(Path("adapters/plans/hybrid"))[-1]
    again = tmp_path / "again"
    shutil.copytree(origin, again)
    monkeypatch.chdir(again)
    draw = random.Random(5)
    for _ in range(5):
        left = draw.randrange(1, len(calls))

        def kill(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        with contextlib.suppress(Killed, InputError):  # done before the kill: nothing is new any more
            perform_refresh(plan_refresh("plans"), kill, 1)
    with contextlib.suppress(InputError):
        assert perform_refresh(plan_refresh("plans"), lambda *_: None, 1).after == whole.after
    versions = read_versions(Path("adapters/plans/hybrid"))
    assert [version.number for version in versions] == [1, 2], "no version twice, none lost"
    assert versions[-1].adapter == expected.adapter
    assert versions[-1].verdict == expected.verdict


def test_a_cycle_killed_behind_its_run_trains_no_other_version(in_place, monkeypatch, capsys):
    """The run that judged the new version says nothing new, whatever the old one got wrong in it."""

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    before = set(finished_runs(Path("reports")))
    refresh = plan_refresh("plans")
    assert refresh.changes.documents == ("dogwood.md",)
    with monkeypatch.context() as patch:
        patch.setattr("harness.runs.refresh.note_verdict", kill)
        with pytest.raises(Killed):
            perform_refresh(refresh, lambda *_: None, 1)
    (judged_run,) = set(finished_runs(Path("reports"))) - before
    scores = judged_run.parent / "scores.jsonl"
    rows = [json.loads(line) for line in scores.read_text().splitlines()]
    assert any(row["metric"] == "task_success" and row["value"] == 0.0 for row in rows)
    right = [{**row, "value": 1.0} if row["metric"] == "task_success" else row for row in rows]
    scores.write_text("".join(f"{json.dumps(row)}\n" for row in right))
    perform_refresh(plan_refresh("plans"), lambda *_: None, 1)
    versions = read_versions(Path("adapters/plans/hybrid"))
    assert [version.number for version in versions] == [1, 2]
    assert versions[-1].verdict is not None
    assert command("refresh", "plans") == 2
    assert "plans: nothing is new since hybrid-v2, which was judged " in capsys.readouterr().err


def test_mistakes_are_one_line(home, capsys):
    for arguments, message in (
        (["refresh", "plans", "--arm", "rag"], "arm 'rag': not a tuned arm; its tuned arms: hybrid"),
        (["refresh", "nowhere"], "no scenario.yaml there"),
    ):
        capsys.readouterr()
        assert command(*arguments) == 2
        assert message in capsys.readouterr().err
    shutil.rmtree(cache_dir() / "tune")
    assert command("refresh", "plans") == 2
    said = capsys.readouterr().err
    assert "the adapter of hybrid is no longer in" in said
    assert "train it again: harness run" in said
    shutil.rmtree("reports")
    assert command("refresh", "plans") == 2
    assert "no finished run has an adapter of hybrid to go on from; make one: harness run" in capsys.readouterr().err


def test_the_newest_version_that_gates_let_through_is_in_use(tmp_path):
    rows = [AdapterVersion(n, "hybrid", f"a{n}", "2026", verdict=v) for n, v in ((1, None), (2, "GO"), (3, "NO-GO"))]
    assert in_use(()) is None
    assert in_use(rows[:1]) == rows[0]
    assert in_use(rows) == rows[1]
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    (adapter / "x").write_text("1")
    publish(tmp_path / "home", rows[0], adapter)
    with pytest.raises(InputError, match="a version of that number is there already"):
        publish(tmp_path / "home", rows[0], adapter)
    assert read_versions(tmp_path / "home") == (rows[0],)
    assert not list((tmp_path / "home").glob(".new-*"))


def test_reports_hold_both_runs(home):
    perform_refresh(plan_refresh("plans"), lambda *_: None, 1)
    assert len(finished_runs(Path("reports"))) == 2
