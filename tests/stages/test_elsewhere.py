"""Arms from elsewhere: entries under `arms:` for files, callables, endpoints, served models and adapters."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.history.compare import compare
from harness.history.contestants import contestant
from harness.record.files import StoredRun
from harness.runs.start import make_ready, perform
from harness.scenario.load import load_scenario
from tests.make.chat_server import chat_server
from tests.make.faq import CASES, write_cases

SETTINGS = """\
title: The FAQ page
golden: golden.jsonl
arms:
{arms}
candidate: {candidate}
forgetting: {{tasks: none}}
latency: {{questions: 2, repeats: 1}}
"""
ROWS = (
    {"id": "hours", "text": "We are open from 9 to 17.", "passages": [{"text": "Open from 9 to 17.", "doc": "h.md"}],
     "seconds": 0.5, "prompt_tokens": 30, "completion_tokens": 8},
    {"id": "price", "text": "It costs 13 euros.", "passages": ["It costs 12 euros."], "seconds": 0.7},
)  # fmt: skip


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))


def written(folder: Path, *entries: str, candidate: str) -> Path:
    folder.mkdir(exist_ok=True)
    arms = "\n".join(f"  - {entry}" for entry in entries)
    (folder / "scenario.yaml").write_text(SETTINGS.format(arms=arms, candidate=candidate))
    write_cases(folder, CASES)
    (folder / "june.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return folder


def ran(folder: Path, **options: Any) -> StoredRun:
    return perform(make_ready(str(folder), **options), lambda *_: None, workers=1)


@contextmanager
def endpoint(answers: dict[str, Any], fail: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """A server of somebody's own; the first `fail` requests meet 503."""
    seen: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append(body)
            status = 503 if len(seen) <= fail else 200
            data = json.dumps({"out": [{"text": answers.get(body["q"]["text"], "no idea")}], "read": ["One."]}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/ask", seen
    finally:
        server.shutdown()
        server.server_close()


def test_a_file_of_answers_is_an_arm_and_what_it_lacks_is_counted(tmp_path: Path) -> None:
    run = ran(written(tmp_path / "s", "{name: june, answers: june.jsonl}", candidate="june"))
    (arm,) = run.record.arms
    assert arm.retriever, "its passages are known, so that it can be grounded in them"
    assert arm.source is not None
    assert (arm.source.kind, arm.source.place) == ("answers", "june.jsonl")
    assert {"general ability", "safety"} <= set(arm.source.unmeasured)
    assert [(error.reason, error.count) for error in arm.errors] == [("june.jsonl has no answer to it", 1)]
    success = run.record.estimate("june", "correct")
    assert success is not None
    assert (success.mean, success.n, success.unscored) == (0.5, 2, 1)
    latency = run.record.latency.arms["june"]
    assert (latency.total.p50.mean, latency.total.p50.n, latency.total.p50.unscored) == (600.0, 2, 1)
    assert (latency.generation.p50.mean, latency.ratio, latency.elsewhere) == (None, None, True)
    tokens = run.record.estimate("june", "prompt_tokens")
    assert tokens is not None
    assert (tokens.mean, tokens.n) == (30.0, 1)
    assert ">june<" in (run.folder / "report.html").read_text(encoding="utf-8")


def test_answers_without_timings_have_no_latency_and_a_reason(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", "{name: june, answers: june.jsonl}", candidate="june")
    (folder / "june.jsonl").write_text(
        "".join(json.dumps({"id": row["id"], "text": row["text"]}) + "\n" for row in ROWS)
    )
    with (folder / "scenario.yaml").open("a") as out:
        out.write("gates: {p95_ms: 900}\n")
    run = ran(folder)
    gates = {gate.name: gate for gate in run.record.verdict.gates}
    assert gates["p95_ms"].status == "not measured"
    assert "june.jsonl has no seconds" in gates["p95_ms"].reason
    assert gates["groundedness"].status == "not applicable"
    assert "june.jsonl has no passages" in gates["groundedness"].reason
    assert run.record.latency.arms == {}
    tokens = run.record.estimate("june", "prompt_tokens")
    assert tokens is not None
    assert (tokens.mean, tokens.n, tokens.unscored) == (None, 0, 1)


def test_a_changed_file_of_answers_is_read_again(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", "{name: june, answers: june.jsonl}", candidate="june")
    first = ran(folder)
    (folder / "june.jsonl").write_text((folder / "june.jsonl").read_text().replace("13 euros", "12 euros"))
    second = ran(folder)
    assert second.folder != first.folder
    assert second.record.metrics["june"]["correct"].mean == 1.0


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('{"id": "hours"}', "text"),
        ('{"id": "hours", "text": "x", "second": 1}', "second"),
        ('{"id": "hours", "text": "x", "seconds": 0}', "seconds"),
        ('{"id": "a", "text": "x"}\n{"id": "a", "text": "y"}', "id 'a' stands twice"),
        ('{"id": "other", "text": "x"}', "none of its 1 ids is one of a golden case"),
    ],
)
def test_a_file_that_is_wrong_is_one_line(tmp_path: Path, row: str, problem: str) -> None:
    folder = written(tmp_path / "s", "{name: june, answers: june.jsonl}", candidate="june")
    (folder / "june.jsonl").write_text(row + "\n")
    with pytest.raises(InputError, match=problem) as error:
        make_ready(str(folder))
    assert "june.jsonl" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_callable_is_run_only_where_code_is_allowed(tmp_path: Path) -> None:
    folder = written(tmp_path / "s", '{name: bot, call: "bot:answer"}', candidate="bot")
    (folder / "bot.py").write_text("def answer(questions):\n    return ['from 9 to 17' for q in questions]\n")
    with pytest.raises(InputError, match=r"bot:answer: this is code .* --allow-code"):
        make_ready(str(folder))
    run = ran(folder, allow_code=True)
    assert [trace.answer.text for trace in run.traces if trace.answer] == ["from 9 to 17"] * 3
    assert "--allow-code" in run.record.command
    (folder / "bot.py").write_text("def answer(questions):\n    return ['12 euros' for q in questions]\n")
    assert ran(folder, allow_code=True).traces != run.traces
    (folder / "bot.py").write_text("def other(questions):\n    return []\n")
    with pytest.raises(InputError, match="has no function 'answer'"):
        make_ready(str(folder), allow_code=True)


def test_an_endpoint_is_asked_by_its_template_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.generation.http_system.PAUSE", 0.01)
    with endpoint({"What is the price?": "12 euros"}, fail=2) as (url, seen):
        request = '{q: {text: "{question}", k: 3}}'
        entry = f'{{name: bot, url: "{url}", request: {request}, response: out.0.text, passages: read}}'
        run = ran(written(tmp_path / "s", entry, candidate="bot"))
    assert seen[0]["q"]["k"] == 3
    texts = {trace.case_id: trace.answer for trace in run.traces if trace.answer}
    assert texts["price"].text == "12 euros"
    assert [hit.passage.text for hit in texts["price"].hits] == ["One."]
    assert run.record.latency.arms["bot"].total.p50.n == 2
    assert run.record.arms[0].asked is not None


def test_a_reply_of_another_shape_is_that_questions_error(tmp_path: Path) -> None:
    with endpoint({}) as (url, _):
        folder = written(
            tmp_path / "s", f'{{name: bot, url: "{url}", request: {{q: {{text: "{{question}}"}}}}}}', candidate="bot"
        )
        with pytest.raises(InputError, match="its reply has nothing at 'answer', expected the answer's text"):
            ran(folder)


def test_a_served_model_is_asked_by_its_name_on_the_prompts_of_its_base(tmp_path: Path) -> None:
    with chat_server("good") as server:
        entry = f'{{name: june, model: june-lora, base_url: "{server.url}", base: baseline}}'
        run = ran(written(tmp_path / "s", entry, candidate="june"))
    assert {body["model"] for body in server.bodies} == {"june-lora"}
    gates = {gate.name: gate for gate in run.record.verdict.gates}
    assert gates["forgetting"].status == "not measured"
    assert "a server has only answers" in gates["forgetting"].reason
    assert gates["safety"].status == "not measured"
    assert "baseline is not run here" in gates["safety"].reason
    assert run.record.arms[0].base == "baseline"
    assert run.record.latency.arms["june"].total.p50.n == 2


def test_a_served_model_is_asked_unsafe_prompts_beside_its_base(tmp_path: Path) -> None:
    with chat_server(lambda body: "declining" if body["model"] == "plain" else "good") as server:
        folder = written(tmp_path / "s", "baseline", "{name: june, model: june-lora, base: baseline}", candidate="june")
        with (folder / "scenario.yaml").open("a") as out:
            out.write(f'models: {{generator: plain, base_url: "{server.url}"}}\nsafety: {{limit: 40}}\n')
        run = ran(folder)
    items = run.record.safety.arms["june"].items
    assert (items.base.mean, items.adapter.mean, items.base.n) == (1.0, 0.0, 40)
    gates = {gate.name: gate for gate in run.record.verdict.gates}
    assert gates["safety"].status == "fail"
    compared = compare([contestant("june", run, "june")], contestant("baseline", run, "baseline"))
    words = {row.aspect: (row.word, row.reason) for row in compared.judgements[0].findings}
    assert words["safety"][0] == "worse"
    assert words["forgetting"][0] == "not measured"
    assert "a server has only answers" in words["forgetting"][1]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ("{name: a, adapter: x}", r"arms\.1 \(a\) does not say with which prompts it is asked"),
        ("{name: a, answers: june.jsonl, base: rag}", r"has base, which does not belong to answers"),
        ("{name: a}", "does not say where its answers come from"),
        ("{name: a, model: m, base: rag}", "names no server"),
        ('{name: a, url: "ftp://x"}', "expected http"),
        ('{name: a, url: "http://x", request: {q: 1}}', r"has no \{question\} in its request"),
        ("{name: a, call: nonsense}", "expected module:function"),
        ("{name: a, answers: july.jsonl}", "no such file"),
        ("{name: a, answer: june.jsonl}", "unknown key 'answer' in 'arms.1'; did you mean 'answers'"),
        ('{name: a, url: "http://x", api_key_env: sk-1234567890abcdef}', "may hold a key itself"),
    ],
)
def test_an_entry_that_is_wrong_is_told_with_its_place(tmp_path: Path, entry: str, problem: str) -> None:
    folder = written(tmp_path / "s", entry, candidate="a")
    with pytest.raises(InputError, match=problem) as error:
        load_scenario(folder)
    assert f"{folder}/scenario.yaml:4:" in str(error.value)
    assert "sk-1234567890abcdef" not in str(error.value)


def test_a_name_of_the_table_and_a_tuned_base_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the name 'rag' is taken"):
        make_ready(str(written(tmp_path / "a", "{name: rag, answers: june.jsonl}", candidate="rag")))
    entry = "{name: june, adapter: x, base: hybrid}"
    with pytest.raises(InputError, match="base 'hybrid' is no arm of untuned prompts; one of: baseline"):
        make_ready(str(written(tmp_path / "b", entry, candidate="june")))
