"""Importers: small files of every format, hostile ones, and the real data sets where they are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness.errors import InputError
from harness.golden.imported import Imported, case_row, take, with_splits, write_imported
from harness.golden.importers.formats import import_data
from harness.golden.importers.tables import Source
from harness.golden.load import load_cases
from harness.types import Case, Evidence

SQUAD = {
    "data": [
        {
            "title": "Old_Town",
            "paragraphs": [
                {
                    "context": " It was founded in 1200. ",
                    "qas": [
                        {"id": 1, "question": "When?", "answers": [{"text": "1200"}, {"text": "1200"}]},
                        {"id": 2, "question": "Who?", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ]
}


def write(path: Path, value: Any) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return path


def read(name: str, path: Path, **options: Any) -> Imported:
    return import_data(name, Source(path, **options))


def test_squad(tmp_path: Path) -> None:
    imported = read("squad", write(tmp_path / "dev-v2.0.json", SQUAD).parent)
    answerable, unanswerable = imported.cases
    assert answerable.accept == ("1200",)
    assert answerable.evidence == (Evidence(id="Old_Town#1"),)
    assert (unanswerable.kind, unanswerable.source, unanswerable.evidence) == ("unanswerable", "Old_Town", ())
    assert imported.passages[0].title == "Old Town"
    assert imported.passages[0].text == "It was founded in 1200."


def test_squad_without_answers_is_the_hidden_test_set(tmp_path: Path) -> None:
    hidden = json.loads(json.dumps(SQUAD))
    hidden["data"][0]["paragraphs"][0]["qas"][0]["answers"] = []
    with pytest.raises(InputError, match="question 1: no answers; the hidden test file has none"):
        read("squad", write(tmp_path / "x.json", hidden))


@pytest.mark.parametrize("content", ["{}", "[]", '{"data": 3}', '{"data": [{"title": "x"}]}', "{", "[" * 100_000])
def test_files_that_are_no_squad(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"x\.json"):
        read("squad", write(tmp_path / "x.json", content))


def test_beir(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", '{"_id": "d1", "title": "T", "text": "x"}\n{"_id": "d2", "text": "y"}')
    write(tmp_path / "queries.jsonl", '{"_id": "q1", "text": "Why?"}')
    (tmp_path / "qrels").mkdir()
    qrels = write(tmp_path / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\nq1\td2\t1\nq1\td1\t0\n")
    (case,) = read("beir", tmp_path).cases
    assert case.evidence == (Evidence(id="d2"),)
    write(qrels, "q1\td2\n")
    with pytest.raises(InputError, match=r"test\.tsv:1: .*expected query-id"):
        read("beir", tmp_path)
    write(qrels, "q7\td2\t1\n")
    with pytest.raises(InputError, match="query 'q7' does not stand"):
        read("beir", tmp_path)


def test_csv_with_lists_line_breaks_and_defaults(tmp_path: Path) -> None:
    text = 'question,accept,kind,doc,quote\r\n"How\n\nlong?",14 days|fourteen days,,a.md,"14, days"\r\nWho?,,,,\r\n'
    first, second = read("csv", write(tmp_path / "q.csv", text)).cases
    assert first.accept == ("14 days", "fourteen days")
    assert first.question == "How\n\nlong?"
    assert first.evidence == (Evidence("a.md", "14, days"),)
    assert (second.id, second.kind, second.accept) == ("row-0002", "lookup", ())
    with pytest.raises(
        InputError, match=r"no question column and no answer column; found the columns a, b; expected for the quest"
    ):
        read("csv", write(tmp_path / "q.csv", "a,b\n1,2\n"))
    with pytest.raises(InputError, match="found 'look', expected one of"):
        read("csv", write(tmp_path / "q.csv", "question,kind\nx,look\n"))


def test_ragas_and_deepeval_rows(tmp_path: Path) -> None:
    ragas = {
        "user_input": "Why?",
        "reference": "So.",
        "reference_contexts": ["a | b", "c"],
        "retrieved_contexts": ["z"],
    }
    imported = read("ragas", write(tmp_path / "r.jsonl", json.dumps(ragas)))
    assert [passage.text for passage in imported.passages] == ["a | b", "c"]
    assert imported.cases[0].evidence == tuple(Evidence(id=passage.id) for passage in imported.passages)
    deepeval = {"goldens": [{"input": "Why?", "expected_output": "So.", "context": ["a | b"]}]}
    imported = read("deepeval", write(tmp_path / "d.json", deepeval))
    assert (imported.cases[0].question, imported.cases[0].accept) == ("Why?", ("So.",))
    for content in ('{"x": 1}', "[3]", "7"):
        with pytest.raises(InputError, match=r"d\.json"):
            read("deepeval", write(tmp_path / "d.json", content))


def test_our_own_rows_make_the_round_trip(tmp_path: Path) -> None:
    case = Case("c", "Why?", ("So.",), ("p",), (Evidence("a.md", "q"), Evidence(id="b#1")), source="a", where="x")
    write(tmp_path / "g.jsonl", json.dumps(case_row(case)))
    (loaded,) = load_cases(tmp_path / "g.jsonl")
    (imported,) = read("jsonl", tmp_path / "g.jsonl").cases
    assert case_row(loaded) == case_row(imported) == case_row(case)


def test_a_slice_is_seeded_and_a_folder_is_never_overwritten(tmp_path: Path) -> None:
    whole = Imported(tuple(Case(f"c{i}", f"Question {i}?", ("x",), source=str(i // 3)) for i in range(30)))
    some = take(whole, 12, seed=7)
    assert some == take(whole, 12, seed=7) != take(whole, 12, seed=8)
    assert len(some.cases) == 12
    assert take(whole, 99, seed=7) == whole
    write_imported(with_splits(some, 0.25, 7), tmp_path / "s", "A title: with a colon", 7)
    assert len(load_cases(tmp_path / "s" / "golden.jsonl")) == 12
    with pytest.raises(InputError, match="is not empty"):
        write_imported(some, tmp_path / "s", "t", 7)
    with pytest.raises(InputError, match="--limit is 0"):
        take(whole, 0, 7)


def test_one_command_imports_a_slice_of_real_squad(tmp_path: Path, shared_data: Path) -> None:
    from typer.testing import CliRunner

    from harness.cli.golden import golden_app
    from harness.scenario.load import load_scenario

    folder = tmp_path / "squad"
    command = ["import", "squad", str(shared_data / "squad2"), str(folder), "--limit", "300", "--seed", "7", "--json"]
    result = CliRunner().invoke(golden_app, command)
    facts = json.loads(result.stdout)
    assert (facts["cases"], facts["passages"]) == (300, 646)
    assert facts["summary"]["kind"]["unanswerable"] > 100
    assert load_scenario(folder).candidate == "rag"
    checked = CliRunner().invoke(golden_app, ["check", str(folder), "--no-pii", "--json"])
    assert json.loads(checked.stdout)["serious"] == 0


def test_real_documentation_questions(shared_data: Path) -> None:
    imported = read("docs", shared_data / "anthropic_docs_rag")
    ids = {passage.id for passage in imported.passages}
    assert (len(imported.cases), len(ids)) == (100, 232)
    assert all(item.id in ids for case in imported.cases for item in case.evidence)
