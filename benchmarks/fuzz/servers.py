"""A chat server that misbehaves by the seed in its address: `http://127.0.0.1:PORT/SEED/v1`; a process of its own.

    with fuzzed_server() as port: ...

What a good server says is spoilt in its structure or its bytes, its status, its length, its pace; or it is one of the
known kinds of misbehaviour (tests/make/chat_server). The same seed says the same to the same question.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from benchmarks.fuzz.mutate import BYTES, NONSENSE, mutated
from tests.make.chat_server import MODES, Handler, answer_to, good, whole

ROOT = Path(__file__).resolve().parents[2]
STATUSES = (100, 200, 204, 206, 301, 302, 307, 400, 401, 403, 404, 408, 413, 418, 422, 429, 500, 502, 503, 599, 999)
KINDS = ("text/event-stream", "application/json", "text/html", "", "x" * 5000)
DRIP = 60  # bytes of an answer that is dripped, one in half a second


class Spoilt(Handler):
    """Answers as the seed in the path says."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        rng = random.Random(f"{self.path} {body['messages'][-1]}")
        with suppress(OSError, ValueError):
            rng.choice((_structure, _structure, _bytes, _bytes, _status, _length, _pace, _known))(self, body, rng)

    def do_GET(self) -> None:
        rng = random.Random(self.path)
        models = {"object": "list", "data": [{"id": "m", "owned_by": "x", "max_model_len": 4096}]}
        with suppress(OSError, ValueError):
            value = models if rng.random() < 0.5 else mutated(models, rng)
            self.say(200, json.dumps(value).encode("utf-8", "replace"), "application/json")


def _structure(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    """One piece of the stream is another value."""
    pieces = whole(answer_to(body)).decode().split("\n\n")
    place = rng.randrange(len(pieces) - 2)
    value = mutated(json.loads(pieces[place].removeprefix("data: ")), rng)
    pieces[place] = f"data: {json.dumps(value)}"
    if rng.random() < 0.2:
        pieces.insert(place, f"{rng.choice(('data', 'event', 'retry', ':', ''))}: {rng.choice(NONSENSE)!s}"[:30_000])
    handler.say(200, "\n\n".join(pieces).encode("utf-8", "replace"))


def _bytes(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    handler.say(200, BYTES[rng.choice(sorted(BYTES))](whole(answer_to(body)), rng), rng.choice(KINDS))


def _status(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    error = mutated({"error": {"message": "no", "type": "x", "code": 7}}, rng)
    later = rng.choice(("1", "-1", "nan", "99999999999", "Wed, 21 Oct 2099 07:28:00 GMT", "x", ""))
    text = json.dumps(error).encode("utf-8", "replace")
    handler.say(rng.choice(STATUSES), text, rng.choice(KINDS), Retry_After=later)


def _length(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    """The length that was said is not the length, or what encodes the body is not what was said."""
    raw = whole(answer_to(body))
    handler.close_connection = True
    head = rng.choice(
        ("Content-Length: 99999", "Content-Length: 3", "Content-Length: -1", "Content-Length: x",
         "Transfer-Encoding: chunked", "Content-Encoding: gzip", "Location: /", "X: " + "y" * 70_000)
    )  # fmt: skip
    handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{head}\r\n\r\n".encode() + raw)


def _pace(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    """Nothing for longer than anybody waits, or a byte now and then."""
    handler.start()
    for byte in whole(answer_to(body))[: rng.choice((0, 5, DRIP))]:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.5)
    time.sleep(rng.choice((0, 5)))


def _known(handler: Handler, body: Mapping[str, Any], rng: random.Random) -> None:
    MODES.get(rng.choice(sorted(MODES)), good)(handler, body)


@contextmanager
def fuzzed_server() -> Iterator[int]:
    """The port of such a server, in a process that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.fuzz.servers"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Spoilt)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()
