"""What GitHub reads of a job: summaries within its limits, annotations that point at golden lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import InputError
from harness.report.text.github import SUMMARY, SUMMARY_BYTES, annotation_lines, append_summary, shortened
from harness.types import Case


def test_a_text_that_fits_is_left_as_it_is() -> None:
    assert shortened("a\nb\n", 4, "page.html") == "a\nb\n"


@pytest.mark.parametrize("most", [120, 200, 1000])
def test_a_longer_one_ends_in_whole_lines_and_says_how_many_are_missing(most: int) -> None:
    text = "".join(f"| row {i} | é |\n" for i in range(500))
    cut = shortened(text, most, "page.html")
    assert len(cut.encode()) <= most
    body, _, notice = cut.partition("\n> … cut here: ")
    lines = body.count("\n") + (not body.endswith("\n") and bool(body))
    assert text.startswith(body)
    assert notice == f"{500 - lines} lines do not fit; in full: page.html\n"


def test_the_summary_of_a_step_is_appended_to_and_never_outgrows_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "summary.md"
    file.write_text("before\n")
    assert append_summary("verdict\n", "page.html", {SUMMARY: str(file)}) == file
    assert file.read_text() == "before\nverdict\n"
    append_summary("x" * 79 + "\n" + "a long line of text\n" * 100_000, "page.html", {SUMMARY: str(file)})
    assert SUMMARY_BYTES - 400 < file.stat().st_size <= SUMMARY_BYTES
    assert file.read_text().endswith("lines do not fit; in full: page.html\n")


def test_outside_a_job_a_file_has_to_be_named() -> None:
    with pytest.raises(InputError, match="GITHUB_STEP_SUMMARY is not set"):
        append_summary("verdict\n", "page.html", {})


def test_annotations_point_to_golden_lines_lost_ones_first_and_end_at_ten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    cases = [
        Case(f"q{i}", f"Is {i} 100 %, really?\nYes: or no", where=f"{tmp_path}/sets/gold.jsonl:{i}") for i in range(20)
    ]
    lines = annotation_lines(cases, [f"q{i}" for i in range(1, 10)], ["q10", "q11"], "rag", "run-1")
    assert lines[0] == (
        "::warning file=sets/gold.jsonl,line=1,title=golden case q1"
        "::rag lost this question since run-1: Is 1 100 %25, really? Yes: or no"
    )
    assert [line.split(" ")[0] for line in lines[:10]] == ["::warning"] * 9 + ["::notice"]
    assert lines[10:] == ["... and 1 more questions flipped"]


def test_a_question_whose_line_is_not_known_is_named_without_it() -> None:
    assert annotation_lines([], ["a,b:c"], [], "rag", "run-1") == [
        "::warning title=golden case a%2Cb%3Ac::rag lost this question since run-1"
    ]
