"""Candidates beside what they may replace: the words, the family, the release, what is lost and won."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import harness.stats as stats
from harness.cli.compare import exit_code
from harness.errors import InputError
from harness.history.aspects import Contrast, word_of, word_of_ratio
from harness.history.compare import Comparison, compare
from harness.history.contestants import Contestant, contestant
from harness.record.codec import to_json
from harness.record.files import StoredRun
from harness.record.sections import Figures, Record
from harness.report.page.compare import render_compare
from harness.report.text.compare import compare_markdown, compare_text
from harness.types import Estimate, Verdict
from tests.make import parts, runs
from tests.make.answers import scores, script, traces
from tests.make.world import World

ARMS = ("baseline", "rag", "tune", "hybrid")
N = 160


@cache
def run(name: str = "r", rag: int = 80, tune: int = 104, hybrid: int = 128, n: int = N) -> StoredRun:
    """A run in memory whose arms get these numbers of its questions right, the first ones."""
    of = script({"rag": rag, "tune": tune, "hybrid": hybrid}, world=World(n=n), arms=ARMS)
    measured = runs.figures(of)
    record = Record(
        **{field.name: getattr(measured, field.name) for field in fields(Figures)},
        run_id=name, created="2026-11-20T10:15:00Z", command="", advice=None, gates={}, changed=None, flips={},
        diagnosis=(), verdict=Verdict("GO", "hybrid", None, "", (), None, "agrees", ""),
    )  # fmt: skip
    return StoredRun(Path(name), record, traces(of), scores(of))


def with_section(stored: StoredRun, **sections: Any) -> StoredRun:
    return replace(stored, record=replace(stored.record, **sections))


def people(stored: StoredRun, *arms: str) -> list[Contestant]:
    return [contestant(arm, stored, arm) for arm in arms]


def against_rag(stored: StoredRun, *arms: str) -> Comparison:
    return compare(people(stored, *arms), contestant("rag", stored, "rag"))


def test_a_real_gain_with_nothing_lost_is_better_and_is_released() -> None:
    comparison = against_rag(run(), "hybrid")
    (row,) = comparison.judgements
    assert row.word == "better", compare_text(comparison)
    assert comparison.release == "hybrid"
    assert {finding.aspect: finding.word for finding in row.findings}["forgetting"] == "not worse"
    assert len(row.won) == 48
    assert row.won[0].candidate != row.won[0].reference
    assert not row.lost


def test_an_adapter_that_forgets_is_worse_though_its_gain_is_real() -> None:
    harsh = parts.ability(["tune", "hybrid"], lost=90, gained=0)
    comparison = against_rag(with_section(run(), forgetting=harsh), "hybrid")
    (row,) = comparison.judgements
    words = {finding.aspect: finding.word for finding in row.findings}
    assert (words["task_success"], words["forgetting"], row.word) == ("better", "worse", "worse")
    assert comparison.release == "rag"
    assert "hybrid is worse (forgetting)" in comparison.because


def test_a_loss_is_worse_and_too_few_questions_prove_nothing() -> None:
    (loss,) = compare(people(run(), "rag"), contestant("hybrid", run(), "hybrid")).judgements
    assert loss.word == "worse"
    small = run("small", 14, 14, 15, n=20)
    (row,) = against_rag(small, "hybrid").judgements
    success = row.findings[0]
    assert (row.word, success.word) == ("not proven", "not proven")
    assert success.n_needed is not None
    assert success.n_needed > 20


def test_two_copies_of_one_adapter_are_not_worse_and_identical() -> None:
    stored = run("small", 14, 14, 15, n=20)
    copy = contestant("copy", stored, "hybrid")
    (row,) = compare([copy], contestant("hybrid", stored, "hybrid")).judgements
    assert (row.word, row.same_adapter, row.identical.same, row.identical.of) == ("not worse", True, 20, 20)


def test_more_candidates_widen_the_intervals_of_task_success_and_no_other() -> None:
    stored = run()
    one, two = against_rag(stored, "hybrid"), against_rag(stored, "hybrid", "tune")
    width = [c.judgements[0].findings[0].estimate for c in (one, two)]
    assert all(e is not None and e.low is not None for e in width)
    assert width[1].low < width[0].low  # type: ignore[operator, union-attr]
    assert (one.confidence, two.confidence) == (0.95, 0.975)
    assert one.judgements[0].findings[1:] == two.judgements[0].findings[1:]
    assert "97.5 %" in compare_text(two)


def test_of_two_better_ones_the_first_stays_unless_the_other_is_proven_better() -> None:
    close = against_rag(run("close", 80, 128, 129), "tune", "hybrid")
    assert [row.word for row in close.judgements] == ["better", "better"], compare_text(close)
    assert close.release == "tune"
    apart = against_rag(run(), "tune", "hybrid")
    assert apart.release == "hybrid"


def test_adapters_are_compared_in_what_they_forgot_through_the_base() -> None:
    gentle, harsh = parts.ability(["tune"], lost=1, gained=0), parts.ability(["hybrid"], lost=61, gained=0)
    both = replace(gentle, arms={**gentle.arms, **harsh.arms})
    stored = with_section(run(), forgetting=both)
    (row,) = compare(people(stored, "hybrid"), contestant("tune", stored, "tune")).judgements
    finding = next(finding for finding in row.findings if finding.aspect == "forgetting")
    assert finding.estimate is not None
    assert finding.estimate.mean == pytest.approx(-15.0)  # 60 of 400 items
    assert finding.word == "worse"


def test_what_has_no_score_can_overturn_a_gain_and_then_nothing_is_proven() -> None:
    better = Estimate(6.0, 1.0, 11.0, 100, 20, "points")
    assert word_of(Contrast(better, better, better), 5.0) == "better"
    feared = Estimate(-9.0, -16.0, -2.0, 120, 0, "points")
    assert word_of(Contrast(better, feared, better), 5.0) == "not proven"


def test_a_loss_within_the_margin_is_not_worse_and_one_beyond_it_is() -> None:
    def word(low: float, high: float) -> str:
        estimate = Estimate((low + high) / 2, low, high, 100, 0, "points")
        return word_of(Contrast(estimate, estimate, estimate), 5.0)

    assert [word(-4, -1), word(-5, 3), word(-5.1, 3), word(-12, -1), word(0.1, 9)] == [
        "not worse", "not worse", "not proven", "worse", "better",
    ]  # fmt: skip


def test_slower_is_proven_only_beyond_what_one_arm_differs_by_from_itself() -> None:
    slow = Estimate(1.2, 1.05, 1.4, 30, 0, "ratio")
    contrast = Contrast(slow, slow, slow)
    assert word_of_ratio(contrast, 1.1, None) == "worse"
    assert word_of_ratio(contrast, 1.1, Estimate(1.0, 0.9, 1.08, 30, 0, "ratio")) == "not proven"


def test_runs_of_other_golden_sets_are_refused() -> None:
    one, two = run("small", 14, 14, 15, n=20), run()
    with pytest.raises(InputError, match="other questions"):
        compare([contestant("b", two, "rag")], contestant("a", one, "rag"))
    with pytest.raises(InputError, match="stands twice"):
        compare([contestant("a", one, "rag")], contestant("a", one, "tune"))
    with pytest.raises(InputError, match="no arm 'nobody'"):
        contestant("x", one, "nobody")


def test_the_exit_code_follows_what_is_to_fail() -> None:
    words = ["better", "not proven", "worse"]
    assert [exit_code(words, fail_on) for fail_on in ("worse", "not-proven", "never")] == [1, 1, 0]
    assert [exit_code(words[:2], fail_on) for fail_on in ("worse", "not-proven")] == [0, 3]
    assert exit_code(["better", "not worse"], "not-proven") == 0


def test_text_markdown_page_and_json_say_the_same() -> None:
    comparison = against_rag(run(), "tune", "hybrid")
    page = render_compare(comparison, {"q100": "<b>Why?</b>"})
    text, markdown = compare_text(comparison), compare_markdown(comparison)
    assert text.startswith("release hybrid: better than rag")
    assert "# Release hybrid" in markdown
    assert "Release <bdi>hybrid</bdi>" in page
    assert "<b>Why?" not in page
    assert "&lt;b&gt;Why?" in page
    assert json.loads(to_json(comparison))["release"] == "hybrid"
    assert "p95 latency" in text


def test_a_wider_level_widens_each_interval() -> None:
    a, b = [1.0] * 60 + [0.0] * 40, [1.0] * 50 + [0.0] * 50
    plain, family = stats.paired(a, b), stats.paired(a, b, alpha=0.01)
    assert plain.low is not None
    assert family.low is not None
    assert family.low < plain.low
    assert stats.paired(a, b, alpha=0.05) == plain
