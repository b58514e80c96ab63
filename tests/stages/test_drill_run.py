"""A run with drills, and one with a tried fix: what they add, what they leave as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.drills.perturb import DRILLS
from harness.record.files import load_record, load_run
from harness.record.measurements import FreshnessSection
from harness.record.sections import Record
from tests.make.command import command, edited
from tests.make.small import SETTINGS, write_small


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A run without drills, then the same with them, an arm with the golden passages among them."""
    folder = tmp_path_factory.mktemp("drills")
    write_small(folder / "scenarios" / "plans")
    arms = SETTINGS.replace("[baseline, rag, rag+few-shot, tune, hybrid]", "[rag, tune, oracle]")
    changed = arms.replace("tasks: items, limit: 8", "tasks: none") + "candidate: tune\ndrills: {cases: 4}\n"
    (folder / "scenarios/plans/scenario.yaml").write_text(changed)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HARNESS_CACHE", raising=False)
        patch.delenv("HARNESS_REPORTS", raising=False)
        patch.chdir(folder)
        assert command("run", "plans", "--workers", "1") == 0
        assert command("run", "plans", "--workers", "1", "--drills") == 0
        assert command("run", "plans", "--workers", "1", "--try-fix", "unsupported_despite_evidence") == 0
        yield folder


def record_of(home: Path, section: str) -> Record:
    """The record of the run with `drills`, or with `fixes`."""
    records = [load_record(path.parent) for path in (home / "reports").glob("*/record.json")]
    return next(record for record in records if getattr(record, section))


def freshness_of(record: Record) -> FreshnessSection:
    assert record.freshness is not None
    return record.freshness


def test_drills_add_their_stages_and_redo_no_other(home: Path) -> None:
    stages = {f"{row.name} {row.arm or ''}".strip(): row.cached for row in record_of(home, "drills").stages}
    new = {"perturb", "refresh", "drill rag", "drill tune", "measure"}
    assert {label for label, cached in stages.items() if not cached} == new
    assert "drill oracle" not in stages


def test_every_arm_is_asked_what_changes_what_it_sees(home: Path) -> None:
    drills = record_of(home, "drills").drills or ()
    asked = {drill.name: set(drill.arms) for drill in drills}
    assert asked["paraphrased"] == {"rag", "tune"}
    assert all(asked[name] == {"rag"} for name in ("distractors", "shuffled", "oracle_removed", "injected", "gold"))
    assert all(drill.cases <= 4 for drill in drills)
    assert drills[0].arms["rag"].change.low is not None


def test_the_index_is_refreshed_in_a_copy_and_retuning_is_timed(home: Path) -> None:
    record = record_of(home, "drills")
    fresh = freshness_of(record)
    assert fresh.facts == len(fresh.changes) == 4
    assert 0 < (fresh.embedded or 0) <= record.corpus.passages
    assert (fresh.arms["rag"].update_seconds or 0) > 0
    assert fresh.arms["rag"].retune_seconds is None
    assert (fresh.arms["tune"].retune_seconds or 0) > 0
    assert fresh.arms["tune"].update_seconds is None
    changed = next((home / ".cache").rglob("refresh/*/asked.jsonl"))
    shown = [json.loads(line) for line in changed.read_text().splitlines()]
    assert all(any(row["case"]["accept"][0] in h["passage"]["text"] for h in row["hits"]) for row in shown)
    assert "12 euros" in (home / "scenarios/plans/corpus/amber.md").read_text()


def test_the_oracle_is_given_its_evidence_and_never_shipped(home: Path) -> None:
    run = load_run(next(path.parent for path in (home / "reports").glob("*/record.json")))
    shown = {t.case_id: t.answer.hits for t in run.traces if t.arm == "oracle" and t.answer and not t.probe}
    assert [h.passage.doc for h in shown["c10"]] == ["birch.md"]
    assert [h.passage.doc for h in shown["c9"]] == ["amber.md"]  # unanswerable: the document nearest to it, its source
    assert "oracle" not in run.record.latency.arms
    assert run.record.verdict.ship != "oracle"


def test_the_report_shows_the_drills(home: Path) -> None:
    pages = [path.read_text() for path in (home / "reports").glob("*/report.html")]
    page = next(page for page in pages if "Facts replaced, index refreshed" in page)
    for drill in DRILLS.values():
        assert drill.title in page
    assert "4 facts replaced in" in page


def test_a_fix_is_one_more_arm_that_changes_no_other_and_is_never_shipped(home: Path) -> None:
    plain, tried = record_of(home, "drills"), record_of(home, "fixes")
    assert [arm.name for arm in tried.arms] == ["rag", "tune", "oracle", "rag+fix"]
    assert all(tried.metrics[arm] == plain.metrics[arm] for arm in ("rag", "tune", "oracle"))
    assert tried.differences == plain.differences
    (fix,) = tried.fixes
    assert fix.change == {"retrieval.top_k": 1}
    assert fix.setting == "retrieval.top_k: 2 → 1"
    assert {d.metric for d in fix.differences["test"]} >= {"task_success", "correct", "groundedness"}
    assert "rag+fix against rag" in fix.says
    shown = [row for row in tried.diagnosis if row.mode == fix.mode]
    assert not shown or shown[0].tried == fix.says
    assert tried.verdict.ship != "rag+fix"
    assert tried.changed is not None
    assert tried.changed.run.startswith("plans-")
    assert "good answer" in tried.flips["schema"]
    page = next(p.read_text() for p in (home / "reports").glob("*/report.html") if "Tried: " in p.read_text())
    assert "What the fix changed" in page


@pytest.mark.parametrize(
    ("name", "message"),
    [("retrieval_mises", "did you mean 'retrieval_misses'?"), ("order_sensitivity", "no setting does this")],
)
def test_a_fix_that_there_is_not_is_told_before_anything_runs(
    home: Path, name: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("run", "plans", "--try-fix", name) == 2
    assert message in capsys.readouterr().err


def test_the_oracle_is_no_candidate(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "scenarios/plans/scenario.yaml"
    with edited(file, "candidate: tune", "candidate: oracle"):
        assert command("run", "plans") == 2
    assert "given the golden passages" in capsys.readouterr().err


def test_scoring_a_run_with_a_tried_fix_again_keeps_its_figures(home: Path) -> None:
    before = record_of(home, "fixes")
    assert command("score", before.run_id) == 0
    after = record_of(home, "fixes")
    assert after.metrics == before.metrics
    assert after.differences == before.differences
    assert after.fixes == before.fixes
