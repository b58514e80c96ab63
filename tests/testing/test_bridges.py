"""A case with its answer in deepeval and ragas: by their own metrics where installed, by a stand-in everywhere."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from harness.errors import MissingExtra
from harness.testing import bridges
from harness.types import Answer, Case
from tests import make


@pytest.fixture
def asked() -> tuple[Case, Answer]:
    """A question that was answered right from a passage that holds its evidence."""
    by = make.script({"hybrid": 3}, make.World(n=3))
    trace = next(trace for trace in make.traces(by) if trace.arm == "hybrid" and not trace.probe)
    assert trace.answer is not None
    return next(case for case in by.cases if case.id == trace.case_id), trace.answer


class Held:
    """Keeps what it was made of, as the classes of other tools do."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


def test_bridges_hand_over_question_answer_reference_and_passages(
    asked: tuple[Case, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deepeval.test_case", SimpleNamespace(LLMTestCase=Held))
    monkeypatch.setitem(sys.modules, "deepeval", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "ragas", SimpleNamespace(SingleTurnSample=Held))
    case, answer = asked
    one, two = bridges.deepeval_case(case, answer), bridges.ragas_sample(case, answer)
    assert (one.input, one.actual_output, one.expected_output) == (case.question, answer.text, case.accept[0])
    assert (two.user_input, two.response, two.reference) == (case.question, answer.text, case.accept[0])
    texts = [hit.passage.text for hit in answer.hits]
    assert texts
    assert one.retrieval_context == two.retrieved_contexts == texts
    monkeypatch.setitem(sys.modules, "ragas", None)
    with pytest.raises(MissingExtra, match=r"rag-or-tune-harness\[ragas\]"):
        bridges.ragas_sample(case, answer)


def test_deepevals_own_assertion_scores_the_case(asked: tuple[Case, Answer]) -> None:
    pytest.importorskip("deepeval", reason="deepeval is not installed here")
    from deepeval import assert_test
    from deepeval.metrics import BaseMetric

    class Read(BaseMetric):  # type: ignore[misc]
        """Whether the expected output stands in what was retrieved; no model is asked."""

        threshold, async_mode, include_reason, strict_mode, evaluation_model = 1.0, False, False, False, None

        def measure(self, case: Any, *_: Any, **__: Any) -> float:
            self.score = float(any(case.expected_output in text for text in case.retrieval_context or ()))
            self.success = self.score >= self.threshold
            return self.score

        async def a_measure(self, case: Any, *_: Any, **__: Any) -> float:
            return self.measure(case)

        def is_successful(self) -> bool:
            return bool(self.success)

        @property
        def __name__(self) -> str:
            return "Read"

    case = bridges.deepeval_case(*asked)
    assert_test(case, [Read()], run_async=False)
    case.retrieval_context = ["Something else."]
    with pytest.raises(AssertionError, match="Read"):
        assert_test(case, [Read()], run_async=False)


@pytest.mark.filterwarnings("ignore")  # of its own libraries
def test_ragas_own_metrics_score_the_sample(asked: tuple[Case, Answer]) -> None:
    pytest.importorskip("ragas", reason="ragas is not installed here")
    from ragas import EvaluationDataset
    from ragas.metrics import NonLLMContextRecall, NonLLMStringSimilarity

    sample = bridges.ragas_sample(*asked)
    assert NonLLMContextRecall().single_turn_score(sample) == 1.0
    assert 0 < NonLLMStringSimilarity().single_turn_score(sample) <= 1
    (row,) = EvaluationDataset(samples=[sample]).to_list()
    assert row["user_input"] == asked[0].question
