"""Every example is short, and does what it says: it is seen in the page, in the gates, in the diagnosis, in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

import harness
from tests.make.faq import CASES, EXAMPLES, write_cases, write_faq

MOST_LINES = 30


@pytest.fixture(autouse=True)
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HARNESS_REPORTS", str(tmp_path / "reports"))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_is_at_most_thirty_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_an_arm_and_a_metric_of_ones_own_are_asked_scored_and_shown(tmp_path: Path) -> None:
    run = harness.run(write_faq(tmp_path / "faq", ("arm.py", "metric.py")), workers=1, allow_code=True)
    answers = run.cases().set_index("case")["answer"]
    assert answers["price"] == "It costs 12 euros."
    polite = run.record.estimate("faq", "polite")
    assert polite is not None
    assert (polite.mean, polite.n) == (0.0, 2)  # "I do not know." is a refusal, which need not be polite
    page = (run.folder / "report.html").read_text(encoding="utf-8")
    assert ">faq<" in page
    assert "answers that thank or ask kindly" in page
    assert "Tone" in page


def test_a_gate_of_ones_own_is_judged_beside_the_others_and_a_scenario_sets_it(tmp_path: Path) -> None:
    folder = write_faq(tmp_path / "faq", ("arm.py", "gate.py"), "gates: {short: 10}")
    run = harness.run(folder, workers=1, allow_code=True)
    gate = next(gate for gate in run.verdict.gates if gate.name == "short")
    assert (gate.status, gate.threshold) == ("pass", pytest.approx(0.10))
    assert gate.title in (run.folder / "report.html").read_text(encoding="utf-8")
    assert "short" in run.record.flips


def test_a_failure_mode_of_ones_own_is_diagnosed(tmp_path: Path) -> None:
    folder = write_faq(tmp_path / "faq", ("arm.py", "mode.py"))
    shouted = (folder / "arm.py").read_text().replace("It costs 12 euros.", "IT COSTS 12 EUROS.")
    (folder / "arm.py").write_text(shouted)
    (diagnosis,) = [d for d in harness.run(folder, workers=1, allow_code=True).record.diagnosis if d.mode == "shouting"]
    assert diagnosis.evidence == ("price",)


def test_the_notebook_prints_verdict_table_and_lost_questions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from examples import notebook

    folder = write_faq(tmp_path / "faq")
    write_cases(folder, (*CASES, {"id": "tea", "question": "Which tea is there?", "accept": ["green"], "source": "t"}))
    run = harness.run(folder, workers=1, allow_code=True)
    monkeypatch.setattr(harness, "run", lambda scenario: run, raising=False)
    notebook.main(str(folder))
    out = capsys.readouterr().out
    assert out.startswith(run.verdict.word)
    assert "task_success" in out
    assert "tea" in out


def test_two_files_of_answers_are_compared_and_one_is_released(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    from examples.release import pin, release

    folder = tmp_path / "faq"
    folder.mkdir()
    arms = "arms: [{name: june, answers: june.jsonl}]\ncandidate: june\n"
    more = "forgetting: {tasks: none}\nlatency: {questions: 0}\n"
    (folder / "scenario.yaml").write_text(f"title: The FAQ page\ngolden: golden.jsonl\n{arms}{more}")
    write_cases(folder, CASES)
    for name in ("june", "july"):
        rows = [{"id": case["id"], "text": f"{name} says 12 euros."} for case in CASES]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert release(str(folder), "june", str(folder / "july.jsonl")) == "june"
    assert "july: not proven, 0 questions won, 0 lost" in capsys.readouterr().out
    assert pin(str(harness.run(folder).folder)) == "june"
    assert release(str(folder), str(folder / "july.jsonl"), against="blessed") == "blessed"


def test_a_run_goes_to_other_tools_and_comes_back_from_lm_eval(tmp_path: Path) -> None:
    from examples import exports
    from tests import make

    make.run(tmp_path / "reports" / "short", make.script({"hybrid": 3, "rag": 3}, make.World(n=4)))
    files = exports.write("short", str(tmp_path / "out"))
    assert all(Path(file.partition(": ")[0]).is_file() for file in files)
    assert {Path(file).suffix for file in files[:-1]} == {".parquet", ".json", ".jsonl"}
    assert exports.forgetting(f"{tmp_path}/out/lm-eval/rag", f"{tmp_path}/out/lm-eval/hybrid") == "not proven"
