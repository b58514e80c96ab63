"""A run whose arm asks a server: errors that are counted and asked again, a model that is replaced, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.engine.progress import silent
from harness.errors import EnvironmentFailure, InputError
from harness.report.text.reuse import age, reused_answers
from harness.runs.start import make_ready, perform
from tests.make.chat_server import Seen, chat_server
from tests.retrieval.fakes import WordEmbedder

CASES = 50
SETTINGS = """\
title: A server
golden: golden.jsonl
models: {{generator: m, base_url: "{url}", api_key_env: SERVER_KEY, retries: 2, timeout: 5, concurrency: 4}}
arms: [baseline]
candidate: baseline
latency: {{questions: 0}}
forgetting: {{tasks: none}}
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    monkeypatch.setenv("SERVER_KEY", "very-secret-key")
    monkeypatch.setattr("harness.results.provenance.hardware", lambda: _hardware())


def _hardware() -> Any:
    from harness.record.sections import HardwareSection

    return HardwareSection("s", "m", "p", 1, 1.0, None)


def write(tmp_path: Path, server: Seen, settings: str = SETTINGS) -> str:
    folder = tmp_path / "scenarios" / "served"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(settings.format(url=server.url))
    rows = [
        {"id": f"q{i}", "question": f"word {i}", "accept": [f"WORD {i}"], "split": "test", "source": f"d{i}"}
        for i in range(CASES)
    ]
    (folder / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(folder)


def odd(mode: str, *numbers: int) -> Any:
    """These questions meet the mode, the others are answered."""

    def choose(body: Mapping[str, Any]) -> str:
        question = body["messages"][-1]["content"].rpartition("Question: ")[2]
        return mode if question in {f"word {n}" for n in numbers} else "good"

    return choose


def test_one_filtered_question_in_fifty_is_its_own_error_and_is_asked_again_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mode = {"now": "filtered"}
    with chat_server(lambda body: odd(mode["now"], 17)(body)) as server:
        folder = write(tmp_path, server)
        run = perform(make_ready(folder), silent, 1)
        (arm,) = run.record.arms
        assert (run.record.counts.errors, run.record.counts.again) == (1, 1)
        assert run.record.metrics["baseline"]["correct"].n == CASES - 1
        assert run.record.metrics["baseline"]["correct"].unscored == 1
        assert [(error.count, error.cases) for error in arm.errors] == [(1, ("q17",))]
        assert any("q17" in note and "content_filter" in note for note in run.record.verdict.notes)
        assert "content_filter" in (run.folder / "report.html").read_text()
        assert len(server.asked) == CASES
        mode["now"] = "good"
        again = perform(make_ready(folder), silent, 1)
        assert len(server.asked) == CASES + 1
        assert again.record.counts.errors == 0
        assert again.record.metrics["baseline"]["correct"].n == CASES
        assert perform(make_ready(folder), silent, 1).record.created == again.record.created
        assert len(server.asked) == CASES + 1
        assert set(server.keys) == {"Bearer very-secret-key"}
    written = [path for place in ("reports", "cache") for path in (tmp_path / place).rglob("*") if path.is_file()]
    assert not [path for path in written if b"very-secret-key" in path.read_bytes()]


def test_a_run_that_a_server_ends_loses_nothing(tmp_path: Path) -> None:
    state = {"left": 37}

    def fewer(body: Mapping[str, Any]) -> str:
        state["left"] -= 1
        return "good" if state["left"] >= 0 else "wrong_key"

    with chat_server(fewer) as server:
        folder = write(tmp_path, server)
        with pytest.raises(InputError, match="status 401") as caught:
            perform(make_ready(folder), silent, 1)
        assert "\n" not in str(caught.value)
        asked = len(server.asked)
        state["left"] = 1000
        run = perform(make_ready(folder), silent, 1)
        assert len(server.asked) - asked <= CASES - 37
        assert run.record.metrics["baseline"]["correct"].n == CASES


@pytest.mark.parametrize(
    ("mode", "error", "said"),
    [
        ("wrong_key", InputError, r"status 401.*check the key that models.api_key_env names"),
        ("no_model", InputError, "no such model"),
        ("html_page", InputError, "a page with status 200"),
        ("failing", EnvironmentFailure, "CUDA error; check that it runs"),
    ],
)
def test_a_server_that_answers_nobody_ends_the_run_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, error: type[Exception], said: str
) -> None:
    async def no_wait(seconds: float) -> None:
        return

    monkeypatch.setattr("harness.generation.endpoint._sleep", no_wait)
    with chat_server(mode) as server, pytest.raises(error, match=said) as caught:
        perform(make_ready(write(tmp_path, server)), silent, 1)
    assert "\n" not in str(caught.value)


def test_where_no_question_is_answered_the_run_says_so(tmp_path: Path) -> None:
    """Our own question is answered, none of theirs is."""
    with chat_server(odd("too_long", *range(CASES))) as server:
        with pytest.raises(EnvironmentFailure, match=r"none of \d+ questions was answered; the first of them: .*512"):
            perform(make_ready(write(tmp_path, server)), silent, 1)
        assert len(server.asked) < CASES + 10


def test_a_replaced_model_is_asked_again_when_fresh_and_its_answers_have_an_age(tmp_path: Path) -> None:
    made = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    listing: list[dict[str, Any]] = [{"id": "m", "root": "weights-a", "created": made}]
    with chat_server(models=listing) as server:
        folder = write(tmp_path, server)
        ready = make_ready(folder)
        assert list(ready.remarks()) == []
        first = perform(ready, silent, 1)
        (arm,) = first.record.arms
        assert arm.asked is not None
        assert arm.asked.served == ("served-1",)
        later = datetime.fromisoformat(arm.asked.first).replace(hour=0) + (8 * (datetime(2, 1, 2) - datetime(2, 1, 1)))
        assert age(arm.asked, later.replace(hour=23)) == f"{arm.asked.first[:10]}, 8 days old"
        lines = list(reused_answers(first.record, everything=True))
        assert lines == [f"answers of baseline: reused from {arm.asked.first[:10]}, today"]
        listing[0]["root"] = "weights-b"
        (remark,) = make_ready(folder).remarks()
        assert "root was weights-a, is weights-b" in remark
        assert "--fresh" in remark
        fresh = make_ready(folder, fresh=True)
        fresh = replace(fresh, fresh="2027-01-01T00:00:00+00:00") if fresh.folder == ready.folder else fresh
        assert list(fresh.remarks()) == []
        second = perform(fresh, silent, 1)
        assert second.folder != first.folder
        assert len(server.asked) == 2 * CASES
        assert list(make_ready(folder).remarks()) == []
        assert perform(make_ready(folder), silent, 1).folder == second.folder
        assert len(server.asked) == 2 * CASES


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("arms: [baseline, tune]", "tune trains an adapter, which needs the weights of m here"),
        ("arms: [tune, hybrid]", "tune, hybrid train adapters, which need"),
    ],
)
def test_a_tuned_arm_on_a_server_is_refused_before_any_work(tmp_path: Path, line: str, said: str) -> None:
    with chat_server() as server:
        folder = tmp_path / "scenarios" / "served"
        (folder / "corpus").mkdir(parents=True)
        (folder / "corpus" / "d.md").write_text("# D\n\nword 1\n")
        (folder / "train.jsonl").write_text('{"prompt": {"user": "a?"}, "output": "b", "use": "both"}\n')
        settings = SETTINGS.replace("arms: [baseline]", f"{line}\nexamples: train.jsonl\ncorpus: corpus/")
        settings = settings.replace("candidate: baseline", "candidate: tune")
        with pytest.raises(InputError, match=said):
            make_ready(write(tmp_path, server, settings))
        assert server.asked == []


def test_a_key_that_is_not_set_is_said_before_any_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVER_KEY")
    with chat_server() as server:
        folder = write(tmp_path, server)
        with pytest.raises(InputError, match="the environment variable SERVER_KEY is not set"):
            make_ready(folder)


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ("api_key: sk-live-123456789012345", "models.api_key puts a key into the file; write api_key_env: NAME"),
        ("token: abc", "models.token puts a key into the file"),
        ("api_key_env: sk-live-123456789012345", "is no name of an environment variable, and may be a key itself"),
        ("api_key_env: hf_AbCdEfGhIjKlMnOp1234", "may be a key itself"),
        ("api_key_env: KEY, timeout: 0", "models.timeout is 0"),
        ("concurrency: 0", "models.concurrency is 0"),
        ("retries: -1", "models.retries is -1"),
        ("context: 3", "models.context is 3"),
    ],
)
def test_a_key_in_the_file_and_a_setting_out_of_range_are_one_line(tmp_path: Path, models: str, said: str) -> None:
    with chat_server() as server:
        text = f'title: T\ngolden: golden.jsonl\nmodels: {{generator: m, base_url: "{server.url}", {models}}}\n'
        folder = write(tmp_path, server, text.replace("{", "{{").replace("}", "}}"))
        with pytest.raises(InputError) as caught:
            make_ready(folder)
    assert said in str(caught.value)
    assert "scenario.yaml:3:" in str(caught.value)
    assert "123456789012345" not in str(caught.value)
    assert "MnOp1234" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:8000", "expected http://HOST:PORT/v1"),
        ("http://user:word@host/v1", "holds a name or a password"),
        ("https://host/v1?key=abcdefgh", "has something after '?' or '#'"),
        ("http://host/v1/chat/completions", "names one call"),
        ("http://host:port/v1", "expected http://HOST:PORT/v1"),
    ],
)
def test_an_address_that_is_none_is_one_line(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        make_ready(write(tmp_path, Seen(url)))
    assert said in str(caught.value)
    assert "abcdefgh" not in str(caught.value)


def test_a_setting_of_a_server_without_one_is_refused(tmp_path: Path) -> None:
    text = "title: T\ngolden: golden.jsonl\nmodels: {{timeout: 3}}\n"
    with pytest.raises(InputError, match=r"models.timeout is about a server, and models.base_url names none"):
        make_ready(write(tmp_path, Seen("x"), text))
    with pytest.raises(InputError, match="nothing to ask again"):
        make_ready(write(tmp_path, Seen("x"), "title: T\ngolden: golden.jsonl\narms: [baseline]\n"), fresh=True)


def test_drills_and_latency_count_what_a_server_did_not_answer(tmp_path: Path) -> None:
    """One question is filtered whenever it is asked: under its golden words, reworded, and one at a time."""
    folder = tmp_path / "scenarios" / "served"
    (folder / "corpus").mkdir(parents=True)

    def choose(body: Mapping[str, Any]) -> str:
        return "filtered" if "Oak" in body["messages"][-1]["content"] else "good"

    with chat_server(choose) as server:
        more = "corpus: corpus/\ndrills: {{cases: 9}}\n"
        settings = SETTINGS.replace("latency: {{questions: 0}}", "latency: {{questions: 4, repeats: 1}}") + more
        write(tmp_path, server, settings)
        rows = []
        for number, name in enumerate(("Oak", "Elm", "Fir", "Yew")):
            fact = f"The {name} plan costs {20 + number} euros a month."
            (folder / "corpus" / f"{name}.md").write_text(f"# {name}\n\n{fact}\n")
            case = {"id": name, "question": f"What does the {name} plan cost a month?"}
            rows.append(
                {
                    **case,
                    "accept": [f"{20 + number} euros"],
                    "split": "test",
                    "evidence": [{"doc": f"{name}.md", "quote": fact}],
                }
            )
        (folder / "golden.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        run = perform(make_ready(str(folder), drills=True), silent, 1)
    record, page = run.record, (run.folder / "report.html").read_text()
    assert [error.count for error in record.arms[0].errors] == [1]
    assert record.freshness is not None
    fresh = record.freshness.arms["baseline"]
    assert (fresh.asked, fresh.answered, fresh.new.n, fresh.new.unscored) == (4, 3, 3, 1)
    assert [(error.count, error.cases) for error in fresh.errors] == [(1, ("Oak",))]
    assert record.drills
    reworded = record.drills[0].arms["baseline"]
    assert reworded.asked - reworded.answered == 1
    assert (record.latency.questions, record.latency.failed, record.latency.errors[0].count) == (3, 1, 1)
    steps = {row.step for row in record.unanswered}
    assert steps == {"drills", "latency"}
    for row in record.unanswered:
        assert "content_filter" in row.says
        assert row.says.replace("'", "&#39;") in page or row.says in page
    for step in steps:
        assert any(note.startswith(f"{step}: ") and "content_filter" in note for note in record.verdict.notes)


def test_answers_are_held_against_reference_sentences_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned only where a reference is a sentence; kept for scoring again; without an embedder a reason, no end."""
    from harness.metrics.table import METRICS
    from harness.results.measure import rescore
    from harness.stages.likeness import MeasureLikeness

    sentence = "A canoe may be lent for three days, and a paddle for a whole week."
    with chat_server() as server:
        folder = write(tmp_path, server)
        assert make_ready(folder).planned.all(MeasureLikeness) == ()
        golden = Path(folder) / "golden.jsonl"
        rows = [json.loads(line) for line in golden.read_text().splitlines()]
        rows[3]["accept"] = [sentence]
        golden.write_text("".join(json.dumps(row) + "\n" for row in rows))
        monkeypatch.setattr("harness.retrieval.embed.load_embedder", lambda name: WordEmbedder())
        run = perform(make_ready(folder), silent, 1)
        (score,) = [row for row in run.scores if row.metric == "similarity" and row.applicable]
        assert score.case_id == "q3"
        assert score.value is not None
        assert 0 <= score.value <= 1
        assert run.record.metrics["baseline"]["similarity"].n == 1
        assert "Embedding similarity" in (run.folder / "report.html").read_text()
        monkeypatch.setattr("harness.retrieval.embed.load_embedder", lambda name: pytest.fail("embedded again"))
        ready = make_ready(folder)
        again = rescore(run, ready.inputs.cases, ready.scenario, METRICS)
        assert [row for row in again.scores if row.metric == "similarity" and row.applicable] == [score]

        def none(name: str) -> Any:
            raise EnvironmentFailure("no such hub")

        monkeypatch.setattr("harness.retrieval.embed.load_embedder", none)
        rows[4]["accept"] = [sentence]
        golden.write_text("".join(json.dumps(row) + "\n" for row in rows))
        bare = perform(make_ready(folder), silent, 1)
        assert bare.record.metrics["baseline"]["similarity"].unscored == 2
        (why,) = {row.reason for row in bare.scores if row.metric == "similarity" and row.applicable}
        assert why == "the embedder minilm cannot be had: no such hub"
