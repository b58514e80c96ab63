"""A run with a judge: its metrics, what could not be judged, what it cost, and never GO by a double."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.engine.progress import silent
from harness.judges.double import SCRIPTS, Scripted, agreeing, scripted_judge
from harness.metrics.table import METRICS, in_force
from harness.report.text.forecast import forecast_text
from harness.results.kinship import family
from harness.results.measure import rescore
from harness.runs.start import make_ready, perform
from harness.scenario.settings import JudgeSettings
from tests.make.chat_server import Seen, chat_server
from tests.make.judges import plain_judge

__all__ = ["plain_judge"]
CASES = 12
SETTINGS = """\
title: A judge
golden: golden.jsonl
models:
  generator: {model}
  base_url: "{url}"
  judge: {{model: big-judge-70b, base_url: "{judge}", timeout: {timeout}, retries: 0, metrics: [{metrics}], {more}}}
arms: [baseline]
candidate: baseline
latency: {{questions: 0}}
forgetting: {{tasks: none}}
{tail}"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_judge: None) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setattr("harness.results.provenance.hardware", lambda: _hardware())


def _hardware() -> Any:
    from harness.record.sections import HardwareSection

    return HardwareSection("s", "m", "p", 1, 1.0, None)


def write(
    folder: Path, server: Seen, judge: str, metrics: str = "deepeval_toxicity", more: str = "input_per_million: 2",
    model: str = "small-model", timeout: float = 60, cases: int = CASES, tail: str = "",
) -> str:  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    text = SETTINGS.format(
        url=server.url, judge=judge, metrics=metrics, more=more, model=model, timeout=timeout, tail=tail
    )
    (folder / "scenario.yaml").write_text(text)
    rows = [
        {"id": f"q{i}", "question": f"word {i}", "accept": [_accept(i)], "split": "test", "source": f"d{i}"}
        for i in range(cases)
    ]
    (folder / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(folder)


def _accept(i: int) -> str:
    return "The kayak may be lent out by its owner until Friday evening comes." if i == 0 else f"WORD {i}"


def test_a_judged_run_has_its_metrics_its_failures_and_its_price_and_is_never_go(tmp_path: Path) -> None:
    def odd(prompt: str, nth: int) -> Scripted:
        return SCRIPTS["bad_json"](prompt, nth) if "word 3 " in prompt else agreeing(prompt, nth)

    with chat_server() as server, scripted_judge(odd) as judge:
        folder = write(tmp_path / "judged", server, judge.url)
        before = forecast_text(make_ready(folder).forecast())
        assert "judge baseline" in before
        assert "(by the metrics' own prompts; replies guessed)" in before
        run = perform(make_ready(folder), silent, 1)
        estimate = run.record.metrics["baseline"]["deepeval_toxicity"]
        assert (estimate.n, estimate.unscored) == (CASES - 1, 1)
        section = run.record.judge
        assert section is not None
        assert section.metrics["deepeval_toxicity"].failures == {"unparsable": 1}
        assert section.cost == pytest.approx(section.prompt_tokens * 2 / 1e6)
        (row,) = [row for row in run.record.metric_rows if row.rests_on == "judge"]
        assert row.name == "deepeval_toxicity"
        assert run.record.test_double
        assert run.record.verdict.word != "GO"
        notes = " ".join(run.record.verdict.notes)
        assert "12 judgements, 1 not had (unparsable 1)" in notes
        scores = {s.case_id: s for s in run.scores if s.metric == "deepeval_toxicity"}
        assert scores["q3"].value is None
        assert scores["q3"].reason == "judge: its reply could not be read"
        assert "(as measured before)" in forecast_text(make_ready(folder).forecast())
        asked = len(judge.prompts)
        again = rescore(run, make_ready(folder).inputs.cases, make_ready(folder).scenario)
        assert again.figures.metrics == run.record.metrics
        assert len(judge.prompts) == asked


def test_what_the_server_did_not_answer_is_asked_again_by_the_next_run_and_nothing_else(tmp_path: Path) -> None:
    late = {"on": True}

    def script(prompt: str, nth: int) -> Scripted:
        slow = late["on"] and "word 5 " in prompt
        return SCRIPTS["slow"](prompt, nth) if slow else agreeing(prompt, nth)

    with chat_server() as server, scripted_judge(script) as judge:
        folder = write(tmp_path / "judged", server, judge.url, timeout=5)
        run = perform(make_ready(folder), silent, 1)
        assert run.record.counts.again == 1
        assert run.record.judge is not None
        assert run.record.judge.metrics["deepeval_toxicity"].failures == {"timeout": 1}
        late["on"], asked = False, len(judge.prompts)
        run = perform(make_ready(folder), silent, 1)
        assert run.record.counts.again == 0
        assert run.record.metrics["baseline"]["deepeval_toxicity"].unscored == 0
        assert len(judge.prompts) == asked + 1


def test_a_reference_that_is_a_sentence_is_judged_by_answer_correctness(tmp_path: Path) -> None:
    with chat_server() as server, scripted_judge() as judge:
        plain = perform(make_ready(write(tmp_path / "a", server, judge.url)), silent, 1)
        assert plain.record.metrics["baseline"]["correct"].unscored == 1
        folder = write(tmp_path / "b", server, judge.url, "ragas_answer_correctness")
        run = perform(make_ready(folder), silent, 1)
    assert run.record.metrics["baseline"]["correct"].unscored == 0
    rests = {row.name: row.rests_on for row in run.record.metric_rows}
    assert rests["correct"] == rests["task_success"] == "judge"


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("big-judge-70b", "is the model that it judges (baseline)"),
        ("acme/judge-Small-2", None),
        ("other/Big-Judge2-mini", "is of the family of what it judges (other/Big-Judge2-mini), by its name"),
    ],
)
def test_a_judge_that_is_what_it_judges_is_said(tmp_path: Path, model: str, says: str | None) -> None:
    with chat_server() as server, scripted_judge() as judge:
        run = perform(make_ready(write(tmp_path / "judged", server, judge.url, model=model)), silent, 1)
    assert run.record.judge is not None
    assert run.record.judge.kin == says


def test_families_by_their_names() -> None:
    assert family("Qwen/Qwen3-8B") == family("qwen2.5-72b-instruct") == {"qwen"}
    assert family("meta-llama/Llama-3.1-8B-Instruct") & family("llama3.2:3b")
    assert not family("gpt-4o-mini") & family("claude-haiku-4")
    assert family("smollm2") & family("HuggingFaceTB/SmolLM2-135M-Instruct")


def test_rows_of_a_judge_are_in_force_only_where_it_is_asked_for_them() -> None:
    judged = {name for name, row in METRICS.items() if row.rests_on == "judge"}
    assert len(judged) == 12
    assert not judged & set(in_force(METRICS, JudgeSettings()))
    asked = JudgeSettings("m", "http://h/v1", metrics=("ragas_faithfulness", "deepeval_criteria"))
    assert judged & set(in_force(METRICS, asked)) == {"ragas_faithfulness"}  # no criteria, no GEval
