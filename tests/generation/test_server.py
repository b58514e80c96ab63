"""The server generator against a loopback server that behaves, and misbehaves, mode by mode; the scripted double."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.generation import endpoint as endpoints
from harness.generation.doubles import ScriptedGenerator
from harness.generation.endpoint import Endpoint
from harness.generation.server import IN_A_ROW, OWN_QUESTION, ServerGenerator
from harness.generation.server_faults import wait_of
from harness.types import Decoding, Failure, Generation, Message
from tests.make.chat_server import MODES, Seen, chat_server

GOOD = {
    "good", "slow_first_token", "no_usage", "usage_text", "usage_negative", "usage_absurd", "usage_float",
    "chunks_without_choices", "comments_and_names", "no_last_blank_line", "thoughts_apart", "refusal_field",
    "declining",
}  # fmt: skip
# what each failing mode is reported as, and whether the server is then asked a question of our own
SAID = {
    "unavailable": "status 503: loading model",
    "busy": "status 429: slow down",
    "busy_seconds": "status 429: slow down",
    "busy_date": "status 429: slow down",
    "busy_hour": "status 429: slow down",
    "busy_nonsense": "status 429: slow down",
    "no_credit": "You exceeded your quota (insufficient_quota)",
    "failing": "status 500: CUDA error",
    "failing_page": "status 502",
    "filtered": "filtered (content_filter)",
    "too_long": "maximum context length is 512 tokens",
    "validation": "status 422",
    "wrong_key": "check the key that models.api_key_env names",
    "forbidden": "status 403",
    "no_model": "no such model; check models.generator",
    "redirect": "a redirect to https://elsewhere.example/v1/chat/completions",
    "control_characters": "a [31mb c ddd",
    "filter_finish": "filter withheld the answer",
    "tool_finish": "ended for another reason than its end: 'tool_calls'",
    "no_finish": "ended without a finish reason",
    "cut_off": "ended without a finish reason",
    "done_alone": "ended without a finish reason",
    "empty_body": "an empty body",
    "blank_body": "a page with status 200",
    "html_page": "a page with status 200 in place of a stream (text/html",
    "html_as_stream": "a page with status 200",
    "json_page": "a page with status 200 in place of a stream (application/json",
    "error_event": "overloaded",
    "error_text": "boom",
    "gzip": "sent its answer as gzip",
    "binary": "a page with status 200",
    "dripping": "no whole answer within",
    "dripping_header": "no whole answer within",
    "silent": "no whole answer within",
    "huge": "sent more than",
    "huge_line": "sent more than",
    "no_http": "the connection broke",
}


def ask(text: str):
    return (Message("system", "be brief"), Message("user", text))


def generator(server: Seen, **settings) -> ServerGenerator:
    fields = {"timeout": 5.0, "retries": 0, **settings}
    own = {name: fields.pop(name) for name in ("context", "concurrency", "thinking", "say") if name in fields}
    return ServerGenerator(Endpoint(server.url, "m", **fields), **own)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """No real waits between tries; those that were wanted are listed."""
    waits: list[float] = []

    async def short(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr(endpoints, "_sleep", short)
    return waits


def test_answers_in_order_with_the_servers_token_counts():
    with chat_server() as server:
        answers = generator(server).generate([ask(f"question {i}") for i in range(20)], Decoding(max_new_tokens=5))
        assert [g.text for g in answers] == [f"QUESTION {i}" for i in range(20)]
        assert {(g.prompt_tokens, g.completion_tokens, g.finish) for g in answers} == {(7, 2, "stop")}
        assert all(g.first_token_seconds is None and g.served == "served-1" and not g.estimated for g in answers)
        assert server.bodies[0]["messages"][0] == {"role": "system", "content": "be brief"}
        assert (server.bodies[0]["max_tokens"], server.bodies[0]["temperature"]) == (5, 0.0)


def test_at_most_so_many_questions_are_in_flight_and_as_many_where_there_are():
    with chat_server("slow_first_token") as server:
        start = time.perf_counter()
        generator(server, concurrency=5).generate([ask(str(i)) for i in range(15)], Decoding())
        assert server.most_at_once == 5
        assert time.perf_counter() - start < 15 * 0.3


def test_alone_the_first_token_is_timed():
    with chat_server("slow_first_token") as server:
        (one,) = generator(server).generate([ask("hello")], Decoding())
    assert 0.25 < one.first_token_seconds <= one.seconds


@pytest.mark.parametrize("mode", sorted(MODES))
def test_every_mode_is_an_answer_or_one_line_and_never_lasts(mode: str) -> None:
    """Three questions, of which the second meets the mode: the others are answered."""
    lines = lambda body: mode if body["messages"][-1]["content"] == "odd" else "good"  # noqa: E731
    with chat_server(lines) as server:
        start = time.perf_counter()
        before, odd, after = generator(server, timeout=1.0, concurrency=1).generate(
            [ask("before"), ask("odd"), ask("after")], Decoding(max_new_tokens=8)
        )
        assert time.perf_counter() - start < 10
    assert (before.text, after.text) == ("BEFORE", "AFTER")
    assert isinstance(odd, Generation) == (mode in GOOD)
    if isinstance(odd, Failure):
        assert SAID.get(mode, "") in odd.reason
        assert odd.again
        assert "\n" not in odd.reason
        assert odd.reason.isprintable()
        assert len(odd.reason) < 400


def test_nonsense_in_the_usage_is_replaced_by_an_estimate_that_says_so():
    for mode in ("no_usage", "usage_text", "usage_negative", "usage_absurd", "usage_float"):
        with chat_server(mode) as server:
            (one,) = generator(server).generate([ask("hello")], Decoding())
        assert one.estimated
        assert 0 < one.prompt_tokens < 100
        assert 0 < one.completion_tokens < 10


def test_thoughts_that_a_server_keeps_apart_are_no_answer_and_count_as_tokens():
    with chat_server("thoughts_apart") as server:
        (one,) = generator(server).generate([ask("hello")], Decoding())
    assert one.text == "HELLO"
    with chat_server("refusal_field") as server:
        (one,) = generator(server).generate([ask("hello")], Decoding())
    assert one.text == "I cannot."


@pytest.mark.parametrize("mode", ["failing", "cut_off", "reset", "closed", "empty_body", "busy", "unavailable"])
def test_what_passes_is_tried_again(mode: str, quick: list[float]) -> None:
    with chat_server(mode, times=2) as server:
        answers = generator(server, retries=4).generate([ask(str(i)) for i in range(4)], Decoding())
    assert [a.text for a in answers] == ["0", "1", "2", "3"]
    assert len(server.asked) == 12
    assert all(answer.waited > 0 for answer in answers)


def test_what_does_not_pass_is_not_tried_again(quick: list[float]) -> None:
    for mode in ("filtered", "too_long", "filter_finish", "tool_finish"):
        with chat_server(mode) as server:
            generator(server, retries=5).generate([ask("x")], Decoding())
            assert len(server.asked) == 1


def test_a_server_that_asks_to_wait_is_waited_for_and_the_user_told():
    said: list[str] = []
    with chat_server("busy_seconds", times=1) as server:
        start = time.monotonic()
        answers = generator(server, retries=2, concurrency=4, say=said.append).generate(
            [ask(str(i)) for i in range(6)], Decoding()
        )
    assert [a.text for a in answers] == list("012345")
    assert time.monotonic() - start > 0.9


def test_a_wait_of_seconds_is_said_once_for_all_questions(quick: list[float]) -> None:
    said: list[str] = []
    from tests.make import chat_server as made

    made.MODES["busy_twenty"] = made.status(429, {"message": "slow down"}, Retry_After="20")  # type: ignore[index]
    with chat_server("busy_twenty", times=1) as server:
        answers = generator(server, retries=2, concurrency=4, say=said.append).generate(
            [ask(str(i)) for i in range(4)], Decoding()
        )
    del made.MODES["busy_twenty"]  # type: ignore[attr-defined]
    assert all(isinstance(answer, Generation) for answer in answers)
    assert said == ["m: server asks to wait 20 s"]


def test_a_wait_of_an_hour_is_that_questions_error_at_once():
    with chat_server("busy_hour") as server:
        (one,) = generator(server, retries=6).generate([ask("x")], Decoding())
    assert isinstance(one, Failure)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "-4"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after": "99"*200}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_of(headers) == seconds


def test_a_wait_until_a_date_counts_from_now():
    assert 25 < wait_of({"retry-after": formatdate(time.time() + 30, usegmt=True)}) <= 30


@pytest.mark.parametrize(
    ("mode", "error", "said"),
    [
        ("wrong_key", InputError, "check the key that models.api_key_env names"),
        ("forbidden", InputError, "status 403"),
        ("no_model", InputError, "no such model; check models.generator"),
        ("redirect", InputError, "write the final address"),
        ("html_page", InputError, "a page with status 200"),
        ("no_credit", InputError, "insufficient_quota"),
        ("failing", EnvironmentFailure, "CUDA error; check that it runs"),
        ("busy_hour", EnvironmentFailure, "slow down; check that it runs"),
        ("filtered", InputError, "content_filter"),
        ("dripping", EnvironmentFailure, "no whole answer within"),
    ],
)
def test_where_nothing_is_answered_the_call_ends_with_one_line(mode: str, error: type, said: str) -> None:
    """And before that every reply there is has been handed out: nothing computed is lost."""
    with chat_server(mode) as server:
        asked = generator(server, timeout=0.4, concurrency=4)
        stream, replies = asked.stream([ask(str(i)) for i in range(60)], Decoding()), []
        with pytest.raises(error) as caught:
            replies.extend(batch for _, batch in stream)
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)
        assert OWN_QUESTION[0].content in server.asked
        assert len(server.asked) <= 2 * IN_A_ROW + 8
    assert all(isinstance(reply, Failure) for batch in replies for reply in batch)


def test_no_connection_at_all_ends_soon():
    start = time.monotonic()
    nobody = ServerGenerator(Endpoint("http://127.0.0.1:9/v1", "m", retries=6))
    with pytest.raises(EnvironmentFailure, match="cannot be reached"):
        nobody.generate([ask(str(i)) for i in range(40)], Decoding())
    assert time.monotonic() - start < 15


def test_a_refusal_of_one_question_alone_is_not_everybodys():
    """A firewall's 403: the server answers our own question, so the run goes on."""
    odd = lambda body: "forbidden" if "drop table" in body["messages"][-1]["content"] else "good"  # noqa: E731
    with chat_server(odd) as server:
        answers = generator(server).generate([ask("a"), ask("drop table"), ask("b")], Decoding())
    assert [isinstance(answer, Failure) for answer in answers] == [False, True, False]


def test_the_key_is_sent_and_shown_nowhere(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "SECRET-KEY-123456")
    with chat_server() as server:
        asked = generator(server, api_key_env="SOME_KEY")
        (one,) = asked.generate([ask("say SECRET-KEY-123456")], Decoding())
        assert server.keys == ["Bearer SECRET-KEY-123456"]
        assert "SECRET-KEY" not in repr(asked) + one.text
    with chat_server("wrong_key") as server, pytest.raises(InputError) as caught:
        generator(server, api_key_env="SOME_KEY").generate([ask("x")], Decoding())
    assert "SECRET" not in str(caught.value)
    monkeypatch.delenv("SOME_KEY")
    with pytest.raises(InputError, match="SOME_KEY is not set"):
        generator(server, api_key_env="SOME_KEY").generate([ask("hello")], Decoding())
    for bad in (" padded", "line\n", "ключ"):
        monkeypatch.setenv("SOME_KEY", bad)
        with pytest.raises(InputError, match="set the variable again"):
            generator(server, api_key_env="SOME_KEY").generate([ask("hello")], Decoding())


def test_thinking_is_handed_to_the_servers_template():
    for thinking, sent in ((None, None), (False, False), (True, True)):
        with chat_server() as server:
            generator(server, thinking=thinking).generate([ask("x")], Decoding())
        assert server.bodies[0].get("chat_template_kwargs", {}).get("enable_thinking") == sent


def test_a_lone_surrogate_in_a_question_can_be_asked():
    with chat_server() as server:
        (one,) = generator(server).generate([ask("x\ud800y")], Decoding())
    assert isinstance(one, Failure | Generation)


MAKERS = (
    lambda url: ServerGenerator(Endpoint(url, "m", retries=0)),
    lambda url: ScriptedGenerator(lambda prompt: prompt[-1].content.upper()),
)


@pytest.mark.parametrize("make", MAKERS)
def test_stream_follows_the_layout(make):
    prompts = [ask("word " * (i % 7) + str(i)) for i in range(40)]
    with chat_server() as server:
        asked = make(server.url)
        layout = asked.layout(prompts, Decoding())
        assert sorted(i for batch in layout for i in batch) == list(range(40))
        for batch, (indices, answers) in zip(layout[1:], asked.stream(prompts, Decoding(), layout[1:]), strict=True):
            assert indices == batch
            assert [g.text for g in answers] == [prompts[i][-1].content.upper() for i in batch]
