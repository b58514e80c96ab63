"""`golden import`, `golden export` and `examples import` from the command line: what is said, and the exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from harness.cli.main import make_app
from harness.errors import InputError


def invoke(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(make_app(), list(map(str, arguments)), standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_an_import_says_what_it_recognised_and_what_has_no_label(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Question;Ground Truth;note\nWhen?;noon;x\nWhy?;;y\n", encoding="utf-8")
    text = invoke("golden", "import", "csv", table, tmp_path / "s").stdout
    for part in (
        "2 cases, 0 passages", "kind: lookup 1, unlabelled 1", "recognised: one question a row, CSV, separated by ';'",
        "read: accept from 'ground_truth'", "not read: columns of no known name: note", "row 2: unlabelled",
    ):  # fmt: skip
        assert part in text
    facts = json.loads(invoke("golden", "import", "csv", table, tmp_path / "j", "--json").stdout)
    assert facts["rows"] == {"unlabelled": 1}
    assert facts["recognised"] == "one question a row, CSV, separated by ';'"
    checked = invoke("golden", "check", tmp_path / "s", "--no-pii")
    assert checked.return_value == 2
    assert "golden.jsonl:2: unlabelled: no accepted answer" in checked.stdout


def test_export_and_back(tmp_path: Path) -> None:
    golden = tmp_path / "g.jsonl"
    golden.write_text(
        json.dumps({"id": "a", "question": "When?", "accept": ["noon", "12"], "evidence": [{"doc": "d", "quote": "q"}]})
    )
    assert "1 case for ragas" in invoke("golden", "export", "ragas", golden, tmp_path / "r.jsonl").stdout
    invoke("golden", "import", "ragas", tmp_path / "r.jsonl", tmp_path / "s")
    row = json.loads((tmp_path / "s" / "golden.jsonl").read_text())
    assert (row["id"], row["accept"]) == ("a", ["noon", "12"])
    assert json.loads((tmp_path / "s" / "corpus.jsonl").read_text())["text"] == "q"


def test_tuning_data(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    source.write_text(json.dumps([{"instruction": "When?", "output": "noon"}, {"instruction": "Why?", "output": ""}]))
    text = invoke("examples", "import", "alpaca", source, tmp_path / "t.jsonl").stdout
    assert "1 example of 2 rows; recognised: Alpaca instructions, JSON" in text
    assert "item 2: left out: its answer is empty" in text
    with pytest.raises(InputError, match="exists already"):
        invoke("examples", "import", "alpaca", source, tmp_path / "t.jsonl")


def test_formats_are_listed() -> None:
    assert "autorag" in invoke("golden", "formats").stdout
    assert "sharegpt" in invoke("examples", "formats").stdout


def scenario_of(tmp_path: Path, settings: str) -> Path:
    folder = tmp_path / "mine"
    (folder / "pages").mkdir(parents=True)
    (folder / "pages" / "fees.md").write_text("# Fees\n\nThe fee is 5 euros. The office is in room 7.\n")
    (folder / "scenario.yaml").write_text(settings)
    return folder


def test_an_import_into_a_scenario_that_is_there(tmp_path: Path) -> None:
    folder = scenario_of(tmp_path, "title: mine\ncorpus: pages/\n")
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text("question,answer,reference_contexts\nWhat is the fee?,5 euros,The fee is 5 euros.\n")
    second.write_text("question,answer,source\nWhat is the fee?,5,\nWhere is the office?,room 7,fees\n")
    text = invoke("golden", "import", "csv", first, folder).stdout
    assert "scenario.yaml: put at its end: golden: golden.jsonl" in text
    assert (folder / "scenario.yaml").read_text() == "title: mine\ncorpus: pages/\ngolden: golden.jsonl\n"
    (row,) = map(json.loads, (folder / "golden.jsonl").read_text().splitlines())
    assert row["evidence"] == [{"doc": "fees.md", "quote": "The fee is 5 euros."}]
    assert not (folder / "corpus.jsonl").exists()

    with pytest.raises(InputError, match="the scenario has 1 questions already; --add puts these behind them"):
        invoke("golden", "import", "csv", second, folder)
    text = invoke("golden", "import", "csv", second, folder, "--add", "--dev", "0").stdout
    assert "behind the 1 that stood there" in text
    assert "left out: its question stands at" in text
    rows = list(map(json.loads, (folder / "golden.jsonl").read_text().splitlines()))
    assert [(row["id"], row["question"]) for row in rows] == [
        ("row-0001", "What is the fee?"), ("row-0002", "Where is the office?"),
    ]  # fmt: skip
    assert rows[1]["evidence"] == [{"doc": "fees.md"}]
    invoke("golden", "import", "csv", second, folder, "--replace")
    assert len((folder / "golden.jsonl").read_text().splitlines()) == 2


def test_an_import_into_settings_that_take_no_line_at_their_end_says_the_line(tmp_path: Path) -> None:
    folder = scenario_of(tmp_path, "{title: mine}\n")
    source = tmp_path / "a.csv"
    source.write_text("question,answer\nWhat is the fee?,5 euros\n")
    with pytest.raises(InputError, match=r"write into it: golden: golden\.jsonl"):
        invoke("golden", "import", "csv", source, folder)
    assert not (folder / "golden.jsonl").exists()
    with pytest.raises(InputError, match="exclude each other"):
        invoke("golden", "import", "csv", source, folder, "--add", "--replace")
