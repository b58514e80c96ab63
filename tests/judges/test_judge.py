"""A judge on a real connection, by scripts: what comes back, what could not be had and why, what is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import EnvironmentFailure, InputError
from harness.judges.double import NAME, SCRIPTS, Script, Scripted, agreeing, disagreeing, scripted_judge
from harness.judges.judge import Judge, JudgedAnswer
from harness.judges.samples import JudgeSample
from harness.scenario.settings import JudgeSettings
from harness.types import Unscored
from tests.make.judges import QUESTION, plain_judge

__all__ = ["plain_judge"]
METRIC = "deepeval_toxicity"
SAMPLES = [JudgeSample(f"c{i}", f"What costs {i}?", f"It costs {i} euros.", (), f"{i} euros", ()) for i in range(6)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plain_judge: None) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))


def settings(url: str, **more: object) -> JudgeSettings:
    values: dict[str, object] = {"timeout": 60.0, "retries": 1, **more}
    return JudgeSettings("judge", url, metrics=(METRIC,), **values)  # type: ignore[arg-type]


def rows_of(
    judge: JudgeSettings, samples: list[JudgeSample] = SAMPLES, identity: str = "identity"
) -> list[JudgedAnswer]:
    with Judge(judge, identity, "minilm") as at_work:
        return at_work.judge([(METRIC, sample) for sample in samples])


def test_values_come_in_order_and_are_kept_by_their_content() -> None:
    with scripted_judge() as server:
        first = rows_of(settings(server.url))
        assert [row.case for row in first] == [sample.case for sample in SAMPLES]
        assert all(row.values and row.asked == 1 and not row.kept for row in first)
        assert {row.values[0] for row in first} == {0.0, 1.0}
        assert first[0].served == (NAME,)
        assert first[0].prompt_tokens > 10
        again = rows_of(settings(server.url))
        assert [row.values for row in again] == [row.values for row in first]
        assert (sum(row.asked for row in again), len(server.prompts)) == (0, len(SAMPLES))
        rows_of(settings(server.url), [JudgeSample("c9", "Another question?", "Yes.", (), None, ())])
        assert len(server.prompts) == len(SAMPLES) + 1


@pytest.mark.parametrize(
    ("script", "failure"),
    [("bad_json", "unparsable"), ("empty", "empty"), ("refusing", "refused"), ("slow", "timeout")],
)
def test_what_cannot_be_had_has_its_reason_and_no_value(script: str, failure: str) -> None:
    patience = 2.0 if script == "slow" else 60.0
    with scripted_judge(SCRIPTS[script]) as server:
        (row,) = rows_of(settings(server.url, timeout=patience, retries=0), SAMPLES[:1])
    assert (row.values, row.failures) == ((), (failure,))
    assert isinstance(row.value, Unscored)
    assert row.value.applicable
    assert row.again == (failure == "timeout")


def test_a_busy_judge_is_asked_again_after_the_wait_that_it_names() -> None:
    with scripted_judge(SCRIPTS["busy_once"]) as server:
        (row,) = rows_of(settings(server.url), SAMPLES[:1])
    assert row.values
    assert len(server.prompts) == 2


def test_a_judge_that_is_always_busy_leaves_answers_to_be_judged_again() -> None:
    with scripted_judge(SCRIPTS["always_busy"]) as server:
        rows = rows_of(settings(server.url), SAMPLES[:2])
        assert all(row.failures == ("server",) and row.again for row in rows)
    with scripted_judge() as server:  # at another address it is another judge
        assert all(row.values for row in rows_of(settings(server.url), SAMPLES[:2]))


def test_repeats_are_asked_each_and_their_disagreement_is_seen() -> None:
    with scripted_judge(disagreeing) as server:
        rows = rows_of(settings(server.url, repeats=5))
        assert all(len(row.values) == 5 for row in rows)
        assert any(row.disagrees and 0 < float(str(row.value)) < 1 for row in rows)
        kept = rows_of(settings(server.url, repeats=5))
        assert [row.values for row in kept] == [row.values for row in rows]
    with scripted_judge(agreeing) as server:
        assert not any(row.disagrees for row in rows_of(settings(server.url, repeats=3), identity="another"))


def test_no_more_questions_at_once_than_was_said() -> None:
    import threading

    now, most, lock = [0], [0], threading.Lock()

    def counting(prompt: str, nth: int) -> Scripted:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        reply = Scripted(agreeing(prompt, nth).text, delay=0.05)
        with lock:
            now[0] -= 1
        return reply

    with scripted_judge(counting) as server:
        rows_of(settings(server.url, concurrency=2))
    assert most[0] <= 2


def _status(code: int) -> Script:
    return lambda prompt, nth: Scripted('{"error": {"message": "no such key"}}', code)


def test_a_wrong_key_ends_the_judging_in_one_line_about_the_judge() -> None:
    with (
        scripted_judge(_status(401)) as server,
        pytest.raises(InputError, match=r"judge: server .*no such key.*models\.judge\.api_key_env"),
    ):
        rows_of(settings(server.url))


def test_a_judge_that_is_not_there_is_an_environment_failure() -> None:
    with scripted_judge() as server:
        url = server.url
    with pytest.raises(EnvironmentFailure, match=r"judge: server .*cannot be reached"):
        rows_of(settings(url))


def test_a_failing_answer_among_others_is_its_own() -> None:
    def odd(prompt: str, nth: int) -> Scripted:
        return SCRIPTS["bad_json"](prompt, nth) if "What costs 3?" in prompt else agreeing(prompt, nth)

    with scripted_judge(odd) as server:
        rows = rows_of(settings(server.url))
    assert [row.case for row in rows if not row.values] == ["c3"]
    assert (rows[3].detail or "").startswith("I would say")


def test_the_key_is_sent_and_nobody_else_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_KEY", "a-very-secret-key")
    with scripted_judge() as server:
        rows = rows_of(settings(server.url, api_key_env="JUDGE_KEY"))
        assert set(server.keys) == {"Bearer a-very-secret-key"}
    assert "a-very-secret-key" not in repr(rows)
    assert QUESTION in server.prompts[0]
