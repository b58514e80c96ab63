"""A judge at work: metrics x samples -> judgements, so many at a time; what could not be judged has its reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.errors import HarnessError, one_line
from harness.generation.endpoint import Endpoint
from harness.generation.event_loop import submit
from harness.judges.samples import Evaluate, JudgeSample, NothingToJudgeError
from harness.process.quiet import hush
from harness.safety.refusals import declines
from harness.scenario.settings import JudgeSettings
from harness.types import Unscored

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from harness.judges.wire import Evaluation, JudgeWire

FAILURES: Mapping[str, str] = {
    "unparsable": "its reply could not be read",
    "cut off": "its reply was longer than models.judge.max_tokens",
    "empty": "it replied nothing",
    "refused": "it refused to judge",
    "timeout": "it did not reply in time",
    "server": "its server failed",
    "nothing": "it found nothing to judge",
}
AGAIN = ("timeout", "server")  # what the next run may mend


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """One metric on one answer, judged as often as the scenario asks for."""

    case: str  # id
    metric: str
    values: tuple[float, ...]  # of the judgements that could be had
    failures: tuple[str, ...] = ()  # of the others, keys of FAILURES
    detail: str | None = None  # the beginning of what the judge said, or of the fault, where one failed
    asked: int = 0  # questions that reached the judge
    kept: int = 0  # replies that were kept from before
    prompt_tokens: int = 0  # of all replies, kept ones included
    completion_tokens: int = 0
    estimated: int = 0  # replies whose tokens the server did not count
    served: tuple[str, ...] = ()  # what the server called its model

    @property
    def value(self) -> float | Unscored:
        """The mean of the judgements, or why there is none."""
        if self.values:
            return sum(self.values) / len(self.values)
        return Unscored(f"judge: {FAILURES[self.failures[0]]}")

    @property
    def disagrees(self) -> bool:
        """Whether the judge said different things of the same answer."""
        return len(set(self.values)) > 1

    @property
    def again(self) -> bool:
        return any(failure in AGAIN for failure in self.failures)


Task = tuple[str, JudgeSample]  # name of a metric, and what it is asked of


class Judge:
    """A judge with its metrics. Use it as a context manager: it holds a connection."""

    def __init__(self, settings: JudgeSettings, identity: str, embedder: str) -> None:
        """Args:
            identity: of the judge's server and model, and since when its replies count.
            embedder: name of the embedder of metrics that compare texts.

        Raises:
            MissingExtra: a library that a metric needs is not installed.
        """
        from harness.judges.wire import JudgeWire

        hush()
        url = settings.base_url or ""
        endpoint = Endpoint(url, settings.model, settings.api_key_env, settings.timeout, settings.retries)
        self.settings = settings
        self.wire: JudgeWire = JudgeWire(endpoint, identity, settings.concurrency)
        self.client = _client(self.wire, url)
        self.metrics = metrics_of(settings, self.client, embedder)
        self._slots = asyncio.Semaphore(settings.concurrency)

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *error: object) -> None:
        submit(self.client.close()).result()

    def judge(self, tasks: Sequence[Task], done: Callable[[int], None] = lambda count: None) -> list[JudgedAnswer]:
        """One row a task, in order.

        Args:
            done: called with the number of tasks that have been judged.

        Raises:
            InputError: the server refuses every question (key, model, address).
            EnvironmentFailure: it cannot be reached or fails, whatever it is asked. Replies that came are kept.
        """
        futures = [submit(self._judge_one(name, sample)) for name, sample in tasks]
        try:
            for count, _ in enumerate(as_completed(futures), start=1):
                if self.wire.ended is not None:
                    raise self.wire.ended
                done(count)
        finally:
            _cancel(futures)
        return [future.result() for future in futures]

    async def _judge_one(self, name: str, sample: JudgeSample) -> JudgedAnswer:
        async with self._slots:
            outcomes = [await self._once(name, sample, repeat) for repeat in range(self.settings.repeats)]
        evaluations = [evaluation for evaluation, _, _ in outcomes]
        replies = [reply for evaluation in evaluations for reply in evaluation.replies]
        failed = [(failure, evaluation) for evaluation, _, failure in outcomes if failure is not None]
        return JudgedAnswer(
            case=sample.case,
            metric=name,
            values=tuple(value for _, value, _ in outcomes if value is not None),
            failures=tuple(failure for failure, _ in failed),
            detail=_detail(failed[0][1]) if failed else None,
            asked=sum(evaluation.asked for evaluation in evaluations),
            kept=sum(evaluation.kept for evaluation in evaluations),
            prompt_tokens=sum(reply.prompt_tokens for reply in replies),
            completion_tokens=sum(reply.completion_tokens for reply in replies),
            estimated=sum(reply.estimated for reply in replies),
            served=tuple(sorted({reply.served for reply in replies if reply.served})),
        )

    async def _once(self, name: str, sample: JudgeSample, repeat: int) -> tuple[Evaluation, float | None, str | None]:
        """One evaluation: what the wire saw of it, its value or None, the key of its failure or None."""
        from harness.judges.wire import CURRENT, Evaluation

        evaluation = Evaluation(repeat)
        CURRENT.set(evaluation)
        try:
            value = await self.metrics[name](sample)
        except NothingToJudgeError:
            return evaluation, None, "nothing"
        except HarnessError:
            raise
        except Exception:  # whatever a library makes of a reply that it cannot read
            return evaluation, None, failure_of(evaluation)
        return evaluation, min(1.0, max(0.0, value)), None


def failure_of(evaluation: Evaluation) -> str:
    """The key of what went wrong, by what the wire saw: libraries wrap the cause out of sight."""
    if evaluation.fault is not None:
        if evaluation.fault.name == "slow":
            return "timeout"
        return "refused" if evaluation.fault.name == "question" else "server"
    last = evaluation.replies[-1] if evaluation.replies else None
    if last is None or not last.text.strip():
        return "empty"
    if last.finish == "length":
        return "cut off"
    return "refused" if "{" not in last.text and declines(last.text) else "unparsable"


def _detail(evaluation: Evaluation) -> str | None:
    from harness.judges.wire import as_judges

    if evaluation.fault is not None:
        return as_judges(evaluation.fault.text)
    return one_line(evaluation.replies[-1].text, 200) if evaluation.replies else None


def _cancel(futures: Sequence[Future[JudgedAnswer]]) -> None:
    for future in futures:
        future.cancel()


def _client(wire: JudgeWire, url: str) -> AsyncOpenAI:
    """An OpenAI client that speaks through the wire. Its key is none: the wire sends the judge's own."""
    import httpx
    from openai import AsyncOpenAI

    return AsyncOpenAI(
        base_url=url, api_key="none", max_retries=0, http_client=httpx.AsyncClient(transport=wire, timeout=None)
    )


def metrics_of(settings: JudgeSettings, client: AsyncOpenAI, embedder: str) -> dict[str, Evaluate]:
    """The metrics that a judge is asked for; only the libraries that these need are loaded."""
    metrics: dict[str, Evaluate] = {}
    if any(name.startswith("ragas_") for name in settings.asks):
        from harness.judges.by_ragas import ragas_metrics
        from harness.retrieval.embed import load_embedder

        metrics |= ragas_metrics(settings, client, load_embedder(embedder))
    if any(name.startswith("deepeval_") for name in settings.asks):
        from harness.judges.by_deepeval import deepeval_metrics

        metrics |= deepeval_metrics(settings, client)
    return {name: metrics[name] for name in settings.asks}


def libraries(settings: JudgeSettings) -> Iterator[Callable[[], None]]:
    """Checks that raise MissingExtra, one a library that the judge's metrics need."""
    from harness.judges.by_deepeval import check_deepeval
    from harness.judges.by_ragas import check_ragas

    for prefix, check in (("ragas_", check_ragas), ("deepeval_", check_deepeval)):
        if any(name.startswith(prefix) for name in settings.asks):
            yield check
