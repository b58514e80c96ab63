"""A judge's metric without the libraries: one question an answer, whose reply must be an object with a verdict."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from harness.judges.samples import JudgeSample
from harness.judges.wire import JudgeWire
from harness.scenario.settings import JudgeSettings

QUESTION = 'Is the answer right? Reply with an object {"verdict": 0 or 1}. '


class PlainClient:
    """A client of the wire, as far as the judge holds one."""

    def __init__(self, wire: JudgeWire) -> None:
        self.http = httpx.AsyncClient(transport=wire)

    async def close(self) -> None:
        await self.http.aclose()

    async def ask(self, content: str) -> str:
        body = {"model": "judge", "messages": [{"role": "user", "content": content}], "max_tokens": 64}
        response = await self.http.post("http://judge/v1/chat/completions", content=json.dumps(body))
        return str(response.json()["choices"][0]["message"]["content"])


def plain_metrics(
    settings: JudgeSettings, client: PlainClient, embedder: str
) -> dict[str, Callable[[JudgeSample], Awaitable[float]]]:
    async def verdict(of: JudgeSample) -> float:
        reply: Any = json.loads(await client.ask(f"{QUESTION}{of.question} {of.answer} {of.reference}"))
        return float(reply["verdict"])

    return dict.fromkeys(settings.asks, verdict)


@pytest.fixture
def plain_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judges ask plainly, whether or not ragas and deepeval are installed."""
    monkeypatch.setattr("harness.judges.judge._client", lambda wire, url: PlainClient(wire))
    monkeypatch.setattr("harness.judges.judge.metrics_of", plain_metrics)
    monkeypatch.setattr("harness.judges.judge.libraries", lambda settings: ())
