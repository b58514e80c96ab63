"""Metrics of ragas (0.4, `ragas.metrics.collections`), asked through a client whose transport is ours.

Nothing of ragas is changed. Where it makes a number of nothing (no statement in an answer counts as an answer that is
wholly right, no question as one that is not relevant), the answer is unscored instead.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.errors import MissingExtra
from harness.judges.samples import Evaluate, JudgeSample, NothingToJudgeError
from harness.scenario.settings import JudgeSettings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from harness.retrieval.embed import LocalEmbedder


def check_ragas() -> None:
    """Raises MissingExtra where ragas is not installed, or does not load."""
    try:
        import ragas.metrics.collections  # noqa: F401
    except ImportError as error:
        raise MissingExtra("ragas", "ragas") from error


def ragas_metrics(judge: JudgeSettings, client: AsyncOpenAI, embedder: LocalEmbedder) -> Mapping[str, Evaluate]:
    """Name -> metric.

    Args:
        embedder: of the two metrics that compare texts by their embeddings.
    """
    check_ragas()
    import ragas._analytics as analytics
    from ragas.llms import llm_factory

    analytics.user_data_dir = _no_place  # even with telemetry off it would leave an id in the user's folder
    llm = llm_factory(judge.model, client=client, temperature=judge.temperature, max_tokens=judge.max_tokens)
    by = _Ragas(llm, _embeddings(embedder))
    return {
        "ragas_faithfulness": by.faithfulness,
        "ragas_answer_correctness": by.answer_correctness,
        "ragas_context_precision": by.context_precision,
        "ragas_context_recall": by.context_recall,
        "ragas_answer_relevancy": by.answer_relevancy,
        "ragas_noise_sensitivity": by.noise_sensitivity,
    }


def _no_place(appname: str) -> str:
    raise OSError(f"{appname} keeps no id here")


@dataclass(frozen=True, slots=True)
class _Ragas:
    """The metrics, with what they ask and what they embed by."""

    llm: Any
    embeddings: Any

    async def faithfulness(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import Faithfulness

        return _value(await Faithfulness(llm=self.llm).ascore(of.question, of.answer, list(of.passages)))

    async def answer_correctness(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import AnswerCorrectness

        llm = _recorder(self.llm)
        metric = AnswerCorrectness(llm=llm, embeddings=self.embeddings)
        value = _value(await metric.ascore(of.question, of.answer, of.reference or ""))
        _check_statements(llm.outputs)
        return value

    async def context_precision(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import ContextPrecision

        return _value(await ContextPrecision(llm=self.llm).ascore(of.question, of.reference or "", list(of.passages)))

    async def context_recall(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import ContextRecall

        return _value(await ContextRecall(llm=self.llm).ascore(of.question, list(of.passages), of.reference or ""))

    async def answer_relevancy(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import AnswerRelevancy

        llm = _recorder(self.llm)
        value = _value(await AnswerRelevancy(llm=llm, embeddings=self.embeddings).ascore(of.question, of.answer))
        if not any(output.question for output in llm.outputs):
            raise NothingToJudgeError
        return value

    async def noise_sensitivity(self, of: JudgeSample) -> float:
        from ragas.metrics.collections import NoiseSensitivity

        llm = _recorder(self.llm)
        result = await NoiseSensitivity(llm=llm).ascore(of.question, of.answer, of.reference or "", list(of.passages))
        _check_statements(llm.outputs)
        return _value(result)


def _embeddings(embedder: LocalEmbedder) -> Any:
    """The scenario's own embedder as ragas takes one."""
    from ragas.embeddings.base import BaseRagasEmbedding

    one_at_a_time = threading.Lock()

    class Embeddings(BaseRagasEmbedding):  # type: ignore[misc]
        def embed_text(self, text: str, **kwargs: Any) -> list[float]:
            with one_at_a_time:
                return [float(number) for number in embedder.embed([text])[0]]

        async def aembed_text(self, text: str, **kwargs: Any) -> list[float]:
            return await asyncio.to_thread(self.embed_text, text)  # replies go on coming in meanwhile

    return Embeddings()


def _recorder(llm: Any) -> Any:
    """The judge's model, with everything that was read of its replies in `outputs`."""
    from ragas.llms.base import InstructorBaseRagasLLM

    class Recorder(InstructorBaseRagasLLM):  # type: ignore[misc]
        def __init__(self) -> None:
            self.outputs: list[Any] = []

        def generate(self, prompt: str, response_model: Any) -> Any:
            raise NotImplementedError("judges are asked asynchronously")

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            self.outputs.append(await llm.agenerate(prompt, response_model))
            return self.outputs[-1]

    return Recorder()


def _check_statements(outputs: list[Any]) -> None:
    """Every text that was taken apart has statements; else there was nothing to judge."""
    if not all(output.statements for output in outputs if hasattr(output, "statements")):
        raise NothingToJudgeError


def _value(result: Any) -> float:
    """The number of a result; NaN is ragas' word for 'there was nothing to judge'."""
    value = float(result.value)
    if value != value:
        raise NothingToJudgeError
    return value
