"""Labels beside a scenario: judged figures raw and corrected, gates by the corrected ones, other answers left out."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.ratings.labels import LabelFile, Rating, answer_hash, load_labels
from harness.ratings.read_back import keep_labels
from harness.record.files import StoredRun, load_record
from harness.record.score_table import tabulate
from harness.report.matrix import UNCALIBRATED, matrix
from harness.report.page.render import render_html
from harness.report.text.terminal import outcome
from harness.results.calibration import calibration
from harness.types import Case
from harness.verdict.decide import decide
from harness.verdict.flips import flips
from harness.verdict.score_sheet import gather
from harness.verdict.thresholds import read_thresholds
from tests.make.answers import scores, traces
from tests.make.rated import write_rated
from tests.make.runs import HEALTHY, record

CASES = HEALTHY.cases


def labels_of(run: StoredRun, strict: bool, rated: int = 60, other: bool = False) -> LabelFile:
    """One person's ratings of the first answers of each arm; a strict one supports three of four.

    Args:
        other: the ratings are of other answers than the run's.
    """
    by_id: dict[str, Case] = {case.id: case for case in CASES}
    ids = {case.id for case in CASES[:rated]}
    rows = []
    for trace in run.traces:
        if trace.answer is None or trace.probe or trace.case_id not in ids:
            continue
        place = int(trace.case_id[1:])
        statements = 1 if trace.answer.hits and not trace.answer.refused else 0
        hash = "0" if other else answer_hash(by_id[trace.case_id], trace.answer)
        bad = int(strict and place % 4 == 0)
        rows.append(Rating("ada", trace.case_id, trace.arm, hash, "one", True, statements, bad if statements else None))
    frame = {arm: {"one": len(CASES)} for arm in HEALTHY.arms}
    return LabelFile("5heet", "made-up", "2026-11-29", frame, tuple(rows))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StoredRun:
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))
    return write_rated(tmp_path, HEALTHY)


def test_gates_use_what_people_would_find(run: StoredRun) -> None:
    scenario = Path(run.record.scenario.dir)
    keep_labels(scenario, labels_of(run, strict=True))
    pairs = [(d.arm, d.against) for d in run.record.differences]
    section = calibration(
        load_labels(scenario),
        CASES,
        run.traces,
        tabulate(run.scores),
        HEALTHY.world.clusters,
        list(dict.fromkeys(pairs)),
    )
    assert section is not None
    corrected = section.corrected["hybrid"]["groundedness"]
    raw = run.record.estimate("hybrid", "groundedness")
    assert raw is not None
    assert raw.mean is not None
    assert corrected.mean is not None
    assert raw.mean > 0.95
    assert corrected.mean == pytest.approx(0.75, abs=0.03)
    figures = replace(run.record, calibration=section)
    gates = {gate.name: gate for gate in decide(figures, run.scores, CASES, {}, "hybrid", "both").gates}
    assert gates["groundedness"].status == "fail"
    assert gates["groundedness"].estimate == corrected
    assert "(corrected by 60 ratings; 100.0 % before)" in gates["groundedness"].reason
    assert gates["hallucination"].status == "fail"
    assert "corrected by 60 ratings" in gates["gain_over_baseline"].reason
    thresholds = read_thresholds({})
    assert (
        "interval would have to move by"
        in flips(gather(figures, run.scores, CASES), thresholds, "hybrid")["groundedness"]
    )
    cells = {cell.arm: cell.people for block in matrix(figures) for line in block.lines
             if line.row.name == "groundedness" for cell in line.cells}  # fmt: skip
    assert cells["hybrid"].startswith("people: 7")
    page = render_html(replace(figures), run.traces, run.scores, CASES)
    assert "as people would find" in page
    assert "gates take" in outcome(figures)


def test_without_labels_every_judged_figure_is_uncalibrated(run: StoredRun) -> None:
    assert run.record.calibration is None
    judged = {"task_success", "task_success_without_form", "groundedness", "hallucination"}
    marks = {(line.row.name, cell.arm) for block in matrix(run.record) for line in block.lines
             for cell in line.cells if cell.people == UNCALIBRATED}  # fmt: skip
    assert marks == {(name, arm) for name in judged for arm in ("rag", "hybrid")}  # those that read passages
    reasons = {gate.name: gate.reason for gate in run.record.verdict.gates}
    assert reasons["groundedness"].endswith("(uncalibrated)")
    assert "(uncalibrated" in reasons["task_success_gain"]
    assert "uncalibrated" not in reasons["schema"]
    assert "uncalibrated: Task success; Groundedness" in outcome(run.record)
    page = render_html(run.record, run.traces, run.scores, CASES)
    assert "Uncalibrated: Task success" in re.sub(r"<[^>]+>", "", page)


def test_ratings_of_other_answers_say_nothing_and_are_counted(run: StoredRun) -> None:
    scenario = Path(run.record.scenario.dir)
    keep_labels(scenario, labels_of(run, strict=True, other=True))
    section = calibration(load_labels(scenario), CASES, run.traces, tabulate(run.scores), HEALTHY.world.clusters, [])
    assert section is not None
    assert (section.ratings, section.corrected) == (0, {})
    assert section.elsewhere == len(section.files) * 60 * len(HEALTHY.arms)


def test_a_few_ratings_correct_nothing_and_the_gate_says_how_many_it_takes(run: StoredRun) -> None:
    scenario = Path(run.record.scenario.dir)
    keep_labels(scenario, labels_of(run, strict=True, rated=12))
    section = calibration(load_labels(scenario), CASES, run.traces, tabulate(run.scores), HEALTHY.world.clusters, [])
    figures = replace(run.record, calibration=section)
    gates = {gate.name: gate for gate in decide(figures, run.scores, CASES, {}, "hybrid", "both").gates}
    assert gates["groundedness"].status == "pass"
    assert "uncalibrated: 12 of 20 ratings that a correction takes" in gates["groundedness"].reason


def test_from_sheet_to_verdict_by_commands(run: StoredRun, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = Path(run.record.scenario.dir)
    with pytest.raises(SystemExit) as left:
        main(["judge", "sheet", "made-up", "--answers", "40", "--audit", "3", "--json"])
    files = json.loads(capsys.readouterr().out)["files"]
    assert left.value.code == 0
    table = Path(files["table"])
    assert table.parent == scenario / "labels"
    text = table.read_text(encoding="utf-8")
    filled = scenario / "filled.csv"
    sheet = text.split("\n")[1].split(",")[0]
    key = json.loads(Path(files["key"]).read_text())
    rows = [f"{sheet},{item},ada,yes,0,right," for item in {row["item"] for row in key["answers"] + key["golden"]}]
    rows = [row.replace(",yes,0,right,", ",,,right,") if row.split(",")[1] in {g["item"] for g in key["golden"]} else
            row.replace(",right,", ",,") for row in rows]  # fmt: skip
    filled.write_text("sheet,item,rater,correct,unsupported,golden,note\n" + "\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(SystemExit) as left:
        main(["judge", "read", str(filled), "--key", files["key"]])
    out = capsys.readouterr().out
    assert left.value.code == 0
    assert "raters: ada (" in out
    assert "hybrid, groundedness: " in out
    assert "one rater alone: nothing to compare" in out
    with pytest.raises(SystemExit) as left:
        main(["score", "made-up"])
    assert left.value.code == 0
    again = load_record(run.folder)
    assert again.calibration is not None
    assert again.calibration.ratings == len(key["answers"])
    reasons = {gate.name: gate.reason for gate in again.verdict.gates}
    assert "(corrected by 40 ratings" in reasons["groundedness"]


def test_the_made_up_run_is_the_healthy_one() -> None:
    assert record(by=HEALTHY).verdict.word == "GO"
    assert len(traces(HEALTHY)) >= len(CASES) * len(HEALTHY.arms)
    assert {score.arm for score in scores(HEALTHY)} == set(HEALTHY.arms)
