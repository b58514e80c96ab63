"""The GitHub action as a job would run it: GO, NO-GO, NOT PROVEN and a failed environment, with what each leaves."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.make.faq import CASES, write_faq
from tests.make.github import Job, run_action

GO = "gates: {gain_over_constant: null}"
POINT = "gates: {task_success: 99, policy: point}"  # GO while every answer is right, NO-GO with the first wrong one
NOT_PROVEN = ""
FULL_DISK = """\
import errno
from harness.arms import Arm


def answer(questions):
    raise OSError(errno.ENOSPC, "No space left on device")


ARMS = [Arm("faq", "A disk that is full", answers=answer)]
"""


def job(folder: Path, more: str, comment: str = "", **inputs: str) -> Job:
    write_faq(folder / "faq", more=more)
    return run_action(folder, comment, scenario="faq", arguments="--allow-code", **inputs)


@pytest.mark.slow  # each job runs four commands
def test_go_is_green_and_leaves_summary_comment_and_junit(tmp_path: Path) -> None:
    done = job(tmp_path, GO)
    assert (done.code, done.step) == (0, "Judge"), done.output
    assert done.outputs["gate"]["verdict"] == "GO"
    assert (tmp_path / done.outputs["run"]["run"] / "record.json").is_file()
    assert done.summary.startswith("# ✅ GO")
    post = done.calls[-1]
    assert post["words"] == ["api", "--method", "POST", "repos/them/theirs/issues/7/comments", "-F",
                             "body=@harness-comment.md"]  # fmt: skip
    assert str(post["body"]).startswith("<!-- harness: faq -->\n# ✅ GO")
    names = [case.get("name") for case in ElementTree.parse(tmp_path / "harness-junit.xml").iter("testcase")]
    assert [case["id"] for case in CASES] == names[-3:]


@pytest.mark.slow  # each job runs four commands
def test_no_go_fails_the_job_and_a_later_one_points_to_what_was_lost(tmp_path: Path) -> None:
    assert job(tmp_path, POINT).code == 0
    arm = tmp_path / "faq" / "arm.py"
    arm.write_text(arm.read_text().replace("12 euros", "13 euros"))
    done = run_action(tmp_path, "4711", scenario="faq", arguments="--allow-code")
    assert (done.code, done.outputs["gate"]["verdict"]) == (1, "NO-GO")
    (line,) = [line for line in done.output.splitlines() if line.startswith("::")]
    assert line.startswith(
        "::warning file=faq/golden.jsonl,line=2,title=golden case price::faq lost this question since "
    )
    assert done.calls[-1]["words"][:4] == ["api", "--method", "PATCH", "repos/them/theirs/issues/comments/4711"]  # type: ignore[index]


@pytest.mark.slow  # each job runs four commands
def test_not_proven_fails_unless_the_job_lets_it_pass(tmp_path: Path) -> None:
    done = job(tmp_path, NOT_PROVEN)
    assert (done.code, done.outputs["gate"]["verdict"]) == (3, "NOT PROVEN")
    assert job(tmp_path, NOT_PROVEN, fail_on="no-go").code == 0


@pytest.mark.slow  # each job runs four commands
def test_a_failed_environment_is_neither(tmp_path: Path) -> None:
    folder = write_faq(tmp_path / "faq", more=GO)
    (folder / "arm.py").write_text(FULL_DISK)
    done = run_action(tmp_path, scenario="faq", arguments="--allow-code", fail_on="never")
    assert (done.code, done.step) == (4, "Measure"), done.output
    assert "the disk is full; finished work is kept" in done.output
    assert "run" not in done.outputs["run"]
