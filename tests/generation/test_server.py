"""The server generator against a loopback server that speaks the streamed chat protocol, and the scripted double."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation.doubles import ScriptedGenerator
from harness.generation.server import ServerGenerator
from harness.types import Decoding, Message

pytest.importorskip("openai")


class Chat(BaseHTTPRequestHandler):
    requests: list[dict] = []  # noqa: RUF012
    keys: list[str] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.requests.append(body)
        self.keys.append(self.headers["Authorization"])
        if body["model"] == "unknown":
            self._send(404, json.dumps({"error": {"message": "no such model"}}))
        elif body["model"] == "broken":
            self._send(500, "{}")
        else:
            said = body["messages"][-1]["content"].upper()
            parts = [{"content": said[:3]}, {"content": said[3:]}, {}]
            ends = [None, None, "stop"]
            chunks = [_chunk([{"index": 0, "delta": d, "finish_reason": e}]) for d, e in zip(parts, ends, strict=True)]
            usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9}
            lines = [*chunks, {**_chunk([]), "usage": usage}]
            self._send(200, "".join(f"data: {json.dumps(line)}\n\n" for line in lines) + "data: [DONE]\n\n")

    def _send(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream" if status == 200 else "application/json")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *args: object) -> None:
        pass


def _chunk(choices: list) -> dict:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}


@pytest.fixture
def url() -> Iterator[str]:
    Chat.requests.clear()
    Chat.keys.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Chat)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()


def ask(text: str):
    return (Message("system", "be brief"), Message("user", text))


def test_answers_in_order_with_the_servers_token_counts(url):
    generator = ServerGenerator(url, "m", retries=0)
    answers = generator.generate([ask(f"question {i}") for i in range(20)], Decoding(max_new_tokens=5))
    assert [g.text for g in answers] == [f"QUESTION {i}" for i in range(20)]
    assert {(g.prompt_tokens, g.completion_tokens, g.finish) for g in answers} == {(7, 2, "stop")}
    assert all(g.first_token_seconds is None for g in answers)
    assert Chat.requests[0]["messages"][0] == {"role": "system", "content": "be brief"}
    assert (Chat.requests[0]["max_tokens"], Chat.requests[0]["temperature"]) == (5, 0.0)


def test_alone_the_first_token_is_timed(url):
    (one,) = ServerGenerator(url, "m", retries=0).generate([ask("hello")], Decoding())
    assert 0 < one.first_token_seconds <= one.seconds


def test_the_key_is_sent(url, monkeypatch):
    monkeypatch.setenv("SOME_KEY", "secret")
    generator = ServerGenerator(url, "m", api_key_env="SOME_KEY", retries=0)
    generator.generate([ask("hello")], Decoding())
    assert Chat.keys == ["Bearer secret"]
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(InputError, match="SOME_KEY"):
        generator.generate([ask("hello")], Decoding())


def test_each_failure_is_one_message(url):
    with pytest.raises(InputError, match=r"'unknown' with status 404.*no such model"):
        ServerGenerator(url, "unknown", retries=0).generate([ask("x")], Decoding())
    with pytest.raises(EnvironmentFailure, match="InternalServerError"):
        ServerGenerator(url, "broken", retries=0).generate([ask("x")], Decoding())
    with pytest.raises(EnvironmentFailure, match="APIConnectionError"):
        ServerGenerator("http://127.0.0.1:9/v1", "m", retries=0).generate([ask("x")], Decoding())


MAKERS = (
    lambda url: ServerGenerator(url, "m", retries=0),
    lambda url: ScriptedGenerator(lambda prompt: prompt[-1].content.upper()),
)


@pytest.mark.parametrize("make", MAKERS)
def test_stream_follows_the_layout(url, make):
    generator = make(url)
    prompts = [ask("word " * (i % 7) + str(i)) for i in range(40)]
    layout = generator.layout(prompts, Decoding())
    assert sorted(i for batch in layout for i in batch) == list(range(40))
    for batch, (indices, answers) in zip(layout[1:], generator.stream(prompts, Decoding(), layout[1:]), strict=True):
        assert indices == batch
        assert [g.text for g in answers] == [prompts[i][-1].content.upper() for i in batch]
