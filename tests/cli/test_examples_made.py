"""Examples that are made from a scenario: what is written, what is said of it, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.golden.load import load_examples
from harness.record.codec import write_rows
from tests.make.command import command
from tests.make.things import THINGS, write_prices
from tests.retrieval.fakes import WordEmbedder, use


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty pages with a price each, and an example about every one of them."""
    use(monkeypatch, WordEmbedder())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "demo"
    cases = write_prices(folder, THINGS)
    rows = [
        {"prompt": {"user": f"Price of the {case['id']}?"}, "output": f"{number} EUR", "evidence": case["evidence"]}
        for number, case in enumerate(cases, start=10)
    ]
    write_rows(folder / "train.jsonl", rows)
    (folder / "scenario.yaml").write_text(
        "title: Demo\ncorpus: corpus/\nexamples: train.jsonl\nanswer: {refusal: The pages do not say.}\n"
    )
    return folder


def test_raft_rows_are_written_counted_and_read_again(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = scenario / "raft.jsonl"
    assert command("examples", "raft", str(scenario), str(out), "--oracle-share", "0.5", "--json") == 0
    counts = json.loads(capsys.readouterr().out)["counts"]
    assert (counts["rows"], counts["oracle"], counts["refusals"], counts["short"]) == (20, 10, 10, 0)
    examples = load_examples(out)
    assert {len(example.context or ()) for example in examples} == {4}
    assert sum(example.output == "The pages do not say." for example in examples) == 10
    assert command("examples", "raft", str(scenario), str(out)) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--without", "silence"], "expected one of: refusal, closed_book"), (["--distractors", "0"], "distractors")],
)
def test_a_wrong_choice_is_named(
    scenario: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert command("examples", "raft", str(scenario), str(scenario / "raft.jsonl"), *options) == 2
    assert message in capsys.readouterr().err


def test_what_is_trained_on_is_checked_with_file_and_line(scenario: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("examples", "check", str(scenario)) == 0
    assert "20 examples, 0 pairs; findings: 0" in capsys.readouterr().out
    settings = (scenario / "scenario.yaml").read_text()
    (scenario / "scenario.yaml").write_text(
        settings + "advice: {answers: {1: yes}, facts: {updates_per_month: 4}}\ntuning: {alpha: 64}\n"
    )
    rows = [{"prompt": {"user": "What costs the gym?"}, "output": "It costs 21 EUR.", "use": "closed_book"}]
    write_rows(scenario / "train.jsonl", rows)
    pairs = scenario / "pairs.jsonl"
    write_rows(pairs, [{"question": "Where?", "chosen": "Here.", "rejected": "There."}])
    assert command("examples", "check", str(scenario), "--pairs", str(pairs), "--json") == 2
    checked = json.loads(capsys.readouterr().out)
    rules = [(finding["where"].rpartition("/")[2], finding["rule"]) for finding in checked["findings"]]
    assert rules == [("train.jsonl:1", "facts"), ("scenario.yaml", "rank")]
    assert (checked["examples"], checked["pairs"], checked["serious"]) == (1, 1, 1)
