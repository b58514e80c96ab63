"""A chat server on loopback that misbehaves on demand: each mode is a function of the request, in the table `MODES`.

    with chat_server("cut_off", then="good") as server: ServerGenerator(Endpoint(server.url, "m"))

`mode` is what the first requests meet (`times` of each question; None: all of them), `then` what later ones do.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Seen:
    """What has reached a server."""

    url: str
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> list[str]:
        return [body["messages"][-1]["content"] for body in self.bodies]


def answer_to(body: Mapping[str, Any]) -> str:
    """What the good server says: the question in capitals."""
    return str(body["messages"][-1]["content"]).rpartition("Question: ")[2].upper()


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> str:
    choices = [{"index": 0, "delta": delta if delta is not None else {}, "finish_reason": finish}]
    base = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "served-1"}
    return f"data: {json.dumps({**base, 'choices': choices, **more})}\n\n"


def whole(text: str, finish: str | None = "stop", usage: Any = None, **more: Any) -> bytes:
    """A stream of two pieces, its end, its usage and [DONE]."""
    usage = {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9} if usage is None else usage
    parts = [chunk({"content": text[:3]}, **more), chunk({"content": text[3:]}, **more), chunk({}, finish, **more)]
    last = f"data: {json.dumps({'choices': [], 'model': 'served-1', 'usage': usage})}\n\n"
    return ("".join(parts) + last + "data: [DONE]\n\n").encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        if self.is_stranger():
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        seen = self.server.seen
        with seen.lock:
            seen.bodies.append(body)
            seen.keys.append(self.headers["Authorization"])
            seen.at_once += 1
            seen.most_at_once = max(seen.most_at_once, seen.at_once)
        try:
            with suppress(OSError):
                self.server.choose(body)(self, body)
        finally:
            with seen.lock:
                seen.at_once -= 1

    def is_stranger(self) -> bool:
        """Whether the key is wrong, which is said."""
        key = self.server.key
        if key is None or self.headers["Authorization"] == f"Bearer {key}":
            return False
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.say(401, b'{"error": {"message": "Incorrect API key"}}', "application/json")
        return True

    def do_GET(self) -> None:
        if not self.is_stranger():
            self.list_models()

    def list_models(self) -> None:
        self.say(200, json.dumps({"data": self.server.models}).encode(), "application/json")

    def say(self, status: int, body: bytes, kind: str = "text/event-stream", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def start(self, kind: str = "text/event-stream") -> None:
        """A body that ends with the connection."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


Mode = Callable[[Handler, Mapping[str, Any]], None]


def status(code: int, error: Any, **headers: str) -> Mode:
    def answer(handler: Handler, body: Mapping[str, Any]) -> None:
        text = error if isinstance(error, str) else json.dumps({"error": error})
        handler.say(code, text.encode(), "application/json", **headers)

    return answer


def stream(text: bytes | str, kind: str = "text/event-stream", **headers: str) -> Mode:
    def answer(handler: Handler, body: Mapping[str, Any]) -> None:
        handler.say(200, text.encode() if isinstance(text, str) else text, kind, **headers)

    return answer


def good(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.say(200, whole(answer_to(body)))


def slow_first_token(handler: Handler, body: Mapping[str, Any]) -> None:
    time.sleep(0.3)
    good(handler, body)


def dripping(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.start()
    for _ in range(200):
        handler.wfile.write(b": still here\n\n")
        handler.wfile.flush()
        time.sleep(0.05)


def dripping_header(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)


def silent(handler: Handler, body: Mapping[str, Any]) -> None:
    time.sleep(6)


def reset(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.start()
    handler.wfile.write(chunk({"content": "half"}).encode())
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def closed(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def shorter_than_said(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(chunk({"content": "half"}).encode())


def huge(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.start()
    for _ in range(2000):
        handler.wfile.write(chunk({"content": "x" * 10_000}).encode())


def huge_line(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.start()
    for _ in range(200):
        handler.wfile.write(b"x" * 100_000)


def no_http(handler: Handler, body: Mapping[str, Any]) -> None:
    handler.close_connection = True
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.9\r\n")


FILTER = {"message": "The response was filtered", "code": "content_filter", "type": "invalid_request_error"}
LONG = {"message": "maximum context length is 512 tokens", "code": "context_length_exceeded"}
LOGIN = "<!doctype html><html><title>Login</title><body>Sign in</body></html>"

MODES: Mapping[str, Mode] = {
    "good": good,
    "declining": stream(whole("I'm sorry, but I can't help with that.")),
    "slow_first_token": slow_first_token,
    "unavailable": status(503, {"message": "loading model"}),
    "busy": status(429, {"message": "slow down"}),
    "busy_seconds": status(429, {"message": "slow down"}, Retry_After="1"),
    "busy_date": status(429, {"message": "slow down"}, Retry_After=formatdate(time.time() + 3600, usegmt=True)),
    "busy_hour": status(429, {"message": "slow down"}, Retry_After="3600"),
    "busy_nonsense": status(429, {"message": "slow down"}, Retry_After="soon"),
    "no_credit": status(429, {"message": "You exceeded your quota", "code": "insufficient_quota"}),
    "failing": status(500, {"message": "CUDA error"}),
    "failing_page": status(502, "<html><h1>Bad gateway</h1></html>"),
    "filtered": status(400, FILTER),
    "too_long": status(400, LONG),
    "validation": status(422, json.dumps({"detail": [{"loc": ["body"], "msg": "nope"}]})),
    "wrong_key": status(401, {"message": "Incorrect API key provided: SECRET-KEY-123456"}),
    "forbidden": status(403, "no"),
    "no_model": status(404, {"message": "no such model"}),
    "redirect": status(302, "", Location="https://elsewhere.example/v1/chat/completions"),
    "control_characters": status(400, {"message": "a\u001b[31mb\u2028c\n" + "d" * 5000}),
    "filter_finish": stream(whole("half an answer", "content_filter")),
    "tool_finish": stream(whole("", "tool_calls")),
    "no_finish": stream(whole("half an answer", None)),
    "cut_off": stream(chunk({"content": "half"})),
    "done_alone": stream("data: [DONE]\n\n"),
    "empty_body": stream(b""),
    "blank_body": stream(b"\n\n\n"),
    "html_page": stream(LOGIN, "text/html; charset=utf-8"),
    "html_as_stream": stream(LOGIN),
    "json_page": stream(json.dumps({"status": "ok"}), "application/json"),
    "json_null": stream("data: null\n\n"),
    "json_number": stream("data: 7\n\n"),
    "json_list": stream("data: []\n\n"),
    "json_broken": stream('data: {"choices": [{"delta": {"content": "x"}\n\n'),
    "json_deep": stream("data: " + '{"usage":' * 5000 + "1" + "}" * 5000 + "\n\n"),
    "content_number": stream(chunk({"content": 5}, "stop")),
    "content_list": stream(chunk({"content": [{"a": 1}]}, "stop")),
    "choices_text": stream('data: {"choices": "none"}\n\n'),
    "finish_number": stream(chunk({"content": "x"}, 7)),
    "not_utf8": stream(chunk({"content": "caf?"}, "stop").encode().replace(b"?", b"\xe9")),
    "surrogate": stream(chunk({"content": "x\ud800y"}, "stop")),
    "error_event": stream('data: {"error": {"message": "overloaded", "code": 529}}\n\n'),
    "error_text": stream('data: {"error": "boom"}\n\n'),
    "gzip": stream(b"\x1f\x8b\x08", Content_Encoding="gzip"),
    "binary": stream(bytes(range(256)) * 10),
    "dripping": dripping,
    "dripping_header": dripping_header,
    "silent": silent,
    "reset": reset,
    "closed": closed,
    "shorter_than_said": shorter_than_said,
    "huge": huge,
    "huge_line": huge_line,
    "no_http": no_http,
    "no_usage": stream(whole("HELLO", usage={})),
    "usage_text": stream(whole("HELLO", usage="many")),
    "usage_negative": stream(whole("HELLO", usage={"prompt_tokens": -1, "completion_tokens": -5})),
    "usage_absurd": stream(whole("HELLO", usage={"prompt_tokens": 1 << 60, "completion_tokens": 1 << 60})),
    "usage_float": stream(whole("HELLO", usage={"prompt_tokens": 1.5, "completion_tokens": True})),
    "chunks_without_choices": stream(b'data: {"model": "m"}\n\ndata: {"choices": null}\n\n' + whole("HELLO")),
    "comments_and_names": stream(b"\xef\xbb\xbf: hi\r\nevent: message\r\nid: 1\r\n" + whole("HELLO")),
    "no_last_blank_line": stream(whole("HELLO").replace(b"data: [DONE]\n\n", b"").rstrip()),
    "thoughts_apart": stream(chunk({"reasoning_content": "hm, " * 30}).encode() + whole("HELLO")),
    "refusal_field": stream(chunk({"refusal": "I cannot."}) + chunk({}, "stop")),
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args: object) -> None:
        pass


@contextmanager
def chat_server(
    mode: str | Callable[[Mapping[str, Any]], str] = "good", *, then: str = "good", times: int | None = None,
    models: list[dict[str, Any]] | None = None, key: str | None = None,
) -> Iterator[Seen]:  # fmt: skip
    """A server until the block ends. `mode`: a name in MODES, or a function from the request to such a name; `key`: the
    one that it asks for."""
    server = _Server(("127.0.0.1", 0), Handler)
    seen = Seen(f"http://127.0.0.1:{server.server_port}/v1")
    counts: dict[str, int] = {}

    def choose(body: Mapping[str, Any]) -> Mode:
        key = json.dumps(body["messages"])
        with seen.lock:
            counts[key] = counts.get(key, 0) + 1
            late = times is not None and counts[key] > times
        name = then if late else mode if isinstance(mode, str) else mode(body)
        return MODES[name]

    server.seen, server.choose, server.models = seen, choose, models or []  # type: ignore[attr-defined]
    server.key = key  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
