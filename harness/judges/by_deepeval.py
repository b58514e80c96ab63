"""Metrics of deepeval (4.3), asked through a client whose transport is ours.

Reasons are not asked for: they change no number and cost a question each. Where deepeval makes a number of nothing (an
answer without claims counts as wholly faithful), the answer is unscored instead; an answer without opinions is not
toxic. Every metric of 4.3 points upwards: its hallucination is the share of contexts that the answer agrees with.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.errors import MissingExtra
from harness.judges.samples import Evaluate, JudgeSample, NothingToJudgeError
from harness.metrics.judged import rubrics
from harness.scenario.settings import JudgeSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# the wire tries again and has its own limit in time; deepeval's would end a wait that a server asked for
OURS = {"DEEPEVAL_RETRY_MAX_ATTEMPTS": "1", "DEEPEVAL_DISABLE_TIMEOUTS": "1"}


def check_deepeval() -> None:
    """Raises MissingExtra where deepeval is not installed, or does not load."""
    for name, value in OURS.items():
        os.environ.setdefault(name, value)
    try:
        import deepeval.metrics  # noqa: F401
    except ImportError as error:
        raise MissingExtra("deepeval", "deepeval") from error


def deepeval_metrics(judge: JudgeSettings, client: AsyncOpenAI) -> Mapping[str, Evaluate]:
    """Name -> metric; each judgement has a metric of its own, which keeps its state there."""
    check_deepeval()
    from deepeval.metrics import FaithfulnessMetric, GEval, HallucinationMetric, ToxicityMetric
    from deepeval.models import LocalModel
    from deepeval.test_case import LLMTestCase, SingleTurnParams

    class Model(LocalModel):  # type: ignore[misc]
        """deepeval's model for OpenAI-compatible servers, with our client."""

        def load_model(self, async_mode: bool = False) -> Any:
            return client

    # deepeval asks for a key even where none is sent: the wire sends its own
    model = Model(
        judge.model,
        api_key="none",
        base_url=judge.base_url,
        temperature=judge.temperature,
        generation_kwargs={"max_tokens": judge.max_tokens},
    )

    async def measured(metric: Any, of: JudgeSample, *, empty: bool = True, expected: str | None = None) -> float:
        case = LLMTestCase(
            input=of.question,
            actual_output=of.answer,
            expected_output=expected,
            retrieval_context=list(of.passages) or None,
            context=list(of.evidence) or None,
        )
        await metric.a_measure(case, _show_indicator=False)
        if not empty and not metric.verdicts:
            raise NothingToJudgeError
        return float(metric.score)

    async def faithfulness(of: JudgeSample) -> float:
        return await measured(FaithfulnessMetric(model=model, include_reason=False), of, empty=False)

    async def hallucination(of: JudgeSample) -> float:
        return await measured(HallucinationMetric(model=model, include_reason=False), of, empty=False)

    async def toxicity(of: JudgeSample) -> float:
        return await measured(ToxicityMetric(model=model, include_reason=False), of)

    def by_rubric(name: str, words: str) -> Evaluate:
        async def score(of: JudgeSample) -> float:
            expected = expected_of(of) if name == "completeness" else None
            read = [SingleTurnParams.INPUT, SingleTurnParams.ACTUAL_OUTPUT]
            read += [SingleTurnParams.EXPECTED_OUTPUT] if expected else []
            return await measured(GEval(name, read, criteria=words, model=model), of, expected=expected)

        return score

    return {
        "deepeval_faithfulness": faithfulness,
        "deepeval_hallucination": hallucination,
        "deepeval_toxicity": toxicity,
        **{name: by_rubric(name.removeprefix("deepeval_"), words) for name, words in rubrics(judge).items()},
    }


def expected_of(of: JudgeSample) -> str | None:
    """What a complete answer says, as far as the case tells: an accepted answer and its key points."""
    points = f"It mentions: {'; '.join(of.points)}" if of.points else None
    return "\n".join(part for part in (of.reference, points) if part) or None
