"""The made-up runs that other tests stand on: whole, judged by the real verdict, read back as they were written."""

from __future__ import annotations

from pathlib import Path

from harness.record.codec import decode, to_json
from harness.record.files import load_run
from harness.record.sections import Record
from harness.scenario.settings import Prices
from tests import make


def test_a_healthy_run_is_go_and_shows_no_failure_mode() -> None:
    record = make.record()
    assert [gate.name for gate in record.verdict.gates if gate.status != "pass"] == []
    assert (record.verdict.word, record.verdict.ship, record.diagnosis) == ("GO", "hybrid", ())


def test_a_busy_run_has_every_section_and_gates_of_every_kind() -> None:
    record = make.record(make.busy(), make.BUSY)
    assert None not in (record.drills, record.freshness, record.retrieval)
    assert (record.verdict.word, record.verdict.ship) == ("NO-GO", "rag+few-shot")
    statuses = {gate.status for gate in record.verdict.gates}
    assert statuses >= {"pass", "fail", "not proven"}
    assert record.diagnosis


def test_a_run_on_disk_is_read_back_as_it_was(tmp_path: Path) -> None:
    run = make.run(tmp_path / "run", make.BUSY, make.busy())
    assert load_run(tmp_path / "run") == run
    assert decode(to_json(run.record), Record, "record.json") == run.record


def test_changes_replace_whole_sections_and_prices_carry_their_costs() -> None:
    figures = make.figures(prices=Prices(1.0, 5.0), partial="2 of 5 arms")
    assert figures.partial == "2 of 5 arms"
    assert figures.cost["rag"].per_1000 is not None
    assert make.figures().cost["rag"].per_1000 is None
