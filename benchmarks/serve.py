"""A built-in generator behind an OpenAI-compatible server on this machine: the smallest that a judge needs.

    python -m benchmarks.serve smollm2-base --port 8100

One request at a time, greedy, streamed in one piece or not at all; `/v1/models` and `/v1/chat/completions`. What it
does not do, it refuses: a prompt that is longer than the model's context is status 400, and so is a temperature above
0. `response_format` is read by nobody: a small model's objects are as it makes them.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from harness.generation.local import LocalGenerator, load_generator
from harness.types import Decoding, Failure, Generation, Message

MOST_TOKENS = 1024


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    generator: LocalGenerator
    name: str
    lock: threading.Lock


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._say(200, json.dumps({"object": "list", "data": [{"id": self.server.name, "object": "model"}]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self._fault(body)
        if fault is not None:
            self._say(400, json.dumps({"error": {"message": fault, "type": "invalid_request_error"}}))
            return
        prompt = tuple(Message(message["role"], message["content"]) for message in body["messages"])
        limit = min(int(body.get("max_tokens") or MOST_TOKENS), self._room(prompt))
        with self.server.lock:
            (reply,) = self.server.generator.generate([prompt], Decoding(max_new_tokens=limit))
        if isinstance(reply, Failure):
            self._say(400, json.dumps({"error": {"message": reply.reason}}))
            return
        stream = bool(body.get("stream"))
        self._say(200, completion(self.server.name, reply, stream), "text/event-stream" if stream else None)

    def _fault(self, body: dict[str, Any]) -> str | None:
        if body.get("temperature"):
            return "this server decodes greedily: temperature must be 0"
        prompt = tuple(Message(message["role"], message["content"]) for message in body["messages"])
        if self._room(prompt) < 16:
            return f"the prompt leaves no room in the context of {self.server.generator.context} tokens"
        return None

    def _room(self, prompt: tuple[Message, ...]) -> int:
        return int(self.server.generator.context - self.server.generator.count(prompt))

    def _say(self, status: int, text: str, kind: str | None = None) -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Nothing is logged."""


def completion(name: str, reply: Generation, stream: bool) -> str:
    """A reply by OpenAI's protocol."""
    read, written = reply.prompt_tokens or 0, reply.completion_tokens or 0
    usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
    head = {"id": "local", "created": 0, "model": name}
    if not stream:
        message = {"role": "assistant", "content": reply.text}
        choice = {"index": 0, "message": message, "finish_reason": reply.finish}
        return json.dumps({**head, "object": "chat.completion", "choices": [choice], "usage": usage})
    delta = {"index": 0, "delta": {"content": reply.text}, "finish_reason": reply.finish}
    events: list[dict[str, Any]] = [{**head, "choices": [delta]}, {**head, "choices": [], "usage": usage}]
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"


@contextmanager
def served(name: str, port: int = 0) -> Iterator[str]:
    """The address of a generator's server until the block ends."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.generator, server.name, server.lock = load_generator(name), name, threading.Lock()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        server.lock.acquire()  # the reply under way ends, and no other that nobody waits for any more begins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="a built-in model, a folder or a hub id")
    parser.add_argument("--port", type=int, default=8100)
    arguments = parser.parse_args()
    with served(arguments.model, arguments.port) as url:
        print(f"{arguments.model} at {url}; Ctrl-C ends it", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
