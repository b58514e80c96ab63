"""Pairs of a run's failures (`harness examples pairs`): the golden answer over what the arm said, with its passages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.record.files import StoredRun
from harness.runs.failure_pairs import failure_pairs
from harness.runs.stored import OpenRun
from harness.tuning.preferences import load_preferences, preference_row
from harness.types import Split
from tests import make


@pytest.fixture
def stored() -> OpenRun:
    """A run in which RAG gets 6 of 12 right; its odd cases are of the dev split."""
    script = make.script({"rag": 6, "hybrid": 10}, world=make.World(n=12, unanswerable=2))
    cases = tuple(replace(case, split="dev" if n % 2 else "test") for n, case in enumerate(script.cases))
    record = make.record(make.figures(script), script)
    form = replace(script.world.format, refusal="The documents do not say.")
    run = StoredRun(Path("run"), record, make.traces(script), make.scores(script))
    return OpenRun(run, replace(make.scenario(script), answer=form), cases, {})


def test_failures_outside_the_test_split_become_pairs(stored: OpenRun, tmp_path: Path) -> None:
    outcome = failure_pairs(stored, "rag")
    dev = {case.id: case for case in stored.cases if case.split == "dev"}
    assert outcome.cases == len(dev)
    assert outcome.pairs
    assert len(outcome.pairs) + sum(outcome.left_out.values()) == len(dev)
    assert outcome.left_out["right already"] == 3
    for pair in outcome.pairs:
        case = dev[pair.case or ""]
        assert pair.question == case.question
        assert isinstance(pair.chosen, dict)
        assert pair.source == f"failures of rag in {stored.run.record.run_id}"
        refuses = case.kind == "unanswerable"
        assert pair.chosen["status"] == ("refused" if refuses else "ok")
        assert bool(pair.chosen["citations"]) != refuses
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(preference_row(pair)) + "\n" for pair in outcome.pairs), encoding="utf-8")
    assert [(p.question, p.chosen, p.rejected) for p in load_preferences(file)] == [
        (p.question, p.chosen, p.rejected) for p in outcome.pairs
    ]


def test_an_answer_is_not_preferred_where_the_passages_do_not_hold_it(stored: OpenRun) -> None:
    lost = tuple(
        trace if trace.answer is None else replace(trace, answer=replace(trace.answer, hits=trace.answer.hits[1:]))
        for trace in stored.run.traces
    )
    outcome = failure_pairs(replace(stored, run=replace(stored.run, traces=lost)), "rag")
    assert outcome.left_out["its passages do not hold the answer"] >= 1
    assert all(pair.chosen["status"] == "refused" for pair in outcome.pairs if isinstance(pair.chosen, dict))


def test_what_judges_is_not_trained_on_and_tuned_arms_have_no_failures_of_the_base(stored: OpenRun) -> None:
    exam: tuple[Split, ...] = ("test",)
    with pytest.raises(InputError, match="the test split judges the arms"):
        failure_pairs(stored, "rag", exam)
    with pytest.raises(InputError, match="one of: baseline, rag"):
        failure_pairs(stored, "hybrid")
    with pytest.raises(InputError, match="no golden set"):
        failure_pairs(replace(stored, cases=()), "rag")
