"""A golden case with its answer as other tools take it: a deepeval LLMTestCase, a ragas SingleTurnSample.

def test_answer(case, answer):
    assert_test(deepeval_case(case, answer), [FaithfulnessMetric()])
"""

from __future__ import annotations

from typing import Any

from harness.errors import MissingExtra
from harness.types import Answer, Case


def deepeval_case(case: Case, answer: Answer) -> Any:
    """A deepeval LLMTestCase: input, actual and expected output, what was retrieved, what the case names as evidence.

    Raises:
        MissingExtra: deepeval is not installed.
    """
    try:
        from deepeval.test_case import LLMTestCase
    except ImportError as error:
        raise MissingExtra("deepeval", "deepeval") from error
    return LLMTestCase(
        input=case.question,
        actual_output=answer.text,
        expected_output=reference(case),
        retrieval_context=contexts(answer) or None,
        context=quotes(case) or None,
        name=case.id,
    )


def ragas_sample(case: Case, answer: Answer) -> Any:
    """A ragas SingleTurnSample: user input, response, reference, what was retrieved, what the case names as evidence.

    Raises:
        MissingExtra: ragas is not installed.
    """
    try:
        from ragas import SingleTurnSample
    except ImportError as error:
        raise MissingExtra("ragas", "ragas") from error
    return SingleTurnSample(
        user_input=case.question,
        response=answer.text,
        reference=reference(case),
        retrieved_contexts=contexts(answer) or None,
        reference_contexts=quotes(case) or None,
    )


def reference(case: Case) -> str | None:
    """The first accepted answer; None for a question that has none."""
    return case.accept[0] if case.accept else None


def contexts(answer: Answer) -> list[str]:
    """The passages that were in the prompt, in its order."""
    return [hit.passage.text for hit in answer.hits]


def quotes(case: Case) -> list[str]:
    """The quotes of the evidence; an item that is an id alone has none."""
    return [item.quote for item in case.evidence if item.quote]
