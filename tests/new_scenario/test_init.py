"""`harness init --docs --questions`: what is made of people's material, what is said of it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.golden.load import load_cases
from harness.scenario.load import load_scenario
from tests.make.chat_server import chat_server
from tests.make.command import command
from tests.make.handbook import question_rows, write_faq_csv, write_handbook, write_questions


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_handbook(tmp_path / "handbook")
    return tmp_path


def init(home: Path, file: Path, *more: str) -> int:
    return command("init", "mine", "--docs", "handbook", "--questions", file.name, *more)


def rows_of(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "mine" / "golden.jsonl").read_text().splitlines()]


def test_questions_and_answers_alone_make_two_arms_and_say_what_is_not_measured(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(home, write_faq_csv(home / "faq.csv")) == 0
    said = capsys.readouterr().out
    scenario = load_scenario(home / "mine")
    assert (scenario.arms, scenario.candidate) == (("baseline", "rag"), "rag")
    assert list(scenario.gates) == ["gain_over_baseline", "gain_over_constant", "groundedness", "hallucination"]
    assert all("evidence" not in row and row["split"] == "test" for row in rows_of(home))
    assert "wrote mine: 15 documents, 25 questions" in said
    assert "not measured: recall of the search: no question says where its answer stands" in said
    assert said.endswith("next: harness run mine\n") or "next: harness models get smollm2 && harness run mine" in said


def test_only_files_that_are_read_are_written_and_the_readme_names_each(home: Path) -> None:
    (home / "handbook" / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0 an old Word file")
    (home / "handbook" / "deep").mkdir()
    (home / "handbook" / "deep" / "page.md").write_text("# Deep\n\nThe deep end is 4 metres.\n")
    assert init(home, write_faq_csv(home / "faq.csv")) == 0
    files = {str(path.relative_to(home / "mine")) for path in (home / "mine").rglob("*") if path.is_file()}
    pages = {f"corpus/{page.name}" for page in (home / "handbook").glob("*.md")} | {"corpus/deep/page.md"}
    own = {"scenario.yaml", "scenario.schema.json", "golden.jsonl", "system.md"}
    assert files == pages | own | {"README.md"}
    readme = (home / "mine" / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in (*own, "corpus/"))
    assert "made of faq.csv" in readme


def test_the_same_for_a_packaged_scenario(home: Path) -> None:
    assert command("init", "town") == 0
    names = {path.name for path in (home / "town").iterdir()}
    assert not names & {"absent.json", "cases.jsonl", "facts.jsonl", "build.py"}
    readme = (home / "town" / "README.md").read_text()
    assert all(f"`{name}" in readme for name in names - {"README.md"})
    load_scenario(home / "town")


def test_quotes_make_evidence_a_ceiling_and_clusters(home: Path) -> None:
    rows = question_rows()
    file = write_questions(home / "faq.csv", ("Frage", "Antwort", "doc", "quote"), rows, ";")
    assert init(home, file, "--column", "question=Frage", "--column", "accept=Antwort") == 0
    assert load_scenario(home / "mine").arms == ("baseline", "rag", "oracle")
    assert rows_of(home)[0]["evidence"] == [{"doc": rows[0][2], "quote": rows[0][3]}]
    cases = load_cases(home / "mine" / "golden.jsonl")
    assert len({case.evidence[0].doc for case in cases}) == 13


def test_texts_that_a_row_brings_along_become_quotes_and_a_source_that_names_a_page_is_evidence(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third, fourth = question_rows()[:4]
    rows: Sequence[Sequence[str]] = [
        (first[0], first[1], first[3], ""),
        (second[0], second[1], "", "passports"),
        (third[0], third[1], "The town has a mayor.", ""),
        (fourth[0], fourth[1], "", "Ms Brown"),
    ]
    file = write_questions(home / "faq.csv", ("question", "ground_truth", "reference_contexts", "source"), rows)
    assert init(home, file) == 0
    said = capsys.readouterr().out
    assert [row.get("evidence") for row in rows_of(home)] == [
        [{"doc": "passports.md", "quote": first[3]}], [{"doc": "passports.md"}], None, None,
    ]  # fmt: skip
    assert "row 3: evidence left out: its text stands in none of the documents" in said
    assert "row 2: read: evidence from 'source', which names a document" in said
    assert "2 of 4 do not say where its answer stands" in said
    assert not (home / "mine" / "corpus.jsonl").exists()


def test_a_question_without_an_answer_is_left_out_and_counted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_questions(home / "faq.csv", ("question", "answer"), [("What is the fee?", "5 euros"), ("Why?", "")])
    assert init(home, file) == 0
    assert len(rows_of(home)) == 1
    assert "left out: 1 of 2 questions, for want of an answer" in capsys.readouterr().out


def test_a_hundred_questions_have_a_dev_split(home: Path) -> None:
    rows = [(f"What is {n} and {n}?", str(2 * n)) for n in range(120)]
    assert init(home, write_questions(home / "sums.csv", ("question", "answer"), rows)) == 0
    splits = [row["split"] for row in rows_of(home)]
    assert (splits.count("dev"), splits.count("test")) == (30, 90)


def test_without_documents_the_model_is_asked_alone(home: Path) -> None:
    file = write_faq_csv(home / "faq.csv")
    assert command("init", "mine", "--questions", file.name) == 0
    scenario = load_scenario(home / "mine")
    assert (scenario.arms, scenario.corpus) == (("baseline",), None)


def test_the_only_model_of_a_server_is_taken_and_the_key_is_never_written(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_faq_csv(home / "faq.csv")
    monkeypatch.setenv("MY_KEY", "sk-abcdef0123456789abcdef")
    with chat_server(models=[{"id": "team-model"}], key="sk-abcdef0123456789abcdef") as server:
        assert init(home, file, "--base-url", server.url, "--api-key-env", "MY_KEY") == 0
    models = load_scenario(home / "mine").models
    assert (models.generator, models.base_url, models.api_key_env) == ("team-model", server.url, "MY_KEY")
    assert "abcdef0123456789" not in "".join(
        path.read_text() for path in (home / "mine").iterdir() if path.is_file()
    ) + "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("models", "key", "said"),
    [
        ([{"id": "a"}, {"id": "b"}], None, "the server has a, b; name one with --model"),
        ([], None, "the server lists no model; name one with --model"),
        ([{"id": "a"}], "right-key-0123456789", "status 401, expected the list of its models; is the key right?"),
    ],
)
def test_a_server_that_does_not_say_which_model(
    home: Path, models: list[dict[str, str]], key: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_faq_csv(home / "faq.csv")
    with chat_server(models=models, key=key) as server:
        assert init(home, file, "--base-url", server.url) == 2
    assert said in capsys.readouterr().err
    assert not (home / "mine").exists()


def test_a_server_that_is_not_there_is_the_environments_failure(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_faq_csv(home / "faq.csv")
    assert init(home, file, "--base-url", "http://127.0.0.1:9/v1") == 4
    assert "start it, or name one with --model" in capsys.readouterr().err
    assert init(home, file, "--base-url", "http://127.0.0.1:9/v1", "--model", "mine") == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--docs", "handbook"], "--docs needs --questions FILE"),
        (["--questions", "faq.csv", "--from", "wiki"], "take one of them"),
        (["--questions", "nowhere.csv"], "nowhere.csv"),
        (["--questions", "faq.csv", "--docs", "nowhere"], "nowhere: no such corpus"),
        (["--questions", "faq.csv", "--api-key-env", "MY_KEY"], "--api-key-env is about a server"),
        (["--questions", "faq.csv", "--base-url", "host"], "--base-url is 'host', expected http://HOST:PORT/v1"),
        (
            ["--questions", "faq.csv", "--base-url", "http://h/v1", "--api-key-env", "sk-abcdef0123456789abcdef"],
            "expected the name of an environment variable, not a key",
        ),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    home: Path, options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_faq_csv(home / "faq.csv")
    assert command("init", "mine", *options) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert "abcdef0123456789" not in error
    assert not (home / "mine").exists()


def test_columns_that_cannot_be_told_are_one_message_with_what_was_found_and_expected(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_questions(home / "faq.csv", ("Frage", "Antwort"), [("Wann?", "um neun")])
    assert init(home, file) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    for part in (
        "no question column and no answer column; found the columns frage, antwort",
        "for the question one of the columns question, user_input",
        "for the answer one of the columns accept, ground_truth",
        "--column question=NAME --column accept=NAME",
    ):
        assert part in error
    assert not (home / "mine").exists()


def test_a_folder_with_something_in_it_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_faq_csv(home / "faq.csv")
    (home / "mine").mkdir()
    (home / "mine" / "notes.txt").write_text("mine")
    assert init(home, file) == 2
    assert "exists and is not empty" in capsys.readouterr().err
    assert [path.name for path in (home / "mine").iterdir()] == ["notes.txt"]


def test_every_missing_file_and_key_of_a_scenario_is_one_message(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "mine").mkdir()
    (home / "mine" / "scenario.yaml").write_text(
        "title: t\ncorpus: pages/\ngolden: g.jsonl\nexamples: train.jsonl\nprobes: p.jsonl\n"
        "answer: {system: s.md, few_shot: f.jsonl}\narms: [baseline, rag, tune, hybrid]\n"
    )
    assert command("run", "mine") == 2
    error = capsys.readouterr().err
    assert all(name in error for name in ("pages/", "g.jsonl", "train.jsonl", "p.jsonl", "s.md", "f.jsonl"))
    (home / "mine" / "scenario.yaml").write_text(
        "title: t\narms: [baseline, rag, tune, rag+few-shot]\ncandidate: rag\n"
    )
    assert command("run", "mine") == 2
    error = capsys.readouterr().err
    assert all(f"no '{key}'" in error for key in ("golden", "corpus", "examples", "answer.few_shot"))


def test_the_answers_of_the_checklist_are_taken_over(home: Path) -> None:
    (home / "answers.yaml").write_text("answers: {1: yes, 3: no}\nfacts: {requirements_change: yes}\n")
    assert init(home, write_faq_csv(home / "faq.csv"), "--advice", "answers.yaml") == 0
    assert load_scenario(home / "mine").advice == {
        "answers": {1: True, 3: False}, "facts": {"requirements_change": True},
    }  # fmt: skip


def test_the_file_of_questions_is_no_document_wherever_it_lies(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_faq_csv(home / "handbook" / "faq.csv")
    assert command("init", "mine", "--docs", "handbook", "--questions", "handbook/faq.csv") == 0
    assert not (home / "mine" / "corpus" / "faq.csv").exists()
    said = capsys.readouterr()
    assert "wrote mine: 15 documents, 25 questions" in said.out
    assert "skipped faq.csv: the file of questions" in said.err


def test_a_small_model_gets_short_passages_and_a_plain_message_and_another_does_not(home: Path) -> None:
    file = write_faq_csv(home / "faq.csv")
    assert init(home, file) == 0
    small = load_scenario(home / "mine")
    options = ("--base-url", "http://127.0.0.1:9/v1", "--model", "m")
    assert command("init", "other", "--docs", "handbook", "--questions", file.name, *options) == 0
    other = load_scenario(home / "other")
    assert (small.retrieval.chunk_tokens, other.retrieval.chunk_tokens) == (48, 120)
    assert "If passages are given" in other.answer.system
    assert small.answer.system.startswith("Answer the question in one plain sentence from the passages.")
