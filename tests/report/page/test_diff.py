"""Two runs beside each other: what flipped is shown with both texts, and nothing of it acts."""

from __future__ import annotations

import pytest

from harness.history.diff import diff_runs
from harness.record.files import StoredRun
from harness.report.page.diff import MOST, render_diff
from tests import make

QUESTION = f"What now? {make.SCRIPT}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoredRun, StoredRun]:
    """The hybrid gets twelve cases fewer right in the second run, on a lower limit for latency."""
    folder = tmp_path_factory.mktemp("runs")
    before = make.run(folder / "before", make.script({"hybrid": 30, "rag": 20}, make.World(n=40)))
    after = make.run(folder / "after", make.script({"hybrid": 18, "rag": 20}, make.World(n=40)), gates={"p95_ms": 900})
    return before, after


@pytest.fixture(scope="module")
def html(runs: tuple[StoredRun, StoredRun]) -> str:
    return render_diff(*runs, diff_runs(*runs), {"q020": QUESTION})


def test_every_flip_is_shown_with_both_texts(runs: tuple[StoredRun, StoredRun], html: str) -> None:
    before, after = runs
    lost = diff_runs(before, after).flips["hybrid"].lost
    assert lost == tuple(f"q{i:03}" for i in range(18, 30))
    assert html.count("✕ lost") == len(lost) <= MOST
    texts = {(t.arm, t.case_id): t.answer.text for run in runs for t in run.traces if t.answer}
    assert all(texts["hybrid", case] in html for case in lost)


def test_metrics_that_moved_stand_under_their_titles(html: str) -> None:
    assert "Task success" in html
    assert "task_success" not in html


def test_settings_that_changed_are_named(html: str) -> None:
    assert "p95_ms" in html


def test_what_others_wrote_cannot_act(html: str) -> None:
    assert "What now?" in html
    assert "<script" not in html
    assert "<img" not in html
