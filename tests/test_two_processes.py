"""Real processes beside each other on one cache: both end well, and what they leave is what one alone leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.make.faq import write_faq

BUILD = """
import sys, time
from pathlib import Path
import harness.retrieval.index as indexing
from harness.scenario.settings import RetrievalSettings
from tests.retrieval.fakes import WordEmbedder

class Slow(WordEmbedder):
    def embed(self, texts):
        time.sleep(0.5)
        return super().embed(texts)

indexing._EMBED_AT_ONCE = 2
indexing.load_embedder = lambda name: Slow()
index = indexing.open_index(
    Path(sys.argv[1]), RetrievalSettings(chunk_tokens=int(sys.argv[3])), "words", Path(sys.argv[2])
)
hits = index.dense_scores(index.embedder.embed(["the refund costs"]), 3)[0]
print(index.hash, len(index.passages), sorted(hits), index.report.rebuilt)
"""
SLOW_ARM = """
import time
from harness.arms import Arm

def answers(questions):
    time.sleep(1.0)
    return ["We are open from 9 to 17, it is 12 euros." for _ in questions]

ARMS = [Arm("faq", "The FAQ page", answers=answers)]
"""


def start(*arguments: str, home: Path) -> subprocess.Popen[str]:
    """A Python process with its cache and reports under `home`."""
    homes = {"HARNESS_CACHE": str(home / "cache"), "HARNESS_REPORTS": str(home / "reports")}
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, **homes, "PYTHONPATH": root, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Its two outputs, once it has ended well."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for i, thing in enumerate(("badge", "refund", "laptop", "parking", "canteen", "invoice")):
        (folder / f"{thing}.md").write_text(f"# {thing}\n\nThe {thing} costs {i + 10} EUR.\n", encoding="utf-8")
    return folder


def test_two_builds_of_one_index_at_once_leave_a_whole_one(tmp_path: Path, corpus: Path) -> None:
    both = [start("-c", BUILD, str(corpus), str(tmp_path / "index"), "40", home=tmp_path) for _ in range(2)]
    (one, _), (other, _) = map(ended, both)
    alone, _ = ended(start("-c", BUILD, str(corpus), str(tmp_path / "alone"), "40", home=tmp_path))
    assert one.rsplit(" ", 1)[0] == other.rsplit(" ", 1)[0] == alone.rsplit(" ", 1)[0]
    assert sorted([one.split()[-1], other.split()[-1]]) == ["False", "True"], "one builds, the other finds it built"
    assert len(list((tmp_path / "index").glob("gen-*"))) == 1
    assert not (tmp_path / "index" / "lock").exists()


@pytest.mark.slow
def test_builds_of_two_settings_at_once_are_both_whole(tmp_path: Path, corpus: Path) -> None:
    both = [start("-c", BUILD, str(corpus), str(tmp_path / "index"), size, home=tmp_path) for size in ("40", "20")]
    for process in both:
        assert ended(process)[0].endswith("True\n")
    again = [start("-c", BUILD, str(corpus), str(tmp_path / "index"), size, home=tmp_path) for size in ("40", "20")]
    for process in again:
        assert ended(process)[0].endswith("False\n")


def run(folder: Path, home: Path) -> subprocess.Popen[str]:
    return start("-m", "harness", "run", str(folder), "--allow-code", "--workers", "1", "--json", home=home)


def slow_faq(folder: Path, more: str = "") -> Path:
    write_faq(folder, ("slow.py",), more)
    (folder / "slow.py").write_text(SLOW_ARM)
    return folder


def outcome(home: Path) -> dict[str, Any]:
    """Figures and answers of the one run there, without what the clock gives."""
    (folder,) = (path.parent for path in (home / "reports").glob("*/record.json"))
    record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
    metrics = {
        arm: {name: row["mean"] for name, row in rows.items() if "second" not in name and "latency" not in name}
        for arm, rows in record["metrics"].items()
    }
    lines = (folder / "traces.jsonl").read_text(encoding="utf-8").split("\n")
    answers = [[row["case_id"], row["answer"]["text"]] for row in map(json.loads, filter(None, lines))]
    return {"metrics": metrics, "answers": answers, "verdict": record["verdict"]["word"], "counts": record["counts"]}


@pytest.mark.slow
def test_two_runs_of_one_scenario_at_once_are_one_run(tmp_path: Path) -> None:
    folder = slow_faq(tmp_path / "s")
    (one, said), (other, said_too) = map(ended, [run(folder, tmp_path / "both") for _ in range(2)])
    assert json.loads(one)["verdict"] == json.loads(other)["verdict"]
    assert ["waiting for another run that runs s (pid " in text for text in (said, said_too)].count(True) <= 1
    ended(run(folder, tmp_path / "alone"))
    assert outcome(tmp_path / "both") == outcome(tmp_path / "alone")


@pytest.mark.slow
def test_a_run_beside_a_changed_scenario_waits_for_shared_work_only(tmp_path: Path) -> None:
    one, other = slow_faq(tmp_path / "s"), slow_faq(tmp_path / "changed", "gates: {schema: 90}")
    for process in [run(folder, tmp_path / "both") for folder in (one, other)]:
        ended(process)
    records = sorted((tmp_path / "both" / "reports").glob("*/record.json"))
    assert len(records) == 2
    assert list((tmp_path / "both" / "cache" / "locks").iterdir()) == []


@pytest.mark.slow
def test_a_run_that_was_killed_is_taken_over_by_the_one_that_waits(tmp_path: Path) -> None:
    folder = slow_faq(tmp_path / "s")
    first = run(folder, tmp_path / "both")
    deadline = time.monotonic() + 120
    while not list((tmp_path / "both" / "cache").glob("generate/*/batches*.jsonl")):
        assert time.monotonic() < deadline
        assert first.poll() is None
        time.sleep(0.05)
    second = run(folder, tmp_path / "both")
    time.sleep(1)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    ended(second)
    ended(run(folder, tmp_path / "alone"))
    assert outcome(tmp_path / "both") == outcome(tmp_path / "alone")
