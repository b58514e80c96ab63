"""The forecast of judging: what it counts, what it takes from earlier runs, and that every metric has its prompts."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from harness.judges.forecast import (
    PROMPTS,
    REPLY_TOKENS,
    CaseTokens,
    Judging,
    Measured,
    Prompts,
    by_prompts,
    keep_measured,
    last_time,
)
from harness.scenario.settings import JudgeMetric

CASE = CaseTokens(question=10, answer=20, passages=3, passage=100, reference=30, evidence=40)


def test_every_metric_of_a_judge_has_its_prompts() -> None:
    assert set(PROMPTS) == set(get_args(JudgeMetric))


def test_prompts_are_the_librarys_text_and_the_parts_of_the_case_as_often_as_they_stand_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = Prompts(
        questions=(1, 2), own=(500, 100), question=(1, 1), answer=(2, 0), passages=(1, 0), reference=(1, 0),
        evidence=(0.5, 0),
    )  # fmt: skip
    monkeypatch.setattr("harness.judges.forecast.PROMPTS", {"m": row})
    prompt = 500 + 3 * 100 + 4 * 10 + 2 * 20 + 1 * 3 * 100 + 30 + 0.5 * 40
    assert by_prompts("m", CASE) == Judging(7, prompt, 7 * REPLY_TOKENS)


def test_what_a_run_measured_is_known_to_a_run_that_is_alike_and_to_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path))
    assert last_time(["judge", 800], "m") is None
    keep_measured(["judge", 800], {"m": [Judging(2, 100, 10), Judging(4, 300, 30)], "other": []})
    assert last_time(["judge", 800], "m") == Measured(2, Judging(3, 200, 20))
    assert last_time(["judge", 400], "m") is None
    assert last_time(["judge", 800], "other") is None
    next(tmp_path.rglob("*.json")).write_text("{")
    assert last_time(["judge", 800], "m") is None
