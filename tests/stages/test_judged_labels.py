"""Judged figures beside people's labels: uncalibrated without any, corrected with them, gates by what is corrected."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from harness.engine.progress import silent
from harness.judges.double import scripted_judge
from harness.metrics.table import METRICS
from harness.ratings.answer_sheet import SheetRequest, answer_sheet
from harness.ratings.labels import LabelFile, Rating, answer_hash
from harness.ratings.read_back import keep_labels, read_ratings
from harness.ratings.table_file import MARK, sheet_csv
from harness.ratings.values import MEASURES
from harness.record.files import StoredRun
from harness.report.matrix import UNCALIBRATED, matrix
from harness.runs.start import make_ready, perform
from harness.types import Case
from tests.make.chat_server import chat_server
from tests.stages.test_judge_run import places, plain_judge, write

__all__ = ["places", "plain_judge"]
CASES, RATED = 40, 30
METRICS_ASKED = "deepeval_tone, ragas_answer_correctness, deepeval_toxicity"
WORDS = "The answer is warm, and it names the department in charge."


def labels_of(run: StoredRun, cases: dict[str, Case], tone: bool) -> LabelFile:
    """One person who finds every answer right, and in the tone of the house or not."""
    rows = [
        Rating("ada", trace.case_id, trace.arm, answer_hash(cases[trace.case_id], trace.answer), "one", True, 0, None,
               rubric={"tone": tone})
        for trace in run.traces if trace.answer is not None and int(trace.case_id[1:]) < RATED
    ]  # fmt: skip
    return LabelFile("5heet", run.folder.name, "2026-11-29", {"baseline": {"one": CASES}}, tuple(rows))


def beside(run: StoredRun) -> dict[str, str]:
    return {line.row.name: line.cells[0].people for block in matrix(run.record) for line in block.lines}


def test_what_a_judge_says_is_corrected_by_labels_and_gates_take_that(tmp_path: Path) -> None:
    with chat_server() as server, scripted_judge() as judge:
        folder = write(
            tmp_path / "judged", server, judge.url, METRICS_ASKED, f'tone: "{WORDS}"', cases=CASES,
            tail="gates: {judged_tone: 30}\n",
        )  # fmt: skip
        run = perform(make_ready(folder), silent, 1)
        asked = len(judge.prompts)
        gates = {gate.name: gate for gate in run.record.verdict.gates}
        assert "(uncalibrated)" in gates["judged_tone"].reason
        assert gates["judged_tone"].status != "fail"  # the double says yes to about half of them
        judged = {name for name, row in METRICS.items() if row.rests_on == "judge"}
        assert {name for name, words in beside(run).items() if words == UNCALIBRATED} & judged == {
            "deepeval_tone", "ragas_answer_correctness", "deepeval_toxicity",
        }  # fmt: skip
        cases = {case.id: case for case in make_ready(folder).inputs.cases}
        keep_labels(Path(folder), labels_of(run, cases, tone=False))
        run = perform(make_ready(folder), silent, 1)
        assert len(judge.prompts) == asked
    assert run.record.calibration is not None
    corrected = run.record.calibration.corrected["baseline"]
    assert corrected["deepeval_tone"].mean == pytest.approx(0.0, abs=0.02)
    assert corrected["ragas_answer_correctness"].mean == pytest.approx(1.0, abs=0.02)
    assert "deepeval_toxicity" not in corrected  # people are asked nothing like it
    gates = {gate.name: gate for gate in run.record.verdict.gates}
    assert gates["judged_tone"].estimate == corrected["deepeval_tone"]
    assert gates["judged_tone"].status == "fail"
    assert f"(corrected by {RATED} ratings" in gates["judged_tone"].reason
    assert beside(run)["deepeval_tone"].startswith("people: ")
    assert beside(run)["deepeval_toxicity"] == UNCALIBRATED
    errors = {row.metric: row for row in run.record.calibration.accuracy}
    assert errors["deepeval_tone"].specificity.mean is not None


def test_a_rating_sheet_asks_what_the_judge_was_asked_in_the_same_words(tmp_path: Path) -> None:
    with chat_server() as server, scripted_judge() as judge:
        folder = write(tmp_path / "judged", server, judge.url, "deepeval_tone", f'tone: "{WORDS}"', cases=CASES)
        run = perform(make_ready(folder), silent, 1)
        cases = make_ready(folder).inputs.cases
    sheet, key = answer_sheet(run, cases, SheetRequest(per_arm=RATED, audit=0, seed=7))
    assert [(q.name, q.help) for q in sheet.questions if q.name in ("tone", "complete", "criteria")] == [
        ("tone", WORDS)
    ]
    header, *rows = csv.reader(io.StringIO(sheet_csv(sheet).removeprefix(MARK)))
    for row in rows:
        row[header.index("tone")], row[header.index("rater")] = "no", "ada"
    file = tmp_path / "ada.csv"
    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    labels = read_ratings([file], key)
    assert len(labels.ratings) == RATED
    assert all(rating.rubric == {"tone": False} for rating in labels.ratings)


def test_whatever_errs_names_what_people_say_of_it_or_is_known_not_to_be_asked() -> None:
    silent_rows = {name for name, row in METRICS.items() if row.rests_on and not row.people}
    assert silent_rows == {
        "ragas_context_precision", "ragas_context_recall", "ragas_answer_relevancy", "ragas_noise_sensitivity",
        "deepeval_hallucination", "deepeval_toxicity",
    }  # fmt: skip
    assert {row.people for row in METRICS.values() if row.people} == set(MEASURES)
