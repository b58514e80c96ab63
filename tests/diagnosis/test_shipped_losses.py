"""Four real runs on the test model: the lost questions of the shipped scenarios and of a folder of pages add up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.diagnosis.beside import overlay
from harness.engine.inputs import load_inputs, spread
from harness.engine.progress import plain_lines
from harness.engine.store import Store
from harness.record.files import load_record, load_scores
from harness.results.measure import measure_run, measure_step
from harness.runs.write import conclude
from harness.scenario.load import load_scenario
from harness.scenario.settings import Scenario
from harness.stages.plan import make_plan

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"models.generator": "pocket", "latency.questions": 0}
QUESTIONS = 16  # of each; every kind is among them
PAGES = {
    "boats.md": "# Boats\n\nA kayak may be lent for 3 days. A canoe costs 40 euros a day.\n",
    "opening.md": "# Opening hours\n\nThe boathouse opens at 9:30. It is closed on Mondays.\n",
}
ASKED = (("How long may a kayak be lent?", "3 days"), ("What does a canoe cost?", "40 euros"),
         ("When does the boathouse open?", "9:30"), ("Who owns the boathouse?", "Ms Ferris"))  # fmt: skip


def _own(folder: Path) -> Scenario:
    """RAG-only on pages, with questions that name no evidence."""
    (folder / "corpus").mkdir(parents=True)
    for name, text in PAGES.items():
        (folder / "corpus" / name).write_text(text)
    rows = [{"id": f"q{i}", "question": q, "accept": [a], "split": "test"} for i, (q, a) in enumerate(ASKED)]
    (folder / "golden.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (folder / "scenario.yaml").write_text("title: Boats\ncorpus: corpus/\ngolden: golden.jsonl\narms: [rag]\n")
    return load_scenario(folder)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["helpdesk", "wiki", "tickets", "own"])
def test_the_classes_of_a_real_run_add_up_to_its_failures(name: str, tmp_path: Path) -> None:
    scenario = _own(tmp_path / "own") if name == "own" else load_scenario(ROOT / "scenarios" / name)
    arms = ("rag",) if name == "own" else ("rag", "oracle")
    inputs = load_inputs(replace(overlay(scenario, SMALL), arms=arms, candidate="rag", probes=None))
    asked = replace(inputs, cases=tuple(spread(inputs.test_cases, QUESTIONS)))
    result = measure_run(measure_step(asked, make_plan(asked)), Store(tmp_path / "cache"), plain_lines(print), 1)
    folder = tmp_path / "reports" / name
    conclude(folder, result, asked.cases, asked.scenario, "harness run")
    record, rows = load_record(folder), load_scores(folder)
    assert [row.arm for row in record.waterfalls] == list(arms)
    for section in record.waterfalls:
        values = {s.case_id: s.value for s in rows if (s.arm, s.metric) == (section.arm, "task_success")}
        failed = sorted(case for case, value in values.items() if value != 1.0)
        assert failed
        assert sorted(case for loss in section.losses for case in loss.cases) == failed
        assert section.failures == len(failed)
        print(section.arm, section.successes, {loss.name: len(loss.cases) for loss in section.losses if loss.cases})
    if name == "own":
        assert record.waterfalls[0].by_answer >= 1
